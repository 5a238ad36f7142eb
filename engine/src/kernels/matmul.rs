//! Products of activations with weights in any form.

use std::cell::RefCell;
use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::{Activations, Halves, Team, Tiles, dispatch, quantized, rows, tile};

/// Bytes of activations that are multiplied before moving on, so that they stay in the second-level cache.
const BLOCK_BYTES: usize = 192 * 1024;
/// Multiplications below which splitting the work costs more than it saves.
const SMALL: usize = 32 * 1024;
/// Weight rows that meet several activations at once, and a single one: as many sums as registers allow.
const WIDE: usize = 4;
const NARROW: usize = 8;
/// Weight rows that are widened at once: with a block of activations, they fit in the second-level cache. Also
/// the rows by which work is shared out: no tile has more.
const STRIP: usize = 16;
/// Shares of the work for each thread: one that was held up leaves some of its own to the others.
const SHARES: usize = 4;

/// A weight matrix, row-major but for tiles.
#[derive(Clone, Copy)]
pub(crate) enum Weights<'a> {
    Dense(&'a [f32]),
    Halves(&'a Halves),
    Tiles(&'a Tiles),
}

/// Rows of activations, also rounded where the weights are tiles.
#[derive(Clone, Copy)]
pub(crate) struct Inputs<'a> {
    pub(crate) exact: &'a [f32],
    pub(crate) rounded: &'a Activations,
    pub(crate) columns: usize,
}

impl Weights<'_> {
    fn rows(self, columns: usize) -> usize {
        match self {
            Weights::Dense(weights) => {
                assert!(weights.len().is_multiple_of(columns));
                weights.len() / columns
            }
            Weights::Halves(weights) => {
                assert_eq!(weights.columns(), columns);
                weights.rows()
            }
            Weights::Tiles(weights) => {
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

/// `out[i][j] = x[i] · weights[j]`, row-major.
pub(crate) fn matmul(team: &Team, x: Inputs<'_>, weights: Weights<'_>, out: &mut [f32]) {
    let columns = x.columns;
    let rows = x.exact.len() / columns;
    let outputs = weights.rows(columns);
    assert_eq!(x.exact.len(), rows * columns);
    share_outputs(team, (rows, columns, outputs), out, |range, out| {
        multiply_range(x, weights, range, out);
    });
}

/// Shares out a product: `body` computes some of the outputs, which begin at a multiple of 16, for all rows.
pub(super) fn share_outputs(
    team: &Team,
    (rows, columns, outputs): (usize, usize, usize),
    out: &mut [f32],
    body: impl Fn(Range<usize>, &mut [&mut [f32]]) + Sync,
) {
    assert_eq!(out.len(), rows * outputs);
    if rows == 0 || outputs == 0 {
        return;
    }
    let shares = if rows * outputs * columns < SMALL {
        1
    } else {
        team.threads() * SHARES
    };
    let share = outputs.div_ceil(shares).next_multiple_of(STRIP);
    // Each share owns the same columns of every row of the output.
    let mut parts: Vec<Vec<&mut [f32]>> = (0..outputs.div_ceil(share))
        .map(|_| Vec::with_capacity(rows))
        .collect();
    for row in out.chunks_mut(outputs) {
        for (part, slice) in parts.iter_mut().zip(row.chunks_mut(share)) {
            part.push(slice);
        }
    }
    team.for_each(&mut parts, |part, out| {
        let from = part * share;
        let to = (from + share).min(outputs);
        body(from..to, out);
    });
}

/// `x · weights[id]` for each id: a few rows of a large matrix, for one row of activations.
pub(crate) fn select_rows(x: Inputs<'_>, weights: Weights<'_>, ids: &[u32]) -> Vec<f32> {
    assert_eq!(x.exact.len(), x.columns);
    let mut product = [0.0];
    ids.iter()
        .map(|id| {
            let row = *id as usize;
            if let Weights::Tiles(tiles) = weights {
                return quantized::row(tiles, row, x.rounded);
            }
            multiply_range(x, weights, row..row + 1, &mut [&mut product]);
            product[0]
        })
        .collect()
}

/// Some of the outputs; `out` has room for just these.
fn multiply_range(
    x: Inputs<'_>,
    weights: Weights<'_>,
    outputs: Range<usize>,
    out: &mut [&mut [f32]],
) {
    let columns = x.columns;
    match weights {
        Weights::Dense(dense) => {
            let weight = &dense[outputs.start * columns..outputs.end * columns];
            multiply(x.exact, weight, columns, 0, out);
        }
        Weights::Tiles(tiles) => quantized::multiply(tiles, outputs, x.rounded, out),
        Weights::Halves(halves) => STRIPS.with_borrow_mut(|strip| {
            let mut from = outputs.start;
            while from < outputs.end {
                let to = (from + STRIP).min(outputs.end);
                halves.widen(from..to, strip);
                multiply(x.exact, strip, columns, from - outputs.start, out);
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
    use crate::kernels::HalfFormat;

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

    fn product(team: &Team, x: &[f32], weights: Weights<'_>, columns: usize) -> Vec<f32> {
        let rounded = Activations::default();
        let x = Inputs {
            exact: x,
            rounded: &rounded,
            columns,
        };
        let mut out = vec![f32::NAN; x.exact.len() / columns * weights.rows(columns)];
        matmul(team, x, weights, &mut out);
        out
    }

    fn picked(x: &[f32], weights: Weights<'_>, ids: &[u32]) -> Vec<f32> {
        let x = Inputs {
            exact: x,
            rounded: &Activations::default(),
            columns: x.len(),
        };
        select_rows(x, weights, ids)
    }

    #[test]
    fn every_shape_agrees_with_the_definition() {
        let team = Team::new(2).unwrap();
        for (rows, columns, outputs) in [
            (1, 8, 1),
            (1, 576, 200),
            (2, 20, 9),
            (3, 13, 17),
            (7, 64, 33),
            (130, 576, 130),
        ] {
            let (x, w) = (numbers(rows * columns, 1), numbers(outputs * columns, 2));
            let out = product(&team, &x, Weights::Dense(&w), columns);
            assert_eq!(out, plain(&x, &w, columns), "{rows} {columns} {outputs}");
            let ids: Vec<u32> = (0..outputs as u32).rev().collect();
            let expected: Vec<f32> = out[..outputs].iter().rev().copied().collect();
            assert_eq!(picked(&x[..columns], Weights::Dense(&w), &ids), expected);
        }
    }

    #[test]
    fn a_row_gives_the_same_bits_alone_and_among_others() {
        let team = Team::new(2).unwrap();
        let (columns, outputs) = (100, 50);
        let noise = |seed: usize, count: usize| -> Vec<f32> {
            numbers(count, seed)
                .iter()
                .map(|x| (x * 0.37).sin())
                .collect()
        };
        let (x, w) = (noise(1, 70 * columns), noise(2, outputs * columns));
        let together = product(&team, &x, Weights::Dense(&w), columns);
        for (x, expected) in x.chunks(columns).zip(together.chunks(outputs)) {
            assert_eq!(product(&team, x, Weights::Dense(&w), columns), expected);
        }
    }

    #[test]
    fn weights_in_halves_give_the_same_bits_as_dense_ones() {
        let team = Team::new(2).unwrap();
        let columns = 64;
        for (rows, outputs) in [(1, 5), (1, 100), (9, 100), (4, 16)] {
            let (x, w) = (numbers(rows * columns, 1), numbers(outputs * columns, 2));
            let bytes: Vec<u8> = w
                .iter()
                .flat_map(|value| ((value.to_bits() >> 16) as u16).to_le_bytes())
                .collect();
            let halves = Halves::new(HalfFormat::BF16, columns, &bytes).unwrap();
            let expected = product(&team, &x, Weights::Dense(&w), columns);
            let out = product(&team, &x, Weights::Halves(&halves), columns);
            assert_eq!(out, expected);
            assert_eq!(
                picked(&x[..columns], Weights::Halves(&halves), &[3, 0, 4]),
                [3, 0, 4].map(|id| expected[id])
            );
        }
    }
}
