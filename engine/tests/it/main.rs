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
