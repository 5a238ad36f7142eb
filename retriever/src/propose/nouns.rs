//! Nouns that say of what kind something is.

use crate::catalog::Catalog;
use crate::link::{FIT_ALIAS, FIT_VALUE, Mention};
use crate::question::Question;
use crate::thesaurus::Word;

/// Nouns that say what kind of thing is asked for, what kind of thing a name stands for, or of what kind the things are
/// that more is said of: "the films | directed by".
pub(super) fn of_kinds(question: &Question, mentions: &[Mention]) -> Vec<usize> {
    let word = |at: usize| Word::of(&question.tokens[at].text);
    let participle = |at: usize| {
        let token = question.tokens.get(at);
        token.is_some_and(|token| Word::of(&token.text).is_participle(&token.text))
    };
    let said_of = |at: &usize| {
        let next = question.tokens.get(at + 1);
        let relative =
            next.is_some_and(|t| matches!(t.text.as_str(), "that" | "which" | "who" | "whose"));
        let ends = *at > 0 && participle(at - 1);
        let noun = word(*at).is_noun() && !participle(*at);
        noun && (relative || participle(at + 1) || ends)
    };
    let mut found: Vec<usize> = before_names(question, mentions)
        .chain(question.asked)
        .chain((0..question.tokens.len()).filter(said_of))
        .filter(|at| question.is_content(*at))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The words before names, but for verbs: "which countries | border Laos".
fn before_names<'q>(
    question: &'q Question,
    mentions: &'q [Mention],
) -> impl Iterator<Item = usize> + 'q {
    let plural = |at: usize| {
        let token = &question.tokens[at].text;
        question.is_content(at) && Word::of(token).is_plural(token)
    };
    let verb = move |at: &usize| {
        at.checked_sub(1).is_some_and(|before| {
            // "What country | borders Laos", "a country that | borders Laos".
            let relative = matches!(
                question.tokens[before].text.as_str(),
                "that" | "which" | "who"
            );
            let subject = question.asked == Some(before) || (relative && before > 0);
            plural(before) || (subject && Word::of(&question.tokens[*at].text).is_verb())
        })
    };
    let named = |mention: &&Mention| mention.candidates.iter().any(|c| c.fit >= FIT_ALIAS);
    let names = mentions.iter().filter(named);
    let words = names.filter_map(|mention| mention.span.start.checked_sub(1));
    words.filter(move |at| !verb(at))
}

/// Nouns that say no more than what kind of thing a name stands for: "the film Alien". Where such a word is all of a
/// predicate's name, it may well ask for the predicate.
pub(super) fn apposed(question: &Question, mentions: &[Mention], catalog: &Catalog) -> Vec<usize> {
    let names = |at: usize| {
        let stem = &question.tokens[at].stem;
        let mut all = catalog.predicates().iter().flat_map(|p| &p.names);
        all.any(|name| matches!(name.tokens.as_slice(), [word] if word.stem == *stem))
    };
    let noun = |at: usize| {
        let token = &question.tokens[at].text;
        let word = Word::of(token);
        word.is_noun() && !word.is_participle(token)
    };
    let mut found: Vec<usize> = before_names(question, mentions)
        .filter(|at| question.is_content(*at) && question.asked != Some(*at))
        .filter(|at| noun(*at) && !names(*at))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Words in small letters that are names of things, or values of theirs, in full, and stand in the name of no class and no
/// predicate: what such a word names must be spoken of, however close the meaning of the whole is.
pub(super) fn named(question: &Question, mentions: &[Mention], catalog: &Catalog) -> Vec<usize> {
    let is_a_word_for = |at: usize| {
        let predicates = catalog.predicates().iter().flat_map(|p| &p.names);
        let classes = catalog.classes().iter().flat_map(|class| &class.names);
        let mut words = predicates.chain(classes).flat_map(|name| &name.tokens);
        words.any(|word| word.stem == question.tokens[at].stem)
    };
    let single = mentions.iter().filter(|mention| mention.span.len() == 1);
    let mut found: Vec<usize> = single
        .filter(|mention| mention.candidates.iter().any(|c| c.fit >= FIT_VALUE))
        .map(|mention| mention.span.start)
        .filter(|at| !question.tokens[*at].capital && question.is_content(*at))
        .filter(|at| question.asked != Some(*at) && !is_a_word_for(*at))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}
