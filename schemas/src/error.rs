//! Error classes, which `server` alone turns into HTTP statuses, and the bodies that carry errors.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What kind of failure an error is, whoever reports it.
///
/// Each crate has an error enum of its own and says which class each variant belongs to; one table in
/// `server` maps a class to a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// The request is malformed or asks for something that no input could mean.
    Invalid,
    /// No valid credential came with the request.
    Unauthenticated,
    /// The credential does not allow this.
    Forbidden,
    /// What the request names does not exist.
    NotFound,
    /// The request contradicts the present state: the name is taken, a precondition does not hold.
    Conflict,
    /// A stated bound on size, count or depth is exceeded.
    TooLarge,
    /// The media type, encoding, architecture or feature is not supported.
    Unsupported,
    /// Too much is under way; the same request may succeed later.
    Overloaded,
    /// The deadline passed before the work was done.
    Timeout,
    /// The caller or an administrator cancelled the work.
    Cancelled,
    /// Something that the request needs is not there at present: no model, a closing server.
    Unavailable,
    /// A server that this one relies on failed, or said what makes no sense.
    Upstream,
    /// A server that this one relies on did not answer in time.
    UpstreamTimeout,
    /// The disk is full.
    InsufficientStorage,
    /// Stored data fails its checks.
    Corrupt,
    /// A failure of our own.
    Internal,
}

/// A problem body after RFC 9457, `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// A URI reference that names the kind of problem, `about:blank` where the status says it all.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in a few words.
    pub title: String,
    /// The HTTP status code.
    pub status: u16,
    /// What happened here, and where.
    pub detail: String,
    /// The file or source in which parsing failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Line of the failure, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Column of the failure in characters, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// The id under which the server's log knows the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// OpenAI's error body, sent for every failure under `/v1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenAiErrorBody {
    /// The error itself.
    pub error: OpenAiError,
}

/// OpenAI's error object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenAiError {
    /// What happened.
    pub message: String,
    /// `invalid_request_error`, `authentication_error`, `rate_limit_error`, `server_error`, ...
    #[serde(rename = "type")]
    pub kind: String,
    /// The request's parameter that is at fault.
    pub param: Option<String>,
    /// A code that a program can test, such as `model_not_found`.
    pub code: Option<String>,
}
