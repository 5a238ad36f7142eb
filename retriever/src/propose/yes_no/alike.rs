//! Whether two things have something in common: "were Goethe and Schiller born in the same city".

use super::super::Proposer;
use super::MOST_VALUES;
use crate::RetrieverError;
use crate::execute::look_up;
use crate::graph::{Link, Node, QueryGraph, Way};
use crate::link::Mention;
use crate::rank::{Features, Reading};

/// Entities of one name that are tried.
const MOST_TRIED: usize = 4;
/// How well what they have in common must fit at the least.
const LEAST: f64 = 0.45;

/// Adds readings that ask for one thing which both are tied to by one predicate.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    a: &Mention,
    b: &Mention,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let catalog = p.view.catalog().clone();
    let used = p.used(&[&a.span, &b.span]);
    let is_same = |at: &usize| p.question.tokens[*at].text == "same" && !used[*at];
    let Some(same) = (0..used.len()).find(is_same) else {
        return Ok(());
    };
    for x in a.candidates.iter().take(MOST_TRIED) {
        for y in b.candidates.iter().take(MOST_TRIED) {
            let edges = p.edges(&x.entity.iri)?;
            for &(number, _) in &edges.outgoing {
                let predicate = &catalog.predicates()[number];
                if !p.has(&y.entity.iri, (number, Way::Forward))? {
                    continue;
                }
                let mut fit = p.matcher.local(number, &used, &|_| 0, &|_, _| true)?;
                if fit.score < LEAST {
                    continue;
                }
                fit.explains[same] = 1.0;
                // "The same city": of what they may have in common, that of the class that is named.
                let named = p.classes.iter().find(|class| {
                    let share = catalog.share(&predicate.range, predicate.facts, class.class);
                    class.span.start == same + 1 && share.is_some_and(|share| share > 0.0)
                });
                let classes = named.map(|class| catalog.iris_under(class.class));
                let words = p.class_words(|class| named.is_some_and(|n| n.span == class.span));
                let edge = |iri: &str| Link::edge(iri, &predicate.iri, Way::Forward);
                let graph = QueryGraph::Exists {
                    node: Node {
                        links: vec![edge(&x.entity.iri), edge(&y.entity.iri)],
                        classes: classes.unwrap_or_default(),
                        ..Node::default()
                    },
                };
                // Of what has many values, those that are told may not be all.
                let single = predicate.facts as f64 <= MOST_VALUES * predicate.subjects as f64;
                let sparql = graph.to_sparql(catalog.membership());
                if look_up(p.view, &sparql, p.deadline, 1)?.boolean != Some(true) {
                    // Nor does a city tell of which country somebody is.
                    let each = [&x.entity.iri, &y.entity.iri];
                    if !single || !each.iter().all(|iri| has_some(p, edge(iri), &graph)) {
                        continue;
                    }
                }
                readings.push(Reading {
                    graph,
                    entities: vec![x.entity.iri.clone(), y.entity.iri.clone()],
                    features: Features {
                        link: 0.5 * (x.fit + y.fit),
                        prior: 0.5 * (x.prior + y.prior),
                        predicate: fit.score,
                        coverage: p.coverage(&used, &[&fit.explains, &words]),
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

/// Whether a link leads to something of the classes that a graph asks for.
fn has_some(p: &Proposer<'_>, link: Link, graph: &QueryGraph) -> bool {
    let QueryGraph::Exists { node } = graph else {
        return false;
    };
    let own = QueryGraph::Exists {
        node: Node {
            links: vec![link],
            ..node.clone()
        },
    };
    let sparql = own.to_sparql(p.view.catalog().membership());
    look_up(p.view, &sparql, p.deadline, 1).is_ok_and(|found| found.boolean == Some(true))
}
