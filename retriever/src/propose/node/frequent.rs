//! What most things have of something: "the most common cause of death", "which religion is the least common among painters".

use std::ops::Range;

use super::accounted;
use super::description::Description;
use super::every;
use crate::RetrieverError;
use crate::execute::holds;
use crate::graph::{Hop, Link, Measure, Node, Order, QueryGraph, Source, Way};
use crate::propose::Proposer;
use crate::question::{Form, is_small_number};
use crate::rank::{Features, Reading};
use crate::text;
use crate::thesaurus::Word;

/// How well a predicate must fit the words for what is common.
const LEAST: f64 = 0.6;
/// How well one fits that leads to things of the class that is named.
const OF_CLASS: f64 = 0.65;
/// This share of what a predicate leads to is of the class.
const NEARLY_ALL: f64 = 0.9;
/// Predicates that are tried, the likeliest first, and descriptions of the things that have it.
const MOST_TRIED: usize = 3;
const MOST_DESCRIBED: usize = 12;
/// A class word that fits this well is one.
const SURE: f64 = 0.8;
/// What stands for how well mentions are linked where there are none.
const UNTIED: f64 = 0.8;
/// A word that is explained this far is one for what is common, or for the things that have it.
const NAMED: f64 = 0.5;

/// Whether a superlative is by how many have something: "the most | common".
fn is_frequency(word: &str) -> bool {
    matches!(
        word,
        "common" | "frequent" | "usual" | "widespread" | "prevalent" | "commonplace"
    )
}

/// Whether a word opens what things something is common among.
fn is_among(word: &str) -> bool {
    matches!(word, "among" | "amongst" | "between" | "within")
}

/// A predicate of which the values are counted, and how well it fits.
struct Of {
    number: usize,
    score: f64,
    words: Vec<f64>,
    classes: Vec<String>,
}

/// Adds readings for the value that the most things have, or the fewest.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    described: &[Description],
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let Some((at, span)) = common(p).filter(|_| p.question.form == Form::Select) else {
        return Ok(());
    };
    let all = values(p, &span)?;
    let known = readings.len();
    for of in &all {
        let nothing = vec![0.0; of.words.len()];
        let whole = (Node::default(), nothing.as_slice(), None);
        readings.push(by_number(p, of, at, whole));
        let apart = |one: &&Description| {
            let mut words = one.explains.iter().zip(&of.words);
            !one.conditioned && !words.any(|(one, of)| *one >= NAMED && *of >= NAMED)
        };
        for one in described.iter().filter(apart).take(MOST_DESCRIBED) {
            if have(p, one, of)? {
                readings.push(reading(p, of, at, one));
            }
        }
    }
    let classes = p.classes.clone();
    let counted = classes.iter().filter(|class| {
        let apart = class.span.end <= span.start || span.end <= class.span.start;
        apart && class.fit >= SURE
    });
    for class in counted {
        for of in &all {
            let catalog = p.view.catalog();
            let predicate = &catalog.predicates()[of.number];
            let share = catalog.share(&predicate.domain, predicate.facts, class.class);
            if share.unwrap_or(0.0) > 0.0 {
                let node = Node {
                    classes: catalog.iris_under(class.class),
                    ..Node::default()
                };
                let mut words = vec![0.0; p.question.tokens.len()];
                words[class.span.clone()].fill(class.fit);
                readings.push(by_number(p, of, at, (node, &words, None)));
            }
        }
    }
    // "Among physicists" is a condition that must have its place.
    let question = p.question;
    let order = question.superlative.as_ref().map(|order| &order.span);
    let left = |reading: &Reading| {
        let mut content = (0..reading.explains.len()).filter(|at| question.is_content(*at));
        content.any(|at| {
            // "Name three of the most common".
            let ranks = order.is_some_and(|span| span.contains(&at));
            let word = &question.tokens[at].text;
            let spent = ranks || is_among(word) || is_small_number(word);
            !spent && reading.explains[at] < NAMED
        })
    };
    let found = readings.split_off(known);
    readings.extend(found.into_iter().filter(|reading| !left(reading)));
    Ok(())
}

/// The word that says how common, and the words for what is.
fn common(p: &Proposer<'_>) -> Option<(usize, Range<usize>)> {
    let question = p.question;
    let at = question.superlative.as_ref()?.word?;
    let tokens = &question.tokens;
    if !is_frequency(&tokens.get(at)?.text) {
        return None;
    }
    // "The most common | cause of death | of people born in London".
    let names = |at: &usize| {
        let Some(token) = tokens.get(*at) else {
            return false;
        };
        let next = tokens.get(at + 1).map_or("", |next| next.text.as_str());
        match token.text.as_str() {
            "of" => !text::is_function_word(next) && !Word::of(next).is_plural(next),
            word => !text::is_function_word(word) && !is_among(word),
        }
    };
    let end = (at + 1..).find(|at| !names(at))?;
    if end > at + 1 {
        return Some((at, at + 1..end));
    }
    let asked = question.asked?;
    let end = (asked + 1..).find(|at| !names(at))?;
    Some((at, asked..end))
}

/// The predicates that the words are for.
fn values(p: &mut Proposer<'_>, span: &Range<usize>) -> Result<Vec<Of>, RetrieverError> {
    let catalog = p.view.catalog().clone();
    let count = p.question.tokens.len();
    let elsewhere: Vec<bool> = (0..count).map(|at| !span.contains(&at)).collect();
    let named = p.classes.iter().find(|class| {
        class.fit >= SURE && span.start <= class.span.start && class.span.end <= span.end
    });
    let named = named.cloned();
    let mut found = Vec::new();
    for (number, predicate) in catalog.predicates().iter().enumerate() {
        if predicate.is_numeric() || predicate.is_temporal() || predicate.naming {
            continue;
        }
        let fit = p.matcher.local(number, &elsewhere, &|_| 0, &|_, _| true)?;
        if fit.score >= LEAST {
            found.push(Of {
                number,
                score: fit.score,
                words: fit.explains,
                classes: Vec::new(),
            });
            continue;
        }
        let Some(class) = &named else { continue };
        let share = catalog.share(&predicate.range, predicate.facts, class.class);
        if share.unwrap_or(0.0) >= NEARLY_ALL {
            let mut words = vec![0.0; count];
            words[class.span.clone()].fill(class.fit);
            found.push(Of {
                number,
                score: OF_CLASS,
                words,
                classes: catalog.iris_under(class.class),
            });
        }
    }
    let facts = |of: &Of| catalog.predicates()[of.number].facts;
    found.sort_by(|a, b| {
        let order = b.score.total_cmp(&a.score);
        order.then(facts(b).cmp(&facts(a)))
    });
    found.truncate(MOST_TRIED);
    Ok(found)
}

/// Whether some things have any of what is common.
fn have(p: &Proposer<'_>, one: &Description, of: &Of) -> Result<bool, RetrieverError> {
    let iri = &p.view.catalog().predicates()[of.number].iri;
    let had = Node {
        links: vec![Link {
            from: Source::Node(Box::new(one.node())),
            path: vec![Hop::new(iri, Way::Forward)],
            negated: false,
        }],
        ..Node::default()
    };
    holds(p.view, had, p.deadline)
}

/// What the most of some things have.
fn reading(p: &Proposer<'_>, of: &Of, at: usize, one: &Description) -> Reading {
    let used = one.used(p);
    let words = accounted(&used, &[&one.explains], &one.kind.explains);
    let mut reading = by_number(p, of, at, (one.node(), &words, Some(one.features)));
    reading.entities = one.entities.clone();
    reading
}

fn by_number(
    p: &Proposer<'_>,
    of: &Of,
    at: usize,
    (counted, words, described): (Node, &[f64], Option<Features>),
) -> Reading {
    let iri = &p.view.catalog().predicates()[of.number].iri;
    let mut explains: Vec<f64> = of.words.iter().zip(words).map(|(a, b)| a.max(*b)).collect();
    explains[at] = 1.0;
    let node = Node {
        classes: of.classes.clone(),
        order: p.question.superlative.as_ref().map(|superlative| Order {
            measure: Measure::Number {
                path: vec![Hop::new(iri, Way::Inverse)],
                counted: Box::new(counted),
            },
            direction: superlative.direction,
            skip: superlative.skip,
            take: superlative.take,
        }),
        ..Node::default()
    };
    let none = vec![false; explains.len()];
    Reading {
        graph: QueryGraph::Select {
            node,
            target: every(p),
        },
        entities: Vec::new(),
        features: Features {
            link: described.map_or(UNTIED, |one| one.link),
            prior: described.map_or(1.0, |one| one.prior),
            predicate: described.map_or(of.score, |one| 0.5 * (of.score + one.predicate)),
            coverage: p.coverage(&none, &[&explains]),
            kind: 0.5,
            missed: 0.0,
        },
        explains,
        absent: false,
    }
}
