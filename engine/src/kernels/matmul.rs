//! Products of activations with dense weights.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{dispatch, rows, tile};

/// Bytes of activations that are multiplied before moving on, so that they stay in the second-level cache.
const BLOCK_BYTES: usize = 192 * 1024;
/// Multiplications below which splitting the work costs more than it saves.
const SMALL: usize = 64 * 1024;
/// Weight rows that meet several activations at once, and a single one: as many sums as registers allow.
const WIDE: usize = 4;
const NARROW: usize = 8;

/// `out[i][j] = x[i] · weight[j]` for row-major `x` (rows of `columns`) and `weight` (`outputs` rows of
/// `columns`). The weights are shared out among the threads of the current pool.
pub(crate) fn matmul(x: &[f32], weight: &[f32], columns: usize, out: &mut [f32]) {
    let rows = x.len() / columns;
    let outputs = weight.len() / columns;
    assert_eq!(x.len(), rows * columns);
    assert_eq!(weight.len(), outputs * columns);
    assert_eq!(out.len(), rows * outputs);
    if rows == 0 || outputs == 0 {
        return;
    }
    let threads = rayon::current_num_threads();
    let tasks = if rows * weight.len() < SMALL {
        1
    } else {
        threads * 2
    };
    let share = outputs.div_ceil(tasks).next_multiple_of(NARROW);
    // Each task owns the same columns of every row of the output.
    let mut parts: Vec<Vec<&mut [f32]>> = (0..outputs.div_ceil(share))
        .map(|_| Vec::with_capacity(rows))
        .collect();
    for row in out.chunks_mut(outputs) {
        for (part, slice) in parts.iter_mut().zip(row.chunks_mut(share)) {
            part.push(slice);
        }
    }
    let work = parts.iter_mut().zip(weight.chunks(share * columns));
    if tasks == 1 || threads == 1 {
        work.for_each(|(out, weight)| multiply(x, weight, columns, out));
    } else {
        work.collect::<Vec<_>>()
            .into_par_iter()
            .with_max_len(1)
            .for_each(|(out, weight)| multiply(x, weight, columns, out));
    }
}

/// `x · weight[id]` for each id: a few rows of a large matrix.
pub(crate) fn select_rows(x: &[f32], weight: &[f32], ids: &[u32]) -> Vec<f32> {
    let columns = x.len();
    let row = |id: &u32| &weight[*id as usize * columns..][..columns];
    let one = |id: &u32| dispatch(Dot { x, w: row(id) });
    if ids.len() * columns < SMALL {
        ids.iter().map(one).collect()
    } else {
        ids.par_iter().with_min_len(64).map(one).collect()
    }
}

fn multiply(x: &[f32], weight: &[f32], columns: usize, out: &mut [&mut [f32]]) {
    let block = (BLOCK_BYTES / 4 / columns).max(1).next_multiple_of(3);
    for (x, out) in x.chunks(block * columns).zip(out.chunks_mut(block)) {
        dispatch(Block {
            x,
            weight,
            columns,
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
        for at in (0..whole).step_by(W) {
            let weights = rows::<W>(self.weight, columns, at);
            let mut row = 0;
            while row + 3 <= self.out.len() {
                let sums = tile::<S, 3, W>(simd, rows::<3>(self.x, columns, row), weights);
                for i in 0..3 {
                    self.out[row + i][at..at + W].copy_from_slice(&sums[i]);
                }
                row += 3;
            }
            while row < self.out.len() {
                let sums = tile::<S, 1, W>(simd, rows::<1>(self.x, columns, row), weights);
                self.out[row][at..at + W].copy_from_slice(&sums[0]);
                row += 1;
            }
        }
        for at in whole..outputs {
            let weights = rows::<1>(self.weight, columns, at);
            for row in 0..self.out.len() {
                let sums = tile::<S, 1, 1>(simd, rows::<1>(self.x, columns, row), weights);
                self.out[row][at] = sums[0][0];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            matmul(&x, &w, columns, &mut out);
            assert_eq!(out, plain(&x, &w, columns), "{rows} {columns} {outputs}");
            let ids: Vec<u32> = (0..outputs as u32).rev().collect();
            let picked = select_rows(&x[..columns], &w, &ids);
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
        matmul(&x, &w, columns, &mut together);
        for (x, expected) in x.chunks(columns).zip(together.chunks(outputs)) {
            let mut alone = vec![0.0; outputs];
            matmul(x, &w, columns, &mut alone);
            assert_eq!(alone, expected);
        }
    }
}
