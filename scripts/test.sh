#!/usr/bin/env bash
# Runs every test. With CI set, nothing is skipped: a missing model or data set is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

step() {
    local started=$SECONDS
    say "── $1"
    shift
    "$@"
    say "   done in $((SECONDS - started)) s"
}

step "setup" scripts/setup.sh test
step "models and data" "$PYTHON" scripts/fetch.py
step "Turtle of the demo" "$PYTHON" demo/world.py
step "tests of the scripts" "$PYTHON" -m unittest discover --start-directory scripts/tests --buffer
# The black-box tests start the binary itself, which building the tests alone would not make.
step "build" cargo build --release --workspace
export ALMANAC_PYTHON="$PYTHON"
step "Rust tests" cargo nextest run --release --workspace --profile "${NEXTEST_PROFILE:-default}" "$@"
step "documentation tests" cargo test --doc --release --workspace --quiet
