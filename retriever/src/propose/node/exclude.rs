//! What is left out of a description: "the gases that he did not discover", "the houses without a lift", "the players who
//! are no pitchers".

use std::ops::Range;

use super::related::{self, LEAST_FIT, Tie};
use crate::RetrieverError;
use crate::execute::look_up;
use crate::graph::{Comparand, Filter, Hop, Link, Measure, Node, QueryGraph, Source, Way};
use crate::link::{FIT_DERIVED, Mention};
use crate::propose::Proposer;
use crate::question::{Operator, is_auxiliary};
use crate::rank::{Match, Reading};

/// Ties that are tried with each description, and that are looked up for it.
const MOST_EXCLUDED: usize = 6;
const MOST_LOOKED_UP: usize = 24;
/// How well a predicate fits at the least that ties an entity to such things.
const TIED: f64 = 0.5;
/// How well the predicate fits by which the description is tied to something else already.
const AGAIN: f64 = 0.7;
/// How well what is excluded fits where it is a class, or what has a value.
const CLASS: f64 = 0.95;

/// What the question names next after each of its negations: "European countries that do not | use the euro"; else what it names
/// right before it: "the houses that Ada does | not keep".
pub(super) fn negated<'m>(p: &Proposer<'m>) -> Vec<&'m Mention> {
    let named = |mention: &&Mention| mention.candidates.iter().any(|c| c.fit >= FIT_DERIVED);
    let next = |from: &usize| {
        let after = p.mentions.iter().filter(|m| m.span.start > *from);
        let after = after.filter(named).min_by_key(|m| m.span.start);
        let spans = p.mentions.iter().map(|mention| &mention.span);
        let mut all = spans.chain(p.values.iter().map(|value| &value.span));
        let last = !all.any(|span| span.start > *from);
        let before = p.mentions.iter().filter(|m| is_right_before(p, m, *from));
        // "Factions have | no leader" names none of them.
        let thing = |m: &&Mention| {
            let mut classes = p.classes.iter().map(|class| &class.span);
            !classes.any(|span| m.span.start < span.end && span.start < m.span.end)
                && p.question.asked.is_none_or(|at| !m.span.contains(&at))
        };
        let before = || {
            before
                .filter(named)
                .filter(thing)
                .max_by_key(|m| m.span.len())
        };
        after.or_else(|| last.then(before).flatten())
    };
    p.question.negations.iter().filter_map(next).collect()
}

/// Whether there is nothing but a verb between a name and a negation.
fn is_right_before(p: &Proposer<'_>, mention: &Mention, negation: usize) -> bool {
    let end = mention.span.end;
    let mut between = p.question.tokens.iter().take(negation).skip(end);
    end <= negation && between.all(|token| is_auxiliary(&token.text))
}

/// Whether several things are excluded: "neither France | nor Germany", "not by her and not by him".
fn excludes_several(p: &Proposer<'_>) -> bool {
    let mut named: Vec<usize> = negated(p)
        .iter()
        .map(|mention| mention.span.start)
        .collect();
    named.dedup();
    named.len() > 1 || p.question.tokens.iter().any(|token| token.text == "nor")
}

/// Whether a negation may be said of a name: it comes before it, or right after it and a verb, as in "the houses that Ada
/// does | not keep".
fn can_be_negated(p: &Proposer<'_>, mention: &Mention) -> bool {
    let negations = &p.question.negations;
    negations
        .iter()
        .any(|at| *at < mention.span.start || is_right_before(p, mention, *at))
}

/// Adds readings that leave something out of a description.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    base: &Reading,
    node: &Node,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let used: Vec<bool> = base.explains.iter().map(|e| *e >= 0.5).collect();
    let (mut found, mut again) = of_names(p, node, &used)?;
    if excludes_several(p) {
        found.append(&mut again);
        found = all_of(&found);
    }
    found.extend(related::to_anything(p, node, &used)?);
    found.extend(related::to_classes(p, node, &used)?);
    found.extend(what_is(p, &used));
    found.sort_by(|a, b| b.1.score.total_cmp(&a.1.score));
    found.truncate(MOST_LOOKED_UP);
    let mut kept = 0;
    let again = again.into_iter().map(|tie| (tie, true));
    for ((links, fit, words, excluded), sure) in
        again.chain(found.into_iter().map(|tie| (tie, false)))
    {
        if kept == MOST_EXCLUDED {
            break;
        }
        p.in_time()?;
        // Some of the things must have what is excluded, unless the question says what that is; else the words mean
        // something else.
        let mut having = node.clone();
        having.links.extend(links.first().cloned());
        let having = QueryGraph::Exists { node: having };
        if !sure
            && look_up(
                p.view,
                &having.to_sparql(p.view.catalog().conventions()),
                p.deadline,
                1,
            )?
            .boolean
                != Some(true)
        {
            continue;
        }
        kept += 1;
        let mut without = node.clone();
        without.links.extend(links.into_iter().map(|link| Link {
            negated: true,
            ..link
        }));
        let mut words = words;
        for &at in &p.question.negations {
            words[at] = 1.0;
        }
        let mut reading = related::refined(p, base, without, &fit, &words);
        reading.entities.extend(excluded);
        readings.push(reading);
    }
    Ok(())
}

/// What the question names after it negates: ties by any fact that may be meant, and those by a fact by which the
/// description is tied to something else already.
fn of_names(
    p: &mut Proposer<'_>,
    node: &Node,
    used: &[bool],
) -> Result<(Vec<Tie>, Vec<Tie>), RetrieverError> {
    let (mut found, mut again): (Vec<Tie>, Vec<Tie>) = (Vec::new(), Vec::new());
    let scope = negated(p).first().map(|mention| mention.span.start);
    let mentions = p.mentions;
    for mention in mentions {
        if scope.is_some_and(|from| mention.span.start < from) || !can_be_negated(p, mention) {
            continue;
        }
        if mention.span.clone().any(|at| used[at]) {
            continue;
        }
        for candidate in mention.candidates.iter().take(3) {
            let edges = p.edges(&candidate.entity.iri)?;
            let mut spent = used.to_vec();
            spent[mention.span.clone()].fill(true);
            let ways = edges.outgoing.iter().map(|e| (e.0, Way::Forward));
            let ways = ways.chain(edges.incoming.iter().map(|e| (e.0, Way::Inverse)));
            for (number, way) in ways {
                let mut fit = p.matcher.local(number, &spent, &|_| 0, &|_, _| true)?;
                let iri = &p.view.catalog().predicates()[number].iri;
                let same = node.links.iter().any(|link| {
                    matches!(link.path.as_slice(), [hop] if hop.predicate == *iri && hop.way == way)
                });
                if same {
                    // "Who played for the one but not for the other": the same fact is meant.
                    fit.score = fit.score.max(AGAIN);
                }
                if related::ties(p, node, number, way) {
                    // "European countries that do not use the euro": little else can be meant.
                    fit.score = fit.score.max(TIED);
                }
                let mut words = vec![0.0; used.len()];
                words[mention.span.clone()].fill(1.0);
                let entity = vec![candidate.entity.iri.clone()];
                found.extend(through(
                    p,
                    node,
                    (number, way),
                    (&fit, &words, &entity),
                    &spent,
                )?);
                if fit.score >= LEAST_FIT {
                    let iri = &p.view.catalog().predicates()[number].iri;
                    let link = Link::edge(&candidate.entity.iri, iri, way);
                    let tie = (vec![link], fit, words, entity);
                    if same { &mut again } else { &mut found }.push(tie);
                }
            }
        }
    }
    Ok((found, again))
}

/// Ties through a nameless node: what is no member by any membership.
fn through(
    p: &mut Proposer<'_>,
    node: &Node,
    (number, way): (usize, Way),
    (fit, words, entity): (&Match, &[f64], &[String]),
    spent: &[bool],
) -> Result<Vec<Tie>, RetrieverError> {
    let catalog = p.view.catalog().clone();
    let mut found = Vec::new();
    for &(next, next_way) in catalog.predicates()[number].behind(way) {
        if !related::ties(p, node, next, next_way) || (next, next_way) == (number, way.turned()) {
            continue;
        }
        let mut both = p.matcher.local(next, spent, &|_| 0, &|_, _| true)?;
        both.improve(fit);
        both.score = both.score.max(TIED);
        let hop = |number: usize, way| Hop::new(&catalog.predicates()[number].iri, way);
        let link = Link {
            from: Source::Entity(entity[0].clone()),
            path: vec![hop(number, way), hop(next, next_way)],
            negated: false,
        };
        found.push((vec![link], both, words.to_vec(), entity.to_vec()));
    }
    Ok(found)
}

/// "Neither France nor Germany": what is said of one is said of the other as well.
fn all_of(found: &[Tie]) -> Vec<Tie> {
    let mut joint: Vec<Tie> = Vec::new();
    for (links, fit, words, entity) in found {
        let same = joint
            .iter_mut()
            .find(|(others, ..)| others[0].path == links[0].path);
        match same {
            Some((others, _, spoken, entities)) => {
                entities.extend(entity.iter().cloned());
                others.extend(links.iter().cloned());
                for (spoken, word) in spoken.iter_mut().zip(words) {
                    *spoken = spoken.max(*word);
                }
            }
            None => joint.push((links.clone(), fit.clone(), words.clone(), entity.clone())),
        }
    }
    joint.retain(|(links, ..)| links.len() > 1);
    joint
}

/// Classes and values after the negation: "players who are no pitchers", "who are not left-handed".
fn what_is(p: &Proposer<'_>, used: &[bool]) -> Vec<Tie> {
    let Some(&from) = p.question.negations.first() else {
        return Vec::new();
    };
    let count = used.len();
    let free = |span: &Range<usize>| span.start > from && span.clone().all(|at| !used[at]);
    let exclusion = |span: &Range<usize>, fit: f64, node: Node| {
        let mut words = vec![0.0; count];
        words[span.clone()].fill(fit);
        let link = Link {
            from: Source::Node(Box::new(node)),
            path: Vec::new(),
            negated: false,
        };
        let fit = Match {
            score: CLASS * fit,
            lexical: CLASS * fit,
            explains: vec![0.0; count],
        };
        (vec![link], fit, words, Vec::new())
    };
    let classes = p.classes.iter().filter(|mention| free(&mention.span));
    let classes = classes.map(|mention| {
        let node = Node {
            classes: p.view.catalog().iris_under(mention.class),
            ..Node::default()
        };
        exclusion(&mention.span, mention.fit, node)
    });
    let values = p.values.iter().filter(|mention| free(&mention.span));
    let values = values.map(|mention| {
        let filter = Filter {
            measure: Measure::value(&p.view.catalog().predicates()[mention.predicate].iri),
            operator: Operator::Equal,
            with: Comparand::Bound(mention.value.clone()),
            or_none: false,
        };
        let node = Node {
            filters: vec![filter],
            ..Node::default()
        };
        exclusion(&mention.span, mention.fit, node)
    });
    classes.chain(values).collect()
}
