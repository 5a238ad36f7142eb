//! "Which has more people, Lagos or Cairo".

use std::collections::HashSet;

use super::Proposer;
use super::measure::Measured;
use super::times::tells_the_end;
use crate::RetrieverError;
use crate::graph::{Arithmetic, QueryGraph};
use crate::link::{Candidate, FIT_ALIAS, Mention};
use crate::question::{Direction, Form, is_time};
use crate::rank::{Features, Reading};

/// Entities of one name that are tried in a comparison.
const MAX_TRIED: usize = 8;

pub(super) fn propose(
    p: &mut Proposer<'_>,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let Some((first, second)) = pair(p) else {
        return Ok(());
    };
    let others = others(p, first, second);
    let tokens = p.question.tokens.iter().zip(&p.question.cue);
    let of_time = tokens
        .into_iter()
        .any(|(token, cue)| *cue && is_time(&token.text));
    let arithmetic = match p.question.form {
        Form::Calculate(Arithmetic::Difference) if of_time => Some(Arithmetic::Years),
        Form::Calculate(arithmetic) => Some(arithmetic),
        _ => None,
    };
    let (direction, hints) = match (&p.question.comparative, &p.question.superlative) {
        (Some(comparative), _) => (comparative.direction, comparative.property),
        (None, Some(superlative)) => (superlative.direction, superlative.property),
        // "The difference in height between": no end is asked for.
        (None, None) if arithmetic.is_some() => (Direction::Most, &[][..]),
        (None, None) => return Ok(()),
    };
    let mut named = vec![&first.span, &second.span];
    named.extend(others.iter().map(|mention| &mention.span));
    let used = p.used(&named);
    // Both names are taken out before meanings are compared: they stand at the end as a rule.
    let hidden = first.span.start..second.span.end;
    let (subject, object) = had(p, first)?;
    let of = Measured {
        subject: &|n| subject.contains(&n),
        object: &|n| object.contains(&n),
        counted: p.compared_number(),
    };
    for gauge in p.measures(&of, hints, &used, &hidden)? {
        let fit = &gauge.fit;
        let last = &p.view.catalog().predicates()[gauge.last];
        // Between two days there are years: "by how much is she older".
        let arithmetic = match arithmetic {
            Some(Arithmetic::Difference) if last.is_temporal() => Some(Arithmetic::Years),
            other => other,
        };
        if arithmetic == Some(Arithmetic::Years) && !last.tells_a_time() {
            continue;
        }
        // "Who has been on the council longer": who has been there since an earlier day.
        let since = lasts(p) && last.tells_a_time() && !tells_the_end(last);
        let direction = if since { direction.turned() } else { direction };
        let direction = p.end_of(last, direction);
        let having =
            |p: &mut Proposer<'_>, mention: &Mention| -> Result<Vec<Candidate>, RetrieverError> {
                let mut found = Vec::new();
                for candidate in mention.candidates.iter().take(MAX_TRIED) {
                    if p.has(&candidate.entity.iri, gauge.first)? {
                        found.push(candidate.clone());
                    }
                }
                Ok(found)
            };
        // Those named beside the two, each as the likeliest thing that has the measure.
        let mut more = Vec::new();
        for mention in &others {
            more.extend(having(p, mention)?.into_iter().next());
        }
        for a in having(p, first)? {
            for b in having(p, second)? {
                let alike = a
                    .entity
                    .classes
                    .iter()
                    .any(|class| b.entity.classes.contains(class));
                let mut own =
                    p.class_words(|c| p.is_of_class(&a, c.class) || p.is_of_class(&b, c.class));
                if let Some(first) = p.question.superlative.as_ref().filter(|s| s.weak) {
                    own[first.span.clone()].fill(1.0);
                }
                let features = Features {
                    link: 0.5 * (a.fit + b.fit),
                    prior: 0.5 * (a.prior + b.prior),
                    predicate: fit.score,
                    coverage: p.coverage(&used, &[&fit.explains, &own]),
                    kind: if alike { 1.0 } else { 0.0 },
                    missed: 0.0,
                };
                let measure = gauge.measure.clone();
                let graph = match arithmetic {
                    Some(arithmetic) => QueryGraph::Calculate {
                        entities: [a.entity.iri.clone(), b.entity.iri.clone()],
                        measures: [measure.clone(), measure],
                        arithmetic,
                    },
                    None => QueryGraph::Choose {
                        entities: [&a, &b]
                            .into_iter()
                            .chain(&more)
                            .map(|one| one.entity.iri.clone())
                            .collect(),
                        measure,
                        direction,
                    },
                };
                readings.push(Reading {
                    graph,
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

/// Whether it is compared how long something has lasted until now.
fn lasts(p: &Proposer<'_>) -> bool {
    let degree = p.question.comparative.as_ref().map(|degree| &degree.span);
    let been = p.question.tokens.iter().any(|token| token.text == "been");
    been && degree.is_some_and(|span| p.question.tokens[span.start].text == "longer")
}

/// Predicates of which what a mention may mean is the subject, and those of which it is the object.
pub(super) fn had(
    p: &mut Proposer<'_>,
    mention: &Mention,
) -> Result<(HashSet<usize>, HashSet<usize>), RetrieverError> {
    let (mut subject, mut object) = (HashSet::new(), HashSet::new());
    for candidate in mention.candidates.iter().take(MAX_TRIED) {
        let edges = p.edges(&candidate.entity.iri)?;
        subject.extend(edges.outgoing.iter().map(|(number, _)| *number));
        object.extend(edges.incoming.iter().map(|(number, _)| *number));
    }
    Ok((subject, object))
}

/// What is named beside the two that are compared: "which of France, Spain and Portugal".
fn others<'m>(p: &Proposer<'m>, first: &Mention, second: &Mention) -> Vec<&'m Mention> {
    if p.question.form != Form::Choose {
        return Vec::new();
    }
    let named = |mention: &&Mention| mention.candidates.iter().any(|c| c.fit >= FIT_ALIAS);
    // "Which river is longer" compares none that is called River.
    let class = |mention: &&Mention| {
        let within = |at: usize| p.classes.iter().any(|class| class.span.contains(&at));
        mention.span.clone().all(within)
    };
    let mentions = p.mentions.iter().filter(named);
    mentions
        .filter(|mention| !class(mention))
        .filter(|one| !one.overlaps(first) && !one.overlaps(second))
        .collect()
}

/// The two mentions that are compared: on both sides of "or", "than" or "and".
fn pair<'m>(p: &Proposer<'m>) -> Option<(&'m Mention, &'m Mention)> {
    let mentions = p.mentions;
    let joints = match p.question.form {
        Form::Choose => &["or", "and"][..],
        _ => &["than", "and", "surpass", "exceed", "beat", "over"][..],
    };
    let tokens = &p.question.tokens;
    let joint = joints
        .iter()
        .find_map(|joint| tokens.iter().rposition(|token| token.text == *joint));
    let before = |at: usize| {
        let named = mentions.iter().filter(move |m| m.span.end <= at);
        named.max_by(|a, b| a.weight.total_cmp(&b.weight))
    };
    let after = |at: usize| {
        let named = mentions.iter().filter(move |m| m.span.start > at);
        named.max_by(|a, b| a.weight.total_cmp(&b.weight))
    };
    if let Some(at) = joint
        && let (Some(first), Some(second)) = (before(at), after(at))
    {
        return Some((first, second));
    }
    // Without a joint, the two weightiest, in their order.
    let first = mentions.first()?;
    let second = mentions[1..].iter().find(|other| !other.overlaps(first))?;
    Some(if first.span.start < second.span.start {
        (first, second)
    } else {
        (second, first)
    })
}

/// The operator of a comparison of one thing with another.
pub(super) fn operator(direction: Direction) -> crate::question::Operator {
    match direction {
        Direction::Most => crate::question::Operator::More,
        Direction::Least => crate::question::Operator::Less,
    }
}
