//! Names of which a question has only a part.

use std::ops::Range;

use super::{
    Candidate, FIT_PARTIAL, Fitting, Mention, better, is_bounded_by_function_words, mention, prior,
};
use crate::RetrieverError;
use crate::index::IndexReader;
use crate::question::Question;
use crate::text::{self, Token};
use crate::thesaurus::Word;

/// Entities with some words of a question in their names that are compared with it.
const MOST_LIKE: usize = 30;
/// Partial names must be at least this alike.
const LEAST_LIKENESS: f64 = 0.68;

/// Names of which the question has only some words, or has them in another order.
pub(super) fn partial(
    question: &Question,
    index: &IndexReader,
    exact: &[Mention],
) -> Result<Vec<Mention>, RetrieverError> {
    let tokens = &question.tokens;
    let content: Vec<Token> = (0..tokens.len())
        .filter(|&at| !question.cue[at])
        .map(|at| tokens[at].clone())
        .collect();
    let mut spans: Vec<(Range<usize>, Fitting)> = Vec::new();
    for (_, entity) in index.by_words(&content, MOST_LIKE)? {
        let mut best: Option<(f64, Range<usize>)> = None;
        let names = entity.names().map(text::tokens);
        let names = names.flat_map(|name| {
            let short = tokens
                .iter()
                .find_map(|token| abbreviated(question, token, &name));
            std::iter::once(name).chain(short)
        });
        for name in names {
            for length in lengths(&name) {
                for start in 0..(tokens.len() + 1).saturating_sub(length) {
                    let span = start..start + length;
                    let said = |at: &usize| {
                        question.is_content(*at) || is_initials(question, &tokens[*at])
                    };
                    let mut told = span.clone().filter(said);
                    let (first, second) = (told.next(), told.next());
                    // One word of common language, in small letters, is no part of a name.
                    let word = second.is_none() && first.is_none_or(|at| is_word(&tokens[at]));
                    // "The 43rd | president".
                    let place = question.threshold.as_ref().filter(|bound| bound.ordinal);
                    let counts = place.is_some_and(|bound| span.contains(&bound.span.start));
                    // A name may begin with an article of its own.
                    let inner = match name.first() {
                        Some(first)
                            if span.len() > 1
                                && first.text == tokens[span.start].text
                                && text::is_function_word(&first.text) =>
                        {
                            span.start + 1..span.end
                        }
                        _ => span.clone(),
                    };
                    // "The US" ends in no word for us.
                    let initials = is_initials(question, &tokens[inner.end - 1]);
                    let bounded = is_bounded_by_function_words(tokens, &inner) && !initials;
                    if word || counts || bounded {
                        continue;
                    }
                    // A number that the name does not have tells which one of several is meant: "agent | 2".
                    let number = |token: &Token| {
                        let digits = token.text.bytes().all(|b| b.is_ascii_digit());
                        digits && !name.iter().any(|word| word.text == token.text)
                    };
                    if tokens[span.clone()].iter().any(number) {
                        continue;
                    }
                    if is_another(&tokens[span.clone()], &name) {
                        continue;
                    }
                    let likeness = text::name_likeness(&tokens[span.clone()], &name);
                    if likeness >= LEAST_LIKENESS
                        && best.as_ref().is_none_or(|(b, _)| likeness > *b)
                    {
                        best = Some((likeness, span));
                    }
                }
            }
        }
        let Some((likeness, span)) = best else {
            continue;
        };
        // What is named in full needs no words beside its name.
        let within = |m: &Mention| {
            let inside = span.start <= m.span.start && m.span.end <= span.end;
            inside && m.candidates.iter().any(|c| c.entity.iri == entity.iri)
        };
        if exact.iter().any(within) {
            continue;
        }
        if exact
            .iter()
            .any(|m| m.span.start <= span.start && span.end <= m.span.end)
        {
            continue;
        }
        let fit = likeness * FIT_PARTIAL;
        match spans.iter_mut().find(|(known, _)| *known == span) {
            Some((_, same)) => same.push((fit, entity)),
            None => spans.push((span, vec![(fit, entity)])),
        }
    }
    let mentions = spans.into_iter();
    Ok(mentions
        .filter_map(|(span, found)| mention(question, span, found))
        .collect())
}

/// Whether each of two names has a name in it that the other one lacks: the "prime minister of the UK" is not that of France.
fn is_another(said: &[Token], name: &[Token]) -> bool {
    // "John F. Kennedy" has the initial of a name.
    let initial = |a: &Token, b: &Token| a.text.chars().count() == 1 && b.text.starts_with(&a.text);
    let alike = |a: &Token, b: &Token| {
        let slip = a.text == b.text || text::is_slip(&a.text, &b.text);
        slip || initial(a, b) || initial(b, a)
    };
    let lacks = |names: &[Token], token: &Token| !names.iter().any(|other| alike(other, token));
    let own = |token: &&Token| !text::is_function_word(&token.text);
    let mut said_alone = said.iter().filter(own).filter(|token| lacks(name, token));
    let mut told_alone = name.iter().filter(own).filter(|token| lacks(said, token));
    let name = |token: &Token| Word::of(&token.text).is_name();
    said_alone.any(name) && told_alone.any(name)
}

/// Whether a question has no capitals, but for its first letter.
fn is_plain(question: &Question) -> bool {
    !question.text.chars().skip(1).any(char::is_uppercase)
}

/// Whether a token is written in capitals alone, beside others that are not.
pub(super) fn is_initials(question: &Question, token: &Token) -> bool {
    let written = &question.text[token.start..token.end];
    let several = written.chars().count() > 1 && written.chars().all(char::is_uppercase);
    several && question.text.chars().any(char::is_lowercase)
}

/// A name with some of its words by their initials, as the question has them: "prime minister of the | UK".
fn abbreviated(question: &Question, token: &Token, name: &[Token]) -> Option<Vec<Token>> {
    let written = &question.text[token.start..token.end];
    let letters = written.chars().count();
    let plain = is_plain(question);
    let strange = || !text::is_function_word(&token.text) && !is_word(token);
    let capitals = is_initials(question, token) || (plain && strange());
    if !(2..=5).contains(&letters) || !capitals || name.len() < letters {
        return None;
    }
    let at = name.windows(letters).position(|words| {
        let mut initials = words.iter().map(|word| word.text.chars().next());
        let alike = token
            .text
            .chars()
            .all(|letter| initials.next() == Some(Some(letter)));
        alike && !words.iter().any(|word| text::is_function_word(&word.text))
    })?;
    let mut short = name.to_vec();
    short.splice(at..at + letters, [token.clone()]);
    Some(short)
}

/// Whether a token is a word of common language, in small letters, or a number.
fn is_word(token: &Token) -> bool {
    let number = token.text.bytes().all(|b| b.is_ascii_digit());
    number || (!token.capital && !Word::of(&token.text).is_name())
}

/// How many words of a question may stand for a name: about as many as it has, or as many of content.
fn lengths(name: &[Token]) -> impl Iterator<Item = usize> + use<> {
    let content = name
        .iter()
        .filter(|token| !text::is_function_word(&token.text));
    let least = content.count().min(name.len().saturating_sub(1));
    least.max(1)..=name.len() + 2
}

/// Names that end with one word of the question that is written as a name is: "the Yankees".
pub(super) fn last_words(
    question: &Question,
    index: &IndexReader,
    exact: &[Mention],
) -> Result<Vec<Mention>, RetrieverError> {
    let tokens = &question.tokens;
    // Beside another capital, it is a part of a longer name.
    let written = |at: usize| at > 0 && tokens.get(at).is_some_and(|token| token.capital);
    let plain = is_plain(question);
    // Where nothing has a capital, what is no word is a name.
    let capital = |at: usize| {
        let name = |token: &Token| !is_word(token) && question.is_content(at);
        written(at) || (plain && tokens.get(at).is_some_and(name))
    };
    let alone = |at: &usize| {
        capital(*at)
            && !at.checked_sub(1).is_some_and(capital)
            && !capital(at + 1)
            && tokens[*at].text.len() >= 4
            && !exact.iter().any(|m| m.span.contains(at))
    };
    let mut mentions = Vec::new();
    for at in (0..tokens.len()).filter(alone) {
        let ends = |name: &str| {
            let name = text::tokens(name);
            name.len() > 1 && name.last().is_some_and(|last| last.text == tokens[at].text)
        };
        let found = index.by_word(&tokens[at], MOST_LIKE)?.into_iter();
        let named = found.filter(|entity| entity.names().any(ends));
        let candidates = named.map(|entity| (LEAST_LIKENESS * FIT_PARTIAL, entity));
        mentions.extend(mention(question, at..at + 1, candidates.collect()));
    }
    Ok(mentions)
}

/// Adds to a name that stands behind an article those that have one more word: of "the Columbia", the river is meant.
pub(super) fn with_article(
    question: &Question,
    index: &IndexReader,
    mention: &mut Mention,
) -> Result<(), RetrieverError> {
    let (tokens, span) = (&question.tokens, &mention.span);
    let article = span.start > 0 && tokens[span.start - 1].text == "the";
    if !article || !tokens[span.start].capital || tokens[span.start].text == "the" {
        return Ok(());
    }
    let begins = |name: &str| {
        let name = text::tokens(name);
        let own = tokens[span.clone()].iter().map(|token| &token.text);
        name.len() == span.len() + 1 && name.iter().zip(own).all(|(a, b)| a.text == *b)
    };
    let most = mention
        .candidates
        .iter()
        .map(|c| c.entity.prominence())
        .max();
    for entity in index.by_word(&tokens[span.start], MOST_LIKE)? {
        let known = mention
            .candidates
            .iter()
            .any(|c| c.entity.iri == entity.iri);
        if !known && entity.names().any(begins) {
            let prior = prior(&entity, most.unwrap_or_default());
            mention.candidates.push(Candidate {
                entity,
                fit: FIT_PARTIAL,
                prior,
            });
        }
    }
    mention.candidates.sort_by(better);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_each_have_a_name_of_their_own_differ() {
        let another = |said: &str, name: &str| is_another(&text::tokens(said), &text::tokens(name));
        assert!(another("Chancellor of Norway", "Chancellor of Denmark"));
        assert!(!another("Chancellor of Denmrak", "Chancellor of Denmark"));
        assert!(!another("Chancellor Denmark", "Chancellor of Denmark"));
        assert!(!another("John F. Kennedy", "John Fitzgerald Kennedy"));
        assert!(!another("Maria Curie", "Maria Skłodowska Curie"));
    }

    #[test]
    fn initials_stand_for_words_of_a_name() {
        let short = |text: &str, name: &str| {
            let question = Question::read(text);
            let name = text::tokens(name);
            let mut tokens = question.tokens.iter();
            let found = tokens.find_map(|token| abbreviated(&question, token, &name))?;
            let words: Vec<&str> = found.iter().map(|token| token.text.as_str()).collect();
            Some(words.join(" "))
        };
        let name = "Chancellor of the United Kingdom";
        let found = Some("chancellor of the uk".to_owned());
        assert_eq!(short("Who was Chancellor of the UK?", name), found);
        assert_eq!(short("who was chancellor of the uk", name), found);
        assert_eq!(short("Who was Chancellor of the EU?", name), None);
        assert_eq!(short("the keeper of them", "Old Forest"), None);
    }
}
