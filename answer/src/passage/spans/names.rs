//! Names: runs of words with capitals.

use std::ops::Range;

use retriever::text;
use retriever::thesaurus::Word;

use super::values::is_month;
use super::{Candidate, Kind, Words};

/// Whether a word is a small one inside names: "Lefranc de Pompignan".
fn joins_names(word: &str) -> bool {
    matches!(
        word,
        "of" | "de"
            | "del"
            | "della"
            | "di"
            | "da"
            | "do"
            | "dos"
            | "du"
            | "des"
            | "la"
            | "le"
            | "les"
            | "el"
            | "al"
            | "von"
            | "van"
            | "der"
            | "den"
            | "bin"
            | "ibn"
            | "y"
            | "e"
            | "the"
            | "zu"
            | "af"
            | "av"
            | "ter"
            | "ten"
    )
}

/// Runs of words with capitals.
pub(super) fn names(words: &Words<'_>, kind: Kind) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.tokens.len() {
        if !begins_name(words, at) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        loop {
            if end < words.tokens.len() && words.tokens[end].capital && holds_together(words, end) {
                end += 1;
                continue;
            }
            // "Osmund's Rest".
            let owns = words.word(end) == "s"
                && matches!(words.gap(end), "'" | "’")
                && words.gap(end + 1) == " "
                && words.tokens.get(end + 1).is_some_and(|t| t.capital);
            if owns {
                found.push(Candidate {
                    span: at..end,
                    form: 0.5 * name_form(words, &(at..end), kind),
                    predicated: false,
                });
                end += 2;
                continue;
            }
            // At most two small words, if a capital follows.
            let small = (1..=2).find(|n| {
                (0..*n).all(|i| {
                    joins_names(words.word(end + i))
                        && words.gap(end + i) == " "
                        && !words.tokens[end + i].capital
                }) && words.tokens.get(end + n).is_some_and(|t| t.capital)
                    && matches!(words.gap(end + n), " ")
            });
            match small {
                Some(n) => end += n + 1,
                None => break,
            }
        }
        found.push(Candidate {
            span: at..end,
            form: name_form(words, &(at..end), kind),
            predicated: false,
        });
        // "University of Velda" may also be asked for by its last part.
        if let Some(of) = (at + 1..end)
            .rev()
            .find(|&i| joins_names(words.word(i)) && !words.tokens[i].capital)
            && of + 1 < end
            && kind == Kind::Place
        {
            let part = of + 1..end;
            let form = 0.8 * name_form(words, &part, kind);
            found.push(Candidate {
                span: part,
                form,
                predicated: false,
            });
        }
        at = end;
    }
    found
}

fn begins_name(words: &Words<'_>, at: usize) -> bool {
    let token = &words.tokens[at];
    if !token.capital || is_month(&token.text) {
        return false;
    }
    // A sentence begins with a capital, whatever the word.
    let common = text::is_function_word(&token.text)
        || (at == 0 && is_common(&token.text) && !words.tokens.get(1).is_some_and(|t| t.capital));
    !common
}

/// Whether a word is one of English, and no name of a place or a person.
fn is_common(word: &str) -> bool {
    let word = Word::of(word);
    word.is_known() && !word.denotes("location") && !word.denotes("person")
}

/// Whether a word goes on with the name before it.
fn holds_together(words: &Words<'_>, at: usize) -> bool {
    let before = &words.tokens[at - 1];
    let initial = before.end - before.start <= 2
        || matches!(before.text.as_str(), "st" | "jr" | "sr" | "dr" | "mt");
    match words.gap(at) {
        " " | "-" | "'" | "’" | "–" => !is_month(words.word(at)),
        ". " | "." => initial,
        _ => false,
    }
}

fn name_form(words: &Words<'_>, span: &Range<usize>, kind: Kind) -> f64 {
    let last = Word::of(words.word(span.end - 1));
    let first = Word::of(words.word(span.start));
    let single = span.len() == 1;
    // "American actor": the name says of what sort the noun is.
    let next = words.word(span.end);
    let described = words.gap(span.end) == " "
        && !words.tokens.get(span.end).is_none_or(|t| t.capital)
        && !text::is_function_word(next)
        && !Word::of(next).categories.is_empty();
    let institution = [
        "group",
        "artifact",
        "act",
        "communication",
        "event",
        "cognition",
    ]
    .iter()
    .any(|c| last.categories.first() == Some(c));
    let mut form: f64 = match kind {
        Kind::Person => {
            if institution && !first.denotes("person") {
                0.25
            } else if last.denotes("location") && !last.denotes("person") {
                0.3
            } else if single {
                0.6
            } else {
                1.0
            }
        }
        Kind::Place => {
            if last.denotes("location") {
                1.0
            } else if lies_within(words, span.end) {
                0.95
            } else if single && (institution || last.denotes("time")) {
                0.2
            } else if single && last.denotes("person") {
                0.5
            } else if institution {
                0.4
            } else if !single && first.denotes("person") {
                0.5
            } else {
                0.85
            }
        }
        _ => 0.6,
    };
    if words.word(span.end) == "s" && matches!(words.gap(span.end), "'" | "’") {
        form *= 0.5;
    }
    if described && single {
        form *= 0.35;
    } else if described {
        form *= 0.7;
    }
    form
}

/// "Walpole, New Hampshire": what follows says where the place is.
fn lies_within(words: &Words<'_>, end: usize) -> bool {
    words.gap(end) == ", "
        && words.tokens.get(end).is_some_and(|t| t.capital)
        && begins_name(words, end)
}
