//! What a value is compared with.

use kg_store::rdf::Literal;

use super::Node;
use crate::question::{Letters, Operator, Place};

/// A time that something else sets.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// What describes the time.
    pub of: Node,
    /// Whether that is told as the number of a year.
    pub told_as_number: bool,
    /// Whether what is compared with it is.
    pub compared_as_number: bool,
    /// How many years later the one that is meant is.
    pub shift: i32,
    /// The year that is meant.
    pub year: i32,
    /// The day, where days are compared.
    pub day: Option<String>,
}

impl Moment {
    /// The condition on a variable, where another one stands for the time, as SPARQL writes it.
    pub(super) fn condition(&self, variable: &str, time: &str, operator: Operator) -> String {
        let sign = operator.sign();
        if self.day.is_some() {
            let value = format!("SUBSTR(STR({variable}), 1, 10)");
            let told = match operator {
                // A year that is told is within the bound if the day may be.
                Operator::AtLeast | Operator::AtMost => {
                    format!("SUBSTR(STR({time}), 1, STRLEN({value}))")
                }
                _ => format!("SUBSTR(STR({time}), 1, 10)"),
            };
            return format!("{value} {sign} {told}");
        }
        let year = |variable: &str, number: bool| match number {
            true => variable.to_owned(),
            false => format!("YEAR({variable})"),
        };
        let shift = match self.shift {
            0 => String::new(),
            shift => format!(" {} {}", if shift < 0 { "-" } else { "+" }, shift.abs()),
        };
        let own = year(variable, self.compared_as_number);
        format!("{own} {sign} {}{shift}", year(time, self.told_as_number))
    }

    /// The same as a time that is known.
    fn known(&self) -> Bound {
        match &self.day {
            Some(day) => Bound::Date(day.clone()),
            None => Bound::Year(self.year),
        }
    }
}

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
    /// A time that something else sets.
    Moment(Box<Moment>),
    /// Letters that a text has.
    Letters(Letters),
    /// A literal: the term as SPARQL writes it, and as people do.
    Literal {
        /// As SPARQL writes it.
        term: String,
        /// As people write it.
        text: String,
    },
    /// Texts that are this up to their first comma: "Stanford University" of "Stanford University, CA, USA".
    Beginning(String),
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
            Self::Beginning(text) => {
                let text = Literal::new_simple_literal(format!("{text},"));
                format!("STRSTARTS(CONCAT(STR({variable}), \",\"), {text})")
            }
            Self::Letters(letters) => {
                let function = match letters.place {
                    Place::Start => "STRSTARTS",
                    Place::End => "STRENDS",
                    Place::Within => "CONTAINS",
                };
                // The letters are alphanumeric, see `question::letters`. Names in other languages are seldom those that are shown.
                format!(
                    "{function}(LCASE(STR({variable})), \"{}\") && (LANG({variable}) = \"\" || LANGMATCHES(LANG({variable}), \"en\"))",
                    letters.text
                )
            }
            // What describes it is written by whoever writes the query.
            Self::Moment(moment) => moment.known().condition(variable, operator),
        }
    }

    /// The number, or that of the year.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Year(year) => Some(f64::from(*year)),
            Self::Date(date) | Self::Day(date) => date.split('-').next()?.parse().ok(),
            Self::Moment(moment) => Some(f64::from(moment.year)),
            Self::Literal { .. } | Self::Beginning(_) | Self::Letters(_) => None,
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
            Self::Moment(moment) => moment.known().words(operator),
            Self::Literal { text, .. } | Self::Beginning(text) => text.clone(),
            Self::Letters(letters) => {
                let verb = match letters.place {
                    Place::Start => "begins with",
                    Place::End => "ends with",
                    Place::Within => "contains",
                };
                format!("{verb} \"{}\"", letters.text)
            }
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
