# Sourced by the other scripts: where things live. Everything under the cache can be deleted at any time.

: "${ALMANAC_CACHE:=$HOME/.cache/almanac}"
: "${ALMANAC_MODELS:=$ALMANAC_CACHE/models}"
# Outside of the checkout, so that a fresh clone does not compile RocksDB again.
: "${CARGO_TARGET_DIR:=$ALMANAC_CACHE/target}"
: "${ALMANAC_WORLD_TTL:=$ALMANAC_CACHE/world/world.ttl}"
export ALMANAC_CACHE ALMANAC_MODELS CARGO_TARGET_DIR ALMANAC_WORLD_TTL
export PATH="$ALMANAC_CACHE/tools/bin:$PATH"

VENV="$ALMANAC_CACHE/venv"
PYTHON="$VENV/bin/python"

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $*"; exit 1; }
