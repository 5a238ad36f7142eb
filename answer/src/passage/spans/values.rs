//! Dates and numbers.

use super::{Candidate, Words};

pub(crate) fn is_month(word: &str) -> bool {
    matches!(
        word,
        "january"
            | "february"
            | "march"
            | "april"
            | "may"
            | "june"
            | "july"
            | "august"
            | "september"
            | "october"
            | "november"
            | "december"
    )
}

fn is_year(words: &Words<'_>, at: usize) -> bool {
    let word = words.word(at);
    word.len() == 4
        && word.bytes().all(|b| b.is_ascii_digit())
        && word
            .parse::<u32>()
            .is_ok_and(|year| (500..2200).contains(&year))
        && !words.gap(at).ends_with('.')
        && !words.gap(at + 1).starts_with(".0")
}

/// Dates and years.
pub(super) fn times(words: &Words<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    let count = words.tokens.len();
    let day = |at: usize| {
        at < count
            && words
                .word(at)
                .parse::<u32>()
                .is_ok_and(|day| (1..=31).contains(&day))
    };
    let month = |at: usize| at < count && is_month(words.word(at)) && words.tokens[at].capital;
    let year = |at: usize| at < count && is_year(words, at);
    let near = |at: usize| matches!(words.gap(at), " " | ", ");
    let mut at = 0;
    while at < count {
        let dated = (day(at) && month(at + 1) || month(at) && day(at + 1)) && near(at + 1);
        let length = if dated {
            if year(at + 2) && near(at + 2) { 3 } else { 2 }
        } else if month(at) && year(at + 1) && near(at + 1) {
            2
        } else if year(at)
            || words.word(at + 1) == "century" && words.is_number(at)
            || words.is_number(at) && words.word(at).ends_with("0s")
        {
            if words.word(at + 1) == "century" {
                2
            } else {
                1
            }
        } else {
            0
        };
        if length > 0 {
            let form = match length {
                3 => 1.0,
                1 if year(at) => 0.9,
                _ => 0.8,
            };
            found.push(Candidate {
                span: at..at + length,
                form,
                predicated: false,
            });
        }
        at += length.max(1);
    }
    found
}

/// Numbers, with what makes them greater.
pub(super) fn numbers(words: &Words<'_>) -> Vec<Candidate> {
    const SPELT: &[&str] = &[
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve", "twenty", "thirty", "forty", "fifty", "hundred",
    ];
    let mut found = Vec::new();
    let dates = times(words);
    let mut at = 0;
    while at < words.tokens.len() {
        let spelt = SPELT.contains(&words.word(at));
        if !(words.is_number(at) || spelt) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while words.is_number(end) && matches!(words.gap(end), "." | ",") {
            end += 1;
        }
        if matches!(
            words.word(end),
            "thousand" | "million" | "billion" | "hundred" | "dozen"
        ) && words.gap(end) == " "
        {
            end += 1;
        }
        let dated = dates.iter().any(|d| d.span.contains(&at));
        let form = if dated {
            0.15
        } else if spelt {
            0.7
        } else {
            1.0
        };
        found.push(Candidate {
            span: at..end,
            form,
            predicated: false,
        });
        at = end;
    }
    found
}
