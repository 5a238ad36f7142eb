//! Words of general English that say what form an answer has. No word here belongs to a domain.

use std::ops::Range;

use super::numbers::number_at;
use super::{Comparative, Form, Operator, Threshold};
use crate::text::is_function_word;

/// Which end of an order is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The greatest value.
    Most,
    /// The smallest value.
    Least,
}

/// "most populous", "largest".
#[derive(Clone, Debug, PartialEq)]
pub struct Superlative {
    /// The tokens that say so.
    pub span: Range<usize>,
    /// Which end is asked for.
    pub direction: Direction,
    /// Words for the property, where the adjective implies one.
    pub property: &'static [&'static str],
    /// The token that names the property itself, as "populous" does after "most".
    pub word: Option<usize>,
}

/// An adjective of degree: comparative, superlative, the end that it means, and words for the property.
type Adjective = (
    &'static str,
    &'static str,
    Direction,
    &'static [&'static str],
);

const ADJECTIVES: &[Adjective] = &[
    (
        "larger",
        "largest",
        Direction::Most,
        &["size", "area", "population"],
    ),
    (
        "bigger",
        "biggest",
        Direction::Most,
        &["size", "population", "area"],
    ),
    ("greater", "greatest", Direction::Most, &[]),
    (
        "smaller",
        "smallest",
        Direction::Least,
        &["size", "area", "population"],
    ),
    (
        "higher",
        "highest",
        Direction::Most,
        &["height", "elevation", "altitude"],
    ),
    ("taller", "tallest", Direction::Most, &["height"]),
    (
        "lower",
        "lowest",
        Direction::Least,
        &["height", "elevation"],
    ),
    (
        "shorter",
        "shortest",
        Direction::Least,
        &["length", "height", "duration"],
    ),
    (
        "longer",
        "longest",
        Direction::Most,
        &["length", "duration"],
    ),
    ("wider", "widest", Direction::Most, &["width"]),
    ("deeper", "deepest", Direction::Most, &["depth"]),
    (
        "older",
        "oldest",
        Direction::Least,
        &["date", "year", "birth", "founded"],
    ),
    (
        "younger",
        "youngest",
        Direction::Most,
        &["date", "year", "birth", "founded"],
    ),
    (
        "newer",
        "newest",
        Direction::Most,
        &["date", "year", "founded", "release"],
    ),
    ("earlier", "earliest", Direction::Least, &["date", "year"]),
    ("later", "latest", Direction::Most, &["date", "year"]),
    ("heavier", "heaviest", Direction::Most, &["weight", "mass"]),
    ("lighter", "lightest", Direction::Least, &["weight", "mass"]),
    ("denser", "densest", Direction::Most, &["density"]),
    ("hotter", "hottest", Direction::Most, &["temperature"]),
    ("colder", "coldest", Direction::Least, &["temperature"]),
    ("warmer", "warmest", Direction::Most, &["temperature"]),
    ("faster", "fastest", Direction::Most, &["speed"]),
    ("slower", "slowest", Direction::Least, &["speed"]),
    (
        "richer",
        "richest",
        Direction::Most,
        &["wealth", "income", "gdp"],
    ),
    (
        "poorer",
        "poorest",
        Direction::Least,
        &["wealth", "income", "gdp"],
    ),
    ("cheaper", "cheapest", Direction::Least, &["price", "cost"]),
    ("dearer", "dearest", Direction::Most, &["price", "cost"]),
    ("stronger", "strongest", Direction::Most, &["strength"]),
    (
        "brighter",
        "brightest",
        Direction::Most,
        &["brightness", "luminosity"],
    ),
];

/// The superlative of a question.
pub(super) fn superlative(words: &[&str]) -> Option<Superlative> {
    for (at, word) in words.iter().enumerate() {
        if let Some((_, _, direction, property)) = ADJECTIVES.iter().find(|a| a.1 == *word) {
            return Some(Superlative {
                span: at..at + 1,
                direction: *direction,
                property,
                word: None,
            });
        }
        let direction = match *word {
            "most" => Direction::Most,
            "least" | "fewest" => Direction::Least,
            _ => continue,
        };
        // "at least", "at most" and "most of" bound or share; they rank nothing.
        let bounds = at > 0 && words[at - 1] == "at";
        let shares = words.get(at + 1) == Some(&"of");
        if bounds || shares || at + 1 == words.len() {
            continue;
        }
        return Some(Superlative {
            span: at..at + 1,
            direction,
            property: &[],
            word: Some(at + 1),
        });
    }
    None
}

/// The comparative of a question.
pub(super) fn comparative(words: &[&str]) -> Option<Comparative> {
    for (at, word) in words.iter().enumerate() {
        if let Some((_, _, direction, property)) = ADJECTIVES.iter().find(|a| a.0 == *word) {
            return Some(Comparative {
                span: at..at + 1,
                direction: *direction,
                property,
            });
        }
        let direction = match *word {
            "more" => Direction::Most,
            "less" | "fewer" => Direction::Least,
            _ => continue,
        };
        return Some(Comparative {
            span: at..at + 1,
            direction,
            property: &[],
        });
    }
    None
}

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
            });
        }
    }
    None
}

/// The form of the answer; marks the words that say it.
pub(super) fn form(words: &[&str], compares: bool, cue: &mut [bool]) -> Form {
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
    let asks = matches!(
        words.first(),
        Some(
            &("is"
                | "are"
                | "was"
                | "were"
                | "does"
                | "do"
                | "did"
                | "has"
                | "have"
                | "had"
                | "can"
                | "could"
                | "isn"
                | "aren"
                | "doesn"
                | "wasn")
        )
    );
    if asks { Form::Ask } else { Form::Select }
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

/// The noun for the kind of the answer: the last word of the first run of words that carry content, where the question
/// opens by asking for a thing of some kind.
pub(super) fn asked(words: &[&str], cue: &[bool]) -> Option<usize> {
    let opening = words.iter().position(|word| {
        matches!(
            *word,
            "what"
                | "whats"
                | "which"
                | "name"
                | "list"
                | "show"
                | "give"
                | "many"
                | "find"
                | "tell"
        )
    })?;
    let content = |at: usize| !cue[at] && !is_function_word(words[at]);
    // "What is the name of a city": little words may stand between.
    let first = (opening + 1..words.len().min(opening + 7)).find(|at| content(*at))?;
    let filler = words[opening + 1..first].iter().all(|word| {
        matches!(
            *word,
            "a" | "an"
                | "the"
                | "of"
                | "is"
                | "are"
                | "was"
                | "were"
                | "me"
                | "all"
                | "some"
                | "one"
                | "any"
                | "every"
                | "kind"
                | "type"
                | "sort"
                | "name"
                | "called"
                | "in"
                | "on"
                | "at"
                | "s"
                | "many"
        )
    });
    if !filler {
        return None;
    }
    let end = (first..words.len()).find(|at| !content(*at));
    Some(end.unwrap_or(words.len()) - 1)
}
