//! Things that are no more than another name of something: pages that redirect to the one on it.

use std::collections::HashSet;

use kg_store::rdf::{NamedNodeRef, Term};

use super::{Candidate, FIT_ALIAS, Mention, better, prior};
use crate::index::EntityRecord;
use crate::{ReadView, RetrieverError};

/// Puts what is redirected to in the place of what redirects. One that leads nowhere is left as it is.
pub(crate) fn follow(view: &ReadView, mentions: &mut [Mention]) -> Result<(), RetrieverError> {
    if view.catalog().redirects().is_empty() {
        return Ok(());
    }
    for mention in mentions {
        let mut changed = false;
        for candidate in &mut mention.candidates {
            if let Some(entity) = target(view, &candidate.entity.iri)? {
                candidate.entity = entity;
                candidate.fit = candidate.fit.min(FIT_ALIAS);
                changed = true;
            }
        }
        if !changed {
            continue;
        }
        let entities = mention.candidates.iter().map(|c| c.entity.prominence());
        let most = entities.max().unwrap_or_default();
        for Candidate { entity, prior: own, .. } in &mut mention.candidates {
            *own = prior(entity, most);
        }
        mention.candidates.sort_by(better);
        let mut seen = HashSet::new();
        mention
            .candidates
            .retain(|candidate| seen.insert(candidate.entity.iri.clone()));
    }
    Ok(())
}

/// What a thing redirects to.
fn target(view: &ReadView, iri: &str) -> Result<Option<EntityRecord>, RetrieverError> {
    let from = NamedNodeRef::new_unchecked(iri);
    for predicate in view.catalog().redirects() {
        let predicate = NamedNodeRef::new_unchecked(predicate);
        let mut facts = view
            .snapshot()
            .quads(Some(from.into()), Some(predicate), None, None);
        if let Some(fact) = facts.next()
            && let Term::NamedNode(to) = fact?.object
        {
            return view.index().entity(to.as_str());
        }
    }
    Ok(None)
}
