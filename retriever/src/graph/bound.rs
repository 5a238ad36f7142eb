//! What a value is compared with.

use crate::question::Operator;

/// What a value is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// A number.
    Number(f64),
    /// A year, which the year of a date is compared with.
    Year(i32),
    /// A day or a month, as ISO 8601 writes it, which as much of a date or time is compared with.
    Date(String),
    /// A day or a month that ends a range, which what is told as fully is compared with.
    Day(String),
    /// A literal: the term as SPARQL writes it, and as people do.
    Literal {
        /// As SPARQL writes it.
        term: String,
        /// As people write it.
        text: String,
    },
}

impl Bound {
    /// The condition on a variable, as SPARQL writes it.
    pub(super) fn condition(&self, variable: &str, operator: Operator) -> String {
        let sign = operator.sign();
        match self {
            Self::Number(number) => format!("{variable} {sign} {number}"),
            Self::Year(year) => format!("YEAR({variable}) {sign} {year}"),
            Self::Date(date) => {
                let length = date.len();
                let value = format!("SUBSTR(STR({variable}), 1, {length})");
                match operator {
                    // A year that is told is within the bound if the day may be.
                    Operator::AtLeast | Operator::AtMost => {
                        format!("{value} {sign} SUBSTR(\"{date}\", 1, STRLEN(STR({variable})))")
                    }
                    _ => {
                        format!("STRLEN(STR({variable})) >= {length} && {value} {sign} \"{date}\"")
                    }
                }
            }
            Self::Day(date) => {
                let length = date.len();
                format!(
                    "STRLEN(STR({variable})) >= {length} && SUBSTR(STR({variable}), 1, {length}) {sign} \"{date}\""
                )
            }
            Self::Literal { term, .. } => format!("{variable} {sign} {term}"),
        }
    }

    /// The number, or that of the year.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Year(year) => Some(f64::from(*year)),
            Self::Date(date) | Self::Day(date) => date.split('-').next()?.parse().ok(),
            Self::Literal { .. } => None,
        }
    }

    /// The comparison, as people say it.
    pub fn words(&self, operator: Operator) -> String {
        match self {
            Self::Number(number) => format!("{} {number}", operator.words()),
            Self::Year(year) => in_time("in", operator, &year.to_string()),
            Self::Date(date) | Self::Day(date) => {
                let day = date.len() > "2022-05".len();
                in_time(if day { "on" } else { "in" }, operator, date)
            }
            Self::Literal { text, .. } => text.clone(),
        }
    }
}

/// "In 1990", "on or after 2022-05-01".
fn in_time(at: &str, operator: Operator, time: &str) -> String {
    match operator {
        Operator::More => format!("after {time}"),
        Operator::AtLeast => format!("{at} or after {time}"),
        Operator::Less => format!("before {time}"),
        Operator::AtMost => format!("{at} or before {time}"),
        Operator::Equal => format!("{at} {time}"),
    }
}
