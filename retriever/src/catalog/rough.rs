//! Predicates that tell roughly what another one of the same name tells by things, numbers or days: what was copied from
//! somewhere as text, "Premier League" beside the league itself, "8,849 m" beside a height.
//!
//! Who asks for the one may be answered with the other, but it is no second way of telling things apart.

use std::collections::HashMap;

use kg_store::Snapshot;
use kg_store::rdf::{Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Term};

use super::Predicate;
use super::duplicates::say_the_same;
use crate::RetrieverError;
use crate::text;

/// A predicate with fewer facts may agree with another one by chance, if it is called otherwise.
const LEAST_FACTS: u64 = 5;
/// Subjects that are looked at, facts of one, and values of these.
const SAMPLED: usize = 40;
const FACTS: usize = 200;
const VALUES: usize = 8;
/// This share of the subjects have both, and of these, what is told agrees in this share.
const BOTH: f64 = 0.5;
const AGREEING: f64 = 0.5;

/// Marks the rough ones. Their texts are no values by which things are asked for.
pub(super) fn mark(
    snapshot: &Snapshot,
    predicates: &mut [Predicate],
    number_of: &HashMap<String, usize>,
) -> Result<(), RetrieverError> {
    let mut found = Vec::new();
    for (number, own) in predicates.iter().enumerate() {
        let mixed = own.objects.texts > 0 && !own.names.is_empty();
        if mixed && is_rough(snapshot, predicates, number, number_of)? {
            found.push(number);
        }
    }
    for number in found {
        predicates[number].rough = true;
        predicates[number].values.clear();
    }
    Ok(())
}

/// Whether what a predicate tells of things agrees mostly with what finer ones tell of them. These are looked for among the
/// facts of some things: there may be thousands of predicates.
fn is_rough(
    snapshot: &Snapshot,
    predicates: &[Predicate],
    number: usize,
    number_of: &HashMap<String, usize>,
) -> Result<bool, RetrieverError> {
    let own = &predicates[number];
    let told = NamedNode::new_unchecked(&own.iri);
    let mut subjects: Vec<NamedOrBlankNode> = Vec::new();
    for quad in snapshot.quads(None, Some(told.as_ref()), None, None) {
        let subject = quad?.subject;
        if subjects.last() != Some(&subject) {
            subjects.push(subject);
        }
        if subjects.len() == SAMPLED {
            break;
        }
    }
    let mut finer: HashMap<usize, bool> = HashMap::new();
    let (mut both, mut agreeing) = (0_usize, 0_usize);
    for subject in &subjects {
        let (mut rough, mut fine) = (Vec::new(), Vec::new());
        let facts = snapshot.quads(Some(subject.as_ref()), None, None, None);
        for quad in facts.take(FACTS) {
            let quad = quad?;
            let Some(&other) = number_of.get(quad.predicate.as_str()) else {
                continue;
            };
            if other == number {
                rough.push(quad.object);
            } else if *finer
                .entry(other)
                .or_insert_with(|| is_finer(&predicates[other], own))
            {
                fine.push(quad.object);
            }
        }
        both += usize::from(!fine.is_empty());
        let mut alike = false;
        for one in rough.iter().take(VALUES) {
            for other in fine.iter().take(VALUES) {
                alike |= says(snapshot, one, other)?;
            }
        }
        agreeing += usize::from(alike);
    }
    Ok(both > 0
        && both as f64 >= BOTH * subjects.len() as f64
        && agreeing as f64 >= AGREEING * both as f64)
}

/// Whether one predicate leads to nothing but things, numbers or days where the other one leads to texts as well, and is called
/// like it.
fn is_finer(other: &Predicate, own: &Predicate) -> bool {
    let values = |p: &Predicate| p.is_numeric() || p.is_temporal();
    let finer =
        other.objects.texts == 0 && (other.is_of_things() || values(other) && !own.is_of_things());
    let same = || text::key(&other.label) == text::key(&own.label);
    finer && (same() || (own.facts >= LEAST_FACTS && say_the_same(own, other)))
}

/// Whether a value says what another one is: by its name, its number or its year.
fn says(snapshot: &Snapshot, rough: &Term, fine: &Term) -> Result<bool, RetrieverError> {
    if rough == fine {
        return Ok(true);
    }
    let Term::Literal(rough) = rough else {
        return Ok(false);
    };
    Ok(match fine {
        Term::NamedNode(node) => {
            let key =
                text::key(&snapshot.label(NamedNodeRef::new_unchecked(node.as_str()), &["en"])?);
            let said = text::key(rough.value());
            // "Premier League" of "Premier League (England)".
            !key.is_empty() && !said.is_empty() && (said.contains(&key) || key.contains(&said))
        }
        Term::Literal(fine) => number(fine).is_some_and(|fine| number(rough) == Some(fine)),
        _ => false,
    })
}

/// The first number in a literal, without what parts its thousands; of a day, the year.
fn number(literal: &Literal) -> Option<u64> {
    // "~1,200 m".
    let value = literal.value();
    let value = value.trim_start_matches(|c: char| !c.is_ascii_digit());
    let digits = value
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == ',');
    let digits: String = digits.filter(|c| *c != ',').collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_out_of_texts() {
        let read = |text: &str| number(&Literal::new_simple_literal(text));
        assert_eq!(read("2,101 m"), Some(2101));
        assert_eq!(read("~2230"), Some(2230));
        assert_eq!(read("1987-06-24"), Some(1987));
        assert_eq!(read("many"), None);
    }
}
