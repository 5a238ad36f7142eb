//! What all routes share: request ids, the edge that logs and measures, bodies, negotiation, streams.

pub mod body;
mod culprit;
mod drain;
pub mod edge;
mod errors;
pub mod idempotency;
pub mod negotiation;
pub mod percent;
pub mod reply;
pub mod request_id;
pub mod sse;
pub mod stream;

/// The header that tells the revision of a knowledge base.
pub const REVISION: &str = "almanac-revision";
