//! Predicates that say again what another one says: `directedBy` beside `director`.
//!
//! All facts of the one are facts of the other as well, and their names have a word in common or words that stand for each
//! other. The fuller one is then asked for by the names of both, and the other one serves where the fuller one lacks a
//! fact.

use std::collections::{HashMap, HashSet};

use kg_store::Snapshot;
use kg_store::rdf::{NamedNode, Term};

use super::{Phrase, Predicate};
use crate::RetrieverError;
use crate::text;
use crate::thesaurus::{self, Word};

/// Facts of a predicate that are looked up.
const SAMPLED: u32 = 100;
/// Facts of a predicate that are passed through for these, and those of one object that count.
const LOOKED_AT: usize = 2_000;
const MOST_OF_ONE: u32 = 5;
/// A predicate with fewer facts may share them with another one by chance.
const LEAST_FACTS: u64 = 5;
/// This share of its facts are those of the other one too.
const SHARED: f64 = 0.98;
/// Words this alike stand for each other.
const ALIKE: f64 = 0.85;
/// A word is composed of another one when they are this alike: "birthplace" of "place".
const COMPOSED: f64 = 0.75;

/// Marks the duplicates among the predicates, and lends their names to those that they repeat.
pub(super) fn mark(
    snapshot: &Snapshot,
    predicates: &mut [Predicate],
    number_of: &HashMap<String, usize>,
) -> Result<(), RetrieverError> {
    let mut found = Vec::new();
    for number in 0..predicates.len() {
        if let Some(fuller) = repeated(snapshot, predicates, number, number_of)? {
            predicates[number].duplicate = true;
            found.push((number, fuller));
        }
    }
    for (number, fuller) in found {
        let lent = predicates[number].names_by_side().0.to_vec();
        let names = &mut predicates[fuller].names;
        for name in lent {
            if !names.iter().any(|known| known.text == name.text) {
                let place = names.partition_point(|name| !name.inverse);
                names.insert(place, name);
            }
        }
    }
    Ok(())
}

/// The predicate that a predicate repeats.
fn repeated(
    snapshot: &Snapshot,
    predicates: &[Predicate],
    number: usize,
    number_of: &HashMap<String, usize>,
) -> Result<Option<usize>, RetrieverError> {
    let own = &predicates[number];
    if own.facts < LEAST_FACTS || own.objects.nodes < own.facts {
        return Ok(None);
    }
    let (mut shared, mut seen) = (HashMap::<usize, u32>::new(), 0_u32);
    let iri = NamedNode::new_unchecked(&own.iri);
    let facts = snapshot.quads(None, Some(iri.as_ref()), None, None);
    let mut same: HashMap<Term, u32> = HashMap::new();
    for fact in facts.take(LOOKED_AT) {
        let fact = fact?;
        let (subject, object): (_, Term) = (fact.subject, fact.object);
        // All firms of one country have their seat there.
        let times = same.entry(object.clone()).or_default();
        *times += 1;
        if *times > MOST_OF_ONE {
            continue;
        }
        seen += 1;
        if seen > SAMPLED {
            break;
        }
        // A fact may stand in several graphs.
        let mut others = HashSet::new();
        for other in snapshot.quads(Some(subject.as_ref()), None, Some(object.as_ref()), None) {
            others.extend(number_of.get(other?.predicate.as_str()).copied());
        }
        others.remove(&number);
        for other in others {
            *shared.entry(other).or_default() += 1;
        }
        if shared.is_empty() {
            return Ok(None);
        }
    }
    let fuller = |other: &usize| {
        let other = *other;
        let more = predicates[other].facts > own.facts
            || (predicates[other].facts == own.facts && other < number);
        more && !predicates[other].duplicate && say_the_same(own, &predicates[other])
    };
    let all = f64::from(seen.min(SAMPLED)) * SHARED;
    let mut found: Vec<usize> = shared
        .into_iter()
        .filter(|(other, count)| f64::from(*count) >= all && fuller(other))
        .map(|(other, _)| other)
        .collect();
    found.sort_unstable();
    Ok(found.first().copied())
}

/// Whether some word in the head of a name of the one stands for one of the other.
pub(crate) fn say_the_same(a: &Predicate, b: &Predicate) -> bool {
    let heads = |of: &Predicate| -> Vec<(String, String)> {
        let names = of.names_by_side().0.iter();
        // A "number of pages" is one of pages.
        let head = |name: &Phrase| match name.counted_from() {
            Some(from) => from..name.tokens.len(),
            None => 0..name.head,
        };
        let words = names.flat_map(|name: &Phrase| &name.tokens[head(name)]);
        words
            .filter(|word| !text::is_function_word(&word.text))
            .map(|word| (word.text.clone(), word.stem.clone()))
            .collect()
    };
    let (a, b) = (heads(a), heads(b));
    a.iter().any(|(own, stem)| {
        b.iter().any(|(other, other_stem)| {
            stem == other_stem
                || Word::of(own).likeness(&Word::of(other)) >= ALIKE
                || thesaurus::compound(own, other) >= COMPOSED
        })
    })
}
