//! What kinds of things a predicate joins, told by what else is said of them.

use std::collections::{HashMap, HashSet};

use kg_store::Snapshot;
use kg_store::rdf::{NamedNode, NamedNodeRef, NamedOrBlankNode, Term, TermRef};

use super::{Named, Predicate};
use crate::graph::Way;
use crate::{Conventions, RetrieverError};

/// Facts of a predicate that are looked at; fewer where there are many predicates.
const SAMPLED: usize = 24;
const SAMPLED_IN_ALL: usize = 6_000;
/// Facts of one thing that are looked at.
const LOOKED_AT: usize = 60;
/// Predicates that lead on from nameless nodes, of those that are known by the one that leads there.
const MOST_BEHIND: usize = 16;
/// Values of nameless nodes that are known by their predicate.
const MOST_THROUGH: usize = 6;
/// Predicates that make a profile.
const IN_PROFILE: usize = 8;

/// Adds the profiles of all predicates.
pub(super) fn add(
    snapshot: &Snapshot,
    conventions: &Conventions,
    named: &Named,
    predicates: &mut [Predicate],
    number_of: &HashMap<String, usize>,
) -> Result<(), RetrieverError> {
    let sampled = (SAMPLED_IN_ALL / predicates.len().max(1)).clamp(4, SAMPLED);
    let is_nameless = |term: TermRef<'_>| named.is_nameless(snapshot, conventions, term);
    for number in 0..predicates.len() {
        let iri = NamedNode::new_unchecked(&predicates[number].iri);
        let (mut subjects, mut objects) = (Tally::default(), Tally::default());
        let mut nameless = Tally::default();
        let mut behind = [Vec::new(), Vec::new()];
        let quads = snapshot.quads(None, Some(iri.as_ref()), None, None);
        for quad in quads.take(sampled) {
            let quad = quad?;
            subjects.outgoing(snapshot, &quad.subject, number_of)?;
            if is_nameless(quad.subject.as_ref().into())? {
                look_behind(snapshot, &quad.subject, number_of, &mut behind[1])?;
            }
            let object = match &quad.object {
                Term::NamedNode(node) => {
                    objects.incoming(snapshot, node.as_ref(), number_of)?;
                    NamedOrBlankNode::NamedNode(node.clone())
                }
                Term::BlankNode(node) => NamedOrBlankNode::BlankNode(node.clone()),
                _ => continue,
            };
            if is_nameless(object.as_ref().into())? {
                nameless.outgoing(snapshot, &object, number_of)?;
                look_behind(snapshot, &object, number_of, &mut behind[0])?;
            } else {
                objects.outgoing(snapshot, &object, number_of)?;
            }
        }
        for ways in &mut behind {
            ways.retain(|(other, _)| *other != number);
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
        predicates[number].behind = behind;
    }
    Ok(())
}

/// Notes what leads on from a nameless node.
pub(super) fn look_behind(
    snapshot: &Snapshot,
    node: &NamedOrBlankNode,
    number_of: &HashMap<String, usize>,
    found: &mut Vec<(usize, Way)>,
) -> Result<(), RetrieverError> {
    let mut note = |predicate: &str, way| {
        if let Some(&number) = number_of.get(predicate)
            && found.len() < MOST_BEHIND
            && !found.contains(&(number, way))
        {
            found.push((number, way));
        }
    };
    let subject = Some(node.as_ref());
    for quad in snapshot.quads(subject, None, None, None).take(LOOKED_AT) {
        note(quad?.predicate.as_str(), Way::Forward);
    }
    let object: Term = node.clone().into();
    for quad in snapshot
        .quads(None, None, Some(object.as_ref()), None)
        .take(LOOKED_AT)
    {
        note(quad?.predicate.as_str(), Way::Inverse);
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
