//! Which things have a name of their own.
//!
//! Statements and values with units have none, as a rule. Where some things are labelled, a node without a label is one of
//! these. So is one whose label says no more than of what class it is: "Evaluation", "Contribution 1".

use std::collections::{HashMap, HashSet};

use kg_store::rdf::{NamedNodeRef, TermRef};
use kg_store::{Snapshot, StoreError};

use super::Phrase;
use crate::text;
use crate::{Conventions, RetrieverError};

/// Things of a class at the least whose labels tell anything.
const LEAST: usize = 20;
/// Labels of one class that are compared.
const COMPARED: usize = 5_000;
/// Of so many different labels among those of a class at the most, none is a name.
const DISTINCT: f64 = 0.25;

/// Labels of the things of each class.
#[derive(Default)]
pub(super) struct Labels {
    of: HashMap<u32, (usize, HashSet<String>)>,
    /// Things that were counted, where the same one may come again.
    seen: HashSet<u64>,
}

impl Labels {
    /// Whether a thing was not counted yet.
    pub(super) fn is_new(&mut self, thing: u64) -> bool {
        self.seen.insert(thing)
    }

    /// Counts the label of a thing of some classes.
    pub(super) fn count(&mut self, label: &str, classes: &[u32]) {
        for class in classes {
            let (count, distinct) = self.of.entry(*class).or_default();
            if *count < COMPARED {
                *count += 1;
                // Those that tell things apart need not be held.
                if distinct.len() as f64 <= DISTINCT * COMPARED as f64 && !distinct.contains(label)
                {
                    distinct.insert(label.to_owned());
                }
            }
        }
    }

    /// The classes of things with labels, each with how many there are.
    pub(super) fn classes(&self) -> impl Iterator<Item = (u32, usize)> {
        self.of.iter().map(|(class, (count, _))| (*class, *count))
    }

    /// The classes whose things the labels tell apart hardly at all, and only by what is said beside the word for the class.
    pub(super) fn common(
        &self,
        called: impl Fn(u32) -> Result<String, StoreError>,
    ) -> Result<Vec<u32>, RetrieverError> {
        let mut found = Vec::new();
        for (class, (count, distinct)) in &self.of {
            if *count < LEAST || distinct.len() as f64 > DISTINCT * *count as f64 {
                continue;
            }
            let name = Phrase::new(&called(*class)?);
            let says = |label: &String| {
                let words = text::tokens(label);
                name.head_word()
                    .is_some_and(|head| words.iter().any(|word| word.stem == head.stem))
            };
            if distinct.iter().all(says) {
                found.push(*class);
            }
        }
        Ok(found)
    }
}

/// Tells which things have a name of their own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Named {
    /// Whether things have labels, so that one without a label has no name.
    pub(crate) labelled: bool,
    /// IRIs of the classes whose things are told apart by no label.
    pub(super) common: HashSet<String>,
    /// IRIs of the classes whose things are called after others, see [`super::composed`].
    pub(super) composed: HashSet<String>,
}

impl Named {
    /// Whether a term stands for something that has no name of its own. Where things have none, an IRI without one is nothing
    /// special; and one of which nothing is said is no statement, but a value: a page, an identifier.
    pub(crate) fn is_nameless(
        &self,
        snapshot: &Snapshot,
        conventions: &Conventions,
        term: TermRef<'_>,
    ) -> Result<bool, RetrieverError> {
        match term {
            TermRef::NamedNode(node) if self.labelled => {
                if snapshot.is_named(node)? {
                    if self.common.is_empty() && self.composed.is_empty() {
                        return Ok(false);
                    }
                    let classes = conventions.classes_told(snapshot, node.into())?;
                    // Of no class but such as have no names; or of one whose things are called after others.
                    let common = classes.iter().all(|class| self.common.contains(class));
                    return Ok((common && !classes.is_empty()) || self.are_composed(&classes));
                }
                let said = snapshot.quads(Some(node.into()), None, None, None).next();
                Ok(said.transpose()?.is_some())
            }
            TermRef::BlankNode(_) => Ok(true),
            _ => Ok(false),
        }
    }

    /// Whether a thing is of a class whose things are called after others.
    pub(crate) fn is_composed(
        &self,
        snapshot: &Snapshot,
        conventions: &Conventions,
        node: NamedNodeRef<'_>,
    ) -> Result<bool, RetrieverError> {
        if self.composed.is_empty() {
            return Ok(false);
        }
        Ok(self.are_composed(&conventions.classes_told(snapshot, node.into())?))
    }

    fn are_composed(&self, classes: &[String]) -> bool {
        classes.iter().any(|class| self.composed.contains(class))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_only_say_the_class_are_no_names() {
        let mut labels = Labels::default();
        for number in 0..40 {
            labels.count(&format!("Result {number}"), &[1]);
            labels.count(&format!("Contribution {}", number % 3), &[2]);
            // Several performances of one play.
            labels.count(["Hamlet", "Macbeth"][number % 2], &[3]);
        }
        labels.count("Evaluation", &[4]);
        let called = |class: u32| {
            let names = ["", "Result", "Contribution", "Performance", "Evaluation"];
            Ok(names[class as usize].to_owned())
        };
        assert_eq!(labels.common(called).unwrap(), [2]);
    }
}
