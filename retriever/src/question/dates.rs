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

/// A bound that is a day or a month, or a range of them.
pub(super) fn bound(words: &[&str], joints: &[&str]) -> Option<Threshold> {
    range(words, joints).or_else(|| one(words, joints))
}

/// "Between 1 June and 31 August 2016", "from 2020-03-07 to 2020-04-01"; the first may leave the year to the second.
fn range(words: &[&str], joints: &[&str]) -> Option<Threshold> {
    (0..words.len()).find_map(|at| {
        let closing: &[&str] = match words[at] {
            "between" => &["and"],
            "from" => &["to", "until", "till", "through"],
            _ => return None,
        };
        let (start, first) = match date_at(words, joints, at + 1) {
            Some(date) => (date.span.end, Some(date.text)),
            None => (without_year(words, at + 1)?, None),
        };
        closing.contains(words.get(start)?).then_some(())?;
        let last = date_at(words, joints, start + 1)?;
        // The same year.
        let first = first.or_else(|| {
            // "From December to February 2016": of the year before.
            let name = |at: usize| words.get(at).copied().and_then(month);
            let from = (at + 1..start).find_map(name)?;
            let upto = last.text.get(5..7)?.parse().ok()?;
            let year = last.year - f64::from(u8::from(from > upto));
            let year = year.to_string();
            let mut dated = words[at + 1..start].to_vec();
            dated.push(&year);
            Some(date_at(&dated, &[], 0)?.text)
        })?;
        Some(Threshold {
            span: at..last.span.end,
            operator: Operator::AtLeast,
            number: Number {
                span: at + 1..start,
                value: first.get(..4)?.parse().ok()?,
            },
            upto: Some(last.year),
            date: Some(first),
            until: Some(last.text),
            time: true,
            ..Threshold::default()
        })
    })
}

/// Where a day or a month ends of which no year is told.
fn without_year(words: &[&str], at: usize) -> Option<usize> {
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    if month(word(at)).is_some() {
        return Some(at + 1 + usize::from(day(word(at + 1)).is_some()));
    }
    day(word(at))?;
    let next = at + 1 + usize::from(word(at + 1) == "of");
    month(word(next)).map(|_| next + 1)
}

fn one(words: &[&str], joints: &[&str]) -> Option<Threshold> {
    let (at, date) = (0..words.len()).find_map(|at| Some((at, date_at(words, joints, at)?)))?;
    let article = at > 0 && words[at - 1] == "the";
    let from = if article { at - 1 } else { at };
    let before = |back: usize| from.checked_sub(back).map_or("", |at| words[at]);
    let after = words.get(date.span.end).copied().unwrap_or_default();
    if matches!(after, "to" | "until" | "till" | "through" | "and") && before(1) != "in" {
        return None;
    }
    let (operator, opening) = match (before(2), before(1)) {
        (_, "after") => (Operator::More, 1),
        (_, "since") => (Operator::AtLeast, 1),
        (_, "before" | "until" | "till") => (Operator::Less, 1),
        (_, "by") => (Operator::AtMost, 1),
        ("later" | "newer" | "younger", "than") => (Operator::More, 2),
        ("earlier" | "older", "than") => (Operator::Less, 2),
        // Not all ranges are read, nor what is about as long ago.
        (_, "between" | "and" | "to" | "than" | "through" | "around" | "about")
        | ("end" | "start" | "beginning" | "middle", "of") => return None,
        ("starting", "from") | ("as", "of") => (Operator::AtLeast, 2),
        (_, "from") if matches!(after, "on" | "onward" | "onwards") => (Operator::AtLeast, 1),
        (_, "on" | "in" | "during" | "of" | "from") => (Operator::Equal, 1),
        _ => (Operator::Equal, 0),
    };
    let at_it = operator == Operator::Equal;
    Some(Threshold {
        span: from - opening..date.span.end,
        operator,
        number: Number {
            span: date.span,
            value: date.year,
        },
        date: Some(date.text),
        year: at_it,
        time: !at_it,
        ..Threshold::default()
    })
}

fn date_at(words: &[&str], joints: &[&str], at: usize) -> Option<Date> {
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    let dash = |at: usize| joints.get(at) == Some(&"-");
    if let Some(year) = year(word(at)).filter(|_| dash(at)) {
        // "2020-03-07", "2020-03"; but "2009-10" is a season.
        let month = digits(word(at + 1), 12).filter(|_| word(at + 1).len() == 2)?;
        let day = digits(word(at + 2), 31).filter(|_| dash(at + 1));
        if day.is_none() && (year + 1) % 100 == month {
            return None;
        }
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
            ("films later than March 2001", Operator::More, "2001-03"),
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
        let range = |text: &str| {
            let question = Question::read(text);
            let bound = question.threshold.as_ref()?;
            Some((bound.date.clone()?, bound.until.clone()?))
        };
        for (text, first, last) in [
            (
                "permits from between 1 June 1995 and 3 May 1996",
                "1995-06-01",
                "1996-05-03",
            ),
            ("permits from March 2021 to June 2021", "2021-03", "2021-06"),
            (
                "fairs between 1 June and 31 August 2016",
                "2016-06-01",
                "2016-08-31",
            ),
            ("fairs from May to July 2016", "2016-05", "2016-07"),
        ] {
            let wanted = Some((first.to_owned(), last.to_owned()));
            assert_eq!(range(text), wanted, "{text}");
        }
        assert_eq!(range("fairs between 1 and 31 stalls"), None);
        assert_eq!(read("Who won the league in 2009-10?"), None);
        assert_eq!(read("films with more than 12 reels"), None);
    }
}
