# Everything here can be run again at any time: what is already there is left alone.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test build lint fmt bench sanitize fuzz data clean-demo

# One profile and all crates at once, always: anything else would compile RocksDB again.
CARGO_ARGS := --release --workspace

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

demo: ## Build, load 250 countries and 34,000 cities, ask three questions, go on serving
	@demo/demo.sh

test: ## Run every test, those with the official clients included
	@scripts/test.sh

build: ## Build the binary `almanac`
	@scripts/setup.sh build
	@. scripts/env.sh; cargo build $(CARGO_ARGS)

lint: ## Check formatting, clippy and, where cargo-deny is installed, licences and sources
	@scripts/setup.sh build
	@cargo fmt --all --check
	@. scripts/env.sh; cargo clippy $(CARGO_ARGS) --all-targets -- -D warnings
	@if cargo deny --version >/dev/null 2>&1; then cargo deny --log-level error check; fi

fmt: ## Format the Rust code
	@cargo fmt --all

bench: ## Run the benchmarks
	@scripts/setup.sh build
	@. scripts/env.sh; cargo bench --workspace

sanitize: ## Run the engine's tests under the address sanitizer
	@scripts/setup.sh build
	@. scripts/env.sh; RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address CARGO_TARGET_DIR="$$CARGO_TARGET_DIR/sanitize" \
		cargo test --release --package engine --lib --tests --target "$$(rustc -vV | sed -n 's/^host: //p')"

fuzz: ## Give the property tests of parsers many more cases
	@scripts/setup.sh test
	@. scripts/env.sh; PROPTEST_CASES="$${PROPTEST_CASES:-20000}" cargo nextest run $(CARGO_ARGS) \
		-E 'test(/corruption|embedder_files|sse|stream|bound|patch|segment|names|scan|guard|text|chat/)'

data: ## Fetch the models and the demo's data, and make the demo's Turtle
	@scripts/setup.sh build
	@. scripts/env.sh; "$$PYTHON" scripts/fetch.py; "$$PYTHON" demo/world.py

clean-demo: ## Delete the demo's knowledge base and data (models and build stay)
	@. scripts/env.sh; rm -rf "$${ALMANAC_DATA:-$$ALMANAC_CACHE/demo}" "$$ALMANAC_CACHE/world" "$$ALMANAC_CACHE/geonames"
