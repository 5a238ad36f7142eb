//! Knowledge bases and what writing to them reports.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::KbName;

/// The body of `POST /kb`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateKnowledgeBase {
    /// The new name.
    pub name: String,
}

/// What is known of a knowledge base as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct KnowledgeBaseInfo {
    /// Its name.
    pub name: KbName,
    /// The published revision.
    pub revision: u64,
    /// Quads, told and inferred.
    pub quads: u64,
    /// Entities in the index.
    pub entities: u64,
    /// Documents in the corpus.
    pub documents: u64,
}

/// The answer of `GET /kb`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct KnowledgeBaseList {
    /// In alphabetical order.
    pub items: Vec<KnowledgeBaseItem>,
}

/// A knowledge base in a list: what is known of it, or why it is out of service.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct KnowledgeBaseItem {
    /// Its name.
    pub name: KbName,
    /// The published revision. This and the counts are absent where `fault` is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
    /// Quads, told and inferred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quads: Option<u64>,
    /// Entities in the index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entities: Option<u64>,
    /// Documents in the corpus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documents: Option<u64>,
    /// Why it does not open; absent when all is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

impl KnowledgeBaseItem {
    /// One that does not open.
    pub fn faulty(name: KbName, fault: impl Into<String>) -> Self {
        Self {
            name,
            revision: None,
            quads: None,
            entities: None,
            documents: None,
            fault: Some(fault.into()),
        }
    }
}

impl From<KnowledgeBaseInfo> for KnowledgeBaseItem {
    fn from(info: KnowledgeBaseInfo) -> Self {
        Self {
            name: info.name,
            revision: Some(info.revision),
            quads: Some(info.quads),
            entities: Some(info.entities),
            documents: Some(info.documents),
            fault: None,
        }
    }
}

/// What a write did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Commit {
    /// The revision that holds it.
    pub revision: u64,
    /// Quads added that were not there before.
    pub added: u64,
    /// Quads removed.
    pub removed: u64,
}

/// The outcome of `almanac check`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct CheckReport {
    /// The revision that was checked.
    pub revision: u64,
    /// Segments of the journal read and verified.
    pub segments: u64,
    /// Quads compared between the journal and the store.
    pub quads: u64,
    /// Entities compared between the store and the index.
    pub entities: u64,
    /// Documents compared between the corpus and the index.
    pub documents: u64,
    /// What disagrees; empty when all is well.
    pub faults: Vec<String>,
}
