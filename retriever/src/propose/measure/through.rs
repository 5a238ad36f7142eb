//! Numbers and dates that are told of nameless nodes: values with their units, statements, events and their time-spans.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

use super::Gauge;
use crate::RetrieverError;
use crate::graph::{Hop, Measure, Way};
use crate::propose::Proposer;
use crate::rank::{Match, implied};

/// What a value is worth less that is told by a predicate of the same name from a statement.
const SAID_AGAIN: f64 = 0.02;
/// What a predicate fits that leads to things of the class that is ranked.
const OF_CLASS: f64 = 0.8;
/// A noun that is explained this far is a predicate's name.
const NAMED: f64 = 0.9;
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
    /// The values of things that a predicate leads to, where the noun that is ranked is its name: "which club has the biggest |
    /// stadium" ranks clubs by how many their stadiums hold.
    pub(super) fn of_things(
        &mut self,
        number: usize,
        fits: &mut Fits<'_>,
    ) -> Result<Vec<Gauge>, RetrieverError> {
        let Some(noun) = self
            .ranked_noun()
            .filter(|at| self.question.asked != Some(*at))
        else {
            return Ok(Vec::new());
        };
        let catalog = self.view.catalog().clone();
        let predicates = catalog.predicates();
        let told = &predicates[number];
        if !told.is_of_things() || fits.used[noun] {
            return Ok(Vec::new());
        }
        let mut first = fits.of(self, number)?.clone();
        let classes = self
            .classes
            .iter()
            .filter(|class| class.span.contains(&noun));
        let of_class = classes
            .filter(|class| {
                told.range
                    .keys()
                    .any(|own| catalog.is_within(*own, class.class))
            })
            .map(|class| class.fit)
            .fold(0.0, f64::max);
        first.score = first.score.max(OF_CLASS * of_class);
        first.explains[noun] = first.explains[noun].max(of_class);
        if first.explains[noun] < NAMED {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for (last, predicate) in predicates.iter().enumerate() {
            let of_these = predicate
                .domain
                .keys()
                .any(|class| told.range.contains_key(class));
            let Some(score) =
                implied(predicate, fits.hints).filter(|_| of_these && predicate.is_numeric())
            else {
                continue;
            };
            let hops = [number, last].map(|number| Hop::new(&predicates[number].iri, Way::Forward));
            found.push(Gauge {
                measure: Measure::Value(hops.to_vec()),
                first: (number, Way::Forward),
                last,
                fit: Match {
                    score: 0.5 * (first.score + score),
                    ..first.clone()
                },
                of_another: true,
            });
        }
        Ok(found)
    }

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
                of_another: false,
            });
        }
        Ok(found)
    }
}
