//! Takes a passage apart into sentences and words, with places in bytes of the passage.

use std::ops::Range;

use retriever::text::{self, Token};

/// A parenthesis that is not closed after this many characters is none.
const LONGEST_ASIDE: usize = 400;

/// The sentences of a passage, without the blanks around them.
pub(crate) fn sentences(passage: &str) -> Vec<Range<usize>> {
    let letters: Vec<(usize, char)> = passage.char_indices().collect();
    let mut found = Vec::new();
    let (mut from, mut depth, mut opened) = (0, 0usize, 0);
    for (number, &(at, c)) in letters.iter().enumerate() {
        match c {
            '(' | '[' => {
                depth += 1;
                opened = number;
            }
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > 0 && number - opened > LONGEST_ASIDE {
            depth = 0;
        }
        let ends = c == '\n' || (depth == 0 && is_end(passage, &letters, number, from));
        if ends {
            push(passage, from..at + c.len_utf8(), &mut found);
            (from, depth) = (at + c.len_utf8(), 0);
        }
    }
    push(passage, from..passage.len(), &mut found);
    found
}

fn push(passage: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let piece = &passage[range.clone()];
    let trimmed = piece.trim();
    if trimmed.chars().any(char::is_alphanumeric) {
        let start = range.start + piece.len() - piece.trim_start().len();
        found.push(start..start + trimmed.len());
    }
}

/// Whether a sentence ends with this character: a stop before a blank and a new beginning, unless it shortens a word.
fn is_end(passage: &str, letters: &[(usize, char)], number: usize, from: usize) -> bool {
    let (at, c) = letters[number];
    if matches!(c, '。' | '！' | '？') {
        return true;
    }
    if !matches!(c, '.' | '!' | '?') {
        return false;
    }
    let mut after = letters[number + 1..].iter().map(|(_, c)| *c);
    let Some(blank) = after.next() else {
        return true;
    };
    if !blank.is_whitespace() {
        return false;
    }
    let begins = after
        .find(|c| !c.is_whitespace())
        .is_none_or(|c| !c.is_lowercase() && !matches!(c, ',' | ';' | ')'));
    begins && (c != '.' || !is_shortened(&passage[from..at]))
}

/// Whether the point after this text belongs to an initial or an abbreviation of general English.
fn is_shortened(before: &str) -> bool {
    const SHORT: &[&str] = &[
        "mr", "mrs", "ms", "dr", "prof", "rev", "ven", "hon", "gen", "col", "lt", "capt", "sgt",
        "st", "mt", "ft", "jr", "sr", "vs", "ca", "cf", "fl", "vol", "nos", "fig", "approx", "est",
        "eg", "ie", "etc", "al", "inc", "ltd", "co", "bros", "dept",
    ];
    let word = before
        .rsplit(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    let letters = word.chars().count();
    let initial = letters == 1 && word.chars().all(char::is_alphabetic);
    initial || SHORT.contains(&word.to_lowercase().as_str())
}

/// A sentence in words.
pub(crate) struct Words<'a> {
    /// The sentence.
    pub(crate) text: &'a str,
    /// Its words; their places are in bytes of the sentence.
    pub(crate) tokens: Vec<Token>,
    /// How deep in parentheses each word stands.
    pub(crate) depth: Vec<usize>,
    /// In which parenthesis, counted from 1, each word stands; 0 outside.
    pub(crate) aside: Vec<usize>,
}

impl<'a> Words<'a> {
    /// Takes a sentence apart.
    pub(crate) fn of(text: &'a str) -> Self {
        let tokens = text::tokens(text);
        let mut depth = Vec::with_capacity(tokens.len());
        let mut aside = Vec::with_capacity(tokens.len());
        let (mut deep, mut opened, mut from) = (0usize, 0, 0);
        for token in &tokens {
            for c in text[from..token.start].chars() {
                match c {
                    '(' | '[' => {
                        deep += 1;
                        opened += 1;
                    }
                    ')' | ']' => deep = deep.saturating_sub(1),
                    _ => {}
                }
            }
            from = token.start;
            depth.push(deep);
            aside.push(if deep > 0 { opened } else { 0 });
        }
        Self {
            text,
            tokens,
            depth,
            aside,
        }
    }

    /// A folded word; nothing beyond the ends.
    pub(crate) fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |t| t.text.as_str())
    }

    /// What stands before a word, back to the word before it.
    pub(crate) fn gap(&self, at: usize) -> &str {
        let from = at
            .checked_sub(1)
            .and_then(|before| self.tokens.get(before))
            .map_or(0, |t| t.end);
        let to = self.tokens.get(at).map_or(self.text.len(), |t| t.start);
        &self.text[from..to]
    }

    /// The words of a span as they are written.
    pub(crate) fn written(&self, span: &Range<usize>) -> &'a str {
        match (
            self.tokens.get(span.start),
            self.tokens.get(span.end.wrapping_sub(1)),
        ) {
            (Some(first), Some(last)) if span.start < span.end => &self.text[first.start..last.end],
            _ => "",
        }
    }

    /// Whether a word is a number or begins with one.
    pub(crate) fn is_number(&self, at: usize) -> bool {
        self.word(at).starts_with(|c: char| c.is_ascii_digit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_a_new_one_begins() {
        let text = "Dr. J. Merrow (b. 1802. Velda) kept it. He left in 1840!\nThe light, at 3.5 km, shone.";
        let found: Vec<&str> = sentences(text).into_iter().map(|s| &text[s]).collect();
        assert_eq!(
            found,
            [
                "Dr. J. Merrow (b. 1802. Velda) kept it.",
                "He left in 1840!",
                "The light, at 3.5 km, shone."
            ]
        );
        assert!(sentences(" \n. ").is_empty());
    }

    #[test]
    fn parentheses_are_counted() {
        let words = Words::of("Ada (born 1802) kept it");
        assert_eq!(words.depth, [0, 1, 1, 0, 0]);
        assert_eq!(words.gap(3), ") ");
        assert_eq!(words.written(&(1..3)), "born 1802");
    }
}
