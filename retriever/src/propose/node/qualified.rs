//! What nameless nodes say of two things at once: a statement with its qualifiers, a count of one thing in another.
//!
//! "In how many patients with X was Y seen" asks for a value of the node that joins X and Y; "who did the test on X", for
//! another thing that it joins.

use std::collections::HashMap;
use std::ops::Range;

use kg_store::rdf::{NamedNode, Term};

use super::description::Description;
use super::kinds::{Kind, kinds};
use super::{Step, accounted, succession};
use crate::RetrieverError;
use crate::catalog::Catalog;
use crate::graph::{Hop, Link, Node, Source, Way};
use crate::link::Candidate;
use crate::propose::Proposer;
use crate::question::Form;
use crate::rank::{Features, Match};
use crate::walk::neighbours;

/// Pairs of mentions are tried with this many candidates each.
const MAX_PAIRED: usize = 3;
/// Mentions that are paired.
const MAX_MENTIONS: usize = 4;
/// Nameless nodes that are looked at around each, and facts of one that two share.
const MOST_AROUND: usize = 2_000;
/// How well such a node ties what it joins, whose facts need not be named.
const TIE: f64 = 0.6;

/// A predicate, and which way it is read.
pub(super) type Fact = (usize, Way);
/// A nameless node next to an entity, with the fact that leads there.
pub(super) type Next = (Term, Fact);

/// Adds descriptions of what nameless nodes that join two mentions lead to.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    described: &mut Vec<Description>,
) -> Result<(), RetrieverError> {
    let mentions = &p.mentions[..p.mentions.len().min(MAX_MENTIONS)];
    let mut around: Vec<(usize, &Candidate, Vec<Next>)> = Vec::new();
    for (number, mention) in mentions.iter().enumerate() {
        for candidate in mention.candidates.iter().take(MAX_PAIRED) {
            let found = nameless(p, candidate, MOST_AROUND)?;
            if !found.is_empty() {
                around.push((number, candidate, found));
            }
        }
    }
    for (i, (first, a, near_a)) in around.iter().enumerate() {
        let known: HashMap<&Term, Fact> = near_a.iter().map(|(node, to)| (node, *to)).collect();
        for (second, b, near_b) in &around[i + 1..] {
            let (x, y) = (&mentions[*first], &mentions[*second]);
            if first != second && !x.overlaps(y) {
                join(p, (&known, near_b), (&x.span, a), (&y.span, b), described)?;
            }
        }
    }
    Ok(())
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
        let iri = &p.view.catalog().predicates()[number].iri;
        let few = neighbours(p.view, &topic, iri, way, 3)?;
        if !p.are_nameless(&few)? {
            continue;
        }
        let all = neighbours(p.view, &topic, iri, way, most)?;
        found.extend(all.into_iter().map(|node| (node, (number, way))));
    }
    Ok(found)
}

fn join(
    p: &mut Proposer<'_>,
    (known, near): (&HashMap<&Term, Fact>, &[Next]),
    (first, a): (&Range<usize>, &Candidate),
    (second, b): (&Range<usize>, &Candidate),
    described: &mut Vec<Description>,
) -> Result<(), RetrieverError> {
    let mut patterns: Vec<(Fact, Fact, &Term, Option<String>)> = Vec::new();
    for (node, to) in near {
        if let Some(from) = known.get(node) {
            let of = stated(p, node)?;
            let mut same = patterns.iter();
            if !same.any(|(x, y, _, known)| (x, y, known) == (from, to, &of)) {
                patterns.push((*from, *to, node, of));
            }
        }
    }
    for (from, to, node, of) in patterns {
        p.in_time()?;
        let statement = Statement {
            ties: [(first, a, from), (second, b, to)],
            node,
            of: of.as_deref(),
        };
        succession::propose(p, &statement, described)?;
        if p.question.form == Form::Ask {
            described.push(tied(p, &statement)?);
            continue;
        }
        let times = |at: usize| p.question.tokens[at].text == "times";
        if p.question
            .counted
            .is_some_and(|at| first.start == at || second.start == at || times(at))
        {
            // "How many Gold Gloves did he win", "how many times has he won it": as often as it is stated.
            described.push(tied(p, &statement)?);
        }
        for next in p.ways_of(node)? {
            if next.0 != from.0 && next.0 != to.0 {
                describe(p, &statement, next, described)?;
            }
        }
    }
    Ok(())
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

/// An entity with its span, and the fact that ties it to a nameless node.
pub(super) type Tie<'a> = (&'a Range<usize>, &'a Candidate, Fact);

/// A nameless node that ties two mentions.
pub(super) struct Statement<'a> {
    pub(super) ties: [Tie<'a>; 2],
    pub(super) node: &'a Term,
    /// The predicate of the fact that it is a statement of, if it is one.
    of: Option<&'a str>,
}

impl Statement<'_> {
    /// What tells it from statements of other facts.
    pub(super) fn predicate_link(&self, catalog: &Catalog) -> Option<Link> {
        let by = catalog.reified()?;
        Some(Link::edge(self.of?, &by.predicate, Way::Inverse))
    }

    /// How far class words say what it is: "certified" of what is a certification.
    pub(super) fn kind_words(&self, p: &Proposer<'_>) -> Vec<f64> {
        let catalog = p.view.catalog();
        p.class_words(|mention| {
            self.ties.iter().all(|(_, _, (number, way))| {
                let predicate = &catalog.predicates()[*number];
                let spread = predicate.classes_at(*way);
                let share = catalog.share(spread, predicate.facts, mention.class);
                share.is_some_and(|share| share > 0.0)
            })
        })
    }
}

/// The nameless node itself: "do people with X get Y".
fn tied(p: &mut Proposer<'_>, statement: &Statement<'_>) -> Result<Description, RetrieverError> {
    let ties = statement.ties;
    let spans = vec![ties[0].0.clone(), ties[1].0.clone()];
    let used = p.used(&spans.iter().collect::<Vec<_>>());
    let catalog = p.view.catalog().clone();
    let iri = |number: usize| catalog.predicates()[number].iri.as_str();
    let mut explains = vec![0.0_f64; used.len()];
    for (_, candidate, (number, _)) in ties {
        let words = p.matcher.local(number, &used, &|_| 0, &|_, _| true)?;
        let kind = p.kind_words_of(candidate)?;
        for (at, explained) in explains.iter_mut().enumerate() {
            *explained = explained.max(words.explains[at]).max(kind[at]);
        }
    }
    for (explained, word) in explains.iter_mut().zip(statement.kind_words(p)) {
        *explained = explained.max(word);
    }
    let times = p
        .question
        .counted
        .filter(|at| p.question.tokens[*at].text == "times");
    if let Some(at) = times {
        explains[at] = 1.0;
    }
    Ok(Description {
        links: ties
            .iter()
            .map(|(_, candidate, (number, way))| {
                Link::edge(&candidate.entity.iri, iri(*number), *way)
            })
            .chain(statement.predicate_link(&catalog))
            .collect(),
        filters: Vec::new(),
        nameless: true,
        conditioned: false,
        features: Features {
            link: 0.5 * (ties[0].1.fit + ties[1].1.fit),
            prior: 0.5 * (ties[0].1.prior + ties[1].1.prior),
            predicate: TIE,
            coverage: p.coverage(&used, &[&explains]),
            // That such a node exists speaks for it, as it does for a fact.
            kind: 1.0,
            missed: 0.0,
        },
        kind: Kind::any(1.0, vec![0.0; used.len()]),
        explains,
        entities: ties.iter().map(|tie| tie.1.entity.iri.clone()).collect(),
        spans,
    })
}

fn describe(
    p: &mut Proposer<'_>,
    statement: &Statement<'_>,
    (number, way): (usize, Way),
    described: &mut Vec<Description>,
) -> Result<(), RetrieverError> {
    let ties = statement.ties;
    let spans: Vec<Range<usize>> = ties.iter().map(|tie| tie.0.clone()).collect();
    let used = p.used(&spans.iter().collect::<Vec<_>>());
    let catalog = p.view.catalog().clone();
    let iri = |number: usize| catalog.predicates()[number].iri.as_str();
    let fit = p.matcher.local(number, &used, &|_| 0, &|_, _| true)?;
    let mut spoken = statement.kind_words(p);
    for (_, _, (tied, _)) in ties {
        let words: Match = p.matcher.local(tied, &used, &|_| 0, &|_, _| true)?;
        if words.score >= TIE {
            for (spoken, word) in spoken.iter_mut().zip(&words.explains) {
                *spoken = spoken.max(*word);
            }
        }
    }
    let mut links = ties
        .map(|(_, candidate, (tied, way))| Link::edge(&candidate.entity.iri, iri(tied), way))
        .to_vec();
    let mut told = 0.0;
    links.extend(statement.predicate_link(&catalog));
    if let Some(own) = statement.of.and_then(|of| catalog.predicate(of)) {
        let words = p.matcher.local(own, &used, &|_| 0, &|_, _| true)?;
        told = words.score;
        if words.score >= TIE {
            for (spoken, word) in spoken.iter_mut().zip(&words.explains) {
                *spoken = spoken.max(*word);
            }
        }
    }
    let facts = neighbours(p.view, statement.node, iri(number), way, 20)?.len() as u64;
    let step = Step {
        predicate: number,
        way,
        facts,
        reached: 0.0,
        against: 0.0,
        ends: Vec::new(),
        fit,
    };
    let reached = p.matcher.kind_words(number, way)?;
    let reached: Vec<f64> = (0..used.len())
        .map(|at| p.as_kind(at, reached[at]))
        .collect();
    let nothing = vec![false; used.len()];
    for kind in kinds(p, &spans[0], &step)? {
        let explains = accounted(
            &nothing,
            &[&step.fit.explains, &spoken, &reached],
            &kind.explains,
        );
        let named = step.fit.score.max(if kind.score > 0.0 { 0.5 } else { 0.0 });
        described.push(Description {
            spans: spans.clone(),
            links: vec![Link {
                from: Source::Node(Box::new(Node {
                    links: links.clone(),
                    ..Node::default()
                })),
                path: vec![Hop::new(iri(number), way)],
                negated: false,
            }],
            filters: Vec::new(),
            nameless: false,
            conditioned: false,
            features: Features {
                link: 0.5 * (ties[0].1.fit + ties[1].1.fit),
                prior: 0.5 * (ties[0].1.prior + ties[1].1.prior),
                predicate: 0.5 * (named + TIE.max(named).max(told)),
                coverage: p.coverage(&used, &[&explains]),
                kind: kind.score,
                missed: 0.0,
            },
            kind,
            explains,
            entities: ties.iter().map(|tie| tie.1.entity.iri.clone()).collect(),
        });
    }
    Ok(())
}
