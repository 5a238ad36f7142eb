//! What travels over HTTP and between the crates of Almanac: the chat contract, grounding, proofs,
//! search, documents, jobs, problems, names and error classes. A leaf: it knows no web framework, no store
//! and no index.

pub mod chat;
pub mod documents;
pub mod embeddings;
pub mod error;
pub mod grounding;
pub mod ids;
pub mod jobs;
pub mod knowledge_base;
pub mod models;
pub mod object;
pub mod proofs;
pub mod search;

pub use error::{ErrorClass, Problem};
pub use grounding::{Grounding, Status, Term};
pub use ids::KbName;
pub use object::Object;
