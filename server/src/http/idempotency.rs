//! `Idempotency-Key`: a write that is sent again is answered as the first time, and done once.

use std::collections::HashSet;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use parking_lot::Mutex;
use schemas::ErrorClass;
use serde::{Deserialize, Serialize};

use super::reply::Reply;
use crate::{auth::Caller, jobs::Table, problem::ApiError};

/// The header.
pub const HEADER: &str = "idempotency-key";

/// A kept reply.
#[derive(Serialize, Deserialize)]
pub struct Kept {
    /// Hash of the request's body and of the headers that say how to read it.
    pub hash: String,
    /// What was answered.
    pub reply: Reply,
    /// Unix time in milliseconds.
    pub at_ms: i64,
}

/// Remembers successful replies for a day. A failed write is not remembered: nothing was changed, so it may be
/// tried again.
#[derive(Default)]
pub struct Idempotency {
    under_way: Mutex<HashSet<String>>,
}

/// Takes its key out of those under way when the write ends, however it ends.
struct UnderWay<'a>(&'a Idempotency, String);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.lock().remove(&self.1);
    }
}

impl Idempotency {
    /// Runs a write, or repeats the reply that its key had earlier.
    ///
    /// The same key with another body is a 422, and a 409 while the first request is under way.
    pub async fn once<F>(
        &self,
        table: &Table,
        caller: &Caller,
        request: &HttpRequest,
        body: &blake3::Hash,
        write: F,
    ) -> Result<HttpResponse, ApiError>
    where
        F: Future<Output = Result<Reply, ApiError>>,
    {
        let Some(key) = key_of(request)? else {
            return Ok(write.await?.response(false));
        };
        let scope = format!(
            "{}\n{} {}\n{key}",
            caller.key(),
            request.method(),
            request.uri()
        );
        let hash = fingerprint(request, body);
        if !self.under_way.lock().insert(scope.clone()) {
            return Err(ApiError::new(
                ErrorClass::Conflict,
                "a request with this Idempotency-Key is under way",
            ));
        }
        let _under_way = UnderWay(self, scope.clone());
        if let Some(kept) = table.kept(&scope)? {
            if kept.hash == hash {
                return Ok(kept.reply.response(true));
            }
            return Err(
                ApiError::invalid("this Idempotency-Key came with another request before")
                    .with_status(StatusCode::UNPROCESSABLE_ENTITY),
            );
        }
        let reply = write.await?;
        let kept = Kept {
            hash,
            reply: reply.clone(),
            at_ms: crate::auth::now_ms(),
        };
        table.keep(&scope, &kept)?;
        Ok(reply.response(false))
    }
}

fn key_of(request: &HttpRequest) -> Result<Option<&str>, ApiError> {
    let Some(value) = request.headers().get(HEADER) else {
        return Ok(None);
    };
    let key = value.to_str().unwrap_or_default();
    if key.is_empty() || key.len() > 255 {
        return Err(ApiError::invalid(
            "Idempotency-Key must be 1 to 255 visible ASCII characters",
        ));
    }
    Ok(Some(key))
}

fn fingerprint(request: &HttpRequest, body: &blake3::Hash) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(body.as_bytes());
    for name in ["content-type", "content-encoding", "prefer"] {
        let value = request
            .headers()
            .get(name)
            .map_or(&b""[..], |v| v.as_bytes());
        hasher
            .update(&(value.len() as u64).to_le_bytes())
            .update(value);
    }
    hasher.finalize().to_hex().to_string()
}
