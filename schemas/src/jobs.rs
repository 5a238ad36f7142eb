//! Long work: loads and reindexing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A piece of long work.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// `load`, `graph-put`, `documents`, `reindex`, ...
    pub kind: String,
    /// The knowledge base that it works on.
    pub knowledge_base: String,
    /// Where it stands.
    pub state: JobState,
    /// How far it is.
    pub progress: Progress,
    /// Unix time in milliseconds at which it was accepted.
    pub created_ms: i64,
    /// When it began to run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_ms: Option<i64>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_ms: Option<i64>,
    /// What it achieved, once it succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub result: Option<serde_json::Value>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<crate::Problem>,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Accepted, waiting for its turn.
    Queued,
    /// Under way.
    Running,
    /// Done.
    Succeeded,
    /// Ended by an error; nothing was changed.
    Failed,
    /// Ended by a request to cancel it; nothing was changed.
    Cancelled,
}

impl JobState {
    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// How far a job is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Progress {
    /// The phase: `parse`, `store`, `index`, ...
    pub phase: String,
    /// Units done in this phase: triples, documents, entities.
    pub done: u64,
    /// Units in all, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// The answer of `GET /jobs`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct JobList {
    /// Newest first.
    pub items: Vec<Job>,
}
