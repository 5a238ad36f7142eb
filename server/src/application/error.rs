//! Why a server could not be built.

use std::{io, net::SocketAddr};

use thiserror::Error;

use crate::{auth::KeyError, data_folder::FolderError, models::ModelError, problem::ApiError};

/// Why the server could not be built.
#[derive(Debug, Error)]
pub enum BuildError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// Others could reach the server and no key exists.
    #[error(
        "refusing to listen on {0}, which other machines can reach, while no key exists: \
         run `almanac key create --role admin --name NAME`, or set ALMANAC_ADMIN_KEY_FILE"
    )]
    NoKey(SocketAddr),
    /// The data folder cannot be had.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Keys cannot be read.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// Models cannot be loaded.
    #[error(transparent)]
    Models(#[from] ModelError),
    /// Knowledge bases cannot be listed.
    #[error(transparent)]
    Library(#[from] retriever::RetrieverError),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl From<ApiError> for BuildError {
    fn from(error: ApiError) -> Self {
        Self::Other(error.to_string())
    }
}
