//! "Which has more people, Lagos or Cairo".

use super::Proposer;
use crate::RetrieverError;
use crate::graph::{Measure, QueryGraph};
use crate::link::{Candidate, Mention};
use crate::question::Direction;
use crate::rank::{Features, Reading};

/// Entities of one name that are tried in a comparison.
const MAX_TRIED: usize = 8;

pub(super) fn propose(
    p: &mut Proposer<'_>,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let Some(or) = p.question.tokens.iter().position(|t| t.text == "or") else {
        return Ok(());
    };
    let mentions = p.mentions;
    let first = mentions
        .iter()
        .filter(|m| m.span.end <= or)
        .max_by_key(|m| m.span.end);
    let second = mentions
        .iter()
        .filter(|m| m.span.start > or)
        .min_by_key(|m| m.span.start);
    let (Some(first), Some(second)) = (first, second) else {
        return Ok(());
    };
    let (direction, hints) = match (&p.question.comparative, &p.question.superlative) {
        (Some(comparative), _) => (comparative.direction, comparative.property),
        (None, Some(superlative)) => (superlative.direction, superlative.property),
        (None, None) => return Ok(()),
    };
    let used = p.used(&[&first.span, &second.span]);
    // Both names are taken out before meanings are compared: they stand at the end as a rule.
    let hidden = first.span.start..second.span.end;
    let measures = p.measures(&|_| true, hints, &used, &hidden)?;
    for (number, fit) in measures {
        let predicate = p.view.catalog().predicates()[number].iri.clone();
        let having =
            |p: &mut Proposer<'_>, mention: &Mention| -> Result<Vec<Candidate>, RetrieverError> {
                let mut found = Vec::new();
                for candidate in mention.candidates.iter().take(MAX_TRIED) {
                    if p.edges(&candidate.entity.iri)?
                        .outgoing
                        .iter()
                        .any(|(n, _)| *n == number)
                    {
                        found.push(candidate.clone());
                    }
                }
                Ok(found)
            };
        for a in having(p, first)? {
            for b in having(p, second)? {
                let alike = a
                    .entity
                    .classes
                    .iter()
                    .any(|class| b.entity.classes.contains(class));
                let own =
                    p.class_words(|c| p.is_of_class(&a, c.class) || p.is_of_class(&b, c.class));
                let features = Features {
                    link: 0.5 * (a.fit + b.fit),
                    prior: 0.5 * (a.prior + b.prior),
                    predicate: fit.score,
                    coverage: p.coverage(&used, &[&fit.explains, &own]),
                    kind: if alike { 1.0 } else { 0.0 },
                    missed: 0.0,
                };
                readings.push(Reading {
                    graph: QueryGraph::Choose {
                        entities: vec![a.entity.iri.clone(), b.entity.iri.clone()],
                        measure: Measure::value(&predicate),
                        direction,
                    },
                    entities: vec![a.entity.iri.clone(), b.entity.iri.clone()],
                    features,
                    explains: Vec::new(),
                    absent: false,
                });
            }
        }
    }
    Ok(())
}

/// The operator of a comparison of one thing with another.
pub(super) fn operator(direction: Direction) -> crate::question::Operator {
    match direction {
        Direction::Most => crate::question::Operator::More,
        Direction::Least => crate::question::Operator::Less,
    }
}
