//! A language model that a server runs: vLLM, llama.cpp's server, or any other that speaks OpenAI's API.
//!
//! The server's vocabulary is not known here, so that no token can be forbidden as it is chosen. A
//! [`Constraint`](engine::Constraint) is walked over the bytes of the text instead, as they come: what the model
//! says is in the language, or the generation fails with [`EngineError::Violated`](engine::EngineError::Violated).
//! Where the server can bind a text itself, [`Guide`] names the way.
//!
//! Whatever the server sends is bounded and read with suspicion. The key to it is in no message and no log.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod bound;
mod chunk;
mod client;
mod fault;
mod flow;
mod gate;
mod guide;
mod model;
mod options;
mod request;
mod score;
mod sse;
mod stream;

pub use model::RemoteModel;
pub use options::{Guide, RemoteOptions};
