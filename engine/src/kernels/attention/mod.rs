//! Attention of some rows of one sequence to the cells of the KV memory that they may see.
//!
//! Cells lie in blocks of 16: the keys of a block dimension by dimension, so that a vector holds one dimension of
//! several cells; the values cell by cell. They are widened block by block and met by all queries that share them.
//!
//! Cells are met in parts of 64, whose places depend on nothing but the sequence's beginning. What a query finds in
//! a part, a weighted sum with its largest score and its weight, does not depend on the other parts; the parts are
//! added up from first to last, as the online softmax does (Milakov and Gimelshein 2018). So a row gives the same
//! bits whatever is computed beside it, and whether its parts are computed one after another or side by side.

mod found;
mod products;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub(crate) use found::Found;
use found::Weights;
use products::{Products, Sums};

use super::dispatch;

/// Cells in a block.
pub(crate) const CELLS: usize = 16;
/// The largest head that is supported.
pub(crate) const MOST_HEAD: usize = 512;
/// Blocks in a part.
const BLOCKS: usize = 4;
/// Cells in a part.
pub(crate) const PART: usize = BLOCKS * CELLS;

/// The numbers that a head takes in a cell, those that fill it up to whole vectors included.
pub(crate) fn padded(size: usize) -> usize {
    size.next_multiple_of(16)
}

/// One key-value head of a sequence's blocks.
pub(crate) trait Blocks {
    /// Writes the keys of the `index`-th block: for each of `padded` dimensions, all 16 cells.
    fn keys(&self, index: usize, out: &mut [f32]);
    /// Writes the values of the `index`-th block: for each cell, `padded` dimensions.
    fn values(&self, index: usize, out: &mut [f32]);
}

/// The queries of some rows that share a key-value head.
pub(crate) struct Queries<'a> {
    /// For each row, its heads one after another.
    pub(crate) rows: &'a [&'a [f32]],
    /// The cells that each row sees, at least one.
    pub(crate) visible: &'a [Range<usize>],
    /// Length of each head.
    pub(crate) size: usize,
    /// What the products are multiplied by before the softmax.
    pub(crate) scale: f32,
}

impl Queries<'_> {
    /// The parts in which there are cells that a row sees.
    pub(crate) fn parts(&self) -> Range<usize> {
        let first = self.visible.iter().map(|seen| seen.start).min();
        let last = self.visible.iter().map(|seen| seen.end).max();
        first.unwrap_or(0) / PART..last.unwrap_or(0).div_ceil(PART)
    }

    /// Heads of a row.
    fn heads(&self) -> usize {
        self.rows[0].len() / self.size
    }
}

/// Room for what is computed on the way, reused between calls.
#[derive(Default)]
pub(crate) struct Scratch {
    /// Widened blocks.
    cells: Vec<f32>,
    /// For each query, its numbers, filled up.
    queries: Vec<f32>,
    /// For each query, the scores of a part.
    scores: Vec<f32>,
    /// What is found in a part, and in all so far.
    part: Found,
    whole: Found,
}

/// Writes, for each query head, the mean of the visible values, weighted by the softmax of its scaled products
/// with their keys. `out` is laid out as the rows of queries are.
pub(crate) fn attend(
    queries: &Queries<'_>,
    blocks: &impl Blocks,
    out: &mut [&mut [f32]],
    scratch: &mut Scratch,
) {
    let mut whole = std::mem::take(&mut scratch.whole);
    let mut part = std::mem::take(&mut scratch.part);
    whole.clear();
    scratch.fill_up(queries);
    for at in queries.parts() {
        scratch.attend(queries, blocks, at, &mut part);
        whole.add(&part, queries.scale);
    }
    whole.write(queries.size, out);
    (scratch.whole, scratch.part) = (whole, part);
}

/// Finds what each of some parts of the cells holds for the queries, the first of them being `part`; replaces what
/// `found` was.
pub(crate) fn attend_parts(
    queries: &Queries<'_>,
    blocks: &impl Blocks,
    part: usize,
    found: &mut [Found],
    scratch: &mut Scratch,
) {
    scratch.fill_up(queries);
    for (part, found) in (part..).zip(found) {
        scratch.attend(queries, blocks, part, found);
    }
}

impl Scratch {
    fn fill_up(&mut self, queries: &Queries<'_>) {
        let stride = padded(queries.size);
        self.queries.clear();
        let heads = queries.rows.iter().flat_map(|row| row.chunks(queries.size));
        for head in heads {
            self.queries.extend_from_slice(head);
            let filled = self.queries.len().next_multiple_of(stride);
            self.queries.resize(filled, 0.0);
        }
    }

    /// Finds what a part holds for the queries, which are filled up.
    fn attend(
        &mut self,
        queries: &Queries<'_>,
        blocks: &impl Blocks,
        part: usize,
        found: &mut Found,
    ) {
        let stride = padded(queries.size);
        let heads = queries.heads();
        let count = queries.rows.len() * heads;
        found.make_room(count, stride);
        let seen = queries.visible.iter().map(|seen| seen.end).max();
        let last = seen.unwrap_or(0).div_ceil(CELLS);
        let range = part * BLOCKS..((part + 1) * BLOCKS).min(last);
        self.scores.resize(count * PART, 0.0);
        self.cells.resize(range.len() * CELLS * stride, 0.0);
        let cells = self.cells.chunks_mut(CELLS * stride);
        for (widened, block) in cells.zip(range.clone()) {
            blocks.keys(block, widened);
        }
        dispatch(Products {
            queries: &self.queries,
            keys: &self.cells,
            stride,
            scores: &mut self.scores,
        });
        for query in 0..count {
            let visible = &queries.visible[query / heads];
            let within = |cell: usize| cell.saturating_sub(part * PART).min(PART);
            let (best, total) = dispatch(Weights {
                scores: &mut self.scores[query * PART..][..PART],
                visible: within(visible.start)..within(visible.end),
                scale: queries.scale,
            });
            (found.bests[query], found.totals[query]) = (best, total);
        }
        let cells = self.cells.chunks_mut(CELLS * stride);
        for (widened, block) in cells.zip(range) {
            blocks.values(block, widened);
        }
        dispatch(Sums {
            weights: &self.scores,
            values: &self.cells,
            stride,
            sums: &mut found.sums,
        });
    }
}
