//! Products with 32-bit floats, laid out for the vector units.
//!
//! Rows of weights lie side by side in panels of 16, and each column of a panel is one line of the cache: a
//! broadcast of one activation meets it in one step, and sums stay in their lanes, where each is taken from the
//! first column to the last. A panel's columns come in blocks that the first-level cache holds beside the
//! activations that meet them; the sums wait in the output between two blocks. So each output has the same bits
//! whatever it is computed beside.

// Closures, as iterators take them, are compiled without the wide vectors.
#![allow(clippy::needless_range_loop)]

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::matmul::share_outputs;
use super::{Team, dispatch};

/// Rows of weights in a panel.
pub(super) const LANES: usize = 16;
/// Columns in a block of a panel: 12 kB.
const DEPTH: usize = 192;
/// Rows of activations that meet a panel at once: with AVX2, twelve sums, two vectors of weights and one of
/// activations.
const MOST: usize = 6;

/// A column of a panel.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Line([f32; LANES]);

/// A matrix in this layout.
#[derive(Debug, Default)]
pub(crate) struct Panels {
    rows: usize,
    columns: usize,
    /// Block by block of columns; within these, panel by panel.
    lines: Vec<Line>,
}

/// Rows of activations with the same distance from each to the next.
#[derive(Clone, Copy)]
pub(crate) struct Strided<'a> {
    pub(crate) numbers: &'a [f32],
    pub(crate) stride: usize,
}

impl<'a> Strided<'a> {
    fn row(self, row: usize, columns: Range<usize>) -> &'a [f32] {
        &self.numbers[row * self.stride..][columns]
    }
}

impl Panels {
    /// Lays out row-major weights.
    pub(crate) fn new(weights: &[f32], columns: usize) -> Panels {
        assert!(columns > 0 && weights.len().is_multiple_of(columns));
        let mut panels = Panels::default();
        let weights = Strided {
            numbers: weights,
            stride: columns,
        };
        panels.set(weights.numbers.len() / columns, columns, weights);
        panels
    }

    /// Lays out other weights in the same memory: `rows` rows of `columns` columns each.
    pub(crate) fn set(&mut self, rows: usize, columns: usize, weights: Strided<'_>) {
        self.resize(rows, columns);
        for panel in 0..rows.div_ceil(LANES) {
            let lanes = LANES.min(rows - panel * LANES);
            for block in 0..columns.div_ceil(DEPTH) {
                let range = self.block(block);
                let (from, depth) = (range.start, range.len());
                let at = self.at(block, panel);
                let lines = &mut self.lines[at..at + depth];
                for lane in 0..LANES {
                    if lane < lanes {
                        let row = weights.row(panel * LANES + lane, from..from + depth);
                        for (line, weight) in lines.iter_mut().zip(row) {
                            line.0[lane] = *weight;
                        }
                    } else {
                        lines.iter_mut().for_each(|line| line.0[lane] = 0.0);
                    }
                }
            }
        }
    }

    /// Like [`Panels::set`], from the transposed matrix: `weights` has a row for each column.
    pub(crate) fn set_transposed(&mut self, rows: usize, columns: usize, weights: Strided<'_>) {
        self.resize(rows, columns);
        for column in 0..columns {
            let (block, within) = (column / DEPTH, column % DEPTH);
            let numbers = weights.row(column, 0..rows);
            for (panel, numbers) in numbers.chunks(LANES).enumerate() {
                let at = self.at(block, panel) + within;
                let line = &mut self.lines[at].0;
                line[..numbers.len()].copy_from_slice(numbers);
                line[numbers.len()..].fill(0.0);
            }
        }
    }

    fn resize(&mut self, rows: usize, columns: usize) {
        (self.rows, self.columns) = (rows, columns);
        // Every line is written by the caller.
        let lines = rows.div_ceil(LANES) * columns;
        self.lines.resize(lines, Line([0.0; LANES]));
    }

    /// `out[i][j] = x[i] · weights[j]`, row-major.
    pub(crate) fn multiply(&self, team: &Team, x: &[f32], out: &mut [f32]) {
        let rows = x.len() / self.columns;
        let x = Strided {
            numbers: x,
            stride: self.columns,
        };
        share_outputs(
            team,
            (rows, self.columns, self.rows),
            out,
            |outputs, out| self.multiply_some(outputs, x, out),
        );
    }

    /// The products of all rows of activations with some rows of weights, which begin with a panel; `out` has, for
    /// each row of activations, room for just these.
    pub(crate) fn multiply_some(
        &self,
        outputs: Range<usize>,
        x: Strided<'_>,
        out: &mut [&mut [f32]],
    ) {
        assert!(outputs.start.is_multiple_of(LANES) && outputs.end <= self.rows);
        dispatch(Product {
            weights: self,
            rows: outputs,
            x,
            out,
        });
    }

    /// The columns of a block.
    fn block(&self, block: usize) -> Range<usize> {
        block * DEPTH..((block + 1) * DEPTH).min(self.columns)
    }

    /// The first line of a block of a panel.
    fn at(&self, block: usize, panel: usize) -> usize {
        let before = block * DEPTH * self.rows.div_ceil(LANES);
        before + panel * self.block(block).len()
    }
}

struct Product<'a, 'b> {
    weights: &'a Panels,
    rows: Range<usize>,
    x: Strided<'a>,
    out: &'a mut [&'b mut [f32]],
}

impl WithSimd for Product<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            16 => self.run::<S, 1>(simd),
            8 => self.run::<S, 2>(simd),
            4 => self.run::<S, 4>(simd),
            2 => self.run::<S, 8>(simd),
            _ => self.run::<S, 16>(simd),
        }
    }
}

impl Product<'_, '_> {
    /// `V` is the number of vectors in a line.
    #[inline(always)]
    fn run<S: Simd, const V: usize>(mut self, simd: S) {
        let panels = self.rows.start / LANES..self.rows.end.div_ceil(LANES);
        for block in 0..self.weights.columns.div_ceil(DEPTH) {
            for panel in panels.clone() {
                self.panel::<S, V>(simd, block, panel);
            }
        }
    }

    /// Multiplies a block of a panel with all activations.
    #[inline(always)]
    fn panel<S: Simd, const V: usize>(&mut self, simd: S, block: usize, panel: usize) {
        // Groups of about the same size: a small one at the end would leave the multipliers waiting for sums.
        let groups = self.out.len().div_ceil(MOST);
        let mut row = 0;
        for group in 0..groups {
            let size = (self.out.len() - row).div_ceil(groups - group);
            match size {
                1 => self.group::<S, V, 1>(simd, block, panel, row),
                2 => self.group::<S, V, 2>(simd, block, panel, row),
                3 => self.group::<S, V, 3>(simd, block, panel, row),
                4 => self.group::<S, V, 4>(simd, block, panel, row),
                5 => self.group::<S, V, 5>(simd, block, panel, row),
                _ => self.group::<S, V, 6>(simd, block, panel, row),
            }
            row += size;
        }
    }

    /// Multiplies a block of a panel with `T` rows of activations.
    #[inline(always)]
    fn group<S: Simd, const V: usize, const T: usize>(
        &mut self,
        simd: S,
        block: usize,
        panel: usize,
        row: usize,
    ) {
        let columns = self.weights.block(block);
        let at = self.weights.at(block, panel);
        let lines = &self.weights.lines[at..at + columns.len()];
        let mut x: [&[f32]; T] = [&[]; T];
        for t in 0..T {
            x[t] = self.x.row(row + t, columns.clone());
        }
        let from = panel * LANES - self.rows.start;
        let mut sums = [[simd.splat_f32s(0.0); V]; T];
        if block > 0 {
            for t in 0..T {
                sums[t] = load::<S, V>(&self.out[row + t][from..]);
            }
        }
        let sums = tile::<S, T, V>(simd, x, lines, sums);
        for t in 0..T {
            store::<S, V>(&sums[t], &mut self.out[row + t][from..]);
        }
    }
}

/// The first 16 numbers, or zeros where there are fewer.
#[inline(always)]
fn load<S: Simd, const V: usize>(numbers: &[f32]) -> [S::f32s; V] {
    let mut lanes = [0.0; LANES];
    match numbers.first_chunk::<LANES>() {
        Some(whole) => lanes = *whole,
        None => lanes[..numbers.len()].copy_from_slice(numbers),
    }
    let (vectors, _) = S::as_simd_f32s(&lanes);
    let mut out = [vectors[0]; V];
    out.copy_from_slice(&vectors[..V]);
    out
}

/// Puts a panel's sums in their place, leaving out those of rows that are not there.
#[inline(always)]
fn store<S: Simd, const V: usize>(sums: &[S::f32s; V], out: &mut [f32]) {
    match out.first_chunk_mut::<LANES>() {
        Some(whole) => S::as_mut_simd_f32s(whole).0[..V].copy_from_slice(sums),
        None => {
            let mut lanes = [0.0; LANES];
            S::as_mut_simd_f32s(&mut lanes).0[..V].copy_from_slice(sums);
            out.copy_from_slice(&lanes[..out.len()]);
        }
    }
}

/// Adds to `sums` the products of `T` rows of activations with the lines of a panel.
#[inline(always)]
fn tile<S: Simd, const T: usize, const V: usize>(
    simd: S,
    x: [&[f32]; T],
    lines: &[Line],
    mut sums: [[S::f32s; V]; T],
) -> [[S::f32s; V]; T] {
    // Plain loops throughout: closures, as `array::map` takes them, are compiled without the wide vectors.
    let mut rows: [&[f32]; T] = [&[]; T];
    for t in 0..T {
        rows[t] = &x[t][..lines.len()];
    }
    for (column, line) in lines.iter().enumerate() {
        let (weights, _) = S::as_simd_f32s(&line.0);
        for t in 0..T {
            let number = simd.splat_f32s(rows[t][column]);
            for v in 0..V {
                sums[t][v] = simd.mul_add_e_f32s(number, weights[v], sums[t][v]);
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn noise(count: usize, seed: usize) -> Vec<f32> {
        (0..count)
            .map(|index| ((index * 7919 + seed * 104_729) as f32 * 0.37).sin())
            .collect()
    }

    fn product(x: &[f32], w: &Panels, outputs: Range<usize>) -> Vec<f32> {
        let rows = x.len() / w.columns;
        let mut out = vec![f32::NAN; rows * outputs.len()];
        let mut slices: Vec<&mut [f32]> = out.chunks_mut(outputs.len()).collect();
        let x = Strided {
            numbers: x,
            stride: w.columns,
        };
        w.multiply_some(outputs, x, &mut slices);
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn every_shape_agrees_with_the_definition(
            rows in 1usize..20,
            columns in 1usize..500,
            outputs in 1usize..60,
            seed in 0usize..1000,
        ) {
            let (x, w) = (noise(rows * columns, seed), noise(outputs * columns, seed + 1));
            let panels = Panels::new(&w, columns);
            let mut out = vec![f32::NAN; rows * outputs];
            panels.multiply(&Team::new(2).unwrap(), &x, &mut out);
            for (x, out) in x.chunks(columns).zip(out.chunks(outputs)) {
                for (w, out) in w.chunks(columns).zip(out) {
                    let exact: f64 = x.iter().zip(w).map(|(x, w)| f64::from(*x) * f64::from(*w)).sum();
                    prop_assert!((f64::from(*out) - exact).abs() < 1e-6 * columns as f64);
                }
                // Alone, and from the middle on, each has the same bits.
                prop_assert_eq!(&product(x, &panels, 0..outputs), out);
                let from = outputs / 2 / LANES * LANES;
                prop_assert_eq!(&product(x, &panels, from..outputs)[..], &out[from..]);
            }
        }

        #[test]
        fn memory_that_was_used_before_does_not_show(
            first in (1usize..40, 1usize..300),
            second in (1usize..40, 1usize..300),
        ) {
            let fill = |panels: &mut Panels, (rows, columns): (usize, usize), seed| {
                let w = noise(rows * columns, seed);
                panels.set(rows, columns, Strided { numbers: &w, stride: columns });
                w
            };
            let mut panels = Panels::default();
            fill(&mut panels, first, 1);
            let w = fill(&mut panels, second, 2);
            let (rows, columns) = second;
            let x = noise(3 * columns, 3);
            let expected = product(&x, &Panels::new(&w, columns), 0..rows);
            prop_assert_eq!(&product(&x, &panels, 0..rows), &expected);
            let mut transposed = vec![0.0; w.len()];
            for (at, number) in w.iter().enumerate() {
                transposed[at % columns * rows + at / columns] = *number;
            }
            panels.set(first.0, first.1, Strided { numbers: &noise(first.0 * first.1, 4), stride: first.1 });
            panels.set_transposed(rows, columns, Strided { numbers: &transposed, stride: rows });
            prop_assert_eq!(&product(&x, &panels, 0..rows), &expected);
        }
    }
}
