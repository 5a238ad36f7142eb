//! The products of queries with keys, and the weighted sums of values, several at once.
//!
//! Sums of several queries and several vectors hide how long a multiplication takes, and each number that is loaded
//! is used for all of them.

use pulp::{Simd, WithSimd};

use super::{CELLS, PART};
use crate::kernels::rows;

/// The products of queries with the keys of a part.
pub(super) struct Products<'a> {
    pub(super) queries: &'a [f32],
    pub(super) keys: &'a [f32],
    pub(super) stride: usize,
    /// For each query, room for all cells of the part.
    pub(super) scores: &'a mut [f32],
}

impl WithSimd for Products<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for (block, keys) in self.keys.chunks_exact(CELLS * self.stride).enumerate() {
            let (keys, _) = S::as_simd_f32s(keys);
            let (mut from, count) = (0, self.queries.len() / self.stride);
            while from < count {
                let queries = &self.queries[from * self.stride..];
                let scores = &mut self.scores[from * PART + block * CELLS..];
                from += match (S::F32_LANES, count - from) {
                    // A block is two vectors, and twelve sums leave just room for them.
                    (8, 6..) => products::<S, 6, 2>(simd, queries, keys, scores),
                    (8, 3..) => products::<S, 3, 2>(simd, queries, keys, scores),
                    (8, 2) => products::<S, 2, 2>(simd, queries, keys, scores),
                    (8, _) => products::<S, 1, 2>(simd, queries, keys, scores),
                    (_, 4..) => products::<S, 4, 1>(simd, queries, keys, scores),
                    (_, 3) => products::<S, 3, 1>(simd, queries, keys, scores),
                    (_, 2) => products::<S, 2, 1>(simd, queries, keys, scores),
                    (_, _) => products::<S, 1, 1>(simd, queries, keys, scores),
                };
            }
        }
    }
}

/// The products of `Q` queries with a block of keys, `V` vectors of its cells at once; returns the number of queries.
#[inline(always)]
fn products<S: Simd, const Q: usize, const V: usize>(
    simd: S,
    queries: &[f32],
    keys: &[S::f32s],
    scores: &mut [f32],
) -> usize {
    let vectors = CELLS / S::F32_LANES;
    let stride = keys.len() / vectors;
    let queries = rows::<f32, Q>(queries, stride, 0);
    for first in (0..vectors).step_by(V) {
        let mut sums = [[simd.splat_f32s(0.0); V]; Q];
        for (dim, keys) in keys.chunks_exact(vectors).enumerate() {
            let mut key = [simd.splat_f32s(0.0); V];
            key.copy_from_slice(&keys[first..first + V]);
            for query in 0..Q {
                let number = simd.splat_f32s(queries[query][dim]);
                for vector in 0..V {
                    sums[query][vector] =
                        simd.mul_add_e_f32s(number, key[vector], sums[query][vector]);
                }
            }
        }
        for (query, sums) in sums.iter().enumerate() {
            let at = query * PART + first * S::F32_LANES;
            let (out, _) = S::as_mut_simd_f32s(&mut scores[at..][..V * S::F32_LANES]);
            out.copy_from_slice(sums);
        }
    }
    Q
}

/// Adds the weighted values of a part.
pub(super) struct Sums<'a> {
    /// For each query, those of all cells of the part.
    pub(super) weights: &'a [f32],
    pub(super) values: &'a [f32],
    pub(super) stride: usize,
    pub(super) sums: &'a mut [f32],
}

impl WithSimd for Sums<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let stride = self.stride;
        let count = self.sums.len() / stride;
        let mut from = 0;
        while from < count {
            let weights = &self.weights[from * PART..];
            let sums = &mut self.sums[from * stride..];
            from += match count - from {
                6.. => sum::<S, 6, 2>(simd, weights, self.values, stride, sums),
                3.. => sum::<S, 3, 2>(simd, weights, self.values, stride, sums),
                2 => sum::<S, 2, 4>(simd, weights, self.values, stride, sums),
                _ => sum::<S, 1, 4>(simd, weights, self.values, stride, sums),
            };
        }
    }
}

/// Adds the weighted values to the sums of `Q` queries, `V` vectors at once where there are as many; returns the number
/// of queries.
#[inline(always)]
fn sum<S: Simd, const Q: usize, const V: usize>(
    simd: S,
    weights: &[f32],
    values: &[f32],
    stride: usize,
    sums: &mut [f32],
) -> usize {
    let vectors = stride / S::F32_LANES;
    let mut from = 0;
    while from < vectors {
        let at = from * S::F32_LANES;
        from += if vectors - from >= V {
            sum_vectors::<S, Q, V>(simd, weights, values, (stride, at), sums)
        } else {
            sum_vectors::<S, Q, 1>(simd, weights, values, (stride, at), sums)
        };
    }
    Q
}

/// The same for `V` vectors of the values' dimensions, from `at` on; returns `V`.
#[inline(always)]
fn sum_vectors<S: Simd, const Q: usize, const V: usize>(
    simd: S,
    weights: &[f32],
    values: &[f32],
    (stride, at): (usize, usize),
    sums: &mut [f32],
) -> usize {
    let range = at..at + V * S::F32_LANES;
    let mut totals = [[simd.splat_f32s(0.0); V]; Q];
    let weights = rows::<f32, Q>(weights, PART, 0);
    for (cell, values) in (0..PART).zip(values.chunks_exact(stride)) {
        let (values, _) = S::as_simd_f32s(&values[range.clone()]);
        let mut value = [simd.splat_f32s(0.0); V];
        value.copy_from_slice(values);
        for query in 0..Q {
            let weight = simd.splat_f32s(weights[query][cell]);
            for vector in 0..V {
                totals[query][vector] =
                    simd.mul_add_e_f32s(weight, value[vector], totals[query][vector]);
            }
        }
    }
    for (totals, sums) in totals.iter().zip(sums.chunks_exact_mut(stride)) {
        let (out, _) = S::as_mut_simd_f32s(&mut sums[range.clone()]);
        out.copy_from_slice(totals);
    }
    V
}
