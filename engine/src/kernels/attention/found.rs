//! What queries find in some cells: weighted sums of values, which can be added up.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::PART;
use crate::kernels::dispatch;
use crate::kernels::elementwise::exp_negative;

/// For each query, the sum of the values of some cells, weighted by how far their scores are below the largest.
#[derive(Default)]
pub(crate) struct Found {
    /// One after another, each filled up.
    pub(super) sums: Vec<f32>,
    /// The largest score of each query.
    pub(super) bests: Vec<f32>,
    /// The sum of each query's weights; 0 if it saw no cell.
    pub(super) totals: Vec<f32>,
}

impl Found {
    /// Nothing, for no query.
    pub(crate) fn clear(&mut self) {
        self.sums.clear();
        self.bests.clear();
        self.totals.clear();
    }

    /// Room for so many queries; all of it is to be written.
    pub(super) fn make_room(&mut self, count: usize, stride: usize) {
        self.sums.resize(count * stride, 0.0);
        self.bests.resize(count, 0.0);
        self.totals.resize(count, 0.0);
    }

    /// Adds what the same queries found in later cells.
    pub(crate) fn add(&mut self, later: &Found, scale: f32) {
        if self.bests.is_empty() {
            self.sums.extend_from_slice(&later.sums);
            self.bests.extend_from_slice(&later.bests);
            self.totals.extend_from_slice(&later.totals);
            return;
        }
        dispatch(Add {
            found: self,
            later,
            scale,
        });
    }

    /// Writes the means; `out` has the heads of each row, of this size, one after another.
    pub(crate) fn write(&self, size: usize, out: &mut [&mut [f32]]) {
        let stride = self.sums.len() / self.bests.len();
        let heads = out.iter_mut().flat_map(|row| row.chunks_mut(size));
        let found = self.sums.chunks_exact(stride).zip(&self.totals);
        for (out, (sums, total)) in heads.zip(found) {
            let factor = 1.0 / total;
            for (out, sum) in out.iter_mut().zip(sums) {
                *out = sum * factor;
            }
        }
    }
}

/// Brings the sums of each query to the same scale and adds them.
struct Add<'a> {
    found: &'a mut Found,
    later: &'a Found,
    scale: f32,
}

impl WithSimd for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let (found, later) = (self.found, self.later);
        let stride = found.sums.len() / found.bests.len();
        let sums = found.sums.chunks_exact_mut(stride);
        let sums = sums.zip(later.sums.chunks_exact(stride));
        for (query, (sums, later_sums)) in sums.enumerate() {
            let (best, total) = (&mut found.bests[query], &mut found.totals[query]);
            let (later_best, later_total) = (later.bests[query], later.totals[query]);
            if later_total == 0.0 {
                continue;
            }
            if *total == 0.0 {
                sums.copy_from_slice(later_sums);
                (*best, *total) = (later_best, later_total);
                continue;
            }
            let higher = if later_best > *best {
                later_best
            } else {
                *best
            };
            let factor = exp_negative::<S>((*best - higher) * self.scale);
            let later_factor = exp_negative::<S>((later_best - higher) * self.scale);
            for (sum, later) in sums.iter_mut().zip(later_sums) {
                *sum = *sum * factor + later * later_factor;
            }
            *total = *total * factor + later_total * later_factor;
            *best = higher;
        }
    }
}

/// Turns the scores of a part into weights; returns the largest score and the sum of the weights.
pub(super) struct Weights<'a> {
    pub(super) scores: &'a mut [f32],
    /// Which of the part's cells are seen; the weights of the others are 0.
    pub(super) visible: Range<usize>,
    pub(super) scale: f32,
}

impl WithSimd for Weights<'_> {
    type Output = (f32, f32);

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> (f32, f32) {
        const LANES: usize = 16;
        if self.visible.is_empty() {
            self.scores.fill(0.0);
            return (f32::NEG_INFINITY, 0.0);
        }
        if self.visible != (0..PART) {
            self.scores[..self.visible.start].fill(f32::NEG_INFINITY);
            self.scores[self.visible.end..].fill(f32::NEG_INFINITY);
        }
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
        let mut best = f32::NEG_INFINITY;
        for score in bests {
            best = if score > best { score } else { best };
        }
        let mut totals = [0.0; LANES];
        for chunk in self.scores.as_chunks_mut::<LANES>().0 {
            for lane in 0..LANES {
                chunk[lane] = exp_negative::<S>((chunk[lane] - best) * self.scale);
                totals[lane] += chunk[lane];
            }
        }
        (best, totals.iter().sum())
    }
}
