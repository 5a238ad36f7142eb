//! Texts that many things have as a value of one predicate.

use std::collections::HashMap;

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

    /// Whether half of the facts are by texts that begin as others do, up to a comma: addresses of one place may differ in their
    /// further parts.
    fn begin_alike(&self, facts: u64) -> bool {
        let mut by_beginning: HashMap<&str, (u64, u64)> = HashMap::new();
        for (literal, count) in &self.known {
            if let Some((beginning, _)) = literal.value().split_once(',') {
                let (texts, told) = by_beginning.entry(beginning).or_default();
                *texts += 1;
                *told += count;
            }
        }
        let shared = by_beginning.values().filter(|(texts, _)| *texts >= SHARED);
        shared.map(|(_, told)| told).sum::<u64>() * 2 >= facts
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
