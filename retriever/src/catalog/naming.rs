//! Which predicates of a knowledge base's own name its things: "agent name", "policy number", "also known as".
//!
//! A database that is mapped to RDF has columns for it rather than `rdfs:label`. A predicate names things where it is
//! declared to be below a standard label, or where it is called a name or a code, has one value each, hardly any of them
//! twice, and nearly all things of some class that lack a label have it. What is called an alias gives aliases.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use kg_store::rdf::{Literal, NamedNode, NamedNodeRef, NamedOrBlankNode};
use kg_store::{Naming, Snapshot, local_name};

use super::Phrase;
use crate::RetrieverError;

const SUB_PROPERTY: &str = "http://www.w3.org/2000/01/rdf-schema#subPropertyOf";
/// Predicates that name things at the most.
const MOST: usize = 32;
/// How many of the values of a name must be different, and of the things of a class must have one.
const DISTINCT_NAMES: f64 = 0.6;
const HAVING_NAMES: f64 = 0.8;
/// The same for a code, which by its nature is another one for each thing.
const DISTINCT_CODES: f64 = 0.99;
const HAVING_CODES: f64 = 0.95;
/// Things of a class at the least that show how they are named.
const LEAST: u64 = 3;
/// Of the things that have facts, this share has such a name at least where it counts as a name that others lack.
const SHARE_NAMED: f64 = 0.2;

/// What a predicate may be for things, by its own name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Declared,
    Name,
    Code,
    Alias,
}

/// The values of one predicate on things without a label.
struct Use {
    sort: Sort,
    values: u64,
    distinct: HashSet<u64>,
    things: u64,
    having: HashMap<u32, u64>,
}

/// The class of what is of none.
const NO_CLASS: u32 = u32::MAX;

/// Things of a class that have no label.
#[derive(Clone, Copy, Default)]
struct Lacking {
    things: u64,
    /// Those whose IRIs end in words rather than in numbers.
    readable: u64,
}

/// Counts by which predicates things without a label are told apart.
#[derive(Default)]
pub(super) struct Names {
    hasher: RandomState,
    declared: Vec<String>,
    sorts: HashMap<String, Option<Sort>>,
    uses: HashMap<String, Use>,
    lacking: HashMap<u32, Lacking>,
    /// Names of the thing that is being read.
    own: Vec<(String, u64)>,
}

impl Names {
    /// Reads which predicates are declared to be labels.
    pub(super) fn find(snapshot: &Snapshot) -> Result<Self, RetrieverError> {
        let mut found = Self::default();
        let below = NamedNodeRef::new_unchecked(SUB_PROPERTY);
        for standard in kg_store::rdf::labels() {
            for quad in snapshot.quads(None, Some(below), Some(standard.into()), None) {
                if let NamedOrBlankNode::NamedNode(node) = quad?.subject
                    && !kg_store::rdf::is_naming(node.as_str())
                {
                    found.declared.push(node.into_string());
                }
            }
        }
        Ok(found)
    }

    /// Notes a value of the thing that is being read.
    pub(super) fn note(
        &mut self,
        snapshot: &Snapshot,
        predicate: &NamedNode,
        value: &Literal,
    ) -> Result<(), RetrieverError> {
        let iri = predicate.as_str();
        let sort = match self.sorts.get(iri) {
            Some(sort) => *sort,
            None => {
                let sort = if self.declared.iter().any(|declared| declared == iri) {
                    Some(Sort::Declared)
                } else {
                    sort(&snapshot.label(predicate.as_ref(), &["en"])?)
                };
                self.sorts.insert(iri.to_owned(), sort);
                sort
            }
        };
        if sort.is_some() {
            let value = self.hasher.hash_one(value.value());
            self.own.push((iri.to_owned(), value));
        }
        Ok(())
    }

    /// Whether a predicate gives codes, which are no numbers even where they have nothing but digits.
    pub(super) fn is_code(&self, predicate: &str) -> bool {
        matches!(self.sorts.get(predicate), Some(Some(Sort::Code)))
            && !local_name(predicate).to_lowercase().ends_with("number")
    }

    /// Counts the thing that has been read, unless it has a label or no IRI.
    pub(super) fn count(&mut self, thing: &str, labelled: bool, classes: &[u32]) {
        let own = std::mem::take(&mut self.own);
        if labelled || thing.is_empty() || thing.starts_with("_:") {
            return;
        }
        let classes = if classes.is_empty() {
            &[NO_CLASS]
        } else {
            classes
        };
        let readable = !local_name(thing).contains(|c: char| c.is_ascii_digit());
        for class in classes {
            let lacking = self.lacking.entry(*class).or_default();
            lacking.things += 1;
            lacking.readable += u64::from(readable);
        }
        let mut seen = HashSet::new();
        for (iri, value) in own {
            let Some(Some(sort)) = self.sorts.get(&iri) else {
                continue;
            };
            let found = self.uses.entry(iri.clone()).or_insert_with(|| Use {
                sort: *sort,
                values: 0,
                distinct: HashSet::new(),
                things: 0,
                having: HashMap::new(),
            });
            found.values += 1;
            found.distinct.insert(value);
            if seen.insert(iri) {
                found.things += 1;
                for class in classes {
                    *found.having.entry(*class).or_default() += 1;
                }
            }
        }
    }

    /// The predicates that name things, and whether what has neither label nor such a name is nameless, of so many things
    /// that have facts.
    pub(super) fn decide(self, things: u64) -> (Arc<Naming>, bool) {
        let called = |wanted: Sort| {
            let sorts = self.sorts.iter();
            let mut found: Vec<NamedNode> = sorts
                .filter(|(_, sort)| **sort == Some(wanted))
                .map(|(iri, _)| NamedNode::new_unchecked(iri))
                .collect();
            found.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
            found.truncate(MOST);
            found
        };
        let aliases = called(Sort::Alias);
        let lacking = self.lacking;
        let mut found: Vec<(&String, &Use)> = self
            .uses
            .iter()
            .filter(|(_, used)| used.names(&lacking))
            .collect();
        found.sort_by(|(a, x), (b, y)| {
            let order = x.sort.cmp(&y.sort).then(y.things.cmp(&x.things));
            order.then(a.cmp(b))
        });
        found.truncate(MOST);
        let named = found.iter().map(|(_, used)| used.things).max().unwrap_or(0);
        let share = named as f64 >= SHARE_NAMED * things as f64;
        let labels = found.iter().map(|(iri, _)| NamedNode::new_unchecked(*iri));
        let labels = labels.collect();
        (Arc::new(Naming { labels, aliases }), named > 0 && share)
    }
}

impl Use {
    /// Whether it names the things of some class.
    fn names(&self, lacking: &HashMap<u32, Lacking>) -> bool {
        let (distinct, having) = match self.sort {
            Sort::Declared => return true,
            Sort::Alias => return false,
            Sort::Name => (DISTINCT_NAMES, HAVING_NAMES),
            Sort::Code => (DISTINCT_CODES, HAVING_CODES),
        };
        let single = self.values * 100 <= self.things * 102;
        let apart = self.distinct.len() as f64 >= distinct * self.values as f64;
        let of_class = self.having.iter().any(|(class, had)| {
            let all = lacking.get(class).copied().unwrap_or_default();
            // What is called by its IRI is not called by a number.
            let known = self.sort == Sort::Code && all.readable * 2 >= all.things;
            all.things >= LEAST && !known && *had as f64 >= having * all.things as f64
        });
        single && apart && of_class
    }
}

/// What predicates are called that give aliases.
const ALIASES: [&str; 11] = [
    "alias",
    "aliases",
    "also known as",
    "aka",
    "alternate name",
    "alternative name",
    "other name",
    "short name",
    "abbreviation",
    "acronym",
    "synonym",
];

/// What a predicate of this name may be: a name, a code or an alias.
fn sort(label: &str) -> Option<Sort> {
    let phrase = Phrase::new(label);
    let words: Vec<&str> = phrase.tokens.iter().map(|t| t.text.as_str()).collect();
    if ALIASES.contains(&words.join(" ").as_str()) {
        return Some(Sort::Alias);
    }
    let partial = phrase.tokens.iter().any(|token| {
        matches!(
            token.text.as_str(),
            "first"
                | "last"
                | "given"
                | "family"
                | "middle"
                | "maiden"
                | "phone"
                | "telephone"
                | "fax"
        )
    });
    // "Number of employees" counts.
    let counts = phrase.head < phrase.tokens.len();
    match phrase.head_word()?.text.as_str() {
        _ if partial => None,
        "name" | "title" | "label" => Some(Sort::Name),
        "number" | "no" if counts => None,
        "number" | "no" | "code" | "id" | "identifier" | "key" | "reference" => Some(Sort::Code),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_codes_are_known_by_what_they_are_called() {
        assert_eq!(sort("agent Name"), Some(Sort::Name));
        assert_eq!(sort("name of the vessel"), Some(Sort::Name));
        assert_eq!(sort("policy number"), Some(Sort::Code));
        assert_eq!(sort("number of employees"), None);
        assert_eq!(sort("also known as"), Some(Sort::Alias));
        assert_eq!(sort("first name"), None);
        assert_eq!(sort("phone number"), None);
        assert_eq!(sort("colour"), None);
    }

    /// Things of one class with some values of a predicate.
    fn used(sort: Sort, values: &[u64], lacking: u64) -> bool {
        let used = Use {
            sort,
            values: values.len() as u64,
            distinct: values.iter().copied().collect(),
            things: values.len() as u64,
            having: HashMap::from([(7, values.len() as u64)]),
        };
        let lacking = Lacking {
            things: lacking,
            readable: 0,
        };
        used.names(&HashMap::from([(7, lacking)]))
    }

    #[test]
    fn what_names_things_tells_them_apart() {
        assert!(used(Sort::Name, &[1, 2, 3, 3], 4));
        assert!(!used(Sort::Name, &[1, 1, 1, 2], 4));
        assert!(!used(Sort::Name, &[1, 2, 3, 4], 8));
        assert!(used(Sort::Code, &[1, 2, 3, 4], 4));
        assert!(!used(Sort::Code, &[1, 2, 3, 3], 4));
        assert!(used(Sort::Declared, &[1, 1, 1], 90));
    }
}
