//! What an RDF body says of itself: media type, compression, base.

use actix_web::{HttpRequest, http::header};
use kg_store::{RdfSyntax, rdf::NamedNode};
use schemas::ErrorClass;

use crate::{
    http::body::{clip, media_type},
    jobs::{Encoding, RdfBody},
    problem::ApiError,
};

/// Reads the headers of an RDF body. An unknown media type or encoding is a 415 before a byte is read.
pub(super) fn describe(
    request: &HttpRequest,
    base: Option<String>,
    name: Option<&str>,
) -> Result<RdfBody, ApiError> {
    let kind = media_type(request).ok_or_else(|| {
        ApiError::new(
            ErrorClass::Unsupported,
            format!(
                "the body's Content-Type is missing; send one of {}",
                known()
            ),
        )
    })?;
    if RdfSyntax::from_media_type(&kind).is_none() {
        return Err(ApiError::new(
            ErrorClass::Unsupported,
            format!(
                "`{}` is no RDF syntax known here; send one of {}",
                clip(&kind),
                known()
            ),
        ));
    }
    let encoding = match request
        .headers()
        .get(header::CONTENT_ENCODING)
        .map(|v| v.as_bytes().to_ascii_lowercase())
    {
        None => Encoding::Auto,
        Some(v) if v == b"identity" => Encoding::Auto,
        Some(v) if v == b"gzip" || v == b"x-gzip" => Encoding::Gzip,
        Some(v) if v == b"zstd" => Encoding::Zstd,
        Some(v) => {
            return Err(ApiError::new(
                ErrorClass::Unsupported,
                format!(
                    "content encoding `{}` is not taken; gzip and zstd are",
                    clip(&String::from_utf8_lossy(&v))
                ),
            ));
        }
    };
    let name = match name {
        Some(name) if name.is_empty() || name.len() > 512 || name.chars().any(char::is_control) => {
            return Err(ApiError::invalid(
                "`source` must have 1 to 512 bytes and no control characters",
            )
            .with_param("source"));
        }
        Some(name) => name.to_owned(),
        None => "request body".to_owned(),
    };
    Ok(RdfBody {
        media_type: kind,
        encoding,
        name,
        base,
    })
}

fn known() -> String {
    let kinds: Vec<&str> = RdfSyntax::ALL.iter().map(|s| s.media_type()).collect();
    kinds.join(", ")
}

/// Checks a graph's name from a query string.
pub(super) fn graph_iri(iri: &str) -> Result<String, ApiError> {
    NamedNode::new(iri)
        .map(|node| node.into_string())
        .map_err(|e| {
            ApiError::invalid(format!("`graph` is no absolute IRI: {e}")).with_param("graph")
        })
}
