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
                let common = Node {
                    classes: classes.unwrap_or_default(),
                    ..Node::default()
                };
                let each = [&x, &y].map(|thing| edge(&thing.entity.iri));
                if !holds(p, &common, &each)? {
                    // Of what has many values, those that are told may not be all; nor does a city tell of which country
                    // somebody is.
                    let single = predicate.facts as f64 <= MOST_VALUES * predicate.subjects as f64;
                    if !single || !holds(p, &common, &each[..1])? || !holds(p, &common, &each[1..])?
                    {
                        continue;
                    }
                }
                readings.push(Reading {
                    graph: tied(&common, &each),
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

/// Whether there is something that is tied so.
fn tied(common: &Node, links: &[Link]) -> QueryGraph {
    QueryGraph::Exists {
        node: Node {
            links: links.to_vec(),
            ..common.clone()
        },
    }
}

fn holds(p: &Proposer<'_>, common: &Node, links: &[Link]) -> Result<bool, RetrieverError> {
    let sparql = tied(common, links).to_sparql(p.view.catalog().conventions());
    Ok(look_up(p.view, &sparql, p.deadline, 1)?.boolean == Some(true))
}
