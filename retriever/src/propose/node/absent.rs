//! Facts that the question asks for and the knowledge base lacks.

use std::collections::HashSet;
use std::ops::Range;

use super::{Step, accounted, edge, every, kinds, turned};
use crate::RetrieverError;
use crate::conventions::Entailing;
use crate::graph::{Node, QueryGraph, Way};
use crate::link::Candidate;
use crate::propose::Proposer;
use crate::rank::{Features, Reading};

/// A predicate that an entity lacks must fit the question this well to stand for a missing fact.
const LEAST_ABSENT: f64 = 0.7;
/// By how much, where it is not named.
const CLEARLY: f64 = 0.12;
/// What speaks against a missing fact that things of its class never have.
const FOR_OTHERS: f64 = -1.0;
/// What is left of how well such a fact fits.
const NEVER: f64 = 0.8;
/// Things that are looked at to see who has a predicate.
const SAMPLED: usize = 24;
/// Where things of another class have a fact this many times as often, those of a class do not have it by their nature.
const FAR_MORE: f64 = 10.0;
/// A class with fewer things tells nothing of how often a fact is told.
const FEW: u64 = 10;
/// They share this much of an entity's description when they are of its kind.
const LEAST_SHARED: f64 = 0.3;

/// A candidate, with the predicates of its facts and how well the one that fits best does.
pub(super) struct Lacking<'a> {
    pub(super) candidate: &'a Candidate,
    /// The predicates, and which way each is read.
    pub(super) has: Vec<(usize, Way)>,
    pub(super) best: f64,
}

/// Facts that the question asks for and that no entity of the mention has.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    span: &Range<usize>,
    lacking: &[Lacking<'_>],
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let Some(Lacking {
        candidate: best, ..
    }) = lacking.first()
    else {
        return Ok(());
    };
    let known = lacking.iter().map(|one| one.best).fold(0.0, f64::max);
    let catalog = p.view.catalog().clone();
    let used = p.used(&[span]);
    for number in 0..catalog.predicates().len() {
        if lacking
            .iter()
            .any(|one| one.has.iter().any(|(has, _)| *has == number))
            || p.only_names(number)
        {
            continue;
        }
        let fit = p.matcher.score(number, &used, std::slice::from_ref(span))?;
        // By its meaning alone, it must fit better than all that there is.
        let named = fit.lexical >= LEAST_ABSENT || fit.score >= known + CLEARLY;
        if fit.score < LEAST_ABSENT || !named {
            continue;
        }
        let mut others = catalog
            .conventions()
            .entailing(&catalog.predicates()[number].iri)
            .iter();
        let told = |other: &Entailing| {
            let fact = catalog
                .predicate(&other.predicate)
                .map(|by| (by, other.way));
            fact.is_some_and(|fact| lacking.iter().any(|one| one.has.contains(&fact)))
        };
        if others.any(told) {
            // It is told by another predicate.
            continue;
        }
        if asks_of_others(p, number, &fit.explains, span, lacking) {
            continue;
        }
        let Some(subjects) = subjects(p, number, best)? else {
            continue;
        };
        // "The capital of Atlantis" is missed, whatever Atlantis is.
        let asked_of = subjects == Subjects::Others && p.matcher.is_asked_of(&fit, span);
        let applies = subjects == Subjects::Like || asked_of;
        let predicate = &catalog.predicates()[number];
        // A candidate that ought to have the fact stands for the mention before one that never could.
        let candidate = lacking
            .iter()
            .map(|one| one.candidate)
            .find(|candidate| {
                predicate
                    .declared_domain
                    .iter()
                    .any(|class| p.is_of_class(candidate, *class))
            })
            .unwrap_or(best);
        let own = p.class_words(|class| {
            p.is_of_class(candidate, class.class)
                || catalog
                    .share(&predicate.range, predicate.facts, class.class)
                    .is_some_and(|s| s > 0.0)
        });
        let value = predicate.is_numeric() || predicate.is_temporal();
        if p.question.wants_someone && value {
            // "Who started it" does not miss the day.
            continue;
        }
        let step = Step {
            predicate: number,
            way: Way::Forward,
            fit,
            facts: 0,
            reached: 0.0,
            against: 0.0,
            ends: Vec::new(),
        };
        let kinds = kinds(p, span, &step)?;
        let kind = kinds.iter().map(|kind| kind.score).fold(-1.0, f64::max);
        let features = Features {
            link: candidate.fit,
            prior: candidate.prior,
            predicate: if applies { 1.0 } else { NEVER } * step.fit.score,
            coverage: p.coverage(&used, &[&step.fit.explains, &own]),
            // What is not of the kind asked for is not what is missed; that it would be speaks for nothing.
            kind: kind.min(if applies { 0.0 } else { FOR_OTHERS }),
            missed: 0.0,
        };
        let graph = QueryGraph::Select {
            node: Node {
                links: vec![edge(p, candidate, &step)],
                ..Node::default()
            },
            target: every(p),
        };
        readings.push(Reading {
            graph,
            entities: vec![candidate.entity.iri.clone()],
            features,
            explains: accounted(&used, &[&step.fit.explains], &own),
            absent: true,
        });
    }
    Ok(())
}

/// Whether a verb asks for the other end of facts that have things of other classes at this end than all that a mention may mean:
/// nobody is missed who "works in" a town, where one works in a department.
fn asks_of_others(
    p: &Proposer<'_>,
    number: usize,
    explains: &[f64],
    span: &Range<usize>,
    lacking: &[Lacking<'_>],
) -> bool {
    let catalog = p.view.catalog();
    let predicate = &catalog.predicates()[number];
    let verb = turned::by_verb(p, predicate, explains, span).filter(|way| *way == Way::Inverse);
    let turned = || turned::by_turned_verb(p, predicate, explains, span);
    let Some(way) = verb.or_else(turned) else {
        return false;
    };
    // What stands in the facts at this end.
    let mut classes = predicate.classes_at(way.turned()).keys().peekable();
    let mut all = lacking.iter().map(|one| one.candidate);
    classes.peek().is_some()
        && all.all(|one| !one.entity.classes.is_empty())
        && classes.all(|class| {
            lacking
                .iter()
                .all(|one| !p.is_of_class(one.candidate, *class))
        })
}

/// What a predicate is said of, as far as an entity goes that lacks it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Subjects {
    /// Things like the entity.
    Like,
    /// Things of other classes. A question for what things of its class never have is still a question that is not
    /// answered, unless a longer reading answers it.
    Others,
    /// Statements, rather than what they are about.
    Statements,
}

/// What has a predicate; none where nothing is missed: where no classes are told, things that have the predicate must be
/// described in much the same way as the entity is.
fn subjects(
    p: &mut Proposer<'_>,
    number: usize,
    candidate: &Candidate,
) -> Result<Option<Subjects>, RetrieverError> {
    let catalog = p.view.catalog().clone();
    if !candidate.entity.classes.is_empty() {
        let predicate = &catalog.predicates()[number];
        let classes = candidate.entity.classes.iter();
        let told: Vec<usize> = classes.filter_map(|iri| catalog.class(iri)).collect();
        let mut declared = predicate.declared_domain.iter();
        // What is told of some topics is missed of no topic that could have it: where all are topics, others have it.
        let often = |class: &usize, facts: u64| {
            facts as f64 / catalog.classes()[*class].instances.max(1) as f64
        };
        let related = |class: usize| {
            let mut own = told.iter();
            own.any(|own| catalog.is_within(class, *own) || catalog.is_within(*own, class))
        };
        let domain = predicate.domain.iter().filter(|(class, _)| {
            let few = catalog.classes()[**class].instances < FEW;
            told.contains(class) || !(few || related(**class))
        });
        let (own, other): (Vec<_>, Vec<_>) = domain.partition(|(class, _)| told.contains(class));
        let most = |of: Vec<(&usize, &u64)>| {
            let each = of
                .into_iter()
                .map(|(class, facts)| often(class, *facts).min(1.0));
            each.fold(0.0, f64::max)
        };
        let own = most(own);
        let has = (own > 0.0 && own * FAR_MORE >= most(other))
            || declared.any(|class| p.is_of_class(candidate, *class));
        let of_things = predicate.behind(Way::Inverse).is_empty();
        return Ok(Some(match (has, of_things) {
            (true, _) => Subjects::Like,
            (false, false) => Subjects::Statements,
            (false, true) if predicate.domain.is_empty() => Subjects::Like,
            (false, true) => Subjects::Others,
        }));
    }
    let all = catalog
        .predicates()
        .iter()
        .map(|other| other.subjects)
        .max()
        .unwrap_or(1) as f64;
    let rarity = |n: usize| (1.0 + all / catalog.predicates()[n].subjects.max(1) as f64).ln();
    let own: Vec<usize> = p
        .edges(&candidate.entity.iri)?
        .outgoing
        .iter()
        .map(|(n, _)| *n)
        .collect();
    let total: f64 = own.iter().map(|n| rarity(*n)).sum();
    let node = kg_store::rdf::NamedNode::new_unchecked(catalog.predicates()[number].told_by());
    let mut shared = Vec::new();
    for quad in p
        .view
        .snapshot()
        .quads(None, Some(node.as_ref()), None, None)
        .take(SAMPLED)
    {
        let mut has = HashSet::new();
        for fact in p
            .view
            .snapshot()
            .quads(Some(quad?.subject.as_ref()), None, None, None)
            .take(100)
        {
            has.extend(catalog.predicate(fact?.predicate.as_str()));
        }
        shared.push(
            own.iter()
                .filter(|n| has.contains(n))
                .map(|n| rarity(*n))
                .sum::<f64>(),
        );
    }
    let mean = shared.iter().sum::<f64>() / shared.len().max(1) as f64;
    Ok((total > 0.0 && mean >= LEAST_SHARED * total).then_some(Subjects::Like))
}
