//! Things that are tied to one of two that the question names: "which countries speak English or French".

use std::ops::Range;

use super::description::Description;
use crate::RetrieverError;
use crate::graph::{Link, Source};
use crate::link::Mention;
use crate::propose::Proposer;
use crate::text;

/// Descriptions of one mention that are widened, and things of the other one's name that are tried for it.
const MOST_WIDENED: usize = 12;
const MOST_TRIED: usize = 6;

/// Adds descriptions of what is tied to either of two mentions with "or" between them.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    described: &mut Vec<Description>,
) -> Result<(), RetrieverError> {
    let mentions = p.mentions;
    let pairs = mentions
        .iter()
        .flat_map(|first| mentions.iter().map(move |second| (first, second)));
    let offered: Vec<(&Mention, &Mention)> = pairs
        .filter(|(first, second)| are_offered(p, first, second))
        .collect();
    for (first, second) in offered {
        let mut own: Vec<&Description> = described
            .iter()
            .filter(|one| one.spans == [first.span.clone()] && one.links.len() == 1)
            .collect();
        own.sort_by(|a, b| b.features.score().total_cmp(&a.features.score()));
        let own: Vec<Description> = own.into_iter().take(MOST_WIDENED).cloned().collect();
        for one in own {
            described.extend(widened(p, &one, first, second)?);
        }
    }
    Ok(())
}

/// Whether "or" stands between two mentions, and nothing else that tells anything.
fn are_offered(p: &Proposer<'_>, first: &Mention, second: &Mention) -> bool {
    if second.span.start <= first.span.end {
        return false;
    }
    let words = &p.question.tokens[first.span.end..second.span.start];
    words.iter().filter(|word| word.text == "or").count() == 1
        && words.iter().all(|word| text::is_function_word(&word.text))
}

/// What a description becomes where the second mention will do as well.
fn widened(
    p: &mut Proposer<'_>,
    one: &Description,
    first: &Mention,
    second: &Mention,
) -> Result<Option<Description>, RetrieverError> {
    let [link] = one.links.as_slice() else {
        return Ok(None);
    };
    let (Source::Entity(entity), Some(hop), false) = (&link.from, link.path.first(), link.negated)
    else {
        return Ok(None);
    };
    let Some(number) = p.view.catalog().predicate(&hop.predicate) else {
        return Ok(None);
    };
    for other in second.candidates.iter().take(MOST_TRIED) {
        if other.entity.iri == *entity || !p.has(&other.entity.iri, (number, hop.way))? {
            continue;
        }
        let span: Range<usize> = first.span.start..second.span.end;
        let mut found = one.clone();
        found.links = vec![Link {
            from: Source::Any(vec![entity.clone(), other.entity.iri.clone()]),
            ..link.clone()
        }];
        found.entities.push(other.entity.iri.clone());
        found.features.link = 0.5 * (one.features.link + other.fit);
        found.spans = vec![span];
        let before = either(p, first);
        found.explains[before].fill(1.0);
        let used = found.used(p);
        found.features.coverage = p.coverage(&used, &[&found.explains]);
        return Ok(Some(found));
    }
    Ok(None)
}

/// The word "either" before the first mention, if there is one.
fn either(p: &Proposer<'_>, first: &Mention) -> Range<usize> {
    let start = first.span.start;
    let from = start.saturating_sub(3);
    let either = (from..start).find(|at| p.question.tokens[*at].text == "either");
    either.map_or(start..start, |at| at..at + 1)
}
