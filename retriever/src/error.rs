//! What can go wrong between a question and its evidence.

use std::path::PathBuf;

use schemas::{ErrorClass, KbName};
use thiserror::Error;

/// An error of the retriever.
#[derive(Debug, Error)]
pub enum RetrieverError {
    /// No knowledge base has this name.
    #[error("there is no knowledge base named `{0}`")]
    UnknownKnowledgeBase(KbName),
    /// The name is taken.
    #[error("a knowledge base named `{0}` exists already")]
    KnowledgeBaseExists(KbName),
    /// The store failed or refused.
    #[error(transparent)]
    Store(#[from] kg_store::StoreError),
    /// The index failed.
    #[error("the index failed: {0}")]
    Index(#[from] tantivy::TantivyError),
    /// A file or folder could not be used.
    #[error("{path}: {cause}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A file of the index holds what it should not.
    #[error("{path}: {cause}")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// The encoder that the caller brought failed.
    #[error("the embedding model failed: {0}")]
    Encoder(String),
    /// The deadline passed.
    #[error("the time allowed for finding the answer ran out")]
    Timeout,
}

impl RetrieverError {
    /// The class that decides how a client is told.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::UnknownKnowledgeBase(_) => ErrorClass::NotFound,
            Self::KnowledgeBaseExists(_) => ErrorClass::Conflict,
            Self::Store(error) => error.class(),
            Self::Io { cause, .. } if cause.kind() == std::io::ErrorKind::StorageFull => {
                ErrorClass::InsufficientStorage
            }
            Self::Corrupt { .. } => ErrorClass::Corrupt,
            Self::Timeout => ErrorClass::Timeout,
            Self::Index(_) | Self::Io { .. } | Self::Encoder(_) => ErrorClass::Internal,
        }
    }

    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |cause| Self::Io { path, cause }
    }
}
