//! What a turn was about, and what its answers were.

use std::ops::Range;

use kg_store::rdf::Term as RdfTerm;
use retriever::graph::{Node, QueryGraph};
use retriever::retrieve::Outcome;
use retriever::{ReadView, RetrieverError};

use super::Found;
use crate::passage;

/// Answers that later turns may speak of.
const MOST_ANSWERS: usize = 50;
/// A name that fits this well was meant.
const MEANT: f64 = 0.85;

/// Something that was spoken of.
#[derive(Clone, Debug, Default)]
pub(super) struct Referent {
    /// Its name.
    pub(super) name: String,
    /// What it was taken for; none where only a text knows it.
    pub(super) taken: Vec<String>,
    /// All that have this name.
    pub(super) candidates: Vec<String>,
    /// Where the turn names it, in bytes; nowhere for an answer.
    pub(super) span: Range<usize>,
}

/// A turn that was asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Turn {
    /// The question in full.
    pub(super) text: String,
    /// What it was about, the weightiest first.
    pub(super) topics: Vec<Referent>,
    /// Its answers, where they are things.
    pub(super) answers: Vec<Referent>,
    /// Whether it asked for somebody.
    pub(super) someone: bool,
    /// The description of its answers.
    pub(super) node: Option<Node>,
}

impl Turn {
    pub(super) fn of(view: &ReadView, found: &Found) -> Result<Self, RetrieverError> {
        let (retrieval, text) = (&found.retrieval, found.understood.text.clone());
        let answered = match &retrieval.outcome {
            Outcome::Answered(found) | Outcome::KnownEmpty(found) => Some(found),
            Outcome::Unanswered(_) => None,
        };
        let mut topics: Vec<Referent> = Vec::new();
        for mention in &retrieval.mentions {
            let candidates = mention.candidates.iter();
            let meant = match answered {
                Some(found) => candidates
                    .clone()
                    .find(|c| found.reading.entities.contains(&c.entity.iri)),
                None => candidates.clone().next().filter(|c| c.fit >= MEANT),
            };
            let (Some(meant), Some(first), Some(last)) = (
                meant,
                retrieval.question.tokens.get(mention.span.start),
                retrieval.question.tokens.get(mention.span.end - 1),
            ) else {
                continue;
            };
            topics.push(Referent {
                name: meant.entity.label.clone(),
                taken: vec![meant.entity.iri.clone()],
                candidates: candidates.map(|c| c.entity.iri.clone()).collect(),
                span: first.start..last.end,
            });
        }
        if topics.is_empty() {
            topics = passage::names(&text)
                .into_iter()
                .map(|span| Referent {
                    name: text[span.clone()].to_owned(),
                    span,
                    ..Referent::default()
                })
                .collect();
        }
        let mut answers = Vec::new();
        if let Some(found) = answered {
            for row in found.executed.rows.iter().take(MOST_ANSWERS) {
                if let Some(RdfTerm::NamedNode(node)) = row.first() {
                    answers.push(Referent {
                        name: view.label(node.as_ref())?,
                        taken: vec![node.as_str().to_owned()],
                        ..Referent::default()
                    });
                }
            }
        } else if let Some(read) = &found.reading.found {
            answers.push(Referent {
                name: read.answer.value.clone(),
                ..Referent::default()
            });
        }
        let node = answered.and_then(|found| match &found.reading.graph {
            QueryGraph::Select { node, .. } if node.order.is_none() => Some(node.clone()),
            _ => None,
        });
        Ok(Self {
            text,
            topics,
            answers,
            someone: retrieval.question.wants_someone,
            node,
        })
    }
}

/// Whether a question names what it is about, so that nothing of the conversation is missing.
pub(super) fn names_something(found: &Found) -> bool {
    let by_link = found
        .retrieval
        .mentions
        .iter()
        .any(|m| m.candidates.iter().any(|c| c.fit >= MEANT));
    by_link || !passage::names(&found.understood.text).is_empty()
}
