//! Evidence without generation, for callers with a model of their own.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::grounding::Term;

/// The answer of `GET /kb/{name}/search`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct SearchResponse {
    /// The revision that was searched.
    pub revision: u64,
    /// Entities, best first.
    pub entities: Vec<EntityHit>,
    /// Facts of the best entities, best first.
    pub facts: Vec<FactHit>,
    /// Passages, best first.
    pub passages: Vec<PassageHit>,
}

/// An entity found.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct EntityHit {
    /// The entity.
    pub entity: Term,
    /// Other names.
    pub aliases: Vec<String>,
    /// Its classes.
    pub classes: Vec<Term>,
    /// Facts that name it.
    pub degree: u64,
    /// Higher is better; comparable within one answer only.
    pub score: f64,
}

/// A fact found.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct FactHit {
    /// The subject.
    pub subject: Term,
    /// The predicate.
    pub predicate: Term,
    /// The object.
    pub object: Term,
    /// The named graph; none for the default graph.
    pub graph: Option<String>,
    /// The fact in words.
    pub text: String,
    /// Higher is better; comparable within one answer only.
    pub score: f64,
}

/// A passage found.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct PassageHit {
    /// The document's id.
    pub document: String,
    /// Its title.
    pub title: Option<String>,
    /// Where it can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The passage.
    pub text: String,
    /// First character in the document, in Unicode code points.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// Higher is better; comparable within one answer only.
    pub score: f64,
}

/// The answer of `GET /kb/{name}/entity`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct EntityDescription {
    /// The revision that was read.
    pub revision: u64,
    /// The entity.
    pub entity: Term,
    /// Other names.
    pub aliases: Vec<String>,
    /// Its classes.
    pub classes: Vec<Term>,
    /// Facts of which it is the subject, at most 1,000.
    pub outgoing: Vec<FactHit>,
    /// Facts of which it is the object, at most 1,000.
    pub incoming: Vec<FactHit>,
    /// Whether more facts exist than are listed.
    pub truncated: bool,
}

/// The answer of `GET /kb/{name}/link`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct LinkResponse {
    /// The revision that was read.
    pub revision: u64,
    /// Mentions and the entities that they mean, best first.
    pub items: Vec<LinkedEntity>,
}

/// A span of a question and the entity that it means.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct LinkedEntity {
    /// The entity's IRI.
    pub iri: String,
    /// The name by which people know it.
    pub label: String,
    /// Higher is better; comparable within one answer only.
    pub score: f64,
    /// First character of the mention in the question.
    pub start: usize,
    /// One past its last character.
    pub end: usize,
}
