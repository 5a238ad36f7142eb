//! The full-text index of a knowledge base: entities with their names and codes, and passages.
//!
//! The index is disposable: it follows the store's revisions, records in its commit payload which one it
//! holds, and can be rebuilt from the store at any time, beside the one in use.

mod document;
mod fields;
mod passages;
mod reader;
mod short;
mod writer;

pub use document::EntityRecord;
pub(crate) use document::MAX_HELD;
pub use passages::{Chunk, chunks};
pub use reader::{IndexReader, NameMatch, PassageMatch};
pub(crate) use writer::{IndexStore, entities};
