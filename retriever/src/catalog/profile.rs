//! What kinds of things a predicate joins, told by what else is said of them.

use std::collections::{HashMap, HashSet};

use kg_store::Snapshot;
use kg_store::rdf::{NamedNode, NamedNodeRef, NamedOrBlankNode, Term, TermRef};

use super::Predicate;
use crate::RetrieverError;

/// Facts of a predicate that are looked at; fewer where there are many predicates.
const SAMPLED: usize = 24;
const SAMPLED_IN_ALL: usize = 6_000;
/// Facts of one thing that are looked at.
const LOOKED_AT: usize = 60;
/// Values of nameless nodes that are known by their predicate.
const MOST_THROUGH: usize = 6;
const LABEL: &str = "http://www.w3.org/2000/01/rdf-schema#label";
/// Labels that make a knowledge base one whose things have labels.
const LABELS: usize = 20;
/// Predicates that make a profile.
const IN_PROFILE: usize = 8;

/// Adds the profiles of all predicates.
pub(super) fn add(
    snapshot: &Snapshot,
    predicates: &mut [Predicate],
    number_of: &HashMap<String, usize>,
) -> Result<(), RetrieverError> {
    // Where nothing has a label, a node without one is nothing special.
    let label = NamedNodeRef::new_unchecked(LABEL);
    let labels = snapshot.quads(None, Some(label), None, None);
    let labelled = labels.take(LABELS).count() == LABELS;
    let sampled = (SAMPLED_IN_ALL / predicates.len().max(1)).clamp(4, SAMPLED);
    for number in 0..predicates.len() {
        let iri = NamedNode::new_unchecked(&predicates[number].iri);
        let (mut subjects, mut objects) = (Tally::default(), Tally::default());
        let mut nameless = Tally::default();
        let quads = snapshot.quads(None, Some(iri.as_ref()), None, None);
        for quad in quads.take(sampled) {
            let quad = quad?;
            subjects.outgoing(snapshot, &quad.subject, number_of)?;
            match &quad.object {
                Term::NamedNode(node) => {
                    let thing = NamedOrBlankNode::NamedNode(node.clone());
                    let names = snapshot.names(node.as_ref())?;
                    let told = names.iter().any(|n| n.kind != kg_store::NameKind::Derived);
                    let place = if told || !labelled {
                        &mut objects
                    } else {
                        &mut nameless
                    };
                    place.outgoing(snapshot, &thing, number_of)?;
                    objects.incoming(snapshot, node.as_ref(), number_of)?;
                }
                Term::BlankNode(node) => {
                    let thing = NamedOrBlankNode::BlankNode(node.clone());
                    nameless.outgoing(snapshot, &thing, number_of)?;
                }
                _ => {}
            }
        }
        let through = nameless
            .seen
            .keys()
            .copied()
            .filter(|n| predicates[*n].is_numeric() || predicates[*n].is_temporal());
        let mut through: Vec<usize> = through.collect();
        through.sort_unstable();
        through.truncate(MOST_THROUGH);
        objects.seen.extend(nameless.seen);
        objects.note(number, 1);
        // That they have this very predicate tells nothing of what they are otherwise.
        subjects.seen.remove(&number);
        let profiles = [subjects.text(predicates), objects.text(predicates)];
        predicates[number].profiles = profiles;
        predicates[number].through = through;
    }
    Ok(())
}

/// How many of the things looked at have each predicate.
#[derive(Default)]
struct Tally {
    seen: HashMap<usize, u32>,
}

impl Tally {
    fn note(&mut self, number: usize, count: u32) {
        *self.seen.entry(number).or_default() += count;
    }

    /// Notes the predicates of which the thing is the subject.
    fn outgoing(
        &mut self,
        snapshot: &Snapshot,
        thing: &NamedOrBlankNode,
        number_of: &HashMap<String, usize>,
    ) -> Result<(), RetrieverError> {
        let mut own = HashSet::new();
        for quad in snapshot
            .quads(Some(thing.as_ref()), None, None, None)
            .take(LOOKED_AT)
        {
            own.extend(number_of.get(quad?.predicate.as_str()));
        }
        own.iter().for_each(|number| self.note(*number, 1));
        Ok(())
    }

    fn incoming(
        &mut self,
        snapshot: &Snapshot,
        node: NamedNodeRef<'_>,
        number_of: &HashMap<String, usize>,
    ) -> Result<(), RetrieverError> {
        let mut own = HashSet::new();
        for quad in snapshot
            .quads(None, None, Some(TermRef::NamedNode(node)), None)
            .take(LOOKED_AT)
        {
            own.extend(number_of.get(quad?.predicate.as_str()));
        }
        own.iter().for_each(|number| self.note(*number, 1));
        Ok(())
    }

    fn text(&self, predicates: &[Predicate]) -> String {
        let mut order: Vec<(&usize, &u32)> = self.seen.iter().collect();
        order.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        let labels: Vec<&str> = order
            .into_iter()
            .take(IN_PROFILE)
            .map(|(number, _)| predicates[*number].label.as_str())
            .collect();
        labels.join(", ")
    }
}
