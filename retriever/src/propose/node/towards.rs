//! Paths of which only the ends are named: "in which building is room 12", where a room is on a floor, and a floor in a
//! building.
//!
//! Such paths lead one way, as parts lead to wholes: from subjects to objects, or back.

use std::ops::Range;

use kg_store::rdf::{NamedNode, Term};

use super::between::between;
use super::chain::{asks_for_a_holder, say_so};
use super::description::Description;
use super::{Kind, accounted};
use crate::RetrieverError;
use crate::catalog::Class;
use crate::graph::{Hop, Link, Source, Way};
use crate::link::Candidate;
use crate::propose::{ClassMention, Proposer};
use crate::rank::Features;
use crate::walk::neighbours;

/// Facts in such a path; one alone needs no search.
const MAX_HOPS: usize = 3;
/// Paths that are followed at each length, and things that are looked at where each ends.
const MOST_PATHS: usize = 24;
const SAMPLED: usize = 48;
/// Things that a fact leads to from one node: a few, or more where those of a class are looked for; and in all.
const FEW: usize = 8;
const MANY: usize = 64;
const MOST_SEEN: usize = 1_000;
/// How well such a path fits, which nothing but its ends speaks for, and what each further fact costs.
const FIT: f64 = 0.3;
const FURTHER: f64 = 0.05;
/// How well the commonest class of people fits "who".
const SOMEBODY: f64 = 0.6;
/// What a word for what lies on the way speaks for it.
const NAMED_BETWEEN: f64 = 0.15;

/// Facts one after the other: predicates, and which way each is read.
pub(in crate::propose) type Path = Vec<(usize, Way)>;

/// Adds what lies at the ends of the shortest such paths from an entity to things of a class that the question names.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    span: &Range<usize>,
    candidate: &Candidate,
    own: &[f64],
    described: &mut Vec<Description>,
) -> Result<(), RetrieverError> {
    let apart =
        |mention: &&ClassMention| mention.span.end <= span.start || span.end <= mention.span.start;
    let mut wanted: Vec<ClassMention> = p.classes.iter().filter(apart).cloned().collect();
    let used = p.used(&[span]);
    let holder = wanted.is_empty() && asks_for_a_holder(p, span, &used);
    wanted.extend(people(p).filter(|_| holder));
    let classes: Vec<usize> = wanted.iter().map(|mention| mention.class).collect();
    let node = NamedNode::new_unchecked(&candidate.entity.iri);
    for (path, class) in paths(p, &node, &classes)? {
        for mention in wanted.iter().filter(|mention| mention.class == class) {
            let mut found = describe(p, span, candidate, own, &path, mention);
            if holder {
                say_so(p, &mut found.explains);
                found.features.coverage = p.coverage(&used, &[&found.explains]);
            }
            described.push(found);
        }
    }
    Ok(())
}

/// The people that "who" asks for, where no noun does: "who works in Lisbon".
fn people(p: &Proposer<'_>) -> Option<ClassMention> {
    let classes = p.view.catalog().classes();
    // A rating is a sailor as well, but hardly ever meant as one.
    let first = |class: &Class| {
        let noun = class.noun();
        noun.is_some_and(|noun| noun.categories.first() == Some(&"person"))
    };
    let people = (0..classes.len()).filter(|class| first(&classes[*class]));
    let class = people.max_by_key(|class| classes[*class].instances)?;
    Some(ClassMention {
        span: 0..1,
        class,
        fit: SOMEBODY,
        narrower: false,
    })
}

/// The shortest such paths from a thing to things of classes, each with the class, where they have more than one fact.
pub(super) fn paths(
    p: &mut Proposer<'_>,
    node: &NamedNode,
    classes: &[usize],
) -> Result<Vec<(Path, usize)>, RetrieverError> {
    let mut found = Vec::new();
    for way in [Way::Forward, Way::Inverse] {
        let mut open = classes.to_vec();
        open.sort_unstable();
        open.dedup();
        if open.is_empty() {
            break;
        }
        let mut paths = vec![Partial {
            path: Vec::new(),
            before: Vec::new(),
            ends: vec![node.clone().into()],
        }];
        for length in 1..=MAX_HOPS {
            p.in_time()?;
            paths = further(p, &paths, way, &open)?;
            for partial in &mut paths {
                // What leads back to where it began leads nowhere.
                partial
                    .ends
                    .retain(|end| !matches!(end, Term::NamedNode(end) if end == node));
            }
            paths.retain(|partial| !partial.ends.is_empty());
            let mut reached = Vec::new();
            for partial in &paths {
                for &class in &open {
                    if ends_in(p, &partial.ends, class)? {
                        reached.push(class);
                        if length > 1 {
                            found.push((partial.path.clone(), class));
                        }
                    }
                }
            }
            open.retain(|class| !reached.contains(class));
        }
    }
    Ok(found)
}

/// A path as a query graph has it.
pub(super) fn hops(p: &Proposer<'_>, path: &[(usize, Way)]) -> Vec<Hop> {
    let predicates = p.view.catalog().predicates();
    path.iter()
        .map(|&(number, way)| Hop::new(&predicates[number].iri, way))
        .collect()
}

/// A path, with some of the things where it ends and where its last fact began.
struct Partial {
    path: Path,
    before: Vec<Term>,
    ends: Vec<Term>,
}

/// The paths that are longer by one fact.
fn further(
    p: &mut Proposer<'_>,
    paths: &[Partial],
    way: Way,
    wanted: &[usize],
) -> Result<Vec<Partial>, RetrieverError> {
    let mut found = Vec::new();
    for Partial { path, before, ends } in paths {
        // A statement is about several things, and leads from each to the others.
        let through = !path.is_empty() && p.are_nameless(ends)?;
        let mut ways = Vec::new();
        for end in ends.iter().take(3) {
            let all = p.ways_of(end)?.into_iter();
            ways.extend(all.filter(|(_, other)| through || *other == way));
        }
        ways.sort_unstable();
        ways.dedup();
        if through {
            ways.retain(|(number, _)| path.last().is_none_or(|(last, _)| last != number));
        }
        for (number, way) in ways {
            let iri = &p.view.catalog().predicates()[number].iri;
            // What is so tied both ways is beside each other, not one within the other.
            let turned = neighbours(p.view, &ends[0], iri, way.turned(), FEW)?;
            let both = neighbours(p.view, &ends[0], iri, way, FEW)?;
            if both.iter().any(|thing| turned.contains(thing)) {
                continue;
            }
            // Nor does a part lie in what lies beside it: the way back, by another predicate, leads nowhere.
            if both.iter().any(|thing| before.contains(thing)) {
                continue;
            }
            let next = sample(p, ends, number, way, wanted)?;
            if next.is_empty() {
                continue;
            }
            let mut longer = path.clone();
            longer.push((number, way));
            found.push(Partial {
                path: longer,
                before: ends.clone(),
                ends: next,
            });
            if found.len() == MOST_PATHS {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

/// Some of the things that a fact leads to, those of the classes that are wanted first.
fn sample(
    p: &Proposer<'_>,
    ends: &[Term],
    number: usize,
    way: Way,
    wanted: &[usize],
) -> Result<Vec<Term>, RetrieverError> {
    let catalog = p.view.catalog();
    let predicate = &catalog.predicates()[number];
    let spread = predicate.classes_at(way);
    let can = |class: usize| {
        let share = catalog.share(spread, predicate.facts, class);
        share.is_some_and(|share| share > 0.0)
    };
    let wanted: Vec<usize> = wanted.iter().copied().filter(|c| can(*c)).collect();
    // Few from each, so that all are seen; more where one of a rarer class is looked for.
    let each = if wanted.is_empty() { FEW } else { MANY };
    let (mut first, mut others, mut seen) = (Vec::new(), Vec::new(), 0);
    for end in ends {
        for thing in neighbours(p.view, end, &predicate.iri, way, each)? {
            seen += 1;
            if matches!(thing, Term::Literal(_)) {
                continue;
            }
            let mut is = false;
            for class in &wanted {
                is = is || ends_in(p, std::slice::from_ref(&thing), *class)?;
            }
            if is {
                first.push(thing);
            } else if others.len() < SAMPLED {
                others.push(thing);
            }
        }
        if first.len() >= SAMPLED || seen >= MOST_SEEN {
            break;
        }
    }
    first.truncate(SAMPLED / 2);
    first.extend(others);
    first.truncate(SAMPLED);
    Ok(first)
}

/// Whether some of a few things are of a class.
fn ends_in(p: &Proposer<'_>, ends: &[Term], class: usize) -> Result<bool, RetrieverError> {
    let catalog = p.view.catalog();
    let under = &catalog.classes()[class].with_subclasses;
    for end in ends {
        let Term::NamedNode(node) = end else {
            continue;
        };
        let told = catalog
            .conventions()
            .classes_of(p.view.snapshot(), node.as_ref())?;
        let mut told = told.iter().filter_map(|iri| catalog.class(iri));
        if told.any(|class| under.contains(&class)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn describe(
    p: &Proposer<'_>,
    span: &Range<usize>,
    candidate: &Candidate,
    own: &[f64],
    path: &[(usize, Way)],
    mention: &ClassMention,
) -> Description {
    let used = p.used(&[span]);
    let kind = Kind::told(p, mention);
    let score = kind.score;
    let mut words = own.to_vec();
    // "Students | enrolled | in Algebra": what lies on the way may be named as well.
    let named = between(p, span, path);
    let apart = |class: &&&ClassMention| class.span != mention.span;
    let mut fit = FIT - FURTHER * (path.len() as f64 - 2.0);
    for class in named.iter().filter(apart) {
        for word in &mut words[class.span.clone()] {
            *word = word.max(class.fit);
        }
        fit += NAMED_BETWEEN * class.fit;
    }
    let explains = accounted(&vec![false; used.len()], &[&words], &kind.explains);
    Description {
        spans: vec![span.clone()],
        links: vec![Link {
            from: Source::Entity(candidate.entity.iri.clone()),
            path: hops(p, path),
            negated: false,
        }],
        filters: Vec::new(),
        nameless: false,
        conditioned: false,
        kind,
        features: Features {
            link: candidate.fit * p.salience(span),
            prior: candidate.prior,
            predicate: fit,
            coverage: p.coverage(&used, &[&explains]),
            kind: score,
            missed: 0.0,
        },
        explains,
        entities: vec![candidate.entity.iri.clone()],
    }
}
