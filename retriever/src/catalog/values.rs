//! Texts that many things have as a value of one predicate.

use std::collections::{HashMap, HashSet};

use kg_store::rdf::{Literal, vocab};

use super::{Phrase, Value};

/// Values of one predicate that are known; where there are more, none of them is.
const MOST: usize = 200;
/// A longer text is no word for a thing that has it.
const LONGEST: usize = 100;
/// Things that share a value, on average, at the least.
const SHARED: u64 = 2;

/// The distinct texts of a predicate, as long as they are few.
#[derive(Default)]
pub(super) struct Texts {
    known: HashMap<Literal, u64>,
    /// Whether there are too many, or some are too long.
    varied: bool,
}

impl Texts {
    pub(super) fn note(&mut self, literal: &Literal) {
        let english = literal
            .language()
            .is_none_or(|tag| tag == "en" || tag.starts_with("en-"));
        if self.varied || !english {
            return;
        }
        if let Some(count) = self.known.get_mut(literal) {
            *count += 1;
            return;
        }
        self.varied = self.known.len() == MOST || literal.value().len() > LONGEST;
        if self.varied {
            self.known = HashMap::new();
        } else {
            self.known.insert(literal.clone(), 1);
        }
    }

    /// Whether most texts have parts behind a comma, and begin as others do: addresses of one place may differ in their further parts.
    /// Family names before a comma are seldom shared so.
    fn begin_alike(&self, facts: u64) -> bool {
        let texts = self.known.keys().map(Literal::value);
        let begun: Vec<&str> = texts
            .filter_map(|text| Some(text.split_once(',')?.0))
            .collect();
        let different: HashSet<&str> = begun.iter().copied().collect();
        let without = (self.known.len() - begun.len()) as u64;
        begun.len() * 2 >= self.known.len() && facts * 2 >= 3 * (different.len() as u64 + without)
    }

    /// The texts, where many things share them.
    pub(super) fn shared(self) -> Vec<Value> {
        let facts: u64 = self.known.values().sum();
        let truth = |literal: &Literal| literal.datatype() == vocab::xsd::BOOLEAN;
        if facts < SHARED * self.known.len() as u64
            && !self.known.keys().all(truth)
            && !self.begin_alike(facts)
        {
            return Vec::new();
        }
        let mut literals: Vec<Literal> = self.known.into_keys().collect();
        literals.sort_by_key(ToString::to_string);
        let value = |literal: Literal| Value {
            phrase: Phrase::new(literal.value()),
            term: literal.to_string(),
        };
        literals.into_iter().map(value).collect()
    }
}
