//! What a question means by words that only the conversation before it explains.
//!
//! Whoever knows the conversation says which entities a span of the question stands for, and to what it restricts the
//! answers. Both are conditions on readings: nothing is answered that the knowledge base does not hold.

use std::ops::Range;

use crate::graph::{Node, QueryGraph, Source};
use crate::link::{self, Candidate, Mention};
use crate::question::Question;
use crate::rank::Reading;
use crate::{ReadView, RetrieverError};

/// A span of a question with the entities that it stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GivenMention {
    /// The span, in bytes of the question.
    pub span: Range<usize>,
    /// IRIs of what it may mean, the likeliest first.
    pub entities: Vec<String>,
}

/// A set of things that the conversation has described, and the part that it has in a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Frame {
    /// The answers are among them.
    Within(Node),
    /// The question is asked of each of them; it names one, by its IRI, for all.
    EachOf(String, Node),
}

/// Entities that one given mention may have.
const MOST_GIVEN: usize = 24;

/// Puts given mentions in the place of what the words themselves would link to.
pub(crate) fn mention(
    view: &ReadView,
    question: &Question,
    given: &[GivenMention],
    mentions: &mut Vec<Mention>,
) -> Result<(), RetrieverError> {
    for known in given {
        let within = |at: &usize| {
            let token = &question.tokens[*at];
            known.span.start <= token.start && token.end <= known.span.end
        };
        let inside: Vec<usize> = (0..question.tokens.len()).filter(within).collect();
        let (Some(first), Some(last)) = (inside.first(), inside.last()) else {
            continue;
        };
        let span = *first..*last + 1;
        let mut candidates = Vec::new();
        for iri in known.entities.iter().take(MOST_GIVEN) {
            if let Some(entity) = view.index().entity(iri)? {
                candidates.push(Candidate {
                    entity,
                    fit: 1.0,
                    prior: 1.0 / (1.0 + candidates.len() as f64),
                });
            }
        }
        if candidates.is_empty() {
            continue;
        }
        let weight = link::weight(question, &span);
        let found = Mention {
            span,
            candidates,
            weight,
            of_kind: false,
        };
        mentions.retain(|other| !other.overlaps(&found));
        mentions.insert(0, found);
    }
    if !given.is_empty() {
        mentions.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    }
    Ok(())
}

/// Keeps the readings that describe things, and puts the set in its part of each.
pub(crate) fn frame(readings: &mut Vec<Reading>, frame: &Frame) {
    readings.retain_mut(|reading| match (&mut reading.graph, frame) {
        (QueryGraph::Select { node, .. }, Frame::Within(within)) if !reading.absent => {
            narrow(node, within);
            true
        }
        (QueryGraph::Select { node, .. }, Frame::EachOf(one, all)) if !reading.absent => {
            let mut found = false;
            for link in &mut node.links {
                if link.from == Source::Entity(one.clone()) {
                    link.from = Source::Node(Box::new(all.clone()));
                    found = true;
                }
            }
            found
        }
        _ => false,
    });
}

/// Narrows a description to the things of another one.
fn narrow(node: &mut Node, within: &Node) {
    let links = within
        .links
        .iter()
        .filter(|link| !node.links.contains(link));
    let links: Vec<_> = links.cloned().collect();
    node.links.extend(links);
    let filters = within.filters.iter().filter(|f| !node.filters.contains(f));
    let filters: Vec<_> = filters.cloned().collect();
    node.filters.extend(filters);
    if node.classes.is_empty() {
        node.classes.clone_from(&within.classes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Link, Way};
    use crate::rank::Features;

    fn reading(link: Link, absent: bool) -> Reading {
        Reading {
            graph: QueryGraph::every(Node {
                links: vec![link],
                ..Node::default()
            }),
            entities: Vec::new(),
            features: Features::default(),
            explains: Vec::new(),
            absent,
        }
    }

    fn links(reading: &Reading) -> &[Link] {
        match &reading.graph {
            QueryGraph::Select { node, .. } => &node.links,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_frame_binds_every_reading_that_is_left() {
        let near = Link::edge("velda", "near", Way::Forward);
        let set = Node {
            classes: vec!["island".into()],
            links: vec![near.clone()],
            ..Node::default()
        };
        let asked = Link::edge("korrin", "population", Way::Forward);
        let mut readings = vec![reading(asked.clone(), false), reading(asked.clone(), true)];
        frame(&mut readings, &Frame::Within(set.clone()));
        assert_eq!(readings.len(), 1, "what is absent is no answer among them");
        assert_eq!(links(&readings[0]), [asked.clone(), near.clone()]);

        let mut readings = vec![reading(asked, false), reading(near, false)];
        frame(&mut readings, &Frame::EachOf("korrin".into(), set.clone()));
        assert_eq!(readings.len(), 1, "the other does not speak of the set");
        assert_eq!(links(&readings[0])[0].from, Source::Node(Box::new(set)));
    }
}
