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
use crate::text::{self, Token};
use crate::thesaurus::Word;

/// A predicate with fewer facts may be told from the other side by chance.
const LEAST_FACTS: u64 = 5;
/// Facts of a predicate that are looked up.
const SAMPLED: usize = 60;
/// Of so many predicates at the most; the time that it takes grows with them.
const MOST_PREDICATES: usize = 4_000;
/// This share of its facts is told from the other side where both are called by what they lead to. Fewer may be told there than
/// here, where facts are only filled in on this side now and then.
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
        let (others, seen) = turned(snapshot, own, number_of)?;
        for (other, shared) in others {
            let turned = &predicates[other];
            let share = f64::from(shared) / f64::from(seen.max(1));
            let alike = are_called_alike(own, turned) && share >= SOME;
            let one = own.is_functional() && turned.facts as f64 > FULLER * own.facts as f64;
            let ends = share >= NEARLY_ALL && !one && are_called_by_ends(own, turned, classes);
            if other != number && shared >= LEAST_SHARED && (alike || ends) {
                note(snapshot, (&own.iri, &turned.iri), entailed)?;
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
    let known = entailed.get(own).is_some_and(|known| known.contains(&one));
    if !known && !is_told(snapshot, &one, own)? {
        entailed.entry(own.to_owned()).or_default().push(one);
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

/// Whether two predicates are called by the classes of what they lead to and by no more than that: "structures designed" by an
/// architect and the "architect" of a structure. "Senior employees" are not all that have a department.
fn are_called_by_ends(own: &Predicate, turned: &Predicate, classes: &[Class]) -> bool {
    let stems = |predicate: &Predicate| -> Vec<String> {
        let most = predicate.range.values().max().copied().unwrap_or(0);
        let ends = predicate.range.iter().filter(|(_, facts)| **facts == most);
        let names = ends.flat_map(|(class, _)| &classes[*class].names);
        names
            .flat_map(|name| &name.tokens)
            .map(|word| word.stem.clone())
            .collect()
    };
    let (to, back) = (stems(own), stems(turned));
    let called = |predicate: &Predicate, end: &[String], other: &[String]| {
        let words = text::tokens(&predicate.label);
        let plain = |word: &Token| {
            let known = Word::of(&word.text);
            let said = text::is_function_word(&word.text) || known.is_participle(&word.text);
            said || end.contains(&word.stem) || other.contains(&word.stem)
        };
        words.iter().any(|word| end.contains(&word.stem)) && words.iter().all(plain)
    };
    called(own, &to, &back) && called(turned, &back, &to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Phrase;

    fn predicate(label: &str, range: usize) -> Predicate {
        Predicate {
            label: label.to_owned(),
            names: vec![Phrase::new(label)],
            range: [(range, 10)].into(),
            ..Predicate::default()
        }
    }

    #[test]
    fn names_tell_other_sides() {
        let class = |label: &str| Class {
            iri: label.to_owned(),
            label: label.to_owned(),
            names: vec![Phrase::new(label)],
            instances: 10,
            with_subclasses: Default::default(),
            telling: Vec::new(),
        };
        let classes = [
            class("structure"),
            class("architect"),
            class("employee"),
            class("department"),
        ];
        let by_ends = |a: (&str, usize), b: (&str, usize)| {
            are_called_by_ends(&predicate(a.0, a.1), &predicate(b.0, b.1), &classes)
        };
        assert!(by_ends(("structures designed", 0), ("architect", 1)));
        assert!(by_ends(("employee", 2), ("department", 3)));
        assert!(!by_ends(("senior employee", 2), ("department", 3)));
        assert!(!by_ends(("location", 0), ("architect", 1)));
        let alike = |a: &str, b: &str| are_called_alike(&predicate(a, 0), &predicate(b, 0));
        assert!(alike("influenced", "influenced by") && alike("capital", "capital of"));
        assert!(!alike("influenced", "influenced") && !alike("part of", "member of"));
    }
}
