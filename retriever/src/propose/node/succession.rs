//! What came before or after something else in the same place: "who was president before Tyler", "which club did she join
//! after Ajax". Of the statements that are like the one of the other thing but for that thing, it is the next one in time.

use std::ops::Range;

use super::description::Description;
use super::kinds::kinds;
use super::qualified::Statement;
use super::{Step, accounted};
use crate::RetrieverError;
use crate::graph::{Comparand, Filter, Hop, Link, Measure, Node, Order, Source, Way};
use crate::propose::Proposer;
use crate::propose::compare::operator;
use crate::propose::times::{tells_the_begin, tells_the_end};
use crate::rank::Features;

/// How well it fits, whose facts need not be named: two mentions, what ties them, and the word for the order in time.
const SUCCEEDS: f64 = 0.75;

/// Adds what comes before or after one of the two things that a statement ties, where the question compares with it.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    statement: &Statement<'_>,
    described: &mut Vec<Description>,
) -> Result<(), RetrieverError> {
    let (Some(compared), Some(comparative)) = (p.compared_with(), p.question.comparative.clone())
    else {
        return Ok(());
    };
    if !p.compares_times() {
        return Ok(());
    }
    let other = statement
        .ties
        .iter()
        .position(|tie| *tie.span == compared.span);
    let (Some(other), Some(time)) = (other, begin(p, statement)?) else {
        return Ok(());
    };
    if statement.ties.len() != 2 {
        return Ok(());
    }
    let (tie, kept) = (&statement.ties[other], &statement.ties[1 - other]);
    let catalog = p.view.catalog().clone();
    let iri = |number: usize| catalog.predicates()[number].iri.as_str();
    let edge = |at: usize| statement.ties[at].link(&catalog);
    let of_predicate = statement.predicate_link(&catalog);
    let like = |links: Vec<Link>| Node {
        links: links.into_iter().chain(of_predicate.clone()).collect(),
        ..Node::default()
    };
    let measure = Measure::value(iri(time));
    // Who held it twice is preceded by who held it before the first time.
    let own = Node {
        order: Some(Order {
            measure: measure.clone(),
            direction: comparative.direction,
            skip: 0,
            take: 1,
        }),
        ..like(vec![edge(1 - other), edge(other)])
    };
    let without = Link {
        negated: true,
        ..edge(other)
    };
    let next = Node {
        filters: vec![Filter {
            measure: measure.clone(),
            operator: operator(comparative.direction),
            with: Comparand::Of(Box::new(own)),
            or_none: false,
        }],
        order: Some(Order {
            measure,
            // The nearest one before it is the last of all before it.
            direction: comparative.direction.turned(),
            skip: 0,
            take: 1,
        }),
        ..like(vec![edge(1 - other), without])
    };
    let (number, way) = (tie.fact.0, tie.fact.1.turned());
    let spans: Vec<Range<usize>> = vec![kept.span.clone(), tie.span.clone()];
    let used = p.used(&[kept.span, tie.span]);
    let nothing = vec![false; used.len()];
    let step = Step {
        predicate: number,
        way,
        fit: p.matcher.local(number, &used, &|_| 0, &|_, _| true)?,
        facts: 1,
        reached: 0.0,
        against: 0.0,
        ends: Vec::new(),
    };
    let words = p.matcher.local(kept.fact.0, &used, &|_| 0, &|_, _| true)?;
    let mut spoken = statement.kind_words(p);
    spoken[comparative.span].fill(1.0);
    for kind in kinds(p, kept.span, &step)? {
        let explains = accounted(
            &nothing,
            &[&step.fit.explains, &words.explains, &spoken],
            &kind.explains,
        );
        described.push(Description {
            spans: spans.clone(),
            links: vec![Link {
                from: Source::Node(Box::new(next.clone())),
                path: vec![Hop::new(iri(number), way)],
                negated: false,
            }],
            filters: Vec::new(),
            nameless: false,
            conditioned: true,
            features: Features {
                link: 0.5 * (tie.candidate.fit + kept.candidate.fit),
                prior: 0.5 * (tie.candidate.prior + kept.candidate.prior),
                predicate: step.fit.score.max(SUCCEEDS),
                coverage: p.coverage(&used, &[&explains]),
                kind: kind.score,
                missed: 0.0,
            },
            kind,
            explains,
            entities: [kept, tie]
                .map(|tie| tie.candidate.entity.iri.clone())
                .to_vec(),
        });
    }
    Ok(())
}

/// The predicate that tells when what a statement says began.
fn begin(p: &mut Proposer<'_>, statement: &Statement<'_>) -> Result<Option<usize>, RetrieverError> {
    let ways = p.ways_of(&statement.node)?;
    let predicates = p.view.catalog().predicates();
    let mut times: Vec<usize> = ways
        .into_iter()
        .filter(|(number, way)| *way == Way::Forward && predicates[*number].tells_a_time())
        .map(|(number, _)| number)
        .filter(|number| !tells_the_end(&predicates[*number]))
        .collect();
    times.sort_unstable();
    let named = times.iter().find(|n| tells_the_begin(&predicates[**n]));
    Ok(named.or(times.first()).copied())
}
