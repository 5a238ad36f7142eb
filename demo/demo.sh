#!/usr/bin/env bash
# From a clone to cited answers: sets the machine up, builds, loads the demo's knowledge base, asks three
# questions over HTTP, and on a terminal goes on serving until Ctrl-C. What is already done is not done again.
#
#   ALMANAC_PORT   another port than 8080
#   ALMANAC_DATA   another data folder than the one in the cache
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

port="${ALMANAC_PORT:-8080}"
data="${ALMANAC_DATA:-$ALMANAC_CACHE/demo}"
url="http://127.0.0.1:$port"
log="$ALMANAC_CACHE/demo-server.log"
almanac="$CARGO_TARGET_DIR/release/almanac"
server=""

# The server ends with this script, whatever ends the script, and is given time to close its stores.
stop_server() {
    local code=$?
    trap - EXIT
    if [ -n "$server" ] && kill -TERM "$server" 2>/dev/null; then
        for _ in $(seq 150); do
            kill -0 "$server" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    exit "$code"
}
trap stop_server EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

scripts/setup.sh build
if ! owner="$("$PYTHON" demo/ask.py --port-owner "$port")"; then
    fail "port $port is taken by $owner; choose another: ALMANAC_PORT=8081 make demo"
fi
"$PYTHON" scripts/fetch.py
"$PYTHON" demo/world.py

[ -x "$almanac" ] || say "building; the first time takes about half an hour on two cores, most of it for RocksDB"
cargo build --release --workspace

# Loading is skipped if this very file was loaded into this very folder.
mkdir -p "$data"
loaded="$data/.demo-world.sha256"
sum="$(sha256sum <"$ALMANAC_WORLD_TTL")"
if [ "$(cat "$loaded" 2>/dev/null)" != "$sum" ] || [ ! -d "$data/kb/world" ]; then
    rm -f "$loaded"
    say "loading $ALMANAC_WORLD_TTL as the knowledge base \`world\`"
    "$almanac" load world "$ALMANAC_WORLD_TTL" --create --source world --data "$data" >&2
    printf '%s\n' "$sum" >"$loaded"
fi

"$almanac" serve --data "$data" --listen "127.0.0.1:$port" --models "$ALMANAC_MODELS" >"$log" 2>&1 &
server=$!
if ! "$PYTHON" demo/ask.py --url "$url" --wait 300 --pid "$server"; then
    tail -n 20 "$log" >&2
    fail "the server did not become ready; its log is $log"
fi

outcome=0
"$PYTHON" demo/ask.py --url "$url" --model world \
    "What is the capital of Chad?" \
    "Which countries border Laos?" \
    "How many cities in Japan have more than one million inhabitants?" || outcome=$?

if [ ! -t 0 ] || [ ! -t 1 ]; then
    exit "$outcome"
fi
printf '\nserving at %s/ — Ctrl-C stops\n' "$url"
trap 'exit "$outcome"' INT
code=0
wait "$server" || code=$?
server=""
tail -n 20 "$log" >&2
fail "the server ended by itself with code $code; its log is $log"
