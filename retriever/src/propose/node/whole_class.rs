//! Questions about a whole class.

use super::{accounted, every};
use crate::RetrieverError;
use crate::graph::{Node, QueryGraph};
use crate::propose::{ClassMention, Proposer};
use crate::question::{Form, asks_for_nothing};
use crate::rank::{Features, Reading};

/// Readings about a class as a whole must account for this much of the question.
pub(super) const LEAST_COVERED: f64 = 0.65;

/// A measure must be named this well where nothing else says what is asked for, which then counts as much as a name.
const NAMED: f64 = 0.6;
const ANYTHING: f64 = 0.8;

/// Questions about a whole class: "which country has the largest area", "how many continents are there".
pub(super) fn propose(p: &mut Proposer<'_>) -> Result<Vec<Reading>, RetrieverError> {
    let mut readings = Vec::new();
    let used = vec![false; p.question.tokens.len()];
    let counted = p.question.threshold.as_ref().map(|bound| bound.span.end);
    for mention in p.classes.clone() {
        if counted == Some(mention.span.start) && !p.may_be_a_name() {
            // "Who found more than five elements" counts elements.
            continue;
        }
        if p.question.form == Form::Select && p.view.catalog().narrows(mention.class) {
            // A death is no answer, but who died and when.
            continue;
        }
        let mut words = vec![0.0; p.question.tokens.len()];
        words[mention.span.clone()].fill(mention.fit);
        // "How many countries exist in the world": such words ask for nothing in particular.
        let of_class = |at: usize| p.classes.iter().any(|class| class.span.contains(&at));
        for (at, token) in p.question.tokens.iter().enumerate() {
            if asks_for_nothing(&token.text) && !of_class(at) {
                words[at] = 1.0;
            }
        }
        let (classes, target) = (p.view.catalog().iris_under(mention.class), every(p));
        let node = |filters: Vec<_>, order| QueryGraph::Select {
            node: Node {
                classes: classes.clone(),
                links: Vec::new(),
                filters,
                order,
            },
            target: target.clone(),
        };
        let sets = p.sets_conditions();
        if !sets || p.may_be_a_name() {
            let features = Features {
                link: 0.9 * mention.fit,
                prior: 1.0,
                predicate: 0.8,
                coverage: p.coverage(&used, &[&words]),
                kind: 0.0,
                missed: 0.0,
            };
            readings.push(Reading {
                graph: node(Vec::new(), None),
                entities: Vec::new(),
                features,
                explains: accounted(&used, &[], &words),
                absent: false,
            });
        }
        if !sets {
            continue;
        }
        // "Which continent has the most countries" asks for a continent.
        let asks = p.asked_classes().any(|class| class.span == mention.span);
        let other = !asks && p.asked_classes().next().is_some();
        let kind = if other { 0.0 } else { 1.0 };
        let used_by_class = p.used(&[&mention.span]);
        // "The states that border the state with the fewest people": the word for others of the class names no measure.
        // But "borders the most states" counts them.
        let order = p.question.superlative.as_ref();
        let counted = order.and_then(|order| order.word.filter(|word| *word == order.span.end));
        let others: Vec<ClassMention> = p
            .classes
            .iter()
            .filter(|other| other.class == mention.class && other.span != mention.span)
            .filter(|other| counted.is_none_or(|word| !other.span.contains(&word)))
            .cloned()
            .collect();
        for (mut fit, filters, order) in
            p.conditions(Some(mention.class), &used_by_class, &mention.span)?
        {
            for other in &others {
                fit.explains[other.span.clone()].fill(0.0);
            }
            let features = Features {
                link: 0.9 * mention.fit,
                prior: 1.0,
                predicate: fit.score,
                coverage: p.coverage(&used, &[&words, &fit.explains]),
                kind,
                missed: 0.0,
            };
            let graph = node(filters, order);
            readings.push(Reading {
                graph,
                entities: Vec::new(),
                features,
                explains: accounted(&used, &[&fit.explains], &words),
                absent: false,
            });
        }
    }
    anything(p, &mut readings)?;
    Ok(readings)
}

/// Questions about whatever has a measure, where no class says what: "who discovered the most elements".
fn anything(p: &mut Proposer<'_>, readings: &mut Vec<Reading>) -> Result<(), RetrieverError> {
    let question = p.question;
    let bound = question.threshold.as_ref().map(|bound| bound.span.end);
    let order = question.superlative.as_ref().map(|order| order.span.end);
    let counted = |class: &ClassMention| {
        [bound, order]
            .into_iter()
            .flatten()
            .any(|from| (from..=from + 1).contains(&class.span.start))
    };
    let ranked = p.ranked_noun();
    let word = question.superlative.as_ref().and_then(|order| order.word);
    let asked = p.classes.iter().any(|class| {
        // "The least populous state" is one of the states, while "the most states" are counted.
        let ranked = ranked.is_some_and(|at| class.span.contains(&at) && word != Some(at));
        !counted(class) || ranked
    });
    if !p.sets_conditions() || p.may_be_a_name() || (asked && !question.wants_someone) {
        return Ok(());
    }
    let none = vec![false; question.tokens.len()];
    for (fit, filters, order) in p.conditions(None, &none, &(0..0))? {
        let measures = filters.iter().map(|filter| &filter.measure);
        let measure = measures
            .chain(order.iter().map(|order| &order.measure))
            .next();
        let Some(hop) = measure.and_then(|measure| measure.path().first()) else {
            continue;
        };
        let catalog = p.view.catalog();
        let number = catalog.predicate(&hop.predicate);
        let spread = number.map(|n| catalog.predicates()[n].classes_at(hop.way.turned()));
        let somebody = !question.wants_someone || spread.is_some_and(|s| p.may_be_somebody(s));
        if fit.score < NAMED || !somebody || p.is_of_nameless(hop)? {
            continue;
        }
        let graph = QueryGraph::Select {
            node: Node {
                filters,
                order,
                ..Node::default()
            },
            target: every(p),
        };
        readings.push(Reading {
            graph,
            entities: Vec::new(),
            features: Features {
                link: ANYTHING,
                prior: 1.0,
                predicate: fit.score,
                coverage: p.coverage(&none, &[&fit.explains]),
                kind: 0.0,
                missed: 0.0,
            },
            explains: accounted(&none, &[], &fit.explains),
            absent: false,
        });
    }
    Ok(())
}
