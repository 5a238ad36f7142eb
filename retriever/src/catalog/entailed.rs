//! Facts that an ontology entails: those of a sub-property, of an inverse property, of an equivalent one, and those of a symmetric
//! property the other way round (RDF Schema 1.1, section 5; OWL 2 RL, table 5).
//!
//! Nothing is materialised. A query asks for any of the predicates of which the facts are meant, and cites the fact that is
//! told.

use std::collections::{BTreeMap, HashMap};

use kg_store::Snapshot;
use kg_store::rdf::{NamedNode, NamedNodeRef, NamedOrBlankNode, Term, TermRef, vocab};

use super::phrasings::INVERSE_OF;
use crate::RetrieverError;
use crate::conventions::{Entailing, SUB_PROPERTY};
use crate::graph::Way;

const EQUIVALENT: &str = "http://www.w3.org/2002/07/owl#equivalentProperty";
const SYMMETRIC: &str = "http://www.w3.org/2002/07/owl#SymmetricProperty";
/// Axioms of one kind that are read.
const MOST_AXIOMS: usize = 20_000;
/// Predicates that one may be told by beside itself.
const MOST: usize = 8;
/// Facts of such a predicate that are looked at for whether they are told by the other one as well.
const COMPARED: usize = 50;

/// What entails the facts of each predicate, where anything does that is not told by it as well. Predicates without facts
/// are left out.
pub(super) fn find(
    snapshot: &Snapshot,
    is_used: &dyn Fn(&str) -> bool,
) -> Result<HashMap<String, Vec<Entailing>>, RetrieverError> {
    let axioms = Axioms::read(snapshot)?;
    let mut found = HashMap::new();
    for predicate in axioms.of.keys().filter(|iri| is_used(iri)) {
        let mut ways = Vec::new();
        for one in axioms.entailing(predicate) {
            let own = one.predicate == *predicate && one.way == Way::Forward;
            if own || !is_used(&one.predicate) || ways.len() == MOST {
                continue;
            }
            if !is_told(snapshot, &one, predicate)? {
                ways.push(one);
            }
        }
        if !ways.is_empty() {
            found.insert(predicate.clone(), ways);
        }
    }
    Ok(found)
}

/// What entails the facts of a predicate by one axiom.
#[derive(Default)]
struct Axioms {
    of: BTreeMap<String, Vec<Entailing>>,
}

impl Axioms {
    fn read(snapshot: &Snapshot) -> Result<Self, RetrieverError> {
        let mut found = Self::default();
        for (one, other) in pairs(snapshot, SUB_PROPERTY)? {
            found.note(&other, one, Way::Forward);
        }
        for (axiom, way) in [(INVERSE_OF, Way::Inverse), (EQUIVALENT, Way::Forward)] {
            for (one, other) in pairs(snapshot, axiom)? {
                found.note(&other, one.clone(), way);
                found.note(&one, other, way);
            }
        }
        let class = Some(TermRef::NamedNode(NamedNodeRef::new_unchecked(SYMMETRIC)));
        let symmetric = snapshot.quads(None, Some(vocab::rdf::TYPE), class, None);
        for quad in symmetric.take(MOST_AXIOMS) {
            if let NamedOrBlankNode::NamedNode(node) = quad?.subject {
                found.note(node.as_str(), node.clone().into_string(), Way::Inverse);
            }
        }
        Ok(found)
    }

    fn note(&mut self, predicate: &str, by: String, way: Way) {
        let known = self.of.entry(predicate.to_owned()).or_default();
        let one = Entailing { predicate: by, way };
        if !known.contains(&one) {
            known.push(one);
        }
    }

    /// All that entails the facts of a predicate, by however many axioms.
    fn entailing(&self, predicate: &str) -> Vec<Entailing> {
        let mut found = vec![Entailing {
            predicate: predicate.to_owned(),
            way: Way::Forward,
        }];
        let mut at = 0;
        while at < found.len() && found.len() < MOST_AXIOMS {
            let here = found[at].clone();
            at += 1;
            for next in self.of.get(&here.predicate).into_iter().flatten() {
                let way = match next.way {
                    Way::Forward => here.way,
                    Way::Inverse => here.way.turned(),
                };
                let next = Entailing {
                    predicate: next.predicate.clone(),
                    way,
                };
                if !found.contains(&next) {
                    found.push(next);
                }
            }
        }
        found
    }
}

/// The subjects and objects of the facts of a predicate between IRIs.
fn pairs(snapshot: &Snapshot, predicate: &str) -> Result<Vec<(String, String)>, RetrieverError> {
    let predicate = NamedNodeRef::new_unchecked(predicate);
    let mut found = Vec::new();
    for quad in snapshot
        .quads(None, Some(predicate), None, None)
        .take(MOST_AXIOMS)
    {
        let quad = quad?;
        if let (NamedOrBlankNode::NamedNode(one), Term::NamedNode(other)) =
            (quad.subject, quad.object)
        {
            found.push((one.into_string(), other.into_string()));
        }
    }
    Ok(found)
}

/// Whether what one predicate entails is told by the other one as well, as far as some of its facts tell.
pub(super) fn is_told(
    snapshot: &Snapshot,
    one: &Entailing,
    predicate: &str,
) -> Result<bool, RetrieverError> {
    let by = NamedNode::new_unchecked(&one.predicate);
    let other = Some(NamedNodeRef::new_unchecked(predicate));
    let facts = snapshot.quads(None, Some(by.as_ref()), None, None);
    for quad in facts.take(COMPARED) {
        let quad = quad?;
        let (subject, object) = match (one.way, quad.object) {
            (Way::Forward, object) => (quad.subject, object),
            (Way::Inverse, Term::NamedNode(node)) => (node.into(), Term::from(quad.subject)),
            // Nothing is told of a text.
            (Way::Inverse, _) => continue,
        };
        let mut told = snapshot.quads(Some(subject.as_ref()), other, Some(object.as_ref()), None);
        if told.next().transpose()?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axioms_lead_on_from_one_another() {
        let mut axioms = Axioms::default();
        axioms.note("worksFor", "headOf".into(), Way::Forward);
        axioms.note("headOf", "headedBy".into(), Way::Inverse);
        axioms.note("knows", "knows".into(), Way::Inverse);
        let told = |predicate: &str| -> Vec<(String, Way)> {
            let all = axioms.entailing(predicate).into_iter().skip(1);
            all.map(|one| (one.predicate, one.way)).collect()
        };
        assert_eq!(
            told("worksFor"),
            [
                ("headOf".to_owned(), Way::Forward),
                ("headedBy".to_owned(), Way::Inverse)
            ]
        );
        assert_eq!(told("knows"), [("knows".to_owned(), Way::Inverse)]);
        assert_eq!(told("headedBy"), []);
    }
}
