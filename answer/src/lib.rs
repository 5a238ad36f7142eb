//! Question in, grounded answer out. No HTTP here, and no knowledge of any domain.
//!
//! The answer is computed by the retriever, then worded: sentences that the evidence entails are made from
//! its labels, the language model chooses among them under constraint, an independent check reads the
//! chosen one against the evidence, and citations are set. Without a model the first sentence is sent, so
//! that the content of an answer never depends on one. Where no fact answers, a passage may: its answer is a span of
//! it, word for word.

mod answerer;
mod check;
mod cite;
mod conversation;
mod encoder;
mod error;
mod explain;
mod from_text;
mod passage;
mod phrase;
mod realise;
mod search;
mod several;
mod shown;
mod small_talk;
mod wording;

pub use answerer::{Answer, Answerer, Models, Question};
pub use error::AnswerError;
