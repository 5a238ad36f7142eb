//! What is counted of a predicate.

use std::collections::HashMap;

use kg_store::rdf::{Literal, LiteralKind, literal_kind};

use super::Objects;
use super::values::Texts;
use crate::Spelt;

/// So many texts, and this share of them, are numbers or days where a predicate tells these.
const LEAST_SPELT: u64 = 3;
const SPELT: f64 = 0.95;
/// So few things that many are told to have are no more than values, where each is had by so many.
const FEW: usize = 6;
const LEAST_OF_EACH: u64 = 20;

/// How a predicate is used.
#[derive(Default)]
pub(super) struct Usage {
    pub(super) facts: u64,
    pub(super) subjects: u64,
    pub(super) last_subject: Option<u64>,
    pub(super) objects: Objects,
    /// Texts that many things may share.
    pub(super) texts: Texts,
    /// Texts that are numbers, of the unit that was met first, and those that are days; how many of the numbers may be years.
    spelt: [u64; 2],
    pub(super) unit: Option<String>,
    /// Whether some of the numbers have a datatype of their own.
    typed: bool,
    /// The least and the greatest of its numbers.
    pub(super) extent: Option<[f64; 2]>,
    years: u64,
    /// The nodes among its objects, by hash, as long as they are few.
    few: Vec<u64>,
    pub(super) domain: HashMap<usize, u64>,
    pub(super) range: HashMap<usize, u64>,
}

impl Usage {
    /// Counts a literal among the objects.
    pub(super) fn note(&mut self, literal: &Literal) {
        let year = u64::from(is_year(literal.value()));
        match literal_kind(literal.as_ref()) {
            LiteralKind::Number => {
                self.extend_to(literal.value());
                self.objects.numbers += 1;
                self.objects.years += year;
            }
            LiteralKind::Time => self.objects.times += 1,
            LiteralKind::Other => {
                self.objects.texts += 1;
                self.texts.note(literal);
                match Spelt::of_literal(literal) {
                    Some((spelt @ (Spelt::Numbers | Spelt::Typed), unit)) => {
                        self.extend_to(literal.value().trim_end_matches(unit.as_str()));
                        // What has another unit is no number to compare with.
                        let same = *self.unit.get_or_insert_with(|| unit.clone()) == unit;
                        self.spelt[0] += u64::from(same);
                        self.typed |= spelt == Spelt::Typed;
                        self.years += year;
                    }
                    Some((Spelt::Days, _)) => self.spelt[1] += 1,
                    Some((Spelt::Mixed, _)) | None => {}
                }
            }
        }
    }

    /// Counts a node among the objects.
    pub(super) fn note_node(&mut self, hash: u64) {
        self.objects.nodes += 1;
        if self.few.len() <= FEW && !self.few.contains(&hash) {
            self.few.push(hash);
        }
    }

    /// Whether a few nodes are the objects of all of its facts: units, sexes.
    pub(super) fn is_of_few(&self) -> bool {
        self.objects.nodes == self.facts
            && self.facts >= LEAST_OF_EACH * self.few.len() as u64
            && (1..=FEW).contains(&self.few.len())
    }

    fn extend_to(&mut self, number: &str) {
        let Ok(number) = number.trim().parse::<f64>() else {
            return;
        };
        let [least, most] = self.extent.unwrap_or([number; 2]);
        self.extent = Some([least.min(number), most.max(number)]);
    }

    /// What its values are where nearly all of them are texts that are numbers or days; they count as such then.
    pub(super) fn reads_as(&mut self, code: bool) -> Option<Spelt> {
        let all = self.objects.texts;
        let [numbers, days] = self.spelt;
        let number = if self.typed {
            Spelt::Typed
        } else {
            Spelt::Numbers
        };
        let facts = self.facts.max(all) as f64;
        let nearly = |count: u64| count >= LEAST_SPELT && count as f64 >= SPELT * facts;
        if nearly(numbers) && !code {
            self.objects.numbers += all;
            self.objects.years += self.years;
            self.objects.texts = 0;
            return Some(number);
        }
        if nearly(days) {
            self.objects.times += all;
            self.objects.texts = 0;
            return Some(Spelt::Days);
        }
        let either = self.objects.numbers + numbers;
        if numbers > 0 && !code && either >= LEAST_SPELT && either as f64 >= SPELT * facts {
            // Some are typed, and others are not.
            self.objects.numbers += all;
            self.objects.years += self.years;
            self.objects.texts = 0;
            return Some(number);
        }
        let numeric = self.objects.numbers * 2 > self.facts;
        (numeric && all > 0).then_some(Spelt::Mixed)
    }
}

fn is_year(text: &str) -> bool {
    text.parse::<u32>()
        .is_ok_and(|year| (1000..2200).contains(&year))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(texts: &[&str]) -> Usage {
        let mut used = Usage::default();
        for text in texts {
            used.note(&Literal::new_simple_literal(*text));
        }
        used
    }

    #[test]
    fn texts_count_as_what_nearly_all_are() {
        let mut seats = used(&["240", "90", "1100"]);
        assert_eq!(seats.reads_as(false), Some(Spelt::Numbers));
        assert_eq!((seats.objects.numbers, seats.objects.texts), (3, 0));
        let mut days = used(&["1987-06-24", "1990-01-02", "1990-01-03"]);
        assert_eq!(days.reads_as(false), Some(Spelt::Days));
        assert_eq!(used(&["240", "90", "many"]).reads_as(false), None);
        assert_eq!(used(&["240", "90", "1100"]).reads_as(true), None);
        assert_eq!(used(&["240", "90"]).reads_as(false), None);
        assert_eq!(used(&["1.70 m", "170 cm", "1.82 m"]).reads_as(false), None);
        let mut mixed = used(&["n/a"]);
        (mixed.facts, mixed.objects.numbers) = (10, 9);
        assert_eq!(mixed.reads_as(false), Some(Spelt::Mixed));
        let mut some = used(&["2018", "2019"]);
        (some.facts, some.objects.numbers) = (10, 8);
        assert_eq!(some.reads_as(false), Some(Spelt::Numbers));
        assert_eq!(seats.extent, Some([90.0, 1100.0]));
        assert_eq!(used(&["1.70 m", "1.82 m"]).extent, Some([1.7, 1.82]));
        let mut few = used(&["1987-06-24", "1990-01-02", "1990-01-03"]);
        few.facts = 1_000;
        assert_eq!(few.reads_as(false), None);
    }

    #[test]
    fn datatypes_that_may_be_anything_are_units() {
        let mut typed = Usage::default();
        let money = kg_store::rdf::NamedNode::new_unchecked("http://x/datatype/usDollar");
        for text in ["5.8E7", "200000", "1.5E6"] {
            typed.note(&Literal::new_typed_literal(text, money.clone()));
        }
        assert_eq!(typed.reads_as(false), Some(Spelt::Typed));
        assert_eq!(typed.unit.as_deref(), Some("us dollar"));
        assert_eq!(typed.extent, Some([200_000.0, 58_000_000.0]));
        // With other money, it is not compared.
        let yen = kg_store::rdf::NamedNode::new_unchecked("http://x/datatype/yen");
        typed.note(&Literal::new_typed_literal("3", yen));
        assert_eq!(typed.spelt[0], 3);
    }
}
