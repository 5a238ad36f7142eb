//! What is made of a description: things left out of it, one value made of many, a part of a whole.

use std::collections::HashMap;
use std::ops::Range;

use super::beyond::without_coverage;
use super::{accounted, every};
use crate::RetrieverError;
use crate::execute::look_up;
use crate::graph::{Function, Hop, Link, Node, QueryGraph, Source, Target, Way};
use crate::link::{FIT_DERIVED, Mention};
use crate::propose::Proposer;
use crate::propose::measure::Measured;
use crate::question::{Combining, is_auxiliary};
use crate::rank::{Features, Match, Reading};

/// Descriptions that are refined.
const MOST_TRIED: usize = 6;
/// Exclusions that are tried with each.
const MOST_EXCLUDED: usize = 6;
/// A predicate whose facts exclude must fit this well.
const LEAST_FIT: f64 = 0.4;
/// A name that a description accounts for this far belongs to it.
const SPOKEN_OF: f64 = 0.9;
/// How well a predicate fits at the least that ties an entity to such things.
const TIED: f64 = 0.5;

/// Readings that exclude what a description would hold, combine its values, or take its share of another.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    whole: &[Reading],
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let negates = !p.question.negations.is_empty();
    let combines = p.question.combining.clone();
    if !negates && combines.is_none() {
        return Ok(());
    }
    let mut bases: Vec<(f64, Reading, Node)> = readings
        .iter()
        .chain(whole)
        .filter_map(|reading| match &reading.graph {
            QueryGraph::Select { node, target }
                if !node.classes.is_empty()
                    && !reading.absent
                    && !reading.explains.is_empty()
                    && matches!(target, Target::Every | Target::Count) =>
            {
                Some((without_coverage(reading), reading.clone(), node.clone()))
            }
            _ => None,
        })
        .collect();
    // What is excluded is not described as well.
    let negated = negated(p);
    let spans = |base: &Reading| {
        let mut tokens = negated.iter().flat_map(|mention| mention.span.clone());
        tokens.any(|at| p.question.is_content(at) && base.explains[at] >= SPOKEN_OF)
    };
    bases.retain(|(_, base, _)| !negates || !spans(base));
    bases.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut kept = 0;
    bases.retain(|(_, _, node)| {
        kept += usize::from(!is_bare(node));
        is_bare(node) || kept <= MOST_TRIED
    });
    if negates {
        for (_, base, node) in &bases {
            exclude(p, base, node, readings)?;
        }
    }
    match combines {
        Some((Combining::Function(function), span)) => {
            for (_, base, node) in &bases {
                let counted = p.question.asked.filter(|at| base.explains[*at] < 0.5);
                combine(p, base, node, (function, span.clone()), counted, readings)?;
            }
        }
        Some((Combining::Share, span)) => share(p, &bases, span, readings),
        None => {}
    }
    Ok(())
}

/// What the question names next after it negates: "European countries that do not | use the euro".
fn negated<'m>(p: &Proposer<'m>) -> Option<&'m Mention> {
    let from = *p.question.negations.first()?;
    let named = |mention: &&Mention| mention.candidates.iter().any(|c| c.fit >= FIT_DERIVED);
    let after = p.mentions.iter().filter(|m| m.span.start > from);
    after.filter(named).min_by_key(|mention| mention.span.start)
}

/// Whether a negation may be said of a name: it comes before it, or right after it and a verb, as in "the houses that Ada
/// does | not keep".
fn can_be_negated(p: &Proposer<'_>, mention: &Mention) -> bool {
    p.question.negations.iter().any(|&at| {
        let mut between = p.question.tokens.iter().take(at).skip(mention.span.end);
        at < mention.span.start || between.all(|token| is_auxiliary(&token.text))
    })
}

/// Whether a node is a class as a whole.
fn is_bare(node: &Node) -> bool {
    node.links.is_empty() && node.filters.is_empty() && node.order.is_none()
}

/// What is excluded: the links, how well its predicate fits, the words for what it leads to, and the entities.
type Exclusion = (Vec<Link>, Match, Vec<f64>, Vec<String>);

/// "The gases that he did not discover", "the houses without a lift".
fn exclude(
    p: &mut Proposer<'_>,
    base: &Reading,
    node: &Node,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let used: Vec<bool> = base.explains.iter().map(|e| *e >= 0.5).collect();
    let mut found: Vec<Exclusion> = Vec::new();
    let scope = negated(p).map(|mention| mention.span.start);
    let mentions = p.mentions;
    for mention in mentions {
        if scope.is_some_and(|from| mention.span.start < from) || !can_be_negated(p, mention) {
            continue;
        }
        if mention.span.clone().any(|at| used[at]) {
            continue;
        }
        for candidate in mention.candidates.iter().take(3) {
            let edges = p.edges(&candidate.entity.iri)?;
            let mut spent = used.clone();
            spent[mention.span.clone()].fill(true);
            let ways = edges.outgoing.iter().map(|e| (e.0, Way::Forward));
            let ways = ways.chain(edges.incoming.iter().map(|e| (e.0, Way::Inverse)));
            for (number, way) in ways {
                let mut fit = p.matcher.local(number, &spent, &|_| 0, &|_, _| true)?;
                if ties(p, node, number, way) {
                    // "European countries that do not use the euro": little else can be meant.
                    fit.score = fit.score.max(TIED);
                }
                if fit.score >= LEAST_FIT {
                    let iri = &p.view.catalog().predicates()[number].iri;
                    let mut words = vec![0.0; used.len()];
                    words[mention.span.clone()].fill(1.0);
                    let link = Link {
                        negated: true,
                        ..Link::edge(&candidate.entity.iri, iri, way)
                    };
                    let entity = vec![candidate.entity.iri.clone()];
                    found.push((vec![link], fit, words, entity));
                }
            }
        }
    }
    if p.question.tokens.iter().any(|token| token.text == "nor") {
        found = all_of(&found);
    }
    for number in 0..p.view.catalog().predicates().len() {
        let fit = p.matcher.local(number, &used, &|_| 0, &|_, _| true)?;
        for way in [Way::Forward, Way::Inverse] {
            found.extend(any_of(p, number, way, &fit, &used));
        }
    }
    found.sort_by(|a, b| b.1.score.total_cmp(&a.1.score));
    found.truncate(MOST_EXCLUDED);
    for (links, fit, words, excluded) in found {
        p.in_time()?;
        // Some of the things must have what is excluded; else the words mean something else.
        let mut having = node.clone();
        having.links.extend(links.first().map(|link| Link {
            negated: false,
            ..link.clone()
        }));
        let having = QueryGraph::Exists { node: having };
        if look_up(p.view, &having.to_sparql(), p.deadline, 1)?.boolean != Some(true) {
            continue;
        }
        let mut without = node.clone();
        without.links.extend(links);
        let mut negations = vec![0.0; used.len()];
        for &at in &p.question.negations {
            negations[at] = 1.0;
        }
        let explains = accounted(
            &vec![false; used.len()],
            &[&base.explains, &fit.explains, &words],
            &negations,
        );
        let mut entities = base.entities.clone();
        entities.extend(excluded);
        readings.push(Reading {
            graph: QueryGraph::Select {
                node: without,
                target: every(p),
            },
            entities,
            features: Features {
                predicate: 0.5 * (base.features.predicate.max(0.7) + fit.score),
                coverage: p.coverage(&vec![false; used.len()], &[&explains]),
                ..base.features
            },
            explains,
            absent: false,
        });
    }
    Ok(())
}

/// "Neither France nor Germany": what is said of one is said of the other as well.
fn all_of(found: &[Exclusion]) -> Vec<Exclusion> {
    let mut joint: Vec<Exclusion> = Vec::new();
    for (links, fit, words, entity) in found {
        let same = joint
            .iter_mut()
            .find(|(others, ..)| others[0].path == links[0].path);
        match same {
            Some((others, _, spoken, entities)) => {
                entities.extend(entity.iter().cloned());
                others.extend(links.iter().cloned());
                for (spoken, word) in spoken.iter_mut().zip(words) {
                    *spoken = spoken.max(*word);
                }
            }
            None => joint.push((links.clone(), fit.clone(), words.clone(), entity.clone())),
        }
    }
    joint.retain(|(links, ..)| links.len() > 1);
    joint
}

/// Whether facts of a predicate, read from an entity, lead to things of a node's classes.
fn ties(p: &Proposer<'_>, node: &Node, number: usize, way: Way) -> bool {
    let catalog = p.view.catalog();
    let predicate = &catalog.predicates()[number];
    let spread = predicate.classes_at(way);
    let mut classes = node.classes.iter().filter_map(|iri| catalog.class(iri));
    classes.any(|class| spread.contains_key(&class))
}

/// Any fact of a predicate, or one that leads to a thing of a class that the question names.
fn any_of(p: &Proposer<'_>, number: usize, way: Way, fit: &Match, used: &[bool]) -> Vec<Exclusion> {
    let catalog = p.view.catalog();
    let predicate = &catalog.predicates()[number];
    let spread = predicate.classes_at(way);
    let link = |classes: Vec<String>| Link {
        from: Source::Node(Box::new(Node {
            classes,
            ..Node::default()
        })),
        path: vec![Hop::new(&predicate.iri, way.turned())],
        negated: true,
    };
    let mut found = Vec::new();
    for mention in &p.classes {
        let free = mention.span.clone().all(|at| !used[at]);
        let share = catalog.share(spread, predicate.facts, mention.class);
        if free && share.is_some_and(|share| share > 0.0) {
            let mut words = vec![0.0; used.len()];
            words[mention.span.clone()].fill(mention.fit);
            let fit = Match {
                score: fit.score.max(0.6),
                ..fit.clone()
            };
            found.push((
                vec![link(p.view.catalog().iris_under(mention.class))],
                fit,
                words,
                Vec::new(),
            ));
        }
    }
    if fit.score >= LEAST_FIT {
        let any = vec![link(Vec::new())];
        found.push((any, fit.clone(), vec![0.0; used.len()], Vec::new()));
    }
    found
}

/// "The average height of the towers in Toronto".
fn combine(
    p: &mut Proposer<'_>,
    base: &Reading,
    node: &Node,
    (function, span): (Function, Range<usize>),
    counted: Option<usize>,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let catalog = p.view.catalog().clone();
    let classes: Vec<usize> = node
        .classes
        .iter()
        .filter_map(|iri| catalog.class(iri))
        .collect();
    let under =
        |spread: &HashMap<usize, u64>| classes.iter().any(|class| spread.contains_key(class));
    let used: Vec<bool> = base.explains.iter().map(|e| *e >= 0.5).collect();
    let of = Measured {
        subject: &|n| under(&catalog.predicates()[n].domain),
        object: &|n| under(&catalog.predicates()[n].range),
        counted,
    };
    let none = vec![false; used.len()];
    for gauge in p.measures(&of, &[], &used, &(0..0))? {
        let mut cue = vec![0.0; used.len()];
        cue[span.clone()].fill(1.0);
        let explains = accounted(&none, &[&base.explains, &gauge.fit.explains], &cue);
        readings.push(Reading {
            graph: QueryGraph::Select {
                node: node.clone(),
                target: Target::Aggregate(function, gauge.measure),
            },
            entities: base.entities.clone(),
            features: Features {
                predicate: 0.5 * (base.features.predicate.max(0.7) + gauge.fit.score),
                coverage: p.coverage(&none, &[&explains]),
                kind: 0.5,
                ..base.features
            },
            explains,
            absent: false,
        });
    }
    Ok(())
}

/// "What percentage of the bridges were built by him".
fn share(
    p: &Proposer<'_>,
    bases: &[(f64, Reading, Node)],
    span: Range<usize>,
    readings: &mut Vec<Reading>,
) {
    let none = vec![false; p.question.tokens.len()];
    let mut cue = vec![0.0; none.len()];
    cue[span].fill(1.0);
    let joined = p.question.tokens.iter().any(|token| token.text == "and");
    for (_, part, some) in bases {
        let mut push = |all: Node, words: &[f64]| {
            let explains = accounted(&none, &[words, &part.explains], &cue);
            readings.push(Reading {
                graph: QueryGraph::Share {
                    whole: all,
                    part: some.clone(),
                },
                entities: part.entities.clone(),
                features: Features {
                    coverage: p.coverage(&none, &[&explains]),
                    kind: 0.5,
                    ..part.features
                },
                explains,
                absent: false,
            });
        };
        if let Some(all) = wider(some).filter(|_| !joined) {
            push(all, &[]);
            continue;
        }
        for (_, whole, all) in bases.iter().filter(|(_, _, node)| is_bare(node)) {
            if some != all && is_within(p, some, all) {
                push(all.clone(), &whole.explains);
            }
        }
    }
}

/// What a thing of several conditions is a part of: "of the Asian countries, those that border China". What is said last
/// tells the part.
fn wider(part: &Node) -> Option<Node> {
    if part.links.len() + part.filters.len() < 2 {
        return None;
    }
    let mut whole = part.clone();
    if whole.links.is_empty() {
        whole.filters.pop();
    } else if whole.filters.is_empty() {
        whole.links.pop();
    } else {
        whole.filters.clear();
    }
    Some(whole)
}

/// Whether all classes of one node are among those of another.
fn is_within(p: &Proposer<'_>, some: &Node, all: &Node) -> bool {
    let catalog = p.view.catalog();
    let wide: Vec<usize> = all
        .classes
        .iter()
        .filter_map(|iri| catalog.class(iri))
        .collect();
    let mut classes = some.classes.iter().map(|iri| catalog.class(iri));
    classes.all(|class| class.is_some_and(|class| wide.contains(&class)))
}
