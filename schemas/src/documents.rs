//! Documents of a knowledge base's corpus.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A document.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Chosen by the client, unique in the knowledge base, at most 512 bytes.
    pub id: String,
    /// The title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The text.
    pub text: String,
    /// Where it can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// IRIs of the entities that it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<String>,
}

/// What became of one document, or of one line of NDJSON.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct DocumentOutcome {
    /// The line, from 1, when the body was NDJSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The document's id, when it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// An HTTP status: 201 created, 200 replaced, 400 refused.
    pub status: u16,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The answer of a bulk upload.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct DocumentOutcomes {
    /// The revision that holds the accepted documents.
    pub revision: u64,
    /// Documents created or replaced.
    pub accepted: u64,
    /// Documents refused.
    pub refused: u64,
    /// One entry for each document sent.
    pub items: Vec<DocumentOutcome>,
}

/// A page of the list of documents.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct DocumentList {
    /// Ids and titles, ordered by id.
    pub items: Vec<DocumentSummary>,
    /// Pass this as `after` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// How many documents there are in all.
    pub total: u64,
}

/// A document without its text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct DocumentSummary {
    /// The document's id.
    pub id: String,
    /// Its title.
    pub title: Option<String>,
    /// Its length in Unicode code points.
    pub characters: u64,
}
