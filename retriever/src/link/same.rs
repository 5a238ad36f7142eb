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
/// What it is told to be the same as that is looked up, most of which are pages elsewhere; what it costs to go there.
const MOST_SAME: usize = 50;
const OTHER_IRI: f64 = 0.02;

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
        let mut all: Vec<Candidate> = Vec::new();
        let mut known: HashSet<String> = mention
            .candidates
            .iter()
            .map(|candidate| candidate.entity.iri.clone())
            .collect();
        for (place, candidate) in mention.candidates.drain(..).enumerate() {
            let own = Term::from(NamedNode::new_unchecked(&candidate.entity.iri));
            let mut twins = Vec::new();
            for way in [Way::Forward, Way::Inverse] {
                if place >= MOST_TWINNED {
                    continue;
                }
                for twin in neighbours(view, &own, SAME_AS, way, MOST_SAME)? {
                    let Term::NamedNode(twin) = twin else {
                        continue;
                    };
                    if twins.len() < MOST_TWINS
                        && !known.contains(twin.as_str())
                        && let Some(entity) = view.index().entity(twin.as_str())?
                    {
                        known.insert(twin.into_string());
                        twins.push(Candidate {
                            entity,
                            // It is no other thing of the name, that might as well be meant.
                            fit: candidate.fit - OTHER_IRI,
                            prior: candidate.prior,
                        });
                    }
                }
            }
            all.push(candidate);
            all.append(&mut twins);
        }
        mention.candidates = all;
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
