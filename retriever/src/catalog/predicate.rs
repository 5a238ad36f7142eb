//! Predicates, and how a knowledge base uses them.

use std::collections::HashMap;

use super::Catalog;
use super::phrase::{Phrase, is_of_a_measure};
use crate::graph::Way;
use crate::text;
use crate::thesaurus::Word;

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

/// So many things at the least show that all have the same number.
const LEAST_CONSTANT: u64 = 20;

/// A predicate and how it is used.
#[derive(Clone, Debug, Default)]
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
    /// Whether its objects are a few nodes that a great many things have: sexes, units.
    pub of_few: bool,
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
    /// The unit of its values, or of those in the nodes that it leads to, where they have one.
    pub unit: Option<String>,
    /// The least and the greatest of its numbers, as far as they were counted.
    pub extent: Option<[f64; 2]>,
    /// Whether it gives the names that things without labels are called by.
    pub naming: bool,
    /// Whether its values are codes, which are no numbers to compare with.
    pub code: bool,
    /// Whether another predicate says all that it says.
    pub duplicate: bool,
    /// Whether it tells in texts what another predicate of its name tells by things, numbers or days.
    pub rough: bool,
    /// What leads on from the nameless nodes that it joins things with: from its objects, and from its subjects.
    pub behind: [Vec<(usize, Way)>; 2],
    /// Labels of the predicates that its subjects have most, and its objects: what kind of thing they are, where
    /// no class says so.
    pub profiles: [String; 2],
}

impl Predicate {
    /// The predicate of the facts themselves, where only some of them count.
    pub(crate) fn told_by(&self) -> &str {
        super::narrowed::of(&self.iri)
    }

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

    /// Whether most of its objects are things.
    pub fn is_of_things(&self) -> bool {
        self.objects.nodes * 2 > self.facts
    }

    /// Whether most of its objects are numbers, and no codes.
    pub fn is_numeric(&self) -> bool {
        !self.code && self.objects.numbers * 2 > self.facts
    }

    /// Whether a number lies within its own, or none are known.
    pub fn reaches(&self, number: f64) -> bool {
        self.extent
            .is_none_or(|[least, most]| (least..=most).contains(&number))
    }

    /// Whether it tells all things one and the same number: the best rating that can be given.
    pub fn is_constant(&self) -> bool {
        let constant = self.extent.is_some_and(|[least, most]| least == most);
        constant && self.is_numeric() && self.facts >= LEAST_CONSTANT
    }

    /// Whether it gives each thing a number of its own: "flight number", but not "number of flights".
    pub fn numbers_things(&self) -> bool {
        self.names.iter().any(|name| {
            let head = name.head_word().map(|word| word.text.as_str());
            matches!(head, Some("number" | "no")) && name.head == name.tokens.len()
        })
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
