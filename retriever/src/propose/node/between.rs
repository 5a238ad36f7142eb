//! What lies between the ends of a path: "the period of | the element | that she found".

use std::ops::Range;

use crate::graph::Way;
use crate::propose::{ClassMention, Proposer};

/// The class words that say what lies between the ends of a path. Each of its places is spoken of by one of several words for
/// the same class, the ones farther out by the words farther out: "the states | bordering | the state".
pub(super) fn between<'p>(
    p: &'p Proposer<'_>,
    span: &Range<usize>,
    path: &[(usize, Way)],
) -> Vec<&'p ClassMention> {
    let catalog = p.view.catalog();
    let distance = |mention: &ClassMention| mention.span.start.abs_diff(span.start);
    let mut mentions: Vec<&ClassMention> = p.classes.iter().collect();
    mentions.sort_by_key(|mention| distance(mention));
    let mut found: Vec<&ClassMention> = Vec::new();
    for &(number, way) in &path[..path.len().saturating_sub(1)] {
        let predicate = &catalog.predicates()[number];
        let spread = predicate.classes_at(way);
        let mut here: Vec<&ClassMention> = Vec::new();
        for mention in &mentions {
            let share = catalog.share(spread, predicate.facts, mention.class);
            let taken = found.iter().any(|known| known.span == mention.span);
            let again = here
                .iter()
                .any(|known| known.class == mention.class && known.span != mention.span);
            if share.is_some_and(|share| share > 0.0) && !taken && !again {
                here.push(mention);
            }
        }
        found.extend(here);
    }
    found
}
