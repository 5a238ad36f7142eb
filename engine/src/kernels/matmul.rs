//! Products of activations with dense weights.

use std::cell::RefCell;
use std::ops::Range;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{Packed, dispatch, rows, tile};

/// Bytes of activations that are multiplied before moving on, so that they stay in the second-level cache.
const BLOCK_BYTES: usize = 192 * 1024;
/// Multiplications below which splitting the work costs more than it saves.
const SMALL: usize = 64 * 1024;
/// Weight rows that meet several activations at once, and a single one: as many sums as registers allow.
const WIDE: usize = 4;
const NARROW: usize = 8;

/// Weight rows that are widened at once: with a block of activations, they fit in the second-level cache.
const STRIP: usize = 16;

/// A weight matrix, row-major.
#[derive(Clone, Copy)]
pub(crate) enum Weights<'a> {
    Dense(&'a [f32]),
    Packed(&'a Packed),
}

impl Weights<'_> {
    fn rows(self, columns: usize) -> usize {
        match self {
            Weights::Dense(weights) => {
                assert!(weights.len().is_multiple_of(columns));
                weights.len() / columns
            }
            Weights::Packed(weights) => {
                assert_eq!(weights.columns(), columns);
                weights.rows()
            }
        }
    }
}

thread_local! {
    /// Where a thread widens weights.
    static STRIPS: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// `out[i][j] = x[i] · weights[j]` for row-major `x`, in rows of `columns`. The weights are shared out among the
/// threads of the current pool.
pub(crate) fn matmul(x: &[f32], weights: Weights<'_>, columns: usize, out: &mut [f32]) {
    let rows = x.len() / columns;
    let outputs = weights.rows(columns);
    assert_eq!(x.len(), rows * columns);
    assert_eq!(out.len(), rows * outputs);
    if rows == 0 || outputs == 0 {
        return;
    }
    let threads = rayon::current_num_threads();
    let tasks = if rows * outputs * columns < SMALL {
        1
    } else {
        threads * 2
    };
    let share = outputs.div_ceil(tasks).next_multiple_of(STRIP);
    // Each task owns the same columns of every row of the output.
    let mut parts: Vec<Vec<&mut [f32]>> = (0..outputs.div_ceil(share))
        .map(|_| Vec::with_capacity(rows))
        .collect();
    for row in out.chunks_mut(outputs) {
        for (part, slice) in parts.iter_mut().zip(row.chunks_mut(share)) {
            part.push(slice);
        }
    }
    let run = |(part, out): (usize, &mut Vec<&mut [f32]>)| {
        let from = part * share;
        let to = (from + share).min(outputs);
        multiply_range(x, weights, columns, from..to, out);
    };
    if tasks == 1 || threads == 1 {
        parts.iter_mut().enumerate().for_each(run);
    } else {
        parts
            .par_iter_mut()
            .enumerate()
            .with_max_len(1)
            .for_each(run);
    }
}

/// `x · weights[id]` for each id: a few rows of a large matrix.
pub(crate) fn select_rows(x: &[f32], weights: Weights<'_>, ids: &[u32]) -> Vec<f32> {
    let columns = x.len();
    let one = |id: &u32| {
        let row = *id as usize;
        match weights {
            Weights::Dense(dense) => {
                let w = &dense[row * columns..][..columns];
                dispatch(Dot { x, w })
            }
            Weights::Packed(packed) => {
                let mut product = [0.0];
                if packed.dot(x, row..row + 1, &mut product) {
                    return product[0];
                }
                STRIPS.with_borrow_mut(|strip| {
                    packed.widen(row..row + 1, strip);
                    dispatch(Dot { x, w: strip })
                })
            }
        }
    };
    if ids.len() * columns < SMALL {
        ids.iter().map(one).collect()
    } else {
        ids.par_iter().with_min_len(64).map(one).collect()
    }
}

/// Some of the outputs; `out` has room for just these.
fn multiply_range(
    x: &[f32],
    weights: Weights<'_>,
    columns: usize,
    outputs: Range<usize>,
    out: &mut [&mut [f32]],
) {
    match weights {
        Weights::Dense(dense) => {
            let weight = &dense[outputs.start * columns..outputs.end * columns];
            multiply(x, weight, columns, 0, out);
        }
        Weights::Packed(packed) if out.len() == 1 && packed.dot(x, outputs.clone(), out[0]) => {}
        Weights::Packed(packed) => STRIPS.with_borrow_mut(|strip| {
            let mut from = outputs.start;
            while from < outputs.end {
                let to = (from + STRIP).min(outputs.end);
                packed.widen(from..to, strip);
                multiply(x, strip, columns, from - outputs.start, out);
                from = to;
            }
        }),
    }
}

/// Multiplies dense rows, whose outputs begin at column `at` of `out`.
fn multiply(x: &[f32], weight: &[f32], columns: usize, at: usize, out: &mut [&mut [f32]]) {
    let block = (BLOCK_BYTES / 4 / columns).max(1).next_multiple_of(3);
    for (x, out) in x.chunks(block * columns).zip(out.chunks_mut(block)) {
        dispatch(Block {
            x,
            weight,
            columns,
            at,
            out,
        });
    }
}

struct Dot<'a> {
    x: &'a [f32],
    w: &'a [f32],
}

impl WithSimd for Dot<'_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        tile(simd, [self.x], [self.w])[0][0]
    }
}

struct Block<'a, 'b> {
    x: &'a [f32],
    weight: &'a [f32],
    columns: usize,
    at: usize,
    out: &'a mut [&'b mut [f32]],
}

impl WithSimd for Block<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if self.out.len() == 1 {
            self.strip::<S, NARROW>(simd);
        } else {
            self.strip::<S, WIDE>(simd);
        }
    }
}

impl Block<'_, '_> {
    #[inline(always)]
    fn strip<S: Simd, const W: usize>(self, simd: S) {
        let columns = self.columns;
        let outputs = self.weight.len() / columns;
        let whole = outputs - outputs % W;
        for row_w in (0..whole).step_by(W) {
            let at = self.at + row_w;
            let weights = rows::<_, W>(self.weight, columns, row_w);
            let mut row = 0;
            while row + 3 <= self.out.len() {
                let sums = tile::<S, 3, W>(simd, rows::<_, 3>(self.x, columns, row), weights);
                for (out, sums) in self.out[row..row + 3].iter_mut().zip(&sums) {
                    out[at..at + W].copy_from_slice(sums);
                }
                row += 3;
            }
            while row < self.out.len() {
                let sums = tile::<S, 1, W>(simd, rows::<_, 1>(self.x, columns, row), weights);
                self.out[row][at..at + W].copy_from_slice(&sums[0]);
                row += 1;
            }
        }
        for row_w in whole..outputs {
            let weights = rows::<_, 1>(self.weight, columns, row_w);
            for row in 0..self.out.len() {
                let sums = tile::<S, 1, 1>(simd, rows::<_, 1>(self.x, columns, row), weights);
                self.out[row][self.at + row_w] = sums[0][0];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Packing;

    /// Small whole numbers, whose sums are exact in any order.
    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        (0..count)
            .map(|index| ((index * 7919 + seed * 104_729) % 17) as f32 - 8.0)
            .collect()
    }

    fn plain(x: &[f32], w: &[f32], columns: usize) -> Vec<f32> {
        x.chunks(columns)
            .flat_map(|x| {
                w.chunks(columns)
                    .map(|w| x.iter().zip(w).map(|(x, w)| x * w).sum::<f32>())
            })
            .collect()
    }

    #[test]
    fn every_shape_agrees_with_the_definition() {
        for (rows, columns, outputs) in [
            (1, 8, 1),
            (1, 576, 200),
            (2, 20, 9),
            (3, 13, 17),
            (7, 64, 33),
            (130, 576, 130),
        ] {
            let (x, w) = (numbers(rows * columns, 1), numbers(outputs * columns, 2));
            let mut out = vec![f32::NAN; rows * outputs];
            matmul(&x, Weights::Dense(&w), columns, &mut out);
            assert_eq!(out, plain(&x, &w, columns), "{rows} {columns} {outputs}");
            let ids: Vec<u32> = (0..outputs as u32).rev().collect();
            let picked = select_rows(&x[..columns], Weights::Dense(&w), &ids);
            let expected: Vec<f32> = out[..outputs].iter().rev().copied().collect();
            assert_eq!(picked, expected);
        }
    }

    #[test]
    fn a_row_gives_the_same_bits_alone_and_among_others() {
        let (columns, outputs) = (100, 50);
        let noise = |seed: usize, count: usize| -> Vec<f32> {
            numbers(count, seed)
                .iter()
                .map(|x| (x * 0.37).sin())
                .collect()
        };
        let (x, w) = (noise(1, 70 * columns), noise(2, outputs * columns));
        let mut together = vec![0.0; 70 * outputs];
        matmul(&x, Weights::Dense(&w), columns, &mut together);
        for (x, expected) in x.chunks(columns).zip(together.chunks(outputs)) {
            let mut alone = vec![0.0; outputs];
            matmul(x, Weights::Dense(&w), columns, &mut alone);
            assert_eq!(alone, expected);
        }
    }

    #[test]
    fn packed_weights_give_the_same_bits_as_dense_ones() {
        let columns = 64;
        for (rows, outputs) in [(1, 5), (1, 100), (9, 100), (4, 16)] {
            let (x, w) = (numbers(rows * columns, 1), numbers(outputs * columns, 2));
            let bytes: Vec<u8> = w
                .iter()
                .flat_map(|value| ((value.to_bits() >> 16) as u16).to_le_bytes())
                .collect();
            let packed = Packed::new(Packing::BF16, columns, &bytes).unwrap();
            let mut expected = vec![0.0; rows * outputs];
            matmul(&x, Weights::Dense(&w), columns, &mut expected);
            let mut out = vec![f32::NAN; rows * outputs];
            matmul(&x, Weights::Packed(&packed), columns, &mut out);
            assert_eq!(out, expected);
            let ids = [3, 0, 4];
            assert_eq!(
                select_rows(&x[..columns], Weights::Packed(&packed), &ids),
                ids.map(|id| expected[id as usize])
            );
        }
    }
}
