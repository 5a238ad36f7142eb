//! SPARQL queries from anybody: measured before they are parsed, bounded before they are run, stopped when
//! their time is over.
//!
//! Four layers stand between a query and the machine:
//!
//! 1. [`scan`]: size and nesting, before the recursive parser sees the text;
//! 2. [`bounds`]: what the algebra asks for, such as SERVICE, products of VALUES, strings that double;
//! 3. [`poll`]: the algebra is rewritten so that the evaluator looks at the clock in the places where it would
//!    not by itself;
//! 4. [`pool`] and [`watchdog`]: large stacks, a bounded number of threads, a deadline and a bound on memory.

mod bounds;
mod fault;
mod poll;
mod pool;
mod results;
mod run;
mod scan;
mod scope;
mod watchdog;

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

pub use pool::stragglers;
pub use results::ResultFormat;
pub use run::Table;
use spargebra::{Query, SparqlParser, algebra::GraphPattern};

use crate::{
    StoreError,
    rdf::{GraphName, NamedOrBlankNode},
};

/// Which graphs a query sees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Dataset {
    /// What the query's own FROM clauses say. Without any: the told default graph together with the graph of
    /// inferred facts as default graph, and all named graphs by GRAPH.
    #[default]
    Plain,
    /// What the protocol's parameters say, whatever the query's FROM clauses are.
    Explicit {
        /// Merged into the default graph.
        default: Vec<GraphName>,
        /// Reached by GRAPH.
        named: Vec<NamedOrBlankNode>,
    },
    /// The default graph is the union of all graphs, told and inferred, and GRAPH reaches each. A triple
    /// appears once for each graph that holds it: put DISTINCT beneath aggregates.
    AllGraphs,
}

/// Bounds on a query as it is written.
#[derive(Clone, Debug)]
pub struct ParseLimits {
    /// Bytes of the query's text.
    pub max_bytes: usize,
    /// Nesting of brackets of any kind.
    pub max_nesting: usize,
    /// Depth of the parsed query, to which chains such as `1+1+1` contribute as well.
    pub max_depth: usize,
    /// Nodes of the parsed query: patterns, expressions, path operators.
    pub max_nodes: usize,
    /// Rows of all VALUES together.
    pub max_values: usize,
    /// Rows that VALUES and unions make by multiplication, data left aside.
    pub max_product: f64,
    /// Triple patterns and property paths, which the optimizer compares with one another.
    pub max_patterns: usize,
    /// Operators of one property path.
    pub max_path_operators: usize,
    /// Bytes of one computed string, taking 1 KiB for what comes from data and 1 MiB for a GROUP_CONCAT.
    pub max_string: f64,
    /// The base of relative IRIs.
    pub base_iri: Option<String>,
}

impl Default for ParseLimits {
    fn default() -> Self {
        Self {
            max_bytes: 256 * 1024,
            max_nesting: 100,
            max_depth: 400,
            max_nodes: 20_000,
            max_values: 10_000,
            max_product: 1e6,
            max_patterns: 200,
            max_path_operators: 64,
            max_string: (16 << 20) as f64,
            base_iri: None,
        }
    }
}

/// Bounds on a query's evaluation and its result.
#[derive(Clone, Debug)]
pub struct QueryLimits {
    /// When the answer is due. The caller hears of a timeout at once; the evaluation itself stops as soon as
    /// it looks at the clock.
    pub deadline: Instant,
    /// Rows or triples of the result.
    pub max_rows: usize,
    /// Bytes of the result: as it is written, or of its terms' text for [`Snapshot::select`].
    ///
    /// [`Snapshot::select`]: crate::Snapshot::select
    pub max_bytes: usize,
    /// Set it to true to stop the query.
    pub cancel: Option<Arc<AtomicBool>>,
    /// Bytes by which the memory of this process may grow while the query runs, whoever takes them. Measured
    /// on Linux only.
    pub max_memory: u64,
    /// Rows that the query may sort, all its ORDER BYs together. A sort cannot be interrupted.
    pub max_sorted: usize,
}

impl QueryLimits {
    /// A query that has this much time from now: at most 1,000,000 rows, 256 MiB of result, 2 GiB of memory
    /// and 500,000 rows to sort.
    pub fn within(time: Duration) -> Self {
        Self {
            deadline: Instant::now() + time,
            max_rows: 1_000_000,
            max_bytes: 256 << 20,
            cancel: None,
            max_memory: 2 << 30,
            max_sorted: 500_000,
        }
    }
}

/// What a query returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryForm {
    /// A table.
    Select,
    /// Yes or no.
    Ask,
    /// Triples after a template.
    Construct,
    /// Triples about resources.
    Describe,
}

/// A query that parsed and kept the bounds. Cheap to clone.
#[derive(Clone, Debug)]
pub struct CheckedQuery {
    inner: Arc<Checked>,
}

#[derive(Debug)]
struct Checked {
    /// Rewritten so that its evaluation can be stopped.
    query: Query,
    dataset: Dataset,
}

/// Texts up to this size and nesting are parsed where they stand; others go to a thread with a large stack.
const SMALL_TEXT: usize = 2048;
const SMALL_NESTING: usize = 16;

impl CheckedQuery {
    /// Parses a query and checks it against the bounds.
    ///
    /// # Errors
    /// [`StoreError::QuerySyntax`] with line and column; [`StoreError::QueryRefused`] for SERVICE, and for what
    /// goes beyond a bound; [`StoreError::TooLarge`] for a text beyond `max_bytes`.
    pub fn parse(text: &str, dataset: Dataset, limits: &ParseLimits) -> Result<Self, StoreError> {
        if text.len() > limits.max_bytes {
            return Err(StoreError::TooLarge {
                what: "the query".to_owned(),
                limit: format!("{} bytes", limits.max_bytes),
            });
        }
        let nesting = scan::nesting(text, limits.max_nesting)?;
        let query = if text.len() <= SMALL_TEXT && nesting <= SMALL_NESTING {
            parse_and_bound(text, limits)?
        } else {
            let (text, limits) = (text.to_owned(), limits.clone());
            pool::call(PARSE_TIME, move || parse_and_bound(&text, &limits))??
        };
        Ok(Self {
            inner: Arc::new(Checked { query, dataset }),
        })
    }

    /// What it returns.
    pub fn form(&self) -> QueryForm {
        match self.inner.query {
            Query::Select { .. } => QueryForm::Select,
            Query::Ask { .. } => QueryForm::Ask,
            Query::Construct { .. } => QueryForm::Construct,
            Query::Describe { .. } => QueryForm::Describe,
        }
    }

    /// Whether the rows of a SELECT come in an order that the query names.
    pub fn is_ordered(&self) -> bool {
        self.modifiers().0
    }

    /// Rows that a SELECT has at most, by its own LIMIT.
    pub fn row_limit(&self) -> Option<usize> {
        self.modifiers().1
    }

    fn modifiers(&self) -> (bool, Option<usize>) {
        let Query::Select { pattern, .. } = &self.inner.query else {
            return (false, None);
        };
        let mut limit = None;
        let mut at = pattern;
        loop {
            at = match at {
                GraphPattern::Slice { inner, length, .. } => {
                    limit = *length;
                    inner
                }
                GraphPattern::Distinct { inner } | GraphPattern::Reduced { inner } => inner,
                // What is beneath belongs to subqueries, and to polling.
                GraphPattern::Project { inner, .. } => {
                    return (matches!(**inner, GraphPattern::OrderBy { .. }), limit);
                }
                _ => return (false, limit),
            };
        }
    }
}

/// Far more than parsing 256 KiB takes.
const PARSE_TIME: Duration = Duration::from_secs(5);

fn parse_and_bound(text: &str, limits: &ParseLimits) -> Result<Query, StoreError> {
    let mut parser = SparqlParser::new();
    if let Some(base) = &limits.base_iri {
        parser = parser
            .with_base_iri(base)
            .map_err(|error| StoreError::Invalid(format!("base IRI `{base}`: {error}")))?;
    }
    let query = parser
        .parse_query(text)
        .map_err(|error| fault::syntax_error(text, &error.to_string()))?;
    bounds::check(&query, limits)?;
    Ok(poll::rewrite(query))
}
