//! "How old was she when she died", "at what age did he write Dune".

use std::collections::HashSet;

use super::Proposer;
use super::measure::Measured;
use super::times::tells_of_birth;
use crate::RetrieverError;
use crate::catalog::{Catalog, Predicate};
use crate::graph::{Arithmetic, Hop, Measure, QueryGraph, Way};
use crate::link::{Candidate, Mention};
use crate::rank::{Features, Reading};

/// Entities of one name that are tried.
const MAX_TRIED: usize = 6;

pub(super) fn propose(
    p: &mut Proposer<'_>,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    for mention in p.mentions {
        for candidate in mention.candidates.iter().take(MAX_TRIED) {
            let births = births(p, candidate)?;
            let Some(&birth) = births.first() else {
                continue;
            };
            let own = had(p, candidate, &births)?;
            let born = (mention, candidate, &day(p.view.catalog(), birth));
            at_event(p, born, (mention, candidate), &own, readings)?;
            let others = p.mentions.iter().filter(|other| !other.overlaps(mention));
            for other in others {
                for event in other.candidates.iter().take(MAX_TRIED) {
                    let own = had(p, event, &births)?;
                    at_event(p, born, (other, event), &own, readings)?;
                }
            }
        }
    }
    Ok(())
}

/// Predicates that tell when somebody was born, the one that most have first.
fn births(p: &mut Proposer<'_>, candidate: &Candidate) -> Result<Vec<usize>, RetrieverError> {
    let edges = p.edges(&candidate.entity.iri)?;
    let predicates = p.view.catalog().predicates();
    let born =
        |predicate: &Predicate| leads_to_a_time(predicate, predicates) && tells_of_birth(predicate);
    let mut found: Vec<usize> = edges.outgoing.iter().map(|(number, _)| *number).collect();
    found.retain(|number| born(&predicates[*number]));
    found.sort_unstable();
    Ok(found)
}

/// The times that are told of a thing, but for some.
fn had(
    p: &mut Proposer<'_>,
    candidate: &Candidate,
    but: &[usize],
) -> Result<HashSet<usize>, RetrieverError> {
    let edges = p.edges(&candidate.entity.iri)?;
    let predicates = p.view.catalog().predicates();
    let numbers = edges.outgoing.iter().map(|(number, _)| *number);
    Ok(numbers
        .filter(|number| !but.contains(number) && leads_to_a_time(&predicates[*number], predicates))
        .collect())
}

/// Whether a predicate tells a time, or leads to a nameless node that does: an event.
fn leads_to_a_time(predicate: &Predicate, all: &[Predicate]) -> bool {
    let mut through = predicate.through.iter();
    predicate.tells_a_time() || through.any(|last| all[*last].tells_a_time())
}

/// The time that a predicate tells, or the event that it leads to.
fn day(catalog: &Catalog, number: usize) -> Measure {
    let predicates = catalog.predicates();
    let predicate = &predicates[number];
    let mut through = predicate.through.iter();
    match through.find(|last| predicates[**last].tells_a_time()) {
        Some(last) if !predicate.tells_a_time() => {
            let hops = [number, *last].map(|n| Hop::new(&predicates[n].iri, Way::Forward));
            Measure::Value(hops.to_vec())
        }
        _ => Measure::value(&predicate.iri),
    }
}

/// The age of somebody at what happened to a thing, which may be the same one.
fn at_event(
    p: &mut Proposer<'_>,
    (mention, candidate, birth): (&Mention, &Candidate, &Measure),
    (other, event): (&Mention, &Candidate),
    times: &HashSet<usize>,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let used = p.used(&[&mention.span, &other.span]);
    let of = Measured {
        subject: &|number| times.contains(&number),
        object: &|_| false,
        counted: None,
    };
    // The day of a work need not be named: "when he wrote Dune".
    let hints: &[&str] = if other.span == mention.span {
        &[]
    } else {
        &["date"]
    };
    let hidden = mention.span.start.min(other.span.start)..mention.span.end.max(other.span.end);
    for gauge in p.measures(&of, hints, &used, &hidden)? {
        readings.push(Reading {
            graph: QueryGraph::Calculate {
                entities: [candidate.entity.iri.clone(), event.entity.iri.clone()],
                measures: [birth.clone(), gauge.measure],
                arithmetic: Arithmetic::Age,
            },
            entities: vec![candidate.entity.iri.clone()],
            features: Features {
                link: 0.5 * (candidate.fit + event.fit),
                prior: candidate.prior,
                predicate: gauge.fit.score,
                coverage: p.coverage(&used, &[&gauge.fit.explains]),
                kind: 1.0,
                missed: 0.0,
            },
            explains: Vec::new(),
            absent: false,
        });
    }
    Ok(())
}
