//! Paths through nodes that have no name: statements, holders of values.

use std::ops::Range;

use kg_store::rdf::Term;

use super::super::description::Description;
use super::read::read;
use super::{Chain, KIND_ONLY, Origin, asks_for_a_holder, extend, keep_best, most_held, somebody};
use crate::RetrieverError;
use crate::graph::Way;
use crate::propose::Proposer;

/// What is behind a nameless node speaks this much for what leads there.
const BEHIND: f64 = 0.8;
/// A statement of which a condition may be said is followed as if what is behind it fitted this well, and must turn out to be
/// asked for this well.
const CONDITIONED: f64 = 0.45;
const ASKED: f64 = 0.4;
/// Nameless nodes that stand between two things at the most.
const MOST_NAMELESS: usize = 2;
/// Things at the end of a path that are looked up.
const COMPARED: usize = 3;
/// Nodes that are looked at, where all have much the same predicates.
const ALIKE: usize = 4;
/// How well the value of a nameless node fits at the least.
const VALUE: f64 = 0.5;

/// Follows the paths that end at nameless nodes to what these hold: a statement leads on to what it is about, and may do
/// so through the node that holds a value with its unit.
pub(super) fn go_through(
    p: &mut Proposer<'_>,
    span: &Range<usize>,
    origin: &Origin,
    chains: Vec<Chain>,
    described: &mut Vec<Description>,
) -> Result<Vec<Chain>, RetrieverError> {
    let (mut found, mut open) = (Vec::new(), chains);
    let mut told = Vec::new();
    for chain in &open {
        if let Some((&(number, way, _), before)) = chain.hops.split_last()
            && !p.are_nameless(&chain.ends)?
        {
            let label = p.view.catalog().predicates()[number].label.clone();
            told.push((before.to_vec(), label, way));
        }
    }
    // What a Wikibase tells directly need not be asked of its statements.
    let is_told = |p: &Proposer<'_>, chain: &Chain| {
        let [before @ .., (first, way, _), (second, ..)] = chain.hops.as_slice() else {
            return false;
        };
        let predicates = p.view.catalog().predicates();
        let (first, second) = (&predicates[*first].label, &predicates[*second].label);
        let mut told = told.iter();
        first == second && told.any(|(b, label, w)| b == before && label == first && w == way)
    };
    for _ in 0..MOST_NAMELESS {
        let mut further = Vec::new();
        for chain in std::mem::take(&mut open) {
            if !p.are_nameless(&chain.ends)? {
                found.push(chain);
                continue;
            }
            let ways = around(p, &chain)?;
            let mut longer = extend(p, span, &chain, (&ways, 0.0, true), origin)?;
            longer.retain(|chain| !is_told(p, chain));
            for mut chain in longer {
                let first = chain.fits.iter().rev().nth(1);
                let for_condition = first.is_some_and(|fit| *fit <= BEHIND * CONDITIONED);
                join(p, &mut chain);
                as_told_directly(p, origin, &mut chain)?;
                // What was followed for the sake of a condition must be asked for as well.
                let asked = chain.fits.last().is_some_and(|fit| *fit >= ASKED);
                if asked || !for_condition || !p.sets_conditions() {
                    read(p, span, origin, &chain, described)?;
                    further.push(chain);
                }
            }
        }
        keep_best(p, &mut further);
        open = further;
    }
    found.extend(open);
    Ok(found)
}

/// A relation through a nameless node is one: the better of its two predicates carries it.
fn join(p: &Proposer<'_>, chain: &mut Chain) {
    if let [.., (first, ..), (second, ..)] = chain.hops.as_slice()
        && p.view.catalog().predicates()[*first]
            .through
            .contains(second)
        && let Some(fit) = chain.fits.last_mut()
    {
        // The value is what such a node stands for, rather than its unit or its source.
        *fit = fit.max(VALUE);
    }
    chain.facts += 1;
    if let (Some(second), Some(first)) = (chain.fits.pop(), chain.fits.pop()) {
        chain
            .fits
            .push(0.85 * first.max(second) + 0.15 * first.min(second));
    }
}

/// What a statement leads to may be told directly as well, by a predicate with a better name for it: the authors of a paper,
/// beside statements of who was its first one. Where the question sets a condition, such a path is asked for by that name.
fn as_told_directly(
    p: &mut Proposer<'_>,
    origin: &Origin,
    chain: &mut Chain,
) -> Result<(), RetrieverError> {
    let Some(Term::NamedNode(topic)) = origin.topic.as_ref().filter(|_| chain.hops.len() == 2)
    else {
        return Ok(());
    };
    if !p.sets_conditions() {
        return Ok(());
    }
    let mut direct: Option<Vec<(usize, Way)>> = None;
    for end in chain.ends.iter().take(COMPARED) {
        let Term::NamedNode(end) = end else {
            return Ok(());
        };
        let between = p.between(topic.as_ref(), end.as_ref())?;
        let mut known = direct.unwrap_or_else(|| between.clone());
        known.retain(|fact| between.contains(fact));
        direct = Some(known);
    }
    for (number, _) in direct.unwrap_or_default() {
        let fit = p
            .matcher
            .local(number, &chain.before, &|_| 0, &|_, _| true)?;
        if let Some(last) = chain.fits.last_mut().filter(|last| **last < fit.score) {
            *last = fit.score;
            chain.last.improve(&fit);
            for (explained, more) in chain.explains.iter_mut().zip(&fit.explains) {
                *explained = explained.max(*more);
            }
        }
    }
    Ok(())
}

/// How well the best of what lies behind a nameless node fits.
pub(super) fn behind(
    p: &mut Proposer<'_>,
    span: &Range<usize>,
    (number, entered): (usize, Way),
    used: &[bool],
) -> Result<f64, RetrieverError> {
    let catalog = p.view.catalog().clone();
    // A condition may be said of the statement, whatever else it is asked for by.
    let conditioned =
        p.sets_conditions() && !catalog.predicates()[number].behind(entered).is_empty();
    let ways = catalog.predicates()[number].behind(entered);
    let holders = asks_for_a_holder(p, span, used).then(|| most_held(p, ways));
    let mut best = if conditioned { CONDITIONED } else { 0.0_f64 };
    for &(next, way) in ways {
        let fit = p.matcher.local(next, used, &|_| 0, &|_, _| true)?;
        let kind = p.kind_evidence(next, way, used)?;
        best = best.max(fit.score).max(KIND_ONLY * kind);
        if let Some(most) = holders {
            best = best.max(somebody(p, most, (next, way)));
        }
    }
    Ok(BEHIND * best)
}

/// All predicates at the ends of a path.
fn around(p: &mut Proposer<'_>, chain: &Chain) -> Result<Vec<(usize, Way)>, RetrieverError> {
    let mut found = Vec::new();
    let last = chain.hops.last().map(|&(number, way, _)| (number, way));
    let apart =
        last.is_some_and(|(number, way)| p.view.catalog().roles_behind(number, way).is_some());
    let looked_at = if apart { chain.ends.len() } else { ALIKE };
    for end in chain.ends.iter().take(looked_at) {
        for (number, way) in p.ways_of(end)? {
            if !found.contains(&(number, way)) {
                found.push((number, way));
            }
        }
    }
    Ok(found)
}
