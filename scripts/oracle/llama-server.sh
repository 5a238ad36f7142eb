#!/usr/bin/env bash
# Serves a GGUF file by llama.cpp's server of the Python package `llama-cpp-python`, for the tests of `remote` and for
# trying things by hand. The first run compiles llama.cpp, which takes half an hour on two cores.
#
#   scripts/oracle/llama-server.sh install            only installs, and prints the Python that has it
#   scripts/oracle/llama-server.sh [MODEL.gguf [PORT]]  serves at http://127.0.0.1:PORT/v1, port 8000 unless told
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/env.sh

VERSION=0.3.36
python="${ALMANAC_LLAMA_CPP:-$ALMANAC_CACHE/llama-cpp/bin/python}"

if ! "$python" -c "import llama_cpp.server.app" >/dev/null 2>&1; then
    [ -z "${ALMANAC_LLAMA_CPP:-}" ] || fail "ALMANAC_LLAMA_CPP: $python has no llama_cpp.server"
    say "installing llama-cpp-python $VERSION in $ALMANAC_CACHE/llama-cpp"
    python3 -m venv "$ALMANAC_CACHE/llama-cpp"
    "$python" -m pip install --quiet --disable-pip-version-check "llama-cpp-python[server]==$VERSION"
fi
if [ "${1:-}" = install ]; then
    printf '%s\n' "$python"
    exit 0
fi
model="${1:-$ALMANAC_MODELS/SmolLM2-135M-Instruct.Q4_1.gguf}"
[ -f "$model" ] || fail "$model is missing: run scripts/fetch-models.py"
name="$(basename "$model" .gguf)"
exec "$python" -m llama_cpp.server --model "$model" --model_alias "$name" --host 127.0.0.1 --port "${2:-8000}"
