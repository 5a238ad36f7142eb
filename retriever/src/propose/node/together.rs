//! Things that several conditions hold of: "the films by her that also star him", "which diseases are linked to both".

use std::ops::Range;

use super::Kind;
use super::description::Description;
use crate::RetrieverError;
use crate::execute::holds;
use crate::graph::{Hop, Link, Way};
use crate::propose::Proposer;
use crate::question::Form;
use crate::rank::Features;

/// Descriptions tried for each mention.
const MOST_PARTS: usize = 8;
/// Joined descriptions that are looked up in the store, for each number of mentions, and those that are kept of them.
const MOST_TRIED: usize = 64;
const MOST_TRIED_EACH: usize = 16;
const MOST_KEPT_EACH: usize = 6;
/// What nothing is known of must account for this much of the question to be denied.
const SURE: f64 = 0.8;
/// Mentions joined at the most.
const MOST_MENTIONS: usize = 3;
/// What it counts against a reading that nothing holds of.
const DENIED: f64 = 0.6;
/// Without a noun for what is asked, each fact must be named by the question.
const NAMED: f64 = 0.6;
/// What a tie is worth at least where the things are of the kind asked for: "where group 11 meets period 5".
const OF_KIND: f64 = 0.6;
/// What each further fact of a tie costs: of ties that nothing tells apart, the plainest is meant.
const FURTHER: f64 = 0.01;
/// A token that is explained this far is that very word.
const NAMES_IT: f64 = 0.95;
/// A token of a name that something else accounts for this far is no name.
const TAKEN: f64 = 0.9;

/// Adds descriptions of what several mentions have in common, each of which holds something.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    described: &mut Vec<Description>,
) -> Result<(), RetrieverError> {
    let parts = parts(described);
    let mut level: Vec<Description> = parts.clone();
    for _ in 1..MOST_MENTIONS {
        let mut joined: Vec<(f64, Description, bool)> = Vec::new();
        for left in &level {
            for right in &parts {
                let Some(found) = join(p, left, right) else {
                    continue;
                };
                // That nothing is so is an answer where it is asked whether anything is.
                let deniable = p.question.form == Form::Ask
                    && found.features.coverage >= SURE
                    && [left, right].iter().all(|one| is_plain(p, one));
                joined.push((found.features.score(), found, deniable));
            }
        }
        joined.sort_by(|a, b| b.0.total_cmp(&a.0));
        level = Vec::new();
        // Each choice of mentions has its turn, however well others fit.
        let mut turns: Vec<Turn> = Vec::new();
        let mut tried = 0;
        for (_, mut found, deniable) in joined {
            let turn = turn_of(&mut turns, &found.spans);
            if tried == MOST_TRIED {
                break;
            }
            if turn.tried == MOST_TRIED_EACH || turn.kept == MOST_KEPT_EACH {
                continue;
            }
            p.in_time()?;
            tried += 1;
            turn.tried += 1;
            let holds = holds(p.view, found.node(), p.deadline)?;
            if !holds && deniable {
                // Other words for what holds go before.
                found.features.kind -= DENIED;
            }
            if holds || deniable {
                turn.kept += 1;
                level.push(found);
            }
        }
        described.extend(level.iter().cloned());
    }
    Ok(())
}

/// Whether a description is one fact of things of a class that the question names, or of any that are so tied.
fn is_plain(p: &Proposer<'_>, one: &Description) -> bool {
    let facts: usize = one.links.iter().map(|link| link.path.len()).sum();
    // "Does any neighbour of it speak Dutch": the fact says what it is one of.
    let any = p.question.tokens.iter().any(|token| token.text == "any")
        && one.features.predicate >= NAMED;
    (one.kind.class.is_some() || any) && facts <= one.links.len()
}

/// How many descriptions of some mentions were looked up, and how many are kept.
struct Turn {
    spans: Vec<Range<usize>>,
    tried: usize,
    kept: usize,
}

fn turn_of<'t>(turns: &'t mut Vec<Turn>, spans: &[Range<usize>]) -> &'t mut Turn {
    let known = turns.iter().position(|turn| turn.spans == spans);
    let at = known.unwrap_or(turns.len());
    if known.is_none() {
        turns.push(Turn {
            spans: spans.to_vec(),
            tried: 0,
            kept: 0,
        });
    }
    &mut turns[at]
}

/// The best descriptions of each mention.
fn parts(described: &[Description]) -> Vec<Description> {
    let mut best: Vec<(f64, &Description)> = described
        .iter()
        .map(|one| (worth(one), one))
        .filter(|(_, one)| one.spans.len() == 1)
        .collect();
    best.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut counts: Vec<(&Range<usize>, usize)> = Vec::new();
    let mut kept = Vec::new();
    for (_, one) in best {
        let span = &one.spans[0];
        let known = counts.iter_mut().find(|(known, _)| *known == span);
        match known {
            Some((_, count)) if *count == MOST_PARTS => continue,
            Some((_, count)) => *count += 1,
            None => counts.push((span, 1)),
        }
        kept.push(one.clone());
    }
    kept
}

/// How good a description is as a part: what it leaves out may be what the other part is for.
fn worth(one: &Description) -> f64 {
    let features = Features {
        coverage: 0.5,
        ..one.features
    };
    features.score()
}

/// Whether a description is of numbers or times, rather than of things.
fn leads_to_a_number(p: &Proposer<'_>, one: &Description) -> bool {
    let catalog = p.view.catalog();
    let last = one.links.last().and_then(|link| link.path.last());
    let last = last.filter(|hop| hop.way == Way::Forward);
    last.and_then(|hop| catalog.predicate(&hop.predicate))
        .is_some_and(|number| {
            let predicate = &catalog.predicates()[number];
            predicate.objects.nodes == 0 && (predicate.is_numeric() || predicate.is_temporal())
        })
}

/// What two descriptions have in common.
fn join(p: &Proposer<'_>, a: &Description, b: &Description) -> Option<Description> {
    let right = b.spans.first()?;
    let same = || {
        let mut tokens = p.question.tokens.iter();
        p.question.sharing.contains(&true)
            || tokens.any(|token| matches!(token.text.as_str(), "same" | "both"))
    };
    if leads_to_a_number(p, a) && leads_to_a_number(p, b) && !same() {
        // That two things are told the same year ties them by nothing.
        return None;
    }
    // Each combination once, in the order of the question.
    let after = a.spans.iter().all(|span| span.end <= right.start);
    let apart = |one: &Description, other: &Description| {
        let mut spent = other.spans.iter().flat_map(Clone::clone);
        // A part of a name is no word for anything else: "Stellan | University".
        let name = |at: usize| at > 0 && p.question.tokens[at].capital;
        spent.all(|at| one.explains[at] < TAKEN || name(at) || !p.question.is_content(at))
    };
    if shares_a_word(p, a, b) || doubles(a, b) || doubles(b, a) {
        return None;
    }
    if !after || !apart(a, b) || !apart(b, a) || (&a.links, &a.filters) == (&b.links, &b.filters) {
        return None;
    }
    let kind = joint_kind(p, &a.kind, &b.kind)?;
    let of_kind = kind.score > 0.0;
    let named = |one: &Description| one.features.predicate >= NAMED;
    let tied = of_kind || (named(a) && named(b));
    if !tied {
        return None;
    }
    let tie = |one: &Description| {
        let least = if of_kind { OF_KIND } else { 0.0 };
        let further: usize = one
            .links
            .iter()
            .map(|link| link.path.len().saturating_sub(1))
            .sum();
        one.features.predicate.max(least) - FURTHER * further as f64
    };
    let (left, right) = (a.spans.len() as f64, 1.0);
    let mean = |x: f64, y: f64| (left * x + right * y) / (left + right);
    let mut spans = a.spans.clone();
    spans.extend(b.spans.iter().cloned());
    let mut links = a.links.clone();
    links.extend(b.links.iter().cloned());
    let mut filters = a.filters.clone();
    filters.extend(b.filters.iter().cloned());
    let mut entities = a.entities.clone();
    entities.extend(b.entities.iter().cloned());
    let words = a.explains.iter().zip(&b.explains);
    let mut explains: Vec<f64> = words.map(|(x, y)| x.max(*y)).collect();
    if let ([left], [right]) = (a.links.as_slice(), b.links.as_slice())
        && left.path == right.path
    {
        // "The same currency": that of both.
        for (explained, shares) in explains.iter_mut().zip(&p.question.sharing) {
            *explained = if *shares { 1.0 } else { *explained };
        }
    }
    let mut found = Description {
        spans,
        links,
        filters,
        nameless: false,
        conditioned: a.conditioned || b.conditioned,
        features: Features {
            link: mean(a.features.link, b.features.link),
            prior: mean(a.features.prior, b.features.prior),
            predicate: mean(tie(a), tie(b)),
            coverage: 0.0,
            kind: kind.score,
            missed: 0.0,
        },
        kind,
        explains,
        entities,
    };
    let used = found.used(p);
    found.features.coverage = p.coverage(&used, &[&found.explains]);
    Some(found)
}

/// Whether a word names the class of one description and the predicate of the other: "countries in Africa" where "country"
/// is what a town called Africa has.
fn doubles(one: &Description, other: &Description) -> bool {
    let named = |words: &Range<usize>| words.clone().all(|at| one.explains[at] >= NAMES_IT);
    one.kind.class.is_none() && other.kind.words.as_ref().is_some_and(named)
}

/// Whether two descriptions have a predicate in common in different paths: the one word for it is then used
/// for two facts, as in "African countries that speak both" of what speaks as Africans do; or both are others that share
/// something, which one word says.
fn shares_a_word(p: &Proposer<'_>, a: &Description, b: &Description) -> bool {
    let others = |one: &Description| {
        let mut hops = one.links.iter().flat_map(|link| &link.path);
        hops.any(|hop| hop.other)
    };
    if others(a) && others(b) && p.question.sharing.contains(&true) {
        return true;
    }
    let simple = |left: &Link, right: &Link| left.path.len() == 1 && right.path.len() == 1;
    a.links.iter().any(|left| {
        b.links.iter().any(|right| {
            let uses = |hop: &Hop| {
                right
                    .path
                    .iter()
                    .any(|other| other.predicate == hop.predicate)
            };
            left.path != right.path && !simple(left, right) && left.path.iter().any(uses)
        })
    })
}

/// The kind of what is of both kinds: the narrower one.
fn joint_kind(p: &Proposer<'_>, a: &Kind, b: &Kind) -> Option<Kind> {
    Some(match (a.class, b.class) {
        (Some(x), Some(y)) if p.view.catalog().is_within(y, x) => b.clone(),
        (Some(x), Some(y)) if p.view.catalog().is_within(x, y) => a.clone(),
        (Some(_), Some(_)) => return None,
        (Some(_), None) => a.clone(),
        (None, Some(_)) => b.clone(),
        (None, None) if a.score >= b.score => a.clone(),
        (None, None) => b.clone(),
    })
}
