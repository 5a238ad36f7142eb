//! Which predicates of a knowledge base's own name its things: "agent name", "policy number", "also known as".
//!
//! A database that is mapped to RDF has columns for it rather than `rdfs:label`. A predicate names things where it is
//! declared to be below a standard label, or where it is called a name or a code, has one value each as a rule, most of them
//! once only, and half of the things of some class that lack a label have it. A given name and a family name of the same things
//! name them together. What is called an alias gives aliases, and so does a plain name or title beside a label.

mod called;

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use kg_store::rdf::{
    Literal, LiteralKind, NamedNode, NamedNodeRef, NamedOrBlankNode, literal_kind,
};
use kg_store::{Naming, Snapshot, local_name};

use super::spelling::Spelling;
use crate::RetrieverError;
use crate::conventions::SUB_PROPERTY;
use called::{Sort, is_title, sort};

/// Predicates that name things at the most.
const MOST: usize = 128;
/// How many of the values of a name must be different, and of the things of a class must have one.
const DISTINCT_NAMES: f64 = 0.8;
const HAVING_NAMES: f64 = 0.5;
/// The same for a code, which by its nature is another one for each thing.
const DISTINCT_CODES: f64 = 0.99;
const HAVING_CODES: f64 = 0.8;
/// Things of a class at the least that show how they are named.
const LEAST: u64 = 3;
/// Titles of one thing that are looked for in its label.
const MOST_TITLES: usize = 8;
/// Values of one predicate that are compared.
const COMPARED: usize = 200_000;
/// Of the things that have facts, this share has such a name at least where it counts as a name that others lack.
const SHARE_NAMED: f64 = 0.2;

/// The values of one predicate on things without a label.
struct Use {
    sort: Sort,
    /// Words of its name that say more than that it is one.
    further: usize,
    values: u64,
    compared: u64,
    distinct: HashSet<u64>,
    things: u64,
    having: HashMap<u32, u64>,
    /// Values that stand in the label of their thing.
    within: u64,
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
    declared: HashSet<String>,
    sorts: HashMap<String, Option<(Sort, usize)>>,
    uses: HashMap<String, Use>,
    lacking: HashMap<u32, Lacking>,
    /// Names of the thing that is being read.
    own: Vec<(String, u64)>,
    /// Titles of that thing, which may stand in its label.
    titles: Vec<(String, String)>,
    /// Plain names of things that have a label, and other names.
    beside: HashMap<String, Use>,
    /// Things without a label that have a name or a code.
    told: u64,
    /// Things that were counted, where the same one may come again.
    seen: HashSet<u64>,
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
                    found.declared.insert(node.into_string());
                }
            }
        }
        Ok(found)
    }

    /// Notes a value of the thing that is being read.
    pub(super) fn note(
        &mut self,
        snapshot: &Snapshot,
        spelling: &Spelling,
        predicate: &NamedNode,
        value: &Literal,
    ) -> Result<(), RetrieverError> {
        let iri = predicate.as_str();
        let sort = match self.sorts.get(iri) {
            Some(sort) => *sort,
            None => {
                let sort = if self.declared.contains(iri) {
                    Some((Sort::Declared, 0))
                } else {
                    let label = snapshot.label(predicate.as_ref(), &["en"])?;
                    let derived = !snapshot.is_named(predicate.as_ref())?;
                    let spelt = spelling.spelt_out(&label).filter(|_| derived);
                    // The column "airline" of a table of airlines.
                    let own = || spelling.is_class(&label).then_some((Sort::Name, 1));
                    sort(spelt.as_deref().unwrap_or(&label)).or_else(own)
                };
                self.sorts.insert(iri.to_owned(), sort);
                sort
            }
        };
        // A population is no name of the node that tells it, whose "number" it is.
        let amount =
            sort == Some((Sort::Number, 0)) && literal_kind(value.as_ref()) == LiteralKind::Number;
        if sort == Some((Sort::Name, 0)) && is_title(iri) && self.titles.len() < MOST_TITLES {
            self.titles.push((iri.to_owned(), value.value().to_owned()));
        }
        if sort.is_some() && !amount {
            let value = self.hasher.hash_one(value.value());
            self.own.push((iri.to_owned(), value));
        }
        Ok(())
    }

    /// Whether a predicate gives codes, which are no numbers even where they have nothing but digits.
    pub(super) fn is_code(&self, predicate: &str) -> bool {
        matches!(self.sorts.get(predicate), Some(Some((Sort::Code, _))))
    }

    /// Counts the thing that has been read, unless it has a label or no IRI. Where there are `several` graphs, each of
    /// which may tell of it, its label is looked for in all of them, and it counts once.
    pub(super) fn count(
        &mut self,
        snapshot: &Snapshot,
        thing: &str,
        (labelled, several): (bool, bool),
        classes: &[u32],
    ) -> Result<(), RetrieverError> {
        let own = std::mem::take(&mut self.own);
        let titles = std::mem::take(&mut self.titles);
        if thing.is_empty() || thing.starts_with("_:") {
            return Ok(());
        }
        self.note_beside(&own, labelled);
        if labelled {
            if !titles.is_empty() {
                let label = snapshot.label(NamedNodeRef::new_unchecked(thing), &["en"])?;
                for (iri, _) in titles.iter().filter(|(_, title)| label.contains(title)) {
                    self.beside
                        .entry(iri.clone())
                        .and_modify(|used| used.within += 1);
                }
            }
            return Ok(());
        }
        if several {
            let again = !self.seen.insert(self.hasher.hash_one(thing));
            if again || snapshot.is_named(NamedNodeRef::new_unchecked(thing))? {
                return Ok(());
            }
        }
        let classes = if classes.is_empty() {
            &[NO_CLASS]
        } else {
            classes
        };
        // Nor are keys of rows words: "airportcode=LHR".
        let readable = !local_name(thing).contains(|c: char| c.is_ascii_digit() || c == '=');
        for class in classes {
            let lacking = self.lacking.entry(*class).or_default();
            lacking.things += 1;
            lacking.readable += u64::from(readable);
        }
        let (mut seen, mut any) = (HashSet::new(), false);
        for (iri, value) in own {
            let Some(Some((sort, further))) = self.sorts.get(&iri) else {
                continue;
            };
            any |= !matches!(sort, Sort::Alias | Sort::Other | Sort::Given);
            let found = self.uses.entry(iri.clone());
            let found = found.or_insert_with(|| Use::new(*sort, *further));
            found.note(value);
            if seen.insert(iri) {
                found.things += 1;
                for class in classes {
                    *found.having.entry(*class).or_default() += 1;
                }
            }
        }
        self.told += u64::from(any);
        Ok(())
    }

    /// Counts the names of a thing that may be others than its first one.
    fn note_beside(&mut self, own: &[(String, u64)], labelled: bool) {
        let mut seen = HashSet::new();
        for (iri, value) in own {
            let sort = match self.sorts.get(iri) {
                Some(Some((Sort::Name, 0))) if labelled => Sort::Name,
                Some(Some((Sort::Other, _))) => Sort::Other,
                _ => continue,
            };
            let used = self.beside.entry(iri.clone());
            let used = used.or_insert_with(|| Use::new(sort, 0));
            used.note(*value);
            used.things += u64::from(seen.insert(iri));
        }
    }

    /// The predicates that name things, and whether what has neither label nor such a name is nameless, of so many things
    /// that have facts.
    pub(super) fn decide(&self, things: u64) -> (Arc<Naming>, bool) {
        let aliases = self.aliases();
        let mut found: Vec<(&String, &Use)> = self
            .uses
            .iter()
            .filter(|(_, used)| used.names(&self.lacking))
            .collect();
        found.sort_by(|(a, x), (b, y)| {
            // A plain "name" before that of somebody's father.
            let order = x.sort.cmp(&y.sort).then(x.further.cmp(&y.further));
            order.then(y.things.cmp(&x.things)).then(a.cmp(b))
        });
        found.truncate(MOST);
        let full = self.full();
        let named = !(found.is_empty() && full.is_empty())
            && self.told as f64 >= SHARE_NAMED * things as f64;
        let names = found
            .iter()
            .filter(|(_, used)| matches!(used.sort, Sort::Declared | Sort::Name))
            .count();
        let labels = found.iter().map(|(iri, _)| NamedNode::new_unchecked(*iri));
        let naming = Naming {
            labels: labels.collect(),
            full,
            names,
            aliases,
        };
        (Arc::new(naming), named)
    }

    /// What is called an alias, and the plain names of things that have a label as well.
    fn aliases(&self) -> Vec<NamedNode> {
        let called = self.sorts.iter();
        let called = called.filter(|(_, sort)| matches!(sort, Some((Sort::Alias, _))));
        // A title of somebody's may be any text; that of a work stands in how it is cited.
        let cited = |iri: &str, used: &Use| !is_title(iri) || used.within * 2 >= used.values;
        let names = |(iri, used): &(&String, &Use)| {
            let single = used.sort == Sort::Other || (used.is_single() && cited(iri, used));
            used.things >= LEAST && single && used.tells_apart(DISTINCT_NAMES)
        };
        let beside = self.beside.iter().filter(names);
        let (mut found, mut further): (Vec<&String>, Vec<&String>) = (
            called.map(|(iri, _)| iri).collect(),
            beside.map(|(iri, _)| iri).collect(),
        );
        found.sort_unstable();
        further.sort_unstable();
        let all = found.into_iter().chain(further).take(MOST);
        all.map(NamedNode::new_unchecked).collect()
    }

    /// Given names with the family names of the same things.
    fn full(&self) -> Vec<[NamedNode; 2]> {
        let mut found = Vec::new();
        let mut classes: Vec<&u32> = self.lacking.keys().collect();
        classes.sort_unstable();
        for class in classes {
            let of = |wanted: Sort| {
                let uses = self.uses.iter().filter(|(_, used)| {
                    used.sort == wanted && used.is_single() && used.is_of(*class, &self.lacking)
                });
                uses.min_by_key(|(iri, used)| (used.further, *iri))
            };
            // "Contact first name" and "last name" are not of one and the same.
            let whose = |(iri, used): &(&String, &Use)| {
                let name = local_name(iri);
                let own = name.split(' ').next().unwrap_or_default().to_owned();
                (
                    used.further,
                    if used.further > 0 { own } else { String::new() },
                )
            };
            let pair = of(Sort::Given).zip(of(Sort::Family));
            if let Some(((given, _), (family, _))) = pair.filter(|(a, b)| whose(a) == whose(b)) {
                let parts = [given, family].map(NamedNode::new_unchecked);
                if found.len() < MOST && !found.contains(&parts) {
                    found.push(parts);
                }
            }
        }
        found
    }
}

impl Use {
    fn new(sort: Sort, further: usize) -> Self {
        Self {
            sort,
            further,
            values: 0,
            compared: 0,
            distinct: HashSet::new(),
            things: 0,
            having: HashMap::new(),
            within: 0,
        }
    }

    /// Counts a value.
    fn note(&mut self, value: u64) {
        self.values += 1;
        let compares = !matches!(
            self.sort,
            Sort::Declared | Sort::Alias | Sort::Given | Sort::Family
        );
        if compares && self.distinct.len() < COMPARED {
            self.compared += 1;
            self.distinct.insert(value);
        }
    }

    /// Whether its values are different ones, as far as they must be.
    fn tells_apart(&self, share: f64) -> bool {
        self.distinct.len() as f64 >= share * self.compared as f64
    }

    /// Whether it names the things of some class.
    fn names(&self, lacking: &HashMap<u32, Lacking>) -> bool {
        let distinct = match self.sort {
            Sort::Declared => return true,
            Sort::Alias | Sort::Other | Sort::Given | Sort::Family => return false,
            Sort::Name => DISTINCT_NAMES,
            Sort::Number | Sort::Code => DISTINCT_CODES,
        };
        let mut classes = self.having.keys();
        self.is_single()
            && self.tells_apart(distinct)
            && classes.any(|class| self.is_of(*class, lacking))
    }

    /// Whether nearly all things that have it have one value.
    fn is_single(&self) -> bool {
        self.values * 10 <= self.things * 12
    }

    /// Whether so many things of a class have it as must have what names them.
    fn is_of(&self, class: u32, lacking: &HashMap<u32, Lacking>) -> bool {
        let all = lacking.get(&class).copied().unwrap_or_default();
        let had = self.having.get(&class).copied().unwrap_or(0);
        // What is called by its IRI is not called by a number, nor by any but a plain name.
        let known = (self.sort != Sort::Name || self.further > 0) && all.readable * 2 >= all.things;
        let having = match self.sort {
            Sort::Number | Sort::Code => HAVING_CODES,
            _ => HAVING_NAMES,
        };
        all.things >= LEAST && !known && had as f64 >= having * all.things as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Things of one class with some values of a predicate.
    fn used(sort: Sort, values: &[u64], lacking: u64) -> bool {
        let mut used = Use::new(sort, 1);
        values.iter().for_each(|value| used.note(*value));
        used.things = values.len() as u64;
        used.having = HashMap::from([(7, values.len() as u64)]);
        let lacking = Lacking {
            things: lacking,
            readable: 0,
        };
        used.names(&HashMap::from([(7, lacking)]))
    }

    #[test]
    fn what_names_things_tells_them_apart() {
        assert!(used(Sort::Name, &[1, 2, 3, 4, 4], 5));
        assert!(!used(Sort::Name, &[1, 1, 1, 2], 4));
        assert!(!used(Sort::Name, &[1, 2, 3, 4], 9));
        assert!(used(Sort::Code, &[1, 2, 3, 4], 4));
        assert!(!used(Sort::Code, &[1, 2, 3, 3], 4));
        assert!(used(Sort::Declared, &[1, 1, 1], 90));
    }
}
