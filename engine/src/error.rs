//! What can go wrong in the engine, and which class each failure belongs to.

use std::path::PathBuf;

use schemas::error::ErrorClass;

/// Every failure that this crate reports.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A model file could not be read from disk.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file or folder in question.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A model file contradicts its own format: it is cut short, altered, or not of that format at all.
    #[error("the model file is damaged: {0}")]
    Corrupt(String),
    /// A sound model file that asks for something that this engine does not do.
    #[error("the model is not supported: {0}")]
    Unsupported(String),
    /// The request itself makes no sense.
    #[error("invalid request: {0}")]
    Invalid(String),
    /// The chat template could not be applied to the conversation.
    #[error("the chat template refused the conversation: {0}")]
    Template(String),
    /// The prompt does not fit in the model's context.
    #[error("the prompt has {tokens} tokens, the context holds {context}")]
    PromptTooLong {
        /// Tokens in the prompt.
        tokens: usize,
        /// Tokens that the engine's KV memory holds.
        context: usize,
    },
    /// The queue of waiting requests is full; the same request may succeed later.
    #[error("requests that wait for the model already: {waiting}")]
    Overloaded {
        /// Requests that wait at present.
        waiting: usize,
    },
    /// The server that runs the model failed, refused, or could not be reached.
    #[error("the model's server {what}")]
    Remote {
        /// What kind of failure it is for whoever asked us.
        class: ErrorClass,
        /// What it did, as the end of the sentence.
        what: String,
    },
    /// The request needs something of the server that runs the model which that server, or any, does not do.
    #[error("the model's server does not offer {0}")]
    NotOffered(String),
    /// The text is outside of the constraint's language. Only a model on a server can do this: the embedded
    /// engine chooses among what is allowed.
    #[error("the model's text is not in the language that it was bound to")]
    Violated,
    /// The engine is shutting down, or its thread has ended.
    #[error("the engine is closed")]
    Closed,
    /// The tensor library refused an operation on sound input.
    #[error("computation failed: {0}")]
    Compute(#[from] candle_core::Error),
    /// A defect of this crate, caught at the boundary of a request.
    #[error("internal failure: {0}")]
    Internal(String),
}

impl EngineError {
    /// The class by which the server chooses a status.
    pub fn class(&self) -> ErrorClass {
        match self {
            EngineError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                ErrorClass::NotFound
            }
            EngineError::Io { .. } => ErrorClass::Unavailable,
            EngineError::Corrupt(_) => ErrorClass::Corrupt,
            EngineError::Unsupported(_) => ErrorClass::Unsupported,
            EngineError::Invalid(_) | EngineError::Template(_) => ErrorClass::Invalid,
            EngineError::PromptTooLong { .. } => ErrorClass::TooLarge,
            EngineError::Overloaded { .. } => ErrorClass::Overloaded,
            EngineError::Remote { class, .. } => *class,
            EngineError::NotOffered(_) => ErrorClass::Unsupported,
            EngineError::Violated => ErrorClass::Upstream,
            EngineError::Closed => ErrorClass::Unavailable,
            EngineError::Compute(_) | EngineError::Internal(_) => ErrorClass::Internal,
        }
    }

    pub(crate) fn io(path: &std::path::Path, source: std::io::Error) -> Self {
        EngineError::Io {
            path: path.to_path_buf(),
            source,
        }
    }

    pub(crate) fn corrupt(message: impl Into<String>) -> Self {
        EngineError::Corrupt(message.into())
    }

    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        EngineError::Unsupported(message.into())
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        EngineError::Invalid(message.into())
    }
}
