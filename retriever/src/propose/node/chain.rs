//! Answers several facts away: "who directed the films that he wrote".
//!
//! A beam search from the entity outwards. Each fact of the path needs words of its own, and these lie the further
//! from the entity's name, the further the fact is: English nests what it describes. Facts that only lead through a
//! nameless node (a statement, a value with its unit) count as one with the fact behind it.

mod nameless;
mod passed;
mod read;
mod somebody;
mod words;

use std::ops::Range;

use kg_store::rdf::{NamedNode, Term};

use nameless::{behind, go_through};
use passed::{is_end_of_statement, is_role, is_unit, joins_equals, leads_back, says_another_verb};
use read::read;
pub(super) use somebody::{are_people, asks_for_a_holder, most_held, say_so, somebody};
use words::{phrases, spend};

use super::description::Description;
use super::{Step, every};
use crate::RetrieverError;
use crate::graph::{QueryGraph, Source, Way};
use crate::link::Candidate;
use crate::propose::Proposer;
use crate::propose::edges::of_each_role;
use crate::rank::{Features, Match, Reading};
use crate::walk::neighbours;

/// Facts in a path at the most; those that lead through nameless nodes are not counted.
const MAX_HOPS: usize = 3;
/// Facts in all.
const MAX_FACTS: usize = 6;
/// Paths that are kept from one length to the next.
const BEAM: usize = 16;
/// Predicates tried at the end of one path.
const MAX_TRIED: usize = 10;
/// Nodes that are looked at, at the end of a path, and in all.
const SAMPLED: usize = 16;
const MAX_ENDS: usize = 80;
/// How well a predicate must fit to be followed first, and further on.
const LEAST_FIT: f64 = 0.34;
const LEAST_NEXT: f64 = 0.45;
/// What a noun for the kind of thing that a fact leads to is worth where no other word asks for the fact.
const KIND_ONLY: f64 = 0.4;
/// The same for a class that the question names, at the end of a path: "cities | where it has an office".
const CLASS_ONLY: f64 = 0.48;

/// How well further words must name a predicate by which a path goes back to others.
const NAMED_AGAIN: f64 = 0.6;
/// A token that is explained this far is spent.
const SPENT: f64 = 0.5;
/// Words of one predicate stand no further from each other than this.
const NAME_SPREAD: usize = 4;
/// What each further relation costs: of readings that fit as well, the simplest is meant.
const LONGER: f64 = 0.05;

/// A path with what the question says of it.
#[derive(Clone)]
struct Chain {
    hops: Vec<(usize, Way, bool)>,
    /// How well each relation fits.
    fits: Vec<f64>,
    /// Tokens that are spent, or lie further in than those that are.
    used: Vec<bool>,
    /// Those that were before the last fact, whose words one that leads on through a nameless node may have as well.
    before: Vec<bool>,
    explains: Vec<f64>,
    ends: Vec<Term>,
    last: Match,
    /// How many facts the last relation takes: more than one where it leads through a nameless node.
    facts: usize,
}

impl Chain {
    /// How well the whole path fits: it is as strong as its weakest relation, nearly.
    fn fit(&self) -> f64 {
        let mean = self.fits.iter().sum::<f64>() / self.fits.len().max(1) as f64;
        let least = self.fits.iter().copied().fold(1.0, f64::min);
        0.5 * mean + 0.5 * least - LONGER * (self.fits.len() as f64 - 1.0)
    }
}

/// Where paths begin.
pub(super) struct Origin {
    /// As the query graph has it.
    pub(super) from: Source,
    /// The entities that are named.
    pub(super) entities: Vec<String>,
    /// What speaks for it so far; its predicate and its coverage are those of what is already described.
    pub(super) features: Features,
    /// Whether it is a description, of which the path is only a part of what the question asks.
    pub(super) described: bool,
    /// The entity itself, which is no answer to a question for what is elsewhere.
    pub(super) topic: Option<Term>,
    /// Nouns for what it is.
    pub(super) own: Vec<f64>,
}

impl Origin {
    /// Whether it is described by the value of a predicate, for which nobody asks then.
    fn tells(&self, p: &Proposer<'_>, number: usize) -> bool {
        let Source::Node(node) = &self.from else {
            return false;
        };
        let iri = &p.view.catalog().predicates()[number].iri;
        let mut filters = node.filters.iter().filter(|filter| filter.with.is_text());
        filters.any(|filter| matches!(filter.measure.path(), [hop] if hop.predicate == *iri))
    }

    fn entity(p: &Proposer<'_>, span: &Range<usize>, candidate: &Candidate, own: Vec<f64>) -> Self {
        let iri = &candidate.entity.iri;
        Self {
            from: Source::Entity(iri.clone()),
            entities: vec![iri.clone()],
            features: Features {
                link: candidate.fit * p.salience(span),
                prior: candidate.prior,
                ..Features::default()
            },
            described: false,
            topic: Some(Term::NamedNode(NamedNode::new_unchecked(iri))),
            own,
        }
    }
}

/// Readings of several facts that begin at an entity.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    span: &Range<usize>,
    candidate: &Candidate,
    own: Vec<f64>,
    steps: &[Step],
    described: &mut Vec<Description>,
) -> Result<(), RetrieverError> {
    let origin = Origin::entity(p, span, candidate, own);
    let start = Chain {
        hops: Vec::new(),
        fits: Vec::new(),
        used: p.used(&[span]),
        before: p.used(&[span]),
        explains: vec![0.0; p.question.tokens.len()],
        ends: origin.topic.iter().cloned().collect(),
        last: Match::default(),
        facts: 0,
    };
    let first: Vec<(usize, Way)> = steps.iter().map(|s| (s.predicate, s.way)).collect();
    let beam = extend(p, span, &start, (&first, LEAST_FIT, false), &origin)?;
    let beam = go_through(p, span, &origin, beam, described)?;
    search(p, span, &origin, beam, described)
}

/// Readings that go on from what another reading describes: "the capital of | the largest country in Africa".
pub(super) fn go_on(
    p: &mut Proposer<'_>,
    span: &Range<usize>,
    origin: &Origin,
    ends: Vec<Term>,
    explains: &[f64],
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let start = Chain {
        hops: Vec::new(),
        fits: Vec::new(),
        used: explains.iter().map(|e| *e >= SPENT).collect(),
        before: explains.iter().map(|e| *e >= SPENT).collect(),
        explains: explains.to_vec(),
        ends,
        last: Match::default(),
        facts: 0,
    };
    let ways = all(p);
    let beam = extend(p, span, &start, (&ways, LEAST_NEXT, false), origin)?;
    let mut described = Vec::new();
    for chain in &beam {
        read(p, span, origin, chain, &mut described)?;
    }
    let beam = go_through(p, span, origin, beam, &mut described)?;
    search(p, span, origin, beam, &mut described)?;
    // Bounds and orders have been spent on what the path begins at.
    readings.extend(described.into_iter().map(|found| Reading {
        graph: QueryGraph::Select {
            node: found.node(),
            target: every(p),
        },
        entities: found.entities,
        features: found.features,
        explains: found.explains,
        absent: false,
    }));
    Ok(())
}

fn search(
    p: &mut Proposer<'_>,
    span: &Range<usize>,
    origin: &Origin,
    mut beam: Vec<Chain>,
    described: &mut Vec<Description>,
) -> Result<(), RetrieverError> {
    for length in 2..=MAX_HOPS {
        let mut next = Vec::new();
        let ways = all(p);
        for chain in &beam {
            let mut longer = extend(p, span, chain, (&ways, LEAST_NEXT, false), origin)?;
            if origin.topic.is_some() && shares(p, span) {
                longer.extend(back(p, chain, origin)?);
            }
            for chain in &longer {
                read(p, span, origin, chain, described)?;
            }
            next.extend(go_through(p, span, origin, longer, described)?);
        }
        if length < MAX_HOPS {
            keep_best(p, &mut next);
        }
        next.retain(|chain| chain.hops.len() < MAX_FACTS);
        beam = next;
    }
    Ok(())
}

/// The best paths, as many as the beam holds.
fn keep_best(p: &Proposer<'_>, chains: &mut Vec<Chain>) {
    if chains.len() > BEAM {
        chains.sort_by(|a, b| worth(p, b).total_cmp(&worth(p, a)));
        chains.truncate(BEAM);
    }
}

/// What orders paths in the beam: how well they fit, and how much of the question they account for.
fn worth(p: &Proposer<'_>, chain: &Chain) -> f64 {
    chain.fit() + 0.5 * p.coverage(&chain.used, &[&chain.explains]).max(0.0)
}

fn all(p: &Proposer<'_>) -> Vec<(usize, Way)> {
    (0..p.view.catalog().predicates().len())
        .flat_map(|number| [(number, Way::Forward), (number, Way::Inverse)])
        .collect()
}

/// The same relation back to others: "who starred together with him".
fn back(p: &Proposer<'_>, chain: &Chain, origin: &Origin) -> Result<Option<Chain>, RetrieverError> {
    let last = &chain.hops[chain.hops.len().saturating_sub(chain.facts)..];
    if last.is_empty() || last.iter().any(|(.., other)| *other) {
        return Ok(None);
    }
    let mut longer = chain.clone();
    for (place, &(number, way, _)) in last.iter().rev().enumerate() {
        (longer.ends, _) = ends(p, &longer, number, way.turned(), origin)?;
        if longer.ends.is_empty() {
            return Ok(None);
        }
        longer
            .hops
            .push((number, way.turned(), place + 1 == last.len()));
    }
    longer.fits.push(chain.last.score);
    account_for_sharing(p, &mut longer);
    Ok(Some(longer))
}

/// Whether the question asks for others that have something in common with the entity.
fn shares(p: &Proposer<'_>, span: &Range<usize>) -> bool {
    (0..p.question.tokens.len()).any(|at| p.question.sharing[at] && !span.contains(&at))
}

fn account_for_sharing(p: &Proposer<'_>, chain: &mut Chain) {
    for (at, explains) in chain.explains.iter_mut().enumerate() {
        if p.question.sharing[at] {
            *explains = 1.0;
        }
    }
}

/// Some of what one more fact leads to, but for where the path began; and whether it leads there.
fn ends(
    p: &Proposer<'_>,
    chain: &Chain,
    number: usize,
    way: Way,
    origin: &Origin,
) -> Result<(Vec<Term>, bool), RetrieverError> {
    let catalog = p.view.catalog();
    let iri = &catalog.predicates()[number].iri;
    let (mut found, mut back) = (Vec::new(), false);
    let into = chain.hops.last().map(|&(number, way, _)| (number, way));
    // Of the nodes that a path leads to, few may have the role that is asked for.
    let apart = into.and_then(|(number, way)| catalog.roles_behind(number, way));
    let sampled = if apart.is_some() { MAX_ENDS } else { SAMPLED };
    for end in chain.ends.iter().take(sampled) {
        let most = if chain.hops.is_empty() { MAX_ENDS } else { 20 };
        let next = match catalog.roles_behind(number, way) {
            Some(roles) => of_each_role(p.view, end, (number, way), roles)?,
            None => neighbours(p.view, end, iri, way, most)?,
        };
        for term in next {
            if origin.topic.as_ref() == Some(&term) {
                back = true;
            } else if !found.contains(&term) {
                found.push(term);
            }
        }
        if found.len() >= MAX_ENDS {
            break;
        }
    }
    found.truncate(MAX_ENDS);
    Ok((found, back))
}

/// The path with one more fact, by those of some predicates that words further out fit best, and fit this well at the
/// least; whether it leads on through a nameless node.
fn extend(
    p: &mut Proposer<'_>,
    span: &Range<usize>,
    chain: &Chain,
    (ways, least, through): (&[(usize, Way)], f64, bool),
    origin: &Origin,
) -> Result<Vec<Chain>, RetrieverError> {
    p.in_time()?;
    let outside = p.question.is_predicated(span);
    let distance = |at: usize| {
        if at < span.start {
            span.start - at
        } else {
            let beyond = (at + 1).saturating_sub(span.end);
            if outside { beyond + span.start } else { beyond }
        }
    };
    let beside =
        |a: usize, b: usize| (a < span.start) == (b < span.start) && a.abs_diff(b) <= NAME_SPREAD;
    let mut fits: Vec<(f64, usize, Way, Match)> = Vec::new();
    let mut of: Option<(usize, Match)> = None;
    let phrases = phrases(p, span, chain);
    // That two things have the same number, or the same day, or are both true, ties them only where the question says so.
    let value = chain.hops.last().is_some_and(|&(number, way, _)| {
        let predicate = &p.view.catalog().predicates()[number];
        let truth = !predicate.values.is_empty() && predicate.values.len() <= 2;
        let measured = predicate.is_numeric() || predicate.is_temporal();
        let measured = measured || predicate.code || predicate.naming;
        let truth = truth && predicate.objects.nodes == 0;
        way == Way::Forward && (measured || truth || predicate.of_few)
    });
    let holders = asks_for_a_holder(p, span, &chain.used).then(|| most_held(p, ways));
    let named = chain.last.lexical >= NAMED_AGAIN;
    let coincidence = value && !(named && shares(p, span));
    for &(number, way) in ways {
        // What leads to nodes with roles does so by each role.
        let apart = way == Way::Inverse && p.view.catalog().roles(number).is_some();
        if apart || (coincidence && way == Way::Inverse) {
            continue;
        }
        if way == Way::Forward && chain.hops.is_empty() && origin.tells(p, number) {
            continue;
        }
        if through && way == Way::Forward && (is_unit(p, chain, number) || is_role(p, number)) {
            continue;
        }
        if p.is_other_neighbour((number, way)) {
            continue;
        }
        if is_end_of_statement(p, number) || (way == Way::Forward && p.only_names(number)) {
            continue;
        }
        let further = !chain.hops.is_empty() && !through;
        let told = match further {
            true => p.matcher.told_way_on(number, &chain.used),
            false => None,
        };
        if told.is_some_and(|told| told != way) {
            continue;
        }
        let mut fit = match &of {
            Some((known, fit)) if *known == number => fit.clone(),
            _ => {
                let mut fit = p.matcher.local(number, &chain.used, &distance, &beside)?;
                for words in &phrases {
                    let other = p.matcher.phrase(number, words)?;
                    if other.score > fit.score {
                        fit = other;
                    }
                }
                if through {
                    let same = p.matcher.local(number, &chain.before, &distance, &beside)?;
                    if same.score > fit.score {
                        fit = same;
                    }
                }
                fit
            }
        };
        of = Some((number, fit.clone()));
        if p.asks_for_objects((number, way), &fit) {
            continue;
        }
        if way == Way::Forward && p.is_a_value(number, &fit)? {
            continue;
        }
        if says_another_verb(p, chain, &fit) {
            continue;
        }
        let mut worth = fit.score;
        if worth < KIND_ONLY {
            // A noun for what the fact leads to stands for it as well: "the films of".
            let kind = p.kind_evidence(number, way, &chain.used)?;
            worth = worth.max(KIND_ONLY * kind);
            let held = holders.map_or(0.0, |most| somebody(p, most, (number, way)));
            if held > worth {
                worth = held;
                say_so(p, &mut fit.explains);
            }
            if !chain.hops.is_empty() || origin.described {
                worth = worth.max(CLASS_ONLY * p.class_evidence(number, way, &chain.used));
            }
        }
        if worth < SPENT && !through {
            // What leads to a statement may be asked for by what the statement says.
            let beyond = behind(p, span, (number, way), &chain.used)?;
            if beyond >= least && beyond > worth {
                fits.push((beyond, number, way, Match::none(chain.used.len())));
                continue;
            }
        }
        if worth >= least {
            fits.push((worth, number, way, fit));
        }
    }
    fits.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    fits.truncate(2 * MAX_TRIED);
    let mut longer = Vec::new();
    for (worth, number, way, fit) in fits {
        let (ends, returns) = ends(p, chain, number, way, origin)?;
        if ends.is_empty() {
            continue;
        }
        let mut next = chain.clone();
        next.ends = ends;
        let last = chain.hops.last().map(|&(number, way, _)| (number, way));
        let back = last.is_some_and(|last| leads_back(p, last, (number, way)));
        let shared = shares(p, span) || (through && joins_equals(p, number, way));
        // A marriage has both for its spouses, whose husband is asked for is no other one.
        let partner = through && returns && chain.hops.len() == 1 && !back;
        let other = (origin.topic.is_some() && back && shared) || partner;
        let again = || {
            // The noun for what is asked is no such word.
            let others = (0..fit.explains.len()).filter(|at| p.question.asked != Some(*at));
            fit.score >= NAMED_AGAIN
                && others.map(|at| fit.explains[at]).fold(0.0, f64::max) >= SPENT
        };
        if back && !other && (through || !again()) {
            // Words of its own must lead back to what has the same: "directed by the director of".
            continue;
        }
        if other {
            next.ends.retain(|end| Some(end) != origin.topic.as_ref());
            if shares(p, span) {
                account_for_sharing(p, &mut next);
            }
        }
        next.hops.push((number, way, other));
        next.facts = if through { next.facts } else { 1 };
        if !through {
            next.before = chain.used.clone();
        }
        next.fits.push(worth);
        spend(&mut next, span, &fit, outside);
        next.last = Match {
            score: worth,
            ..fit
        };
        longer.push(next);
        if longer.len() == MAX_TRIED {
            break;
        }
    }
    Ok(longer)
}
