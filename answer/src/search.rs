//! Evidence without generation, with the passages compared by meaning.

use std::time::Instant;

use retriever::{Encoder, ReadView};
use schemas::search::SearchResponse;

use crate::encoder::Encoding;
use crate::{AnswerError, Answerer};

impl Answerer {
    /// Entities, facts and passages for a text, at most `limit` of each. What is not compared by the deadline keeps the
    /// order of its words.
    pub fn search(
        &self,
        view: &ReadView,
        text: &str,
        limit: usize,
        deadline: Instant,
    ) -> Result<SearchResponse, AnswerError> {
        let encoding = self.models.embedder.as_deref().map(Encoding);
        let encoder = encoding.as_ref().map(|e| e as &dyn Encoder);
        Ok(view.search(text, limit, encoder, deadline)?)
    }
}
