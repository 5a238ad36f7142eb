//! Predicates that say from the other side what another one says, where no axiom tells so: `influenced` beside `influencedBy`.
//!
//! Such pairs are often filled in part on one side. Where names and facts both speak for it, a question for the one is a question
//! for the facts of the other as well, and the one lends its names to the other's objects.

use std::collections::HashMap;

use kg_store::Snapshot;
use kg_store::rdf::{NamedNode, NamedNodeRef, NamedOrBlankNode, Term, TermRef};

use super::entailed::is_told;
use super::{Class, Predicate};
use crate::RetrieverError;
use crate::conventions::Entailing;
use crate::graph::Way;
use crate::text;

/// A predicate with fewer facts may be told from the other side by chance.
const LEAST_FACTS: u64 = 5;
/// Facts of a predicate that are looked up.
const SAMPLED: usize = 60;
/// Of so many predicates at the most; the time that it takes grows with them.
const MOST_PREDICATES: usize = 4_000;
/// This share of its facts is told from the other side where both are called by what they lead to.
const NEARLY_ALL: f64 = 0.95;
/// The same where both are called alike, and how many facts must be.
const SOME: f64 = 0.2;
const LEAST_SHARED: u32 = 3;
/// What has one value for each thing is no other side of what has this many times the facts.
const FULLER: f64 = 1.2;

/// What entails the facts of predicates beside themselves.
type Entailed = HashMap<String, Vec<Entailing>>;

/// Adds which predicates are the other sides of each other.
pub(super) fn add(
    snapshot: &Snapshot,
    classes: &[Class],
    (predicates, number_of): (&mut [Predicate], &HashMap<String, usize>),
    entailed: &mut Entailed,
) -> Result<(), RetrieverError> {
    if predicates.len() > MOST_PREDICATES {
        return Ok(());
    }
    let mut lent = Vec::new();
    for number in 0..predicates.len() {
        let own = &predicates[number];
        if own.facts < LEAST_FACTS || own.objects.nodes < own.facts {
            continue;
        }
        let (turned, seen) = turned(snapshot, own, number_of)?;
        for (other, shared) in turned {
            let fuller = &predicates[other];
            let share = f64::from(shared) / f64::from(seen.max(1));
            let alike = are_called_alike(own, fuller) && share >= SOME && shared >= LEAST_SHARED;
            let one = own.is_functional() && fuller.facts as f64 > FULLER * own.facts as f64;
            let ends = share >= NEARLY_ALL
                && !one
                && [own, fuller]
                    .iter()
                    .all(|one| is_called_by_end(one, classes));
            if other != number && (alike || ends) {
                note(snapshot, (&own.iri, &fuller.iri), entailed)?;
                lent.push((number, other));
            }
        }
    }
    for (from, to) in lent {
        let names = predicates[from].names_by_side().0.to_vec();
        let known = &mut predicates[to].names;
        for mut name in names {
            if !known.iter().any(|own| own.text == name.text) {
                name.inverse = true;
                known.push(name);
            }
        }
    }
    Ok(())
}

/// Notes that the facts of a predicate are told by those of another one, the other way round.
fn note(
    snapshot: &Snapshot,
    (own, by): (&str, &str),
    entailed: &mut Entailed,
) -> Result<(), RetrieverError> {
    let one = Entailing {
        predicate: by.to_owned(),
        way: Way::Inverse,
    };
    let known = entailed.entry(own.to_owned()).or_default();
    if !known.contains(&one) && !is_told(snapshot, &one, own)? {
        known.push(one);
    }
    if known.is_empty() {
        entailed.remove(own);
    }
    Ok(())
}

/// The predicates that tell some of the facts of one from the other side, with how many; and of how many facts.
fn turned(
    snapshot: &Snapshot,
    own: &Predicate,
    number_of: &HashMap<String, usize>,
) -> Result<(Vec<(usize, u32)>, u32), RetrieverError> {
    let iri = NamedNode::new_unchecked(&own.iri);
    let (mut found, mut seen) = (HashMap::<usize, u32>::new(), 0);
    for fact in snapshot
        .quads(None, Some(iri.as_ref()), None, None)
        .take(SAMPLED)
    {
        let fact = fact?;
        let (NamedOrBlankNode::NamedNode(subject), Term::NamedNode(object)) =
            (fact.subject, fact.object)
        else {
            continue;
        };
        seen += 1;
        let end = Some(TermRef::NamedNode(NamedNodeRef::new_unchecked(
            subject.as_str(),
        )));
        let mut others = Vec::new();
        for back in snapshot.quads(Some(object.as_ref().into()), None, end, None) {
            others.extend(number_of.get(back?.predicate.as_str()).copied());
        }
        // A fact may stand in several graphs.
        others.sort_unstable();
        others.dedup();
        for other in others {
            *found.entry(other).or_default() += 1;
        }
    }
    let mut found: Vec<(usize, u32)> = found.into_iter().collect();
    found.sort_unstable();
    Ok((found, seen))
}

/// Whether the names of two predicates are the same but for what turns one round: "influenced" and "influenced by".
fn are_called_alike(own: &Predicate, other: &Predicate) -> bool {
    let stems = |of: &Predicate| -> (Vec<String>, bool) {
        let words = text::tokens(&of.label);
        let turns = words
            .last()
            .is_some_and(|last| matches!(last.text.as_str(), "by" | "of"));
        let content = words
            .iter()
            .filter(|word| !text::is_function_word(&word.text));
        (content.map(|word| word.stem.clone()).collect(), turns)
    };
    let ((own, own_turns), (other, other_turns)) = (stems(own), stems(other));
    !own.is_empty() && own == other && own_turns != other_turns
}

/// Whether a predicate is called by the class of what most of its facts lead to: "structures designed", of structures.
fn is_called_by_end(predicate: &Predicate, classes: &[Class]) -> bool {
    let most = predicate.range.values().max().copied().unwrap_or(0);
    let mut ends = predicate
        .range
        .iter()
        .filter(|(_, facts)| **facts == most)
        .map(|(class, _)| &classes[*class]);
    let (direct, _) = predicate.names_by_side();
    let called = |stem: &str| {
        direct
            .iter()
            .flat_map(|name| &name.tokens)
            .any(|word| word.stem == stem)
    };
    ends.any(|class| {
        class
            .names
            .iter()
            .filter_map(|name| name.head_word())
            .any(|head| called(&head.stem))
    })
}
