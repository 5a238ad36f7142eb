//! Things of which several verbs are said about one and the same thing: "who wrote and directed it".

use super::description::Description;
use crate::RetrieverError;
use crate::execute::holds;
use crate::propose::Proposer;
use crate::rank::Features;

/// How far a verb must be accounted for.
const SAID: f64 = 0.6;
/// Descriptions that are tried for each verb.
const MOST: usize = 3;

/// Adds descriptions of what all the verbs are said of, where there is such a thing.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    described: &mut Vec<Description>,
) -> Result<(), RetrieverError> {
    let verbs = p.question.coordinated.clone();
    let [first, others @ ..] = verbs.as_slice() else {
        return Ok(());
    };
    let mut level = said(described, *first, None);
    for verb in others {
        let mut next = Vec::new();
        for one in &level {
            for other in said(described, *verb, Some(one)) {
                p.in_time()?;
                let both = join(p, one, &other);
                if holds(p.view, both.node(), p.deadline)? {
                    next.push(both);
                }
            }
        }
        level = next;
    }
    described.extend(level);
    Ok(())
}

/// The likeliest descriptions of one thing each that account for a verb; of the same thing as another one.
fn said(described: &[Description], verb: usize, beside: Option<&Description>) -> Vec<Description> {
    let mut found: Vec<&Description> = described
        .iter()
        .filter(|one| one.spans.len() == 1 && one.links.len() == 1 && !one.conditioned)
        .filter(|one| one.explains[verb] >= SAID)
        .filter(|one| {
            beside.is_none_or(|other| {
                let same = one.spans[0] == other.spans[0] && one.entities == other.entities;
                same && !other.links.contains(&one.links[0])
            })
        })
        .collect();
    found.sort_by(|a, b| b.features.score().total_cmp(&a.features.score()));
    found.into_iter().take(MOST).cloned().collect()
}

/// What both descriptions are of.
fn join(p: &Proposer<'_>, one: &Description, other: &Description) -> Description {
    let mut both = one.clone();
    both.links.extend(other.links.iter().cloned());
    both.filters.extend(other.filters.iter().cloned());
    for (explained, more) in both.explains.iter_mut().zip(&other.explains) {
        *explained = explained.max(*more);
    }
    let verbs = &p.question.coordinated;
    let (first, last) = (verbs[0], verbs[verbs.len() - 1]);
    for (at, token) in p.question.tokens.iter().enumerate() {
        let joins = match token.text.as_str() {
            "both" => at < first,
            "and" => (first..last).contains(&at),
            "there" | "too" | "as" | "well" => at > last,
            _ => false,
        };
        if joins {
            both.explains[at] = 1.0;
        }
    }
    if both.kind.class.is_none() && other.kind.class.is_some() {
        both.kind = other.kind.clone();
    }
    let used = both.used(p);
    let parts = one.links.len() as f64;
    both.features = Features {
        predicate: (parts * one.features.predicate + other.features.predicate) / (parts + 1.0),
        coverage: p.coverage(&used, &[&both.explains]),
        kind: one.features.kind.max(other.features.kind),
        ..one.features
    };
    both
}
