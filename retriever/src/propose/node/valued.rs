//! Things that have a value which the question names: "the left-handed pitchers".

use super::description::Description;
use super::{Kind, LEAST_KIND};
use crate::RetrieverError;
use crate::graph::{Comparand, Filter, Measure, Way};
use crate::propose::Proposer;
use crate::propose::values::ValueMention;
use crate::question::Operator;
use crate::rank::{Features, RELATIONAL};

/// How well a value stands for its predicate, which need not be named.
const UNNAMED: f64 = 0.6;

/// What speaks for people of a sex where these are asked for.
const OF_SEX: f64 = 0.5;

/// Adds descriptions by each value that the question names.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    described: &mut Vec<Description>,
) -> Result<(), RetrieverError> {
    for mention in p.values.clone() {
        for kind in kinds(p, &mention)? {
            described.push(describe(p, &mention, kind)?);
        }
    }
    Ok(())
}

/// What kinds of things the question may mean, of those that can have the value.
fn kinds(p: &mut Proposer<'_>, mention: &ValueMention) -> Result<Vec<Kind>, RetrieverError> {
    let mut found = Vec::new();
    if p.question.of_sex.iter().any(|at| mention.span.contains(at)) {
        // "Which women": whoever is told to be one.
        let asked = p
            .question
            .asked
            .is_some_and(|at| mention.span.contains(&at));
        let score = if asked { OF_SEX } else { 0.0 };
        found.push(Kind::any(score, vec![0.0; p.question.tokens.len()]));
    }
    if let Some(at) = p.question.asked.filter(|at| !mention.span.contains(at)) {
        let fit = p.matcher.kind_words(mention.predicate, Way::Inverse)?[at];
        if fit >= LEAST_KIND {
            let mut explains = vec![0.0; p.question.tokens.len()];
            explains[at] = p.as_kind(at, fit);
            found.push(Kind::any(0.6 * fit, explains));
        }
    }
    let catalog = p.view.catalog();
    let predicate = &catalog.predicates()[mention.predicate];
    for class in &p.classes {
        let apart = class.span.end <= mention.span.start || mention.span.end <= class.span.start;
        let share = catalog.share(&predicate.domain, predicate.facts, class.class);
        if apart && share.is_some_and(|share| share > 0.0) {
            found.push(Kind::named(p, class));
        }
    }
    // The value may stand where the noun for what is asked is looked for: "the male | children of".
    let next = Some(mention.span.end).filter(|at| *at < p.question.tokens.len());
    let behind = next.filter(|at| p.question.is_content(*at));
    let relational = match p.question.asked {
        Some(at) if mention.span.contains(&at) => behind.is_some(),
        Some(at) => p.matcher.relational()?[at] >= RELATIONAL,
        None => true,
    };
    if found.is_empty() && relational {
        // "What did she publish in it": of whatever kind. "Her male children": what they are children of says so.
        found.push(Kind::any(0.0, vec![0.0; p.question.tokens.len()]));
    }
    Ok(found)
}

/// What has the value and is of a kind.
pub(super) fn describe(
    p: &mut Proposer<'_>,
    mention: &ValueMention,
    kind: Kind,
) -> Result<Description, RetrieverError> {
    let mut used = p.used(&[&mention.span]);
    if let Some(words) = &kind.words {
        used[words.clone()].fill(true);
    }
    let fit = p
        .matcher
        .local(mention.predicate, &used, &|_| 0, &|_, _| true)?;
    let mut explains = kind.explains.clone();
    if fit.score >= UNNAMED {
        for (explained, more) in explains.iter_mut().zip(&fit.explains) {
            *explained = explained.max(*more);
        }
    }
    let used = p.used(&[&mention.span]);
    Ok(Description {
        spans: vec![mention.span.clone()],
        links: Vec::new(),
        filters: vec![Filter {
            measure: Measure::value(&p.view.catalog().predicates()[mention.predicate].iri),
            operator: Operator::Equal,
            with: Comparand::Bound(mention.value.clone()),
            or_none: false,
        }],
        nameless: false,
        conditioned: false,
        features: Features {
            link: 0.9 * mention.fit,
            prior: 1.0,
            predicate: fit.score.max(UNNAMED),
            coverage: p.coverage(&used, &[&explains]),
            kind: kind.score,
            missed: 0.0,
        },
        kind,
        explains,
        entities: Vec::new(),
    })
}
