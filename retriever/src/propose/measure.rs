//! What things are compared, ordered and bounded by.

use std::ops::Range;

use super::Proposer;
use super::compare::operator;
use crate::RetrieverError;
use crate::catalog::Predicate;
use crate::graph::{Bound, Filter, Hop, Measure, Order, Way};
use crate::link::Mention;
use crate::question::{Form, Superlative};
use crate::rank::Match;
use crate::thesaurus::Word;

/// A measure with how well the question asks for it.
#[derive(Clone)]
pub(super) struct Gauge {
    /// The measure.
    pub(super) measure: Measure,
    /// The predicate of its first fact, and which way it is read.
    pub(super) first: (usize, Way),
    /// The predicate whose values are compared; the first one where things are counted.
    pub(super) last: usize,
    /// How well it fits.
    pub(super) fit: Match,
}

/// Whose measures are looked for: which facts the things can have, as their subject or as their object.
pub(super) struct Measured<'a> {
    pub(super) subject: &'a dyn Fn(usize) -> bool,
    pub(super) object: &'a dyn Fn(usize) -> bool,
    /// The word for what is counted, where the question may ask for a number of things.
    pub(super) counted: Option<usize>,
}

/// How well a measure fits, with the bounds or the order that it makes.
pub(super) type Condition = (Match, Vec<Filter>, Option<Order>);

/// Things of one name that are compared with.
const MOST_COMPARED: usize = 3;
/// How well a date fits an adjective of age that does not name it.
const OF_TIME: f64 = 0.6;
/// A class word that fits this well is one.
const SURE: f64 = 0.75;
/// Words that an adjective of degree stands beside.
const BESIDE: usize = 3;
/// Measures tried for one description.
const MOST_TRIED: usize = 4;
/// A class that this share of things belongs to is that of all of them.
const ALL: f64 = 0.99;
/// Bounds that are tried with as many orders, where the question has both.
const MOST_PAIRED: usize = 2;
/// Measures that fit less than this are not tried.
const LEAST_FIT: f64 = 0.3;

impl<'a> Proposer<'a> {
    /// The measures that fit the question best, best first. `hints` are words for the property that an adjective
    /// implies.
    pub(super) fn measures(
        &mut self,
        of: &Measured<'_>,
        hints: &[&str],
        used: &[bool],
        hidden: &Range<usize>,
    ) -> Result<Vec<Gauge>, RetrieverError> {
        let catalog = self.view.catalog().clone();
        let predicates = catalog.predicates();
        let mut found = Vec::new();
        for (number, predicate) in predicates.iter().enumerate() {
            let subject = (of.subject)(number);
            if subject && (predicate.is_numeric() || predicate.is_temporal()) {
                let fit = self.gauged(number, hints, used, hidden)?;
                found.push(Gauge {
                    measure: Measure::value(&predicate.iri),
                    first: (number, Way::Forward),
                    last: number,
                    fit,
                });
            }
            if subject && !predicate.through.is_empty() {
                let first = self.gauged(number, hints, used, hidden)?;
                for &last in &predicate.through {
                    let second = self.gauged(last, hints, used, hidden)?;
                    let mut fit = first.clone();
                    fit.improve(&second);
                    fit.score = 0.85 * fit.score + 0.15 * first.score.min(second.score);
                    let hop = |number: usize| Hop::new(&predicates[number].iri, Way::Forward);
                    found.push(Gauge {
                        measure: Measure::Value(vec![hop(number), hop(last)]),
                        first: (number, Way::Forward),
                        last,
                        fit,
                    });
                }
            }
            if let Some(word) = of.counted.filter(|_| predicate.objects.nodes > 0) {
                for (way, can) in [(Way::Forward, subject), (Way::Inverse, (of.object)(number))] {
                    if can {
                        found.extend(self.counting(number, way, word, used)?);
                    }
                }
            }
        }
        found.retain(|gauge| gauge.fit.score > LEAST_FIT);
        self.keep_implied(hints, &mut found);
        found.sort_by(|a, b| {
            let order = b.fit.score.total_cmp(&a.fit.score);
            order.then((a.first, a.last).cmp(&(b.first, b.last)))
        });
        found.truncate(MOST_TRIED);
        Ok(found)
    }

    /// Where an adjective implies a property that there is, as "heaviest" does, another one must be named beside it:
    /// "the heaviest element that was discovered in" orders by weight, and not by the year of discovery.
    fn keep_implied(&self, hints: &[&str], found: &mut Vec<Gauge>) {
        let question = self.question;
        let degree = question.superlative.as_ref().map(|s| s.span.end);
        let Some(from) = degree.or(question.comparative.as_ref().map(|c| c.span.end)) else {
            return;
        };
        let catalog = self.view.catalog();
        let implied = |gauge: &Gauge| {
            let names = &catalog.predicates()[gauge.last].names;
            let first = &catalog.predicates()[gauge.first.0].names;
            let mut words = names.iter().chain(first).flat_map(|name| &name.tokens);
            words.any(|word| {
                hints
                    .iter()
                    .any(|hint| crate::text::stem(hint) == word.stem)
            })
        };
        let by = (0..question.tokens.len()).find(|at| question.tokens[*at].text == "by");
        let beside = |at: usize| {
            (from..from + BESIDE).contains(&at)
                || by.is_some_and(|by| (by + 1..=by + BESIDE).contains(&at))
        };
        let named = |gauge: &Gauge| {
            let explains = &gauge.fit.explains;
            (0..explains.len()).any(|at| explains[at] >= 0.5 && beside(at))
        };
        if found.iter().any(implied) {
            found.retain(|gauge| implied(gauge) || named(gauge));
        }
    }

    fn gauged(
        &mut self,
        number: usize,
        hints: &[&str],
        used: &[bool],
        hidden: &Range<usize>,
    ) -> Result<Match, RetrieverError> {
        let mut fit = self
            .matcher
            .score(number, used, std::slice::from_ref(hidden))?;
        fit.improve(&self.matcher.local(number, used, &|_| 0, &|_, _| true)?);
        let predicate = &self.view.catalog().predicates()[number];
        let mut words = predicate.names.iter().flat_map(|name| &name.tokens);
        if hints.contains(&"date") && predicate.is_temporal() && !words.any(|word| ends(&word.text))
        {
            // Whatever is told of its time, as where nothing is "founded" but all are "opened".
            fit.score = fit.score.max(OF_TIME);
        }
        for (place, hint) in hints.iter().enumerate() {
            let stem = crate::text::stem(hint);
            let mut words = predicate.names.iter().flat_map(|n| &n.tokens);
            if words.any(|t| t.stem == stem) {
                fit.score = fit.score.max(0.9 - 0.04 * place as f64);
            }
        }
        Ok(fit)
    }

    /// How many things a fact leads to, where the word for what is counted names the fact or their kind.
    fn counting(
        &mut self,
        number: usize,
        way: Way,
        word: usize,
        used: &[bool],
    ) -> Result<Option<Gauge>, RetrieverError> {
        if way == Way::Forward && !self.view.catalog().predicates()[number].through.is_empty() {
            // A node that holds a value is that value: nobody counts masses.
            return Ok(None);
        }
        let predicate = &self.view.catalog().predicates()[number];
        if way == Way::Forward && predicate.facts * 50 <= predicate.subjects * 51 {
            // Of what has one value each, all have as many.
            return Ok(None);
        }
        let mut fit = self.matcher.local(number, used, &|_| 0, &|_, _| true)?;
        let kind = self.matcher.kind_words(number, way)?[word];
        let catalog = self.view.catalog();
        let predicate = &catalog.predicates()[number];
        let spread = predicate.classes_at(way);
        // Of what a fact leads to, those of the class that the word names are counted.
        let of_class = self
            .classes
            .iter()
            .filter(|mention| mention.span.contains(&word))
            .filter_map(|mention| {
                let share = catalog.share(spread, predicate.facts, mention.class)?;
                (share > 0.0).then_some((mention, share))
            })
            .max_by(|a, b| a.0.fit.total_cmp(&b.0.fit));
        let named = fit.explains[word];
        // Several things are counted, so that a noun in the singular is none for them, but may well be a unit.
        let token = &self.question.tokens[word].text;
        let plural = Word::of(token).lemmas.iter().any(|lemma| lemma != token);
        let kind = if plural { kind } else { 0.0 };
        let class_fit = of_class.map_or(0.0, |(mention, _)| mention.fit);
        let counted = named.max(class_fit).max(0.8 * kind);
        if counted < 0.5 {
            return Ok(None);
        }
        // Of two that fit as well, the one that more is told of.
        let usage = (predicate.facts.max(1) as f64).log10() / 7.0;
        fit.score = (0.88 * counted).max(fit.score.min(0.88)) + 0.02 * usage.min(1.0);
        fit.explains[word] = counted;
        let mut classes = Vec::new();
        if let Some((mention, share)) = of_class {
            fit.explains[mention.span.clone()].fill(mention.fit);
            if share < ALL {
                classes = catalog.iris_under(mention.class);
            }
        }
        Ok(Some(Gauge {
            measure: Measure::Number {
                path: vec![Hop::new(&predicate.iri, way)],
                classes,
            },
            first: (number, way),
            last: number,
            fit,
        }))
    }

    /// The noun for what is counted, from a word on: "the most | official languages".
    pub(super) fn counted_noun(&self, from: usize) -> Option<usize> {
        let plural = |at: usize| {
            let token = self.question.tokens.get(at);
            let noun = token.is_some_and(|token| Word::of(&token.text).is_plural(&token.text));
            noun && self.question.is_content(at)
        };
        let at = if !plural(from) && plural(from + 1) {
            from + 1
        } else {
            from
        };
        (at < self.question.tokens.len() && self.question.is_content(at)).then_some(at)
    }

    /// The bounds and orders that the question sets on things of a class, or on any.
    pub(super) fn conditions(
        &mut self,
        class: Option<usize>,
        used: &[bool],
        hidden: &Range<usize>,
    ) -> Result<Vec<Condition>, RetrieverError> {
        let catalog = self.view.catalog().clone();
        let within = |spread: fn(&Predicate) -> &std::collections::HashMap<usize, u64>,
                      n: usize| {
            let predicate = &catalog.predicates()[n];
            class.is_none_or(|class| {
                let share = catalog.share(spread(predicate), predicate.facts, class);
                share.unwrap_or(0.0) > 0.0
            })
        };
        let subject = |n: usize| within(|p| &p.domain, n);
        let object = |n: usize| within(|p| &p.range, n);
        let mut filters = self.filters(&subject, &object, used, hidden)?;
        filters.extend(self.than(&subject, &object, used, hidden)?);
        if self.bounds_what_is_counted() || self.counts_a_name() {
            // "The country with the most cities with over a million people": no bound on countries.
            return Ok(Vec::new());
        }
        let orders = self.orders(class, &subject, &object, used, hidden)?;
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
    fn filters(
        &mut self,
        subject: &dyn Fn(usize) -> bool,
        object: &dyn Fn(usize) -> bool,
        used: &[bool],
        hidden: &Range<usize>,
    ) -> Result<Vec<(Match, Vec<Filter>)>, RetrieverError> {
        let Some(threshold) = self.question.threshold.clone() else {
            return Ok(Vec::new());
        };
        let catalog = self.view.catalog().clone();
        let counted = self.counted_noun(threshold.span.end);
        let of = Measured {
            subject,
            object,
            counted,
        };
        let mut found = Vec::new();
        for mut gauge in self.measures(&of, &[], used, hidden)? {
            let last = &catalog.predicates()[gauge.last];
            gauge.fit.explains[threshold.span.clone()].fill(1.0);
            if threshold.year && !(last.is_temporal() || last.is_named("year")) {
                continue;
            }
            let filters = threshold.bounds().map(|(operator, number)| {
                Some(Filter {
                    measure: gauge.measure.clone(),
                    operator,
                    bound: gauge.bound(last, number)?,
                })
            });
            if let Some(filters) = filters.collect() {
                found.push((gauge.fit, filters));
            }
        }
        Ok(found)
    }

    /// The bounds that another thing's own value sets: "a larger population than Spain".
    fn than(
        &mut self,
        subject: &dyn Fn(usize) -> bool,
        object: &dyn Fn(usize) -> bool,
        used: &[bool],
        hidden: &Range<usize>,
    ) -> Result<Vec<(Match, Vec<Filter>)>, RetrieverError> {
        let (Some(mention), Some(comparative)) =
            (self.compared_with(), self.question.comparative.clone())
        else {
            return Ok(Vec::new());
        };
        let of = Measured {
            subject,
            object,
            counted: self.compared_number(),
        };
        let mut spent = used.to_vec();
        spent[mention.span.clone()].fill(true);
        let mut found = Vec::new();
        let catalog = self.view.catalog().clone();
        for gauge in self.measures(&of, comparative.property, &spent, hidden)? {
            let last = &catalog.predicates()[gauge.last];
            if self.compares_times() && !(last.is_temporal() || last.is_named("year")) {
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
                    operator: operator(comparative.direction),
                    bound: Bound::Thing(candidate.entity.iri.clone()),
                };
                found.push((fit, vec![filter]));
                break;
            }
        }
        Ok(found)
    }

    /// What the things asked for are compared with: "countries larger than | France".
    pub(super) fn compared_with(&self) -> Option<&'a Mention> {
        let question = self.question;
        if !matches!(question.form, Form::Select | Form::Count) {
            return None;
        }
        let degree = &question.comparative.as_ref()?.span;
        let count = question.tokens.len();
        let than = if self.compares_times() {
            let of_fact = self
                .predicates
                .iter()
                .any(|span| span.contains(&degree.start));
            (!of_fact).then_some(degree.start)?
        } else {
            (degree.end..count).find(|at| question.tokens[*at].text == "than")?
        };
        let mentions: &'a [Mention] = self.mentions;
        let next = mentions.iter().filter(|mention| {
            let gap = than + 1..mention.span.start;
            mention.span.start > than
                && gap.len() <= 1
                && gap.into_iter().all(|at| !question.is_content(at))
        });
        next.max_by(|a, b| a.weight.total_cmp(&b.weight))
    }

    /// Whether things are compared in time: "built before Old Mercy".
    fn compares_times(&self) -> bool {
        let degree = self.question.comparative.as_ref();
        let word = degree.map(|degree| self.question.tokens[degree.span.start].text.as_str());
        matches!(word, Some("before" | "after"))
    }

    /// Whether the number of a bound may as well be a part of a name.
    pub(super) fn may_be_a_name(&self) -> bool {
        let threshold = self.question.threshold.as_ref();
        threshold.is_some_and(|threshold| threshold.weak)
    }

    /// Whether the question bounds or ranks what it asks for.
    pub(super) fn sets_conditions(&self) -> bool {
        let question = self.question;
        question.threshold.is_some()
            || question.superlative.is_some()
            || self.compared_with().is_some()
    }

    /// Whether a bound is one on what an order counts.
    fn bounds_what_is_counted(&self) -> bool {
        let (Some(threshold), Some(superlative)) =
            (&self.question.threshold, &self.question.superlative)
        else {
            return false;
        };
        let noun = superlative
            .word
            .filter(|word| *word == superlative.span.end);
        let Some(noun) = noun.and_then(|word| self.counted_noun(word)) else {
            return false;
        };
        let word = |at: usize| self.question.tokens[at].text.as_str();
        let plural = Word::of(word(noun)).is_plural(word(noun));
        plural
            && (noun + 1..=noun + 2).contains(&threshold.span.start)
            && (noun + 1..threshold.span.start)
                .all(|at| matches!(word(at), "with" | "having" | "of" | "that"))
    }

    /// Whether what is to be counted is something that has a name, as in "more than ten | Gold Gloves": no class, and no
    /// measure.
    fn counts_a_name(&self) -> bool {
        let question = self.question;
        let bound = question
            .threshold
            .as_ref()
            .filter(|bound| !bound.weak && !bound.year);
        let order = question.superlative.as_ref();
        let most = order.filter(|order| order.word == Some(order.span.end));
        let ends = [bound.map(|b| b.span.end), most.map(|o| o.span.end)];
        ends.into_iter().flatten().any(|at| {
            let capital = question.tokens.get(at).is_some_and(|token| token.capital);
            let class = self.classes.iter().any(|class| class.span.contains(&at));
            let named = self.mentions.iter().any(|mention| mention.span.start == at);
            capital && named && !class
        })
    }

    /// Whether a superlative is said of the things of another class: "the capital of the largest country", "the capital
    /// of the country with the highest population".
    fn is_of_others(&self, superlative: &Superlative, class: usize) -> bool {
        let (from, to) = (superlative.span.start, superlative.span.end);
        let word = |at: usize| {
            self.question
                .tokens
                .get(at)
                .map(|token| token.text.as_str())
        };
        let having = |span: &Range<usize>| {
            let between = span.end..from;
            let relative = matches!(
                (word(between.start), word(between.start + 1)),
                (Some("that" | "which" | "who"), Some("has" | "have" | "had"))
            );
            between.len() <= 3
                && between.start < between.end
                && (relative || matches!(word(between.start), Some("with" | "having" | "whose")))
        };
        let next = |span: &Range<usize>| (to..=to + 1).contains(&span.start);
        let mut said = self
            .classes
            .iter()
            .filter(|mention| mention.fit >= SURE)
            .filter(|mention| next(&mention.span) || having(&mention.span))
            .filter(|mention| {
                superlative
                    .word
                    .is_none_or(|word| !mention.span.contains(&word))
            })
            .peekable();
        let catalog = self.view.catalog();
        let within = |a: usize, b: usize| catalog.classes()[b].with_subclasses.contains(&a);
        said.peek().is_some() && said.all(|m| !within(class, m.class) && !within(m.class, class))
    }

    /// The orders that the question asks for.
    fn orders(
        &mut self,
        class: Option<usize>,
        subject: &dyn Fn(usize) -> bool,
        object: &dyn Fn(usize) -> bool,
        used: &[bool],
        hidden: &Range<usize>,
    ) -> Result<Vec<(Match, Order)>, RetrieverError> {
        let Some(superlative) = self.question.superlative.clone() else {
            return Ok(Vec::new());
        };
        if class.is_some_and(|class| self.is_of_others(&superlative, class)) {
            return Ok(Vec::new());
        }
        let catalog = self.view.catalog().clone();
        let after = match self.question.each {
            true => self.question.counted,
            false => superlative
                .word
                .filter(|word| *word == superlative.span.end),
        };
        let after = after.and_then(|word| self.counted_noun(word));
        let of = Measured {
            subject,
            object,
            counted: after,
        };
        // "The population of the largest city": what is asked for is not by what it is the largest.
        let mut used = used.to_vec();
        let of_it = |at: &usize| {
            let next = self.question.tokens.get(at + 1);
            at + 1 < superlative.span.start && next.is_some_and(|next| next.text == "of")
        };
        if let Some(at) = self.question.asked.filter(of_it) {
            used[at] = true;
        }
        let mut found = Vec::new();
        for mut gauge in self.measures(&of, superlative.property, &used, hidden)? {
            if after.is_some_and(|word| gauge.fit.explains[word] == 0.0) {
                // "most X": X itself must be what is measured.
                gauge.fit.score *= 0.7;
            }
            let temporal = catalog.predicates()[gauge.last].is_temporal();
            let order = Order {
                measure: gauge.measure,
                direction: superlative.direction_for(temporal),
                skip: superlative.skip,
                take: superlative.take,
            };
            found.push((gauge.fit, order));
        }
        Ok(found)
    }
}

/// Whether a word tells of the end of something, by which nothing is old.
fn ends(word: &str) -> bool {
    let word = Word::of(word);
    let mut lemmas = word.lemmas.iter().map(String::as_str);
    lemmas.any(|lemma| {
        matches!(
            lemma,
            "last"
                | "end"
                | "close"
                | "closing"
                | "closure"
                | "die"
                | "death"
                | "dissolve"
                | "final"
                | "until"
                | "demolish"
                | "abolish"
                | "retire"
                | "expire"
        )
    })
}

/// "The oldest of those built after 1990": a bound and an order.
fn both(filters: &[(Match, Vec<Filter>)], orders: &[(Match, Order)]) -> Vec<Condition> {
    let mut found = Vec::new();
    for (bound, filter) in filters.iter().take(MOST_PAIRED) {
        for (ordered, order) in orders.iter().take(MOST_PAIRED) {
            let mut fit = bound.clone();
            fit.improve(ordered);
            fit.score = 0.5 * (bound.score + ordered.score);
            found.push((fit, filter.clone(), Some(order.clone())));
        }
    }
    found
}

impl Gauge {
    /// What the measure is compared with where a question names a number: with dates, only a year can be.
    pub(super) fn bound(&self, predicate: &Predicate, number: f64) -> Option<Bound> {
        if matches!(self.measure, Measure::Number { .. }) || predicate.is_numeric() {
            return Some(Bound::Number(number));
        }
        let is_year = number.fract() == 0.0 && number.abs() < 10_000.0;
        is_year.then_some(Bound::Year(number as i32))
    }
}
