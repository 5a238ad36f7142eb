//! The reply to a write: small, and fit to be kept and repeated for an `Idempotency-Key`.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::REVISION;
use crate::problem::ApiError;

/// The reply to a write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The revision that holds the write.
    #[serde(default)]
    pub revision: Option<u64>,
    /// Where what was made can be found.
    #[serde(default)]
    pub location: Option<String>,
    /// The JSON body; none for 204.
    #[serde(default)]
    pub body: Option<Value>,
}

impl Reply {
    /// A reply without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self {
            status: status.as_u16(),
            revision: None,
            location: None,
            body: None,
        }
    }

    /// A reply with a JSON body.
    pub fn json(status: StatusCode, body: &impl Serialize) -> Result<Self, ApiError> {
        let body = serde_json::to_value(body).map_err(|e| ApiError::internal(e.to_string()))?;
        Ok(Self {
            body: Some(body),
            ..Self::empty(status)
        })
    }

    /// Names the revision.
    pub fn at(mut self, revision: u64) -> Self {
        self.revision = Some(revision);
        self
    }

    /// Names the place.
    pub fn located(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }

    /// The response, with the header `Idempotency-Replayed` when it repeats an earlier one.
    pub fn response(&self, replayed: bool) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let mut response = HttpResponse::build(status);
        if let Some(revision) = self.revision {
            response.insert_header((REVISION, revision.to_string()));
        }
        if let Some(location) = &self.location {
            response.insert_header((header::LOCATION, location.as_str()));
        }
        if replayed {
            response.insert_header(("idempotency-replayed", "true"));
        }
        match &self.body {
            Some(body) => response.json(body),
            None => response.finish(),
        }
    }
}
