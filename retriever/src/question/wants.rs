//! Whom or what a question asks for by its question word, and which verbs tell of an end.

use super::cues::{is_auxiliary, is_everyone, lists};
use crate::text::Token;
use crate::thesaurus::Word;

/// Whether a question asks for people: "who", "give me everyone".
pub(super) fn wants_someone(words: &[&str]) -> bool {
    let who = matches!(words.first(), Some(&("who" | "whom" | "whose" | "whos")));
    who || (lists(words) && words.iter().take(4).any(|word| is_everyone(word)))
}

/// The word that asks for a reason: "why", "for what", "what did she get it | for".
pub(super) fn wants_reason(words: &[&str]) -> Option<usize> {
    match words {
        ["why", ..] => Some(0),
        ["for", "what", verb, ..] if is_auxiliary(verb) => Some(0),
        ["what", "for", ..] => Some(1),
        ["what", "did" | "was" | "were", .., "for"] => Some(words.len() - 1),
        _ => None,
    }
}

/// Whether a word is a verb for what ends: "when did she | leave".
pub(super) fn is_ending(token: &Token) -> bool {
    const VERBS: &[&str] = &[
        "end", "leave", "quit", "stop", "finish", "resign", "cease", "retire", "expire", "die",
        "dissolve",
    ];
    let word = Word::of(&token.text);
    !token.capital
        && word
            .lemmas
            .iter()
            .any(|lemma| VERBS.contains(&lemma.as_str()))
}
