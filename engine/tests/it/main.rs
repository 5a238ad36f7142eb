//! Integration tests of the engine, one binary for all.

#![allow(clippy::unwrap_used)]

mod chat;
mod corruption;
mod embeddings;
mod generation;
mod models;
mod numbers;
mod scheduling;
mod tiny;
mod tokenizer;
