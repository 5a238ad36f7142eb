//! The spans of a sentence that may be an answer of a kind: names, dates, numbers, what things are said to be.

mod names;
mod nouns;
mod values;

use std::ops::Range;

use super::kind::Kind;
use super::sentence::Words;
use names::names;
use nouns::{nouns, predicates};
pub(crate) use values::is_month;
use values::{numbers, times};

/// The longest answer, in words.
pub(crate) const MOST_WORDS: usize = 8;
/// Spans of one sentence that are looked at.
const MOST_SPANS: usize = 60;

/// A span that may be the answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Candidate {
    /// Its words.
    pub(crate) span: Range<usize>,
    /// How well its form is that of the kind of answer, from 0 to 1.
    pub(crate) form: f64,
    /// Whether the sentence says it of its subject in so many words: "X is a Y".
    pub(crate) predicated: bool,
}

/// All candidates of a kind.
pub(crate) fn candidates(
    words: &Words<'_>,
    kind: Kind,
    subject: &[Range<usize>],
) -> Vec<Candidate> {
    let mut found = match kind {
        Kind::Person | Kind::Place => names(words, kind),
        Kind::Time => times(words),
        Kind::Number => numbers(words),
        Kind::Nature => predicates(words, subject),
        Kind::Thing => {
            let mut found = predicates(words, subject);
            found.extend(names(words, kind));
            found.extend(nouns(words));
            found
        }
    };
    found.retain(|c| {
        let clear = subject
            .iter()
            .all(|s| c.span.end <= s.start || s.end <= c.span.start);
        clear && !c.span.is_empty() && c.span.len() <= MOST_WORDS
    });
    found.truncate(MOST_SPANS);
    found
}

/// Forms of "to be" and the like, that say what something is.
pub(crate) fn is_copula(word: &str) -> bool {
    matches!(
        word,
        "is" | "was" | "are" | "were" | "became" | "becomes" | "become" | "remains"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sentence: &str, kind: Kind, subject: Range<usize>) -> Vec<String> {
        let words = Words::of(sentence);
        let mut all = candidates(&words, kind, &[subject]);
        all.sort_by(|a, b| b.form.total_cmp(&a.form));
        all.iter()
            .map(|c| words.written(&c.span).to_owned())
            .collect()
    }

    #[test]
    fn each_kind_has_its_spans() {
        let text = "Ada Merrow (3 May 1802, Velda – 1871) was a Korrish keeper and engraver from Tarn Isle.";
        assert_eq!(found(text, Kind::Time, 0..2), ["3 May 1802", "1871"]);
        assert_eq!(found(text, Kind::Nature, 0..2)[..2], ["keeper", "engraver"]);
        assert!(found(text, Kind::Place, 0..2)[..2].contains(&"Velda".to_owned()));
        let text = "The tower has 1,250 steps and was built by Jean de la Tour in 1790.";
        assert_eq!(found(text, Kind::Number, 0..2)[0], "1,250");
        assert_eq!(found(text, Kind::Person, 0..2), ["Jean de la Tour"]);
    }
}
