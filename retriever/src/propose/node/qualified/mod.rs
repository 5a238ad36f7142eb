//! What nameless nodes say of several things at once: a statement with its qualifiers, a count of one thing in another, an
//! observation.
//!
//! "In how many patients with X was Y seen" asks for a value of the node that joins X and Y; "who did the test on X", for
//! another thing that it joins; "how many accidents were there on motorways in Styria in 2013", for the value of one that
//! joins three.

mod roles;
mod statement;
mod tally;
mod untied;

use std::ops::Range;
use std::time::{Duration, Instant};

use kg_store::StoreError;
use kg_store::rdf::{NamedNode, Term};

use super::description::Description;
use super::{SURELY, succession};
use crate::RetrieverError;
use crate::execute::look_up;
use crate::graph::{QueryGraph, Way};
use crate::link::Candidate;
use crate::propose::Proposer;
use crate::question::Form;
use crate::rank::Reading;
use crate::walk::neighbours;

pub(super) use statement::{Statement, Tie};

/// Mentions that are joined are tried with this many candidates each.
const MAX_PAIRED: usize = 3;
/// Mentions that are joined.
const MAX_MENTIONS: usize = 6;
/// Ties of one node at the most.
const MOST_TIES: usize = 5;
/// Nodes with so many ties that are kept, and that are looked for.
const MOST_KEPT: usize = 32;
const MOST_OF_EACH: usize = 8;
const MOST_LOOKED_UP: usize = 160;
/// Nodes that are looked at for what they are statements of.
const MOST_STATED: usize = 64;
/// The longest that it may take in all.
const LONGEST: Duration = Duration::from_secs(3);
/// Nodes of one predicate by which it is told whether they have names.
const FEW: usize = 3;
/// Things of one predicate among which nameless nodes are looked for, where the first ones have names.
const MIXED: usize = 24;

/// A predicate, and which way it is read.
pub(super) type Fact = (usize, Way);
/// A nameless node next to an entity, with the fact that leads there.
pub(super) type Next = (Term, Fact);

/// Adds descriptions of what nameless nodes that join some mentions lead to, and readings of their values.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    described: &mut Vec<Description>,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    // Of millions of rows, what is not found soon is not asked for; the other readings have their time.
    let all = p.deadline;
    p.deadline = all.min(Instant::now() + LONGEST);
    let found = of_nodes(p, described, readings);
    p.deadline = all;
    match found {
        Err(RetrieverError::Timeout | RetrieverError::Store(StoreError::QueryTimeout))
            if Instant::now() < all =>
        {
            Ok(())
        }
        found => found,
    }
}

fn of_nodes(
    p: &mut Proposer<'_>,
    described: &mut Vec<Description>,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    untied::propose(p, readings)?;
    let mut level = of_one(p)?;
    if level.is_empty() {
        return Ok(());
    }
    let singles = level.clone();
    let others = others(p, described);
    let mut look_ups = MOST_LOOKED_UP;
    for count in 1..=MOST_TIES {
        for statement in &level {
            p.in_time()?;
            let ways = p.ways_of(&statement.node)?;
            let statement = statement.narrowed(p, &ways)?;
            let more = statement.with_extra(p, &ways, (&others, &singles))?;
            for statement in std::iter::once(&statement).chain(&more) {
                if statement.conditions() > 1 {
                    describe(p, (statement, &ways), described)?;
                }
                tally::propose(p, (statement, &ways), readings)?;
            }
        }
        if count < MOST_TIES {
            level = joined(p, &level, &singles, &mut look_ups)?;
        }
    }
    Ok(())
}

/// What else the question describes by one fact, to which nodes may lead; the likeliest first.
fn others(p: &Proposer<'_>, described: &[Description]) -> Vec<Description> {
    if p.question.form == Form::Ask {
        return Vec::new();
    }
    let is_one = |one: &&Description| {
        let ([_], [link]) = (one.spans.as_slice(), one.links.as_slice()) else {
            return false;
        };
        let plain = !one.nameless && !one.conditioned && one.filters.is_empty();
        let fact = link.as_edge().filter(|(_, hop)| !hop.other && plain);
        fact.is_some_and(|(_, hop)| {
            let named = one.kind.class.is_some() && one.kind.score >= SURELY;
            named || (one.kind.class.is_none() && hop.way == Way::Inverse)
        })
    };
    let mut found: Vec<Description> = described.iter().filter(is_one).cloned().collect();
    found.sort_by(|a, b| b.features.score().total_cmp(&a.features.score()));
    found
}

/// The nodes that are tied to one mention.
fn of_one<'a>(p: &mut Proposer<'a>) -> Result<Vec<Statement<'a>>, RetrieverError> {
    let mentions = &p.mentions[..p.mentions.len().min(MAX_MENTIONS)];
    let mut found = Vec::new();
    for mention in mentions {
        for candidate in mention.candidates.iter().take(MAX_PAIRED) {
            for (node, fact) in nameless(p, candidate, FEW)? {
                let same = |one: &Statement<'_>| one.ties[0].is(candidate, fact);
                if !found.iter().any(same) {
                    found.push(Statement::new((&mention.span, candidate, fact), node));
                }
            }
        }
    }
    Ok(found)
}

/// The nodes that are tied to one mention more: those that there are.
fn joined<'a>(
    p: &mut Proposer<'a>,
    level: &[Statement<'a>],
    singles: &[Statement<'a>],
    look_ups: &mut usize,
) -> Result<Vec<Statement<'a>>, RetrieverError> {
    let mut pairs = Vec::new();
    for one in level {
        for other in singles {
            // Each choice once, in the order of the question.
            let after = |tie: &Tie<'_>| tie.span.end <= other.ties[0].span.start;
            if one.ties.iter().all(after) {
                pairs.push(one.with(&other.ties[0]));
            }
        }
    }
    pairs.sort_by(|a: &Statement<'_>, b| b.fit().total_cmp(&a.fit()));
    // Each choice of mentions has its turn, however well others fit.
    let mut turns: Vec<(Vec<Range<usize>>, usize)> = Vec::new();
    let reified = p.view.catalog().reified().is_some();
    let mut found: Vec<Statement<'a>> = Vec::new();
    for statement in pairs {
        if *look_ups == 0 || found.len() >= MOST_KEPT {
            break;
        }
        let spans = statement.spans();
        let turn = turns.iter().position(|(known, _)| *known == spans);
        let turn = turn.unwrap_or_else(|| {
            turns.push((spans, 0));
            turns.len() - 1
        });
        if turns[turn].1 == MOST_OF_EACH {
            continue;
        }
        *look_ups -= 1;
        p.in_time()?;
        let conventions = p.view.catalog().conventions();
        let most = if reified { MOST_STATED } else { 1 };
        let sparql = QueryGraph::sample(&statement.node(p.view.catalog()), most, conventions);
        for row in look_up(p.view, &sparql, p.deadline, most)?.rows {
            let Some(node) = row.into_iter().next().flatten() else {
                continue;
            };
            let of = stated(p, &node)?;
            let known = |one: &&Statement<'_>| one.of == of && one.has_ties_of(&statement);
            if !found.iter().any(|one| known(&one)) {
                turns[turn].1 += 1;
                found.push(Statement {
                    node,
                    of,
                    ..statement.clone()
                });
            }
        }
    }
    Ok(found)
}

/// The nameless nodes around an entity, at most so many for each predicate.
pub(super) fn nameless(
    p: &mut Proposer<'_>,
    candidate: &Candidate,
    most: usize,
) -> Result<Vec<Next>, RetrieverError> {
    let edges = p.edges(&candidate.entity.iri)?;
    let topic = Term::NamedNode(NamedNode::new_unchecked(&candidate.entity.iri));
    let outgoing = edges.outgoing.iter().map(|e| (e.0, Way::Forward));
    let incoming = edges.incoming.iter().map(|e| (e.0, Way::Inverse));
    let mut found = Vec::new();
    for (number, way) in outgoing.chain(incoming) {
        let predicate = &p.view.catalog().predicates()[number];
        let iri = &predicate.iri;
        let few = neighbours(p.view, &topic, iri, way, FEW)?;
        let all = if !p.are_nameless(&few)? {
            if predicate.behind(way).is_empty() {
                continue;
            }
            // Players have a team, and so have the stages of their careers.
            match few.len() < FEW {
                true => among(p, &few)?,
                false => among(p, &neighbours(p.view, &topic, iri, way, MIXED)?)?,
            }
        } else if few.len() < FEW || most <= FEW {
            few
        } else {
            neighbours(p.view, &topic, iri, way, most)?
        };
        found.extend(all.into_iter().map(|node| (node, (number, way))));
    }
    Ok(found)
}

/// Those of some things that have no name, a few of them.
fn among(p: &Proposer<'_>, things: &[Term]) -> Result<Vec<Term>, RetrieverError> {
    let mut found = Vec::new();
    for thing in things {
        if found.len() == FEW {
            break;
        }
        if p.are_nameless(std::slice::from_ref(thing))? {
            found.push(thing.clone());
        }
    }
    Ok(found)
}

/// The predicate of the fact that a node is a statement of.
fn stated(p: &Proposer<'_>, node: &Term) -> Result<Option<String>, RetrieverError> {
    let Some(by) = p.view.catalog().reified() else {
        return Ok(None);
    };
    let found = neighbours(p.view, node, &by.predicate, Way::Forward, 1)?;
    Ok(found.into_iter().find_map(|term| match term {
        Term::NamedNode(node) => Some(node.into_string()),
        _ => None,
    }))
}

/// Adds descriptions of what a node leads to, or of the node itself where it is asked for.
fn describe(
    p: &mut Proposer<'_>,
    (statement, ways): (&Statement<'_>, &[Fact]),
    described: &mut Vec<Description>,
) -> Result<(), RetrieverError> {
    succession::propose(p, statement, described)?;
    if p.question.form == Form::Ask {
        described.push(roles::tied(p, statement)?);
        return Ok(());
    }
    let times = |at: usize| p.question.tokens[at].text == "times";
    let counted = |at: usize| times(at) || statement.ties.iter().any(|tie| tie.span.start == at);
    if p.question.counted.is_some_and(counted) {
        // "How many Gold Gloves did he win", "how many times has he won it": as often as it is stated.
        described.push(roles::tied(p, statement)?);
    }
    for next in ways {
        if !statement.says(p.view.catalog(), next.0) {
            roles::describe(p, statement, *next, described)?;
        }
    }
    Ok(())
}
