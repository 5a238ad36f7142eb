//! What a knowledge base is made of: its predicates and classes, their names and their usage.
//!
//! Everything that the retriever knows of a domain comes from here, that is, from the knowledge base
//! itself. No predicate, class or domain is named in code, but for the vocabularies that RDF itself is
//! described with, and the one by which a Wikibase ties its properties to their predicates.

mod build;
mod duplicates;
mod naming;
mod phrasings;
mod profile;
mod reified;
mod usage;
mod values;
mod vectors;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use kg_store::rdf::{NamedNodeRef, Term, vocab};
use kg_store::{Change, Extent, Naming, Snapshot, Touched};

use crate::graph::Way;
use crate::text::{self, Token};
use crate::thesaurus::Word;
use crate::{Conventions, RetrieverError};

pub(crate) use duplicates::say_the_same;
pub(crate) use phrasings::is_phrasing;
pub use phrasings::{INVERSE_PHRASE, PHRASE};
pub(crate) use profile::is_nameless;
pub use reified::Reified;
pub use vectors::Vectors;
pub(crate) use vectors::cosine;

/// A name of a predicate or class, or another way to ask for it, ready to be compared.
#[derive(Clone, Debug)]
pub struct Phrase {
    /// The name as written.
    pub text: String,
    /// Its words.
    pub tokens: Vec<Token>,
    /// How much each word tells: long words more than short ones, rare ones more than those that many names have.
    pub weights: Vec<f64>,
    /// Words before this one are its head: "kind" of "kind of film".
    pub head: usize,
    /// Whether it asks for facts from the object's side, see [`INVERSE_PHRASE`].
    pub inverse: bool,
}

impl Phrase {
    pub(crate) fn new(text: &str) -> Self {
        let tokens = text::tokens(text);
        Self {
            text: text.to_owned(),
            weights: tokens.iter().map(|token| weight(token, 1.0)).collect(),
            head: head(text, &tokens),
            tokens,
            inverse: false,
        }
    }

    /// The chief word of its head: "kind" of "kind of film", "city" of "capital city".
    pub fn head_word(&self) -> Option<&Token> {
        self.tokens[..self.head].last()
    }

    /// Weighs the words anew; `rarity` is from 0 (every name has it) to 1.
    pub(crate) fn weigh(&mut self, rarity: impl Fn(&Token) -> f64) {
        self.weights = self
            .tokens
            .iter()
            .map(|token| weight(token, 0.4 + 0.6 * rarity(token)))
            .collect();
    }
}

/// Whether a word behind the noun for a measure only says how it is measured: "area total", "elevation m".
fn is_of_a_measure(word: &str) -> bool {
    word.chars().count() <= 2
        || matches!(
            word,
            "total" | "value" | "average" | "mean" | "maximum" | "minimum" | "max" | "min"
        )
}

/// Where the head of an English noun phrase ends: before its first preposition, or what is in brackets.
fn head(text: &str, tokens: &[Token]) -> usize {
    let bracket = text.find('(').unwrap_or(text.len());
    let outside = tokens.iter().filter(|token| token.start < bracket).count();
    let tokens = if outside > 0 {
        &tokens[..outside]
    } else {
        tokens
    };
    let preposition = |token: &Token| {
        matches!(
            token.text.as_str(),
            "of" | "in" | "by" | "for" | "from" | "at" | "to" | "on" | "with" | "as"
        )
    };
    let found = tokens.iter().skip(1).position(preposition);
    found.map_or(tokens.len(), |before| before + 1)
}

fn weight(token: &Token, rarity: f64) -> f64 {
    if text::is_function_word(&token.text) && !text::is_kind(&token.text) {
        0.25
    } else {
        (token.text.chars().count() as f64).sqrt() * rarity
    }
}

/// What the objects of a predicate are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Objects {
    /// IRIs and blank nodes.
    pub nodes: u64,
    /// Numbers.
    pub numbers: u64,
    /// Dates, times and years.
    pub times: u64,
    /// Other literals.
    pub texts: u64,
    /// Whole numbers that may be years.
    pub years: u64,
}

/// A text that many things have as their value of a predicate: "left-handed", "gas".
#[derive(Clone, Debug)]
pub struct Value {
    /// The text, ready to be compared.
    pub phrase: Phrase,
    /// The literal, as SPARQL writes it.
    pub term: String,
}

/// A predicate and how it is used.
#[derive(Clone, Debug)]
pub struct Predicate {
    /// The IRI.
    pub iri: String,
    /// The label.
    pub label: String,
    /// The label, the other names and the phrases; last those that ask from the object's side.
    pub names: Vec<Phrase>,
    /// Facts that use it.
    pub facts: u64,
    /// Subjects that have it.
    pub subjects: u64,
    /// What its objects are.
    pub objects: Objects,
    /// Classes of its subjects, as told of the subjects or declared by `rdfs:domain`.
    pub domain: HashMap<usize, u64>,
    /// Classes of its objects, as told of the objects or declared by `rdfs:range`.
    pub range: HashMap<usize, u64>,
    /// Classes declared by `rdfs:domain`.
    pub declared_domain: Vec<usize>,
    /// Whether the knowledge base says that all values are stated, see [`COMPLETE`].
    pub complete: bool,
    /// Its values, where they are a few texts that many things share; truth values among them.
    pub values: Vec<Value>,
    /// Numbers, dates and the like of the nameless nodes that it leads to: values with their units, statements.
    pub through: Vec<usize>,
    /// Whether another predicate says all that it says.
    pub duplicate: bool,
    /// What leads on from the nameless nodes that it joins things with: from its objects, and from its subjects.
    pub behind: [Vec<(usize, Way)>; 2],
    /// Labels of the predicates that its subjects have most, and its objects: what kind of thing they are, where
    /// no class says so.
    pub profiles: [String; 2],
}

impl Predicate {
    /// The names, and apart from them the phrases that ask from the object's side.
    pub fn names_by_side(&self) -> (&[Phrase], &[Phrase]) {
        self.names
            .split_at(self.names.partition_point(|name| !name.inverse))
    }

    /// The classes of what its facts lead to, read this way, with how many facts each has.
    pub fn classes_at(&self, way: Way) -> &HashMap<usize, u64> {
        match way {
            Way::Forward => &self.range,
            Way::Inverse => &self.domain,
        }
    }

    /// What leads on from the nameless nodes that its facts lead to, read this way.
    pub fn behind(&self, way: Way) -> &[(usize, Way)] {
        match way {
            Way::Forward => &self.behind[0],
            Way::Inverse => &self.behind[1],
        }
    }

    /// Whether the nameless nodes that it leads to hold a value, with its unit at the most, and stand for nothing else.
    pub fn leads_to_values(&self, of: &Catalog) -> bool {
        let nodes = |number: usize| of.predicates()[number].objects.nodes > 0;
        let further = self.behind(Way::Forward).iter();
        let things = further.filter(|(number, way)| *way == Way::Forward && nodes(*number));
        self.through.len() == 1 && things.count() < 2
    }

    /// Whether it leads from what is only another name of a thing to that thing, as its own name says.
    fn redirects(&self) -> bool {
        let names = self.names_by_side().0.iter();
        let leads = |name: &Phrase| {
            let mut words = name.tokens.iter();
            let from = name.tokens.iter().any(|word| word.text == "from");
            !from && words.any(|word| word.stem == "redirect")
        };
        self.objects.nodes * 2 > self.facts && names.into_iter().any(leads)
    }

    /// Whether most of its objects are numbers.
    pub fn is_numeric(&self) -> bool {
        self.objects.numbers * 2 > self.facts
    }

    /// Whether most of its objects are dates, times or years.
    pub fn is_temporal(&self) -> bool {
        self.objects.times * 2 > self.facts
    }

    /// Whether it tells when something was: as a date, or as the number of a year, of which "founded" tells as "year
    /// of birth" does.
    pub fn tells_a_time(&self) -> bool {
        self.is_temporal() || self.is_named("year") || self.tells_years()
    }

    /// Whether its values are numbers of years, though no name says so.
    fn tells_years(&self) -> bool {
        let happens = |name: &Phrase| {
            let mut words = name.tokens.iter().map(|token| token.text.as_str());
            words.any(|word| {
                let known = Word::of(word);
                matches!(word, "date" | "since" | "until" | "start" | "end")
                    || (known.is_participle(word) && word.ends_with("ed"))
            })
        };
        self.is_numeric()
            && self.objects.years == self.objects.numbers
            && self.names_by_side().0.iter().any(happens)
    }

    /// Whether a word, in its base form, is one of its names' words.
    pub fn is_named(&self, word: &str) -> bool {
        let mut words = self.names.iter().flat_map(|name| &name.tokens);
        words.any(|token| token.text == word)
    }

    /// Whether a word names what it tells, in whatever form: "date of birth" tells of a birth as well, but the density of
    /// a population is no population.
    pub fn is_called(&self, word: &str) -> bool {
        let stem = text::stem(word);
        let measure = self.is_numeric() && !self.tells_a_time();
        self.names.iter().any(|name| {
            let mut head = name.tokens[..name.head].iter().rev();
            match head.find(|token| !is_of_a_measure(&token.text)) {
                Some(chief) if measure => chief.stem == stem,
                _ => name.tokens.iter().any(|token| token.stem == stem),
            }
        })
    }

    /// Whether nearly each subject has one value.
    pub fn is_functional(&self) -> bool {
        self.facts * 100 <= self.subjects * 102
    }
}

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
}

impl Class {
    /// The chief word of its label.
    pub fn noun(&self) -> Option<Rc<Word>> {
        let head = self.names.first().and_then(Phrase::head_word)?;
        Some(Word::of(&head.text))
    }
}

/// The predicate that tells that two IRIs stand for one thing.
pub const SAME_AS: &str = "http://www.w3.org/2002/07/owl#sameAs";

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
    classes: Vec<Class>,
    class_of: HashMap<String, usize>,
    /// Predicates that lead from what is only another name of a thing to that thing.
    redirects: Vec<String>,
    reified: Option<Reified>,
    /// Whether things are told to be the same as others that have a name here.
    twins: bool,
    conventions: Conventions,
    labelled: bool,
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

    /// The number of a predicate; none for those that name and describe things.
    pub fn predicate(&self, iri: &str) -> Option<usize> {
        self.predicate_of.get(iri).copied()
    }

    /// Whether an IRI is that of a predicate, with facts of its own or as the inverse of another one.
    pub fn is_predicate(&self, iri: &str) -> bool {
        self.predicate_of.contains_key(iri) || self.inverses.contains(iri)
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
        self.labelled
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

/// Whether a thing is a property of a Wikibase, which names predicates.
fn is_property(snapshot: &Snapshot, node: NamedNodeRef<'_>) -> bool {
    vocab::wikibase::PREDICATES.iter().any(|kind| {
        let mut claims = snapshot.quads(Some(node.into()), Some(*kind), None, None);
        claims.next().is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_end_before_brackets_and_prepositions() {
        let head = |text: &str| Phrase::new(text).head_word().map(|word| word.text.clone());
        assert_eq!(head("height (m)").as_deref(), Some("height"));
        assert_eq!(head("area in square kilometres").as_deref(), Some("area"));
        assert_eq!(head("(old) name").as_deref(), Some("name"));
        assert_eq!(head("capital city").as_deref(), Some("city"));
    }
}
