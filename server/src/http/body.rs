//! Reads bodies within bounds: small ones into memory, large ones into a file.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use actix_web::{HttpRequest, http::header, web};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use schemas::{ErrorClass, Object};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::culprit::culprit;
use crate::problem::ApiError;

/// How long and how large a body may be.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimits {
    /// Bytes as sent.
    pub bytes: u64,
    /// Longest pause between two pieces.
    pub idle: Duration,
}

impl BodyLimits {
    fn check_length(&self, request: &HttpRequest) -> Result<(), ApiError> {
        let told = request
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.parse::<u64>().ok());
        if told.is_some_and(|length| length > self.bytes) {
            return Err(self.too_large());
        }
        Ok(())
    }

    fn too_large(&self) -> ApiError {
        ApiError::new(
            ErrorClass::TooLarge,
            format!("the body exceeds the limit of {} bytes", self.bytes),
        )
    }

    async fn next(&self, payload: &mut web::Payload) -> Result<Option<Bytes>, ApiError> {
        match tokio::time::timeout(self.idle, payload.next()).await {
            Err(_) => Err(ApiError::new(
                ErrorClass::Timeout,
                "the body stopped arriving",
            )),
            Ok(None) => Ok(None),
            Ok(Some(Ok(bytes))) => Ok(Some(bytes)),
            Ok(Some(Err(e))) => Err(ApiError::invalid(format!(
                "the body could not be read: {e}"
            ))),
        }
    }
}

/// Reads a body into memory.
pub async fn read(
    request: &HttpRequest,
    mut payload: web::Payload,
    limits: BodyLimits,
) -> Result<Bytes, ApiError> {
    limits.check_length(request)?;
    let encoded = request
        .headers()
        .get(header::CONTENT_ENCODING)
        .is_some_and(|v| !v.as_bytes().eq_ignore_ascii_case(b"identity"));
    if encoded {
        return Err(ApiError::new(
            ErrorClass::Unsupported,
            "this resource takes no content encoding; RDF loads take gzip and zstd",
        ));
    }
    // A slow client is cut off by the whole as well as by each pause.
    let deadline = Instant::now() + limits.idle * 4;
    let mut body = BytesMut::new();
    while let Some(piece) = limits.next(&mut payload).await? {
        if (body.len() + piece.len()) as u64 > limits.bytes {
            return Err(limits.too_large());
        }
        body.extend_from_slice(&piece);
        if Instant::now() > deadline {
            return Err(ApiError::new(
                ErrorClass::Timeout,
                "the body arrives too slowly",
            ));
        }
    }
    Ok(body.freeze())
}

/// Whether the body's media type is (a kind of) JSON, or is left unsaid.
fn expects_json(request: &HttpRequest) -> Result<(), ApiError> {
    let kind = media_type(request);
    match kind.as_deref() {
        None | Some("application/json") => Ok(()),
        Some(other) if other.ends_with("+json") => Ok(()),
        Some(other) => Err(ApiError::new(
            ErrorClass::Unsupported,
            format!("`{}` is not taken here; send application/json", clip(other)),
        )),
    }
}

/// The body's media type without parameters, in lower case.
pub fn media_type(request: &HttpRequest) -> Option<String> {
    let value = request.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    let kind = value.split(';').next()?.trim().to_ascii_lowercase();
    (!kind.is_empty()).then_some(kind)
}

/// At most 80 characters of a text from outside, for use in a message.
pub fn clip(text: &str) -> String {
    text.chars().take(80).collect()
}

/// Reads a JSON body. The message names the place of the fault.
pub async fn json<T: DeserializeOwned>(
    request: &HttpRequest,
    payload: web::Payload,
    limits: BodyLimits,
) -> Result<(T, Bytes), ApiError> {
    let body = json_text(request, payload, limits).await?;
    Ok((parse_json(&body)?, body))
}

/// Reads a JSON body that must be an object. The error names the member at fault.
pub async fn json_object<T: DeserializeOwned>(
    request: &HttpRequest,
    payload: web::Payload,
    limits: BodyLimits,
) -> Result<(T, Bytes), ApiError> {
    let body = json_text(request, payload, limits).await?;
    let Object(value) =
        parse_json::<Object<T>>(&body).map_err(|error| match culprit::<T>(&body) {
            Some(param) => error.with_param(clip(&param)),
            None => error,
        })?;
    Ok((value, body))
}

async fn json_text(
    request: &HttpRequest,
    payload: web::Payload,
    limits: BodyLimits,
) -> Result<Bytes, ApiError> {
    expects_json(request)?;
    read(request, payload, limits).await
}

/// Parses JSON that came from outside.
fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    if std::str::from_utf8(body).is_err() {
        return Err(ApiError::invalid("the body is not valid UTF-8"));
    }
    serde_json::from_slice(body).map_err(|e| unexpected(&e))
}

/// JSON that is not what is expected.
pub fn unexpected(error: &serde_json::Error) -> ApiError {
    ApiError::invalid(format!(
        "the body is not the JSON that is expected: {error}"
    ))
}

/// A body in a file, which is deleted with this value unless it was kept.
#[derive(Debug)]
pub struct Spooled {
    path: PathBuf,
    /// Bytes as sent.
    pub bytes: u64,
    /// Hash of the bytes.
    pub hash: blake3::Hash,
    kept: bool,
}

impl Spooled {
    /// Where the bytes are.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes are on disk, and their name outlives a power cut; the file is now the caller's to delete.
    pub fn keep(mut self) -> std::io::Result<PathBuf> {
        File::open(&self.path)?.sync_all()?;
        if let Some(folder) = self.path.parent() {
            File::open(folder)?.sync_all()?;
        }
        self.kept = true;
        Ok(self.path.clone())
    }
}

impl Drop for Spooled {
    fn drop(&mut self) {
        if !self.kept {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Writes a body to a file in `folder`, piece by piece: it is never whole in memory.
pub async fn spool(
    request: &HttpRequest,
    mut payload: web::Payload,
    limits: BodyLimits,
    folder: &Path,
) -> Result<Spooled, ApiError> {
    const PIECE: usize = 1 << 20;
    limits.check_length(request)?;
    let path = folder.join(Uuid::now_v7().to_string());
    let mut spooled = Spooled {
        path,
        bytes: 0,
        hash: blake3::hash(&[]),
        kept: false,
    };
    let mut writer = FileHash::create(&spooled.path)?;
    let mut buffer = BytesMut::with_capacity(PIECE);
    loop {
        let piece = limits.next(&mut payload).await?;
        let last = piece.is_none();
        if let Some(piece) = piece {
            spooled.bytes += piece.len() as u64;
            if spooled.bytes > limits.bytes {
                return Err(limits.too_large());
            }
            buffer.extend_from_slice(&piece);
        }
        if buffer.len() >= PIECE || (last && !buffer.is_empty()) {
            let bytes = buffer.split().freeze();
            writer = web::block(move || writer.write(&bytes))
                .await
                .map_err(|_| ApiError::new(ErrorClass::Unavailable, "the server is stopping"))??;
        }
        if last {
            break;
        }
    }
    spooled.hash = writer.hasher.finalize();
    Ok(spooled)
}

struct FileHash {
    file: File,
    hasher: blake3::Hasher,
}

impl FileHash {
    fn create(path: &Path) -> Result<Self, ApiError> {
        let file = File::create(path).map_err(|e| storage(&e))?;
        Ok(Self {
            file,
            hasher: blake3::Hasher::new(),
        })
    }

    fn write(mut self, bytes: &[u8]) -> Result<Self, ApiError> {
        self.file.write_all(bytes).map_err(|e| storage(&e))?;
        self.hasher.update(bytes);
        Ok(self)
    }
}

/// A failure of the disk, told apart from one that is full.
pub fn storage(error: &std::io::Error) -> ApiError {
    let class = match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            ErrorClass::InsufficientStorage
        }
        _ => ErrorClass::Internal,
    };
    ApiError::new(class, format!("the data folder: {error}"))
}
