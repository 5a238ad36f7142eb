//! Sentences that a result entails, in several wordings, made from labels alone.

mod compared;
mod selected;
mod things;

use kg_store::rdf::NamedNodeRef;
use retriever::catalog::Catalog;
use retriever::evidence::Fact;
use retriever::graph::{QueryGraph, Way};
use retriever::{ReadView, RetrieverError};
use schemas::Term;

use crate::phrase::{Shape, article, begin, inside, list, shape};

/// What is to be said, with the names it may be said in.
pub(crate) struct Content<'a> {
    /// The knowledge base.
    pub(crate) view: &'a ReadView,
    /// The reading.
    pub(crate) graph: &'a QueryGraph,
    /// The result, with labels.
    pub(crate) rows: &'a [Vec<Term>],
    /// The facts that entail it.
    pub(crate) facts: &'a [Fact],
}

/// Answers beyond this many are not spelt out in the text; `rows` holds them all.
const MOST_NAMED: usize = 60;

impl Content<'_> {
    /// The wordings of an answer; the first is the plainest and always right.
    pub(crate) fn answered(&self) -> Result<Vec<String>, RetrieverError> {
        Ok(match self.graph {
            QueryGraph::Select { node, target } => self.selected(node, target)?,
            QueryGraph::Choose {
                entities,
                measure,
                direction,
            } => self.choose(entities, measure, *direction),
            QueryGraph::Calculate {
                entities,
                measure,
                arithmetic,
            } => vec![self.calculated(entities, measure, *arithmetic)?],
            QueryGraph::Share { whole, part } => vec![self.share(whole, part)?],
            QueryGraph::Exists { node } => vec![self.exists(node)?],
            QueryGraph::Ask { .. } | QueryGraph::AskClass { .. } => self.yes_or_no(),
            QueryGraph::AskValue { with, .. } => self.value_yes_or_no(with),
            QueryGraph::Describe { entity } => vec![self.description(entity)?],
        })
    }

    /// The wording of a known empty set.
    pub(crate) fn none(&self) -> Result<String, RetrieverError> {
        let QueryGraph::Select { node, .. } = self.graph else {
            return Ok("There is none.".to_owned());
        };
        if node.filters.is_empty()
            && let [link] = node.links.as_slice()
            && let Some((entity, hop)) = link.as_edge()
        {
            let entity = self.label(entity)?;
            let label = self.predicate(&hop.predicate);
            return Ok(match hop.way {
                Way::Forward => format!("There is none: {entity} has no {label}."),
                Way::Inverse => format!("There is none: nothing has {entity} as {label}."),
            });
        }
        let things = self.things(node, true)?;
        Ok(format!(
            "There are no {}.",
            things.strip_prefix("the ").unwrap_or(&things)
        ))
    }

    fn description(&self, entity: &str) -> Result<String, RetrieverError> {
        let name = self.label(entity)?;
        let (types, others): (Vec<&Fact>, Vec<&Fact>) = self
            .facts
            .iter()
            .partition(|f| f.predicate.value == "http://www.w3.org/1999/02/22-rdf-syntax-ns#type");
        let mut sentences = Vec::new();
        if !types.is_empty() {
            let kinds: Vec<String> = types
                .iter()
                .map(|f| format!("{} {}", article(f.object.text()), inside(f.object.text())))
                .collect();
            sentences.push(format!("{name} is {}.", list(&kinds)));
        }
        for fact in others {
            let (label, object) = (inside(fact.predicate.text()), fact.object.text());
            sentences.push(match shape(&label) {
                Shape::Noun => format!("The {label} of {name} is {object}."),
                _ => format!("{name}, {label}: {object}."),
            });
        }
        if sentences.is_empty() {
            sentences.push(format!(
                "{name} is named in the knowledge base, but no fact describes it."
            ));
        }
        Ok(sentences.join(" "))
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .rows
            .iter()
            .filter_map(|row| row.first())
            .map(|term| term.text().to_owned())
            .collect();
        if names.len() > MOST_NAMED {
            let rest = names.len() - MOST_NAMED;
            names.truncate(MOST_NAMED);
            names.push(format!("{rest} more"));
        }
        names
    }

    fn predicate(&self, iri: &str) -> String {
        let catalog = self.catalog();
        catalog.predicate(iri).map_or_else(
            || iri.to_owned(),
            |n| inside(&catalog.predicates()[n].label),
        )
    }

    fn label(&self, iri: &str) -> Result<String, RetrieverError> {
        self.view.label(NamedNodeRef::new_unchecked(iri))
    }

    fn catalog(&self) -> &Catalog {
        self.view.catalog()
    }
}

/// Sentences as they go out: each begins with a capital.
pub(crate) fn as_sentences(wordings: Vec<String>) -> Vec<String> {
    // A name such as "iPhone" or "kg" keeps its small letter where it comes first in the text.
    wordings
        .into_iter()
        .map(|w| {
            if w.starts_with("the ") || w.starts_with("of ") {
                begin(&w)
            } else {
                w
            }
        })
        .collect()
}
