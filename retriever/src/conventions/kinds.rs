//! Kinds of things that are the concepts of a thesaurus, where the classes are only those of a general ontology.

use std::collections::BTreeSet;

use kg_store::Snapshot;
use kg_store::rdf::{NamedNodeRef, NamedOrBlankNode, Term, TermRef};

use super::MOST;
use crate::RetrieverError;
use crate::catalog::Phrase;

/// What leads from the concepts of a thesaurus to wider ones; and how many facts are read for whether a predicate leads to such.
pub(super) const BROADER: &str = "http://www.w3.org/2004/02/skos/core#broader";
const MOST_TYPES: usize = 200;
/// Concepts that are looked at for what leads to them, and facts of each.
const MOST_CONCEPTS: usize = 100;
const MOST_FACTS: usize = 20;

/// Predicates that are called a type or a category, and lead to the concepts of a thesaurus.
pub(super) fn telling(snapshot: &Snapshot) -> Result<BTreeSet<String>, RetrieverError> {
    let broader = NamedNodeRef::new_unchecked(BROADER);
    let mut leading: BTreeSet<String> = BTreeSet::new();
    for fact in snapshot
        .quads(None, Some(broader), None, None)
        .take(MOST_CONCEPTS)
    {
        let NamedOrBlankNode::NamedNode(concept) = fact?.subject else {
            continue;
        };
        let concept = Some(TermRef::NamedNode(concept.as_ref()));
        for fact in snapshot.quads(None, None, concept, None).take(MOST_FACTS) {
            leading.insert(fact?.predicate.into_string());
        }
    }
    let mut found = BTreeSet::new();
    for predicate in leading {
        let label = snapshot.label(NamedNodeRef::new_unchecked(&predicate), &["en"])?;
        let name = Phrase::new(&label);
        let head = name.head_word().map(|word| word.text.as_str());
        if matches!(head, Some("type" | "kind" | "category"))
            && found.len() < MOST
            && leads_to_concepts(snapshot, &predicate)?
        {
            found.insert(predicate);
        }
    }
    Ok(found)
}

/// Whether what a predicate leads to are the concepts of a thesaurus, with wider ones: the kinds of things of which the
/// classes are only those of a general ontology.
fn leads_to_concepts(snapshot: &Snapshot, predicate: &str) -> Result<bool, RetrieverError> {
    let predicate = NamedNodeRef::new_unchecked(predicate);
    let broader = NamedNodeRef::new_unchecked(BROADER);
    let mut kinds = BTreeSet::new();
    for quad in snapshot
        .quads(None, Some(predicate), None, None)
        .take(MOST_TYPES)
    {
        let Term::NamedNode(kind) = quad?.object else {
            return Ok(false);
        };
        kinds.insert(kind);
    }
    let mut wider = 0;
    for kind in &kinds {
        let mut facts = snapshot.quads(Some(kind.as_ref().into()), Some(broader), None, None);
        wider += usize::from(facts.next().transpose()?.is_some());
    }
    Ok(wider * 2 > kinds.len())
}
