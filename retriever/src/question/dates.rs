//! Days and months as bounds: "on 1 June 1995", "in May 2022", "after 2020-03-07".

use std::ops::Range;

use super::bounds::{Operator, Threshold};
use super::numbers::Number;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A day or a month with its year.
struct Date {
    span: Range<usize>,
    /// As ISO 8601 writes it: "1995-06-01", "2022-05".
    text: String,
    year: f64,
}

/// The first bound that is a day or a month.
pub(super) fn bound(words: &[&str], joints: &[&str]) -> Option<Threshold> {
    (0..words.len()).find_map(|at| {
        let date = date_at(words, joints, at)?;
        let article = at
            .checked_sub(1)
            .is_some_and(|before| words[before] == "the");
        let from = if article { at - 1 } else { at };
        let before = from.checked_sub(1).map(|before| words[before]);
        let operator = match before {
            Some("after") => Operator::More,
            Some("since") => Operator::AtLeast,
            Some("before" | "until" | "till") => Operator::Less,
            Some("by") => Operator::AtMost,
            // Ranges of days are not read.
            Some("between" | "and" | "to") => return None,
            _ => Operator::Equal,
        };
        let joined = matches!(before, Some("on" | "in" | "during" | "of" | "from"));
        let start = if joined || operator != Operator::Equal {
            from - 1
        } else {
            from
        };
        let at_it = operator == Operator::Equal;
        Some(Threshold {
            span: start..date.span.end,
            operator,
            number: Number {
                span: date.span,
                value: date.year,
            },
            date: Some(date.text),
            unit: None,
            upto: None,
            year: at_it,
            time: !at_it,
            weak: false,
            ordinal: false,
        })
    })
}

fn date_at(words: &[&str], joints: &[&str], at: usize) -> Option<Date> {
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    let dash = |at: usize| joints.get(at) == Some(&"-");
    if let Some(year) = year(word(at)).filter(|_| dash(at)) {
        // "2020-03-07", "2020-03".
        let month = digits(word(at + 1), 12)?;
        let day = digits(word(at + 2), 31).filter(|_| dash(at + 1));
        return Some(date(
            at..at + 2 + usize::from(day.is_some()),
            year,
            month,
            day,
        ));
    }
    if let Some(month) = month(word(at)) {
        // "June 1, 1995", "May 2022".
        if let (Some(day), Some(year)) = (day(word(at + 1)), year(word(at + 2))) {
            return Some(date(at..at + 3, year, month, Some(day)));
        }
        return Some(date(at..at + 2, year(word(at + 1))?, month, None));
    }
    // "1 June 1995", "1st of June 1995".
    let day = day(word(at))?;
    let next = at + 1 + usize::from(word(at + 1) == "of");
    let (month, year) = (month(word(next))?, year(word(next + 1))?);
    Some(date(at..next + 2, year, month, Some(day)))
}

fn date(span: Range<usize>, year: u32, month: u32, day: Option<u32>) -> Date {
    let text = match day {
        Some(day) => format!("{year:04}-{month:02}-{day:02}"),
        None => format!("{year:04}-{month:02}"),
    };
    Date {
        span,
        text,
        year: f64::from(year),
    }
}

fn year(word: &str) -> Option<u32> {
    let year = word.parse().ok().filter(|_| word.len() == 4)?;
    (1000..=2199).contains(&year).then_some(year)
}

fn month(word: &str) -> Option<u32> {
    let whole = |month: &str| month == word || (word.len() == 3 && month.starts_with(word));
    let at = MONTHS.iter().position(|month| whole(month))?;
    u32::try_from(at + 1).ok()
}

fn day(word: &str) -> Option<u32> {
    let number = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|end| word.strip_suffix(end))
        .unwrap_or(word);
    digits(number, 31)
}

fn digits(word: &str, most: u32) -> Option<u32> {
    let number = word.parse().ok().filter(|_| word.len() <= 2)?;
    (1..=most).contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use crate::question::{Operator, Question};

    #[test]
    fn days_and_months_are_bounds() {
        let read = |text: &str| {
            let bound = Question::read(text).threshold?;
            Some((bound.operator, bound.date?))
        };
        for (text, operator, date) in [
            (
                "Who was president on 1 June 1995?",
                Operator::Equal,
                "1995-06-01",
            ),
            (
                "Who was born on June 1st, 1995?",
                Operator::Equal,
                "1995-06-01",
            ),
            ("events in May 2022", Operator::Equal, "2022-05"),
            (
                "patients admitted after 2024-02-15",
                Operator::More,
                "2024-02-15",
            ),
            (
                "films released before March 2001",
                Operator::Less,
                "2001-03",
            ),
            (
                "who joined on the 3rd of Aug 1999",
                Operator::Equal,
                "1999-08-03",
            ),
        ] {
            assert_eq!(read(text), Some((operator, date.to_owned())), "{text}");
        }
        assert_eq!(read("what may be released in 1999"), None);
        assert_eq!(read("films with more than 12 reels"), None);
    }
}
