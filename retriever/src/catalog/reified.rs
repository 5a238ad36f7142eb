//! Statements of facts that are told plainly as well: nodes that name the subject, the predicate and the object of a fact,
//! and say more of it. RDF has `rdf:subject`, `rdf:predicate` and `rdf:object` for it; some knowledge bases have predicates of
//! their own.

use std::collections::HashMap;

use kg_store::Snapshot;
use kg_store::rdf::{NamedNode, NamedNodeRef, NamedOrBlankNode, Term, vocab};

use crate::RetrieverError;

/// Facts that are looked at of a predicate, and facts of one statement.
const SAMPLED: usize = 20;
const MOST_SAID: usize = 12;
/// So many facts, and this share of those looked at, tell that a predicate names predicates.
const LEAST_FACTS: usize = 3;
const SHARE: f64 = 0.8;

/// The predicates by which statements name the parts of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reified {
    /// Its subject.
    pub subject: String,
    /// Its predicate.
    pub predicate: String,
    /// Its object.
    pub object: String,
}

impl Reified {
    /// Whether a predicate names one of the two ends of a fact.
    pub fn is_end(&self, predicate: &str) -> bool {
        predicate == self.subject || predicate == self.object
    }
}

/// Looks for them among the predicates of a knowledge base.
pub(super) fn find<'a>(
    snapshot: &Snapshot,
    predicates: impl Iterator<Item = &'a String> + Clone,
) -> Result<Option<Reified>, RetrieverError> {
    let known: std::collections::HashSet<&str> = predicates.clone().map(String::as_str).collect();
    let standard = vocab::rdf::PREDICATE.as_str();
    let mut candidates: Vec<&str> = predicates.map(String::as_str).collect();
    candidates.sort_unstable();
    for predicate in std::iter::once(standard).chain(candidates) {
        let mut votes: HashMap<(String, String), usize> = HashMap::new();
        let (mut seen, mut naming) = (0, 0);
        let node = NamedNodeRef::new_unchecked(predicate);
        for fact in snapshot.quads(None, Some(node), None, None).take(SAMPLED) {
            let fact = fact?;
            seen += 1;
            let Term::NamedNode(named) = &fact.object else {
                continue;
            };
            if !known.contains(named.as_str()) {
                continue;
            }
            naming += 1;
            if let Some(ends) = ends(snapshot, &fact.subject, node, named)? {
                *votes.entry(ends).or_default() += 1;
            }
        }
        let enough = |count: usize| count >= LEAST_FACTS && count as f64 >= SHARE * seen as f64;
        let most = votes
            .into_iter()
            .max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0)));
        if let Some(((subject, object), count)) = most
            && enough(naming)
            && enough(count)
        {
            return Ok(Some(Reified {
                subject,
                predicate: predicate.to_owned(),
                object,
            }));
        }
    }
    Ok(None)
}

/// The predicates by which a statement names the two ends of a fact of some predicate.
fn ends(
    snapshot: &Snapshot,
    statement: &NamedOrBlankNode,
    naming: NamedNodeRef<'_>,
    predicate: &NamedNode,
) -> Result<Option<(String, String)>, RetrieverError> {
    let mut said = Vec::new();
    for fact in snapshot
        .quads(Some(statement.as_ref()), None, None, None)
        .take(MOST_SAID)
    {
        let fact = fact?;
        if fact.predicate.as_ref() != naming {
            said.push((fact.predicate, fact.object));
        }
    }
    for (of_subject, subject) in &said {
        let subject = match subject {
            Term::NamedNode(node) => NamedOrBlankNode::from(node.clone()),
            Term::BlankNode(node) => NamedOrBlankNode::from(node.clone()),
            _ => continue,
        };
        for (of_object, object) in &said {
            let mut told = snapshot.quads(
                Some(subject.as_ref()),
                Some(predicate.as_ref()),
                Some(object.as_ref()),
                None,
            );
            if told.next().transpose()?.is_some() {
                let (subject, object) = (of_subject.as_str(), of_object.as_str());
                return Ok(Some((subject.to_owned(), object.to_owned())));
            }
        }
    }
    Ok(None)
}
