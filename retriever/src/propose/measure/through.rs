//! Numbers and dates that are told of nameless nodes: values with their units, statements, events and their time-spans.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

use super::Gauge;
use crate::RetrieverError;
use crate::graph::{Hop, Measure, Way};
use crate::propose::Proposer;
use crate::rank::Match;

/// What a value is worth less that is told by a predicate of the same name from a statement.
const SAID_AGAIN: f64 = 0.02;
/// What a value is worth less that is told of a node behind another one.
const BEHIND: f64 = 0.02;

/// How well predicates fit what a question asks to measure, each computed once.
pub(super) struct Fits<'a> {
    pub(super) hints: &'a [&'a str],
    pub(super) used: &'a [bool],
    pub(super) hidden: &'a Range<usize>,
    pub(super) known: HashMap<usize, Match>,
}

impl Fits<'_> {
    pub(super) fn of(
        &mut self,
        p: &mut Proposer<'_>,
        number: usize,
    ) -> Result<&Match, RetrieverError> {
        Ok(match self.known.entry(number) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                place.insert(p.gauged(number, self.hints, self.used, self.hidden)?)
            }
        })
    }
}

impl Proposer<'_> {
    /// The values that nameless nodes have to which a predicate leads, and those of nodes to which these lead: "born" leads to
    /// an event, which has a time-span, which has its first day.
    pub(super) fn through(
        &mut self,
        number: usize,
        fits: &mut Fits<'_>,
    ) -> Result<Vec<Gauge>, RetrieverError> {
        let catalog = self.view.catalog().clone();
        let predicates = catalog.predicates();
        let mut paths: Vec<Vec<usize>> = Vec::new();
        for &last in &predicates[number].through {
            paths.push(vec![number, last]);
        }
        for &(next, way) in predicates[number].behind(Way::Forward) {
            if way == Way::Forward {
                let lasts = predicates[next].through.iter();
                paths.extend(lasts.map(|last| vec![number, next, *last]));
            }
        }
        let mut found = Vec::with_capacity(paths.len());
        for path in paths {
            let last = path[path.len() - 1];
            let first = fits.of(self, number)?.score;
            let mut fit = fits.of(self, number)?.clone();
            for part in &path[1..] {
                fit.improve(fits.of(self, *part)?);
            }
            fit.score = 0.85 * fit.score + 0.15 * first.min(fits.of(self, last)?.score);
            if predicates[number].label == predicates[last].label {
                // The statement of a fact that is told without one as well.
                fit.score -= SAID_AGAIN;
            }
            fit.score -= BEHIND * (path.len() - 2) as f64;
            let hop = |number: &usize| Hop::new(&predicates[*number].iri, Way::Forward);
            found.push(Gauge {
                measure: Measure::Value(path.iter().map(hop).collect()),
                first: (number, Way::Forward),
                last,
                fit,
            });
        }
        Ok(found)
    }
}
