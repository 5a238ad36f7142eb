//! Readings with one answer node: facts, inverse facts, lists, counts, superlatives, bounds.

mod absent;
mod annotated;
mod apart;
mod between;
mod beyond;
mod both;
mod chain;
mod coded;
mod counted;
mod description;
mod either;
mod exclude;
mod frequent;
mod happened;
mod kind_of;
mod kinds;
mod nominal;
mod qualified;
mod refine;
mod related;
mod stated;
mod steps;
mod succession;
mod together;
mod towards;
mod turned;
mod twins;
mod valued;
mod whole_class;

use std::ops::Range;

pub(super) use towards::Path;

use absent::Lacking;
use description::{Description, targets};
use kinds::{Kind, LEAST_KIND, kinds, named_kind};
use steps::{Step, steps};

use super::edges::MANY;
use super::{MOST_CALLED, Proposer};
use crate::RetrieverError;
use crate::graph::{Link, QueryGraph, Target, Way};
use crate::link::{Candidate, FIT_ALIAS, FIT_VALUE, Mention};
use crate::question::{Form, is_anyone};
use crate::rank::{Features, Reading};

/// Mentions tried as the topic of a question.
const MAX_TOPICS: usize = 5;

/// Descriptions of things without a class that are looked up for what can be bounded, the likeliest first.
const MOST_LOOKED_UP: usize = 24;
/// A predicate that fits this well by its words is named by the question.
const NAMED: f64 = 0.5;
/// A class that fits this well is asked for, rather than what its name is a part of.
const SURELY: f64 = 0.9;
/// A word that is explained this far is spoken of.
const SPOKEN_OF: f64 = 0.4;
/// What a predicate loses by words that name the class asked for as well.
const SAME_WORDS: f64 = 0.03;

/// Whether there is anything that is as the question describes it: "did she ever work on a lift".
pub(super) fn exists(
    p: &mut Proposer<'_>,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let mut lacking = Vec::new();
    let described = describe(p, &mut lacking)?;
    let mut look_ups = MOST_LOOKED_UP;
    let anyone = p.question.tokens.iter().any(|token| is_anyone(&token.text));
    let mut found = Vec::new();
    let same = p.question.tokens.iter().any(|token| token.text == "same");
    let goes_back = |link: &Link| link.path.iter().any(|hop| hop.other);
    let compares = p.compared_number().is_some();
    for description in &described {
        if same && description.links.iter().any(goes_back) {
            // That somebody else has the same says nothing of the two that are named.
            continue;
        }
        if description.spans.len() > 1 && is_between_the_two(p, description)? {
            // "Does Canada share a border with Mexico": whether the one fact holds of the two.
            continue;
        }
        if passes_over_a_name(p, &description.used(p), &description.explains) {
            // "Is a cough an effect of it" does not ask whether it has any.
            continue;
        }
        if compares && description.spans.len() > 1 {
            // "Did she write more papers than he" does not ask whether both wrote any.
            continue;
        }
        let class = description.kind.words.is_some();
        // What it says nothing of may be the very thing that there is none of.
        let covered = description.features.coverage >= whole_class::LEAST_COVERED;
        // "Did she publish in Delft": whether anything is by her, and was published there.
        let joined = description.spans.len() > 1
            && description.features.coverage >= SURELY
            && description.features.predicate >= NAMED;
        let tied = description.nameless || description.conditioned || joined;
        if tied || ((class || anyone) && covered) {
            targets(p, description, &mut look_ups, &mut found)?;
        } else if class && p.sets_conditions() {
            // "Is the height of the tower that he built more than 100 metres": a bound accounts for more.
            let known = found.len();
            targets(p, description, &mut look_ups, &mut found)?;
            let mut bounded = found.split_off(known);
            bounded.retain(|reading| reading.features.coverage >= whole_class::LEAST_COVERED);
            found.append(&mut bounded);
        }
    }
    // "Is helium a metal" does not ask whether there are metals.
    if anyone || p.question.tokens.iter().any(|token| token.text == "there") {
        let mut whole = whole_class::propose(p)?;
        whole.retain(|reading| is_of_all(p, reading));
        found.append(&mut whole);
    }
    for reading in found {
        if let QueryGraph::Select { node, .. } = reading.graph
            && node.order.is_none()
        {
            readings.push(Reading {
                graph: QueryGraph::Exists { node },
                ..reading
            });
        }
    }
    Ok(())
}

/// Whether a description joins two things by a predicate that is called as sharing is, and that is told of one of them from
/// the other side: between the two themselves.
fn is_between_the_two(
    p: &mut Proposer<'_>,
    description: &Description,
) -> Result<bool, RetrieverError> {
    let mut shared = description
        .links
        .iter()
        .filter(|link| is_called_sharing(p, link));
    let last = shared.next().and_then(|link| link.path.last());
    let Some(number) = last.and_then(|hop| p.view.catalog().predicate(&hop.predicate)) else {
        return Ok(false);
    };
    for entity in &description.entities {
        if p.has(entity, (number, Way::Inverse))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the word that asks for what two things have in common is a word for what they would have: "shares border with".
fn is_called_sharing(p: &Proposer<'_>, link: &Link) -> bool {
    let catalog = p.view.catalog();
    let last = link
        .path
        .last()
        .and_then(|hop| catalog.predicate(&hop.predicate));
    last.is_some_and(|number| {
        let names = catalog.predicates()[number].names.iter();
        let words: Vec<&str> = names
            .flat_map(|name| &name.tokens)
            .map(|t| t.stem.as_str())
            .collect();
        let tokens = p.question.tokens.iter().zip(&p.question.sharing);
        tokens
            .filter(|(_, shares)| **shares)
            .any(|(token, _)| words.contains(&token.stem.as_str()))
    })
}

/// Whether a question is one about a class as a whole: a word that is left over may name the very thing that it is about, and
/// "which country is baklava from" does not ask for all countries.
fn is_of_all(p: &Proposer<'_>, reading: &Reading) -> bool {
    let none = vec![false; p.question.tokens.len()];
    // Or nothing is left out, however the class is called.
    let mut content = (0..reading.explains.len()).filter(|at| p.question.is_content(*at));
    let covered = reading.features.coverage >= whole_class::LEAST_COVERED
        || content.all(|at| reading.explains[at] >= SPOKEN_OF);
    covered && !passes_over_a_name(p, &none, &reading.explains)
}

/// Whether something is left out that the question mentions by its very name.
fn passes_over_a_name(p: &Proposer<'_>, used: &[bool], explains: &[f64]) -> bool {
    let is_class = |at: usize| p.classes.iter().any(|class| class.span.contains(&at));
    p.mentions.iter().any(|mention| {
        let named = mention.candidates.iter().any(|c| c.fit >= FIT_ALIAS);
        let left = |at: usize| !used[at] && explains[at] < NAMED;
        // "The Baltic Sea" is passed over where only some sea is spoken of.
        let mut own = mention.span.clone().filter(|at| !is_class(*at)).peekable();
        named && own.peek().is_some() && own.all(left)
    })
}

pub(super) fn propose(
    p: &mut Proposer<'_>,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let mut described = describe(p, readings)?;
    described.sort_by(|a, b| b.features.score().total_cmp(&a.features.score()));
    let mut look_ups = MOST_LOOKED_UP;
    for description in &described {
        targets(p, description, &mut look_ups, readings)?;
    }
    counted::propose(p, &described, readings)?;
    frequent::propose(p, &described, readings)?;
    if p.question.form == Form::Select {
        kind_of::propose(p, readings);
        annotated::propose(p, readings)?;
        happened::propose(p, readings)?;
    }
    let mut whole = whole_class::propose(p)?;
    beyond::propose(p, &whole, readings)?;
    refine::propose(p, &whole, readings)?;
    whole.retain(|reading| is_of_all(p, reading));
    readings.append(&mut whole);
    // Nor does what has to do with a kind as a whole: "an ailment | of the throat".
    let none = vec![false; p.question.tokens.len()];
    let conventions = p.view.catalog().conventions();
    readings.retain(|reading| {
        let mut entities = reading.entities.iter();
        let of_kind = entities.any(|iri| !conventions.told_of(iri).is_empty());
        !of_kind
            || reading.explains.len() != none.len()
            || !passes_over_a_name(p, &none, &reading.explains)
    });
    Ok(())
}

/// What the question describes by what it mentions; adds the facts that are missing to `readings`.
fn describe(
    p: &mut Proposer<'_>,
    readings: &mut Vec<Reading>,
) -> Result<Vec<Description>, RetrieverError> {
    let mut described = Vec::new();
    let mentions = p.mentions;
    for mention in mentions.iter().take(MAX_TOPICS) {
        let mut lacking: Vec<Lacking<'_>> = Vec::new();
        let candidates = p.candidates(mention);
        let by_value = |c: &&Candidate| c.fit <= FIT_VALUE;
        let several = candidates.iter().filter(by_value).count() > MOST_CALLED;
        let named = candidates.iter().any(|c| c.fit >= FIT_ALIAS);
        for candidate in candidates {
            let edges = p.edges(&candidate.entity.iri)?;
            let mut steps = steps(p, &edges, candidate, &mention.span)?;
            let codes = coded::codes(p, &mention.span, candidate)?;
            coded::leave_out(&codes, &mut steps);
            coded::propose(p, candidate, &codes, &mut described)?;
            if several && named && by_value(&candidate) {
                // What many things have as a value, and one for its name, is no name of each of them.
                continue;
            }
            let own = p.kind_words_of(candidate)?;
            for step in &steps {
                with_step(p, &mention.span, candidate, &own, step, &mut described)?;
            }
            let conventions = p.view.catalog().conventions();
            if mention.of_kind || conventions.told_of(&candidate.entity.iri).len() > 1 {
                // "Novels" are what the genre is told of, and nothing further away. So is what has to do with a kind as a whole.
                continue;
            }
            towards::propose(p, &mention.span, candidate, &own, &mut described)?;
            let best = steps.iter().map(|step| step.fit.score).fold(0.0, f64::max);
            chain::propose(p, &mention.span, candidate, own, &steps, &mut described)?;
            let catalog = p.view.catalog();
            let class = catalog.class(&candidate.entity.iri);
            if class.is_some_and(|class| catalog.classes()[class].instances > 0) {
                // "Which state has ...": its things are asked for, rather than the class itself.
                continue;
            }
            // What it is the object of, and is asked for as a subject, is lacking.
            let read = steps.iter().map(|step| (step.predicate, step.way));
            let outgoing = edges
                .outgoing
                .iter()
                .map(|(number, _)| (*number, Way::Forward));
            lacking.push(Lacking {
                candidate,
                has: read.chain(outgoing).collect(),
                best,
            });
        }
        absent::propose(p, &mention.span, &lacking, readings)?;
    }
    valued::propose(p, &mut described)?;
    twins::propose(p, &mut described)?;
    qualified::propose(p, &mut described, readings)?;
    stated::propose(p, &mut described)?;
    either::propose(p, &mut described)?;
    both::propose(p, &mut described)?;
    together::propose(p, &mut described)?;
    Ok(described)
}

fn with_step(
    p: &mut Proposer<'_>,
    span: &Range<usize>,
    candidate: &Candidate,
    own: &[f64],
    step: &Step,
    described: &mut Vec<Description>,
) -> Result<(), RetrieverError> {
    // A node that stands for a value or a statement is no answer: what it holds may be. But it can be counted.
    let nameless = p.are_nameless(&step.ends)?;
    if nameless && p.question.form != Form::Count {
        return Ok(());
    }
    let edge = edge(p, candidate, step);
    let used = p.used(&[span]);
    let reached = p.matcher.kind_words(step.predicate, step.way)?;
    let reached: Vec<f64> = reached
        .iter()
        .enumerate()
        .map(|(at, fit)| {
            let named = p.question.asked == Some(at);
            p.as_kind(at, *fit)
                .max(if named { step.reached } else { 0.0 })
        })
        .collect();
    let apart = apart::class_of_named(p, &candidate.entity.iri, step)?;
    for mut kind in kinds(p, span, step)? {
        if let Some(class) = apart.filter(|_| kind.class.is_none()) {
            kind.classes = p.view.catalog().iris_under(class);
        }
        if nameless && (kind.class.is_none() || kind.score < SURELY) {
            continue;
        }
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
            if p.question.asked.is_some_and(|at| words.contains(&at)) && kind.score >= SURELY {
                // "Which products does she manage": a predicate that is called "manages product" takes no word from the class.
                fit.score = fit.score.max(step.fit.score - SAME_WORDS);
                for (at, explained) in fit.explains.iter_mut().enumerate() {
                    if !words.contains(&at) {
                        *explained = explained.max(step.fit.explains[at]);
                    }
                }
            }
        }
        let ranked = p.sets_conditions();
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
            predicate: fit.score - step.against,
            coverage: p.coverage(&used, &[&fit.explains, &kind.explains, own, &reached]),
            kind: kind.score,
            missed: 0.0,
        };
        let nothing = vec![false; used.len()];
        described.push(Description {
            spans: vec![span.clone()],
            links: vec![edge.clone()],
            filters: Vec::new(),
            nameless: false,
            conditioned: false,
            features,
            explains: accounted(&nothing, &[&fit.explains, own, &reached], &kind.explains),
            entities: vec![candidate.entity.iri.clone()],
            kind,
        });
    }
    Ok(())
}

/// A reading that is about one thing which a mention may mean: how well what is asked of it fits, and how well its kind does.
pub(super) fn about_one(
    p: &Proposer<'_>,
    (mention, candidate): (&Mention, &Candidate),
    graph: QueryGraph,
    (fit, kind): (f64, f64),
    explains: &[f64],
) -> Reading {
    let used = p.used(&[&mention.span]);
    Reading {
        graph,
        entities: vec![candidate.entity.iri.clone()],
        features: Features {
            link: candidate.fit * p.salience(&mention.span),
            prior: candidate.prior,
            predicate: fit,
            coverage: p.coverage(&used, &[explains]),
            kind,
            missed: 0.0,
        },
        explains: accounted(&used, &[], explains),
        absent: false,
    }
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

fn edge(p: &Proposer<'_>, candidate: &Candidate, step: &Step) -> Link {
    let predicate = &p.view.catalog().predicates()[step.predicate].iri;
    Link::edge(&candidate.entity.iri, predicate, step.way)
}

/// All that a node describes, or how many, as the question asks.
pub(super) fn every(p: &Proposer<'_>) -> Target {
    if p.question.form == Form::Count {
        Target::Count
    } else {
        Target::Every
    }
}
