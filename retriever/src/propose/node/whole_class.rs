//! Questions about a whole class.

use super::{iris, measured};
use crate::RetrieverError;
use crate::graph::{QueryGraph, Target};
use crate::propose::Proposer;
use crate::question::{Form, asks_for_nothing};
use crate::rank::{Features, Reading};

/// Readings about a class as a whole must account for this much of the question.
const LEAST_COVERED: f64 = 0.65;

/// Questions about a whole class: "which country has the largest area", "how many continents are there".
pub(super) fn propose(p: &mut Proposer<'_>, all: &mut Vec<Reading>) -> Result<(), RetrieverError> {
    let mut readings = Vec::new();
    let used = vec![false; p.question.tokens.len()];
    let counts = p.question.form == Form::Count;
    for mention in p.classes.clone() {
        let mut words = vec![0.0; p.question.tokens.len()];
        words[mention.span.clone()].fill(mention.fit);
        // "How many countries exist in the world": such words ask for nothing in particular.
        for (at, token) in p.question.tokens.iter().enumerate() {
            if asks_for_nothing(&token.text) {
                words[at] = 1.0;
            }
        }
        let node = |filter, target| QueryGraph::Node {
            classes: iris(p, mention.class),
            edges: Vec::new(),
            filter,
            target,
        };
        let plain = p.question.threshold.is_none() && p.question.superlative.is_none();
        if plain {
            let features = Features {
                link: 0.9 * mention.fit,
                prior: 1.0,
                predicate: 0.8,
                coverage: p.coverage(&used, &[&words]),
                kind: 0.0,
            };
            let target = if counts { Target::Count } else { Target::Every };
            readings.push(Reading {
                graph: node(None, target),
                entities: Vec::new(),
                features,
                absent: false,
            });
            continue;
        }
        let used_by_class = p.used(&[&mention.span]);
        for (fit, filter, target) in
            measured(p, Some(mention.class), &used_by_class, &mention.span)?
        {
            let features = Features {
                link: 0.9 * mention.fit,
                prior: 1.0,
                predicate: fit.score,
                coverage: p.coverage(&used, &[&words, &fit.explains]),
                kind: 1.0,
            };
            let graph = QueryGraph::Node {
                classes: iris(p, mention.class),
                edges: Vec::new(),
                filter,
                target,
            };
            readings.push(Reading {
                graph,
                entities: Vec::new(),
                features,
                absent: false,
            });
        }
    }
    // A word that is left over may name the very thing that the question is about.
    readings.retain(|reading: &Reading| reading.features.coverage >= LEAST_COVERED);
    all.append(&mut readings);
    Ok(())
}
