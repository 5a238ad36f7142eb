//! Predicates that tell roughly what another one of the same name tells by things, numbers or days: what was copied from
//! somewhere as text, "Premier League" beside the league itself, "8,849 m" beside a height.
//!
//! Who asks for the one may be answered with the other, but it is no second way of telling things apart.

use kg_store::Snapshot;
use kg_store::rdf::{Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Term};

use super::Predicate;
use super::duplicates::say_the_same;
use crate::RetrieverError;
use crate::text;

/// A predicate with fewer facts may agree with another one by chance, if it is called otherwise.
const LEAST_FACTS: u64 = 5;
/// Subjects that are looked at, and values of one.
const SAMPLED: usize = 40;
const VALUES: usize = 8;
/// This share of the subjects have both, and of these, what is told agrees in this share.
const BOTH: f64 = 0.5;
const AGREEING: f64 = 0.5;

/// Marks the rough ones. Their texts are no values by which things are asked for.
pub(super) fn mark(
    snapshot: &Snapshot,
    predicates: &mut [Predicate],
) -> Result<(), RetrieverError> {
    let mut found = Vec::new();
    for (number, own) in predicates.iter().enumerate() {
        if own.names.is_empty() || own.objects.texts == 0 {
            continue;
        }
        let key = text::key(&own.label);
        let finer = |other: &&Predicate| {
            let same = text::key(&other.label) == key;
            let alike = own.facts >= LEAST_FACTS && say_the_same(own, other);
            is_finer(other, own) && (same || alike)
        };
        let finer: Vec<&Predicate> = predicates.iter().filter(finer).collect();
        if !finer.is_empty() && agree(snapshot, own, &finer)? {
            found.push(number);
        }
    }
    for number in found {
        predicates[number].rough = true;
        predicates[number].values.clear();
    }
    Ok(())
}

/// Whether one predicate leads to nothing but things, numbers or days where the other one leads to texts as well.
fn is_finer(other: &Predicate, own: &Predicate) -> bool {
    let values = |p: &Predicate| p.is_numeric() || p.is_temporal();
    other.iri != own.iri
        && other.objects.texts == 0
        && (other.is_of_things() || values(other) && !own.is_of_things())
}

/// Whether what a predicate tells of things agrees mostly with what finer ones tell.
fn agree(
    snapshot: &Snapshot,
    own: &Predicate,
    finer: &[&Predicate],
) -> Result<bool, RetrieverError> {
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
    let (mut both, mut agreeing) = (0_usize, 0_usize);
    for subject in &subjects {
        let values = |predicate: &NamedNode| -> Result<Vec<Term>, RetrieverError> {
            let about = Some(subject.as_ref());
            let facts = snapshot.quads(about, Some(predicate.as_ref()), None, None);
            facts.take(VALUES).map(|quad| Ok(quad?.object)).collect()
        };
        let mut fine = Vec::new();
        for other in finer {
            fine.extend(values(&NamedNode::new_unchecked(&other.iri))?);
        }
        if fine.is_empty() {
            continue;
        }
        both += 1;
        let mut alike = false;
        for one in values(&told)? {
            for other in &fine {
                alike |= says(snapshot, &one, other)?;
            }
        }
        agreeing += usize::from(alike);
    }
    Ok(both > 0
        && both as f64 >= BOTH * subjects.len() as f64
        && agreeing as f64 >= AGREEING * both as f64)
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
    let value = literal.value().trim_start();
    let digits = value
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == ',');
    let digits: String = digits.filter(|c| *c != ',').collect();
    digits.parse().ok()
}
