//! Kinds of answers, and the nouns that ask for them.

use retriever::thesaurus::Word;

/// The kind of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Somebody: "who".
    Person,
    /// Somewhere: "where", "in what city".
    Place,
    /// Some time: "when", "what year".
    Time,
    /// How many or how much.
    Number,
    /// What somebody or something is.
    Nature,
    /// Anything that fits the noun asked for, by name or by a common word.
    Thing,
}

/// Nouns for what somebody does.
pub(super) fn is_calling(noun: &str) -> bool {
    matches!(
        noun,
        "occupation"
            | "occupations"
            | "profession"
            | "professions"
            | "job"
            | "jobs"
            | "career"
            | "trade"
            | "vocation"
            | "work"
            | "living"
            | "do"
            | "does"
    )
}

/// What is measured, and so has a number as its value.
fn is_measure(noun: &str) -> bool {
    matches!(
        noun,
        "number"
            | "amount"
            | "count"
            | "total"
            | "population"
            | "height"
            | "length"
            | "size"
            | "area"
            | "age"
            | "weight"
            | "mass"
            | "depth"
            | "width"
            | "distance"
            | "speed"
            | "price"
            | "cost"
            | "capacity"
            | "temperature"
            | "elevation"
            | "altitude"
            | "duration"
            | "percentage"
            | "rate"
            | "score"
    )
}

/// The kind of "what <noun>".
pub(super) fn of_noun(noun: &str) -> Kind {
    let known = Word::of(noun);
    let first = |category: &str| known.categories.iter().take(2).any(|c| *c == category);
    if is_calling(noun) {
        Kind::Nature
    } else if is_measure(noun) {
        Kind::Number
    } else if first("location") || noun == "place" {
        Kind::Place
    } else if known.categories.first() == Some(&"time") || noun == "date" {
        Kind::Time
    } else if first("person") {
        Kind::Person
    } else {
        Kind::Thing
    }
}

/// The kind of "the <noun> of X": a role's name may be that of many kinds of things.
pub(super) fn of_a_role(noun: &str) -> Kind {
    match noun {
        // A capital, a seat or a headquarters is a place, whatever else the words may mean.
        "capital" | "seat" | "headquarters" | "location" | "home" => Kind::Place,
        _ => of_noun(noun),
    }
}
