//! What a question means by words that only the conversation before it explains.
//!
//! Whoever knows the conversation says which entities a span of the question stands for, and to what it restricts the
//! answers. Both are conditions on readings: nothing is answered that the knowledge base does not hold.

use std::ops::Range;

use crate::graph::{Node, QueryGraph};
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
        };
        mentions.retain(|other| !other.overlaps(&found));
        mentions.insert(0, found);
    }
    mentions.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    Ok(())
}

/// Keeps the readings that describe things, each narrowed to the things of another description.
pub(crate) fn narrow(readings: &mut Vec<Reading>, within: &Node) {
    readings.retain_mut(|reading| match &mut reading.graph {
        QueryGraph::Select { node, .. } if !reading.absent => {
            let more = within
                .links
                .iter()
                .filter(|link| !node.links.contains(link));
            let more: Vec<_> = more.cloned().collect();
            node.links.extend(more);
            let more = within.filters.iter().filter(|f| !node.filters.contains(f));
            let more: Vec<_> = more.cloned().collect();
            node.filters.extend(more);
            if node.classes.is_empty() {
                node.classes.clone_from(&within.classes);
            }
            true
        }
        _ => false,
    });
}
