//! What a value is compared with.

use crate::question::Operator;

/// What a value is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// A number.
    Number(f64),
    /// A year, which the year of a date is compared with.
    Year(i32),
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
            Self::Literal { term, .. } => format!("{variable} {sign} {term}"),
        }
    }

    /// The number, or that of the year.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Year(year) => Some(f64::from(*year)),
            Self::Literal { .. } => None,
        }
    }

    /// The comparison, as people say it.
    pub fn words(&self, operator: Operator) -> String {
        match self {
            Self::Number(number) => format!("{} {number}", operator.words()),
            Self::Year(year) => {
                let word = match operator {
                    Operator::More => "after",
                    Operator::AtLeast => "in or after",
                    Operator::Less => "before",
                    Operator::AtMost => "in or before",
                    Operator::Equal => "in",
                };
                format!("{word} {year}")
            }
            Self::Literal { text, .. } => text.clone(),
        }
    }
}
