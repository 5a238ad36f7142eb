//! How a knowledge base says of what class a thing is.
//!
//! RDF has `rdf:type` for it. Some knowledge bases use a predicate of their own, which is called "instance of" or is
//! declared to be a sub-property of `rdf:type`, and one called "subclass of" in the place of `rdfs:subClassOf`.

use std::collections::{BTreeSet, HashMap};

use kg_store::Snapshot;
use kg_store::rdf::{Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Term, TermRef, vocab};

use crate::RetrieverError;

/// What predicates are called that lead from things to their classes.
const TYPING: [&str; 3] = ["instance of", "is instance of", "is an instance of"];
/// What predicates are called that lead from classes to wider ones.
const WIDENING: [&str; 4] = [
    "subclass of",
    "sub class of",
    "is subclass of",
    "is a subclass of",
];
const SUB_PROPERTY: &str = "http://www.w3.org/2000/01/rdf-schema#subPropertyOf";
const SUBCLASS: &str = "http://www.w3.org/2000/01/rdf-schema#subClassOf";

/// The predicates by which a knowledge base tells the classes of things.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Membership {
    /// Those of its own beside `rdf:type`.
    typing: BTreeSet<String>,
    /// Those of its own beside `rdfs:subClassOf`.
    widening: BTreeSet<String>,
    /// For classes of which the instances are told otherwise than by `rdf:type`, by which predicate.
    told_by: HashMap<String, String>,
    /// Whether predicates of its own do not count.
    closed: bool,
}

impl Membership {
    /// Looks for predicates that are declared or named to be such.
    pub(crate) fn find(snapshot: &Snapshot) -> Result<Self, RetrieverError> {
        Ok(Self {
            typing: named_or_declared(snapshot, &TYPING, vocab::rdf::TYPE)?,
            widening: named_or_declared(
                snapshot,
                &WIDENING,
                NamedNodeRef::new_unchecked(SUBCLASS),
            )?,
            told_by: HashMap::new(),
            closed: false,
        })
    }

    /// `rdf:type` alone: where predicates of its own tell the classes of a few things only, these say as little of what
    /// is of no class as any other fact.
    pub(crate) fn standard() -> Self {
        Self {
            closed: true,
            ..Self::default()
        }
    }

    /// Takes in a predicate that has no name but its IRI; whether that changes anything.
    pub(crate) fn note(&mut self, predicate: &str) -> bool {
        if self.closed {
            return false;
        }
        let name = kg_store::local_name(predicate).to_lowercase();
        if TYPING.contains(&name.as_str()) {
            return self.typing.insert(predicate.to_owned());
        }
        WIDENING.contains(&name.as_str()) && self.widening.insert(predicate.to_owned())
    }

    /// Notes by which predicate the instances of a class are told.
    pub(crate) fn tell(&mut self, class: &str, predicate: String) {
        if predicate != vocab::rdf::TYPE.as_str() {
            self.told_by.insert(class.to_owned(), predicate);
        }
    }

    /// Whether there is nothing but `rdf:type`.
    pub(crate) fn is_standard(&self) -> bool {
        self.typing.is_empty()
    }

    /// The predicate by which the instances of a class are told.
    pub fn predicate_of(&self, class: &str) -> &str {
        let own = self.told_by.get(class);
        own.map_or(vocab::rdf::TYPE.as_str(), String::as_str)
    }

    /// All predicates that lead from things to classes.
    pub fn typing(&self) -> impl Iterator<Item = &str> {
        std::iter::once(vocab::rdf::TYPE.as_str()).chain(self.typing.iter().map(String::as_str))
    }

    /// Those of its own that lead from things to classes.
    pub(crate) fn own_typing(&self) -> impl Iterator<Item = &String> {
        self.typing.iter()
    }

    /// Whether a predicate leads from things to classes.
    pub fn is_typing(&self, predicate: &str) -> bool {
        predicate == vocab::rdf::TYPE.as_str() || self.typing.contains(predicate)
    }

    /// Those that lead from classes to wider ones.
    pub(crate) fn widening(&self) -> impl Iterator<Item = &str> {
        std::iter::once(SUBCLASS).chain(self.widening.iter().map(String::as_str))
    }

    /// Whether a predicate is of those that the knowledge base has of its own.
    pub(crate) fn is_own(&self, predicate: &str) -> bool {
        self.typing.contains(predicate) || self.widening.contains(predicate)
    }

    /// The classes that a thing is told to be of.
    pub(crate) fn classes_of(
        &self,
        snapshot: &Snapshot,
        thing: NamedNodeRef<'_>,
    ) -> Result<Vec<String>, RetrieverError> {
        let mut found = Vec::new();
        for predicate in self.typing() {
            let predicate = NamedNodeRef::new_unchecked(predicate);
            for quad in snapshot.quads(Some(thing.into()), Some(predicate), None, None) {
                if let Term::NamedNode(class) = quad?.object {
                    found.push(class.into_string());
                }
            }
        }
        Ok(found)
    }
}

/// Predicates with one of these names, and sub-properties of the standard one.
fn named_or_declared(
    snapshot: &Snapshot,
    names: &[&str],
    standard: NamedNodeRef<'_>,
) -> Result<BTreeSet<String>, RetrieverError> {
    let mut found = BTreeSet::new();
    let below = NamedNodeRef::new_unchecked(SUB_PROPERTY);
    for quad in snapshot.quads(None, Some(below), Some(standard.into()), None) {
        if let NamedOrBlankNode::NamedNode(node) = quad?.subject
            && node.as_ref() != standard
        {
            found.insert(node.into_string());
        }
    }
    for name in names {
        for literal in [
            Literal::new_simple_literal(*name),
            Literal::new_language_tagged_literal_unchecked(*name, "en"),
        ] {
            for quad in snapshot.quads(None, None, Some(TermRef::Literal(literal.as_ref())), None) {
                let quad = quad?;
                if !kg_store::rdf::is_naming(quad.predicate.as_str()) {
                    continue;
                }
                for predicate in used_as(snapshot, quad.subject)? {
                    found.insert(predicate.into_string());
                }
            }
        }
    }
    Ok(found)
}

/// Whether it is itself the predicate of a fact; or, of a property of a Wikibase, those of its predicates that are.
fn used_as(snapshot: &Snapshot, named: NamedOrBlankNode) -> Result<Vec<NamedNode>, RetrieverError> {
    let NamedOrBlankNode::NamedNode(node) = named else {
        return Ok(Vec::new());
    };
    let is_used = |predicate: &NamedNode| {
        let mut facts = snapshot.quads(None, Some(predicate.as_ref()), None, None);
        facts.next().is_some()
    };
    let direct = snapshot.quads(
        Some(node.as_ref().into()),
        Some(vocab::wikibase::DIRECT_CLAIM),
        None,
        None,
    );
    let mut found = vec![node.clone()];
    for quad in direct {
        if let Term::NamedNode(predicate) = quad?.object {
            found.push(predicate);
        }
    }
    found.retain(is_used);
    Ok(found)
}
