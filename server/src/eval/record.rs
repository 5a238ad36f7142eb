//! What is kept of each question.

use schemas::{Grounding, Status};
use serde::Serialize;

use super::{questions::Question, score::Scored};

/// How one question was answered.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// The question's id.
    pub id: String,
    /// The answer's status; none when the request failed.
    pub status: Option<Status>,
    /// How sure the answer was.
    pub confidence: f64,
    /// Seconds that it took.
    pub seconds: f64,
    /// How good it is.
    #[serde(flatten)]
    pub scored: Scored,
    /// What the set says of the question's form.
    #[serde(skip)]
    pub groups: Vec<(&'static str, String)>,
}

impl Record {
    /// The record of a question; no grounding means that the request failed.
    pub fn new(
        question: &Question,
        grounding: Option<&Grounding>,
        scored: Scored,
        seconds: f64,
    ) -> Self {
        Self {
            id: question.id.clone(),
            status: grounding.map(|g| g.status),
            confidence: grounding.map_or(0.0, |g| g.confidence),
            seconds,
            scored,
            groups: question.groups(),
        }
    }

    /// The confidence and whether it was justified, for what was answered from the knowledge base.
    pub fn judged(&self) -> Option<(f64, bool)> {
        matches!(
            self.status,
            Some(Status::Grounded | Status::Ambiguous | Status::None)
        )
        .then_some((self.confidence, self.scored.hit > 0.0))
    }
}
