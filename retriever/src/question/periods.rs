//! Years, decades and centuries that a question asks within.

use std::ops::Range;

use super::bounds::{Operator, Threshold, YEARS};
use super::numbers::Number;
use crate::thesaurus::Word;

/// A year that a question ends with: "world cup winner | 1998". It may as well be a number.
pub(super) fn last_year(words: &[&str]) -> Option<Threshold> {
    let [.., word, year] = words else {
        return None;
    };
    let at = words.len() - 1;
    // "Since spring 2015", "from March to June 2021".
    let opened = words[..at].iter().rev().take(3).any(|word| {
        matches!(
            *word,
            "since"
                | "after"
                | "before"
                | "until"
                | "till"
                | "by"
                | "from"
                | "to"
                | "between"
                | "and"
                | "than"
        )
    });
    let season = matches!(*word, "spring" | "summer" | "autumn" | "fall" | "winter");
    let noun = Word::of(word).is_noun() && !season && !opened;
    (is_year(year) && noun).then(|| Threshold {
        weak: true,
        ..within(at..at + 1, at, year.parse().unwrap_or_default(), 1)
    })
}

/// "In 2024", "during 2024", "in the 1990s", "in the 19th century".
pub(super) fn period(words: &[&str]) -> Option<Threshold> {
    (0..words.len()).find_map(|at| {
        let (from, years) = match words[at..] {
            ["in" | "during" | "is" | "was", year, ..] if is_year(year) => (at + 1, 1),
            [
                "in" | "during" | "from" | "of" | "for",
                "the",
                "year",
                year,
                ref after @ ..,
            ] if is_year(year)
                && !matches!(after.first(), Some(&("to" | "until" | "till" | "through"))) =>
            {
                (at + 3, 1)
            }
            // "Films from 1999", but not "from 1999 to 2004".
            ["from", year] if is_year(year) => (at + 1, 1),
            ["in" | "during" | "from" | "of", "the", word, ..] if decade(word).is_some() => {
                (at + 2, 10)
            }
            ["in" | "during", "the", century, "century", ..] => {
                let number = ordinal(century)?;
                let span = at..at + 4;
                return Some(within(
                    span,
                    at + 2,
                    f64::from(number - 1) * 100.0 + 1.0,
                    100,
                ));
            }
            _ => return None,
        };
        let first = match decade(words[from]).filter(|_| years == 10) {
            Some(first) => f64::from(first),
            None => words[from].parse().ok()?,
        };
        let bound = within(at..from + 1, from, first, years);
        // "Which film is 1984" is a name.
        let weak = bound.weak || matches!(words[at], "is" | "was");
        Some(Threshold { weak, ..bound })
    })
}

fn within(span: Range<usize>, at: usize, first: f64, years: u32) -> Threshold {
    let one = years == 1;
    Threshold {
        span,
        operator: if one {
            Operator::Equal
        } else {
            Operator::AtLeast
        },
        number: Number {
            span: at..at + 1,
            value: first,
        },
        upto: (!one).then(|| first + f64::from(years) - 1.0),
        year: true,
        time: true,
        ..Threshold::default()
    }
}

/// The first year of a decade: "1970s", "seventies". Without a century, the last one that is whole is meant.
fn decade(word: &str) -> Option<u32> {
    const NAMES: [&str; 8] = [
        "twenties",
        "thirties",
        "forties",
        "fifties",
        "sixties",
        "seventies",
        "eighties",
        "nineties",
    ];
    if let Some(place) = NAMES.iter().position(|name| *name == word) {
        return Some(1920 + 10 * place as u32);
    }
    let year = word.strip_suffix('s').filter(|year| is_year(year))?;
    year.parse().ok()
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && word.parse().is_ok_and(|year| YEARS.contains(&year))
}

/// 19 for "19th" or "nineteenth", as far as centuries go.
fn ordinal(word: &str) -> Option<u32> {
    const WORDS: &[&str] = &[
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
        "twentieth",
        "twentyfirst",
    ];
    if let Some(place) = WORDS.iter().position(|known| *known == word) {
        return Some(place as u32 + 10);
    }
    let digits = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|end| word.strip_suffix(end))?;
    digits
        .parse()
        .ok()
        .filter(|number| (1..=21).contains(number))
}
