//! Bounds on numbers and times: "more than a million", "between 1880 and 1910", "in the 1990s".

use std::ops::{Range, RangeInclusive};

use super::adjectives::ADJECTIVES;
use super::dates;
use super::degree::{self, Direction, comparative};
use super::numbers::{Number, number_at, scale};
use super::periods::{last_year, period};
use crate::text::Token;
use crate::thesaurus::Word;
use crate::units::Scale;

/// How a value must compare with a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Operator {
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `=`
    #[default]
    Equal,
}

impl Operator {
    /// As SPARQL writes it.
    pub fn sign(self) -> &'static str {
        match self {
            Self::More => ">",
            Self::AtLeast => ">=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Equal => "=",
        }
    }

    /// As people say it.
    pub fn words(self) -> &'static str {
        match self {
            Self::More => "more than",
            Self::AtLeast => "at least",
            Self::Less => "less than",
            Self::AtMost => "at most",
            Self::Equal => "exactly",
        }
    }
}

/// "more than one million".
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Threshold {
    /// The tokens that say so.
    pub span: Range<usize>,
    /// The comparison.
    pub operator: Operator,
    /// Words for the property that is bound, where an adjective implies one: "higher than".
    pub property: &'static [&'static str],
    /// The number.
    pub number: Number,
    /// The day or the month, as ISO 8601 writes it, where it is one.
    pub date: Option<String>,
    /// The one that ends a range of them, itself within it.
    pub until: Option<String>,
    /// The unit that follows the number, and the tokens that say it.
    pub unit: Option<(Range<usize>, Scale)>,
    /// The other end of a range, itself within it: "between 1880 and 1910".
    pub upto: Option<f64>,
    /// Whether the number is a year: "in 2024".
    pub year: bool,
    /// Whether it bounds when something was: "after 300" is no length.
    pub time: bool,
    /// Whether the number may as well be a part of a name.
    pub weak: bool,
    /// Whether it is the place in an order: "the 43rd president".
    pub ordinal: bool,
}

/// One end of what a bound leaves open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct End<'a> {
    /// The comparison.
    pub operator: Operator,
    /// The number.
    pub number: f64,
    /// The day or the month, where it is one.
    pub date: Option<&'a str>,
}

/// Numbers that may be those of years.
pub(super) const YEARS: RangeInclusive<u32> = 1000..=2199;

impl Threshold {
    /// Whether it is a range that may be one of years: "between 1869 and 1875".
    pub(crate) fn is_of_years(&self) -> bool {
        let year = |number: f64| number.fract() == 0.0 && YEARS.contains(&(number as u32));
        self.upto
            .is_some_and(|upto| year(self.number.value) && year(upto))
    }

    /// Reads the unit behind the number: "1000 square kilometres", "2 m".
    pub(super) fn read_unit(&mut self, text: &str, tokens: &[Token]) {
        const LONGEST: usize = 5;
        let from = self.span.end;
        if self.year || self.ordinal {
            return;
        }
        self.unit = (1..=LONGEST).rev().find_map(|count| {
            let last = tokens.get(from + count - 1)?;
            let written = &text[tokens[from].start..last.end];
            // "More than 100 in Germany" are no inches.
            let unit = Scale::of(written).filter(|_| written != "in")?;
            Some((from..from + count, unit))
        });
    }

    /// The bounds that it sets: one, or two for a range.
    pub fn bounds(&self) -> impl Iterator<Item = End<'_>> {
        let first = End {
            operator: self.operator,
            number: self.number.value,
            date: self.date.as_deref(),
        };
        let last = self.upto.map(|number| End {
            operator: Operator::AtMost,
            number,
            date: self.until.as_deref(),
        });
        std::iter::once(first).chain(last)
    }
}

/// The bounds that a question sets, in whatever form, one after the other: "released after 2000 and longer than 150 minutes".
pub(super) fn all(words: &[&str], joints: &[&str]) -> Vec<Threshold> {
    const MOST: usize = 3;
    let mut left = words.to_vec();
    let mut found: Vec<Threshold> = Vec::new();
    while found.len() < MOST {
        let next = dates::bound(&left, joints)
            .or_else(|| threshold(&left, joints))
            .or_else(|| open_ended(&left, joints))
            .or_else(|| range(&left, joints))
            .or_else(|| period(&left))
            .or_else(|| last_year(&left).filter(|_| found.is_empty()));
        let Some(next) = next else {
            break;
        };
        left[next.span.clone()].fill("");
        found.push(next);
    }
    found
}

/// Words before a number, and how they compare with it.
const PHRASES: &[(&[&str], Operator)] = &[
    (&["no", "more", "than"], Operator::AtMost),
    (&["no", "fewer", "than"], Operator::AtLeast),
    (&["no", "less", "than"], Operator::AtLeast),
    (&["more", "than"], Operator::More),
    (&["greater", "than"], Operator::More),
    (&["larger", "than"], Operator::More),
    (&["bigger", "than"], Operator::More),
    (&["higher", "than"], Operator::More),
    (&["longer", "than"], Operator::More),
    (&["less", "than"], Operator::Less),
    (&["fewer", "than"], Operator::Less),
    (&["smaller", "than"], Operator::Less),
    (&["lower", "than"], Operator::Less),
    (&["shorter", "than"], Operator::Less),
    (&["at", "least"], Operator::AtLeast),
    (&["at", "most"], Operator::AtMost),
    (&["up", "to"], Operator::AtMost),
    (&["over"], Operator::More),
    (&["above"], Operator::More),
    (&["exceeding"], Operator::More),
    (&["exceeds"], Operator::More),
    (&["exceed"], Operator::More),
    (&["after"], Operator::More),
    (&["since"], Operator::AtLeast),
    (&["under"], Operator::Less),
    (&["below"], Operator::Less),
    (&["before"], Operator::Less),
    (&["prior", "to"], Operator::Less),
    (&["equal", "to"], Operator::Equal),
    (&["exactly"], Operator::Equal),
    (&["precisely"], Operator::Equal),
    (&["only"], Operator::Equal),
    (&["just"], Operator::Equal),
];

/// "Five or more", "100 or fewer".
fn open_ended(words: &[&str], joints: &[&str]) -> Option<Threshold> {
    (0..words.len()).find_map(|at| {
        let number = number_at(words, joints, at)?;
        let operator = match words[number.span.end..] {
            [
                "or",
                "more" | "above" | "over" | "higher" | "later" | "greater",
                ..,
            ] => Operator::AtLeast,
            [
                "or",
                "less" | "fewer" | "below" | "under" | "lower" | "earlier",
                ..,
            ] => Operator::AtMost,
            _ => return None,
        };
        Some(Threshold {
            span: at..number.span.end + 2,
            operator,
            number,
            ..Threshold::default()
        })
    })
}

/// A number that something may have, or be a part of a name: "with atomic number 47", "that have 5 neighbours".
pub(super) fn equal(words: &[&str], joints: &[&str]) -> Option<Threshold> {
    (2..words.len()).find_map(|at| {
        let number = number_at(words, joints, at)?;
        // Years stand by themselves.
        let year = number.value.fract() == 0.0 && (1000.0..2100.0).contains(&number.value);
        // What begins with a zero is no number but a code.
        let digits = words[at].starts_with(|c: char| c.is_ascii_digit())
            && !(words[at].len() > 1 && words[at].starts_with('0'));
        // "XRK-7143" is a code.
        let joint = joints.get(at - 1).copied().unwrap_or(" ");
        let alone = joint.is_empty() || joint.contains(char::is_whitespace);
        (digits && alone && !year).then(|| Threshold {
            span: number.span.clone(),
            operator: Operator::Equal,
            number,
            weak: true,
            ..Threshold::default()
        })
    })
}

/// Whether words end in such as open a bound: "taken | after".
pub(super) fn opens(words: &[&str]) -> bool {
    PHRASES.iter().any(|(phrase, _)| words.ends_with(phrase))
}

/// "The 43rd president", "her second term".
pub(super) fn in_order(words: &[&str]) -> Option<Threshold> {
    (0..words.len().saturating_sub(1)).find_map(|at| {
        let value = degree::ordinal(words[at])? as f64;
        let next = words[at + 1];
        let noun = Word::of(next).is_noun() && !matches!(next, "century" | "of");
        noun.then(|| Threshold {
            span: at..at + 1,
            operator: Operator::Equal,
            number: Number {
                span: at..at + 1,
                value,
            },
            weak: true,
            ordinal: true,
            ..Threshold::default()
        })
    })
}

/// A comparison with a number.
fn threshold(words: &[&str], joints: &[&str]) -> Option<Threshold> {
    for at in 0..words.len() {
        let phrase = PHRASES
            .iter()
            .find(|(phrase, _)| words[at..].starts_with(phrase));
        if let Some((phrase, operator)) = phrase
            && let Some(number) = number_at(words, joints, at + phrase.len())
        {
            let time = matches!(phrase[0], "after" | "since" | "before" | "prior");
            return Some(Threshold {
                span: at..number.span.end,
                operator: *operator,
                property: property(phrase[0]),
                number,
                time,
                ..Threshold::default()
            });
        }
        // "Taller than 30": the adjective names what is measured, so that it is not spent.
        if words.get(at + 1) == Some(&"than")
            && let Some(number) = number_at(words, joints, at + 2)
            && let Some(comparative) = comparative(&words[at..at + 1])
        {
            return Some(Threshold {
                span: at + 1..number.span.end,
                operator: match comparative.direction {
                    Direction::Most => Operator::More,
                    Direction::Least => Operator::Less,
                },
                property: property(words[at]),
                number,
                ..Threshold::default()
            });
        }
    }
    None
}

/// Words for what a comparative measures: "higher". Who is older than 40 has no older day of birth.
fn property(adjective: &str) -> &'static [&'static str] {
    let known = ADJECTIVES.iter().find(|known| known.0 == adjective);
    let property = known.map_or(&[][..], |known| known.3);
    let timeless = !property
        .iter()
        .any(|word| matches!(*word, "birth" | "date" | "age"));
    if timeless { property } else { &[] }
}

/// "Between 1 and 2 million", "from 1880 to 1910".
fn range(words: &[&str], joints: &[&str]) -> Option<Threshold> {
    for (at, opening) in words.iter().enumerate() {
        let joint = match *opening {
            "between" => "and",
            "from" => "to",
            _ => continue,
        };
        let Some(mut first) = number_at(words, joints, at + 1) else {
            continue;
        };
        if words.get(first.span.end) != Some(&joint) {
            continue;
        }
        let Some(second) = number_at(words, joints, first.span.end + 1) else {
            continue;
        };
        // "Between 1 and 2 million": the scale belongs to both.
        let scaled = second.span.len() > 1 && first.span.len() == 1;
        if let Some(scale) = scale(words[second.span.end - 1]).filter(|_| scaled) {
            first.value *= scale;
        }
        let (least, most) = (first.value.min(second.value), first.value.max(second.value));
        return Some(Threshold {
            span: at..second.span.end,
            operator: Operator::AtLeast,
            number: Number {
                value: least,
                ..first
            },
            upto: Some(most),
            ..Threshold::default()
        });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::Question;

    fn bounds(text: &str) -> Vec<(Operator, f64)> {
        let found = Question::read(text).threshold;
        found.map_or(Vec::new(), |found| {
            let ends = found.bounds();
            ends.map(|end| (end.operator, end.number)).collect()
        })
    }

    #[test]
    fn adjectives_say_what_is_bound() {
        let property = |text: &str| Question::read(text).threshold.map(|t| t.property);
        let higher = property("mountains higher than 2000").unwrap_or_default();
        assert!(higher.contains(&"elevation"));
        let taller = property("towers taller than 200").unwrap_or_default();
        assert!(taller.contains(&"height"));
        assert_eq!(property("people older than 40"), Some(&[][..]));
        assert_eq!(property("cities with more than 1000 people"), Some(&[][..]));
    }

    #[test]
    fn ranges_have_two_ends() {
        let within = |a, b| vec![(Operator::AtLeast, a), (Operator::AtMost, b)];
        assert_eq!(
            bounds("cities with between 1 and 2 million inhabitants"),
            within(1e6, 2e6)
        );
        assert_eq!(
            bounds("ships built between 1880 and 1910"),
            within(1880.0, 1910.0)
        );
        assert_eq!(bounds("ships built in the 1890s"), within(1890.0, 1899.0));
        assert_eq!(
            bounds("ships built in the 19th century"),
            within(1801.0, 1900.0)
        );
        assert_eq!(
            bounds("towns with 500 or more people"),
            vec![(Operator::AtLeast, 500.0)]
        );
        assert_eq!(bounds("a road between Lima and Cusco"), vec![]);
        assert_eq!(
            bounds("countries with only one neighbour"),
            vec![(Operator::Equal, 1.0)]
        );
    }
    #[test]
    fn numbers_alone_may_be_names() {
        let weak = |text: &str| {
            let found = Question::read(text).threshold;
            found.map(|found| (found.number.value, found.weak))
        };
        assert_eq!(
            weak("the element with atomic number 47"),
            Some((47.0, true))
        );
        assert_eq!(weak("ships with more than 47 guns"), Some((47.0, false)));
        assert_eq!(weak("the crew of Apollo"), None);
    }
}
