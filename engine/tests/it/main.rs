//! Integration tests of the engine, one binary for all.

#![allow(clippy::unwrap_used)]

mod architectures;
mod chat;
mod corruption;
mod embedder_files;
mod embeddings;
mod generation;
mod grammar;
mod logprobs;
mod models;
mod numbers;
mod scheduling;
mod scoring;
mod tiny;
mod tiny_bert;
mod tokenizer;

/// A file of these tests, in the checkout that runs them: one that shares its target folder may have compiled them.
fn fixture(name: &str) -> std::path::PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    std::path::Path::new(&package)
        .join("tests/fixtures")
        .join(name)
}
