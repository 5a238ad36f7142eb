//! What a knowledge base is made of: its predicates and classes, their names and their usage.
//!
//! Everything that the retriever knows of a domain comes from here, that is, from the knowledge base
//! itself. No predicate, class or domain is named in code, but for the vocabularies that RDF itself is
//! described with, and the one by which a Wikibase ties its properties to their predicates.

mod anonymous;
mod build;
mod class_names;
mod composed;
mod converse;
mod duplicates;
mod entailed;
mod name_nodes;
mod naming;
pub(crate) mod narrowed;
mod phrase;
mod phrasings;
mod predicate;
mod profile;
mod reified;
mod roles;
mod rough;
mod same;
mod spelling;
mod telling;
mod terms;
mod told;
mod unit;
mod usage;
mod values;
mod vectors;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use kg_store::rdf::{NamedNodeRef, NamedOrBlankNode, Term, vocab};
use kg_store::{Change, Extent, Naming, Snapshot, Touched};

use crate::graph::Way;
use crate::text::Token;
use crate::thesaurus::Word;
use crate::{Conventions, RetrieverError};

pub(crate) use anonymous::Named;
pub(crate) use duplicates::say_the_same;
pub use phrase::Phrase;
pub(crate) use phrasings::is_phrasing;
pub use phrasings::{INVERSE_PHRASE, PHRASE};
pub use predicate::{Objects, Predicate, Value};
pub use reified::Reified;
pub(crate) use roles::Roles;
pub use same::SAME_AS;
pub use unit::of_node as unit_of_node;
pub use vectors::Vectors;
pub(crate) use vectors::cosine;

/// A class.
#[derive(Clone, Debug)]
pub struct Class {
    /// The IRI.
    pub iri: String,
    /// The label.
    pub label: String,
    /// The label, the other names and the phrases.
    pub names: Vec<Phrase>,
    /// Entities told to be of it or of a class below it.
    pub instances: u64,
    /// The class itself and all classes below it.
    pub with_subclasses: Vec<usize>,
    /// Predicates that most of its things have, and hardly any others: what is said of them tells what they are.
    pub telling: Vec<usize>,
}

impl Class {
    /// The chief word of its label.
    pub fn noun(&self) -> Option<Rc<Word>> {
        let head = self.names.first().and_then(Phrase::head_word)?;
        Some(Word::of(&head.text))
    }

    /// Whether its things are people, by its name.
    pub fn is_of_people(&self) -> bool {
        self.noun().is_some_and(|word| word.denotes("person"))
    }
}

/// The predicate with which an expert states that the values of a predicate are complete: an entity of its
/// domain that has none is known to have none.
pub const COMPLETE: &str = "https://almanac.example/ns#complete";

/// The predicates and classes of a knowledge base.
#[derive(Clone, Debug)]
pub struct Catalog {
    predicates: Vec<Predicate>,
    predicate_of: HashMap<String, usize>,
    /// Predicates that are only declared to be the inverse of another one.
    inverses: HashSet<String>,
    /// The properties of a Wikibase, which its predicates are told by.
    properties: HashSet<String>,
    /// Predicates that are narrowed to classes of the nodes that they lead to.
    narrowed: narrowed::Narrowed,
    /// Predicates whose facts are told apart by the role of the node that they are told of.
    roles: roles::OfNodes,
    classes: Vec<Class>,
    class_of: HashMap<String, usize>,
    /// Predicates that lead from what is only another name of a thing to that thing.
    redirects: Vec<String>,
    reified: Option<Reified>,
    /// Whether things are told to be the same as others that have a name here.
    twins: bool,
    conventions: Conventions,
    named: std::sync::Arc<Named>,
    naming: std::sync::Arc<Naming>,
    vectors: Vectors,
    quads: u64,
    /// Terms touched since the counts were taken.
    drift: u64,
}

/// Counts may be off by this share of the facts before they are taken anew.
const TOLERANCE: f64 = 0.02;

impl Catalog {
    /// Counts a snapshot through. A full scan.
    pub fn build(snapshot: &Snapshot) -> Result<Self, RetrieverError> {
        build::build(snapshot, &Vectors::default())
    }

    /// The catalogue after some changes: names are exact, counts may be off by two in a hundred. Small
    /// changes that bring no new predicate or class cost no scan.
    pub fn follow(
        self: &std::sync::Arc<Self>,
        snapshot: &Snapshot,
        changes: &[Change],
    ) -> Result<std::sync::Arc<Self>, RetrieverError> {
        let mut touched: Vec<&str> = Vec::new();
        for change in changes {
            match &change.extent {
                Extent::Quads(Touched::Terms(terms)) => {
                    touched.extend(terms.iter().filter_map(|t| match t {
                        Term::NamedNode(node) => Some(node.as_str()),
                        _ => None,
                    }));
                }
                Extent::Quads(Touched::Everything) => return self.anew(snapshot),
                Extent::Documents { .. } | Extent::Nothing => {}
            }
        }
        if touched.is_empty() {
            return Ok(std::sync::Arc::clone(self));
        }
        let drift = self.drift + touched.len() as u64;
        if drift as f64 > TOLERANCE * self.quads as f64 {
            return self.anew(snapshot);
        }
        let structural = touched
            .iter()
            .any(|iri| build::is_structural(iri) || self.conventions.is_own(iri));
        for iri in &touched {
            let known = self.predicate_of.contains_key(*iri) || build::is_structural(iri);
            let node = NamedNodeRef::new_unchecked(iri);
            if !known
                && snapshot
                    .quads(None, Some(node), None, None)
                    .next()
                    .is_some()
            {
                return self.anew(snapshot);
            }
            // A class of which more is told than before may make members of classes.
            if self.may_be_a_member(iri) {
                return self.anew(snapshot);
            }
            // A class or predicate whose names or place in the schema may have changed.
            if structural
                && ((self.predicate_of.contains_key(*iri) && !self.conventions.is_own(iri))
                    || self.class_of.contains_key(*iri)
                    || self.inverses.contains(*iri))
            {
                return self.anew(snapshot);
            }
            if structural && is_property(snapshot, node) {
                return self.anew(snapshot);
            }
            let mut typing = self.conventions.typing().map(NamedNodeRef::new_unchecked);
            let is_new_class = structural
                && !self.class_of.contains_key(*iri)
                && typing.any(|typing| {
                    let instances = snapshot.quads(None, Some(typing), Some(node.into()), None);
                    instances.take(1).count() > 0
                });
            if is_new_class {
                return self.anew(snapshot);
            }
        }
        let mut next = Self::clone(self);
        next.drift = drift;
        Ok(std::sync::Arc::new(next))
    }

    /// Whether a class is below one that has no members.
    fn may_be_a_member(&self, iri: &str) -> bool {
        let Some(&class) = self.class_of.get(iri) else {
            return false;
        };
        let wider = |other: &Class| {
            other.instances == 0 && other.iri != iri && other.with_subclasses.contains(&class)
        };
        self.classes.iter().any(wider)
    }

    fn anew(&self, snapshot: &Snapshot) -> Result<std::sync::Arc<Self>, RetrieverError> {
        Ok(std::sync::Arc::new(build::build(snapshot, &self.vectors)?))
    }

    /// All predicates that questions can ask for.
    pub fn predicates(&self) -> &[Predicate] {
        &self.predicates
    }

    /// All classes.
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// The predicates that one is narrowed to, each with the class of the nodes that it leads to.
    pub(crate) fn narrowed(&self, predicate: usize) -> &[(String, usize)] {
        self.narrowed.get(&predicate).map_or(&[], Vec::as_slice)
    }

    /// Whether some class of a thing is called by a word, among others.
    pub(crate) fn are_called(&self, classes: &[String], word: &Token) -> bool {
        let known = classes.iter().filter_map(|iri| self.class(iri));
        let mut names = known.flat_map(|class| &self.classes[class].names);
        names.any(|name| name.tokens.iter().any(|token| token.stem == word.stem))
    }

    /// How the facts of a predicate are told apart by the role of the node that they are told of.
    pub(crate) fn roles(&self, predicate: usize) -> Option<&roles::Roles> {
        self.roles.apart.get(&predicate)
    }

    /// Whether a predicate tells the role of nodes.
    pub(crate) fn tells_roles(&self, iri: &str) -> bool {
        self.roles.apart.values().any(|roles| roles.by == iri)
    }

    /// The roles of the nodes that a predicate leads to, read this way.
    pub(crate) fn roles_behind(&self, predicate: usize, way: Way) -> Option<&Roles> {
        self.roles(*self.roles.into.get(&(predicate, way))?)
    }

    /// Whether a class is one of nameless nodes, which tells what the facts are that lead to them.
    pub(crate) fn narrows(&self, class: usize) -> bool {
        let iri = &self.classes[class].iri;
        let mut all = self.narrowed.values().flatten();
        all.any(|(narrowed, _)| narrowed == iri)
    }

    /// The number of a predicate; none for those that name and describe things.
    pub fn predicate(&self, iri: &str) -> Option<usize> {
        self.predicate_of.get(iri).copied()
    }

    /// Whether an IRI is that of a predicate, with facts of its own or as the inverse of another one, or stands for one.
    pub fn is_predicate(&self, iri: &str) -> bool {
        self.predicate_of.contains_key(iri)
            || self.inverses.contains(iri)
            || self.properties.contains(iri)
    }

    /// The IRIs of a class and of all classes below it.
    pub fn iris_under(&self, class: usize) -> Vec<String> {
        let under = self.classes[class].with_subclasses.iter();
        under
            .map(|&class| self.classes[class].iri.clone())
            .collect()
    }

    /// Whether all things of one class are of the other.
    pub fn is_within(&self, class: usize, wider: usize) -> bool {
        self.classes[wider].with_subclasses.contains(&class)
    }

    /// The number of a class.
    pub fn class(&self, iri: &str) -> Option<usize> {
        self.class_of.get(iri).copied()
    }

    /// Whether things are told to be the same as others that are told of as well.
    pub(crate) fn has_twins(&self) -> bool {
        self.twins
    }

    /// By what statements name the parts of a fact that is told plainly as well.
    pub fn reified(&self) -> Option<&Reified> {
        self.reified.as_ref()
    }

    /// Predicates that lead from what is only another name of a thing to that thing.
    pub(crate) fn redirects(&self) -> &[String] {
        &self.redirects
    }

    /// How classes, numbers and days are told.
    pub fn conventions(&self) -> &Conventions {
        &self.conventions
    }

    /// Whether things have labels, so that one without a label has no name.
    pub fn is_labelled(&self) -> bool {
        self.named.labelled
    }

    /// Which things have a name of their own.
    pub(crate) fn named(&self) -> &Named {
        &self.named
    }

    /// Whether it is told of what class anything is.
    pub fn has_classes(&self) -> bool {
        self.classes.iter().any(|class| class.instances > 0)
    }

    /// The predicates that name things, see [`Snapshot::named_by`].
    pub fn naming(&self) -> &std::sync::Arc<Naming> {
        &self.naming
    }

    /// Vectors of the names.
    pub fn vectors(&self) -> &Vectors {
        &self.vectors
    }

    /// The share of entries in a domain or range that fall under a class, from 0 to 1; none when nothing
    /// is known of their classes.
    pub fn share(&self, spread: &HashMap<usize, u64>, of: u64, class: usize) -> Option<f64> {
        if spread.is_empty() || of == 0 {
            return None;
        }
        let under = &self.classes[class].with_subclasses;
        let most = under
            .iter()
            .filter_map(|c| spread.get(c))
            .max()
            .copied()
            .unwrap_or(0);
        Some((most as f64 / of as f64).min(1.0))
    }
}

/// The properties of a Wikibase.
fn properties(snapshot: &Snapshot) -> Result<HashSet<String>, RetrieverError> {
    let mut found = HashSet::new();
    for kind in vocab::wikibase::PREDICATES {
        for quad in snapshot.quads(None, Some(kind), None, None) {
            if let NamedOrBlankNode::NamedNode(property) = quad?.subject {
                found.insert(property.into_string());
            }
        }
    }
    Ok(found)
}

/// Whether a thing is a property of a Wikibase, which names predicates.
fn is_property(snapshot: &Snapshot, node: NamedNodeRef<'_>) -> bool {
    vocab::wikibase::PREDICATES.iter().any(|kind| {
        let mut claims = snapshot.quads(Some(node.into()), Some(*kind), None, None);
        claims.next().is_some()
    })
}
