//! "What kind of instrument is the Korrin quadrant": the classes of a thing.

use super::about_one;
use crate::graph::{Link, Node, QueryGraph, Way};
use crate::link::FIT_ALIAS;
use crate::propose::Proposer;
use crate::question::is_auxiliary;
use crate::rank::Reading;

/// How well the classes of a thing fit a question for its kind.
const FIT: f64 = 0.85;
/// Things of one name that are tried.
const MOST_TRIED: usize = 4;

/// Adds the classes of what is named, where the question asks of what kind that is.
pub(super) fn propose(p: &Proposer<'_>, readings: &mut Vec<Reading>) {
    let count = p.question.tokens.len();
    // "Which blood type" asks for a type of blood.
    let qualified = |at: usize| at > 0 && p.question.is_content(at - 1);
    let Some(kind) = (0..count).find(|at| p.question.is_kind(*at) && !qualified(*at)) else {
        return;
    };
    let is = (kind..count).find(|at| is_auxiliary(&p.question.tokens[*at].text));
    let mentions = p.mentions.iter().filter(|mention| {
        let named = mention.candidates.iter().any(|c| c.fit >= FIT_ALIAS);
        named && is.is_some_and(|is| mention.span.start > is)
    });
    for mention in mentions {
        for candidate in mention.candidates.iter().take(MOST_TRIED) {
            let Some(class) = candidate.entity.classes.first() else {
                continue;
            };
            let typing = p.view.catalog().conventions().predicate_of(class);
            let mut explains = p.class_words(|class| p.is_of_class(candidate, class.class));
            explains[kind] = 1.0;
            let link = Link::edge(&candidate.entity.iri, typing, Way::Forward);
            let graph = QueryGraph::every(Node {
                links: vec![link],
                ..Node::default()
            });
            readings.push(about_one(
                p,
                (mention, candidate),
                graph,
                (FIT, 1.0),
                &explains,
            ));
        }
    }
}
