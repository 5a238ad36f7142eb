//! Weights laid out for the vector units: rows side by side in tiles, each block of 32 columns in one piece.
//!
//! A tile has as many rows as a vector has 32-bit lanes. A block of a tile is one record:
//!
//! - the numbers: for four columns at a time, those of the first row, of the second, and so on, so that one
//!   broadcast of four activations meets all rows. In nibbles, the lower half of a byte is from the first four
//!   of eight columns, the upper half from the last four;
//! - for each group, the scales of all rows, then their offsets if there are any.

use super::Isa;
use super::activations::BLOCK;
use super::format::{Quantization, Unpacked};
use crate::kernels::half::{half, nearest};

/// A matrix in this layout.
#[derive(Debug)]
pub(crate) struct Tiles {
    pub(super) isa: Isa,
    pub(super) format: Quantization,
    pub(super) rows: usize,
    pub(super) columns: usize,
    records: Vec<u8>,
}

/// Sizes within a record, bytes.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    lanes: usize,
    pub(super) numbers: usize,
    /// Of the scales, or of the offsets, of one group.
    pub(super) factors: usize,
    /// Of a group's scales and offsets.
    pub(super) group: usize,
    pub(super) record: usize,
}

impl Layout {
    pub(super) const fn of(format: Quantization, lanes: usize) -> Layout {
        let numbers = lanes * if format.in_nibbles() { 16 } else { 32 };
        let factors = lanes * if format.has_half_scales() { 2 } else { 4 };
        let group = factors * if format.has_offsets() { 2 } else { 1 };
        let groups = BLOCK / format.group();
        Layout {
            lanes,
            numbers,
            factors,
            group,
            record: numbers + groups * group,
        }
    }

    /// Where in a record the number of a lane's column lies, and whether in the upper half of its byte.
    fn place(self, nibbles: bool, lane: usize, column: usize) -> (usize, bool) {
        if nibbles {
            let (pair, within) = (column / 8, column % 8);
            ((pair * self.lanes + lane) * 4 + within % 4, within >= 4)
        } else {
            ((column / 4 * self.lanes + lane) * 4 + column % 4, false)
        }
    }
}

impl Layout {
    /// A number of a record, its centre subtracted.
    pub(super) fn weight(
        self,
        format: Quantization,
        record: &[u8],
        lane: usize,
        column: usize,
    ) -> i8 {
        let nibbles = format.in_nibbles();
        let (at, upper) = self.place(nibbles, lane, column);
        match (nibbles, upper) {
            (false, _) => record[at] as i8,
            (true, false) => (record[at] & 15) as i8 - format.centre(),
            (true, true) => (record[at] >> 4) as i8 - format.centre(),
        }
    }
}

impl Tiles {
    /// Lays out whole rows as a file has them; none if the bytes are not that.
    pub(crate) fn new(
        format: Quantization,
        columns: usize,
        bytes: &[u8],
        isa: Isa,
    ) -> Option<Tiles> {
        let per_row = columns / format.block() * format.bytes();
        let whole = per_row > 0
            && columns.is_multiple_of(format.block())
            && bytes.len().is_multiple_of(per_row);
        if !whole {
            return None;
        }
        let rows = bytes.len() / per_row;
        let layout = Layout::of(format, isa.lanes());
        let tile = columns / BLOCK * layout.record;
        let mut records = vec![0; rows.div_ceil(layout.lanes) * tile];
        let mut unpacked = Unpacked::new();
        for (row, bytes) in bytes.chunks_exact(per_row).enumerate() {
            let (at, lane) = (row / layout.lanes * tile, row % layout.lanes);
            let tile = &mut records[at..at + tile];
            let blocks = bytes.chunks_exact(format.bytes());
            let parts = format.block() / BLOCK;
            for (block, records) in blocks.zip(tile.chunks_exact_mut(layout.record * parts)) {
                format.unpack(block, &mut unpacked);
                for (part, record) in records.chunks_exact_mut(layout.record).enumerate() {
                    put(format, layout, lane, &unpacked, part, record);
                }
            }
        }
        Some(Tiles {
            isa,
            format,
            rows,
            columns,
            records,
        })
    }

    /// Puts matrices of one format and width below each other; none if they differ in these, or if one but
    /// the last ends within a tile.
    pub(crate) fn join(parts: &[&Tiles]) -> Option<Tiles> {
        let first = parts.first()?;
        let lanes = first.isa.lanes();
        let alike = |part: &&Tiles| {
            (part.format, part.columns, part.isa) == (first.format, first.columns, first.isa)
        };
        let (_, before) = parts.split_last()?;
        if !parts.iter().all(alike) || !before.iter().all(|part| part.rows.is_multiple_of(lanes)) {
            return None;
        }
        let records: Vec<&[u8]> = parts.iter().map(|part| part.records.as_slice()).collect();
        Some(Tiles {
            isa: first.isa,
            format: first.format,
            rows: parts.iter().map(|part| part.rows).sum(),
            columns: first.columns,
            records: records.concat(),
        })
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Weights in a row.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// The records of a tile, one for each block of columns.
    pub(super) fn tile(&self, tile: usize) -> &[u8] {
        let size = self.records.len() / self.rows.div_ceil(self.isa.lanes());
        &self.records[tile * size..][..size]
    }

    /// A row as floats, added to the end of `out`.
    pub(crate) fn widen(&self, row: usize, out: &mut Vec<f32>) {
        let layout = Layout::of(self.format, self.isa.lanes());
        let (tile, lane) = (self.tile(row / layout.lanes), row % layout.lanes);
        for record in tile.chunks_exact(layout.record) {
            for column in 0..BLOCK {
                let number = layout.weight(self.format, record, lane, column);
                let group = layout.numbers + column / self.format.group() * layout.group;
                let factor = |from: usize| self.factor(&record[from..][..layout.factors], lane);
                let scale = factor(group);
                let offset = if self.format.has_offsets() {
                    factor(group + layout.factors)
                } else {
                    0.0
                };
                out.push(f32::from(number) * scale + offset);
            }
        }
    }

    /// One of the scales or offsets of a group.
    pub(super) fn factor(&self, factors: &[u8], lane: usize) -> f32 {
        if self.format.has_half_scales() {
            half([factors[lane * 2], factors[lane * 2 + 1]])
        } else {
            let bytes = factors.as_chunks::<4>().0[lane];
            f32::from_le_bytes(bytes)
        }
    }
}

/// Puts 32 columns of a row into their record.
fn put(
    format: Quantization,
    layout: Layout,
    lane: usize,
    unpacked: &Unpacked,
    part: usize,
    record: &mut [u8],
) {
    let nibbles = format.in_nibbles();
    let numbers = &unpacked.numbers[part * BLOCK..][..BLOCK];
    for (column, number) in numbers.iter().enumerate() {
        let (at, upper) = layout.place(nibbles, lane, column);
        if upper {
            record[at] |= (*number as u8) << 4;
        } else {
            record[at] = *number as u8;
        }
    }
    let groups = BLOCK / format.group();
    for group in 0..groups {
        let from = layout.numbers + group * layout.group;
        let index = part * groups + group;
        let mut factors = [unpacked.scales[index], unpacked.offsets[index]].into_iter();
        let kinds = layout.group / layout.factors;
        for (kind, factor) in factors.by_ref().take(kinds).enumerate() {
            let at = from + kind * layout.factors;
            if format.has_half_scales() {
                // Exact: it was widened from one.
                let bits = nearest(factor);
                record[at + lane * 2..][..2].copy_from_slice(&bits.to_le_bytes());
            } else {
                record[at + lane * 4..][..4].copy_from_slice(&factor.to_le_bytes());
            }
        }
    }
}
