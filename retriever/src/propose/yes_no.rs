//! Questions that are answered yes or no.

mod alike;
mod offered;
mod sides;

use kg_store::rdf::{NamedNode, NamedNodeRef, Term};

use super::Proposer;
use super::compare::{had, operator};
use super::edges::EntityEdges;
use super::measure::Measured;
use crate::RetrieverError;
use crate::graph::{Comparand, Link, Measure, Node, QueryGraph, Way};
use crate::link::{Candidate, Mention};
use crate::question::Operator;
use crate::rank::{Features, Reading};
use crate::walk::neighbours;

/// Entities of one name that are tried in a yes/no question.
const MAX_TRIED: usize = 8;
/// Values of a thing by which it is told whether a predicate leads it to nodes without a name.
const FEW: usize = 3;
/// A question for what something is asks for nothing else.
const WHOLE: f64 = 0.9;
/// A predicate with more values for each subject may have one that is not told.
const MOST_VALUES: f64 = 1.2;
/// How well a predicate fits at the least that can alone lead from one to the other.
const OTHER_VALUE: f64 = 0.6;
/// How well a value stands for its predicate, which need not be named.
const UNNAMED: f64 = 0.7;

pub(super) fn propose(
    p: &mut Proposer<'_>,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    alternatives(p, readings)?;
    let mentions = p.mentions;
    for (i, first) in mentions.iter().enumerate() {
        bounds(p, first, readings)?;
        values(p, first, readings)?;
        of_class(p, first, readings)?;
        for second in mentions[i + 1..]
            .iter()
            .filter(|second| !second.overlaps(first))
        {
            // The order of the question decides who is compared with whom.
            let (a, b) = if first.span.start < second.span.start {
                (first, second)
            } else {
                (second, first)
            };
            comparisons(p, a, b, readings)?;
            facts(p, a, b, readings)?;
            alike::propose(p, a, b, readings)?;
        }
    }
    Ok(())
}

/// "Is she a poet or a painter": which of the two a fact says.
fn alternatives(p: &mut Proposer<'_>, readings: &mut Vec<Reading>) -> Result<(), RetrieverError> {
    let Some(or) = p.question.tokens.iter().position(|t| t.text == "or") else {
        return Ok(());
    };
    offered::propose(p, or, readings)?;
    let mentions = p.mentions;
    let before = mentions.iter().filter(|m| m.span.end <= or);
    let Some(first) = before.max_by_key(|m| m.span.end) else {
        return Ok(());
    };
    let after = mentions.iter().filter(|m| m.span.start > or);
    let Some(second) = after.min_by_key(|m| m.span.start) else {
        return Ok(());
    };
    let mut word = vec![0.0; p.question.tokens.len()];
    word[or] = 1.0;
    for topic in mentions
        .iter()
        .filter(|m| !m.overlaps(first) && !m.overlaps(second))
    {
        let used = p.used(&[&topic.span, &first.span, &second.span]);
        for candidate in topic.candidates.iter().take(MAX_TRIED) {
            let edges = p.edges(&candidate.entity.iri)?;
            for &(number, _) in &edges.outgoing {
                let predicate = p.view.catalog().predicates()[number].iri.clone();
                let offered = |value: &&Candidate| {
                    p.holds(&candidate.entity.iri, &predicate, &value.entity.iri)
                };
                let mut values = first
                    .candidates
                    .iter()
                    .chain(&second.candidates)
                    .take(MAX_TRIED);
                let Some(value) = values.find(|value| offered(value).unwrap_or(false)) else {
                    continue;
                };
                let fit = p
                    .matcher
                    .score(number, &used, std::slice::from_ref(&topic.span))?;
                readings.push(Reading {
                    graph: QueryGraph::every(Node {
                        links: vec![Link::edge(&candidate.entity.iri, &predicate, Way::Forward)],
                        ..Node::default()
                    }),
                    entities: vec![candidate.entity.iri.clone()],
                    features: Features {
                        link: 0.5 * (candidate.fit + value.fit),
                        prior: candidate.prior,
                        predicate: fit.score.max(0.7),
                        coverage: p.coverage(&used, &[&fit.explains, &word]),
                        kind: 1.0,
                        missed: 0.0,
                    },
                    explains: Vec::new(),
                    absent: false,
                });
            }
        }
    }
    Ok(())
}

/// "Is Lima the capital of Peru": some fact between the two, in either way.
fn facts(
    p: &mut Proposer<'_>,
    a: &Mention,
    b: &Mention,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let used = p.used(&[&a.span, &b.span]);
    let hidden = if a.weight >= b.weight {
        a.span.clone()
    } else {
        b.span.clone()
    };
    for x in a.candidates.iter().take(MAX_TRIED) {
        for y in b.candidates.iter().take(MAX_TRIED) {
            for (subject, object) in [(x, y), (y, x)] {
                let edges = p.edges(&subject.entity.iri)?;
                for &(number, _) in &edges.outgoing {
                    let predicate = p.view.catalog().predicates()[number].clone();
                    if predicate.objects.nodes == 0 || predicate.leads_to_values(p.view.catalog()) {
                        continue;
                    }
                    let mut fit = p
                        .matcher
                        .score(number, &used, std::slice::from_ref(&hidden))?;
                    let subject_first = sides::subject_first(p, number, &used, (a, b));
                    let holds = p.holds(&subject.entity.iri, &predicate.iri, &object.entity.iri)?;
                    let conventions = p.view.catalog().conventions();
                    let either = conventions.is_symmetric(&predicate.iri);
                    let other_side = |first| first != std::ptr::eq(subject, x);
                    if !either && subject_first.is_some_and(other_side) {
                        continue;
                    }
                    // To say no takes more than to say yes: the predicate must be meant beyond doubt, and the
                    // object must be something that could have been its value.
                    let mut told = holds;
                    if !holds && leads_to_nodes(p, subject, &predicate.iri)? {
                        // Who was born is not denied to have been born there: an event tells where.
                        continue;
                    }
                    if !holds && (fit.score < 0.7 || !could_be_value(p, number, object)) {
                        if !is_other_value(p, &edges, number, object)? {
                            continue;
                        }
                        fit.score = fit.score.max(OTHER_VALUE);
                        told = true;
                    }
                    let own = p.class_words(|c| {
                        p.is_of_class(subject, c.class) || p.is_of_class(object, c.class)
                    });
                    let features = Features {
                        link: 0.5 * (subject.fit + object.fit),
                        prior: 0.5 * (subject.prior + object.prior),
                        predicate: fit.score,
                        coverage: p.coverage(&used, &[&fit.explains, &own]),
                        kind: match (holds, told) {
                            (true, _) => 1.0,
                            (false, true) => 0.3,
                            (false, false) => 0.0,
                        },
                        missed: 0.0,
                    };
                    readings.push(Reading {
                        graph: QueryGraph::Ask {
                            subject: subject.entity.iri.clone(),
                            predicate: predicate.iri.clone(),
                            object: object.entity.iri.clone(),
                        },
                        entities: vec![subject.entity.iri.clone(), object.entity.iri.clone()],
                        features,
                        explains: Vec::new(),
                        absent: false,
                    });
                }
            }
        }
    }
    Ok(())
}

/// Whether the object is what things have for a predicate that has one value as a rule, and the subject has another one
/// of it, where no other predicate of the subject leads to such an object: "is Paris in Germany".
fn is_other_value(
    p: &mut Proposer<'_>,
    edges: &EntityEdges,
    number: usize,
    object: &Candidate,
) -> Result<bool, RetrieverError> {
    let leads = p.edges(&object.entity.iri)?;
    let leads = |n: &usize| leads.incoming.iter().any(|(known, _)| known == n);
    let mut ways = edges.outgoing.iter().map(|(n, _)| n).filter(|n| leads(n));
    let lone = ways.next() == Some(&number) && ways.next().is_none();
    let predicate = &p.view.catalog().predicates()[number];
    let single = predicate.facts as f64 <= MOST_VALUES * predicate.subjects.max(1) as f64;
    Ok(lone && single)
}

/// Whether what a thing has by a predicate are nodes without a name, which no other thing could stand in the place of.
fn leads_to_nodes(
    p: &Proposer<'_>,
    subject: &Candidate,
    predicate: &str,
) -> Result<bool, RetrieverError> {
    let node = Term::NamedNode(NamedNode::new_unchecked(&subject.entity.iri));
    let some = neighbours(p.view, &node, predicate, Way::Forward, FEW)?;
    p.are_nameless(&some)
}

fn could_be_value(p: &Proposer<'_>, number: usize, object: &Candidate) -> bool {
    let catalog = p.view.catalog();
    let range = &catalog.predicates()[number].range;
    range.is_empty()
        || object
            .entity
            .classes
            .iter()
            .filter_map(|iri| catalog.class(iri))
            .any(|class| range.keys().any(|wanted| catalog.is_within(class, *wanted)))
}

/// "Is Lagos larger than Cairo".
fn comparisons(
    p: &mut Proposer<'_>,
    a: &Mention,
    b: &Mention,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let Some(comparative) = p.question.comparative.clone() else {
        return Ok(());
    };
    let used = p.used(&[&a.span, &b.span]);
    let hidden = a.span.start..b.span.end;
    let (subject, object) = had(p, a)?;
    let of = Measured {
        subject: &|n| subject.contains(&n),
        object: &|n| object.contains(&n),
        counted: p.compared_number(),
    };
    for gauge in p.measures(&of, comparative.property, &used, &hidden)? {
        let fit = &gauge.fit;
        for x in a.candidates.iter().take(MAX_TRIED) {
            for y in b.candidates.iter().take(MAX_TRIED) {
                let mut have = true;
                for candidate in [x, y] {
                    have &= p.has(&candidate.entity.iri, gauge.first)?;
                }
                if !have {
                    continue;
                }
                let alike = x
                    .entity
                    .classes
                    .iter()
                    .any(|class| y.entity.classes.contains(class));
                readings.push(Reading {
                    graph: QueryGraph::AskValue {
                        entity: x.entity.iri.clone(),
                        measure: gauge.measure.clone(),
                        operator: operator(p.end_of(
                            &p.view.catalog().predicates()[gauge.last],
                            comparative.direction,
                        )),
                        with: Comparand::Entity(y.entity.iri.clone()),
                    },
                    entities: vec![x.entity.iri.clone(), y.entity.iri.clone()],
                    features: Features {
                        link: 0.5 * (x.fit + y.fit),
                        prior: 0.5 * (x.prior + y.prior),
                        predicate: fit.score,
                        coverage: p.coverage(&used, &[&fit.explains]),
                        kind: if alike { 1.0 } else { 0.0 },
                        missed: 0.0,
                    },
                    explains: Vec::new(),
                    absent: false,
                });
            }
        }
    }
    Ok(())
}

/// "Does Nairobi have more than four million inhabitants".
fn bounds(
    p: &mut Proposer<'_>,
    mention: &Mention,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    // Of a range, both ends would have to be asked for.
    let threshold = p.question.threshold.clone();
    let Some(threshold) = threshold.filter(|t| t.upto.is_none()) else {
        return Ok(());
    };
    let used = p.used(&[&mention.span]);
    for candidate in mention.candidates.iter().take(MAX_TRIED) {
        let edges = p.edges(&candidate.entity.iri)?;
        let of = Measured {
            subject: &|n| edges.outgoing.iter().any(|(has, _)| *has == n),
            object: &|n| edges.incoming.iter().any(|(has, _)| *has == n),
            counted: Some(threshold.span.end).filter(|at| *at < used.len()),
        };
        for mut gauge in p.measures(&of, &[], &used, &mention.span)? {
            let predicates = p.view.catalog().predicates();
            let end = threshold.bounds().next();
            let bound = end.and_then(|end| gauge.bound(predicates, &threshold, end));
            let Some(bound) = bound else {
                continue;
            };
            gauge.account_for(predicates, &threshold);
            let fit = &gauge.fit;
            readings.push(Reading {
                graph: QueryGraph::AskValue {
                    entity: candidate.entity.iri.clone(),
                    measure: gauge.measure.clone(),
                    operator: threshold.operator,
                    with: Comparand::Bound(bound),
                },
                entities: vec![candidate.entity.iri.clone()],
                features: Features {
                    link: candidate.fit,
                    prior: candidate.prior,
                    predicate: fit.score,
                    coverage: p.coverage(&used, &[&fit.explains]),
                    kind: 1.0,
                    missed: 0.0,
                },
                explains: Vec::new(),
                absent: false,
            });
        }
    }
    Ok(())
}

/// "Is Bolivia landlocked", "has the order been shipped": a value that the question names.
fn values(
    p: &mut Proposer<'_>,
    mention: &Mention,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    for value in p.values.clone() {
        let apart = value.span.end <= mention.span.start || mention.span.end <= value.span.start;
        if !apart {
            continue;
        }
        let catalog = p.view.catalog().clone();
        let predicate = &catalog.predicates()[value.predicate];
        // Of several values, one that is not told is not denied.
        if !predicate.is_functional() {
            continue;
        }
        let used = p.used(&[&mention.span, &value.span]);
        for candidate in mention.candidates.iter().take(MAX_TRIED) {
            if !p.has(&candidate.entity.iri, (value.predicate, Way::Forward))? {
                continue;
            }
            let fit = p
                .matcher
                .local(value.predicate, &used, &|_| 0, &|_, _| true)?;
            let own = p.class_words(|class| p.is_of_class(candidate, class.class));
            readings.push(Reading {
                graph: QueryGraph::AskValue {
                    entity: candidate.entity.iri.clone(),
                    measure: Measure::value(&predicate.iri),
                    operator: Operator::Equal,
                    with: Comparand::Bound(value.value.clone()),
                },
                entities: vec![candidate.entity.iri.clone()],
                features: Features {
                    link: 0.5 * (candidate.fit + value.fit),
                    prior: candidate.prior,
                    predicate: fit.score.max(UNNAMED),
                    coverage: p.coverage(&used, &[&fit.explains, &own]),
                    kind: 1.0,
                    missed: 0.0,
                },
                explains: Vec::new(),
                absent: false,
            });
        }
    }
    Ok(())
}

/// "Is Lagos a city".
fn of_class(
    p: &Proposer<'_>,
    mention: &Mention,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let catalog = p.view.catalog();
    let used = p.used(&[&mention.span]);
    for class in p
        .classes
        .iter()
        .filter(|c| c.span.start >= mention.span.end)
    {
        let mut words = vec![0.0; p.question.tokens.len()];
        words[class.span.clone()].fill(class.fit);
        let coverage = p.coverage(&used, &[&words]);
        // "Did Ansel compose any operas": that more is asked than what he is.
        let within = |m: &Mention| {
            let span = &m.span;
            span.start <= class.span.start && class.span.end <= span.end && *span != class.span
        };
        let in_a_name = p.is_named(class.span.start) && p.mentions.iter().any(within);
        if coverage < WHOLE || in_a_name {
            continue;
        }
        for candidate in p
            .candidates(mention)
            .iter()
            .filter(|c| !c.entity.classes.is_empty())
        {
            let classes = catalog.iris_under(class.class);
            let is = p.is_of_class(candidate, class.class);
            if !is && !is_told_so(p, &candidate.entity.iri, &classes)? {
                continue;
            }
            readings.push(Reading {
                graph: QueryGraph::AskClass {
                    entity: candidate.entity.iri.clone(),
                    classes,
                },
                entities: vec![candidate.entity.iri.clone()],
                features: Features {
                    link: candidate.fit,
                    prior: candidate.prior,
                    predicate: 0.9 * class.fit,
                    coverage,
                    kind: if is { 1.0 } else { 0.0 },
                    missed: 0.0,
                },
                explains: Vec::new(),
                absent: false,
            });
        }
    }
    Ok(())
}

/// Whether a thing is told to be of any class by what tells the instances of some classes: what is said of things says nothing of
/// which classes they are kinds of.
fn is_told_so(p: &Proposer<'_>, iri: &str, classes: &[String]) -> Result<bool, RetrieverError> {
    let node = NamedNodeRef::new_unchecked(iri);
    for way in p.view.catalog().conventions().predicates_of(classes) {
        let way = NamedNodeRef::new_unchecked(way);
        let mut told = p
            .view
            .snapshot()
            .quads(Some(node.into()), Some(way), None, None);
        if told.next().transpose()?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
