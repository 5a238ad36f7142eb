//! "Is it solid or liquid": which of two values a thing has.

use crate::RetrieverError;
use crate::graph::{Link, Node, QueryGraph, Way};
use crate::link::FIT_ALIAS;
use crate::propose::Proposer;
use crate::propose::node::about_one;
use crate::propose::values::ValueMention;
use crate::rank::Reading;

/// Things of one name that are tried.
const MOST_TRIED: usize = 4;
/// What the two values are worth as names of what is asked.
const NAMED: f64 = 0.8;

/// Adds what a thing has of that of which two values stand around "or".
pub(super) fn propose(
    p: &mut Proposer<'_>,
    or: usize,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let before = |value: &&ValueMention| value.span.end <= or;
    let pairs: Vec<(ValueMention, ValueMention)> = p
        .values
        .iter()
        .filter(before)
        .filter_map(|one| {
            let mut others = p.values.iter();
            let other =
                others.find(|other| other.span.start > or && other.predicate == one.predicate)?;
            Some((one.clone(), other.clone()))
        })
        .collect();
    let mentions = p.mentions;
    for (one, other) in pairs {
        let apart = |span: &std::ops::Range<usize>| {
            [&one, &other]
                .iter()
                .all(|value| span.end <= value.span.start || value.span.end <= span.start)
        };
        for mention in mentions.iter().filter(|mention| apart(&mention.span)) {
            let used = p.used(&[&mention.span, &one.span, &other.span]);
            let fit = p
                .matcher
                .score(one.predicate, &used, std::slice::from_ref(&mention.span))?;
            let mut explains = fit.explains;
            explains[or] = 1.0;
            for value in [&one, &other] {
                explains[value.span.clone()].fill(1.0);
            }
            for candidate in mention.candidates.iter().take(MOST_TRIED) {
                let iri = &candidate.entity.iri;
                if candidate.fit < FIT_ALIAS || !p.has(iri, (one.predicate, Way::Forward))? {
                    continue;
                }
                let predicate = &p.view.catalog().predicates()[one.predicate].iri;
                let graph = QueryGraph::every(Node {
                    links: vec![Link::edge(iri, predicate, Way::Forward)],
                    ..Node::default()
                });
                readings.push(about_one(
                    p,
                    (mention, candidate),
                    graph,
                    (fit.score.max(NAMED), 1.0),
                    &explains,
                ));
            }
        }
    }
    Ok(())
}
