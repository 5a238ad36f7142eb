//! What the black-box suites share: the real binary started on a folder of its own, an HTTP client, the command
//! line, and small data sets.
//!
//! Nothing here knows the product's crates. A test that needs more than HTTP and the command line does not belong
//! here.

mod cli;
pub mod fixtures;
mod http;
mod llama;
mod server;
mod sparql;
pub mod upstream;

pub use cli::{Cli, Finished, binary};
pub use http::{Call, Client, Reply, encode};
pub use llama::{LLAMA_MODEL, Llama};
pub use server::{Server, Start};

use std::path::PathBuf;

/// Whether skipping is out of the question: on CI, what a test needs is there or the test fails.
pub fn strict() -> bool {
    std::env::var_os("CI").is_some_and(|v| !v.is_empty())
}

/// The folder of these tests, in the checkout that runs them: one that shares its target folder may have compiled them.
///
/// # Panics
/// If cargo does not run them.
pub fn package() -> PathBuf {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR");
    folder.expect("cargo runs the tests").into()
}

/// The folder of the models, or `None`, having said so, where they are missing.
///
/// # Panics
/// On CI, if they are missing.
pub fn models() -> Option<PathBuf> {
    let folder = from_environment("ALMANAC_MODELS", "models");
    let there = folder.join("SmolLM2-135M-Instruct.Q4_1.gguf").is_file()
        && folder.join("all-MiniLM-L6-v2/model.safetensors").is_file();
    available(there, &folder, "scripts/fetch-models.py").then_some(folder)
}

/// The Turtle of the demo's knowledge base, or `None`, having said so, where it has not been made.
///
/// # Panics
/// On CI, if it is missing.
pub fn world_turtle() -> Option<PathBuf> {
    let file = from_environment("ALMANAC_WORLD_TTL", "world/world.ttl");
    available(file.is_file(), &file, "make data").then_some(file)
}

/// A path from a variable, or its place in the cache.
pub fn from_environment(variable: &str, in_cache: &str) -> PathBuf {
    if let Some(path) = std::env::var_os(variable) {
        return PathBuf::from(path);
    }
    let cache = std::env::var_os("ALMANAC_CACHE").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache/almanac"),
        PathBuf::from,
    );
    cache.join(in_cache)
}

fn available(there: bool, path: &std::path::Path, remedy: &str) -> bool {
    if !there {
        let text = format!("{} is missing: run {remedy}", path.display());
        assert!(!strict(), "{text}");
        eprintln!("skipped: {text}");
    }
    there
}
