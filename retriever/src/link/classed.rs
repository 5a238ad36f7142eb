//! Names without the word for what they are the names of: "physics" of the Department of Physics, "Northmere" of the University
//! of Northmere.

use std::ops::Range;

use super::{Candidate, FIT_ALIAS, Mention, is_bounded_by_function_words, titled};
use crate::index::EntityRecord;
use crate::question::Question;
use crate::text::{self, Token};
use crate::thesaurus::Word;
use crate::{ReadView, RetrieverError};

/// The longest part of a name that is looked for, in words.
const LONGEST: usize = 3;
/// Entities with a word in their names that are looked at, the most prominent ones.
const MOST: usize = 40;
/// How well such a name fits.
const FIT: f64 = 0.9;

/// Adds what is called by words of the question and beside them only by the word for its class.
pub(crate) fn add_without_class(
    view: &ReadView,
    question: &Question,
    mentions: &mut Vec<Mention>,
) -> Result<(), RetrieverError> {
    if view
        .catalog()
        .classes()
        .iter()
        .all(|class| class.instances == 0)
    {
        return Ok(());
    }
    let tokens = &question.tokens;
    for start in 0..tokens.len() {
        if !question.is_content(start) || tokens[start].is_number() {
            continue;
        }
        let spans: Vec<Range<usize>> = (1..=LONGEST)
            .map(|length| start..start + length)
            .filter(|span| span.end <= tokens.len() && !is_bounded_by_function_words(tokens, span))
            .filter(|span| !is_named(mentions, span))
            .collect();
        if spans.is_empty() {
            continue;
        }
        let entities = view.index().by_word(&tokens[start], MOST)?;
        for span in spans.into_iter().rev() {
            let own = &tokens[span.clone()];
            // "Haemorrhagic" says more of a disease, and names none.
            let last = &own[own.len() - 1];
            if !last.capital && !Word::of(&last.text).is_noun() {
                continue;
            }
            let called = |entity: &&EntityRecord| is_called(view, entity, own);
            let candidates: Vec<Candidate> = entities
                .iter()
                .filter(called)
                .map(|entity| Candidate {
                    entity: entity.clone(),
                    fit: FIT,
                    prior: 0.0,
                })
                .collect();
            titled::add(question, mentions, span, candidates);
        }
    }
    Ok(())
}

/// Whether a part of the question has a name in full already, or lies within one.
fn is_named(mentions: &[Mention], span: &Range<usize>) -> bool {
    mentions.iter().any(|mention| {
        let within = mention.span.start <= span.start && span.end <= mention.span.end;
        within && mention.candidates.iter().any(|c| c.fit >= FIT_ALIAS)
    })
}

/// Whether some name of an entity is made of some words and of such as its class is called by.
fn is_called(view: &ReadView, entity: &EntityRecord, own: &[Token]) -> bool {
    let catalog = view.catalog();
    entity.names().any(|name| {
        let name = text::tokens(name);
        let at = text::find(own, &name);
        let Some(at) = at.filter(|_| name.len() > own.len()) else {
            return false;
        };
        let rest = name[..at].iter().chain(&name[at + own.len()..]);
        let mut rest = rest
            .filter(|word| !text::is_function_word(&word.text))
            .peekable();
        rest.peek().is_some() && rest.all(|word| catalog.are_called(&entity.classes, word))
    })
}
