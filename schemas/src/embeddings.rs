//! OpenAI's embeddings.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The body of `POST /v1/embeddings`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct EmbeddingRequest {
    /// An embedding model's id.
    pub model: String,
    /// One text or several.
    pub input: Input,
    /// `float` (the default) or `base64`: little-endian 32-bit floats.
    #[serde(default)]
    pub encoding_format: Option<String>,
    /// Only the model's own number of dimensions is supported.
    #[serde(default)]
    pub dimensions: Option<usize>,
    /// Accepted and ignored.
    #[serde(default)]
    pub user: Option<String>,
}

/// One text or several.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(
    untagged,
    expecting = "`input` must be a string or an array of strings; arrays of tokens are not supported"
)]
pub enum Input {
    /// One text.
    One(String),
    /// Several texts.
    Many(Vec<String>),
}

/// The answer of `POST /v1/embeddings`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct EmbeddingResponse {
    /// `list`.
    pub object: String,
    /// One entry for each input, in order.
    pub data: Vec<Embedding>,
    /// The model.
    pub model: String,
    /// Tokens read.
    pub usage: EmbeddingUsage,
}

/// One vector.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Embedding {
    /// `embedding`.
    pub object: String,
    /// The input's place.
    pub index: usize,
    /// The vector, as numbers or as base64.
    pub embedding: Vector,
}

/// A vector, as numbers or as base64.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Vector {
    /// Numbers.
    Floats(Vec<f32>),
    /// Base64 of little-endian 32-bit floats.
    Base64(String),
}

/// Tokens read by an embedding model.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub struct EmbeddingUsage {
    /// Tokens read.
    pub prompt_tokens: u64,
    /// The same.
    pub total_tokens: u64,
}
