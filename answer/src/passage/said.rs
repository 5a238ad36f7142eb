//! Where a sentence says a word of the question, in the same word, in another, or by a convention of writing.

use std::ops::Range;
use std::rc::Rc;

use retriever::text::{self, Token};
use retriever::thesaurus::{self, Word};

use super::sentence::Words;
use super::spans::is_month;
use super::subject::Naming;

/// Words less alike than this do not say the same.
const LEAST_LIKENESS: f64 = 0.65;
/// "From Velda" says as much of where somebody was born.
const ORIGIN: f64 = 0.6;

/// Where a sentence says a word of the question, and how nearly.
pub(super) struct Said {
    pub(super) at: usize,
    pub(super) likeness: f64,
    /// The words that it is said of, where these are only some.
    pub(super) within: Option<Range<usize>>,
}

/// The places where a sentence says a word, or one that may stand for it.
pub(super) fn says(
    token: &Token,
    words: &Words<'_>,
    known: &[Rc<Word>],
    naming: &Naming,
) -> Vec<Said> {
    let own = Word::of(&token.text);
    let mut found = Vec::new();
    for (at, other) in words.tokens.iter().enumerate() {
        if naming.spans.iter().any(|span| span.contains(&at)) || text::is_function_word(&other.text)
        {
            continue;
        }
        let likeness = if other.text == token.text || other.stem == token.stem {
            1.0
        } else {
            let near = 0.95 * own.likeness(&known[at]);
            near.max(thesaurus::compound(&token.text, &other.text))
        };
        if likeness >= LEAST_LIKENESS {
            found.push(Said {
                at,
                likeness,
                within: None,
            });
        }
    }
    life_dates(&own, words, naming, &mut found);
    if is_birth(&own) {
        // Where somebody is from is where they were born, as far as the text goes.
        for at in 1..words.tokens.len() {
            let who = Word::of(words.word(at - 1)).denotes("person") && words.gap(at) == " ";
            let from = words.word(at) == "from" && (who || words.word(at - 1) == "originally");
            if (from || words.word(at) == "native") && words.depth[at] == 0 {
                found.push(Said {
                    at,
                    likeness: ORIGIN,
                    within: Some(at..at + 4),
                });
                break;
            }
        }
    }
    found
}

fn is_birth(asked: &Word) -> bool {
    asked
        .lemmas
        .iter()
        .any(|l| matches!(l.as_str(), "bear" | "birth" | "birthplace" | "origin"))
}

/// "Ada Merrow (3 May 1802, Velda – 1871)" says when and where somebody was born and died.
fn life_dates(asked: &Word, words: &Words<'_>, naming: &Naming, found: &mut Vec<Said>) {
    let is = |lemma: &str| asked.lemmas.iter().any(|l| l == lemma);
    let (born, died) = (is_birth(asked), is("die") || is("death"));
    if !born && !died {
        return;
    }
    let Some(open) = (1..words.tokens.len().min(40))
        .find(|&at| words.depth[at] == 1 && words.depth[at - 1] == 0)
    else {
        return;
    };
    if !naming.spans.iter().any(|span| span.end <= open) {
        return;
    }
    let end = (open..words.tokens.len())
        .find(|&at| words.depth[at] == 0)
        .unwrap_or(words.tokens.len());
    let Some(dated) = (open..end).find(|&at| words.is_number(at) || is_month(words.word(at)))
    else {
        return;
    };
    let dash = (dated + 1..end)
        .find(|&at| words.gap(at).contains(['–', '—']) || words.gap(at).contains(" - "));
    if let Some(dash) = dash {
        let own = (open..=dated)
            .rev()
            .find(|&at| words.gap(at).contains(';'))
            .unwrap_or(open);
        let within = if born { own..dash } else { dash..end };
        found.push(Said {
            at: within.start,
            likeness: 1.0,
            within: Some(within),
        });
    }
}
