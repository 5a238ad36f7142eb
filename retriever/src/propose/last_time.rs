//! The last of several times, or the first: "when was it last repaired".

use super::Proposer;
use crate::graph::{Function, Link, Measure, Node, QueryGraph, Target, Way};
use crate::question::Direction;
use crate::rank::Reading;

/// Makes of readings that tell times those that tell the last of them, or the first, where the question asks for one.
pub(super) fn put_in(p: &Proposer<'_>, readings: &mut [Reading]) {
    let Some(direction) = p.question.which_time else {
        return;
    };
    for reading in readings.iter_mut().filter(|reading| !reading.absent) {
        if let Some(graph) = one_of(p, &reading.graph, direction) {
            reading.graph = graph;
        }
    }
}

/// The same for one graph, where it leads to times by one path.
fn one_of(p: &Proposer<'_>, graph: &QueryGraph, direction: Direction) -> Option<QueryGraph> {
    let QueryGraph::Select {
        node,
        target: Target::Every,
    } = graph
    else {
        return None;
    };
    let [link] = node.links.as_slice() else {
        return None;
    };
    let (last, path) = link.path.split_last()?;
    let catalog = p.view.catalog();
    let predicate = &catalog.predicates()[catalog.predicate(&last.predicate)?];
    let times = last.way == Way::Forward && (predicate.is_temporal() || predicate.tells_a_time());
    let plain = node.filters.is_empty() && node.order.is_none() && !link.negated;
    let function = match direction {
        Direction::Most => Function::Greatest,
        Direction::Least => Function::Smallest,
    };
    (times && plain).then(|| QueryGraph::Select {
        node: Node {
            links: vec![Link {
                path: path.to_vec(),
                ..link.clone()
            }],
            ..Node::default()
        },
        target: Target::Aggregate(function, Measure::Value(vec![last.clone()])),
    })
}
