//! What is told of one thing under two IRIs: what the one has in common with others is asked of the other one.

use super::Kind;
use super::description::Description;
use crate::RetrieverError;
use crate::catalog::SAME_AS;
use crate::execute::holds;
use crate::graph::{Hop, Link, Source, Way};
use crate::propose::Proposer;

/// Descriptions that are tried.
const MOST_TRIED: usize = 16;
/// What it costs to go from an IRI to another one of the same thing.
const COST: f64 = 0.1;

/// Adds what the best descriptions of the things of several mentions lead to under other IRIs.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    described: &mut Vec<Description>,
) -> Result<(), RetrieverError> {
    if !p.view.catalog().has_twins() || p.mentions.len() < 2 {
        return Ok(());
    }
    let mut best: Vec<&Description> = described.iter().filter(|one| !one.nameless).collect();
    best.sort_by(|a, b| b.features.score().total_cmp(&a.features.score()));
    best.truncate(MOST_TRIED);
    let mut found = Vec::new();
    for one in best {
        for way in [Way::Forward, Way::Inverse] {
            p.in_time()?;
            let mut twin = one.clone();
            twin.links = vec![Link {
                from: Source::Node(Box::new(one.node())),
                path: vec![Hop::new(SAME_AS, way)],
                negated: false,
            }];
            twin.filters = Vec::new();
            twin.kind = Kind::any(one.kind.score, one.kind.explains.clone());
            twin.features.predicate -= COST;
            if holds(p.view, twin.node(), p.deadline)? {
                found.push(twin);
            }
        }
    }
    described.append(&mut found);
    Ok(())
}
