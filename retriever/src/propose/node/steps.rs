//! The facts around an entity, one by one.

use std::ops::Range;

use kg_store::rdf::{NamedNode, Term};

use super::{NAMED, chain, named_kind, nominal, turned};
use crate::RetrieverError;
use crate::graph::Way;
use crate::link::Candidate;
use crate::propose::Proposer;
use crate::propose::edges::EntityEdges;
use crate::rank::Match;
use crate::walk::neighbours;

/// Things at the end of an edge that are looked at.
const ENDS: usize = 3;
/// What a predicate is worth that names only what the noun asked for goes with.
const OTHER_HEAD: f64 = 0.3;
/// One that is not named must lead the entity's others by this much.
const LEAST_LEAD: f64 = 0.12;

/// An edge from an entity, with how well it fits.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) predicate: usize,
    pub(super) way: Way,
    pub(super) fit: Match,
    pub(super) facts: u64,
    /// A few of the things that it leads to.
    pub(super) ends: Vec<Term>,
    /// How far the noun for what is asked is one for what it leads to, by the names of those things.
    pub(super) reached: f64,
    /// What speaks against this way of the two.
    pub(super) against: f64,
}

/// The facts around an entity, and how well they fit what is left of the question.
pub(super) fn steps(
    p: &mut Proposer<'_>,
    edges: &EntityEdges,
    candidate: &Candidate,
    span: &Range<usize>,
) -> Result<Vec<Step>, RetrieverError> {
    let used = p.used(&[span]);
    let topic = Term::NamedNode(NamedNode::new_unchecked(&candidate.entity.iri));
    let outgoing = edges.outgoing.iter().map(|e| (e, Way::Forward));
    let incoming = edges.incoming.iter().map(|e| (e, Way::Inverse));
    let both = outgoing.chain(incoming);
    let mut steps = Vec::new();
    for (&(predicate, facts), way) in both {
        let told = p.matcher.told_way(predicate, &used, span);
        if told.is_some_and(|told| told != way) || (way == Way::Forward && p.only_names(predicate))
        {
            continue;
        }
        let mut fit = p
            .matcher
            .score(predicate, &used, std::slice::from_ref(span))?;
        let local = p.matcher.local(predicate, &used, &|_| 0, &|_, _| true)?;
        fit.improve(&local);
        p.spend_value_noun(&mut fit);
        if p.is_other_neighbour((predicate, way)) {
            continue;
        }
        if p.asks_for_objects((predicate, way), &fit)
            || p.is_other_head(&fit)
            || p.is_value_of_another(&fit)
            || (way == Way::Forward && p.is_a_value(predicate, &fit)?)
        {
            fit.score *= OTHER_HEAD;
            fit.lexical *= OTHER_HEAD;
            fit.explains.iter_mut().for_each(|e| *e *= OTHER_HEAD);
        }
        let known = &p.view.catalog().predicates()[predicate];
        let ends = if way == Way::Forward && known.objects.nodes == 0 {
            Vec::new()
        } else {
            neighbours(p.view, &topic, &known.iri, way, ENDS)?
        };
        steps.push(Step {
            predicate,
            way,
            facts,
            reached: named_kind(p, span, &ends)?,
            ends,
            fit,
            against: 0.0,
        });
    }
    if chain::asks_for_a_holder(p, span, &used) {
        let ways: Vec<(usize, Way)> = steps.iter().map(|s| (s.predicate, s.way)).collect();
        let most = chain::most_held(p, &ways);
        for step in &mut steps {
            // "Who is head of sales": whoever has that for a role.
            let held = chain::somebody(p, most, (step.predicate, step.way));
            step.fit.score = step.fit.score.max(held);
        }
    }
    turned::unlikely(p, span, &mut steps)?;
    nominal::says(p, span, &mut steps);
    let scores: Vec<(usize, f64)> = steps.iter().map(|s| (s.predicate, s.fit.score)).collect();
    for step in steps.iter_mut().filter(|step| step.fit.lexical < NAMED) {
        // Meaning alone must single a predicate out: where another one of the entity is nearly as close,
        // the question is about neither for certain.
        let others = scores
            .iter()
            .filter(|(predicate, _)| *predicate != step.predicate);
        let lead = step.fit.score - others.map(|(_, score)| *score).fold(0.0, f64::max);
        step.fit.score = (step.fit.score - (LEAST_LEAD - lead).max(0.0)).max(0.0);
    }
    Ok(steps)
}
