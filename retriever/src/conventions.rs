//! How a knowledge base tells what others tell by standard means: of what class a thing is, and how much something is.
//!
//! RDF has `rdf:type` for it. Some knowledge bases use a predicate of their own, which is called "instance of" or is
//! declared to be a sub-property of `rdf:type`, and one called "subclass of" in the place of `rdfs:subClassOf`. In an ontology,
//! where the classes themselves are what there is to know about, `rdfs:subClassOf` tells which there are of a kind.

mod kinds;
mod spelt;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use kg_store::Snapshot;
use kg_store::rdf::{
    Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, NamedOrBlankNodeRef, Term, TermRef, vocab,
};

pub use spelt::Spelt;

use crate::RetrieverError;
use crate::graph::Way;

/// What predicates are called that lead from things to their classes. That most things have one is seen to elsewhere.
const TYPING: [&str; 8] = [
    "instance of",
    "is instance of",
    "is an instance of",
    "is a",
    "isa",
    "type",
    "has type",
    "entity type",
];
/// What predicates are called that lead from classes to wider ones.
const WIDENING: [&str; 4] = [
    "subclass of",
    "sub class of",
    "is subclass of",
    "is a subclass of",
];
/// Predicates of a knowledge base's own that tell classes at the most, and things of one name that are looked at for it.
const MOST: usize = 8;
const MOST_NAMED: usize = 100;
pub(crate) const SUB_PROPERTY: &str = "http://www.w3.org/2000/01/rdf-schema#subPropertyOf";
pub(crate) const SUBCLASS: &str = "http://www.w3.org/2000/01/rdf-schema#subClassOf";

/// By which standard predicates it is said in words what something is, the plainest first.
pub(crate) const DEFINITIONS: [&str; 5] = [
    "http://www.w3.org/2004/02/skos/core#definition",
    "http://www.w3.org/2000/01/rdf-schema#comment",
    "http://schema.org/description",
    "https://schema.org/description",
    "http://purl.org/dc/terms/description",
];

/// Classes, with themselves and those below them. Each IRI is held once.
pub(crate) type OfClasses = BTreeMap<Arc<str>, Vec<Arc<str>>>;

/// A predicate whose facts entail facts of another one, read the same way or turned round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entailing {
    /// Its IRI.
    pub predicate: String,
    /// Which way its facts are read.
    pub way: Way,
}

/// The predicates by which a knowledge base tells the classes of things, and those of which the values are texts that should
/// be numbers or days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conventions {
    /// Those of its own beside `rdf:type`.
    typing: BTreeSet<String>,
    /// Of these, those that are declared to be such, or lead to the concepts of a thesaurus.
    declared: BTreeSet<String>,
    /// Those of its own beside `rdfs:subClassOf`.
    widening: BTreeSet<String>,
    /// For classes of which the instances are told otherwise than by `rdf:type`, by which predicate.
    told_by: HashMap<String, String>,
    /// Classes of which the members are not instances but the classes below them, with these and themselves.
    of_classes: Arc<OfClasses>,
    /// Whether predicates of its own do not count.
    closed: bool,
    /// Predicates of which the values are texts, and what these are.
    spelt: BTreeMap<String, Spelt>,
    /// What else tells the facts of a predicate, by the axioms of an ontology.
    entailed: HashMap<String, Vec<Entailing>>,
    /// Predicates that lead to nodes which are names, each with those of the texts that these hold.
    name_nodes: Vec<(String, Vec<String>)>,
}

impl Conventions {
    /// Looks for predicates that are declared or named to be such.
    pub(crate) fn find(snapshot: &Snapshot) -> Result<Self, RetrieverError> {
        let mut declared = declared(snapshot, vocab::rdf::TYPE)?;
        let mut typing = named(snapshot, &TYPING)?;
        let mut widening = named(snapshot, &WIDENING)?;
        let of_kinds = kinds::telling(snapshot)?;
        if !of_kinds.is_empty() {
            widening.insert(kinds::BROADER.to_owned());
            declared.extend(of_kinds);
        }
        typing.extend(declared.iter().cloned());
        widening.extend(self::declared(
            snapshot,
            NamedNodeRef::new_unchecked(SUBCLASS),
        )?);
        Ok(Self {
            typing,
            declared,
            widening,
            told_by: HashMap::new(),
            of_classes: Arc::default(),
            closed: false,
            spelt: BTreeMap::new(),
            entailed: HashMap::new(),
            name_nodes: Vec::new(),
        })
    }

    /// Notes which predicates lead to nodes that are names.
    pub(crate) fn name_by_nodes(&mut self, name_nodes: Vec<(String, Vec<String>)>) {
        self.name_nodes = name_nodes;
    }

    /// Predicates that lead to nodes which are names, each with those of the texts that these hold.
    pub(crate) fn name_nodes(&self) -> &[(String, Vec<String>)] {
        &self.name_nodes
    }

    /// Notes what else tells the facts of predicates.
    pub(crate) fn entail(&mut self, entailed: HashMap<String, Vec<Entailing>>) {
        self.entailed = entailed;
    }

    /// Whether the facts of a predicate hold the other way round as well.
    pub(crate) fn is_symmetric(&self, predicate: &str) -> bool {
        let mut ways = self.entailing(predicate).iter();
        ways.any(|other| other.predicate == predicate && other.way == Way::Inverse)
    }

    /// What else tells the facts of a predicate.
    pub fn entailing(&self, predicate: &str) -> &[Entailing] {
        self.entailed.get(predicate).map_or(&[], Vec::as_slice)
    }

    /// The same without predicates that are only called so: where these tell the classes of a few things, they say as
    /// little of what is of no class as any other fact.
    pub(crate) fn closed(self) -> Self {
        Self {
            typing: self.declared.clone(),
            closed: true,
            ..self
        }
    }

    /// See [`Conventions::closed`].
    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Takes in a predicate that has no name but its IRI.
    pub(crate) fn note(&mut self, predicate: &str) {
        let name = kg_store::local_name(predicate).to_lowercase();
        if !self.closed && self.typing.len() < MOST && TYPING.contains(&name.as_str()) {
            self.typing.insert(predicate.to_owned());
        }
        if self.widening.len() < MOST && WIDENING.contains(&name.as_str()) {
            self.widening.insert(predicate.to_owned());
        }
    }

    /// Notes by which predicate the instances of a class are told.
    pub(crate) fn tell(&mut self, class: &str, predicate: String) {
        if predicate != vocab::rdf::TYPE.as_str() {
            self.told_by.insert(class.to_owned(), predicate);
        }
    }

    /// Notes the classes of which the members are not instances but the classes below them, with these and themselves.
    pub(crate) fn tell_of_classes(&mut self, of_classes: OfClasses) {
        self.of_classes = Arc::new(of_classes);
    }

    /// Classes of which the members are classes.
    pub(crate) fn of_classes(&self) -> impl Iterator<Item = &Arc<str>> {
        self.of_classes.keys()
    }

    /// Those of some classes that may have members: where these are classes, not those that have none below them.
    pub(crate) fn with_members(&self, classes: &[String]) -> Vec<String> {
        let of_classes = |class: &&String| self.of_classes.contains_key(class.as_str());
        let some: Vec<String> = classes.iter().filter(of_classes).cloned().collect();
        if some.is_empty() {
            classes.to_vec()
        } else {
            some
        }
    }

    /// What a fact of which this is the object may be told of, the thing first: what has to do with some kind of cheese has
    /// to do with cheese.
    pub(crate) fn told_of(&self, iri: &str) -> &[Arc<str>] {
        self.of_classes.get(iri).map_or(&[], Vec::as_slice)
    }

    /// Notes what the texts of a predicate are.
    pub(crate) fn spell(&mut self, predicate: &str, spelt: Spelt) {
        self.spelt.insert(predicate.to_owned(), spelt);
    }

    /// What the values of a predicate are where they are texts that must be read before they can be compared.
    pub fn spelt(&self, predicate: &str) -> Option<Spelt> {
        self.spelt.get(predicate).copied()
    }

    /// Whether there is nothing but `rdf:type`.
    pub(crate) fn is_standard(&self) -> bool {
        self.typing.is_empty()
    }

    /// The predicate by which the instances of a class are told.
    pub fn predicate_of(&self, class: &str) -> &str {
        if self.of_classes.contains_key(class) {
            return SUBCLASS;
        }
        let own = self.told_by.get(class);
        own.map_or(vocab::rdf::TYPE.as_str(), String::as_str)
    }

    /// The predicates by which the instances of some classes are told, the one that most of the classes have first.
    pub(crate) fn predicates_of<'a>(&'a self, classes: &'a [String]) -> Vec<&'a str> {
        if classes
            .iter()
            .any(|class| self.of_classes.contains_key(class.as_str()))
        {
            // None of those below it has instances either.
            return vec![SUBCLASS];
        }
        let mut found: Vec<(&str, usize)> = Vec::new();
        for class in classes {
            let predicate = self.predicate_of(class);
            match found.iter_mut().find(|(known, _)| *known == predicate) {
                Some((_, count)) => *count += 1,
                None => found.push((predicate, 1)),
            }
        }
        found.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        found.into_iter().map(|(predicate, _)| predicate).collect()
    }

    /// All predicates that lead from things to classes.
    pub fn typing(&self) -> impl Iterator<Item = &str> {
        std::iter::once(vocab::rdf::TYPE.as_str()).chain(self.typing.iter().map(String::as_str))
    }

    /// Those of its own that lead from things to classes.
    pub(crate) fn own_typing(&self) -> impl Iterator<Item = &String> {
        self.typing.iter()
    }

    /// Whether a fact tells of which class a thing is.
    pub fn tells_class(&self, predicate: &str, class: &str) -> bool {
        self.is_typing(predicate) || (predicate == SUBCLASS && self.of_classes.contains_key(class))
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
        let mut found = self.classes_of_classes(snapshot, thing)?;
        found.extend(self.classes_told(snapshot, thing.into())?);
        Ok(found)
    }

    /// The classes that are told of a thing, or of a node.
    pub(crate) fn classes_told(
        &self,
        snapshot: &Snapshot,
        thing: NamedOrBlankNodeRef<'_>,
    ) -> Result<Vec<String>, RetrieverError> {
        let mut found = Vec::new();
        for predicate in self.typing() {
            let predicate = NamedNodeRef::new_unchecked(predicate);
            for quad in snapshot.quads(Some(thing), Some(predicate), None, None) {
                if let Term::NamedNode(class) = quad?.object {
                    found.push(class.into_string());
                }
            }
        }
        Ok(found)
    }

    /// The classes of classes that a thing is of.
    pub(crate) fn classes_of_classes(
        &self,
        snapshot: &Snapshot,
        thing: NamedNodeRef<'_>,
    ) -> Result<Vec<String>, RetrieverError> {
        let mut found = Vec::new();
        if self.of_classes.is_empty() {
            return Ok(found);
        }
        let below = NamedNodeRef::new_unchecked(SUBCLASS);
        for quad in snapshot.quads(Some(thing.into()), Some(below), None, None) {
            if let Term::NamedNode(class) = quad?.object
                && self.of_classes.contains_key(class.as_str())
            {
                found.push(class.into_string());
            }
        }
        Ok(found)
    }
}

/// Sub-properties of a standard predicate.
fn declared(
    snapshot: &Snapshot,
    standard: NamedNodeRef<'_>,
) -> Result<BTreeSet<String>, RetrieverError> {
    let below = NamedNodeRef::new_unchecked(SUB_PROPERTY);
    let mut found = BTreeSet::new();
    for quad in snapshot.quads(None, Some(below), Some(standard.into()), None) {
        if let NamedOrBlankNode::NamedNode(node) = quad?.subject
            && node.as_ref() != standard
            && found.len() < MOST
        {
            found.insert(node.into_string());
        }
    }
    Ok(found)
}

/// Predicates with one of these names.
fn named(snapshot: &Snapshot, names: &[&str]) -> Result<BTreeSet<String>, RetrieverError> {
    let mut found = BTreeSet::new();
    for name in names {
        for literal in [
            Literal::new_simple_literal(*name),
            Literal::new_language_tagged_literal_unchecked(*name, "en"),
        ] {
            let told = snapshot.quads(None, None, Some(TermRef::Literal(literal.as_ref())), None);
            for quad in told.take(MOST_NAMED) {
                let quad = quad?;
                if kg_store::rdf::is_naming(quad.predicate.as_str()) {
                    let used = used_as(snapshot, quad.subject)?;
                    found.extend(used.into_iter().map(NamedNode::into_string));
                }
            }
        }
    }
    Ok(found.into_iter().take(MOST).collect())
}

/// Itself where it is the predicate of a fact; or, of a property of a Wikibase, the one that leads from things to things.
fn used_as(snapshot: &Snapshot, named: NamedOrBlankNode) -> Result<Vec<NamedNode>, RetrieverError> {
    let NamedOrBlankNode::NamedNode(node) = named else {
        return Ok(Vec::new());
    };
    let is_used = |predicate: &NamedNode| {
        let mut facts = snapshot.quads(None, Some(predicate.as_ref()), None, None);
        facts.next().is_some()
    };
    let mut found = vec![node.clone()];
    // Its predicates of other kinds lead to statements and to what these say.
    let direct = vocab::wikibase::DIRECT_CLAIM;
    for quad in snapshot.quads(Some(node.as_ref().into()), Some(direct), None, None) {
        if let Term::NamedNode(predicate) = quad?.object {
            found.push(predicate);
        }
    }
    found.retain(is_used);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predicates_are_known_by_their_names() {
        let mut conventions = Conventions::default();
        conventions.note("http://x/colour");
        assert!(conventions.is_standard());
        conventions.note("http://x/instanceOf");
        conventions.note("http://x/subclass_of");
        assert!(conventions.is_typing("http://x/instanceOf"));
        assert_eq!(conventions.widening().count(), 2);
        let closed = conventions.closed();
        assert!(closed.is_standard() && closed.widening().count() == 2);
    }

    #[test]
    fn classes_are_asked_for_by_the_ways_in_which_they_are_told() {
        let mut conventions = Conventions::default();
        conventions.tell("http://x/A", "http://x/p".into());
        conventions.tell("http://x/B", "http://x/p".into());
        let classes = |names: &[&str]| -> Vec<String> {
            names
                .iter()
                .map(|name| format!("http://x/{name}"))
                .collect()
        };
        assert_eq!(
            conventions.predicates_of(&classes(&["A", "B"])),
            ["http://x/p"]
        );
        let both = classes(&["C", "A", "B"]);
        let ways = conventions.predicates_of(&both);
        assert_eq!(ways, ["http://x/p", vocab::rdf::TYPE.as_str()]);
    }
}
