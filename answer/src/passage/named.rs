//! What a question names, told by capitals.

use std::ops::Range;

use retriever::text::{self, Token};

use super::asked::is_opening;

fn begins_question(word: &str) -> bool {
    text::is_function_word(word)
        || matches!(word, "since" | "during" | "under" | "after" | "before")
}

/// Runs of such words, with short words between them as in "Lefranc de Pompignan".
fn joined(question: &str, tokens: &[Token], is_name: &dyn Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for at in (0..tokens.len()).filter(|&at| is_name(at)) {
        let joins = found.last().is_some_and(|run| {
            let between = &tokens[run.end..at];
            let gap = &question[tokens[run.end - 1].end..tokens[at].start];
            let joiners = between.len() <= 2
                && between.iter().all(|t| {
                    t.text.chars().count() <= 3
                        && !matches!(t.text.as_str(), "is" | "was" | "s" | "or" | "did" | "in")
                });
            joiners && !gap.contains(['(', '?', ';'])
        });
        match found.last_mut() {
            Some(run) if joins => run.end = at + 1,
            _ => found.push(at..at + 1),
        }
    }
    // "Apollo 11": a number that follows a name belongs to it.
    for run in &mut found {
        while tokens.get(run.end).is_some_and(|t| {
            t.text.starts_with(|c: char| c.is_ascii_digit())
                && question[tokens[run.end - 1].end..t.start].trim().is_empty()
        }) {
            run.end += 1;
        }
    }
    found
}

/// The runs of words that are written as names: with capitals, or with digits where nothing has capitals.
pub(super) fn runs(question: &str, tokens: &[Token]) -> Vec<Range<usize>> {
    let capital = |at: usize| {
        tokens[at].capital
            && (at > 0 || !(is_opening(&tokens[at].text) || begins_question(&tokens[at].text)))
    };
    let mut found = joined(question, tokens, &capital);
    if found.is_empty() {
        let digits = |at: usize| tokens[at].text.starts_with(|c: char| c.is_ascii_digit());
        found = joined(question, tokens, &digits);
    }
    found
}

/// The ways in which a name may be written: as it is, and by the other names of what it names.
pub(super) fn ways(run: &[Token], names: &[Vec<String>]) -> Vec<Vec<String>> {
    let own: Vec<String> = run.iter().map(|t| t.text.clone()).collect();
    let mut ways = vec![own.clone()];
    for name in names {
        if name.iter().any(|other| words(other) == own) {
            ways.extend(
                name.iter()
                    .map(|other| words(other))
                    .filter(|w| !w.is_empty()),
            );
        }
    }
    ways.dedup();
    ways
}

/// Where a question names something, by capitals, in bytes.
pub(crate) fn names(question: &str) -> Vec<Range<usize>> {
    let tokens = text::tokens(question);
    let runs = runs(question, &tokens).into_iter();
    runs.map(|run| tokens[run.start].start..tokens[run.end - 1].end)
        .collect()
}

/// The folded words of a name.
pub(crate) fn words(name: &str) -> Vec<String> {
    text::tokens(name).into_iter().map(|t| t.text).collect()
}

/// Where words stand in a row.
pub(super) fn find(tokens: &[Token], name: &[String]) -> Option<Range<usize>> {
    if name.is_empty() {
        return None;
    }
    (0..(tokens.len() + 1).saturating_sub(name.len()))
        .find(|&at| {
            tokens[at..]
                .iter()
                .zip(name)
                .all(|(t, word)| t.text == *word)
        })
        .map(|at| at..at + name.len())
}
