//! What an answer rests on: terms, rows, citations, the query, the times.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An RDF term as SPARQL 1.1 Query Results JSON writes it, with a label for people.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Term {
    /// `uri`, `literal` or `bnode`.
    #[serde(rename = "type")]
    pub kind: TermKind,
    /// The IRI, the lexical form or the blank node's id.
    pub value: String,
    /// The datatype's IRI, for literals other than plain strings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub datatype: Option<String>,
    /// The language tag, for language-tagged strings.
    #[serde(rename = "xml:lang", default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The name by which people know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// The kinds of RDF terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TermKind {
    /// An IRI.
    Uri,
    /// A literal.
    Literal,
    /// A blank node.
    Bnode,
}

impl Term {
    /// A term for an IRI.
    pub fn uri(value: impl Into<String>, label: Option<String>) -> Self {
        Self {
            kind: TermKind::Uri,
            value: value.into(),
            datatype: None,
            language: None,
            label,
        }
    }

    /// A typed literal.
    pub fn literal(value: impl Into<String>, datatype: impl Into<String>) -> Self {
        let datatype = Some(datatype.into());
        Self {
            kind: TermKind::Literal,
            value: value.into(),
            datatype,
            language: None,
            label: None,
        }
    }

    /// What a person reads for this term: its label, else its value.
    pub fn text(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.value)
    }
}

/// How an answer stands to the knowledge base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Each name, number and date in the answer comes from cited evidence.
    Grounded,
    /// Several readings are as good; the answer names the one taken and `alternatives` lists the others.
    Ambiguous,
    /// The knowledge base knows that there is none.
    None,
    /// The knowledge base does not hold this; `reason` says why.
    Abstained,
    /// Small talk, or what the caller allowed with `allow_ungrounded`.
    Ungrounded,
}

/// Why an answer was withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No entity of the knowledge base is mentioned in the question.
    NoEntity,
    /// The entity is known, but no fact of it answers the question.
    NoFact,
    /// Readings were found, but none was likely enough.
    LowConfidence,
    /// The question could not be read as one over this knowledge base.
    NotUnderstood,
    /// The knowledge base is empty.
    EmptyKnowledgeBase,
    /// The time allowed ran out.
    Deadline,
}

/// The complete account of where an answer comes from. It travels exactly once per answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Grounding {
    /// The knowledge base that was asked.
    pub knowledge_base: String,
    /// The revision that was read: all of the answer comes from this one.
    pub revision: u64,
    /// How the answer stands to the knowledge base.
    pub status: Status,
    /// Why the answer was withheld, when it was.
    pub reason: Option<Reason>,
    /// The first column of `rows`.
    pub answers: Vec<Term>,
    /// Names of the columns of `rows`.
    pub columns: Vec<String>,
    /// The computed result.
    pub rows: Vec<Vec<Term>>,
    /// Other readings of the question.
    pub alternatives: Vec<Alternative>,
    /// The evidence, numbered as the markers in the text are.
    pub citations: Vec<Citation>,
    /// The query that computed `rows`.
    pub sparql: Option<String>,
    /// How sure the reading is, between 0 and 1.
    pub confidence: f64,
    /// Milliseconds spent in each stage.
    pub timings_ms: Timings,
    /// How the answer was found, when the request asked to `explain`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub explanation: Option<serde_json::Value>,
}

/// Another reading of a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Alternative {
    /// The reading in words.
    pub reading: String,
    /// What it would answer.
    pub answers: Vec<Term>,
    /// The query of this reading.
    pub sparql: String,
    /// How sure it is, between 0 and 1.
    pub confidence: f64,
}

/// A numbered reference from the answer's text to its evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
// Facts, the larger variant, are also by far the commonest.
#[allow(clippy::large_enum_variant)]
pub enum Citation {
    /// A triple of the knowledge base.
    Fact {
        /// The number in the text's marker, from 1.
        id: u32,
        /// The triple's subject.
        subject: Term,
        /// The triple's predicate.
        predicate: Term,
        /// The triple's object.
        object: Term,
        /// The named graph that holds it; none for the default graph.
        graph: Option<String>,
        /// The fact in words.
        text: String,
    },
    /// A piece of a document.
    Passage {
        /// The number in the text's marker, from 1.
        id: u32,
        /// The document's id.
        document: String,
        /// The document's title.
        title: Option<String>,
        /// Where the document can be read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
        /// The passage.
        text: String,
        /// First character of the passage in the document, in Unicode code points.
        start: usize,
        /// One past its last character.
        end: usize,
    },
}

/// Milliseconds spent in each stage of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Timings {
    /// Finding mentions and the entities that they mean.
    pub link: f64,
    /// Proposing and ranking query graphs.
    pub plan: f64,
    /// Running queries.
    pub query: f64,
    /// Wording the answer.
    pub word: f64,
}
