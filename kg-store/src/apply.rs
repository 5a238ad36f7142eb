//! Applies a segment to the RDF store. Live writes and replay run this same code.
//!
//! Rows say what holds afterwards, not what to change: applying a segment again, or to a store that holds
//! part of it, ends in the same state. So a crash at any point here is repaired by replaying.

use std::{collections::HashSet, iter};

use oxigraph::store::{StorageError, Store, Transaction};

use crate::{
    StoreError, Watch,
    change::{Touched, TouchedCollector},
    journal::{Row, Rows, Segment},
    rdf::{GraphName, NamedOrBlankNode, Quad},
    watch::Ticker,
};

/// Rows of one transaction, and the least that is worth a bulk load.
const CHUNK: usize = 50_000;

/// Memory that a bulk load may take, of which oxigraph makes batches.
const BULK_MEGABYTES: usize = 400;

/// Bytes that a row takes in a compressed segment, rather too many than too few.
const BYTES_PER_ROW: u64 = 12;

/// A bulk load is followed by a count of the whole store, so it has to bring a good part of it.
const BULK_SHARE: u64 = 20;

/// What applying a segment did to the store.
pub(crate) struct Applied {
    pub(crate) added: u64,
    pub(crate) removed: u64,
    pub(crate) touched: Touched,
    pub(crate) rows: u64,
    /// Whether a bulk load was part of it, so that only a full count tells how many quads there are.
    pub(crate) bulk: bool,
    /// How many quads the store holds now.
    pub(crate) quads: u64,
}

/// Applies all rows of a segment. `quads` is how many the store holds before.
pub(crate) fn apply(
    store: &Store,
    segment: &Segment,
    quads: u64,
    watch: &dyn Watch,
) -> Result<Applied, StoreError> {
    let mut rows = segment.rows()?.peekable();
    let mut collector = TouchedCollector::new();
    let mut ticker = Ticker::new(watch, "store", None);
    let mut counts = Counts::default();
    let size = std::fs::metadata(segment.path()).map_or(0, |file| file.len());
    let worthwhile = size / BYTES_PER_ROW >= quads / BULK_SHARE;
    let mut bulk = false;
    let mut chunk = Vec::new();
    while rows.peek().is_some() {
        chunk.clear();
        for row in rows.by_ref().take(CHUNK) {
            let row = row?;
            collector.quad(row.quad());
            ticker.count();
            chunk.push(row);
        }
        let additions = chunk.iter().all(|row| matches!(row, Row::Add(_)));
        if worthwhile && additions && chunk.len() == CHUNK {
            bulk = true;
            bulk_load(store, &mut chunk, &mut rows, &mut collector, &mut ticker)?;
        } else {
            transact(store, &chunk, &mut counts)?;
        }
    }
    let rows = ticker.finish();
    let after = if bulk {
        count(store)?
    } else {
        (quads + counts.added).saturating_sub(counts.removed)
    };
    Ok(Applied {
        // What a bulk load added is known only by the difference.
        added: if bulk {
            (after + counts.removed).saturating_sub(quads)
        } else {
            counts.added
        },
        removed: counts.removed,
        touched: collector.finish(),
        rows,
        bulk,
        quads: after,
    })
}

/// How many quads the store holds. A full scan.
pub(crate) fn count(store: &Store) -> Result<u64, StoreError> {
    Ok(store.len()? as u64)
}

#[derive(Default)]
struct Counts {
    added: u64,
    removed: u64,
}

fn transact(store: &Store, rows: &[Row], counts: &mut Counts) -> Result<(), StoreError> {
    let mut transaction = store.start_transaction()?;
    let mut emptied = HashSet::new();
    for row in rows {
        let quad = row.quad();
        let present = transaction.contains(quad)?;
        match row {
            Row::Add(_) if !present => {
                transaction.insert(quad);
                counts.added += 1;
            }
            Row::Remove(_) if present => {
                transaction.remove(quad);
                counts.removed += 1;
                emptied.insert(quad.graph_name.clone());
            }
            _ => {}
        }
    }
    for graph in emptied {
        drop_if_empty(&mut transaction, &graph)?;
    }
    transaction.commit()?;
    Ok(())
}

/// A named graph exists exactly while it holds a quad, whatever order of writes led there.
fn drop_if_empty(transaction: &mut Transaction<'_>, graph: &GraphName) -> Result<(), StorageError> {
    let name: NamedOrBlankNode = match graph {
        GraphName::NamedNode(node) => node.clone().into(),
        GraphName::BlankNode(node) => node.clone().into(),
        GraphName::DefaultGraph => return Ok(()),
    };
    let empty = transaction
        .quads_for_pattern(None, None, None, Some(graph.as_ref()))
        .next()
        .is_none();
    if empty {
        transaction.remove_named_graph(&name)?;
    }
    Ok(())
}

/// Loads the run of additions that begins with `chunk`. All of it appears at once, at the commit.
fn bulk_load(
    store: &Store,
    chunk: &mut Vec<Row>,
    rows: &mut iter::Peekable<Rows>,
    collector: &mut TouchedCollector,
    ticker: &mut Ticker<'_>,
) -> Result<(), StoreError> {
    let mut loader = store
        .bulk_loader()
        .with_max_memory_size_in_megabytes(BULK_MEGABYTES);
    let first = chunk.drain(..).map(|row| Ok(into_quad(row)));
    let more = iter::from_fn(|| {
        let row = rows.next_if(|row| !matches!(row, Ok(Row::Remove(_))))?;
        Some(row.map(|row| {
            let quad = into_quad(row);
            collector.quad(&quad);
            ticker.count();
            quad
        }))
    });
    loader.load_ok_quads::<StoreError, StoreError>(first.chain(more))?;
    loader.commit()?;
    Ok(())
}

fn into_quad(row: Row) -> Quad {
    match row {
        Row::Add(quad) | Row::Remove(quad) => quad,
    }
}
