//! Attention of one row to the cells of the KV memory that it may see.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::elementwise::exp_negative;
use super::{dispatch, rows, tile};

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
    let cells: usize = heads.visible.iter().map(|range| range.len()).sum();
    scratch.clear();
    scratch.resize(cells * G, 0.0);
    let queries = rows::<_, G>(queries, size, 0);
    let mut at = 0;
    for range in heads.visible {
        let mut cell = range.start;
        while cell + 4 <= range.end {
            let products = tile::<S, G, 4>(simd, queries, rows::<_, 4>(heads.keys, size, cell));
            for head in 0..G {
                scratch[head * cells + at..][..4].copy_from_slice(&products[head]);
            }
            cell += 4;
            at += 4;
        }
        while cell < range.end {
            let products = tile::<S, G, 1>(simd, queries, rows::<_, 1>(heads.keys, size, cell));
            for head in 0..G {
                scratch[head * cells + at] = products[head][0];
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

/// `scores[i] := softmax(scale · scores)[i]`. The order of the sum depends on the number of scores only.
#[inline(always)]
fn softmax(scores: &mut [f32], scale: f32) {
    const LANES: usize = 8;
    let mut best = f32::NEG_INFINITY;
    let mut bests = [f32::NEG_INFINITY; LANES];
    let (chunks, rest) = scores.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            bests[lane] = if chunk[lane] > bests[lane] {
                chunk[lane]
            } else {
                bests[lane]
            };
        }
    }
    for score in bests.iter().chain(rest) {
        best = if *score > best { *score } else { best };
    }
    let mut sums = [0.0; LANES];
    let (chunks, rest) = scores.as_chunks_mut::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            chunk[lane] = exp_negative((chunk[lane] - best) * scale);
            sums[lane] += chunk[lane];
        }
    }
    let mut total = 0.0;
    for score in rest {
        *score = exp_negative((*score - best) * scale);
        total += *score;
    }
    for sum in sums {
        total += sum;
    }
    let factor = 1.0 / total;
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
    let step = V * S::F32_LANES;
    let whole = size - size % step;
    for from in (0..whole).step_by(step) {
        let mut sums = [[simd.splat_f32s(0.0); V]; G];
        let mut at = 0;
        for range in heads.visible {
            for cell in range.start..range.end {
                let (value, _) = S::as_simd_f32s(&heads.values[cell * size + from..][..step]);
                for head in 0..G {
                    let weight = simd.splat_f32s(weights[head * cells + at]);
                    for v in 0..V {
                        sums[head][v] = simd.mul_add_e_f32s(weight, value[v], sums[head][v]);
                    }
                }
                at += 1;
            }
        }
        for head in 0..G {
            let (out, _) = S::as_mut_simd_f32s(&mut out[head * size + from..][..step]);
            out.copy_from_slice(&sums[head]);
        }
    }
    for dim in whole..size {
        for head in 0..G {
            let (mut sum, mut at) = (0.0, 0);
            for range in heads.visible {
                for cell in range.start..range.end {
                    sum += weights[head * cells + at] * heads.values[cell * size + dim];
                    at += 1;
                }
            }
            out[head * size + dim] = sum;
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
            (0..count)
                .map(|index| (index as f32 * 0.7 + seed).sin())
                .collect()
        };
        for (size, count) in [(64, 3), (32, 9), (4, 1), (6, 5), (128, 4)] {
            let (keys, values) = (noise(40 * size, 0.1), noise(40 * size, 0.2));
            let queries = noise(count * size, 0.3);
            for bounds in [
                [(0, 1), (1, 1)],
                [(0, 23), (0, 0)],
                [(3, 10), (20, 40)],
                [(0, 0), (2, 4)],
            ] {
                let visible = bounds.map(|(start, end)| start..end);
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
