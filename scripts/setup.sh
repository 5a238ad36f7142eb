#!/usr/bin/env bash
# Brings what building (`setup.sh build`) or testing (`setup.sh test`) needs and this machine lacks: system
# packages by apt-get, a Python environment, and for the tests cargo-nextest and the official clients. A run
# that finds everything in place takes a fraction of a second.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

purpose="${1:-build}"
case "$purpose" in
    build | test) ;;
    *) say "usage: setup.sh [build|test]"; exit 2 ;;
esac

NEXTEST_VERSION=0.9.143

has() { command -v "$1" >/dev/null 2>&1; }

# RocksDB's bindings are generated from its headers, which takes libclang and clang's own headers.
has_libclang() {
    [ -n "${LIBCLANG_PATH:-}" ] && return 0
    compgen -G '/usr/lib/llvm-*/lib/libclang*.so*' >/dev/null || compgen -G '/usr/lib/*/libclang*.so*' >/dev/null ||
        compgen -G '/usr/lib64/libclang*.so*' >/dev/null
}

missing_packages() {
    has_libclang || echo libclang-dev
    has clang || echo clang
    has g++ || echo g++
    has make || echo make
    has pkg-config || echo pkg-config
    has curl || echo curl
    has python3 || echo python3
    # Debian ships the venv module without what it needs to put pip into an environment.
    { has python3 && python3 -c 'import ensurepip, venv'; } >/dev/null 2>&1 || echo python3-venv
    if [ "$purpose" = test ]; then
        has node || echo nodejs
        has npm || echo npm
    fi
}

install_packages() {
    local packages=("$@") elevate=()
    has apt-get || fail "these are missing, and there is no apt-get to install them with: ${packages[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        has sudo || fail "these are missing, and installing them takes root or sudo: apt-get install ${packages[*]}"
        elevate=(sudo)
        # Without a terminal nobody could type a password: fail at once rather than hang.
        [ -t 0 ] || elevate=(sudo -n)
    fi
    say "installing system packages: ${packages[*]}"
    "${elevate[@]}" apt-get update -qq
    "${elevate[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2 ||
        fail "apt-get could not install: ${packages[*]}"
}

ensure_python() {
    "$PYTHON" -c "import pip" >/dev/null 2>&1 && return 0
    say "making a Python environment in $VENV"
    rm -rf "$VENV"
    mkdir -p "$(dirname "$VENV")"
    python3 -m venv "$VENV"
}

# Runs a command unless it has succeeded before with these very files.
once() {
    local stamp="$1" files="$2" now
    shift 2
    # shellcheck disable=SC2086
    now="$(cat $files | sha256sum)"
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ]; then return 0; fi
    "$@"
    printf '%s\n' "$now" >"$stamp"
}

install_python_clients() {
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || fail "the official Python clients need Python 3.10 or later"
    say "installing the Python clients"
    "$PYTHON" -m pip install --quiet --disable-pip-version-check --no-deps -r tests/clients/requirements.txt
}

install_node_clients() {
    say "installing the Node client"
    (cd tests/clients/node && npm ci --silent)
}

ensure_nextest() {
    cargo nextest --version >/dev/null 2>&1 && return 0
    say "installing cargo-nextest $NEXTEST_VERSION"
    # Its own build must not mix with the project's.
    env -u CARGO_TARGET_DIR cargo install --quiet --locked --root "$ALMANAC_CACHE/tools" --version "$NEXTEST_VERSION" cargo-nextest
}

has cargo || fail "Rust is missing: install a current stable toolchain with rustup, then run this again"
mapfile -t missing < <(missing_packages)
[ "${#missing[@]}" -eq 0 ] || install_packages "${missing[@]}"
ensure_python
if [ "$purpose" = test ]; then
    ensure_nextest
    once "$VENV/clients.stamp" tests/clients/requirements.txt install_python_clients
    mkdir -p tests/clients/node/node_modules
    once tests/clients/node/node_modules/.almanac-stamp "tests/clients/node/package.json tests/clients/node/package-lock.json" install_node_clients
fi
