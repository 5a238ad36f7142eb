//! Questions with two conditions, of which one is said of what the other one is said with: "the highest mountain in the country
//! with the second largest area", "the largest city of a country with fewer than three million people".
//!
//! What stands last is read first, as a question of its own. The things that it leads to are those that the first condition
//! is said of.

use super::Proposer;
use crate::RetrieverError;
use crate::graph::{Node, QueryGraph, Source, Target};
use crate::question::Question;
use crate::rank::{Features, Reading};

/// Readings of the inner question that are tried.
const MOST_TRIED: usize = 8;
/// A token that is explained this far is spent.
const SAID: f64 = 0.9;

/// Adds to the best readings of the inner question what the outer one says of the things. `whole` is the question as asked.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    inside: &[Reading],
    whole: &Question,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let mut best: Vec<(f64, &Reading, &Node)> = inside
        .iter()
        .filter(|reading| !reading.absent)
        .filter_map(|reading| match &reading.graph {
            QueryGraph::Select {
                node,
                target: Target::Every | Target::Count,
            } if node.order.is_none() && node.filters.is_empty() && conditioned(node) => {
                Some((reading.score(), reading, node))
            }
            _ => None,
        })
        .collect();
    best.sort_by(|a, b| b.0.total_cmp(&a.0));
    let none = vec![false; p.question.tokens.len()];
    for (_, reading, node) in best.into_iter().take(MOST_TRIED) {
        p.in_time()?;
        let catalog = p.view.catalog();
        let mut classes = p.classes.iter().map(|mention| mention.class);
        let class = classes.find(|class| catalog.iris_under(*class) == node.classes);
        if class.is_none() || reading.explains.len() != none.len() {
            continue;
        }
        let said: Vec<bool> = reading.explains.iter().map(|e| *e >= SAID).collect();
        for (measured, filters, order) in p.conditions(class, &said, &(0..0))? {
            let mut explains = reading.explains.clone();
            for (explained, more) in explains.iter_mut().zip(&measured.explains) {
                *explained = explained.max(*more);
            }
            // Both conditions have their place.
            for span in whole.conditions() {
                explains[span].fill(1.0);
            }
            let mut node = node.clone();
            node.filters = filters;
            node.order = order;
            readings.push(Reading {
                graph: QueryGraph::Select {
                    node,
                    target: super::node::every(p),
                },
                entities: reading.entities.clone(),
                features: Features {
                    predicate: 0.5 * (reading.features.predicate + measured.score),
                    coverage: p.coverage(&none, &[&explains]),
                    ..reading.features
                },
                explains,
                absent: false,
            });
        }
    }
    Ok(())
}

/// Whether what a node begins at is told by a bound or an order.
fn conditioned(node: &Node) -> bool {
    node.links.iter().any(|link| match &link.from {
        Source::Node(node) => node.order.is_some() || !node.filters.is_empty() || conditioned(node),
        Source::Entity(_) | Source::Any(_) => false,
    })
}
