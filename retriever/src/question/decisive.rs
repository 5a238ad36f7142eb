//! Words that make another question of the same one, and that a reading must therefore not pass over.
//!
//! They are general English. A reading that has no place for one of them would answer "which countries use the
//! euro" where "which countries do not use the euro" was asked.

use super::cues::is_auxiliary;
use super::{Form, Superlative};
use crate::thesaurus::Word;

/// Which words are decisive. Those that the form of the answer has spent are marked in `cue` and are not.
pub(super) fn decisive(
    words: &[&str],
    form: Form,
    superlative: Option<&Superlative>,
    cue: &[bool],
) -> Vec<bool> {
    let mut decisive: Vec<bool> = (0..words.len())
        .map(|at| {
            negates(words, at)
                || excludes(words, at)
                || (matches!(words[at], "or" | "either") && form != Form::Choose)
                || combines(words[at], form)
                || shifts(words, at)
                || words[at].bytes().all(|b| b.is_ascii_digit())
        })
        .collect();
    if superlative.is_some() {
        for at in 0..words.len() {
            decisive[at] |= places(words[at]);
        }
    }
    if let Some(weak) = superlative.filter(|s| s.weak) {
        for at in weak.span.clone() {
            decisive[at] = true;
        }
    }
    for (decisive, cue) in decisive.iter_mut().zip(cue) {
        *decisive &= !cue;
    }
    decisive
}

/// The words that negate.
pub(super) fn negations(words: &[&str]) -> Vec<usize> {
    (0..words.len()).filter(|at| negates(words, *at)).collect()
}

fn negates(words: &[&str], at: usize) -> bool {
    let contracted = words.get(at + 1) == Some(&"t")
        && matches!(
            words[at],
            "don"
                | "doesn"
                | "didn"
                | "isn"
                | "aren"
                | "wasn"
                | "weren"
                | "hasn"
                | "haven"
                | "hadn"
                | "can"
                | "couldn"
                | "won"
                | "wouldn"
                | "shouldn"
        );
    contracted
        || matches!(
            words[at],
            "not"
                | "never"
                | "neither"
                | "nor"
                | "without"
                | "cannot"
                | "no"
                | "none"
                | "nobody"
                | "nothing"
                | "lack"
                | "lacks"
                | "lacking"
        )
}

fn excludes(words: &[&str], at: usize) -> bool {
    // "But are not in Europe": the negation says so.
    let negated = (at + 1..words.len()).any(|later| negates(words, later));
    // Nor is "but died in Paris" an exception.
    let goes_on = |next: &str| Word::of(next).is_past(next) || is_auxiliary(next);
    let on = || words.get(at + 1).is_some_and(|next| goes_on(next));
    if words[at] == "but" && (negated || on()) {
        return false;
    }
    matches!(
        words[at],
        "except" | "excepting" | "excluding" | "exclude" | "besides" | "but" | "unless"
    ) || matches!(
        words[at..],
        ["other", "than", ..] | ["apart", "from", ..] | ["rather", "than", ..]
    )
}

/// Values to be computed from several others.
fn combines(word: &str, form: Form) -> bool {
    matches!(
        word,
        "average"
            | "median"
            | "sum"
            | "combined"
            | "together"
            | "altogether"
            | "difference"
            | "ratio"
            | "percentage"
            | "percent"
            | "proportion"
            | "fraction"
            | "mean"
    ) || (word == "total" && form != Form::Count)
}

/// The question is about somebody or something beside what the facts name: before it, after it, below it.
fn shifts(words: &[&str], at: usize) -> bool {
    // "How old was she when she died" asks for neither of the two dates.
    let age = words[at] == "old" && at > 0 && words[at - 1] == "how" && words.contains(&"when");
    // "Next to" is where something lies.
    let next = words[at] == "next" && words.get(at + 1) != Some(&"to");
    next || age
        || matches!(
            words[at],
            "former"
                | "formerly"
                | "previous"
                | "previously"
                | "predecessor"
                | "successor"
                | "deputy"
        )
        || matches!(
            words[at..],
            ["last", "year" | "month" | "week", ..] | ["used", "to", "be", ..]
        )
}

/// "The second largest".
fn places(word: &str) -> bool {
    let ordinal = ["st", "nd", "rd", "th"]
        .iter()
        .filter_map(|end| word.strip_suffix(end))
        .any(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
    ordinal
        || matches!(
            word,
            "second"
                | "third"
                | "fourth"
                | "fifth"
                | "sixth"
                | "seventh"
                | "eighth"
                | "ninth"
                | "tenth"
                | "top"
        )
}
