//! The errors of the other crates, as handlers raise them.

use actix_web::http::StatusCode;
use answer::AnswerError;
use engine::EngineError;
use kg_store::StoreError;
use retriever::RetrieverError;

use crate::problem::{ApiError, Location};

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        let location = match &error {
            StoreError::Syntax {
                name, line, column, ..
            } => Location {
                source: Some(name.clone()),
                line: Some(*line),
                column: Some(*column),
            },
            StoreError::QuerySyntax { line, column, .. } => Location {
                source: Some("query".to_owned()),
                line: Some(*line),
                column: Some(*column),
            },
            _ => Location::default(),
        };
        Self::new(error.class(), message).at(location)
    }
}

impl From<RetrieverError> for ApiError {
    fn from(error: RetrieverError) -> Self {
        match error {
            RetrieverError::Store(error) => error.into(),
            error => Self::new(error.class(), error.to_string()),
        }
    }
}

impl From<EngineError> for ApiError {
    fn from(error: EngineError) -> Self {
        let told = Self::new(error.class(), error.to_string());
        match error {
            // Not a matter of media types, which is what the class's own status would say.
            EngineError::NotOffered(_) => told.with_status(StatusCode::BAD_REQUEST),
            _ => told,
        }
    }
}

impl From<AnswerError> for ApiError {
    fn from(error: AnswerError) -> Self {
        Self::new(error.class(), error.to_string())
    }
}
