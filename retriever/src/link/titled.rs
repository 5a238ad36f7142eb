//! Names beside the word for what they are the names of: "Lake | Erie" is the lake called Erie, whatever else is.

use super::{Candidate, FIT_ALIAS, MAX_CANDIDATES, Mention, join, put_in_order, weight};
use crate::catalog::Catalog;
use crate::index::NameMatch;
use crate::question::Question;
use crate::thesaurus::Word;
use crate::{ReadView, RetrieverError};

/// The longest name that is looked for beside the word, in words.
const LONGEST: usize = 4;
/// How well such a name fits beside one that is told in full, and where the name is an alias.
const FIT_TITLED: f64 = 0.98;

/// Adds mentions of a class's word and the name of one of its things, and such things to those there are.
pub(crate) fn add_titled(
    view: &ReadView,
    question: &Question,
    mentions: &mut Vec<Mention>,
) -> Result<(), RetrieverError> {
    let catalog = view.catalog();
    for at in 0..question.tokens.len() {
        if is_asked(question, at) {
            continue;
        }
        for class in classes_called(catalog, &question.tokens[at].text) {
            let behind = (1..=LONGEST).map(|length| at + 1..at + 1 + length);
            let before = (1..=LONGEST.min(at)).map(|length| at - length..at);
            for name in behind.chain(before) {
                if name.end > question.tokens.len()
                    || !name.clone().any(|at| question.is_content(at))
                {
                    continue;
                }
                let key = join(&question.tokens, &name);
                if !view.index().has_key(&key)? {
                    continue;
                }
                let found = view.index().by_key(&key, MAX_CANDIDATES)?;
                let of_class = found.into_iter().filter(|(kind, entity)| {
                    let mut own = entity.classes.iter().filter_map(|iri| catalog.class(iri));
                    *kind != NameMatch::Value && own.any(|own| catalog.is_within(own, class))
                });
                let candidates: Vec<Candidate> = of_class
                    .map(|(kind, entity)| Candidate {
                        entity,
                        fit: match kind {
                            NameMatch::Label => FIT_TITLED,
                            _ => FIT_TITLED * FIT_ALIAS,
                        },
                        prior: 0.0,
                    })
                    .collect();
                let span = name.start.min(at)..name.end.max(at + 1);
                add(question, mentions, span, candidates);
            }
        }
    }
    Ok(())
}

/// Whether a word asks for things of the class, or for several: "which river | Kwai", "the states".
fn is_asked(question: &Question, at: usize) -> bool {
    let token = &question.tokens[at];
    let before = |back: usize| {
        at.checked_sub(back)
            .map_or("", |at| question.tokens[at].text.as_str())
    };
    let asks = matches!(before(1), "which" | "what" | "many" | "of");
    asks || !question.is_content(at) || Word::of(&token.text).is_plural(&token.text)
}

/// Classes with things that are called by this one word.
fn classes_called<'c>(catalog: &'c Catalog, word: &'c str) -> impl Iterator<Item = usize> + 'c {
    let stem = crate::text::stem(word);
    let called = move |name: &crate::catalog::Phrase| matches!(name.tokens.as_slice(), [only] if only.text == word || only.stem == stem);
    let classes = catalog.classes().iter().enumerate();
    classes
        .filter(move |(_, class)| class.instances > 0 && class.names.iter().any(&called))
        .map(|(number, _)| number)
}

pub(super) fn add(
    question: &Question,
    mentions: &mut Vec<Mention>,
    span: std::ops::Range<usize>,
    candidates: Vec<Candidate>,
) {
    if candidates.is_empty() {
        return;
    }
    if let Some(known) = mentions.iter_mut().find(|m| m.span == span) {
        for candidate in candidates {
            let same = |known: &&mut Candidate| known.entity.iri == candidate.entity.iri;
            match known.candidates.iter_mut().find(same) {
                Some(known) => known.fit = known.fit.max(candidate.fit),
                None => known.candidates.push(candidate),
            }
        }
        put_in_order(&mut known.candidates);
        return;
    }
    let mut found = Mention {
        weight: weight(question, &span) * candidates[0].fit,
        span,
        candidates,
        of_kind: false,
    };
    put_in_order(&mut found.candidates);
    // Parts of it are no names beside it.
    let within = |m: &Mention| found.span.start <= m.span.start && m.span.end <= found.span.end;
    let inside = mentions.iter().any(|m| {
        m.span.start <= found.span.start
            && found.span.end <= m.span.end
            && m.candidates.iter().any(|c| c.fit >= FIT_ALIAS)
    });
    if !inside {
        mentions.retain(|m| !within(m));
        mentions.push(found);
        mentions.sort_by(|a, b| {
            b.weight
                .total_cmp(&a.weight)
                .then(a.span.start.cmp(&b.span.start))
        });
    }
}
