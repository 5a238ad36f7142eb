//! What lies at the end of a path, as a description.

use std::ops::Range;

use super::super::between::between;
use super::super::description::Description;
use super::super::{Step, accounted, kinds};
use super::{Chain, LONGER, Origin, SPENT};
use crate::RetrieverError;
use crate::graph::{Hop, Link, Way};
use crate::propose::Proposer;
use crate::rank::Features;

/// What a fact is worth that leads to things of the class asked for, where no other word asks for it.
const OF_CLASS: f64 = 0.5;

/// How well a path fits where the words that name the class of what it leads to do not name its last fact as well; and what
/// further words for that fact account for: "which suppliers | deliver | its parts".
fn without_class(
    p: &mut Proposer<'_>,
    chain: &Chain,
    words: &Range<usize>,
) -> Result<(f64, Vec<f64>), RetrieverError> {
    let nothing = vec![0.0; chain.used.len()];
    let Some(&(number, ..)) = chain.hops.last() else {
        return Ok((chain.fit(), nothing));
    };
    let most = chain.last.explains.iter().copied().fold(0.0, f64::max);
    let named = |at: usize| chain.last.explains[at] > 0.0 && chain.last.explains[at] >= 0.8 * most;
    if !words.clone().any(named) {
        return Ok((chain.fit(), nothing));
    }
    let mut used = vec![false; chain.used.len()];
    used[words.clone()].fill(true);
    let fit = p.matcher.local(number, &used, &|_| 0, &|_, _| true)?;
    let mut said = nothing;
    if words.end < used.len() && chain.explains[words.end] < SPENT {
        said[words.end] = fit.explains[words.end];
    }
    let mut without = chain.clone();
    if let Some(last) = without.fits.last_mut() {
        *last = last.min(fit.score.max(OF_CLASS));
    }
    Ok((without.fit(), said))
}

/// Adds what a path leads to: of each kind that the question's class words allow.
pub(super) fn read(
    p: &mut Proposer<'_>,
    span: &Range<usize>,
    origin: &Origin,
    chain: &Chain,
    described: &mut Vec<Description>,
) -> Result<(), RetrieverError> {
    if p.are_nameless(&chain.ends)? {
        return Ok(());
    }
    let Some(&(predicate, way, _)) = chain.hops.last() else {
        return Ok(());
    };
    let used = if origin.described {
        vec![false; p.question.tokens.len()]
    } else {
        p.used(&[span])
    };
    let mut own = origin.own.clone();
    for &(number, way, _) in &chain.hops {
        let kind = p.matcher.kind_words(number, way)?;
        for (at, own) in own.iter_mut().enumerate() {
            *own = own.max(p.as_kind(at, kind[at]));
        }
    }
    // Class words say what lies between as well: "the period of | the element | that she found".
    let on_the_way: Vec<(usize, Way)> = chain
        .hops
        .iter()
        .map(|&(number, way, _)| (number, way))
        .collect();
    for mention in between(p, span, &on_the_way) {
        for own in &mut own[mention.span.clone()] {
            *own = own.max(mention.fit);
        }
    }
    let last = Step {
        predicate,
        way,
        fit: chain.last.clone(),
        facts: chain.ends.len() as u64,
        reached: 0.0,
        against: 0.0,
        ends: Vec::new(),
    };
    let catalog = p.view.catalog().clone();
    let path: Vec<Hop> = chain
        .hops
        .iter()
        .map(|&(number, way, other)| Hop {
            other,
            ..Hop::new(&catalog.predicates()[number].iri, way)
        })
        .collect();
    let link = Link {
        from: origin.from.clone(),
        path,
        negated: false,
    };
    for kind in kinds(p, span, &last)? {
        let (fit, said) = match &kind.words {
            Some(words) => without_class(p, chain, words)?,
            None => (chain.fit(), vec![0.0; used.len()]),
        };
        let predicate = if origin.described {
            // A description has been found to fit already; the path adds to it.
            0.5 * (origin.features.predicate + fit) - LONGER
        } else {
            fit
        };
        let features = Features {
            predicate,
            coverage: p.coverage(&used, &[&chain.explains, &kind.explains, &own, &said]),
            kind: kind.score,
            ..origin.features
        };
        let explains = [chain.explains.as_slice(), own.as_slice(), said.as_slice()];
        let nothing = vec![false; used.len()];
        described.push(Description {
            spans: if origin.described {
                Vec::new()
            } else {
                vec![span.clone()]
            },
            links: vec![link.clone()],
            filters: Vec::new(),
            nameless: false,
            conditioned: false,
            features,
            explains: accounted(&nothing, &explains, &kind.explains),
            entities: origin.entities.clone(),
            kind,
        });
    }
    Ok(())
}
