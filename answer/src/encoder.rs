//! Lends the embedder to the retriever.

use engine::Embedder;
use retriever::{Encoder, RetrieverError};

/// An embedder as the retriever sees it.
pub(crate) struct Encoding<'a>(pub(crate) &'a Embedder);

impl Encoder for Encoding<'_> {
    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, RetrieverError> {
        self.0
            .embed(texts)
            .map_err(|error| RetrieverError::Encoder(error.to_string()))
    }
}
