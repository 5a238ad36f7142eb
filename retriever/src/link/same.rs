//! Things that are told to be the same as others: pages that redirect to the one on a thing, and what several sources tell
//! of one thing under an IRI of each.

use std::collections::HashSet;

use kg_store::rdf::{NamedNode, NamedNodeRef, Term};

use super::{Candidate, FIT_ALIAS, Mention, put_in_order};
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
        put_in_order(&mut mention.candidates);
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
        let named = mention.candidates.iter();
        let mut known: HashSet<String> = named.map(|c| c.entity.iri.clone()).collect();
        let mut all: Vec<Candidate> = Vec::new();
        for (place, candidate) in mention.candidates.drain(..).enumerate() {
            let twins = match place < MOST_TWINNED {
                true => twins(view, &candidate.entity.iri, &mut known)?,
                false => Vec::new(),
            };
            let (fit, prior) = (candidate.fit, candidate.prior);
            all.push(candidate);
            // It is no other thing of the name, that might as well be meant.
            all.extend(twins.into_iter().map(|entity| Candidate {
                entity,
                fit: fit - OTHER_IRI,
                prior,
            }));
        }
        mention.candidates = all;
    }
    Ok(())
}

/// What a thing is told to be the same as and is described here, but for those that are known.
fn twins(
    view: &ReadView,
    iri: &str,
    known: &mut HashSet<String>,
) -> Result<Vec<EntityRecord>, RetrieverError> {
    let own = Term::from(NamedNode::new_unchecked(iri));
    let mut same = neighbours(view, &own, SAME_AS, Way::Forward, MOST_SAME)?;
    same.extend(neighbours(view, &own, SAME_AS, Way::Inverse, MOST_SAME)?);
    let mut found = Vec::new();
    for twin in same {
        let Term::NamedNode(twin) = twin else {
            continue;
        };
        if found.len() == MOST_TWINS || known.contains(twin.as_str()) {
            continue;
        }
        if let Some(entity) = view.index().entity(twin.as_str())? {
            known.insert(twin.into_string());
            found.push(entity);
        }
    }
    Ok(found)
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
