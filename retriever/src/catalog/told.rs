//! How many things are told a name and a class, and by what.

use kg_store::rdf::NamedOrBlankNode;

/// Classes that are told by a predicate of the knowledge base's own are told of this share of what has a name.
const CLASSIFIED: f64 = 0.5;
/// So many things have no class of the standard's at the least where another predicate is taken to tell classes.
const LEFT: f64 = 0.05;
/// So many things with a name, and this share of what has facts, make a knowledge base one whose things have names.
const LEAST_NAMED: u64 = 5;
const SHARE_NAMED: f64 = 0.02;

/// A subject as a key: IRIs and blank nodes never share one.
pub(super) fn subject_key(subject: &NamedOrBlankNode) -> String {
    match subject {
        NamedOrBlankNode::NamedNode(node) => node.as_str().to_owned(),
        NamedOrBlankNode::BlankNode(node) => format!("_:{}", node.as_str()),
    }
}

/// A subject, as far as its facts have been read.
#[derive(Clone, Copy, Default)]
pub(super) struct Thing {
    pub(super) named: bool,
    pub(super) has_facts: bool,
    /// Whether its class is told by `rdf:type`, and by whatever predicate.
    pub(super) standard: bool,
    pub(super) classified: bool,
    pub(super) blank: bool,
}

/// How many things there are that have facts, that have a name as well, and of these, of which `rdf:type` tells no class,
/// and another predicate does.
#[derive(Default)]
pub(super) struct Told {
    pub(super) things: u64,
    named: u64,
    left: u64,
    classified: u64,
    /// The same of all things that have an IRI and facts, for where none has a name by standard means.
    unnamed_left: u64,
    unnamed_classified: u64,
}

impl Told {
    pub(super) fn count(&mut self, thing: &Thing) {
        let named = thing.has_facts && thing.named;
        self.things += u64::from(thing.has_facts);
        self.named += u64::from(named);
        self.left += u64::from(named && !thing.standard);
        self.classified += u64::from(named && !thing.standard && thing.classified);
        let left = thing.has_facts && !thing.standard && !thing.blank;
        self.unnamed_left += u64::from(left);
        self.unnamed_classified += u64::from(left && thing.classified);
    }

    /// The share of what has a name and no class of the standard's that is told one otherwise.
    fn share(&self) -> f64 {
        let (classified, left) = match self.is_labelled() {
            true => (self.classified, self.left),
            false => (self.unnamed_classified, self.unnamed_left),
        };
        classified as f64 / left.max(1) as f64
    }

    /// Whether a predicate of the knowledge base's own tells the classes of most things that no other does.
    pub(super) fn are_classified(&self) -> bool {
        let (left, all) = match self.is_labelled() {
            true => (self.left, self.named),
            false => (self.unnamed_left, self.things),
        };
        self.share() >= CLASSIFIED && left as f64 >= LEFT * all as f64
    }

    /// Whether things have names, so that one without a name is a statement or the like.
    pub(super) fn is_labelled(&self) -> bool {
        self.named >= LEAST_NAMED && self.named as f64 >= SHARE_NAMED * self.things as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_do_not_count_as_things_of_no_class() {
        let mut told = Told::default();
        let item = Thing {
            named: true,
            has_facts: true,
            standard: false,
            classified: true,
            blank: false,
        };
        let statement = Thing {
            has_facts: true,
            ..Thing::default()
        };
        for _ in 0..LEAST_NAMED {
            told.count(&item);
            told.count(&statement);
            told.count(&statement);
        }
        assert!(told.is_labelled());
        assert_eq!(told.share(), 1.0);
        for _ in 0..LEAST_NAMED {
            told.count(&Thing {
                classified: false,
                ..item
            });
            // What has a class of the standard's needs no other.
            told.count(&Thing {
                standard: true,
                classified: false,
                ..item
            });
        }
        assert_eq!(told.share(), 0.5);
    }
}
