//! Evaluates a query on a thread of the pool and streams its result to the caller.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, SyncSender, TrySendError},
    },
    thread,
    time::{Duration, Instant},
};

use oxigraph::{
    sparql::{QueryDataset, QueryEvaluationError, QueryResults, SparqlEvaluator},
    store::Transaction,
};

use super::{
    CheckedQuery, Dataset, QueryForm, QueryLimits, poll,
    pool::{self, Flight},
    watchdog::{self, Stop},
};
use crate::{
    Snapshot, StoreError,
    rdf::{GraphName, NamedNode, Term, Triple, inferred_graph},
};

/// The result of [`Snapshot::select`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The names of the columns, without their question marks.
    pub variables: Vec<String>,
    /// Rows, each as wide as there are variables; `None` where a variable is unbound.
    pub rows: Vec<Vec<Option<Term>>>,
    /// The answer of an ASK, which has neither variables nor rows.
    pub boolean: Option<bool>,
}

/// A piece of a result on its way to the caller.
pub(super) enum Piece {
    Boolean(bool),
    Variables(Vec<String>),
    Rows(Vec<Vec<Option<Term>>>),
    Triples(Vec<Triple>),
    End,
    Failed(StoreError),
}

/// The payload with which a poll unwinds the evaluator.
struct Stopped;

/// How long after its deadline the caller waits for the evaluation to say that it stopped.
const GRACE: Duration = Duration::from_millis(200);

/// Rows that travel together.
const BATCH: usize = 256;

/// A query that is being evaluated. Dropped, it stops.
pub(super) struct Running {
    pieces: mpsc::Receiver<Piece>,
    flight: Flight,
    stop: Arc<Stop>,
    limits: QueryLimits,
}

pub(super) fn start(
    snapshot: &Snapshot,
    query: &CheckedQuery,
    limits: &QueryLimits,
) -> Result<Running, StoreError> {
    if limits.deadline <= Instant::now() {
        return Err(StoreError::QueryTimeout);
    }
    let watched = watchdog::watch(limits)?;
    let stop = Arc::clone(watched.stop());
    let flight = Flight::new();
    let landing = flight.clone();
    let (sender, pieces) = mpsc::sync_channel(4);
    let (snapshot, query, own) = (snapshot.clone(), query.clone(), limits.clone());
    pool::submit(move || {
        let stop = Arc::clone(watched.stop());
        let outlet = Outlet {
            sender,
            stop: Arc::clone(&stop),
        };
        let result = catch_unwind(AssertUnwindSafe(|| {
            snapshot.with_transaction(|transaction| {
                evaluate(transaction, &snapshot, &query, &own, &outlet)
            })
        }));
        let last = match result {
            Ok(Ok(())) => Piece::End,
            // Whatever failed after the stop failed because of it.
            _ if stop.is_raised() => Piece::Failed(stop.error(&own)),
            Ok(Err(error)) => Piece::Failed(error),
            Err(_) => Piece::Failed(StoreError::Internal(
                "the evaluator failed on this query".to_owned(),
            )),
        };
        // The view and the watch end before the caller hears of the end.
        drop(snapshot);
        drop(watched);
        landing.land();
        outlet.send_last(last);
    })?;
    Ok(Running {
        pieces,
        flight,
        stop,
        limits: limits.clone(),
    })
}

impl Running {
    /// The next piece.
    ///
    /// # Errors
    /// That of the evaluation; [`StoreError::QueryTimeout`] at the deadline whether or not the evaluation has
    /// noticed it.
    pub(super) fn next(&mut self) -> Result<Piece, StoreError> {
        let left = self
            .limits
            .deadline
            .saturating_duration_since(Instant::now())
            + GRACE;
        match self.pieces.recv_timeout(left) {
            Ok(Piece::Failed(error)) => Err(error),
            Ok(piece) => Ok(piece),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                self.flight.leave();
                Err(StoreError::QueryTimeout)
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(StoreError::Internal(
                "the evaluator failed on this query".to_owned(),
            )),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.abandon();
    }
}

/// Where the evaluation puts its pieces.
struct Outlet {
    sender: SyncSender<Piece>,
    stop: Arc<Stop>,
}

impl Outlet {
    /// Waits for room, but not beyond the moment when the query has to stop.
    fn send(&self, mut piece: Piece) -> Result<(), StoreError> {
        loop {
            match self.sender.try_send(piece) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Disconnected(_)) => return Err(StoreError::Cancelled),
                Err(TrySendError::Full(back)) => {
                    if self.stop.is_raised() {
                        return Err(StoreError::QueryTimeout);
                    }
                    piece = back;
                    thread::sleep(Duration::from_micros(500));
                }
            }
        }
    }

    /// A caller that is slow to take pieces still wants the last one, for a while.
    fn send_last(&self, mut piece: Piece) {
        let until = Instant::now() + GRACE;
        while let Err(TrySendError::Full(back)) = self.sender.try_send(piece) {
            if self.stop.is_raised() && Instant::now() > until {
                return;
            }
            piece = back;
            thread::sleep(Duration::from_millis(1));
        }
    }
}

fn evaluate(
    transaction: &Transaction<'_>,
    snapshot: &Snapshot,
    query: &CheckedQuery,
    limits: &QueryLimits,
    outlet: &Outlet,
) -> Result<(), StoreError> {
    let stop = Arc::clone(&outlet.stop);
    let to_sort = AtomicUsize::new(limits.max_sorted);
    let evaluator = SparqlEvaluator::new()
        .with_cancellation_token(stop.token())
        .with_custom_function(poll::function(), move |arguments| {
            if !arguments.is_empty()
                && to_sort
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                        left.checked_sub(1)
                    })
                    .is_err()
            {
                stop.sorts_too_much();
            }
            if stop.is_raised() {
                resume_unwind(Box::new(Stopped));
            }
            None
        });
    let mut prepared = evaluator.for_query(query.inner.query.clone());
    set_dataset(prepared.dataset_mut(), query, snapshot)?;
    let results = prepared
        .on_transaction(transaction)
        .execute()
        .map_err(explain)?;
    let mut budget = limits.max_rows;
    let mut spend = || {
        budget = budget.checked_sub(1).ok_or_else(|| StoreError::TooLarge {
            what: "the query's result".to_owned(),
            limit: format!("{} rows", limits.max_rows),
        })?;
        Ok::<_, StoreError>(())
    };
    match results {
        QueryResults::Boolean(value) => outlet.send(Piece::Boolean(value)),
        QueryResults::Solutions(solutions) => {
            let variables = solutions
                .variables()
                .iter()
                .map(|variable| variable.as_str().to_owned())
                .collect();
            outlet.send(Piece::Variables(variables))?;
            let mut rows = Vec::new();
            for solution in solutions {
                spend()?;
                rows.push(solution.map_err(explain)?.values().to_vec());
                if rows.len() == BATCH {
                    outlet.send(Piece::Rows(std::mem::take(&mut rows)))?;
                }
            }
            outlet.send(Piece::Rows(rows))
        }
        QueryResults::Graph(triples) => {
            let mut batch = Vec::new();
            for triple in triples {
                spend()?;
                batch.push(triple.map_err(explain)?);
                if batch.len() == BATCH {
                    outlet.send(Piece::Triples(std::mem::take(&mut batch)))?;
                }
            }
            outlet.send(Piece::Triples(batch))
        }
    }
}

fn set_dataset(
    specification: &mut QueryDataset,
    query: &CheckedQuery,
    snapshot: &Snapshot,
) -> Result<(), StoreError> {
    match &query.inner.dataset {
        Dataset::Plain => {
            // A query with FROM clauses of its own keeps them.
            if query.inner.query.dataset().is_none() {
                let mut graphs = vec![GraphName::DefaultGraph];
                if snapshot.graph_summary()?.inferred {
                    graphs.push(NamedNode::from(inferred_graph()).into());
                }
                specification.set_default_graph(graphs);
            }
        }
        Dataset::Explicit { default, named } => {
            *specification = QueryDataset::new();
            specification.set_default_graph(default.clone());
            specification.set_available_named_graphs(named.clone());
        }
        Dataset::AllGraphs => {
            *specification = QueryDataset::new();
            // Looking into one graph is twice as fast as looking into all.
            if snapshot.graph_summary()?.named {
                specification.set_default_graph_as_union();
            }
        }
    }
    Ok(())
}

fn explain(error: QueryEvaluationError) -> StoreError {
    match error {
        QueryEvaluationError::Cancelled => StoreError::QueryTimeout,
        QueryEvaluationError::Dataset(error) => {
            match error.downcast::<oxigraph::store::StorageError>() {
                Ok(error) => (*error).into(),
                Err(error) => StoreError::Storage(error.to_string()),
            }
        }
        QueryEvaluationError::UnsupportedCustomFunction(name) => {
            StoreError::QueryRefused(format!("the function {name} is not known"))
        }
        error @ QueryEvaluationError::UnsupportedCustomFunctionArity { .. } => {
            StoreError::QueryRefused(error.to_string())
        }
        error => StoreError::Internal(error.to_string()),
    }
}

impl Snapshot {
    /// Evaluates a SELECT into a table, or an ASK into its answer.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a CONSTRUCT or DESCRIBE; [`StoreError::QueryTimeout`] at the deadline, within
    /// a fraction of a second; [`StoreError::TooLarge`] when rows, bytes or memory exceed the limits;
    /// [`StoreError::Overloaded`]; [`StoreError::Cancelled`].
    pub fn select(&self, query: &CheckedQuery, limits: &QueryLimits) -> Result<Table, StoreError> {
        if matches!(query.form(), QueryForm::Construct | QueryForm::Describe) {
            return Err(StoreError::Invalid(
                "a table is made by SELECT or ASK only".to_owned(),
            ));
        }
        let mut running = start(self, query, limits)?;
        let mut table = Table::default();
        let mut bytes = 0;
        loop {
            match running.next()? {
                Piece::Boolean(value) => table.boolean = Some(value),
                Piece::Variables(variables) => table.variables = variables,
                Piece::Rows(rows) => {
                    bytes += rows.iter().map(|row| row_bytes(row)).sum::<usize>();
                    if bytes > limits.max_bytes {
                        return Err(super::results::too_large(limits));
                    }
                    table.rows.extend(rows);
                }
                Piece::End => return Ok(table),
                Piece::Triples(_) | Piece::Failed(_) => {}
            }
        }
    }
}

fn row_bytes(row: &[Option<Term>]) -> usize {
    row.iter()
        .map(|term| match term {
            Some(Term::NamedNode(node)) => node.as_str().len(),
            Some(Term::BlankNode(node)) => node.as_str().len(),
            Some(Term::Literal(literal)) => literal.value().len(),
            None => 0,
        })
        .sum()
}
