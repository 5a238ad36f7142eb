//! What lies beyond a description: "the capital of the largest country in Africa".

use kg_store::rdf::Term;

use super::chain::{Origin, go_on};
use crate::RetrieverError;
use crate::execute::look_up;
use crate::graph::{Node, QueryGraph, Source, Target};
use crate::propose::{ClassMention, Proposer};
use crate::rank::{RELATIONAL, Reading};

/// Descriptions that paths are tried from.
const MOST_TRIED: usize = 6;
/// Things of a description that are looked at.
const SAMPLED: usize = 24;
/// A class word that fits this well is one.
const SURE: f64 = 0.75;
/// A word that is explained this far is that very word.
const NAMED: f64 = 0.95;
/// A class word that is explained this far is spent.
const SPOKEN_OF: f64 = 0.5;
/// Descriptions must be this good.
const LEAST_SCORE: f64 = 0.45;

/// Readings that go on from the best descriptions with a bound, an order or a class, where words for predicates are
/// left over.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    whole: &[Reading],
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let mut described: Vec<(f64, Reading, Node)> = readings
        .iter()
        .chain(whole)
        .filter_map(|reading| {
            let QueryGraph::Select { node, target } = &reading.graph else {
                return None;
            };
            let whole = matches!(target, Target::Every | Target::Count);
            // What each thing has is told of all of them, and nothing lies beyond that.
            let each = node.order.as_ref().is_some_and(|order| order.is_of_all());
            let bound = (node.order.is_some() && !each) || !node.filters.is_empty();
            let score = without_coverage(reading);
            let over = leftover(p, reading);
            (whole && bound && over && !is_asked(p, reading, node) && score >= LEAST_SCORE)
                .then(|| (score, reading.clone(), node.clone()))
        })
        .collect();
    described.sort_by(|a, b| b.0.total_cmp(&a.0));
    described.truncate(MOST_TRIED);
    for (_, reading, node) in described {
        p.in_time()?;
        let every = QueryGraph::every(node.clone());
        let table = look_up(
            p.view,
            &every.to_sparql(p.view.catalog().conventions()),
            p.deadline,
            2_000,
        )?;
        let ends: Vec<Term> = table
            .rows
            .into_iter()
            .filter_map(|mut row| row.swap_remove(0))
            .take(SAMPLED)
            .collect();
        if ends.is_empty() {
            continue;
        }
        let Some(span) = spent(p, &reading) else {
            continue;
        };
        let origin = Origin {
            from: Source::Node(Box::new(node)),
            entities: reading.entities.clone(),
            features: reading.features,
            described: true,
            topic: None,
            own: vec![0.0; p.question.tokens.len()],
        };
        go_on(p, &span, &origin, ends, &reading.explains, readings)?;
    }
    Ok(())
}

/// The score of a reading as if it left nothing out: what it leaves out is what the path is for.
pub(super) fn without_coverage(reading: &Reading) -> f64 {
    let features = crate::rank::Features {
        coverage: 0.5,
        ..reading.features
    };
    features.score()
}

/// Whether the things described are those that the question asks for, so that nothing lies beyond them: "which country
/// is the largest". Others of the same class may be: "which countries | border the largest country".
fn is_asked(p: &Proposer<'_>, reading: &Reading, node: &Node) -> bool {
    let catalog = p.view.catalog();
    let spoken_of = |class: &ClassMention| {
        let mut words = class.span.clone();
        words.all(|at| reading.explains.get(at).is_some_and(|e| *e >= SPOKEN_OF))
    };
    // "Which director made the most films": the noun names what is ranked, of whatever class.
    let named = |at: usize| reading.explains.get(at).is_some_and(|e| *e >= NAMED);
    if node.classes.is_empty() && p.question.asked.is_some_and(named) {
        return true;
    }
    let mut asked = p.asked_classes();
    asked.any(|class| catalog.iris_under(class.class) == node.classes && spoken_of(class))
}

fn leftover(p: &Proposer<'_>, reading: &Reading) -> bool {
    let words = reading.explains.iter().enumerate();
    // "How many cities does it have": what is counted is asked for as well.
    let counted = p.question.counted;
    let class = |at: usize| {
        let named = |class: &ClassMention| class.fit >= SURE && class.span.contains(&at);
        let counts = |class: &&ClassMention| counted.is_some_and(|at| class.span.contains(&at));
        p.asked_classes().any(named) || p.classes.iter().filter(counts).any(named)
    };
    words.into_iter().any(|(at, explained)| {
        let asks = p.relational[at] >= RELATIONAL || class(at);
        *explained < 0.4 && p.question.is_content(at) && asks
    })
}

/// From the first to the last word that a description accounts for. What merely opens the question is none of them, however
/// like a measure it sounds: "how many | of the states".
fn spent(p: &Proposer<'_>, reading: &Reading) -> Option<std::ops::Range<usize>> {
    let order = p.question.superlative.as_ref().map(|order| &order.span);
    let said = |at: &usize| {
        reading.explains[*at] >= 0.5
            && (p.question.is_content(*at) || order.is_some_and(|span| span.contains(at)))
    };
    let mut words = (0..reading.explains.len()).filter(said);
    let first = words.next()?;
    Some(first..words.next_back().unwrap_or(first) + 1)
}
