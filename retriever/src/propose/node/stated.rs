//! Statements of which a bound or an order of the question is said, rather than of the things asked for: "the population
//! in 2010", "whom did she play for before 2005", "who ordered more than 50 of it".

mod reified;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::description::{Description, SAID};
use crate::RetrieverError;
use crate::execute::holds;
use crate::graph::{Bound, Comparand, Filter, Hop, Link, Measure, Node, Order, Source, Way};
use crate::propose::Proposer;
use crate::propose::conditions::{Bearers, Condition};
use crate::propose::times::{tells_the_begin, tells_the_end};
use crate::question::Operator;
use crate::rank::Match;

/// Descriptions with a condition that are looked up in the store, and those that are kept of them.
const MOST_TRIED: usize = 24;
const MOST_KEPT: usize = 12;
/// How well the begin and the end of a statement fit a time at which it is to hold.
const AT_A_TIME: f64 = 1.0;
/// What speaks for a bound in time on a statement, rather than on a thing.
const OF_EVENT: f64 = 0.4;
/// The same for "first" and "last".
const IN_ORDER: f64 = 0.05;

/// Where a description leads through a statement, or by a fact of which there are statements.
enum Place {
    /// The description is of the statement itself.
    Itself,
    /// It is what a link begins at, or is passed after so many facts of the link.
    OnLink(usize, usize),
    /// It is told of such a fact of a link.
    OfFact(usize, usize),
}

/// What is said of a statement: predicates, and which way they are read.
type Said = Vec<(usize, Way)>;

/// Adds what some descriptions become where the condition that the question sets is one on a statement of theirs.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    described: &mut Vec<Description>,
) -> Result<(), RetrieverError> {
    let question = p.question;
    let plain = question.threshold.is_none() && question.superlative.is_none();
    if plain && question.now.is_none() {
        return Ok(());
    }
    let mut found = Vec::new();
    for one in described.iter() {
        if one.conditioned && question.threshold.is_some() {
            // It is within that bound already.
            continue;
        }
        for one in std::iter::once(one.clone()).chain(by_statement(p, one)) {
            let mut all = places(p, &one)?;
            all.extend(reified::places(p, &one)?);
            for (place, behind) in all {
                conditions(p, &one, &place, &behind, &mut found)?;
            }
        }
    }
    found.sort_by(|a, b| b.features.score().total_cmp(&a.features.score()));
    let mut kept = 0;
    for one in found.into_iter().take(MOST_TRIED) {
        p.in_time()?;
        if holds(p.view, one.node(), p.deadline)? {
            described.push(one);
            kept += 1;
        }
        if kept == MOST_KEPT {
            break;
        }
    }
    Ok(())
}

/// The statements that a description leads through, each with what is said of it.
fn places(p: &mut Proposer<'_>, one: &Description) -> Result<Vec<(Place, Said)>, RetrieverError> {
    let mut found = Vec::new();
    let catalog = p.view.catalog().clone();
    let behind = |hop: &Hop| {
        let number = catalog.predicate(&hop.predicate);
        number.map(|number| catalog.predicates()[number].behind(hop.way).to_vec())
    };
    if one.nameless {
        let first = one.links.first().and_then(|link| link.path.last());
        let told = match reified::of_its_predicate(p, one)? {
            Some(said) => Some(said),
            None => first.and_then(behind),
        };
        found.extend(told.map(|said| (Place::Itself, said)));
    }
    for (number, link) in one.links.iter().enumerate().filter(|(_, l)| !l.negated) {
        if let (Source::Node(node), Some(next)) = (&link.from, link.path.first())
            && node.classes.is_empty()
            && let Some(hop) = node.links.first().and_then(|link| link.path.last())
            && is_statement(p, hop, next)
        {
            found.extend(behind(hop).map(|said| (Place::OnLink(number, 0), said)));
        }
        for (at, pair) in link.path.windows(2).enumerate() {
            if is_statement(p, &pair[0], &pair[1]) {
                let said = behind(&pair[0]);
                found.extend(said.map(|said| (Place::OnLink(number, at + 1), said)));
            }
        }
    }
    Ok(found)
}

/// A description by one fact that is told by a statement as well, under the same name: what a Wikibase tells directly.
fn by_statement(p: &Proposer<'_>, one: &Description) -> Option<Description> {
    let [link] = one.links.as_slice() else {
        return None;
    };
    let (_, hop) = link.as_edge()?;
    let catalog = p.view.catalog();
    let predicates = catalog.predicates();
    let label = &predicates[catalog.predicate(&hop.predicate)?].label;
    let called_so = |number: usize| predicates[number].label == *label;
    let (first, next) = (0..predicates.len())
        .filter(|n| called_so(*n))
        .find_map(|first| {
            let mut behind = predicates[first].behind(hop.way).iter();
            let next = behind.find(|(next, way)| *way == hop.way && called_so(*next));
            next.map(|(next, _)| (first, *next))
        })?;
    let hops = [first, next].map(|number| Hop::new(&predicates[number].iri, hop.way));
    let mut found = one.clone();
    found.links = vec![Link {
        path: hops.to_vec(),
        ..link.clone()
    }];
    Some(found)
}

/// Whether a fact leads to nameless nodes from which another one leads on.
fn is_statement(p: &Proposer<'_>, hop: &Hop, next: &Hop) -> bool {
    let catalog = p.view.catalog();
    let number = |hop: &Hop| catalog.predicate(&hop.predicate);
    let (Some(hop_number), Some(next_number)) = (number(hop), number(next)) else {
        return false;
    };
    let behind = catalog.predicates()[hop_number].behind(hop.way);
    !next.other && behind.contains(&(next_number, next.way))
}

/// Adds a description with each condition that can be said of a statement.
fn conditions(
    p: &mut Proposer<'_>,
    one: &Description,
    place: &Place,
    behind: &[(usize, Way)],
    found: &mut Vec<Description>,
) -> Result<(), RetrieverError> {
    let has = |n: usize| behind.contains(&(n, Way::Forward));
    let used = one.used(p);
    let said = one.explains.iter().zip(&used);
    let said: Vec<bool> = said.map(|(e, used)| *used || *e >= SAID).collect();
    let hidden = one.spans.first().cloned().unwrap_or_default();
    let bearers = Bearers {
        class: None,
        subject: &has,
        object: &|_| false,
        used: &said,
        hidden: &hidden,
    };
    let threshold = p.question.threshold.as_ref();
    let of_time = threshold
        .is_some_and(|threshold| threshold.time || threshold.year || threshold.is_of_years());
    let mut all: Vec<Condition> = Vec::new();
    match (&p.question.threshold, &p.question.superlative) {
        (Some(_), None) => {
            let filters = p.filters(&bearers)?;
            all.extend(filters.into_iter().map(|(mut fit, f)| {
                if of_time {
                    // "Whom did she play for before 2005": a time is said of what happens, rather than of who it happens to.
                    fit.score = (fit.score + OF_EVENT).min(1.0);
                }
                (fit, f, None)
            }));
            all.extend(at_a_time(p, behind));
        }
        (None, Some(_)) => {
            let orders = p.orders(&bearers)?;
            // "The last captain": of those times rather than of any of the captain's own.
            let weak = p.question.superlative.as_ref().is_some_and(|s| s.weak);
            all.extend(orders.into_iter().map(|(mut fit, order)| {
                fit.score += if weak { IN_ORDER } else { 0.0 };
                (fit, Vec::new(), Some(order))
            }));
        }
        (None, None) => all.extend(at_a_time(p, behind)),
        (Some(_), Some(_)) => {}
    }
    for (fit, filters, order) in all {
        let mut next = one.clone();
        next.conditioned = true;
        match place {
            Place::Itself if order.is_none() => next.filters.extend(filters),
            Place::Itself => continue,
            Place::OnLink(number, at) if is_known(&one.links[*number].path[*at..], &filters) => {
                continue;
            }
            Place::OnLink(number, at) => {
                next.links[*number] = with_condition(&one.links[*number], *at, filters, order);
            }
            Place::OfFact(number, at) => {
                if !reified::put(p, &mut next, (*number, *at), filters, order) {
                    continue;
                }
            }
        }
        for (explained, more) in next.explains.iter_mut().zip(&fit.explains) {
            *explained = explained.max(*more);
        }
        next.features.predicate = 0.5 * (one.features.predicate + fit.score);
        next.features.coverage = p.coverage(&used, &[&next.explains]);
        found.push(next);
    }
    Ok(())
}

/// Whether a path leads to the very value that a bound has set.
fn is_known(path: &[Hop], filters: &[Filter]) -> bool {
    filters.iter().any(|filter| {
        filter.operator == Operator::Equal && filter.measure == Measure::Value(path.to_vec())
    })
}

/// A link with conditions on what it passes after some facts.
fn with_condition(link: &Link, at: usize, filters: Vec<Filter>, order: Option<Order>) -> Link {
    let mut statement = match (&link.from, at) {
        (Source::Node(node), 0) => (**node).clone(),
        _ => Node {
            links: vec![Link {
                path: link.path[..at].to_vec(),
                ..link.clone()
            }],
            ..Node::default()
        },
    };
    statement.filters.extend(filters);
    statement.order = order;
    Link {
        from: Source::Node(Box::new(statement)),
        path: link.path[at..].to_vec(),
        negated: false,
    }
}

/// That a statement holds at some time: it has begun, and has not ended.
fn at_a_time(p: &Proposer<'_>, behind: &[(usize, Way)]) -> Option<Condition> {
    let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
    let (span, from, upto) = match (&p.question.threshold, &p.question.now) {
        (Some(threshold), _) => {
            let from = threshold.number.value;
            let upto = match (threshold.year, threshold.upto) {
                (true, None) => from,
                (_, Some(upto)) if threshold.is_of_years() => upto,
                _ => return None,
            };
            (&threshold.span, from, upto)
        }
        (None, now) => {
            let year = f64::from(today.year());
            (now.as_ref()?, year, year)
        }
    };
    let catalog = p.view.catalog();
    let predicate = |number: usize| &catalog.predicates()[number];
    let mut times: Vec<usize> = behind
        .iter()
        .filter(|(number, way)| *way == Way::Forward && predicate(*number).tells_a_time())
        .map(|(number, _)| *number)
        .collect();
    times.sort_unstable();
    let (ends, others): (Vec<usize>, Vec<usize>) = times
        .into_iter()
        .partition(|n| tells_the_end(predicate(*n)));
    let named = others.iter().find(|n| tells_the_begin(predicate(**n)));
    // A lone day beside the end is the begin, whatever it is called.
    let begin = named.or(others.first().filter(|_| others.len() == 1));
    let date = match &p.question.threshold {
        Some(threshold) => threshold.date.clone(),
        None => Some(today.to_string()),
    };
    let threshold = p.question.threshold.as_ref();
    let until = threshold.and_then(|threshold| threshold.until.clone());
    let bound = |number: usize, operator: Operator, year: f64| {
        let date = match operator {
            Operator::AtMost => until.as_ref().or(date.as_ref()),
            _ => date.as_ref(),
        };
        match (predicate(number).is_numeric(), date) {
            (true, _) => Bound::Number(year),
            (false, Some(date)) => Bound::Date(date.clone()),
            (false, None) => Bound::Year(year as i32),
        }
    };
    let filter = |number: usize, operator, year| Filter {
        measure: Measure::value(&predicate(number).iri),
        operator,
        with: Comparand::Bound(bound(number, operator, year)),
        or_none: operator == Operator::AtLeast,
    };
    let mut fit = Match::none(p.question.tokens.len());
    fit.score = AT_A_TIME;
    fit.explains[span.clone()].fill(1.0);
    let filters = vec![
        filter(*begin?, Operator::AtMost, upto),
        filter(*ends.first()?, Operator::AtLeast, from),
    ];
    Some((fit, filters, None))
}
