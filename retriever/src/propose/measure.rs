//! What things are compared, ordered and bounded by.

mod bound;
mod through;

use std::collections::HashMap;
use std::ops::Range;

use kg_store::rdf::{NamedNode, Term};
use through::Fits;

use super::times::{tells_of_birth, tells_the_end};
use super::{ClassMention, Proposer};
use crate::RetrieverError;
use crate::catalog::{Phrase, say_the_same};
use crate::graph::{Hop, Measure, Way};
use crate::rank::{Match, implied};
use crate::thesaurus::Word;
use crate::walk::neighbours;

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
    /// Whether it is that of what the noun that is ranked names: "the club with the biggest | stadium".
    pub(super) of_another: bool,
}

/// Whose measures are looked for: which facts the things can have, as their subject or as their object.
pub(super) struct Measured<'a> {
    pub(super) subject: &'a dyn Fn(usize) -> bool,
    pub(super) object: &'a dyn Fn(usize) -> bool,
    /// The word for what is counted, where the question may ask for a number of things.
    pub(super) counted: Option<usize>,
}

/// How well a date fits an adjective of age that does not name it.
const OF_TIME: f64 = 0.6;
/// What it adds to a property that an adjective implies to be named as well.
const NAMED_TOO: f64 = 0.05;
/// A noun in the singular names what is counted only where it is this like the predicate's.
const SURELY_NAMED: f64 = 0.8;
/// Words that an adjective of degree stands beside.
const BESIDE: usize = 3;
/// Measures that fit within this much of each other are rivals, and what the rarer one loses at the most.
const RIVAL: f64 = 0.15;
const RARE: f64 = 0.12;
/// A word that is explained this far is said by a measure.
const SAID: f64 = 0.5;
/// Facts that are looked at to tell whether another one leads back.
const FACTS_COMPARED: usize = 3;
/// Measures tried for one description.
const MOST_TRIED: usize = 4;
/// A class that this share of things belongs to is that of all of them.
const ALL: f64 = 0.99;
/// Measures that fit less than this are not tried.
const LEAST_FIT: f64 = 0.3;
/// How well "people" fits a population.
const POPULATION: f64 = 0.9;

impl Proposer<'_> {
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
        let mut fits = Fits {
            hints,
            used,
            hidden,
            known: HashMap::new(),
        };
        let people = of.counted.filter(|at| {
            let word = self.question.tokens[*at].text.as_str();
            matches!(word, "people" | "inhabitants" | "residents")
        });
        let others: Vec<bool> = (0..used.len()).map(|at| of.counted != Some(at)).collect();
        for (number, predicate) in predicates.iter().enumerate() {
            if catalog.tells_roles(&predicate.iri) || catalog.roles(number).is_some() {
                // A role is nothing of which there is more or less; and what roles tell apart is measured for each of them.
                continue;
            }
            // Nothing is measured by what is told roughly.
            let subject = (of.subject)(number) && !predicate.rough;
            if subject && (predicate.is_numeric() || predicate.is_temporal()) {
                let fit = fits.of(self, number)?.clone();
                found.push(Gauge {
                    measure: Measure::value(&predicate.iri),
                    first: (number, Way::Forward),
                    last: number,
                    fit,
                    of_another: false,
                });
            }
            if subject {
                found.extend(self.through(number, &mut fits)?);
                found.extend(self.of_things(number, &mut fits)?);
            }
            if let Some(word) = of.counted.filter(|_| predicate.objects.nodes > 0) {
                // "Fewer than five children" of a predicate from children to parents.
                let told = self.matcher.told_way_on(number, &others);
                for (way, can) in [(Way::Forward, subject), (Way::Inverse, (of.object)(number))] {
                    if !can || told.is_some_and(|told| told != way) {
                        continue;
                    }
                    found.extend(self.counting(&[(number, way)], word, used)?);
                    // Through a statement: "who has written the most papers".
                    for &(next, next_way) in predicate.behind(way) {
                        if catalog.conventions().is_typing(&predicates[next].iri) {
                            // Nobody counts of how many kinds a statement is.
                            continue;
                        }
                        let path = [(number, way), (next, next_way)];
                        let gauge = self.counting(&path, word, used)?;
                        if gauge.is_some() && !self.leads_back(path[0], path[1])? {
                            found.extend(gauge);
                        }
                    }
                }
            }
        }
        if let Some(at) = of.counted.filter(|at| self.names_things(*at)) {
            // "The most states" is no "state area", and no day is the most papers.
            let stem = &self.question.tokens[at].stem;
            found.retain_mut(|gauge| {
                let told = |name: &Phrase| {
                    name.counted_from().is_some()
                        || name.head_word().is_some_and(|head| head.stem == *stem)
                };
                let last = &predicates[gauge.last];
                let value = matches!(gauge.measure, Measure::Value(_));
                let untold = value && !last.names.iter().any(told);
                if untold {
                    gauge.fit.explains[at] = 0.0;
                }
                !(untold && last.is_temporal())
            });
        }
        if let Some(at) = people {
            // How many people there are is a number that is told, where it is.
            for gauge in &mut found {
                let told = implied(&predicates[gauge.last], &["population"]).is_some();
                if told && matches!(gauge.measure, Measure::Value(_)) {
                    gauge.fit.score = gauge.fit.score.max(POPULATION);
                    gauge.fit.explains[at] = gauge.fit.explains[at].max(POPULATION);
                }
            }
        }
        found.retain(|gauge| gauge.fit.score > LEAST_FIT);
        self.weigh_by_use(&mut found);
        self.keep_implied(hints, &mut found);
        found.sort_by(|a, b| {
            let order = b.fit.score.total_cmp(&a.fit.score);
            order.then((a.first, a.last).cmp(&(b.first, b.last)))
        });
        found.truncate(MOST_TRIED);
        Ok(found)
    }

    /// Of values that fit about as well, the one that is told of fewer things is worth less: to rank by it would pass over
    /// the others.
    fn weigh_by_use(&self, found: &mut [Gauge]) {
        let predicates = self.view.catalog().predicates();
        let told = |gauge: &Gauge| &predicates[gauge.first.0];
        let is_value = |gauge: &Gauge| matches!(gauge.measure, Measure::Value(_));
        // "Land area" says more than "area".
        let says_all = |own: &Match, other: &Match| {
            let mut content = (0..own.explains.len()).filter(|at| self.question.is_content(*at));
            content.all(|at| other.explains[at] >= own.explains[at].min(SAID))
        };
        let most: Vec<u64> = found
            .iter()
            .map(|own| {
                let rivals = found.iter().filter(|other| {
                    other.fit.score >= own.fit.score - RIVAL
                        && is_value(own)
                        && is_value(other)
                        && says_all(&own.fit, &other.fit)
                        && say_the_same(told(own), told(other))
                });
                rivals.map(|other| told(other).subjects).max().unwrap_or(0)
            })
            .collect();
        for (gauge, most) in found.iter_mut().zip(most) {
            let own = predicates[gauge.first.0].subjects;
            if most > own {
                gauge.fit.score -= RARE * (1.0 - own as f64 / most as f64);
            }
        }
    }

    /// Where an adjective implies a property that there is, as "heaviest" does, another one must be named beside it:
    /// "the heaviest element that was discovered in" orders by weight, and not by the year of discovery.
    fn keep_implied(&self, hints: &[&str], found: &mut Vec<Gauge>) {
        let question = self.question;
        let degree = question.superlative.as_ref().map(|s| s.span.end);
        let degree = degree.or(question.comparative.as_ref().map(|c| c.span.end));
        let bound = || {
            question
                .threshold
                .as_ref()
                .map(|bound| bound.span.start.saturating_sub(BESIDE))
        };
        let Some(from) = degree.or_else(bound) else {
            return;
        };
        let catalog = self.view.catalog();
        let is_implied = |gauge: &Gauge| {
            let of = |number: usize| implied(&catalog.predicates()[number], hints).is_some();
            of(gauge.last) || of(gauge.first.0)
        };
        let by = (0..question.tokens.len()).find(|at| question.tokens[*at].text == "by");
        // "Who was born | first".
        let verb = |at: usize| {
            let word = &question.tokens[at].text;
            at < from && from - at <= BESIDE && Word::of(word).is_participle(word)
        };
        let beside = |at: usize| {
            (from..from + BESIDE).contains(&at)
                || verb(at)
                || by.is_some_and(|by| (by + 1..=by + BESIDE).contains(&at))
        };
        let named = |gauge: &Gauge| {
            let explains = &gauge.fit.explains;
            (0..explains.len()).any(|at| explains[at] >= 0.5 && beside(at))
        };
        if found.iter().any(is_implied) {
            // "The tallest player to have played for them" is no matter of when.
            let only = hints.contains(&"stature") && by.is_none();
            found.retain(|gauge| is_implied(gauge) || (!only && named(gauge)));
        } else if names_a_property(hints) {
            // What is "heavier than 90 kg" is not so by the amount of a prize.
            found.retain(named);
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
        let any_time = hints.contains(&"date") && predicate.tells_a_time();
        if any_time && !tells_the_end(predicate) && !tells_of_birth(predicate) {
            // Whatever is told of its time, as where nothing is "founded" but all are "opened".
            fit.score = fit.score.max(OF_TIME);
        }
        if let Some(score) = implied(predicate, hints) {
            // Of several that an adjective may mean, the one that is named as well: "who was born first".
            fit.score = fit.score.max(score) + NAMED_TOO * fit.score;
        }
        Ok(fit)
    }

    /// Whether the second fact says of a statement what the first one does from the other side, so that it leads to where
    /// the first one began.
    fn leads_back(
        &self,
        (first, way): (usize, Way),
        (next, next_way): (usize, Way),
    ) -> Result<bool, RetrieverError> {
        let predicates = self.view.catalog().predicates();
        if way != next_way {
            return Ok(false);
        }
        let iri = NamedNode::new_unchecked(&predicates[first].iri);
        let facts = self
            .view
            .snapshot()
            .quads(None, Some(iri.as_ref()), None, None);
        let mut back = false;
        for fact in facts.take(FACTS_COMPARED) {
            let fact = fact?;
            let (from, node) = match way {
                Way::Forward => (Term::from(fact.subject), fact.object),
                Way::Inverse => (fact.object, Term::from(fact.subject)),
            };
            let ends = neighbours(self.view, &node, &predicates[next].iri, next_way, 2)?;
            back = !ends.is_empty() && ends.iter().all(|end| *end == from);
            if !back {
                break;
            }
        }
        Ok(back)
    }

    /// How many things one fact or two lead to, where the word for what is counted names the last one or their kind.
    fn counting(
        &mut self,
        path: &[(usize, Way)],
        word: usize,
        used: &[bool],
    ) -> Result<Option<Gauge>, RetrieverError> {
        let (Some(&first), Some(&(number, way))) = (path.first(), path.last()) else {
            return Ok(None);
        };
        let predicate = &self.view.catalog().predicates()[number];
        let alone = path.len() == 1 && way == Way::Forward;
        if alone && !predicate.through.is_empty() {
            // A node that holds a value is that value: nobody counts masses.
            return Ok(None);
        }
        if alone && predicate.facts * 50 <= predicate.subjects * 51 {
            // Of what has one value each, all have as many.
            return Ok(None);
        }
        if predicate.objects.nodes == 0 {
            return Ok(None);
        }
        let mut fit = self.matcher.local(number, used, &|_| 0, &|_, _| true)?;
        if path.len() > 1 {
            fit.improve(&self.matcher.local(first.0, used, &|_| 0, &|_, _| true)?);
        }
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
        // "Borders the most states" counts no cities "in state": there the name is that of the other side.
        let other = predicate.classes_at(way.turned());
        let across = |mention: &ClassMention| {
            let share = catalog.share(other, predicate.facts, mention.class);
            mention.span.contains(&word) && share.is_some_and(|share| share > 0.0)
        };
        if of_class.is_none() && !spread.is_empty() && self.classes.iter().any(across) {
            return Ok(None);
        }
        let named = fit.explains[word];
        // Several things are counted, so that a noun in the singular is none for them, but may well be a unit.
        let token = &self.question.tokens[word].text;
        let plural = Word::of(token).lemmas.iter().any(|lemma| lemma != token);
        let kind = if plural { kind } else { 0.0 };
        let named = if plural || named >= SURELY_NAMED {
            named
        } else {
            0.0
        };
        let class_fit = of_class.map_or(0.0, |(mention, _)| mention.fit);
        let counted = named.max(class_fit).max(0.8 * kind);
        if counted < 0.5 {
            return Ok(None);
        }
        // Of two that fit as well, the one that more is told of.
        let usage = (predicate.facts.max(1) as f64).log10() / 7.0;
        fit.score = (0.88 * counted).max(fit.score.min(0.88)) + 0.02 * usage.min(1.0);
        fit.explains[word] = counted;
        let hop = |&(number, way): &(usize, Way)| Hop::new(&catalog.predicates()[number].iri, way);
        let hops = path.iter().map(hop).collect();
        let mut classes = Vec::new();
        if let Some((mention, share)) = of_class {
            fit.explains[mention.span.clone()].fill(mention.fit);
            if share < ALL && !mention.narrower {
                classes = catalog.iris_under(mention.class);
            }
        }
        Ok(Some(Gauge {
            measure: Measure::number(hops, classes),
            first,
            last: number,
            fit,
            of_another: false,
        }))
    }

    /// Whether a word is one for several things of a class.
    fn names_things(&self, at: usize) -> bool {
        let token = &self.question.tokens[at].text;
        let class =
            |mention: &ClassMention| mention.fit >= SURELY_NAMED && mention.span.contains(&at);
        Word::of(token).is_plural(token) && self.classes.iter().any(class)
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
}

/// Whether words for the property of an adjective or a verb leave no doubt what is measured: what is heavy weighs much, while
/// there is much in which something can be high or large.
fn names_a_property(hints: &[&str]) -> bool {
    const CLEAR: [&str; 10] = [
        "width",
        "depth",
        "weight",
        "density",
        "temperature",
        "speed",
        "wealth",
        "price",
        "strength",
        "brightness",
    ];
    hints.first().is_some_and(|hint| CLEAR.contains(hint))
}
