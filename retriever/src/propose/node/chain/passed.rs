//! Facts that a path does not take, or not as others: ends of statements, units, roles.

use super::{Chain, SPENT};
use crate::catalog::Phrase;
use crate::graph::Way;
use crate::propose::Proposer;
use crate::rank::Match;

/// Whether a statement has several things by the same predicate, as a marriage has two partners: what leads back from it
/// leads to the other one.
pub(super) fn joins_equals(p: &Proposer<'_>, number: usize, way: Way) -> bool {
    const EACH: std::ops::RangeInclusive<f64> = 1.8..=2.2;
    let predicate = &p.view.catalog().predicates()[number];
    let each = predicate.facts as f64 / predicate.subjects.max(1) as f64;
    way == Way::Forward && EACH.contains(&each)
}

/// Whether a predicate leads to statements of facts that are told plainly as well. What these say is asked of them by the
/// predicate of the fact, see `stated`.
pub(super) fn is_end_of_statement(p: &Proposer<'_>, number: usize) -> bool {
    let catalog = p.view.catalog();
    let by = catalog.reified();
    by.is_some_and(|by| by.is_end(&catalog.predicates()[number].iri))
}

/// Whether a predicate tells the unit of the value that a node holds, for which nobody asks who asks for the value.
pub(super) fn is_unit(p: &Proposer<'_>, chain: &Chain, number: usize) -> bool {
    let catalog = p.view.catalog();
    let unit = |text: &str| matches!(text, "unit" | "units" | "currency");
    let holds = chain
        .hops
        .last()
        .is_some_and(|&(before, ..)| !catalog.predicates()[before].through.is_empty());
    // A text beside another one is no battalion, say.
    let text = catalog.predicates()[number].objects.nodes == 0;
    let names = &catalog.predicates()[number].names;
    let called = |name: &Phrase| name.head_word().is_some_and(|head| unit(&head.text));
    (holds || text) && names.iter().any(called) && !p.question.tokens.iter().any(|t| unit(&t.text))
}

/// Whether a predicate tells the role of a node, for which nobody asks in other words.
pub(super) fn is_role(p: &Proposer<'_>, number: usize) -> bool {
    let predicate = &p.view.catalog().predicates()[number];
    let asked = |name: &Phrase| {
        let head = name.head_word().map(|head| head.stem.as_str());
        p.question
            .tokens
            .iter()
            .any(|token| Some(token.stem.as_str()) == head)
    };
    p.view.catalog().tells_roles(&predicate.iri) && !predicate.names.iter().any(asked)
}

/// Whether a fact leads back by the predicate of the one before, or by one that tells the same.
pub(super) fn leads_back(p: &Proposer<'_>, last: (usize, Way), next: (usize, Way)) -> bool {
    if last.0 == next.0 {
        return last.1.turned() == next.1;
    }
    let predicates = p.view.catalog().predicates();
    let conventions = p.view.catalog().conventions();
    let tells = |one: (usize, Way), other: (usize, Way)| {
        let mut told = conventions.entailing(&predicates[one.0].iri).iter();
        told.any(|by| {
            by.predicate == predicates[other.0].iri
                && (by.way == Way::Inverse) == (one.1 == other.1)
        })
    };
    tells(last, next) || tells(next, last)
}

/// Whether a predicate takes one of several verbs that are said of the same thing, of which the path has another one already.
pub(super) fn says_another_verb(p: &Proposer<'_>, chain: &Chain, fit: &Match) -> bool {
    let verbs = &p.question.coordinated;
    let said = |explains: &[f64]| verbs.iter().find(|at| explains[**at] >= SPENT).copied();
    match (said(&chain.explains), said(&fit.explains)) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    }
}
