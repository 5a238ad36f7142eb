//! What a write changed, for those who follow the store.

use std::collections::HashSet;

use crate::rdf::{NamedOrBlankNode, Quad, Term};

/// The outcome of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The revision that holds it; the unchanged current one when [`Extent::Nothing`] was changed.
    pub revision: u64,
    /// Quads that were not there before. In a change read back from the journal: quads that it asserts.
    pub added: u64,
    /// Quads that are no longer there. In a change read back from the journal: quads that it retracts.
    pub removed: u64,
    /// What it touched.
    pub extent: Extent,
}

/// Which part of the knowledge base a write touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Quads.
    Quads(Touched),
    /// Documents, by id. An id is in one of the lists only.
    Documents {
        /// Created or replaced.
        put: Vec<String>,
        /// Deleted.
        deleted: Vec<String>,
    },
    /// Nothing: the write asked for what was already so.
    Nothing,
}

/// Terms whose description may have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Touched {
    /// Subjects, predicates and object IRIs of the quads that the write names, each once, in order of
    /// first appearance.
    Terms(Vec<Term>),
    /// Too many to list (more than 20,000).
    Everything,
}

/// Collects the terms of changed quads until there are too many to be worth it.
pub(crate) struct TouchedCollector {
    seen: HashSet<Term>,
    terms: Vec<Term>,
    overflow: bool,
}

impl TouchedCollector {
    const MAX_TERMS: usize = 20_000;

    pub(crate) fn new() -> Self {
        Self {
            seen: HashSet::new(),
            terms: Vec::new(),
            overflow: false,
        }
    }

    pub(crate) fn quad(&mut self, quad: &Quad) {
        if self.overflow {
            return;
        }
        match &quad.subject {
            NamedOrBlankNode::NamedNode(node) => self.term(node.clone().into()),
            NamedOrBlankNode::BlankNode(node) => self.term(node.clone().into()),
        }
        self.term(quad.predicate.clone().into());
        if let Term::NamedNode(node) = &quad.object {
            self.term(node.clone().into());
        }
    }

    fn term(&mut self, term: Term) {
        if self.overflow || self.seen.contains(&term) {
            return;
        }
        if self.terms.len() == Self::MAX_TERMS {
            self.overflow = true;
            self.seen = HashSet::new();
            self.terms = Vec::new();
            return;
        }
        self.terms.push(term.clone());
        self.seen.insert(term);
    }

    pub(crate) fn finish(self) -> Touched {
        if self.overflow {
            Touched::Everything
        } else {
            Touched::Terms(self.terms)
        }
    }
}
