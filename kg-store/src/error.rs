//! What can go wrong, and which class each failure belongs to.

use std::{
    io,
    path::{Path, PathBuf},
};

use schemas::ErrorClass;
use thiserror::Error;

/// A failure of the store.
///
/// Unless a variant says otherwise, nothing was changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// An RDF input does not parse. Lines and columns count from 1, columns in characters.
    ///
    /// Turtle's family locates the error itself. RDF/XML and most of JSON-LD do not: there the position is
    /// the start of the last line, or piece of 4 KiB of a long line, that the parser had been given.
    #[error("{name}:{line}:{column}: {message}")]
    Syntax {
        /// The file's name, or "request body". (Not called `source`, which in an error means its cause.)
        name: String,
        /// Line, from 1.
        line: u64,
        /// Column in characters, from 1.
        column: u64,
        /// The cause.
        message: String,
    },
    /// A query does not parse. Lines and columns count from 1.
    #[error("query:{line}:{column}: {message}")]
    QuerySyntax {
        /// Line, from 1.
        line: u64,
        /// Column in characters, from 1.
        column: u64,
        /// The cause.
        message: String,
    },
    /// The query asks for what is never done here, or is out of all proportion.
    #[error("query refused: {0}")]
    QueryRefused(String),
    /// The deadline passed before the query was done.
    #[error("the query did not finish before its deadline")]
    QueryTimeout,
    /// All query threads are busy and as many queries wait.
    #[error("too many queries are running")]
    Overloaded,
    /// A stated bound is exceeded.
    #[error("{what} exceeds the limit of {limit}")]
    TooLarge {
        /// What is too large.
        what: String,
        /// The bound with its unit.
        limit: String,
    },
    /// Another process has the folder open.
    #[error("the knowledge base is in use by {owner}")]
    Locked {
        /// The process and, when it is a server, its URL.
        owner: String,
    },
    /// What is asked for is not there.
    #[error("{0} does not exist")]
    NotFound(String),
    /// The request contradicts the present state.
    #[error("{0}")]
    Conflict(String),
    /// The request means nothing that could be done.
    #[error("{0}")]
    Invalid(String),
    /// The syntax, media type or on-disk version is not known here.
    #[error("{0}")]
    Unsupported(String),
    /// A file of the knowledge base fails its checks.
    #[error("{}: {message}", file.display())]
    Corrupt {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// The disk is full. If the write had reached the journal it is replayed once there is room.
    #[error("the disk is full")]
    DiskFull,
    /// The caller cancelled the work.
    #[error("cancelled")]
    Cancelled,
    /// The file system failed.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// The RDF store or the document store failed.
    #[error("storage failure: {0}")]
    Storage(String),
    /// A failure of our own.
    #[error("internal failure: {0}")]
    Internal(String),
}

impl StoreError {
    /// The class by which a server chooses a status.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Syntax { .. }
            | Self::QuerySyntax { .. }
            | Self::QueryRefused(_)
            | Self::Invalid(_) => ErrorClass::Invalid,
            Self::QueryTimeout => ErrorClass::Timeout,
            Self::Overloaded => ErrorClass::Overloaded,
            Self::TooLarge { .. } => ErrorClass::TooLarge,
            Self::Locked { .. } => ErrorClass::Unavailable,
            Self::NotFound(_) => ErrorClass::NotFound,
            Self::Conflict(_) => ErrorClass::Conflict,
            Self::Unsupported(_) => ErrorClass::Unsupported,
            Self::Corrupt { .. } => ErrorClass::Corrupt,
            Self::DiskFull => ErrorClass::InsufficientStorage,
            Self::Cancelled => ErrorClass::Cancelled,
            Self::Io { .. } | Self::Storage(_) | Self::Internal(_) => ErrorClass::Internal,
        }
    }

    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        if is_full(&error) {
            return Self::DiskFull;
        }
        Self::Io {
            path: path.to_owned(),
            error,
        }
    }

    pub(crate) fn corrupt(file: &Path, message: impl Into<String>) -> Self {
        Self::Corrupt {
            file: file.to_owned(),
            message: message.into(),
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    ) || error.raw_os_error() == Some(libc::ENOSPC)
}

impl From<oxigraph::store::StorageError> for StoreError {
    fn from(error: oxigraph::store::StorageError) -> Self {
        if let oxigraph::store::StorageError::Io(io) = &error
            && is_full(io)
        {
            return Self::DiskFull;
        }
        // RocksDB reports a full disk as a text of its own.
        let message = error.to_string();
        if message.contains("No space left on device") || message.contains("NoSpace") {
            Self::DiskFull
        } else {
            Self::Storage(message)
        }
    }
}

impl From<redb::Error> for StoreError {
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::Io(io) if is_full(&io) => Self::DiskFull,
            other => Self::Storage(other.to_string()),
        }
    }
}

/// `?` on each of redb's error types ends in [`redb::Error`], which knows a full disk.
macro_rules! from_redb {
    ($($kind:ty),*) => {$(
        impl From<$kind> for StoreError {
            fn from(error: $kind) -> Self {
                redb::Error::from(error).into()
            }
        }
    )*};
}

from_redb!(
    redb::StorageError,
    redb::TableError,
    redb::TransactionError,
    redb::CommitError,
    redb::DatabaseError
);
