//! The bounds and orders that a question sets on things.

use std::ops::Range;

use super::Proposer;
use super::compare::operator;
use super::measure::{Gauge, Measured};
use super::times::tells_of_a_life;
use crate::RetrieverError;
use crate::catalog::Predicate;
use crate::graph::{Comparand, Filter, Measure, Order, Way};
use crate::question::{Operator, Threshold};
use crate::rank::{Match, implied};

/// How well a measure fits, with the bounds or the order that it makes.
pub(super) type Condition = (Match, Vec<Filter>, Option<Order>);

/// What conditions are said of: things of a class, or of any, that have some facts as their subjects or their objects.
pub(super) struct Bearers<'a> {
    pub(super) class: Option<usize>,
    pub(super) subject: &'a dyn Fn(usize) -> bool,
    pub(super) object: &'a dyn Fn(usize) -> bool,
    /// Words that say no more of them.
    pub(super) used: &'a [bool],
    /// Words that are taken out before meanings are compared.
    pub(super) hidden: &'a Range<usize>,
}

impl<'a> Bearers<'a> {
    fn measured(&self, counted: Option<usize>) -> Measured<'a> {
        Measured {
            subject: self.subject,
            object: self.object,
            counted,
        }
    }
}

/// Things of one name that are compared with.
const MOST_COMPARED: usize = 3;
/// A number below this one is a year only where the question says that it is a time.
const FIRST_YEAR: f64 = 1000.0;
/// A word that is explained this far names what is measured.
const NAMED: f64 = 0.8;
/// A word that is explained this far says what one of several bounds is of.
const BOUND: f64 = 0.5;
/// Words that a bound stands beside.
const BESIDE: usize = 3;
/// What a place in an order is called.
const ORDINAL: &[&str] = &["ordinal", "number", "rank", "order", "position", "place"];
/// The same where "first" and "last" may be meant, which are hardly said of a number.
const PLACED: &[&str] = &["ordinal", "rank", "position"];
/// What it costs that a bound and an order are of one measure.
const SAME_MEASURE: f64 = 0.1;
/// Bounds that are tried with as many orders, where the question has both.
const MOST_PAIRED: usize = 2;

impl Proposer<'_> {
    /// The bounds and orders that the question sets on things of a class, or on any.
    pub(super) fn conditions(
        &mut self,
        class: Option<usize>,
        used: &[bool],
        hidden: &Range<usize>,
    ) -> Result<Vec<Condition>, RetrieverError> {
        self.of_class(class, used, hidden, Self::conditions_on)
    }

    /// What is made of the things of a class, or of any, as bearers of conditions.
    pub(super) fn of_class<T>(
        &mut self,
        class: Option<usize>,
        used: &[bool],
        hidden: &Range<usize>,
        make: impl FnOnce(&mut Self, &Bearers<'_>) -> T,
    ) -> T {
        let catalog = self.view.catalog().clone();
        let within = |n: usize, way: Way| {
            let predicate = &catalog.predicates()[n];
            class.is_none_or(|class| {
                let share = catalog.share(predicate.classes_at(way), predicate.facts, class);
                share.unwrap_or(0.0) > 0.0
            })
        };
        let bearers = Bearers {
            class,
            subject: &|n| within(n, Way::Inverse),
            object: &|n| within(n, Way::Forward),
            used,
            hidden,
        };
        make(self, &bearers)
    }

    /// The bounds and orders that the question sets on some things.
    pub(super) fn conditions_on(
        &mut self,
        bearers: &Bearers<'_>,
    ) -> Result<Vec<Condition>, RetrieverError> {
        let mut filters = self.filters(bearers)?;
        filters.extend(self.than(bearers)?);
        if self.bounds_what_is_counted() || self.counts_a_name() {
            // "The country with the most cities with over a million people": no bound on countries.
            return Ok(Vec::new());
        }
        let orders = self.orders(bearers)?;
        let asked = (
            self.question.threshold.is_some() || self.compared_with().is_some(),
            self.question.superlative.is_some(),
        );
        Ok(match asked {
            (true, true) => both(&filters, &orders),
            (true, false) => filters
                .into_iter()
                .map(|(fit, filters)| (fit, filters, None))
                .collect(),
            _ => orders
                .into_iter()
                .map(|(fit, order)| (fit, Vec::new(), Some(order)))
                .collect(),
        })
    }

    /// The bounds that the question sets.
    pub(super) fn filters(
        &mut self,
        bearers: &Bearers<'_>,
    ) -> Result<Vec<(Match, Vec<Filter>)>, RetrieverError> {
        let Some(first) = self.question.threshold.clone() else {
            return Ok(Vec::new());
        };
        if self.question.further.is_empty() {
            return self.bounded(bearers, &first);
        }
        let mut bounds = self.question.further.clone();
        bounds.push(first);
        bounds.sort_by_key(|bound| bound.span.start);
        let mut found: Option<Vec<(Match, Vec<Filter>)>> = None;
        for (number, bound) in bounds.iter().enumerate() {
            // The words that say what is bound stand before or behind the number, and not beyond another one.
            let from = number.checked_sub(1).map_or(0, |n| bounds[n].span.end);
            let upto = bounds.get(number + 1).map(|next| next.span.start);
            let within = from..upto.unwrap_or(bearers.used.len());
            let mut used = bearers.used.to_vec();
            for (at, used) in used.iter_mut().enumerate() {
                *used |= !within.contains(&at);
            }
            let near = Bearers {
                used: &used,
                ..*bearers
            };
            let mut more = self.bounded(&near, bound)?;
            more.retain(|(fit, _)| names_what_is_bound(fit, bound));
            found = Some(match found {
                Some(found) => paired(&found, &more),
                None => more,
            });
        }
        Ok(found.unwrap_or_default())
    }

    /// What one bound may be said of.
    pub(super) fn bounded(
        &mut self,
        bearers: &Bearers<'_>,
        threshold: &Threshold,
    ) -> Result<Vec<(Match, Vec<Filter>)>, RetrieverError> {
        let catalog = self.view.catalog().clone();
        let of = bearers.measured(self.counted_noun(threshold.span.end));
        let mut found = Vec::new();
        // "In 2024": whatever is told of its time.
        let years = threshold.unit.is_none() && threshold.is_of_years();
        let hints: &[&str] = match (threshold.year || threshold.time || years, threshold.ordinal) {
            (true, _) => &["date"],
            (_, true) => ORDINAL,
            _ => match &threshold.unit {
                // "Mountains over 8,000 metres".
                Some((_, unit)) if threshold.property.is_empty() => unit.properties(),
                _ => threshold.property,
            },
        };
        let mut gauges = self.measures(&of, hints, bearers.used, bearers.hidden)?;
        let before = threshold.span.start.checked_sub(1);
        let named = |gauge: &Gauge| before.is_some_and(|at| gauge.fit.explains[at] >= NAMED);
        if threshold.weak && gauges.iter().any(named) {
            // "Phase | 2": what stands before the number says what it is a number of.
            gauges.retain(named);
        }
        for mut gauge in gauges {
            let last = &catalog.predicates()[gauge.last];
            gauge.account_for(catalog.predicates(), threshold);
            if (threshold.year || threshold.time) && !last.tells_a_time() {
                continue;
            }
            let of_time = threshold.year || threshold.time;
            if last.tells_a_time() && !of_time && threshold.number.value < FIRST_YEAR {
                // "More than two" is no year.
                continue;
            }
            let said = || {
                let mut words = 0..gauge.fit.explains.len();
                words.any(|at| !threshold.span.contains(&at) && gauge.fit.explains[at] >= BOUND)
            };
            let beside = || {
                let (from, upto) = (threshold.span.start, threshold.span.end);
                let unit = threshold.unit.as_ref().map(|(span, _)| span);
                let words = (from.saturating_sub(BESIDE)..from).chain(upto..upto + BESIDE);
                let mut words = words.filter(|at| !unit.is_some_and(|unit| unit.contains(at)));
                words.any(|at| gauge.fit.explains.get(at).is_some_and(|e| *e >= BOUND))
            };
            if let Some((_, unit)) = &threshold.unit
                && catalog.predicates()[gauge.first.0].unit.is_none()
                && last.unit.is_none()
                && ((implied(last, unit.properties()).is_none()
                    && implied(last, hints).is_none()
                    && !beside())
                    || !unit.is_customary(is_upright(last))
                    || !last.reaches(threshold.number.value))
            {
                // Of what no unit is told, only what is called so is compared with "190 cm", and not with a number beyond
                // all others, which is in another unit.
                continue;
            }
            if of_time && tells_of_a_life(last) && !said() {
                // Who was mayor in 1850 was not born then.
                continue;
            }
            if threshold.ordinal && implied(last, ORDINAL).is_none() {
                continue;
            }
            // Nothing has more of what there is so little of in all.
            let all = catalog.predicates()[gauge.first.0].facts as f64;
            let counts = matches!(gauge.measure, Measure::Number { .. });
            let most = matches!(threshold.operator, Operator::Less | Operator::AtMost);
            if counts && !most && threshold.number.value > all {
                continue;
            }
            let filters = threshold.bounds().map(|end| {
                Some(Filter {
                    measure: gauge.measure.clone(),
                    operator: end.operator,
                    with: Comparand::Bound(gauge.bound(catalog.predicates(), threshold, end)?),
                    or_none: false,
                })
            });
            if let Some(filters) = filters.collect() {
                found.push((gauge.fit, filters));
            }
        }
        Ok(found)
    }

    /// The bounds that another thing's own value sets: "a larger population than Spain".
    fn than(&mut self, bearers: &Bearers<'_>) -> Result<Vec<(Match, Vec<Filter>)>, RetrieverError> {
        if self.wants_the_very_next() {
            // Whatever was later is not what came right after.
            return Ok(Vec::new());
        }
        let (Some(mention), Some(comparative)) =
            (self.compared_with(), self.question.comparative.clone())
        else {
            return Ok(Vec::new());
        };
        let of = bearers.measured(self.compared_number());
        let mut spent = bearers.used.to_vec();
        spent[mention.span.clone()].fill(true);
        let mut found = Vec::new();
        let catalog = self.view.catalog().clone();
        for gauge in self.measures(&of, comparative.property, &spent, bearers.hidden)? {
            let last = &catalog.predicates()[gauge.last];
            if self.compares_times() && !last.tells_a_time() {
                continue;
            }
            for candidate in mention.candidates.iter().take(MOST_COMPARED) {
                let counts = matches!(gauge.measure, Measure::Number { .. });
                if !counts && !self.has(&candidate.entity.iri, gauge.first)? {
                    continue;
                }
                let mut fit = gauge.fit.clone();
                fit.explains[mention.span.clone()].fill(1.0);
                fit.explains[comparative.span.clone()].fill(1.0);
                let filter = Filter {
                    measure: gauge.measure.clone(),
                    operator: operator(self.end_of(last, comparative.direction)),
                    with: Comparand::Entity(candidate.entity.iri.clone()),
                    or_none: false,
                };
                found.push((fit, vec![filter]));
                break;
            }
        }
        Ok(found)
    }

    /// The orders that the question asks for.
    pub(super) fn orders(
        &mut self,
        bearers: &Bearers<'_>,
    ) -> Result<Vec<(Match, Order)>, RetrieverError> {
        let Some(superlative) = self.question.superlative.clone() else {
            return Ok(Vec::new());
        };
        let class = bearers.class;
        let of_others =
            class.is_some_and(|class| self.is_of_others(&superlative, class, bearers.used));
        let catalog = self.view.catalog().clone();
        let after = match self.question.each {
            true => self.question.counted,
            false => superlative
                .word
                .filter(|word| *word == superlative.span.end),
        };
        let after = after.and_then(|word| self.counted_noun(word));
        if after.is_some_and(|word| bearers.hidden.contains(&word) || bearers.used[word]) {
            // "The most states" counts states, and ranks something else.
            return Ok(Vec::new());
        }
        let of = bearers.measured(after);
        // "The population of the largest city": what is asked for is not by what it is the largest.
        let mut used = bearers.used.to_vec();
        let of_it = |at: &usize| {
            let next = self.question.tokens.get(at + 1);
            at + 1 < superlative.span.start && next.is_some_and(|next| next.text == "of")
        };
        if let Some(at) = self.question.asked.filter(of_it) {
            used[at] = true;
        }
        let mut found = Vec::new();
        let mut gauges = self.measures(&of, superlative.property, &used, bearers.hidden)?;
        let is_time = |gauge: &Gauge| catalog.predicates()[gauge.last].tells_a_time();
        if superlative.weak && !gauges.iter().any(is_time) {
            // Where nothing tells when, a place in a list may.
            gauges = self.measures(&of, PLACED, &used, bearers.hidden)?;
        }
        gauges.retain(|gauge| gauge.of_another || !of_others);
        for mut gauge in gauges {
            if after.is_some_and(|word| gauge.fit.explains[word] == 0.0) {
                // "most X": X itself must be what is measured.
                gauge.fit.score *= 0.7;
            }
            if catalog.predicates()[gauge.last].is_constant() {
                continue;
            }
            let temporal = catalog.predicates()[gauge.last].tells_a_time();
            let named = || gauge.fit.explains.iter().any(|e| *e >= NAMED);
            if temporal && superlative.is_of_sizes() && !named() {
                // No day is "the biggest".
                continue;
            }
            if superlative.weak {
                let placed = implied(&catalog.predicates()[gauge.last], PLACED).is_some();
                if !temporal && !placed {
                    continue;
                }
                gauge.fit.explains[superlative.span.clone()].fill(1.0);
            }
            let order = Order {
                measure: gauge.measure,
                direction: self.end_of(
                    &catalog.predicates()[gauge.last],
                    superlative.direction_for(temporal),
                ),
                skip: superlative.skip,
                take: superlative.take,
            };
            found.push((gauge.fit, order));
        }
        Ok(found)
    }
}

/// Whether a predicate tells how far something reaches up or down.
fn is_upright(predicate: &Predicate) -> bool {
    implied(
        predicate,
        &["height", "elevation", "altitude", "depth", "width"],
    )
    .is_some()
}

/// Whether some word beside the number says what is bound: of several bounds in time, each has its own.
fn names_what_is_bound(fit: &Match, bound: &Threshold) -> bool {
    let mut tokens = 0..fit.explains.len();
    tokens.any(|at| !bound.span.contains(&at) && fit.explains[at] >= BOUND)
        || !(bound.time || bound.year)
}

/// Bounds on different measures.
fn paired(
    found: &[(Match, Vec<Filter>)],
    more: &[(Match, Vec<Filter>)],
) -> Vec<(Match, Vec<Filter>)> {
    let mut pairs = Vec::new();
    for (one, filters) in found.iter().take(MOST_PAIRED) {
        for (other, further) in more.iter().take(MOST_PAIRED) {
            let differ = |filter: &Filter| further.iter().all(|f| f.measure != filter.measure);
            if !filters.iter().all(differ) {
                continue;
            }
            let mut fit = one.clone();
            fit.improve(other);
            fit.score = 0.5 * (one.score + other.score);
            pairs.push((fit, [filters.as_slice(), further].concat()));
        }
    }
    pairs.sort_by(|a, b| b.0.score.total_cmp(&a.0.score));
    pairs
}

/// "The oldest of those built after 1990": a bound and an order.
fn both(filters: &[(Match, Vec<Filter>)], orders: &[(Match, Order)]) -> Vec<Condition> {
    let mut found = Vec::new();
    for (bound, filter) in filters.iter().take(MOST_PAIRED) {
        for (ordered, order) in orders.iter().take(MOST_PAIRED) {
            let mut fit = bound.clone();
            fit.improve(ordered);
            fit.score = 0.5 * (bound.score + ordered.score);
            if filter.iter().any(|filter| filter.measure == order.measure) {
                // "The smallest population of those higher than": each has a measure of its own, as a rule.
                fit.score -= SAME_MEASURE;
            }
            found.push((fit, filter.clone(), Some(order.clone())));
        }
    }
    found
}
