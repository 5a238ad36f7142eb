//! Runs readings as SPARQL.

use std::time::{Duration, Instant};

use kg_store::rdf::Term as RdfTerm;
use kg_store::{CheckedQuery, Dataset, ParseLimits, QueryLimits, StoreError, Table};

use crate::catalog::Catalog;
use crate::graph::{Hop, MOST_ANSWERS, Measure, Node, QueryGraph, Target, Way};
use crate::{ReadView, RetrieverError};

/// A reading's result.
#[derive(Clone, Debug)]
pub struct Executed {
    /// The query.
    pub sparql: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// The rows; a yes/no answer is one boolean.
    pub rows: Vec<Vec<RdfTerm>>,
    /// The answers behind a count, as many as are worth citing.
    pub counted: Vec<RdfTerm>,
}

/// Things of a list that are put in order here; where there are more, the store does it.
const MOST_SORTED: usize = 250_000;
/// Answers behind a count that are looked at.
const MOST_COUNTED: usize = 25;
const BOOLEAN: &str = "http://www.w3.org/2001/XMLSchema#boolean";

/// Runs a reading. The answers come in an order that depends on the data alone.
pub fn execute(
    view: &ReadView,
    graph: &QueryGraph,
    deadline: Instant,
) -> Result<Executed, RetrieverError> {
    let sparql = graph.to_sparql(view.catalog().conventions());
    let table = match graph {
        QueryGraph::Select {
            node,
            target: Target::Every,
        } if node.order.is_none() => list(view, node, deadline)?,
        _ => select(view, &sparql, deadline, MOST_ANSWERS)?,
    };
    let mut executed = Executed {
        sparql,
        columns: Vec::new(),
        rows: Vec::new(),
        counted: Vec::new(),
    };
    if let Some(truth) = table.boolean {
        executed.columns = vec!["answer".to_owned()];
        let literal = kg_store::rdf::Literal::new_typed_literal(
            truth.to_string(),
            kg_store::rdf::NamedNode::new_unchecked(BOOLEAN),
        );
        executed.rows = vec![vec![literal.into()]];
        return Ok(executed);
    }
    executed.columns = match graph {
        QueryGraph::Select { node, target } => columns(view.catalog(), node, target),
        QueryGraph::Choose { measure, .. } => {
            vec!["answer".to_owned(), label_of(view.catalog(), measure)]
        }
        _ => table.variables.clone(),
    };
    executed.rows = table
        .rows
        .into_iter()
        .map(|row| row.into_iter().flatten().collect::<Vec<_>>())
        .filter(|r| !r.is_empty())
        .collect();
    match graph {
        QueryGraph::Select {
            node,
            target: Target::Count,
        } => {
            executed.counted = list(view, node, deadline)?
                .rows
                .into_iter()
                .filter_map(|mut row| row.remove(0))
                .take(MOST_COUNTED)
                .collect();
        }
        QueryGraph::Choose { .. } => {
            // Only the winner is the answer; equal values share the place.
            let best = executed.rows.first().and_then(|row| row.get(1)).cloned();
            executed.counted = executed
                .rows
                .iter()
                .filter_map(|row| row.first().cloned())
                .collect();
            executed.rows.retain(|row| row.get(1) == best.as_ref());
        }
        QueryGraph::Describe { .. } => {
            executed.columns.reverse();
            for row in &mut executed.rows {
                row.reverse();
            }
        }
        _ => {}
    }
    Ok(executed)
}

/// All things that a node describes, in order, as its query lists them. Sorting IRIs here takes a hundredth of the time that
/// the store takes to put many of them in order, since it looks each one up at each comparison.
fn list(view: &ReadView, node: &Node, deadline: Instant) -> Result<Table, RetrieverError> {
    let conventions = view.catalog().conventions();
    let unordered = QueryGraph::sample(node, MOST_SORTED, conventions);
    let ordered = || {
        let ordered = QueryGraph::every(node.clone()).to_sparql(conventions);
        select(view, &ordered, deadline, MOST_ANSWERS)
    };
    let mut table = match select(view, &unordered, deadline, MOST_SORTED) {
        // What is too much to be held is the store's to put in order.
        Err(RetrieverError::Store(StoreError::TooLarge { .. })) => return ordered(),
        table => table?,
    };
    if table.rows.len() <= 1 {
        return Ok(table);
    }
    let iri = |row: &Vec<Option<RdfTerm>>| matches!(row.first(), Some(Some(RdfTerm::NamedNode(_))));
    if table.rows.len() == MOST_SORTED || !table.rows.iter().all(iri) {
        return ordered();
    }
    table.rows.sort_by_cached_key(|row| match row.first() {
        Some(Some(RdfTerm::NamedNode(node))) => node.as_str().to_owned(),
        _ => String::new(),
    });
    table.rows.truncate(MOST_ANSWERS);
    Ok(table)
}

pub(crate) fn select(
    view: &ReadView,
    sparql: &str,
    deadline: Instant,
    rows: usize,
) -> Result<Table, RetrieverError> {
    let query = CheckedQuery::parse(sparql, Dataset::AllGraphs, &ParseLimits::default())?;
    let mut limits = QueryLimits::within(deadline.saturating_duration_since(Instant::now()));
    limits.max_rows = rows + 1;
    Ok(view.snapshot().select(&query, &limits)?)
}

/// The longest that it may take to look something up that is only tried.
const LOOK_UP: Duration = Duration::from_secs(2);

/// As [`select`]; a query that is out of all proportion, or takes too long for something that is only tried, finds nothing, so
/// that what it was for is dropped.
pub(crate) fn look_up(
    view: &ReadView,
    sparql: &str,
    deadline: Instant,
    rows: usize,
) -> Result<Table, RetrieverError> {
    let now = Instant::now();
    match select(view, sparql, deadline.min(now + LOOK_UP), rows) {
        Err(RetrieverError::Store(StoreError::QueryRefused(_))) => Ok(Table::default()),
        Err(RetrieverError::Store(StoreError::QueryTimeout)) if Instant::now() < deadline => {
            Ok(Table::default())
        }
        other => other,
    }
}

/// Whether there is anything that a node describes.
pub(crate) fn holds(
    view: &ReadView,
    node: Node,
    deadline: Instant,
) -> Result<bool, RetrieverError> {
    let any = QueryGraph::Exists { node };
    let sparql = any.to_sparql(view.catalog().conventions());
    Ok(look_up(view, &sparql, deadline, 1)?.boolean == Some(true))
}

fn columns(catalog: &Catalog, node: &Node, target: &Target) -> Vec<String> {
    let last = match node.links.as_slice() {
        [link] => link.path.last().filter(|hop| hop.way == Way::Forward),
        _ => None,
    };
    let answer = last.map_or_else(
        || "answer".to_owned(),
        |hop| label_of(catalog, &Measure::value(&hop.predicate)),
    );
    match (target, &node.order) {
        (Target::Count, _) => vec!["count".to_owned()],
        (Target::Aggregate(_, measure), _) => vec![label_of(catalog, measure)],
        (Target::Every, Some(order)) => vec![answer, label_of(catalog, &order.measure)],
        (Target::Every, None) => vec![answer],
    }
}

/// What a measure is called: the predicate at its end that names it.
fn label_of(catalog: &Catalog, measure: &Measure) -> String {
    let named = |hop: &Hop| {
        catalog
            .predicate(&hop.predicate)
            .map(|n| catalog.predicates()[n].label.clone())
    };
    let label = measure.path().iter().rev().find_map(named);
    label.unwrap_or_else(|| "value".to_owned())
}
