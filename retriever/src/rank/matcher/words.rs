//! How alike the words of a question and those of names are.

use std::collections::HashMap;
use std::rc::Rc;

use crate::question::Question;
use crate::text::{self, Token};
use crate::thesaurus::{self, Word};

/// Likeness of each token of a question to words of names, computed once for each word.
pub(super) struct Likeness<'a> {
    question: &'a Question,
    tokens: Vec<Rc<Word>>,
    /// Whether words that are not spelt alike may stand for each other.
    pub(super) by_thesaurus: bool,
    known: HashMap<String, Rc<[f64]>>,
}

/// A word that stands for another one counts this much of its weight in the thesaurus.
const SYNONYM: f64 = 0.95;
/// A word for kinds of things stands this well for another one.
const KIND: f64 = 0.9;
/// Words further apart than this do not stand for each other.
const LEAST: f64 = 0.5;

impl<'a> Likeness<'a> {
    pub(super) fn new(question: &'a Question) -> Self {
        let tokens = &question.tokens;
        let word = |at: usize| {
            let own = tokens[at].text.as_str();
            let next = tokens.get(at + 1).map(|next| next.text.as_str());
            let verb = next.filter(|_| !text::is_function_word(own));
            verb.and_then(|next| Word::with_next(own, next))
                .unwrap_or_else(|| Word::of(own))
        };
        let tokens = (0..tokens.len()).map(word).collect();
        Self {
            question,
            tokens,
            by_thesaurus: true,
            known: HashMap::new(),
        }
    }

    /// How alike each token is to a word of a name, from 0 to 1.
    pub(super) fn of(&mut self, word: &Token) -> Rc<[f64]> {
        if let Some(known) = self.known.get(&word.text) {
            return Rc::clone(known);
        }
        let function = text::is_function_word(&word.text) && !text::is_kind(&word.text);
        let other = Word::of(&word.text);
        let found: Rc<[f64]> = self
            .question
            .tokens
            .iter()
            .zip(&self.tokens)
            .enumerate()
            .map(|(at, (token, own))| {
                if token.text == word.text {
                    return 1.0;
                }
                if function || is_quantity(&word.text) {
                    return 0.0;
                }
                if self.question.is_kind(at) {
                    // "Type of" is a noun here, and not what a typist does.
                    return if classifies(&word.text) { KIND } else { 0.0 };
                }
                // What is written as a name stands for its bearer alone.
                let name = token.capital && at > 0;
                let standing = || {
                    if !self.by_thesaurus || name {
                        return 0.0;
                    }
                    let near = SYNONYM * own.likeness(&other);
                    near.max(thesaurus::compound(&token.text, &word.text))
                };
                let like = if text::is_function_word(&token.text) {
                    if text::is_kind(&token.text) {
                        standing()
                    } else {
                        0.0
                    }
                } else {
                    let spelt =
                        text::word_likeness(&token.text, &token.stem, &word.text, &word.stem);
                    // A compound begins like its first part, but is not derived from it.
                    // What is more alike than a slip is a form of the same word.
                    let other_word = spelt <= text::SLIP
                        && self.by_thesaurus
                        && (thesaurus::is_composed(&token.text, &word.text)
                            || are_others(own, &other, spelt));
                    if other_word {
                        standing()
                    } else {
                        spelt.max(standing())
                    }
                };
                if like < LEAST { 0.0 } else { like }
            })
            .collect();
        self.known.insert(word.text.clone(), Rc::clone(&found));
        found
    }
}

/// Whether a word of a name only says that there are so many of what follows, for which other words do not stand: nobody
/// asks for a "number of authors" by what "came".
pub(crate) fn is_quantity(word: &str) -> bool {
    matches!(word, "number" | "count" | "amount" | "total" | "quantity")
}

/// Whether two nouns only begin alike, as "count" and "country" do, or are a letter apart, as "altitude" and "latitude" are.
fn are_others(a: &Word, b: &Word, spelt: f64) -> bool {
    spelt > 0.0 && a.is_noun() && b.is_noun() && (a.likeness(b) == 0.0 || spelt == text::SLIP)
}

/// Whether a word of a name says of what kind things are.
pub(super) fn classifies(word: &str) -> bool {
    matches!(
        word,
        "kind"
            | "type"
            | "sort"
            | "genre"
            | "category"
            | "class"
            | "classification"
            | "species"
            | "variety"
            | "style"
            | "form"
            | "instance"
    )
}
