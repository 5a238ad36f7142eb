//! What things are said to be, and other common nouns.

use std::ops::Range;

use retriever::text;
use retriever::thesaurus::Word;

use super::{Candidate, Words, is_copula};

/// What a sentence says that its subject is: the nouns after "is a", one by one.
pub(super) fn predicates(words: &Words<'_>, subject: &[Range<usize>]) -> Vec<Candidate> {
    let mut found = Vec::new();
    let Some(verb) = verb_of(words, subject) else {
        return found;
    };
    let mut at = verb + 1;
    let mut start = None;
    let mut rank = 0;
    while at <= words.tokens.len() {
        let word = words.word(at);
        let gap = words.gap(at);
        let deep = words.depth.get(at).is_some_and(|d| *d > words.depth[verb]);
        let over = at == words.tokens.len()
            || gap.contains([';', ':', '.']) && !gap.trim_start().starts_with(['\'', '’'])
            || ends_noun(word, start.is_some_and(|s| at > s));
        let parts = gap.contains([',', '(', '/', '–']) || matches!(word, "and" | "or" | "as");
        if (over || parts || deep)
            && let Some(from) = start.take()
        {
            element(words, from..at, rank, &mut found);
            rank += 1;
        }
        if over {
            break;
        }
        let skipped = matches!(
            word,
            "a" | "an"
                | "the"
                | "and"
                | "or"
                | "also"
                | "one"
                | "as"
                | "well"
                | "both"
                | "primarily"
                | "best"
                | "known"
                | "later"
                | "then"
                | "currently"
        ) || deep;
        if !skipped && start.is_none() {
            start = Some(at);
        }
        at += 1;
        if at > verb + 40 {
            break;
        }
    }
    found
}

/// The verb by which a sentence says what its subject is.
fn verb_of(words: &Words<'_>, subject: &[Range<usize>]) -> Option<usize> {
    let from = subject
        .iter()
        .map(|s| s.end)
        .min()
        .or_else(|| {
            (0..words.tokens.len().min(3))
                .find(|&at| matches!(words.word(at), "he" | "she" | "it" | "they"))
        })
        .unwrap_or(0);
    (from..words.tokens.len().min(from + 60))
        .find(|&at| is_copula(words.word(at)) && words.depth[at] == 0)
}

/// Whether a noun phrase is over before this word.
fn ends_noun(word: &str, begun: bool) -> bool {
    matches!(
        word,
        "who"
            | "which"
            | "that"
            | "whose"
            | "where"
            | "when"
            | "while"
            | "of"
            | "from"
            | "in"
            | "at"
            | "for"
            | "with"
            | "by"
            | "to"
            | "on"
            | "but"
            | "during"
            | "under"
            | "since"
            | "has"
            | "had"
            | "is"
            | "was"
            | "are"
            | "were"
            | "he"
            | "she"
            | "it"
            | "his"
            | "her"
            | "its"
            | "based"
            | "located"
            | "situated"
            | "living"
    ) && (begun || !matches!(word, "of"))
}

/// A noun phrase as candidates: without the words that only describe, and as a whole.
fn element(words: &Words<'_>, span: Range<usize>, rank: usize, found: &mut Vec<Candidate>) {
    if span.is_empty() {
        return;
    }
    let mut core = span.clone();
    while core.len() > 1 && describes(words, core.start) {
        core.start += 1;
    }
    if span.clone().all(|at| words.tokens[at].capital) {
        // "American-born": a nation is no noun for what somebody is.
        return;
    }
    let head = Word::of(words.word(span.end - 1));
    let form = if head.denotes("person") || !head.is_known() {
        1.0
    } else {
        0.8
    };
    let late = 0.97f64.powi(rank as i32);
    found.push(Candidate {
        span: core.clone(),
        form: form * late,
        predicated: true,
    });
    if core != span {
        found.push(Candidate {
            span,
            form: form * late * 0.85,
            predicated: true,
        });
    }
    if core.len() > 1 {
        found.push(Candidate {
            span: core.end - 1..core.end,
            form: form * late * 0.8,
            predicated: true,
        });
    }
}

/// Whether a word before a noun only describes it: a name of a nation, an adjective, "former".
fn describes(words: &Words<'_>, at: usize) -> bool {
    let token = &words.tokens[at];
    let word = Word::of(&token.text);
    let noun = !word.categories.is_empty();
    token.capital
        || words.tokens.get(at + 1).is_some_and(|next| next.capital)
        || !noun && word.is_known()
        || matches!(
            token.text.as_str(),
            "former"
                | "retired"
                | "professional"
                | "late"
                | "amateur"
                | "veteran"
                | "native"
                | "noted"
                | "born"
                | "senior"
        )
}

/// Runs of common nouns.
pub(super) fn nouns(words: &Words<'_>) -> Vec<Candidate> {
    let noun = |at: usize| {
        words.tokens.get(at).is_some_and(|t| {
            !t.capital
                && !text::is_function_word(&t.text)
                && t.text.chars().all(char::is_alphabetic)
                && (!Word::of(&t.text).categories.is_empty() || !Word::of(&t.text).is_known())
        })
    };
    let mut found = Vec::new();
    for at in 0..words.tokens.len() {
        for length in 1..=3 {
            let whole = (at..at + length).all(noun);
            let together = (at + 1..at + length).all(|i| matches!(words.gap(i), " " | "-"));
            if !whole || !together {
                break;
            }
            found.push(Candidate {
                span: at..at + length,
                form: 0.6,
                predicated: false,
            });
        }
    }
    found
}
