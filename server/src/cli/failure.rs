//! Why a command failed, and with which exit code.

use schemas::ErrorClass;

use crate::{
    application::BuildError, config::ConfigError, data_folder::FolderError, problem::ApiError,
};

/// Exit code: wrong usage.
pub(super) const USAGE: u8 = 2;
const FAILED: u8 = 1;
const NOT_FOUND: u8 = 3;
const INVALID: u8 = 4;
const UNAVAILABLE: u8 = 5;

/// A failure of a command.
#[derive(Debug)]
pub struct Failure {
    /// The process's exit code.
    pub code: u8,
    /// What to tell the user; empty when all has been said.
    pub message: String,
}

impl Failure {
    /// The work failed.
    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self {
            code: FAILED,
            message: message.into(),
        }
    }

    /// The command makes no sense as it was given.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self {
            code: USAGE,
            message: message.into(),
        }
    }

    /// What is asked for is not there.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self {
            code: NOT_FOUND,
            message: message.into(),
        }
    }

    /// The input is malformed.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self {
            code: INVALID,
            message: message.into(),
        }
    }

    /// The server cannot be reached, or the folder is in use.
    pub(super) fn unavailable(message: impl Into<String>) -> Self {
        Self {
            code: UNAVAILABLE,
            message: message.into(),
        }
    }

    /// What a server's status amounts to.
    pub(super) fn from_status(status: u16, message: impl Into<String>) -> Self {
        let code = match status {
            404 => NOT_FOUND,
            400 | 405 | 406 | 409 | 413 | 414 | 415 | 422 => INVALID,
            429 | 503 => UNAVAILABLE,
            _ => FAILED,
        };
        Self {
            code,
            message: message.into(),
        }
    }

    pub(super) fn tell(&self) {
        if !self.message.is_empty() {
            eprintln!("almanac: {}", self.message);
        }
    }

    /// Names the file or folder that the failure is about.
    pub(super) fn about(mut self, what: &str) -> Self {
        if !self.message.contains(what) {
            self.message = format!("{what}: {}", self.message);
        }
        self
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let code = match error.class() {
            ErrorClass::NotFound => NOT_FOUND,
            ErrorClass::Invalid
            | ErrorClass::Conflict
            | ErrorClass::TooLarge
            | ErrorClass::Unsupported => INVALID,
            ErrorClass::Unavailable | ErrorClass::Overloaded => UNAVAILABLE,
            _ => FAILED,
        };
        Self {
            code,
            message: error.message().to_owned(),
        }
    }
}

impl From<kg_store::StoreError> for Failure {
    fn from(error: kg_store::StoreError) -> Self {
        ApiError::from(error).into()
    }
}

impl From<retriever::RetrieverError> for Failure {
    fn from(error: retriever::RetrieverError) -> Self {
        ApiError::from(error).into()
    }
}

impl From<answer::AnswerError> for Failure {
    fn from(error: answer::AnswerError) -> Self {
        ApiError::from(error).into()
    }
}

impl From<engine::EngineError> for Failure {
    fn from(error: engine::EngineError) -> Self {
        ApiError::from(error).into()
    }
}

impl From<crate::models::ModelError> for Failure {
    fn from(error: crate::models::ModelError) -> Self {
        match error {
            crate::models::ModelError::Missing(_) => Self::not_found(error.to_string()),
            // Another server's failure is not a fault of the settings.
            crate::models::ModelError::Remote { ref source, .. }
                if matches!(
                    source.class(),
                    ErrorClass::Unavailable | ErrorClass::Upstream | ErrorClass::UpstreamTimeout
                ) =>
            {
                Self::unavailable(error.to_string())
            }
            _ => Self::invalid(error.to_string()),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::NoFile(_) => Self::not_found(error.to_string()),
            ConfigError::Invalid(_) => Self::invalid(error.to_string()),
        }
    }
}

impl From<crate::auth::KeyError> for Failure {
    fn from(error: crate::auth::KeyError) -> Self {
        match error {
            crate::auth::KeyError::NotFound(_) => Self::not_found(error.to_string()),
            _ => Self::failed(error.to_string()),
        }
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Listen { .. } => Self::unavailable(error.to_string()),
            BuildError::Folder(error) => error.into(),
            BuildError::Models(error) => error.into(),
            BuildError::NoKey(_) => Self::usage(error.to_string()),
            error => Self::failed(error.to_string()),
        }
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        match error {
            FolderError::Served { .. } | FolderError::InUse(_) => {
                Self::unavailable(error.to_string())
            }
            FolderError::Io { .. } => Self::failed(error.to_string()),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::not_found(error.to_string()),
            // Who reads our output has had enough: that is no failure worth a word.
            std::io::ErrorKind::BrokenPipe => Self {
                code: FAILED,
                message: String::new(),
            },
            _ => Self::failed(error.to_string()),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::failed(format!("JSON: {error}"))
    }
}

impl From<schemas::ids::InvalidKbName> for Failure {
    fn from(error: schemas::ids::InvalidKbName) -> Self {
        Self::invalid(error.to_string())
    }
}
