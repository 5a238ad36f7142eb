//! Integration tests of the engine, one binary for all.

mod chat;
mod corruption;
mod embeddings;
mod generation;
mod models;
mod numbers;
mod scheduling;
mod tiny;
mod tokenizer;
