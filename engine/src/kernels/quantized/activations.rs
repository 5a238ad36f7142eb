//! Activations rounded to signed bytes, a scale for every 32.

#![allow(unsafe_code)]

use std::ops::Range;

use crate::kernels::Team;

/// Columns that share a scale.
pub(super) const BLOCK: usize = 32;
/// The most rows in a panel.
pub(super) const MOST: usize = 6;

/// Rows of activations, each rounded by itself, up to six side by side in a panel.
///
/// As in ggml's `Q8_1`: a block's scale is its largest magnitude over 127. Of each block of columns, a panel has one
/// record:
///
/// - the numbers: for eight columns at a time, those of the first row, of the second, and so on;
/// - the scales of all rows, then the scales times the sums of the numbers.
///
/// So what a kernel reads together lies together, and is read from first to last.
#[derive(Default)]
pub(crate) struct Activations {
    pub(super) columns: usize,
    rows: usize,
    records: Vec<u8>,
    /// Panel by panel, block by block, row by row.
    halves: Vec<Halves>,
}

/// The first and the last 16 numbers of a row's block, which some formats of weights keep apart.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Halves {
    /// Their sums.
    pub(super) sums: [i32; 2],
    /// The scale times these.
    pub(super) scaled: [f32; 2],
}

/// Some rows of activations side by side.
#[derive(Clone, Copy)]
pub(super) struct Panel<'a> {
    pub(super) rows: usize,
    /// Blocks of columns.
    pub(super) blocks: usize,
    records: &'a [u8],
    pub(super) halves: &'a [Halves],
}

/// Bytes that a row takes in a record: its numbers, its scale, and that times their sum.
const ROW: usize = BLOCK + 4 + 4;

/// Cuts rows into panels as equal as they can be.
fn cut(rows: usize) -> impl Iterator<Item = Range<usize>> {
    let count = rows.div_ceil(MOST);
    (0..count).map(move |at| at * rows / count..(at + 1) * rows / count)
}

impl Activations {
    /// Rounds row-major `x`, replacing what was there. `columns` must be a multiple of 32.
    pub(crate) fn round(&mut self, team: &Team, x: &[f32], columns: usize) {
        assert!(columns > 0 && columns.is_multiple_of(BLOCK) && x.len().is_multiple_of(columns));
        (self.columns, self.rows) = (columns, x.len() / columns);
        let blocks = columns / BLOCK;
        self.records.resize(self.rows * blocks * ROW, 0);
        self.halves.resize(self.rows * blocks, Halves::default());
        let (mut x, mut records, mut halves) =
            (x, self.records.as_mut_slice(), self.halves.as_mut_slice());
        let mut panels: Vec<(&[f32], PanelMut<'_>)> = cut(self.rows)
            .map(|rows| {
                let rows = rows.len();
                let panel = PanelMut {
                    rows,
                    records: records
                        .split_off_mut(..rows * blocks * ROW)
                        .unwrap_or_default(),
                    halves: halves.split_off_mut(..rows * blocks).unwrap_or_default(),
                };
                (x.split_off(..rows * columns).unwrap_or_default(), panel)
            })
            .collect();
        team.for_each(&mut panels, |_, (x, panel)| {
            for (row, x) in x.chunks_exact(columns).enumerate() {
                round_row(x, row, panel);
            }
        });
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// All rows, panel by panel.
    pub(super) fn panels(&self) -> impl Iterator<Item = Panel<'_>> {
        let blocks = self.columns / BLOCK;
        cut(self.rows).map(move |rows| Panel {
            rows: rows.len(),
            blocks,
            records: &self.records[rows.start * blocks * ROW..rows.end * blocks * ROW],
            halves: &self.halves[rows.start * blocks..rows.end * blocks],
        })
    }
}

impl Panel<'_> {
    /// Whether there is all that [`Record`]s and halves of `T` rows are read from.
    pub(super) fn is_whole<const T: usize>(&self) -> bool {
        self.rows == T
            && self.records.len() == self.blocks * T * ROW
            && self.halves.len() == self.blocks * T
    }

    /// The record of a block, for kernels.
    ///
    /// # Safety
    /// The panel must be whole, and have this block.
    #[inline(always)]
    pub(super) unsafe fn record<const T: usize>(&self, block: usize) -> Record<T> {
        // SAFETY: as the caller says.
        Record(unsafe { self.records.as_ptr().add(block * T * ROW) })
    }

    /// A number.
    pub(super) fn number(&self, row: usize, column: usize) -> i8 {
        let record = &self.records[column / BLOCK * self.rows * ROW..];
        record[place(self.rows, row, column % BLOCK)] as i8
    }

    /// A block's scale, and that times the sum of the numbers.
    pub(super) fn scales(&self, row: usize, block: usize) -> [f32; 2] {
        let factors = &self.records[(block * ROW + BLOCK) * self.rows..];
        let (factors, _) = factors.as_chunks::<4>();
        [row, self.rows + row].map(|at| f32::from_ne_bytes(factors[at]))
    }

    /// The sums of a block's halves.
    pub(super) fn halves(&self, row: usize, block: usize) -> Halves {
        self.halves[block * self.rows + row]
    }
}

/// Where in a record of so many rows the number of a row's column is.
#[inline(always)]
fn place(rows: usize, row: usize, column: usize) -> usize {
    (column / 8 * rows + row) * 8 + column % 8
}

/// A block of a panel of `T` rows.
#[derive(Clone, Copy)]
pub(super) struct Record<const T: usize>(*const u8);

impl<const T: usize> Record<T> {
    /// The numbers of a row's four columns from this one on, which is a multiple of four.
    ///
    /// # Safety
    /// There must be such a row and such a column.
    #[inline(always)]
    pub(super) unsafe fn four(self, row: usize, column: usize) -> i32 {
        // SAFETY: they are within the record, as the caller says.
        unsafe {
            self.0
                .add(place(T, row, column))
                .cast::<i32>()
                .read_unaligned()
        }
    }

    /// The scale of a row.
    ///
    /// # Safety
    /// There must be such a row.
    #[inline(always)]
    pub(super) unsafe fn scale(self, row: usize) -> f32 {
        // SAFETY: the scales follow the numbers.
        unsafe {
            self.0
                .add(T * BLOCK + row * 4)
                .cast::<f32>()
                .read_unaligned()
        }
    }

    /// The scale of a row times the sum of its numbers.
    ///
    /// # Safety
    /// There must be such a row.
    #[inline(always)]
    pub(super) unsafe fn scaled_sum(self, row: usize) -> f32 {
        // SAFETY: they follow the scales.
        unsafe {
            self.0
                .add(T * (BLOCK + 4) + row * 4)
                .cast::<f32>()
                .read_unaligned()
        }
    }
}

/// Some rows of activations to be written.
pub(super) struct PanelMut<'a> {
    rows: usize,
    records: &'a mut [u8],
    halves: &'a mut [Halves],
}

impl PanelMut<'_> {
    /// Writes a block of a row.
    #[inline(always)]
    pub(super) fn put(
        &mut self,
        (row, block): (usize, usize),
        numbers: &[i8; BLOCK],
        scale: f32,
        sums: [i32; 2],
    ) {
        let size = self.rows * ROW;
        let record = &mut self.records[block * size..][..size];
        let (eights, factors) = record.split_at_mut(self.rows * BLOCK);
        for (part, numbers) in numbers.as_chunks::<8>().0.iter().enumerate() {
            let to = &mut eights.as_chunks_mut::<8>().0[part * self.rows + row];
            *to = numbers.map(|number| number as u8);
        }
        let factors = factors.as_chunks_mut::<4>().0;
        factors[row] = scale.to_ne_bytes();
        factors[self.rows + row] = (scale * (sums[0] + sums[1]) as f32).to_ne_bytes();
        self.halves[block * self.rows + row] = Halves {
            sums,
            scaled: [scale * sums[0] as f32, scale * sums[1] as f32],
        };
    }
}

/// Rounds a row, by the best instructions that there are.
fn round_row(x: &[f32], row: usize, panel: &mut PanelMut<'_>) {
    let x = x.as_chunks::<BLOCK>().0;
    #[cfg(target_arch = "x86_64")]
    if super::has_avx2() {
        // SAFETY: the processor has these instructions.
        unsafe {
            super::avx2::round(x, row, panel);
        }
        return;
    }
    round_portably(x, row, panel);
}

/// The definition of the rounding.
fn round_portably(x: &[[f32; BLOCK]], row: usize, panel: &mut PanelMut<'_>) {
    /// Adding this rounds to a whole number, half to even, which then sits in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    for (block, x) in x.iter().enumerate() {
        let mut most = 0f32;
        for number in x {
            let magnitude = number.abs();
            most = if magnitude > most { magnitude } else { most };
        }
        let scale = most / 127.0;
        let inverse = if most > 0.0 { 127.0 / most } else { 0.0 };
        let (mut numbers, mut sums) = ([0; BLOCK], [0; 2]);
        for (lane, number) in x.iter().enumerate() {
            let scaled = number * inverse;
            let scaled = if scaled > 127.0 { 127.0 } else { scaled };
            // Also what is not a number becomes one.
            let scaled = if scaled > -127.0 { scaled } else { -127.0 };
            let whole = ((scaled + ROUND).to_bits() as i32) - (ROUND.to_bits() as i32);
            numbers[lane] = whole as i8;
            sums[lane / (BLOCK / 2)] += whole;
        }
        panel.put((row, block), &numbers, scale, sums);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Numbers of any kind, many of them small or ordinary.
    fn number() -> impl Strategy<Value = f32> {
        prop_oneof![
            4 => -10f32..10.0,
            1 => (-20i32..20).prop_map(|halves| halves as f32 * 0.5),
            1 => any::<f32>(),
            1 => any::<u32>().prop_map(f32::from_bits),
        ]
    }

    type Round = fn(&[f32], usize, &mut PanelMut<'_>);

    /// The bits of a panel of two rows, of which the second is rounded.
    fn rounded(x: &[f32], round: Round) -> (Vec<u8>, Vec<[u32; 4]>) {
        let blocks = x.len() / BLOCK;
        let (mut records, mut halves) = (
            vec![0; 2 * blocks * ROW],
            vec![Halves::default(); 2 * blocks],
        );
        let mut panel = PanelMut {
            rows: 2,
            records: &mut records,
            halves: &mut halves,
        };
        round(x, 1, &mut panel);
        let bits = |halves: &Halves| {
            let ([first, last], scaled) = (halves.sums, halves.scaled.map(f32::to_bits));
            [first as u32, last as u32, scaled[0], scaled[1]]
        };
        (records, halves.iter().map(bits).collect())
    }

    #[test]
    fn panels_are_alike() {
        for rows in 0..100 {
            let panels: Vec<_> = cut(rows).collect();
            assert_eq!(panels.iter().map(Range::len).sum::<usize>(), rows);
            let sizes = || panels.iter().map(Range::len);
            assert!(sizes().all(|size| size <= MOST));
            assert!(sizes().max().unwrap_or(0) - sizes().min().unwrap_or(0) <= 1);
        }
    }

    proptest! {
        /// The instructions of this machine round as the definition does, whatever the numbers.
        #[test]
        fn every_machine_rounds_alike(x in prop::collection::vec(number(), BLOCK * 3)) {
            let definition: Round = |x, row, panel| round_portably(x.as_chunks().0, row, panel);
            prop_assert_eq!(rounded(&x, round_row), rounded(&x, definition));
        }
    }
}
