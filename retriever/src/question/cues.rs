//! Words of general English that say what form an answer has. No word here belongs to a domain.

use std::ops::Range;

use super::degree::{Direction, comparative};
use super::numbers::{Number, number_at};
use super::{Combining, Form, Operator, Threshold};
use crate::graph::{Arithmetic, Function};
use crate::text::is_function_word;

/// A comparison with a number.
pub(super) fn threshold(words: &[&str], joints: &[&str]) -> Option<Threshold> {
    const PHRASES: &[(&[&str], Operator)] = &[
        (&["no", "more", "than"], Operator::AtMost),
        (&["no", "fewer", "than"], Operator::AtLeast),
        (&["no", "less", "than"], Operator::AtLeast),
        (&["more", "than"], Operator::More),
        (&["greater", "than"], Operator::More),
        (&["larger", "than"], Operator::More),
        (&["bigger", "than"], Operator::More),
        (&["higher", "than"], Operator::More),
        (&["longer", "than"], Operator::More),
        (&["less", "than"], Operator::Less),
        (&["fewer", "than"], Operator::Less),
        (&["smaller", "than"], Operator::Less),
        (&["lower", "than"], Operator::Less),
        (&["shorter", "than"], Operator::Less),
        (&["at", "least"], Operator::AtLeast),
        (&["at", "most"], Operator::AtMost),
        (&["up", "to"], Operator::AtMost),
        (&["over"], Operator::More),
        (&["above"], Operator::More),
        (&["exceeding"], Operator::More),
        (&["exceeds"], Operator::More),
        (&["exceed"], Operator::More),
        (&["after"], Operator::More),
        (&["since"], Operator::AtLeast),
        (&["under"], Operator::Less),
        (&["below"], Operator::Less),
        (&["before"], Operator::Less),
        (&["exactly"], Operator::Equal),
    ];
    for at in 0..words.len() {
        let phrase = PHRASES
            .iter()
            .find(|(phrase, _)| words[at..].starts_with(phrase));
        if let Some((phrase, operator)) = phrase
            && let Some(number) = number_at(words, joints, at + phrase.len())
        {
            return Some(Threshold {
                span: at..number.span.end,
                operator: *operator,
                number,
                year: false,
            });
        }
        // "Taller than 30": the adjective names what is measured, so that it is not spent.
        if words.get(at + 1) == Some(&"than")
            && let Some(number) = number_at(words, joints, at + 2)
            && let Some(comparative) = comparative(&words[at..at + 1])
        {
            return Some(Threshold {
                span: at + 1..number.span.end,
                operator: match comparative.direction {
                    Direction::Most => Operator::More,
                    Direction::Least => Operator::Less,
                },
                number,
                year: false,
            });
        }
    }
    None
}

/// "In 2024", "during 2024".
pub(super) fn year(words: &[&str]) -> Option<Threshold> {
    let is_year = |word: &str| word.len() == 4 && matches!(word.parse(), Ok(1000_u32..=2199));
    let at = words
        .windows(2)
        .position(|pair| matches!(pair[0], "in" | "during") && is_year(pair[1]))?;
    Some(Threshold {
        span: at..at + 2,
        operator: Operator::Equal,
        number: Number {
            span: at + 1..at + 2,
            value: words[at + 1].parse().ok()?,
        },
        year: true,
    })
}

/// The form of the answer; marks the words that say it.
pub(super) fn form(words: &[&str], compares: bool, cue: &mut [bool]) -> Form {
    if let Some((span, arithmetic)) = calculates(words, compares) {
        cue[span].fill(true);
        return Form::Calculate(arithmetic);
    }
    for at in 0..words.len() {
        let span = match words[at..] {
            ["how", "many", ..] => at..at + 2,
            ["number", "of", ..] | ["count", "of", ..] if at <= 3 => at..at + 2,
            ["count", ..] if at == 0 => at..at + 1,
            _ => continue,
        };
        cue[span].fill(true);
        return Form::Count;
    }
    let offers = compares && words.contains(&"or");
    if offers {
        return Form::Choose;
    }
    let asks = words.first().is_some_and(|word| {
        is_auxiliary(word) || matches!(*word, "can" | "could" | "isn" | "aren" | "doesn" | "wasn")
    });
    if asks { Form::Ask } else { Form::Select }
}

/// "How much taller", "how many times", "the difference between".
fn calculates(words: &[&str], compares: bool) -> Option<(Range<usize>, Arithmetic)> {
    for at in 0..words.len() {
        let found = match words[at..] {
            ["how", "many", "times", ..] if compares => (at..at + 3, Arithmetic::Ratio),
            ["how", "many" | "much", "more" | "less" | "fewer", ..] if words.contains(&"than") => {
                (at..at + 2, Arithmetic::Difference)
            }
            ["how", "much", ..] if compares && words.contains(&"than") => {
                (at..at + 2, Arithmetic::Difference)
            }
            ["by", "how", "many" | "much", ..] => (at..at + 3, Arithmetic::Difference),
            ["difference", ..] if words[at..].contains(&"between") => {
                (at..at + 1, Arithmetic::Difference)
            }
            ["ratio", ..] if words[at..].contains(&"to") => (at..at + 1, Arithmetic::Ratio),
            _ => continue,
        };
        return Some(found);
    }
    None
}

/// The words after "what is", "who is", "tell me about" and the like.
pub(super) fn describes(words: &[&str]) -> Option<Range<usize>> {
    const OPENINGS: &[&[&str]] = &[
        &["what", "is"],
        &["what", "are"],
        &["what", "was"],
        &["what", "were"],
        &["what", "s"],
        &["whats"],
        &["who", "is"],
        &["who", "was"],
        &["who", "are"],
        &["who", "were"],
        &["who", "s"],
        &["whos"],
        &["tell", "me", "about"],
        &["tell", "me", "something", "about"],
        &["describe"],
        &["define"],
        &["what", "do", "you", "know", "about"],
        &["what", "does", "it", "know", "about"],
    ];
    let polite = usize::from(words.first() == Some(&"please"));
    let opening = OPENINGS
        .iter()
        .filter(|o| words[polite..].starts_with(o))
        .map(|o| o.len())
        .max()?;
    let mut start = polite + opening;
    while matches!(words.get(start), Some(&("a" | "an" | "the"))) {
        start += 1;
    }
    (start < words.len()).then_some(start..words.len())
}

/// Whether a word asks for nothing in particular: "how many are known in the world in total".
pub(crate) fn asks_for_nothing(word: &str) -> bool {
    matches!(
        word,
        "exist" | "exists" | "existing" | "world" | "known" | "total"
    )
}

/// Whether a word says that several things have something in common.
pub(super) fn is_sharing(word: &str) -> bool {
    matches!(
        word,
        "share"
            | "shares"
            | "shared"
            | "sharing"
            | "same"
            | "also"
            | "other"
            | "others"
            | "else"
            | "together"
            | "co"
            | "common"
            | "fellow"
            | "alongside"
            | "both"
    )
}

/// "On average", "altogether", "what percentage of".
pub(super) fn combining(words: &[&str]) -> Option<(Combining, Range<usize>)> {
    for at in 0..words.len() {
        let found = match words[at..] {
            ["on", "average", ..] => (Combining::Function(Function::Average), 2),
            ["average" | "mean", ..] => (Combining::Function(Function::Average), 1),
            ["in", "total", ..] => (Combining::Function(Function::Sum), 2),
            ["total" | "sum" | "combined" | "altogether", ..] => {
                (Combining::Function(Function::Sum), 1)
            }
            ["percentage" | "percent" | "proportion", "of", ..] => (Combining::Share, 2),
            ["share", "of", ..] if at > 0 && matches!(words[at - 1], "what" | "the" | "which") => {
                (Combining::Share, 2)
            }
            ["percentage" | "percent" | "proportion", ..] => (Combining::Share, 1),
            _ => continue,
        };
        return Some((found.0, at..at + found.1));
    }
    None
}

/// Whether a word is a form of "be", "do" or "have": it opens a question that is answered yes or no.
pub(super) fn is_auxiliary(word: &str) -> bool {
    matches!(
        word,
        "is" | "are" | "was" | "were" | "does" | "do" | "did" | "has" | "have" | "had"
    )
}

/// Whether a word can open a question.
pub fn opens_a_question(word: &str) -> bool {
    is_auxiliary(word)
        || matches!(
            word,
            "who" | "whom" | "whose" | "what" | "which" | "when" | "where" | "why" | "how"
        )
}
