//! Names that share their last word: "Liam or Noel Gallagher", "Orville and Wilbur Wright", "Noel Gallagher or Liam".

use std::ops::Range;

use super::{FIT_ALIAS, Mention, join, mention};
use crate::RetrieverError;
use crate::index::{IndexReader, NameMatch};
use crate::question::Question;

/// Entities of one such name that are considered.
const MOST: usize = 8;
/// How well such a name fits.
const FIT: f64 = 0.95;

/// Whether some such names are within what is merely like a name, which would make one of two: "Liam and Noel Gallagher".
pub(super) fn are_within(coordinated: &[Mention], other: &Mention) -> bool {
    let span = &other.span;
    let like = other.candidates.iter().all(|c| c.fit < FIT_ALIAS);
    let mut names = coordinated.iter().map(|name| &name.span);
    like && names.any(|name| span.start <= name.start && name.end <= span.end && *name != *span)
}

/// The mentions that are named in full with the last words of the one beside them.
pub(super) fn find(
    question: &Question,
    index: &IndexReader,
    mentions: &[Mention],
) -> Result<Vec<Mention>, RetrieverError> {
    let tokens = &question.tokens;
    let joins = |at: usize| {
        let word = tokens.get(at).map(|token| token.text.as_str());
        matches!(word, Some("or" | "and"))
    };
    let mut found = Vec::new();
    let full = mentions.iter().filter(|mention| {
        let named = mention.candidates.iter().any(|c| c.fit >= FIT_ALIAS);
        named && mention.span.len() >= 2
    });
    for other in full {
        let span = &other.span;
        let last = join(tokens, &(span.start + 1..span.end));
        let before = span.start.checked_sub(2).filter(|at| joins(at + 1));
        let after = Some(span.end + 1).filter(|at| joins(at - 1) && *at < tokens.len());
        for at in [before, after].into_iter().flatten() {
            let own: Range<usize> = at..at + 1;
            let known = |m: &&Mention| m.candidates.iter().any(|c| c.fit >= FIT_ALIAS);
            let mut named = mentions.iter().filter(known);
            // What has a name of more words there is named already.
            let longer = named.any(|m| m.span.len() > 1 && m.span.contains(&at));
            if longer || !question.is_content(at) {
                continue;
            }
            let key = format!("{} {last}", join(tokens, &own));
            let entities = index.by_key(&key, MOST)?.into_iter();
            let entities = entities.filter(|(kind, _)| *kind != NameMatch::Value);
            let entities = entities.map(|(_, entity)| (FIT, entity)).collect();
            found.extend(mention(question, own, entities));
        }
    }
    Ok(found)
}
