//! What is made of a description: things left out of it, one value made of many, a part of a whole.

use std::collections::HashMap;
use std::ops::Range;

use super::beyond::without_coverage;
use super::{accounted, exclude, related};
use crate::RetrieverError;
use crate::graph::{Function, Measure, Node, QueryGraph, Target, Way};
use crate::propose::Proposer;
use crate::propose::measure::Measured;
use crate::question::Combining;
use crate::rank::{Features, Reading};

/// Descriptions that are refined.
const MOST_TRIED: usize = 6;
/// How well the description of things is worth at least of which one value is made.
const LEAST_TIED: f64 = 0.68;
/// A name that a description accounts for this far belongs to it.
const SPOKEN_OF: f64 = 0.9;

/// Readings that exclude what a description would hold, combine its values, or take its share of another.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    whole: &[Reading],
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let negates = !p.question.negations.is_empty();
    let combines = p.question.combining.clone();
    let several = p.classes.len() > 1;
    if !negates && combines.is_none() && !several {
        return Ok(());
    }
    let mut bases: Vec<(f64, Reading, Node)> = readings
        .iter()
        .chain(whole)
        .filter_map(|reading| match &reading.graph {
            QueryGraph::Select { node, target }
                if (!node.classes.is_empty()
                    || combines.is_some()
                    || (negates && !node.links.is_empty()))
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
    let negated = exclude::negated(p);
    let spans = |base: &Reading| {
        let mut tokens = negated.iter().flat_map(|mention| mention.span.clone());
        tokens.any(|at| p.question.is_content(at) && base.explains[at] >= SPOKEN_OF)
    };
    bases.retain(|(_, base, _)| !negates || !spans(base));
    if negates || combines.is_none() {
        // "Which metals have no producing country" does not ask for countries.
        bases.retain(|(_, _, node)| may_be_asked(p, node));
    }
    bases.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut kept = 0;
    bases.retain(|(_, _, node)| {
        kept += usize::from(!is_bare(node));
        is_bare(node) || kept <= MOST_TRIED
    });
    if negates {
        for (_, base, node) in &bases {
            exclude::propose(p, base, node, readings)?;
        }
    } else if several {
        let mut tied = Vec::new();
        for (_, base, node) in &bases {
            related::propose(p, base, node, &mut tied)?;
        }
        for reading in &tied {
            if let QueryGraph::Select { node, .. } = &reading.graph {
                bases.push((without_coverage(reading), reading.clone(), node.clone()));
            }
        }
        readings.append(&mut tied);
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

/// Whether things of a node may be those asked for, as far as a class word says what is.
fn may_be_asked(p: &Proposer<'_>, node: &Node) -> bool {
    let catalog = p.view.catalog();
    let mut named = p.asked_classes().peekable();
    named.peek().is_none()
        || named.any(|class| {
            let classes = node.classes.iter().filter_map(|iri| catalog.class(iri));
            classes
                .into_iter()
                .any(|one| catalog.is_within(one, class.class))
        })
}

/// Whether a node is a class as a whole.
fn is_bare(node: &Node) -> bool {
    node.links.is_empty() && node.filters.is_empty() && node.order.is_none()
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
    let mut classes: Vec<usize> = node
        .classes
        .iter()
        .filter_map(|iri| catalog.class(iri))
        .collect();
    if let (true, Some(hop)) = (
        classes.is_empty(),
        node.links.last().and_then(|l| l.path.last()),
    ) && let Some(number) = catalog.predicate(&hop.predicate)
    {
        // No class is named: "a chalcogen" is what is a member of group 16.
        classes.extend(catalog.predicates()[number].classes_at(hop.way).keys());
    }
    let function = if p.question.only_some && function == Function::Average {
        Function::AverageOfSome
    } else {
        function
    };
    let under =
        |spread: &HashMap<usize, u64>| classes.iter().any(|class| spread.contains_key(class));
    let used: Vec<bool> = base.explains.iter().map(|e| *e >= 0.5).collect();
    let of = Measured {
        subject: &|n| under(&catalog.predicates()[n].domain),
        object: &|n| under(&catalog.predicates()[n].range),
        counted,
    };
    let none = vec![false; used.len()];
    // A class tells of what things, whatever ties them; of ties that nothing else tells apart, the better one is meant.
    let base_fit = base
        .features
        .predicate
        .max(LEAST_TIED + 0.02 * base.features.predicate);
    for gauge in p.measures(&of, &[], &used, &(0..0))? {
        let counts = matches!(gauge.measure, Measure::Number { .. });
        if !counts && catalog.predicates()[gauge.last].is_temporal() {
            // Dates have no mean.
            continue;
        }
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
                predicate: 0.5 * (base_fit + gauge.fit.score),
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
        if let Some(number) = value_of(p, some) {
            // Numbers are no part of a whole; but they may tell the part themselves.
            let predicate = &p.view.catalog().predicates()[number];
            let told = SHARES.iter().any(|word| predicate.is_named(word));
            if told && part.explains.len() == none.len() {
                let explains = accounted(&none, &[&part.explains], &cue);
                readings.push(Reading {
                    features: Features {
                        coverage: p.coverage(&none, &[&explains]),
                        kind: 1.0,
                        ..part.features
                    },
                    explains,
                    ..part.clone()
                });
            }
            continue;
        }
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

/// What predicates are called that tell how much of something there is.
pub(super) const SHARES: [&str; 4] = ["percentage", "percent", "share", "proportion"];

/// The predicate of which a node describes the numbers.
fn value_of(p: &Proposer<'_>, node: &Node) -> Option<usize> {
    let catalog = p.view.catalog();
    let ends = node.links.iter().filter_map(|link| link.path.last());
    let mut ends = ends.filter(|hop| hop.way == Way::Forward);
    ends.find_map(|hop| {
        let number = catalog.predicate(&hop.predicate)?;
        let predicate = &catalog.predicates()[number];
        (predicate.is_numeric() && predicate.objects.nodes == 0).then_some(number)
    })
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
    !some.classes.is_empty()
        && classes.all(|class| class.is_some_and(|class| wide.contains(&class)))
}
