//! Attention of some rows of one sequence to the cells of the KV memory that they may see.
//!
//! Cells lie in blocks of 16: the keys of a block dimension by dimension, so that a vector holds one dimension of
//! several cells; the values cell by cell. They are widened block by block and met by all queries that share
//! them. The softmax is computed online (Milakov and Gimelshein 2018), in groups of 64
//! cells that depend on nothing but their place in the sequence: a row gives the same bits whatever is computed
//! beside it.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::dispatch;
use super::elementwise::exp_negative;

/// Cells in a block.
pub(crate) const CELLS: usize = 16;
/// The largest head that is supported.
pub(crate) const MOST_HEAD: usize = 512;
/// Blocks that are met at once.
const GROUP: usize = 4;
/// Queries that meet a vector of keys at once, and a value's vectors at once.
const QUERIES: usize = 8;
const VALUE_QUERIES: usize = 2;
/// Vectors of a value that are summed at once.
const VALUE_VECTORS: usize = 4;

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
    /// The cells that each row sees.
    pub(crate) visible: &'a [Range<usize>],
    /// Length of each head.
    pub(crate) size: usize,
    /// What the products are multiplied by before the softmax.
    pub(crate) scale: f32,
}

/// Room for what is computed on the way, reused between calls.
#[derive(Default)]
pub(crate) struct Scratch {
    /// Widened blocks.
    cells: Vec<f32>,
    /// For each query, its numbers, filled up.
    queries: Vec<f32>,
    /// For each query, the scores of a group.
    scores: Vec<f32>,
    /// For each query, the weighted sum so far.
    sums: Vec<f32>,
    /// For each query, the largest score so far and the sum of the weights.
    bests: Vec<f32>,
    totals: Vec<f32>,
}

/// Writes, for each query head, the mean of the visible values, weighted by the softmax of its scaled products
/// with their keys. `out` is laid out as the rows of queries are.
pub(crate) fn attend(
    queries: &Queries<'_>,
    blocks: &impl Blocks,
    out: &mut [&mut [f32]],
    scratch: &mut Scratch,
) {
    let (size, stride) = (queries.size, padded(queries.size));
    let heads = queries.rows[0].len() / size;
    let count = queries.rows.len() * heads;
    scratch.start(queries, stride);
    let seen = queries.visible.iter().map(|seen| seen.end).max();
    let seen = seen.unwrap_or(0);
    let unseen = queries.visible.iter().map(|seen| seen.start).min();
    // Groups begin at the same cells whatever is seen, lest the order of sums depend on it.
    let from = unseen.unwrap_or(0) / (GROUP * CELLS) * GROUP;
    for first in (from..seen.div_ceil(CELLS)).step_by(GROUP) {
        let group = first..(first + GROUP).min(seen.div_ceil(CELLS));
        let cells = group.len() * CELLS;
        scratch.scores.resize(count * GROUP * CELLS, 0.0);
        scratch.cells.resize(cells * stride, 0.0);
        for (widened, block) in scratch.cells.chunks_mut(CELLS * stride).zip(group.clone()) {
            blocks.keys(block, widened);
        }
        dispatch(Products {
            queries: &scratch.queries,
            keys: &scratch.cells,
            stride,
            scores: &mut scratch.scores,
        });
        for query in 0..count {
            let visible = &queries.visible[query / heads];
            let within = |cell: usize| cell.saturating_sub(first * CELLS).min(GROUP * CELLS);
            dispatch(Weights {
                scores: &mut scratch.scores[query * GROUP * CELLS..][..GROUP * CELLS],
                visible: within(visible.start)..within(visible.end),
                scale: queries.scale,
                best: &mut scratch.bests[query],
                total: &mut scratch.totals[query],
                sums: &mut scratch.sums[query * stride..][..stride],
            });
        }
        for (widened, block) in scratch.cells.chunks_mut(CELLS * stride).zip(group) {
            blocks.values(block, widened);
        }
        dispatch(Sums {
            weights: &scratch.scores,
            values: &scratch.cells,
            stride,
            sums: &mut scratch.sums,
        });
    }
    for (row, out) in out.iter_mut().enumerate() {
        for (head, out) in out.chunks_mut(size).enumerate() {
            let query = row * heads + head;
            let factor = 1.0 / scratch.totals[query];
            let sums = &scratch.sums[query * stride..][..size];
            for (out, sum) in out.iter_mut().zip(sums) {
                *out = sum * factor;
            }
        }
    }
}

impl Scratch {
    fn start(&mut self, queries: &Queries<'_>, stride: usize) {
        self.queries.clear();
        let heads = queries.rows.iter().flat_map(|row| row.chunks(queries.size));
        for head in heads {
            self.queries.extend_from_slice(head);
            let filled = self.queries.len().next_multiple_of(stride);
            self.queries.resize(filled, 0.0);
        }
        let count = self.queries.len() / stride;
        self.sums.clear();
        self.sums.resize(count * stride, 0.0);
        self.bests.clear();
        self.bests.resize(count, f32::NEG_INFINITY);
        self.totals.clear();
        self.totals.resize(count, 0.0);
    }
}

/// The products of queries with the keys of a group.
struct Products<'a> {
    queries: &'a [f32],
    keys: &'a [f32],
    stride: usize,
    scores: &'a mut [f32],
}

impl WithSimd for Products<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let stride = self.stride;
        let queries = self.queries.chunks(QUERIES * stride);
        let scores = self.scores.chunks_mut(QUERIES * GROUP * CELLS);
        for (queries, scores) in queries.zip(scores) {
            for (block, keys) in self.keys.chunks_exact(CELLS * stride).enumerate() {
                let at = block * CELLS;
                let (mut from, count) = (0, queries.len() / stride);
                // Several sums at once hide the delay of each.
                while from < count {
                    let (queries, scores) = (
                        &queries[from * stride..],
                        &mut scores[from * GROUP * CELLS..],
                    );
                    from += match count - from {
                        QUERIES.. => {
                            products::<S, QUERIES>(simd, queries, keys, stride, at, scores)
                        }
                        4.. => products::<S, 4>(simd, queries, keys, stride, at, scores),
                        3 => products::<S, 3>(simd, queries, keys, stride, at, scores),
                        2 => products::<S, 2>(simd, queries, keys, stride, at, scores),
                        _ => products::<S, 1>(simd, queries, keys, stride, at, scores),
                    };
                }
            }
        }
    }
}

/// The products of `Q` queries with a block of keys; returns their number.
#[inline(always)]
fn products<S: Simd, const Q: usize>(
    simd: S,
    queries: &[f32],
    keys: &[f32],
    stride: usize,
    at: usize,
    scores: &mut [f32],
) -> usize {
    let (keys, _) = S::as_simd_f32s(keys);
    let vectors = CELLS / S::F32_LANES;
    for vector in 0..vectors {
        let mut sums = [simd.splat_f32s(0.0); Q];
        for dim in 0..stride {
            let key = keys[dim * vectors + vector];
            for query in 0..Q {
                let number = simd.splat_f32s(queries[query * stride + dim]);
                sums[query] = simd.mul_add_e_f32s(number, key, sums[query]);
            }
        }
        for (query, sum) in sums.into_iter().enumerate() {
            let from = query * GROUP * CELLS + at + vector * S::F32_LANES;
            let (out, _) = S::as_mut_simd_f32s(&mut scores[from..][..S::F32_LANES]);
            out[0] = sum;
        }
    }
    Q
}

/// Turns the scores of a group into weights, and takes the sums so far to the same scale.
struct Weights<'a> {
    scores: &'a mut [f32],
    /// Which of the group's cells are seen; the weights of the others are 0.
    visible: Range<usize>,
    scale: f32,
    best: &'a mut f32,
    total: &'a mut f32,
    sums: &'a mut [f32],
}

impl WithSimd for Weights<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        const LANES: usize = 16;
        if self.visible.is_empty() {
            self.scores.fill(0.0);
            return;
        }
        self.scores[..self.visible.start].fill(f32::NEG_INFINITY);
        self.scores[self.visible.end..].fill(f32::NEG_INFINITY);
        let mut bests = [f32::NEG_INFINITY; LANES];
        for chunk in self.scores.as_chunks::<LANES>().0 {
            for lane in 0..LANES {
                bests[lane] = if chunk[lane] > bests[lane] {
                    chunk[lane]
                } else {
                    bests[lane]
                };
            }
        }
        let mut best = *self.best;
        for score in bests {
            best = if score > best { score } else { best };
        }
        if best > *self.best {
            let factor = exp_negative((*self.best - best) * self.scale);
            for sum in self.sums.iter_mut() {
                *sum *= factor;
            }
            *self.total *= factor;
            *self.best = best;
        }
        let mut totals = [0.0; LANES];
        for chunk in self.scores.as_chunks_mut::<LANES>().0 {
            for lane in 0..LANES {
                chunk[lane] = exp_negative((chunk[lane] - best) * self.scale);
                totals[lane] += chunk[lane];
            }
        }
        for total in totals {
            *self.total += total;
        }
    }
}

/// Adds the weighted values of a group.
struct Sums<'a> {
    weights: &'a [f32],
    values: &'a [f32],
    stride: usize,
    sums: &'a mut [f32],
}

impl WithSimd for Sums<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let stride = self.stride;
        let weights = self.weights.chunks(VALUE_QUERIES * GROUP * CELLS);
        let sums = self.sums.chunks_mut(VALUE_QUERIES * stride);
        for (weights, sums) in weights.zip(sums) {
            if sums.len() == VALUE_QUERIES * stride {
                weigh::<S, VALUE_QUERIES>(simd, weights, self.values, stride, sums);
            } else {
                weigh::<S, 1>(simd, weights, self.values, stride, sums);
            }
        }
    }
}

#[inline(always)]
fn weigh<S: Simd, const Q: usize>(
    simd: S,
    weights: &[f32],
    values: &[f32],
    stride: usize,
    sums: &mut [f32],
) {
    // Of the vectors that a head has, this divides their number: heads are filled up to 16 numbers.
    let step = if (stride / S::F32_LANES).is_multiple_of(VALUE_VECTORS) {
        VALUE_VECTORS
    } else {
        1
    };
    let mut from = 0;
    while from < stride {
        if step == VALUE_VECTORS {
            weigh_some::<S, Q, VALUE_VECTORS>(simd, weights, values, stride, from, sums);
        } else {
            weigh_some::<S, Q, 1>(simd, weights, values, stride, from, sums);
        }
        from += step * S::F32_LANES;
    }
}

#[inline(always)]
fn weigh_some<S: Simd, const Q: usize, const V: usize>(
    simd: S,
    weights: &[f32],
    values: &[f32],
    stride: usize,
    from: usize,
    sums: &mut [f32],
) {
    let length = V * S::F32_LANES;
    let mut totals = [[simd.splat_f32s(0.0); V]; Q];
    for query in 0..Q {
        let (so_far, _) = S::as_simd_f32s(&sums[query * stride + from..][..length]);
        totals[query].copy_from_slice(so_far);
    }
    for (cell, value) in values.chunks_exact(stride).enumerate() {
        let (value, _) = S::as_simd_f32s(&value[from..][..length]);
        for query in 0..Q {
            let weight = simd.splat_f32s(weights[query * GROUP * CELLS + cell]);
            for vector in 0..V {
                totals[query][vector] =
                    simd.mul_add_e_f32s(weight, value[vector], totals[query][vector]);
            }
        }
    }
    for query in 0..Q {
        let (out, _) = S::as_mut_simd_f32s(&mut sums[query * stride + from..][..length]);
        out.copy_from_slice(&totals[query]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{Cells, KvFormat, Order};

    struct Memory {
        keys: Cells,
        values: Cells,
    }

    impl Blocks for Memory {
        fn keys(&self, index: usize, out: &mut [f32]) {
            self.keys.widen(index, out);
        }

        fn values(&self, index: usize, out: &mut [f32]) {
            self.values.widen(index, out);
        }
    }

    fn noise(count: usize, seed: f32) -> Vec<f32> {
        let all = (0..count).map(|index| (index as f32 * 0.7 + seed).sin() * 3.0);
        all.collect()
    }

    /// Puts rows into cells one after another; returns them as the cells keep them.
    fn kept(cells: &mut Cells, order: Order, rows: &[f32], size: usize) -> Vec<f32> {
        for (index, row) in rows.chunks(size).enumerate() {
            cells.put(index / CELLS, index % CELLS, row);
        }
        let stride = padded(size);
        let mut block = vec![0.0; CELLS * stride];
        let mut out = Vec::new();
        for index in 0..rows.len() / size {
            cells.widen(index / CELLS, &mut block);
            let cell = index % CELLS;
            out.extend((0..size).map(|dim| match order {
                Order::Dimensions => block[dim * CELLS + cell],
                Order::Cells => block[cell * stride + dim],
            }));
        }
        out
    }

    fn plain(query: &[f32], keys: &[f32], values: &[f32], scale: f32) -> Vec<f64> {
        let size = query.len();
        let scores: Vec<f64> = keys
            .chunks(size)
            .map(|key| {
                let products = query.iter().zip(key);
                let product: f64 = products.map(|(q, k)| f64::from(*q) * f64::from(*k)).sum();
                product * f64::from(scale)
            })
            .collect();
        let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = scores.iter().map(|score| (score - best).exp()).collect();
        let total: f64 = weights.iter().sum();
        (0..size)
            .map(|dim| {
                let sum: f64 = weights
                    .iter()
                    .zip(values.chunks(size))
                    .map(|(weight, value)| weight * f64::from(value[dim]))
                    .sum();
                sum / total
            })
            .collect()
    }

    #[test]
    fn every_shape_agrees_with_the_definition() {
        for (size, heads, cells) in [
            (64, 3, 200_usize),
            (32, 9, 70),
            (4, 1, 33),
            (6, 5, 16),
            (128, 4, 5),
        ] {
            let blocks = cells.div_ceil(CELLS);
            let format = if heads == 4 {
                KvFormat::Int8
            } else {
                KvFormat::F16
            };
            let new = |order| Cells::new(format, order, blocks, size);
            let mut memory = Memory {
                keys: new(Order::Dimensions),
                values: new(Order::Cells),
            };
            let keys = noise(cells * size, 0.1);
            let keys = kept(&mut memory.keys, Order::Dimensions, &keys, size);
            let values = noise(cells * size, 0.2);
            let values = kept(&mut memory.values, Order::Cells, &values, size);
            let visible = [
                0..1,
                0..cells / 2,
                // Windows that begin in the middle of a group, and one that leaves the first groups out.
                cells / 3..cells - 1,
                cells - 2..cells,
                0..cells,
            ];
            let queries = noise(visible.len() * heads * size, 0.3);
            let rows: Vec<&[f32]> = queries.chunks(heads * size).collect();
            let scale = 1.0 / (size as f32).sqrt();
            let attended = |rows: &[&[f32]], visible: &[Range<usize>]| {
                let queries = Queries {
                    rows,
                    visible,
                    size,
                    scale,
                };
                let mut out = vec![f32::NAN; rows.len() * heads * size];
                let mut parts: Vec<&mut [f32]> = out.chunks_mut(heads * size).collect();
                attend(&queries, &memory, &mut parts, &mut Scratch::default());
                out
            };
            let together = attended(&rows, &visible);
            for (row, out) in together.chunks(heads * size).enumerate() {
                let seen = visible[row].start * size..visible[row].end * size;
                for (head, out) in out.chunks(size).enumerate() {
                    let query = &rows[row][head * size..][..size];
                    let expected = plain(query, &keys[seen.clone()], &values[seen.clone()], scale);
                    for (got, expected) in out.iter().zip(expected) {
                        let error = (f64::from(*got) - expected).abs();
                        assert!(error < 2e-5, "{size} {heads} {row}: {got} {expected}");
                    }
                }
                // The same bits alone.
                assert_eq!(attended(&rows[row..=row], &visible[row..=row]), out);
            }
        }
    }
}
