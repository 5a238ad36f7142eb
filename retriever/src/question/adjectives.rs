//! Adjectives of degree and verbs of measuring, with words for what they measure.

use super::degree::Direction;
use crate::thesaurus::Word;

/// An adjective of degree: comparative, superlative, the end that it means, and words for the property.
pub(super) type Adjective = (
    &'static str,
    &'static str,
    Direction,
    &'static [&'static str],
);

const LARGE: &[&str] = &["size", "area", "population", "capacity"];

pub(super) const ADJECTIVES: &[Adjective] = &[
    ("larger", "largest", Direction::Most, LARGE),
    (
        "bigger",
        "biggest",
        Direction::Most,
        &["size", "population", "area", "capacity"],
    ),
    ("greater", "greatest", Direction::Most, &[]),
    ("smaller", "smallest", Direction::Least, LARGE),
    (
        "higher",
        "highest",
        Direction::Most,
        &["height", "elevation", "altitude"],
    ),
    (
        "taller",
        "tallest",
        Direction::Most,
        &["height", "stature", "elevation", "altitude"],
    ),
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
        &["length", "height", "duration", "runtime"],
    ),
    (
        "longer",
        "longest",
        Direction::Most,
        &["length", "duration", "runtime", "pages"],
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

/// Words that ask for a measure, and words for it: "how tall", "how much does it weigh".
pub(super) fn measured(words: &[&str]) -> Option<(usize, &'static [&'static str])> {
    let how = words.iter().position(|word| *word == "how")?;
    let next = *words.get(how + 1)?;
    if matches!(next, "much" | "long" | "heavy") {
        let verb = (how + 2..words.len()).find_map(|at| {
            let verb = MEASURING
                .iter()
                .find(|(verb, _)| Word::of(words[at]).lemmas.iter().any(|lemma| lemma == verb));
            verb.map(|(_, property)| (at, *property))
        });
        if verb.is_some() {
            return verb;
        }
    }
    let adjective = ADJECTIVES.iter().find(|adjective| {
        // Who is old has no such measure, but a date.
        !adjective.3.contains(&"date")
            && !adjective.3.is_empty()
            && is_comparative(adjective.0, next)
    });
    // What is big has an extent first of all; the biggest city has the most people.
    let property = adjective.map(|adjective| match next {
        "big" => LARGE,
        _ => adjective.3,
    });
    property.map(|property| (how + 1, property))
}

/// Whether a word in "-er" is the comparative of another one: "heavier" of "heavy", "bigger" of "big".
fn is_comparative(comparative: &str, base: &str) -> bool {
    let stem = comparative.strip_suffix("er").unwrap_or(comparative);
    let doubled = || {
        let mut letters = stem.chars().rev();
        let (last, before) = (letters.next(), letters.next());
        last == before && stem.strip_suffix(|_: char| true) == Some(base)
    };
    stem == base
        || comparative.strip_suffix('r') == Some(base)
        || stem
            .strip_suffix('i')
            .is_some_and(|stem| base.strip_suffix('y') == Some(stem))
        || doubled()
}

/// Verbs for having a measure: "weighs more than".
pub(super) const MEASURING: &[(&str, &[&str])] = &[
    ("weigh", &["weight", "mass"]),
    ("cost", &["price", "cost"]),
    ("last", &["duration", "length"]),
    ("earn", &["salary", "income", "earnings"]),
    ("pay", &["salary", "price", "cost"]),
];

#[cfg(test)]
mod tests {
    use super::measured;

    #[test]
    fn measures_are_asked_for() {
        let found = |text: &str| {
            let words: Vec<&str> = text.split(' ').collect();
            measured(&words).map(|(at, property)| (at, property[0]))
        };
        assert_eq!(found("how tall is she"), Some((1, "height")));
        assert_eq!(found("how heavy is it"), Some((1, "weight")));
        assert_eq!(found("how big is it"), Some((1, "size")));
        assert_eq!(found("how much does it weigh"), Some((4, "weight")));
        assert_eq!(found("how long does it last"), Some((4, "duration")));
        assert_eq!(found("how long is it"), Some((1, "length")));
        assert_eq!(found("how long is the costa border"), Some((1, "length")));
        assert_eq!(found("how old is she"), None);
        assert_eq!(found("how many are there"), None);
    }
}
