//! Runs language models and embedding models on the CPU.
//!
//! The crate knows nothing of knowledge bases. It loads a llama-architecture GGUF file with its own
//! tokenizer and chat template, generates text (greedily, sampled, or bound to a [`Constraint`]), scores
//! continuations, and embeds sentences. One thread owns the model and its KV memory; handles are cheap and
//! reach it through a bounded queue.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod api;
#[doc(hidden)]
pub mod bench;
mod chat;
mod constraint;
mod copy;
mod embed;
mod engine;
mod error;
mod generation;
mod gguf;
mod grammar;
mod kernels;
mod logprob;
mod model;
mod sample;
mod scheduler;
mod text;
mod tokenizer;

pub use api::{
    Activity, ChatTurn, Completion, EngineOptions, Event, FinishReason, GenerateRequest,
    LanguageModel, ModelInfo, Prompt, Sampling, Score, TokenLogprob,
};
pub use constraint::{Allowed, Constraint, END_OF_SEQUENCE, TokenSet, TokenTrie};
pub use copy::Phrases;
pub use embed::{CacheStats, Embedder, EmbedderOptions, Precision};
pub use engine::Engine;
pub use error::EngineError;
pub use generation::Generation;
pub use grammar::Grammar;
pub use kernels::{Isa, KvFormat};
