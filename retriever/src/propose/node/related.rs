//! Things that others are tied to by their kind alone: "the buildings with a chiller", "the houses without a lift".

use std::rc::Rc;

use kg_store::rdf::{NamedNode, NamedNodeRef, NamedOrBlankNode};

use super::{accounted, every, towards};
use crate::RetrieverError;
use crate::execute::holds;
use crate::graph::{Link, Node, QueryGraph, Source, Way};
use crate::propose::leftover::SPOKEN_OF;
use crate::propose::{ClassMention, Proposer};
use crate::rank::{Features, Match, Reading};
use crate::thesaurus::Word;

/// What things are tied to: the links, how well the predicate fits, the words for what it leads to, and the entities.
pub(super) type Tie = (Vec<Link>, Match, Vec<f64>, Vec<String>);

/// A predicate whose facts tie must fit this well where nothing else speaks for it.
pub(super) const LEAST_FIT: f64 = 0.4;
/// How well a fact fits that leads to things of a class which the question names.
const REACHED: f64 = 0.6;
/// What each fact of a path costs beyond the first.
const FURTHER: f64 = 0.05;
/// Things of a class from which paths are looked for.
const SAMPLED: usize = 3;
/// Ties that are looked up for one description.
const MOST_TRIED: usize = 8;
/// A fact that fits this well by its words is named.
const NAMED: f64 = 0.5;
/// A class word that fits this well must not be passed over.
const SURE: f64 = 0.8;

/// Adds readings of what a description holds that is tied to things of another class which the question names.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    base: &Reading,
    node: &Node,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let used: Vec<bool> = base.explains.iter().map(|e| *e >= SPOKEN_OF).collect();
    let mut found = to_classes(p, node, &used)?;
    let said = |words: &[f64]| (1..words.len()).any(|at| words[at] > 0.0 && is_had(p, at));
    found.retain(|(_, fit, words, _)| fit.lexical >= NAMED || said(words));
    found.sort_by(|a, b| b.1.score.total_cmp(&a.1.score));
    found.truncate(MOST_TRIED);
    for (links, fit, words, _) in found {
        p.in_time()?;
        let mut tied = node.clone();
        tied.links.extend(links);
        if !holds(p.view, tied.clone(), p.deadline)? {
            continue;
        }
        readings.push(refined(p, base, tied, &fit, &words));
    }
    Ok(())
}

/// A reading of what a description holds with one tie more, or without: `words` are those that the tie accounts for.
pub(super) fn refined(
    p: &Proposer<'_>,
    base: &Reading,
    node: Node,
    fit: &Match,
    words: &[f64],
) -> Reading {
    let none = vec![false; words.len()];
    let explains = accounted(&none, &[&base.explains, &fit.explains], words);
    Reading {
        graph: QueryGraph::Select {
            node,
            target: every(p),
        },
        entities: base.entities.clone(),
        features: Features {
            predicate: 0.5 * (base.features.predicate.max(0.7) + fit.score),
            coverage: p.coverage(&none, &[&explains]),
            ..base.features
        },
        explains,
        absent: false,
    }
}

/// Whether the question says that something has what a word names: "with a chiller", "that contain chillers".
fn is_had(p: &Proposer<'_>, at: usize) -> bool {
    let mut before = p.question.tokens[..at]
        .iter()
        .rev()
        .map(|token| token.text.as_str());
    let verb =
        before.find(|word| !matches!(*word, "a" | "an" | "any" | "some" | "its" | "their" | "own"));
    let verb = verb.map(Word::of);
    let lemma = |word: &str| {
        verb.as_ref()
            .is_some_and(|verb| verb.lemmas.iter().any(|l| l == word))
    };
    [
        "with", "have", "contain", "include", "house", "hold", "possess", "own",
    ]
    .into_iter()
    .any(lemma)
}

/// Whether facts of a predicate, read from an entity, lead to things of a node's classes; where it has none, of those that
/// its last fact leads to.
pub(super) fn ties(p: &Proposer<'_>, node: &Node, number: usize, way: Way) -> bool {
    let catalog = p.view.catalog();
    let predicate = &catalog.predicates()[number];
    let spread = predicate.classes_at(way);
    if node.classes.is_empty() {
        let mut hops = node.links.iter().filter_map(|link| link.path.last());
        return hops.any(|hop| {
            let last = catalog.predicate(&hop.predicate);
            last.is_some_and(|last| {
                let mut classes = catalog.predicates()[last].classes_at(hop.way).keys();
                classes.any(|class| spread.contains_key(class))
            })
        });
    }
    let mut classes = node.classes.iter().filter_map(|iri| catalog.class(iri));
    classes.any(|class| spread.contains_key(&class))
}

/// Any fact of a predicate that the question names.
pub(super) fn to_anything(
    p: &mut Proposer<'_>,
    node: &Node,
    used: &[bool],
) -> Result<Vec<Tie>, RetrieverError> {
    // What names a class names no fact beside: "not | pitchers".
    let mut used = used.to_vec();
    for mention in p.classes.iter().filter(|mention| mention.fit >= SURE) {
        used[mention.span.clone()].fill(true);
    }
    let mut found = Vec::new();
    for number in 0..p.view.catalog().predicates().len() {
        let fit = p.matcher.local(number, &used, &|_| 0, &|_, _| true)?;
        if fit.score < LEAST_FIT {
            continue;
        }
        for way in [Way::Forward, Way::Inverse] {
            if ties(p, node, number, way.turned()) {
                let path = vec![(number, way.turned())];
                let link = from_class(p, Vec::new(), &path);
                found.push((vec![link], fit.clone(), vec![0.0; used.len()], Vec::new()));
            }
        }
    }
    Ok(found)
}

/// Things of a class that the question names, by one fact or by some: "buildings without a chiller", where a chiller is in
/// a room, and a room in a building.
pub(super) fn to_classes(
    p: &mut Proposer<'_>,
    node: &Node,
    used: &[bool],
) -> Result<Vec<Tie>, RetrieverError> {
    let catalog = p.view.catalog().clone();
    let classes: Vec<usize> = node
        .classes
        .iter()
        .filter_map(|iri| catalog.class(iri))
        .collect();
    let between = |mention: &ClassMention| {
        // "Official in the country where": a path that is there leads through such things.
        let mut links = node.links.iter();
        links.any(|link| passes(p, link, mention.class))
    };
    let free = |mention: &&ClassMention| {
        mention.span.clone().all(|at| !used[at]) && !between(mention) && !mention.narrower
    };
    let mentions: Vec<ClassMention> = p.classes.iter().filter(free).cloned().collect();
    let mut found: Vec<Tie> = Vec::new();
    for mention in mentions {
        let under = catalog.iris_under(mention.class);
        let paths = paths(p, mention.class, &classes)?;
        let mut words = vec![0.0; used.len()];
        words[mention.span.clone()].fill(mention.fit);
        let mut spent = used.to_vec();
        spent[mention.span.clone()].fill(true);
        for path in paths.iter() {
            let mut fit = Match {
                explains: vec![0.0; used.len()],
                ..Match::default()
            };
            for (number, _) in path {
                fit.improve(&p.matcher.local(*number, &spent, &|_| 0, &|_, _| true)?);
            }
            fit.lexical = fit.score;
            fit.score = fit.score.max(REACHED) - FURTHER * (path.len() as f64 - 1.0);
            let link = from_class(p, under.clone(), path);
            found.push((vec![link], fit, words.clone(), Vec::new()));
        }
    }
    Ok(found)
}

/// Whether a path leads through things of a class on its way.
fn passes(p: &Proposer<'_>, link: &Link, class: usize) -> bool {
    let catalog = p.view.catalog();
    let Some((_, before)) = link.path.split_last() else {
        return false;
    };
    before.iter().any(|hop| {
        let predicate = catalog.predicate(&hop.predicate);
        let predicate = predicate.map(|number| &catalog.predicates()[number]);
        predicate.is_some_and(|predicate| {
            let spread = predicate.classes_at(hop.way);
            catalog
                .share(spread, predicate.facts, class)
                .is_some_and(|share| share > 0.5)
        })
    })
}

/// The facts and the paths that lead from things of a class to things of others; looked for once.
fn paths(
    p: &mut Proposer<'_>,
    class: usize,
    to: &[usize],
) -> Result<Rc<[towards::Path]>, RetrieverError> {
    let key = (class, to.to_vec());
    if let Some(known) = p.ties.get(&key) {
        return Ok(Rc::clone(known));
    }
    let catalog = p.view.catalog().clone();
    let mut found: Vec<towards::Path> = Vec::new();
    for (number, predicate) in catalog.predicates().iter().enumerate() {
        for way in [Way::Forward, Way::Inverse] {
            let share = catalog.share(predicate.classes_at(way), predicate.facts, class);
            let near = predicate.classes_at(way.turned());
            if share.is_some_and(|share| share > 0.0) && to.iter().any(|to| near.contains_key(to)) {
                found.push(vec![(number, way.turned())]);
            }
        }
    }
    for thing in things(p, &catalog.iris_under(class))? {
        for (path, _) in towards::paths(p, &thing, to)? {
            if !found.contains(&path) {
                found.push(path);
            }
        }
    }
    let found: Rc<[towards::Path]> = found.into();
    p.ties.insert(key, Rc::clone(&found));
    Ok(found)
}

/// A path that begins at things of some classes, or at any.
fn from_class(p: &Proposer<'_>, classes: Vec<String>, path: &[(usize, Way)]) -> Link {
    Link {
        from: Source::Node(Box::new(Node {
            classes,
            ..Node::default()
        })),
        path: towards::hops(p, path),
        negated: false,
    }
}

/// A few things of some classes.
fn things(p: &Proposer<'_>, classes: &[String]) -> Result<Vec<NamedNode>, RetrieverError> {
    let mut found = Vec::new();
    for class in classes {
        let told_by = p.view.catalog().conventions().predicate_of(class);
        let typed = Some(NamedNodeRef::new_unchecked(told_by));
        let class = NamedNode::new_unchecked(class);
        let quads = p
            .view
            .snapshot()
            .quads(None, typed, Some(class.as_ref().into()), None);
        for quad in quads.take(SAMPLED) {
            if let NamedOrBlankNode::NamedNode(node) = quad?.subject {
                found.push(node);
            }
        }
        if found.len() >= SAMPLED {
            break;
        }
    }
    found.truncate(SAMPLED);
    Ok(found)
}
