//! What can keep an answer from being given.

use schemas::ErrorClass;
use thiserror::Error;

/// An error of answering.
#[derive(Debug, Error)]
pub enum AnswerError {
    /// The knowledge base could not be read.
    #[error(transparent)]
    Retriever(#[from] retriever::RetrieverError),
    /// The language model failed where its text was asked for itself.
    #[error(transparent)]
    Engine(#[from] engine::EngineError),
    /// The client went away.
    #[error("the client went away before the answer was complete")]
    Gone,
}

impl AnswerError {
    /// The class that decides how a client is told.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Retriever(error) => error.class(),
            Self::Engine(error) => error.class(),
            Self::Gone => ErrorClass::Cancelled,
        }
    }
}
