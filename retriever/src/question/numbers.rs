//! Numbers as people write them in questions.

use std::ops::Range;

use crate::units;

/// A number in a question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Number {
    /// The tokens that say it.
    pub span: Range<usize>,
    /// The number.
    pub value: f64,
}

/// Whether a word is one for a small number: "two".
pub(crate) fn is_small(word: &str) -> bool {
    small(word).is_some()
}

/// The number that begins at a word: digits in groups ("1", "000", "000" for 1,000,000), decimals ("2",
/// "5" for 2.5), number words, and scales ("2 million", "three hundred thousand").
///
/// `joints` has what stands between each word and the next: a hyphen or a stroke makes a date or a fraction of
/// them, which is no number of this kind.
pub(crate) fn number_at(words: &[&str], joints: &[&str], at: usize) -> Option<Number> {
    let mut next = at;
    let mut value = match words.get(next)? {
        // "a million", "a kilogram": an article counts as one only before a scale or a unit.
        &"a" | &"an" => {
            let word = words.get(next + 1)?;
            // A second one, or a degree in physics, is no measure.
            let other = matches!(*word, "second" | "degree" | "mole" | "crown");
            let unit = word.len() > 2 && !other && units::is_unit(word);
            (unit || scale(word).is_some()).then_some(1.0)?
        }
        word => small(word)
            .or_else(|| word.parse::<u64>().ok().map(|n| n as f64))
            .or_else(|| suffixed(word))?,
    };
    next += 1;
    let digits = |at: usize| {
        words
            .get(at)
            .is_some_and(|word| word.bytes().all(|b| b.is_ascii_digit()))
    };
    let dated = |at: usize| {
        digits(at)
            && digits(at + 1)
            && joints
                .get(at)
                .is_some_and(|j| matches!(*j, "-" | "/" | "–"))
    };
    if dated(at) {
        return None;
    }
    if words[at].bytes().all(|b| b.is_ascii_digit()) {
        let grouped = words[at].len() <= 3
            && words
                .get(next)
                .is_some_and(|w| w.len() == 3 && w.bytes().all(|b| b.is_ascii_digit()));
        if grouped {
            while let Some(group) = words
                .get(next)
                .filter(|w| w.len() == 3)
                .and_then(|w| w.parse::<u32>().ok())
            {
                value = value * 1000.0 + f64::from(group);
                next += 1;
            }
        } else if let Some(fraction) = words
            .get(next)
            .filter(|w| w.len() <= 6 && w.bytes().all(|b| b.is_ascii_digit()))
        {
            // The dot of a decimal number parts the words like any other punctuation.
            value = format!("{}.{fraction}", words[at]).parse().ok()?;
            next += 1;
        }
    }
    while let Some(factor) = words.get(next).and_then(|w| scale(w)) {
        value *= factor;
        next += 1;
    }
    Some(Number {
        span: at..next,
        value,
    })
}

pub(super) fn small(word: &str) -> Option<f64> {
    const WORDS: &[&str] = &[
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    WORDS
        .iter()
        .position(|w| *w == word)
        .map(|n| n as f64)
        .or(match word {
            "fifteen" => Some(15.0),
            "twenty" => Some(20.0),
            "thirty" => Some(30.0),
            "forty" => Some(40.0),
            "fifty" => Some(50.0),
            "sixty" => Some(60.0),
            "seventy" => Some(70.0),
            "eighty" => Some(80.0),
            "ninety" => Some(90.0),
            _ => None,
        })
}

pub(super) fn scale(word: &str) -> Option<f64> {
    match word {
        "hundred" => Some(1e2),
        "thousand" | "k" => Some(1e3),
        "million" | "millions" | "mio" => Some(1e6),
        "billion" | "billions" | "bn" => Some(1e9),
        "trillion" => Some(1e12),
        _ => None,
    }
}

/// "5m", "10k".
fn suffixed(word: &str) -> Option<f64> {
    let (digits, factor) = match word.char_indices().last()? {
        (at, 'k') => (&word[..at], 1e3),
        (at, 'm') => (&word[..at], 1e6),
        _ => return None,
    };
    Some(digits.parse::<u32>().ok().map(f64::from)? * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers() {
        let value = |text: &str| {
            let words: Vec<&str> = text.split(' ').collect();
            number_at(&words, &vec![" "; words.len()], 0).map(|n| n.value)
        };
        assert_eq!(value("1 000 000"), Some(1e6));
        assert_eq!(value("2 5 million"), Some(2.5e6));
        assert_eq!(value("one million"), Some(1e6));
        assert_eq!(value("a million"), Some(1e6));
        assert_eq!(value("three hundred thousand"), Some(3e5));
        assert_eq!(value("10k"), Some(1e4));
        assert_eq!(value("42"), Some(42.0));
        assert_eq!(value("a kilogram"), Some(1.0));
        assert_eq!(value("a second term"), None);
        assert_eq!(value("a city"), None);
        assert_eq!(value("borders"), None);
        assert_eq!(number_at(&["2024", "02", "15"], &["-", "-"], 0), None);
    }
}
