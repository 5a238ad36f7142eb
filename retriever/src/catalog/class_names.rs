//! Numbers of classes, and which lie below which.

use std::collections::{BTreeSet, HashMap};

/// The classes that were met, numbered.
#[derive(Default)]
pub(super) struct ClassNames {
    /// Their IRIs, by their numbers.
    pub(super) iris: Vec<String>,
    /// Their numbers, by their IRIs.
    pub(super) number_of: HashMap<String, usize>,
}

impl ClassNames {
    /// The number of a class, which is given one if it has none.
    pub(super) fn number(&mut self, iri: &str) -> usize {
        if let Some(&number) = self.number_of.get(iri) {
            return number;
        }
        self.iris.push(iri.to_owned());
        self.number_of.insert(iri.to_owned(), self.iris.len() - 1);
        self.iris.len() - 1
    }

    /// The number of a class that has one.
    pub(super) fn known(&self, iri: &str) -> Option<usize> {
        self.number_of.get(iri).copied()
    }
}

/// The class and all below it; a cycle ends where it began.
pub(super) fn closure(class: usize, below: &HashMap<usize, BTreeSet<usize>>) -> Vec<usize> {
    let mut found = BTreeSet::from([class]);
    let mut open = vec![class];
    while let Some(next) = open.pop() {
        for &low in below.get(&next).into_iter().flatten() {
            if found.insert(low) {
                open.push(low);
            }
        }
    }
    found.into_iter().collect()
}
