//! How a knowledge base tells that things are the same: pages that redirect, and `owl:sameAs`.

use kg_store::Snapshot;
use kg_store::rdf::{NamedNodeRef, Term};

use super::build::is_structural;
use super::{Phrase, Predicate};
use crate::RetrieverError;

/// The predicate that tells that two IRIs stand for one thing.
pub const SAME_AS: &str = "http://www.w3.org/2002/07/owl#sameAs";

/// The predicates that lead from what is only another name of a thing to that thing.
pub(super) fn redirects(
    snapshot: &Snapshot,
    predicates: &[Predicate],
) -> Result<Vec<String>, RetrieverError> {
    let mut found = Vec::new();
    for predicate in predicates.iter().filter(|p| leads_on(p)) {
        if are_bare(snapshot, &predicate.iri)? {
            found.push(predicate.iri.clone());
        }
    }
    Ok(found)
}

/// Whether a predicate leads from what is only another name of a thing to that thing, as its own name says.
fn leads_on(predicate: &Predicate) -> bool {
    let names = predicate.names_by_side().0.iter();
    let leads = |name: &Phrase| {
        let mut words = name.tokens.iter();
        let from = name.tokens.iter().any(|word| word.text == "from");
        !from && words.any(|word| word.stem == "redirect")
    };
    predicate.objects.nodes * 2 > predicate.facts && names.into_iter().any(leads)
}

/// Whether nearly nothing but this predicate is told of the things that have it, as of a page that is only another name.
fn are_bare(snapshot: &Snapshot, predicate: &str) -> Result<bool, RetrieverError> {
    const SAMPLED: usize = 20;
    const MOST_SAID: usize = 3;
    let node = NamedNodeRef::new_unchecked(predicate);
    let (mut seen, mut bare) = (0, 0);
    for fact in snapshot.quads(None, Some(node), None, None).take(SAMPLED) {
        let fact = fact?;
        let mut said = 0;
        for other in snapshot
            .quads(Some(fact.subject.as_ref()), None, None, None)
            .take(2 * MOST_SAID)
        {
            said += usize::from(!is_structural(other?.predicate.as_str()));
        }
        seen += 1;
        bare += usize::from(said <= MOST_SAID);
    }
    Ok(bare * 5 >= seen * 4)
}

/// Whether some things are told to be the same as others that have names here, rather than as pages elsewhere.
pub(super) fn has_twins(snapshot: &Snapshot) -> Result<bool, RetrieverError> {
    const SAMPLED: usize = 50;
    let same = NamedNodeRef::new_unchecked(SAME_AS);
    for fact in snapshot.quads(None, Some(same), None, None).take(SAMPLED) {
        if let Term::NamedNode(other) = fact?.object
            && snapshot.is_named(other.as_ref())?
        {
            return Ok(true);
        }
    }
    Ok(false)
}
