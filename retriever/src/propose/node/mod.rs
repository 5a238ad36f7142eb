//! Readings with one answer node: facts, inverse facts, lists, counts, superlatives, bounds.

mod absent;
mod beyond;
mod chain;
mod description;
mod refine;
mod together;
mod towards;
mod valued;
mod whole_class;

use std::ops::Range;

use description::{Description, targets};

use super::edges::MANY;
use super::{ClassMention, Proposer};
use crate::RetrieverError;
use crate::catalog::Phrase;
use crate::graph::{Link, Target, Way};
use crate::link::Candidate;
use crate::question::Form;
use crate::rank::{Features, Match, Reading};
use crate::thesaurus::Word;

/// Mentions tried as the topic of a question.
const MAX_TOPICS: usize = 5;

/// A predicate that fits this well by its words is named by the question.
const NAMED: f64 = 0.5;
/// A noun this fitting says of what kind the answer is.
const LEAST_KIND: f64 = 0.3;
/// One that is not named must lead the entity's others by this much.
const LEAST_LEAD: f64 = 0.12;

/// An edge from an entity, with how well it fits.
#[derive(Clone)]
struct Step {
    predicate: usize,
    way: Way,
    fit: Match,
    facts: u64,
}

/// The kind of answer that a step leads to, beside the one that the question names.
#[derive(Clone)]
struct Kind {
    words: Option<Range<usize>>,
    classes: Vec<String>,
    class: Option<usize>,
    score: f64,
    explains: Vec<f64>,
}

pub(super) fn propose(
    p: &mut Proposer<'_>,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let mut described = Vec::new();
    let mentions = p.mentions;
    for mention in mentions.iter().take(MAX_TOPICS) {
        let mut lacking: Vec<(&Candidate, Vec<usize>)> = Vec::new();
        for candidate in p.candidates(mention) {
            let edges = p.edges(&candidate.entity.iri)?;
            let steps = steps(p, &edges.outgoing, &edges.incoming, &mention.span)?;
            let own = p.kind_words_of(candidate)?;
            for step in &steps {
                with_step(p, &mention.span, candidate, &own, step, &mut described)?;
            }
            towards::propose(p, &mention.span, candidate, &own, &mut described)?;
            chain::propose(p, &mention.span, candidate, own, &steps, &mut described)?;
            // What it is the object of, and is asked for as a subject, is lacking.
            let read = steps.iter().map(|step| step.predicate);
            let outgoing = edges.outgoing.iter().map(|(number, _)| *number);
            let has = read.chain(outgoing).collect();
            lacking.push((candidate, has));
        }
        absent::propose(p, &mention.span, &lacking, readings)?;
    }
    valued::propose(p, &mut described)?;
    together::propose(p, &mut described)?;
    for description in &described {
        targets(p, description, readings)?;
    }
    let mut whole = whole_class::propose(p)?;
    beyond::propose(p, &whole, readings)?;
    refine::propose(p, &whole, readings)?;
    // A word that is left over may name the very thing that the question is about.
    whole.retain(|reading: &Reading| reading.features.coverage >= whole_class::LEAST_COVERED);
    readings.append(&mut whole);
    Ok(())
}

fn steps(
    p: &mut Proposer<'_>,
    outgoing: &[(usize, u64)],
    incoming: &[(usize, u64)],
    span: &Range<usize>,
) -> Result<Vec<Step>, RetrieverError> {
    let used = p.used(&[span]);
    let both = outgoing
        .iter()
        .map(|e| (e, Way::Forward))
        .chain(incoming.iter().map(|e| (e, Way::Inverse)));
    let mut steps = Vec::new();
    for (&(predicate, facts), way) in both {
        let told = p.matcher.told_way(predicate, &used, span);
        if told.is_some_and(|told| told != way) {
            continue;
        }
        let mut fit = p
            .matcher
            .score(predicate, &used, std::slice::from_ref(span))?;
        let local = p.matcher.local(predicate, &used, &|_| 0, &|_, _| true)?;
        fit.improve(&local);
        steps.push(Step {
            predicate,
            way,
            facts,
            fit,
        });
    }
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

fn with_step(
    p: &mut Proposer<'_>,
    span: &Range<usize>,
    candidate: &Candidate,
    own: &[f64],
    step: &Step,
    described: &mut Vec<Description>,
) -> Result<(), RetrieverError> {
    let edge = edge(p, candidate, step);
    let used = p.used(&[span]);
    let reached = p.matcher.kind_words(step.predicate, step.way)?;
    let reached: Vec<f64> = reached
        .iter()
        .enumerate()
        .map(|(at, fit)| p.as_kind(at, *fit))
        .collect();
    for mut kind in kinds(p, span, step)? {
        let mut fit = step.fit.clone();
        if let Some(words) = &kind.words {
            // The words that name the class do not name the predicate as well, nor stand for its meaning.
            let used = p.used(&[span, words]);
            let hidden = [span.clone(), words.clone()];
            fit = p.matcher.score(step.predicate, &used, &hidden)?;
            fit.improve(
                &p.matcher
                    .local(step.predicate, &used, &|_| 0, &|_, _| true)?,
            );
        }
        let ranked = p.question.threshold.is_some() || p.question.superlative.is_some();
        if ranked && step.facts < 2 {
            // Of one thing none is the most.
            kind.score = kind.score.min(0.0);
        }
        if kind.score > 0.0 {
            // That things of the class asked for are tied to the entity by this predicate speaks for it,
            // the more, the more of them there are.
            let spread = (1.0 + step.facts as f64).log10() / (1.0 + MANY as f64).log10();
            let known = if kind.class.is_some() {
                0.5
            } else {
                0.3 + 0.2 * kind.score
            };
            fit.score = fit.score.max(known + 0.12 * spread);
        }
        let features = Features {
            link: candidate.fit * p.salience(span),
            prior: candidate.prior,
            predicate: fit.score,
            coverage: p.coverage(&used, &[&fit.explains, &kind.explains, own, &reached]),
            kind: kind.score,
            missed: 0.0,
        };
        let nothing = vec![false; used.len()];
        described.push(Description {
            spans: vec![span.clone()],
            links: vec![edge.clone()],
            filters: Vec::new(),
            features,
            explains: accounted(&nothing, &[&fit.explains, own, &reached], &kind.explains),
            entities: vec![candidate.entity.iri.clone()],
            kind,
        });
    }
    Ok(())
}

/// How far each token is accounted for in all.
fn accounted(used: &[bool], explains: &[&[f64]], kind: &[f64]) -> Vec<f64> {
    let mut found: Vec<f64> = used.iter().map(|used| f64::from(u8::from(*used))).collect();
    for explains in explains.iter().copied().chain([kind]) {
        for (found, explains) in found.iter_mut().zip(explains) {
            *found = found.max(*explains);
        }
    }
    found
}

/// The kinds of answer that the question's class words allow at the end of a step.
fn kinds(
    p: &mut Proposer<'_>,
    span: &Range<usize>,
    step: &Step,
) -> Result<Vec<Kind>, RetrieverError> {
    let implied = implied(p, span, step)?;
    let catalog = p.view.catalog();
    let predicate = &catalog.predicates()[step.predicate];
    let nothing = vec![0.0; p.question.tokens.len()];
    let spread = match step.way {
        Way::Forward => &predicate.range,
        Way::Inverse => &predicate.domain,
    };
    let mut kinds = Vec::new();
    let (mut asked, mut several) = (false, false);
    for mention in &p.classes {
        if mention.span.start < span.end && span.start < mention.span.end {
            continue;
        }
        // The same words may name the predicate: "in which country" asks for the value of "country".
        let named = step.way == Way::Forward
            && mention.span.clone().all(|at| step.fit.explains[at] > 0.8)
            && step.fit.lexical > 0.7;
        asked |= !named;
        // "In which countries" asks for things of that class, rather than for the one value of "country".
        several |= named && step.facts == 1 && is_plural(p, mention);
        let literal = step.way == Way::Forward && predicate.objects.nodes == 0;
        let share = catalog
            .share(spread, predicate.facts, mention.class)
            .unwrap_or(0.0);
        if literal || share == 0.0 {
            continue;
        }
        let mut explains = nothing.clone();
        explains[mention.span.clone()].fill(mention.fit);
        kinds.push(Kind {
            words: Some(mention.span.clone()),
            classes: iris(p, mention.class),
            class: Some(mention.class),
            score: mention.fit,
            explains,
        });
    }
    // The class word may only describe an entity, or be no class word at all.
    let score = if several || (kinds.is_empty() && asked && step.fit.lexical < 0.9) {
        -0.4
    } else {
        0.0
    };
    let time = p.question.wants_time && predicate.is_temporal() && step.way == Way::Forward;
    // Nobody is a number or a date.
    let value = step.way == Way::Forward && (predicate.is_numeric() || predicate.is_temporal());
    let score = match (
        time,
        value && (p.question.wants_someone || p.question.wants_place),
    ) {
        (true, _) => 1.0,
        (false, true) => -1.0,
        (false, false) => score + implied,
    };
    kinds.push(Kind {
        words: None,
        classes: Vec::new(),
        class: None,
        score,
        explains: nothing,
    });
    Ok(kinds)
}

/// What speaks for the kind of the answer where no class does: that the noun asked for fits what the fact leads to, or
/// the question word does.
fn implied(p: &mut Proposer<'_>, span: &Range<usize>, step: &Step) -> Result<f64, RetrieverError> {
    if let Some(at) = p.question.asked.filter(|at| !span.contains(at)) {
        let fit = p.matcher.kind_words(step.predicate, step.way)?[at];
        return Ok(if fit >= LEAST_KIND {
            0.6 * fit
        } else {
            fit - LEAST_KIND
        });
    }
    let category = match (p.question.wants_someone, p.question.wants_place) {
        (true, _) => "person",
        (_, true) => "location",
        _ => return Ok(0.0),
    };
    if step.way == Way::Inverse {
        return Ok(0.0);
    }
    let (names, _) = p.view.catalog().predicates()[step.predicate].names_by_side();
    let mut words = names.iter().flat_map(|name| &name.tokens);
    let denotes = words.any(|word| Word::of(&word.text).denotes(category));
    // Whom a thing is made by is somebody, as a rule.
    let by = |name: &Phrase| name.tokens.last().is_some_and(|word| word.text == "by");
    let agent = p.question.wants_someone && names.iter().any(by);
    Ok(if denotes || agent { 0.5 } else { 0.0 })
}

/// Whether a class is named otherwise than in its names, and therefore in the plural.
fn is_plural(p: &Proposer<'_>, mention: &ClassMention) -> bool {
    let class = &p.view.catalog().classes()[mention.class];
    let words = class.names.iter().flat_map(|name| &name.tokens);
    let words: Vec<&str> = words.map(|token| token.text.as_str()).collect();
    mention
        .span
        .clone()
        .any(|at| !words.contains(&p.question.tokens[at].text.as_str()))
}

fn edge(p: &Proposer<'_>, candidate: &Candidate, step: &Step) -> Link {
    let predicate = &p.view.catalog().predicates()[step.predicate].iri;
    Link::edge(&candidate.entity.iri, predicate, step.way)
}

/// All that a node describes, or how many, as the question asks.
fn every(p: &Proposer<'_>) -> Target {
    if p.question.form == Form::Count {
        Target::Count
    } else {
        Target::Every
    }
}

fn iris(p: &Proposer<'_>, class: usize) -> Vec<String> {
    let catalog = p.view.catalog();
    catalog.classes()[class]
        .with_subclasses
        .iter()
        .map(|&c| catalog.classes()[c].iri.clone())
        .collect()
}

/// Whether all things of one class are of the other.
fn narrower(p: &Proposer<'_>, class: usize, wider: usize) -> bool {
    p.view.catalog().classes()[wider]
        .with_subclasses
        .contains(&class)
}
