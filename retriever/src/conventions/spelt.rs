//! Texts, and literals of datatypes that may be anything, that are numbers or days.

use kg_store::rdf::{Literal, vocab};

use crate::units;

/// What the texts of a predicate are that are numbers or days by their letters alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelt {
    /// Numbers, of which a unit may follow: "1.70 m".
    Numbers,
    /// Numbers of a datatype of their own, "5.8E7", such as an amount of money.
    Typed,
    /// Days: "1987-06-24".
    Days,
    /// Numbers as such, and texts among them that are none.
    Mixed,
}

/// The longest text that is read as a number, in bytes.
const LONGEST: usize = 32;
/// The vocabularies of which the datatypes are known.
const STANDARD: [&str; 2] = [
    "http://www.w3.org/2001/XMLSchema#",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
];

impl Spelt {
    /// What a literal is, if it is one of these, with its unit: a text, or one of a datatype that may be anything.
    pub(crate) fn of_literal(literal: &Literal) -> Option<(Self, String)> {
        let (text, datatype) = (literal.value(), literal.datatype());
        if datatype == vocab::xsd::STRING {
            return Self::of(text).map(|(spelt, unit)| (spelt, unit.to_owned()));
        }
        let standard = STANDARD
            .iter()
            .any(|known| datatype.as_str().starts_with(known));
        let number = text.len() <= LONGEST && text.parse::<f64>().is_ok_and(f64::is_finite);
        // What begins with a nought is a code, of whatever datatype.
        let digits = text.trim_start_matches('-');
        let code = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
        if standard || !number || code {
            return None;
        }
        // The datatype is the unit, where it is called like one: "squareKilometre". What it is not is still apart from others.
        let name = kg_store::local_name(datatype.as_str());
        let unit = [name.to_lowercase(), name]
            .into_iter()
            .find(|name| units::is_unit(name));
        Some((
            Self::Typed,
            unit.unwrap_or_else(|| datatype.as_str().to_owned()),
        ))
    }

    /// What a text is, if it is one of these, with its unit.
    pub(crate) fn of(text: &str) -> Option<(Self, &str)> {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let parts: Vec<&str> = text.split('-').collect();
        if let [year, month, day] = parts.as_slice()
            && (year.len(), month.len(), day.len()) == (4, 2, 2)
            && [year, month, day].into_iter().all(|part| digits(part))
        {
            return Some((Self::Days, ""));
        }
        let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
        let number = number.strip_prefix('-').unwrap_or(number);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        // What begins with a nought is a code.
        let code = whole.len() > 1 && whole.starts_with('0');
        let short = unit.chars().count() <= 6 && !unit.contains(|c: char| c.is_ascii_digit());
        (digits(whole) && digits(fraction) && number.len() <= 15 && !code && short)
            .then_some((Self::Numbers, unit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datatypes_of_their_own_are_units() {
        let of = |text: &str, datatype: &str| {
            let datatype = kg_store::rdf::NamedNode::new_unchecked(datatype);
            Spelt::of_literal(&Literal::new_typed_literal(text, datatype))
        };
        let kept = |unit: &str| Some((Spelt::Typed, unit.to_owned()));
        assert_eq!(of("5.8E7", "http://x/usDollar"), kept("us dollar"));
        assert_eq!(of("7", "http://x/crownOfOld"), kept("http://x/crownOfOld"));
        assert_eq!(of("00501", "http://x/zip"), None);
        assert_eq!(of("seven", "http://x/usDollar"), None);
        assert_eq!(of("7", "http://www.w3.org/2001/XMLSchema#anyURI"), None);
    }

    #[test]
    fn texts_are_told_apart_by_their_letters() {
        assert_eq!(Spelt::of("74738"), Some((Spelt::Numbers, "")));
        assert_eq!(Spelt::of("-1.5"), Some((Spelt::Numbers, "")));
        assert_eq!(Spelt::of("1.70 m"), Some((Spelt::Numbers, "m")));
        assert_eq!(Spelt::of("1987-06-24"), Some((Spelt::Days, "")));
        for text in [
            "",
            "007",
            "4-3",
            "12 Main Street 4",
            "B7",
            "+49 521 4052",
            "1.",
        ] {
            assert_eq!(Spelt::of(text), None, "{text}");
        }
    }
}
