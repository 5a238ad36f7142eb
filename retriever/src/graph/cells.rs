//! Triple patterns, as they stand in a query.

use kg_store::rdf::{NamedNode, Term};

/// A place in a triple pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A known node or value.
    Known(Term),
    /// The name of a variable, with its question mark.
    Variable(String),
}

impl Cell {
    /// A known node.
    pub(super) fn iri(iri: impl Into<String>) -> Self {
        Self::Known(NamedNode::new_unchecked(iri).into())
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Known(term) => term.to_string(),
            Self::Variable(name) => name.clone(),
        }
    }
}

/// A triple pattern of a query; with the values of its variables it is a fact that the result rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The subject.
    pub subject: Cell,
    /// The predicate's IRI.
    pub predicate: String,
    /// The object.
    pub object: Cell,
}
