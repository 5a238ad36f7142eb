//! Things that have the most, or more than so many, of what is described itself: "who has written the most papers at DIS",
//! "policies with more than two open claims".

use super::description::{Description, SAID};
use super::{accounted, chain, every};
use crate::RetrieverError;
use crate::execute::holds;
use crate::graph::{
    Bound, Comparand, Filter, Hop, Link, Measure, Node, Order, QueryGraph, Source, Way,
};
use crate::propose::{ClassMention, Proposer};
use crate::rank::{Features, Match, Reading};
use crate::thesaurus::Word;

/// What is counted must be accounted for this far by a description.
const COUNTED: f64 = 0.5;
/// Descriptions of what is counted that are tried, and ties to each.
const MOST_DESCRIBED: usize = 6;
const MOST_TIED: usize = 4;
/// How well a fact fits that leads from things of the class asked for to what is counted.
const TIED: f64 = 0.6;
/// A number below this one may count things.
const MOST_COUNTED: f64 = 1000.0;

/// A fact that leads from what is asked for to what is counted.
struct Tie {
    hop: (usize, Way),
    classes: Vec<String>,
    fit: Match,
}

/// Adds readings that count what some descriptions hold.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    described: &[Description],
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let Some(noun) = noun(p) else {
        return Ok(());
    };
    let bounds = p.question.threshold.is_some() && p.question.superlative.is_some();
    if p.compared_with().is_some() || (bounds && !p.bounds_what_is_counted()) {
        // What is counted has no place for the other condition.
        return Ok(());
    }
    let asked = p.question.asked.filter(|at| *at != noun);
    let mut counted: Vec<Description> = described
        .iter()
        .filter(|one| !bounds && !one.conditioned && one.explains[noun] >= COUNTED)
        .filter(|one| asked.is_none_or(|at| one.explains[at] < COUNTED))
        .cloned()
        .collect();
    if bounds {
        counted.extend(bounded(p, noun)?);
    } else {
        counted.extend(whole(p, noun));
    }
    counted.sort_by(|a, b| b.features.score().total_cmp(&a.features.score()));
    counted.truncate(MOST_DESCRIBED);
    for one in counted {
        for tie in ties(p, &one, noun)? {
            p.in_time()?;
            let (number, way) = tie.hop;
            let hop = |way| Hop::new(&p.view.catalog().predicates()[number].iri, way);
            let what = one.node();
            let tied = Node {
                classes: tie.classes.clone(),
                links: vec![Link {
                    from: Source::Node(Box::new(what.clone())),
                    path: vec![hop(way.turned())],
                    negated: false,
                }],
                ..Node::default()
            };
            if holds(p.view, tied, p.deadline)? {
                let measure = Measure::Number {
                    path: vec![hop(way)],
                    counted: Box::new(what),
                };
                readings.extend(reading(p, &one, tie, measure));
            }
        }
    }
    Ok(())
}

/// The noun for what is counted, which is one for several things.
fn noun(p: &Proposer<'_>) -> Option<usize> {
    let token = |at: &usize| &p.question.tokens[*at].text;
    counted(p).filter(|at| Word::of(token(at)).is_plural(token(at)))
}

fn counted(p: &Proposer<'_>) -> Option<usize> {
    let question = p.question;
    if question.each {
        return p.counted_noun(question.counted?);
    }
    if let Some(superlative) = &question.superlative {
        let most = superlative
            .word
            .filter(|word| *word == superlative.span.end);
        return p.counted_noun(most?);
    }
    let threshold = question.threshold.as_ref()?;
    let counts = !threshold.weak
        && !threshold.year
        && !threshold.time
        && threshold.number.value < MOST_COUNTED;
    counts.then(|| p.counted_noun(threshold.span.end)).flatten()
}

/// What something is counted for each of: "for each | manufacturer".
fn each_of(p: &Proposer<'_>) -> Option<usize> {
    let question = p.question;
    let after = question.superlative.as_ref().map(|each| each.span.end);
    after.filter(|at| question.each && *at < question.tokens.len() && question.is_content(*at))
}

/// Things of the class that is counted, within the bound that is set on them: "the most | cities of over a million people".
fn bounded(p: &mut Proposer<'_>, noun: usize) -> Result<Vec<Description>, RetrieverError> {
    let mut found = Vec::new();
    for mention in of_class(p, noun) {
        let used = p.used(&[&mention.span]);
        let class = Some(mention.class);
        let filters = p.of_class(class, &used, &mention.span, |p, of| p.filters(of))?;
        for (fit, filters) in filters {
            found.push(things(p, &mention, &fit, filters));
        }
    }
    Ok(found)
}

/// All things of the class that is counted: "the manufacturer of the most | aircraft types".
fn whole(p: &Proposer<'_>, noun: usize) -> Vec<Description> {
    let mut fit = Match::none(p.question.tokens.len());
    fit.score = TIED;
    let named = of_class(p, noun).into_iter();
    named
        .map(|class| things(p, &class, &fit, Vec::new()))
        .collect()
}

fn of_class(p: &Proposer<'_>, noun: usize) -> Vec<ClassMention> {
    let named = p.classes.iter().filter(|class| class.span.contains(&noun));
    named.cloned().collect()
}

/// Things of a class, within some bounds.
fn things(
    p: &Proposer<'_>,
    mention: &ClassMention,
    fit: &Match,
    filters: Vec<Filter>,
) -> Description {
    let used = p.used(&[&mention.span]);
    let kind = super::Kind::named(p, mention);
    Description {
        spans: vec![mention.span.clone()],
        links: Vec::new(),
        filters,
        nameless: false,
        conditioned: false,
        features: Features {
            link: mention.fit,
            prior: 1.0,
            predicate: fit.score,
            coverage: 0.5,
            kind: 0.0,
            missed: 0.0,
        },
        explains: accounted(&used, &[&fit.explains], &kind.explains),
        kind,
        entities: Vec::new(),
    }
}

/// The facts by which what is asked for may have what is counted, the likeliest first.
fn ties(p: &mut Proposer<'_>, one: &Description, noun: usize) -> Result<Vec<Tie>, RetrieverError> {
    let catalog = p.view.catalog().clone();
    let Some(class) = one.kind.class else {
        return Ok(Vec::new());
    };
    let used = one.used(p);
    let mut said: Vec<bool> = used
        .iter()
        .zip(&one.explains)
        .map(|(used, explained)| *used || *explained >= SAID)
        .collect();
    said[noun] = true;
    // Of the things of a class as a whole, what has the most is asked for by an order on that class.
    let whole = one.links.is_empty() && one.filters.is_empty();
    let asked: Vec<_> = p.asked_classes().cloned().collect();
    let grouped = p.question.asked.or(each_of(p));
    let share = |number: usize, way: Way, class: usize| {
        let predicate = &catalog.predicates()[number];
        let share = catalog.share(predicate.classes_at(way), predicate.facts, class);
        share.unwrap_or(0.0)
    };
    let mut found = Vec::new();
    for (number, predicate) in catalog.predicates().iter().enumerate() {
        for way in [Way::Forward, Way::Inverse] {
            if share(number, way, class) == 0.0 {
                continue;
            }
            let mut fit = p.matcher.local(number, &said, &|_| 0, &|_, _| true)?;
            if predicate.objects.nodes == 0 {
                // "The year in which the most", "for each manufacturer": what is asked for is a value.
                let named = |at: &usize| fit.explains[*at] >= COUNTED;
                if way == Way::Inverse && grouped.as_ref().is_some_and(named) {
                    found.push(Tie {
                        hop: (number, way),
                        classes: Vec::new(),
                        fit,
                    });
                }
                continue;
            }
            if whole {
                continue;
            }
            for mention in &asked {
                if share(number, way.turned(), mention.class) > 0.0 {
                    let mut fit = fit.clone();
                    fit.score = fit.score.max(TIED);
                    fit.explains[mention.span.clone()].fill(mention.fit);
                    found.push(Tie {
                        hop: (number, way),
                        classes: catalog.iris_under(mention.class),
                        fit,
                    });
                }
            }
            let spread = predicate.classes_at(way.turned());
            let someone = p.question.wants_someone && p.may_be_somebody(spread);
            if asked.is_empty() && (someone || p.question.asked.is_some()) {
                if let Some(at) = p.question.asked {
                    let kind = p.matcher.kind_words(number, way.turned())?[at];
                    fit.score = fit.score.max(TIED * kind);
                    fit.explains[at] = fit.explains[at].max(kind);
                } else if chain::are_people(p, number, way.turned()) {
                    fit.score = fit.score.max(TIED);
                } else {
                    fit.score = fit.score.max(COUNTED);
                }
                found.push(Tie {
                    hop: (number, way),
                    classes: Vec::new(),
                    fit,
                });
            }
        }
    }
    found.sort_by(|a, b| {
        let order = b.fit.score.total_cmp(&a.fit.score);
        order.then(a.hop.cmp(&b.hop))
    });
    found.truncate(MOST_TIED);
    Ok(found)
}

/// The order or the bound by the number of what is counted.
fn reading(p: &Proposer<'_>, one: &Description, tie: Tie, measure: Measure) -> Option<Reading> {
    let mut node = Node {
        classes: tie.classes,
        ..Node::default()
    };
    let mut bound = vec![0.0; p.question.tokens.len()];
    by_number(p, measure, &mut node, &mut bound)?;
    let none = vec![false; bound.len()];
    let used = one.used(p);
    let explains = accounted(&used, &[&one.explains, &tie.fit.explains], &bound);
    Some(Reading {
        graph: QueryGraph::Select {
            node,
            target: every(p),
        },
        entities: one.entities.clone(),
        features: Features {
            predicate: 0.5 * (one.features.predicate + tie.fit.score),
            coverage: p.coverage(&none, &[&explains]),
            kind: COUNTED,
            ..one.features
        },
        explains,
        absent: false,
    })
}

/// Ranks or bounds the things of a node by how many there are of something, as the question asks, and notes the words that say
/// so; none where it asks for neither.
pub(super) fn by_number(
    p: &Proposer<'_>,
    measure: Measure,
    node: &mut Node,
    words: &mut [f64],
) -> Option<()> {
    if let Some(superlative) = &p.question.superlative {
        node.order = Some(Order {
            measure,
            direction: superlative.direction,
            skip: superlative.skip,
            take: superlative.take,
        });
        return Some(());
    }
    let threshold = p.question.threshold.as_ref()?;
    words[threshold.span.clone()].fill(1.0);
    node.filters.extend(threshold.bounds().map(|end| Filter {
        measure: measure.clone(),
        operator: end.operator,
        with: Comparand::Bound(Bound::Number(end.number)),
        or_none: false,
    }));
    Some(())
}
