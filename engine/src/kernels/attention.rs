//! Attention of one row to the cells of the KV memory that it may see.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::elementwise::exp_negative;
use super::{dispatch, tile};

/// Query heads that share a key-value head are taken this many at a time.
const GROUP: usize = 3;

/// The queries of one row that share a key-value head, and that head's keys and values.
pub(crate) struct Heads<'a> {
    /// Query heads one after another.
    pub(crate) queries: &'a [f32],
    /// Keys of all cells, one after another.
    pub(crate) keys: &'a [f32],
    /// Values of all cells, one after another.
    pub(crate) values: &'a [f32],
    /// Length of each head.
    pub(crate) size: usize,
    /// Cells that the row may see.
    pub(crate) visible: &'a [Range<usize>],
}

/// Writes, for each query head, the mean of the visible values, weighted by the softmax of its scaled products
/// with their keys. `scratch` is reused between calls.
pub(crate) fn attend(heads: &Heads<'_>, out: &mut [f32], scratch: &mut Vec<f32>) {
    dispatch(Attend {
        heads,
        out,
        scratch,
    });
}

struct Attend<'a> {
    heads: &'a Heads<'a>,
    out: &'a mut [f32],
    scratch: &'a mut Vec<f32>,
}

impl WithSimd for Attend<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let size = self.heads.size;
        let queries = self.heads.queries.chunks(size * GROUP);
        for (queries, out) in queries.zip(self.out.chunks_mut(size * GROUP)) {
            match queries.len() / size {
                3 => group::<S, 3>(simd, self.heads, queries, out, self.scratch),
                2 => group::<S, 2>(simd, self.heads, queries, out, self.scratch),
                _ => group::<S, 1>(simd, self.heads, queries, out, self.scratch),
            }
        }
    }
}

#[inline(always)]
fn group<S: Simd, const G: usize>(
    simd: S,
    heads: &Heads<'_>,
    queries: &[f32],
    out: &mut [f32],
    scratch: &mut Vec<f32>,
) {
    let size = heads.size;
    let cells: usize = heads.visible.iter().map(ExactSizeIterator::len).sum();
    scratch.clear();
    scratch.resize(cells * G, 0.0);
    let queries: [&[f32]; G] = std::array::from_fn(|head| &queries[head * size..][..size]);

    let key = |cell: usize| &heads.keys[cell * size..][..size];
    let mut at = 0;
    for range in heads.visible {
        let mut cell = range.start;
        while cell + 4 <= range.end {
            let products = tile::<S, G, 4>(simd, queries, std::array::from_fn(|j| key(cell + j)));
            for (head, products) in products.iter().enumerate() {
                scratch[head * cells + at..][..4].copy_from_slice(products);
            }
            cell += 4;
            at += 4;
        }
        while cell < range.end {
            let products = tile::<S, G, 1>(simd, queries, [key(cell)]);
            for (head, [product]) in products.iter().enumerate() {
                scratch[head * cells + at] = *product;
            }
            cell += 1;
            at += 1;
        }
    }
    let scale = 1.0 / (size as f32).sqrt();
    for scores in scratch.chunks_mut(cells.max(1)) {
        softmax(scores, scale);
    }
    weigh::<S, G>(simd, heads, scratch, cells, out);
}

/// `scores[i] := softmax(scale · scores)[i]`.
#[inline(always)]
fn softmax(scores: &mut [f32], scale: f32) {
    let mut best = f32::NEG_INFINITY;
    for score in scores.iter() {
        best = if *score > best { *score } else { best };
    }
    for score in scores.iter_mut() {
        *score = exp_negative((*score - best) * scale);
    }
    let total: f64 = scores.iter().map(|score| f64::from(*score)).sum();
    let factor = (1.0 / total) as f32;
    for score in scores.iter_mut() {
        *score *= factor;
    }
}

/// `out[head] := Σ weights[head][cell] · values[cell]`.
#[inline(always)]
fn weigh<S: Simd, const G: usize>(
    simd: S,
    heads: &Heads<'_>,
    weights: &[f32],
    cells: usize,
    out: &mut [f32],
) {
    /// Vectors of a value that are summed at once.
    const V: usize = 4;
    let size = heads.size;
    let lanes = S::F32_LANES;
    let step = if size.is_multiple_of(V * lanes) { V * lanes } else { size };
    for from in (0..size).step_by(step) {
        if step == V * lanes {
            let mut sums = [[simd.splat_f32s(0.0); V]; G];
            let mut at = 0;
            for cell in heads.visible.iter().cloned().flatten() {
                let (value, _) = S::as_simd_f32s(&heads.values[cell * size + from..][..step]);
                let value: [S::f32s; V] = std::array::from_fn(|v| value[v]);
                for (head, sums) in sums.iter_mut().enumerate() {
                    let weight = simd.splat_f32s(weights[head * cells + at]);
                    for v in 0..V {
                        sums[v] = simd.mul_add_e_f32s(weight, value[v], sums[v]);
                    }
                }
                at += 1;
            }
            for (head, sums) in sums.iter().enumerate() {
                let (out, _) = S::as_mut_simd_f32s(&mut out[head * size + from..][..step]);
                out.copy_from_slice(sums);
            }
        } else {
            out.fill(0.0);
            for (at, cell) in heads.visible.iter().cloned().flatten().enumerate() {
                let value = &heads.values[cell * size..][..size];
                for (head, out) in out.chunks_mut(size).enumerate() {
                    let weight = weights[head * cells + at];
                    for (out, value) in out.iter_mut().zip(value) {
                        *out += weight * value;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(heads: &Heads<'_>) -> Vec<f32> {
        let cells: Vec<usize> = heads.visible.iter().cloned().flatten().collect();
        let mut out = Vec::new();
        for query in heads.queries.chunks(heads.size) {
            let scores: Vec<f64> = cells
                .iter()
                .map(|cell| {
                    let key = &heads.keys[cell * heads.size..][..heads.size];
                    let product: f64 = query
                        .iter()
                        .zip(key)
                        .map(|(q, k)| f64::from(*q) * f64::from(*k))
                        .sum();
                    (product / (heads.size as f64).sqrt()).exp()
                })
                .collect();
            let total: f64 = scores.iter().sum();
            for dim in 0..heads.size {
                let sum: f64 = cells
                    .iter()
                    .zip(&scores)
                    .map(|(cell, score)| score * f64::from(heads.values[cell * heads.size + dim]))
                    .sum();
                out.push((sum / total) as f32);
            }
        }
        out
    }

    #[test]
    fn every_shape_agrees_with_the_definition() {
        let noise = |count: usize, seed: f32| -> Vec<f32> {
            (0..count).map(|index| (index as f32 * 0.7 + seed).sin()).collect()
        };
        for (size, count) in [(64, 3), (32, 9), (4, 1), (6, 5), (128, 4)] {
            let (keys, values) = (noise(40 * size, 0.1), noise(40 * size, 0.2));
            let queries = noise(count * size, 0.3);
            for visible in [vec![0..1], vec![0..23], vec![3..10, 20..40], vec![0..0, 2..4]] {
                let heads = Heads {
                    queries: &queries,
                    keys: &keys,
                    values: &values,
                    size,
                    visible: &visible,
                };
                let mut out = vec![f32::NAN; queries.len()];
                attend(&heads, &mut out, &mut vec![1.0; 3]);
                for (got, expected) in out.iter().zip(plain(&heads)) {
                    assert!((got - expected).abs() < 1e-5, "{size} {count} {visible:?}");
                }
            }
        }
    }
}
