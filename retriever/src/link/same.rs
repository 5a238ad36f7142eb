//! Things that are told to be the same as others: pages that redirect to the one on a thing, and what several sources tell
//! of one thing under an IRI of each.

use std::collections::HashSet;

use kg_store::rdf::{NamedNode, NamedNodeRef, Term};

use super::{Candidate, FIT_ALIAS, Mention, better, prior};
use crate::catalog::SAME_AS;
use crate::graph::Way;
use crate::index::EntityRecord;
use crate::walk::neighbours;
use crate::{ReadView, RetrieverError};

/// Candidates of which the same is looked for, and things that are one at the most.
const MOST_TWINNED: usize = 4;
const MOST_TWINS: usize = 4;

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
        for Candidate {
            entity, prior: own, ..
        } in &mut mention.candidates
        {
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

/// Adds what a candidate is the same as, which other facts are told of.
pub(crate) fn add_the_same(
    view: &ReadView,
    mentions: &mut [Mention],
) -> Result<(), RetrieverError> {
    if !view.catalog().has_twins() {
        return Ok(());
    }
    for mention in mentions {
        let mut twins: Vec<Candidate> = Vec::new();
        for candidate in mention.candidates.iter().take(MOST_TWINNED) {
            let own = NamedNode::new_unchecked(&candidate.entity.iri);
            for way in [Way::Forward, Way::Inverse] {
                for twin in neighbours(view, &own.clone().into(), SAME_AS, way, MOST_TWINS)? {
                    let Term::NamedNode(twin) = twin else {
                        continue;
                    };
                    let mut known = mention.candidates.iter().chain(&twins);
                    if known.any(|c| c.entity.iri == twin.as_str()) {
                        continue;
                    }
                    if let Some(entity) = view.index().entity(twin.as_str())? {
                        twins.push(Candidate {
                            entity,
                            ..candidate.clone()
                        });
                    }
                }
            }
        }
        mention.candidates.extend(twins);
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
