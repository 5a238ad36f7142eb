//! Keys or values in the KV memory, as 16-bit or 8-bit numbers.

use pulp::{Simd, WithSimd};
use serde::{Deserialize, Serialize};

use super::{Blocks, CELLS, MOST_HEAD, dispatch, half, padded};

/// How keys and values are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KvFormat {
    /// Half-precision floats.
    #[default]
    F16,
    /// Whole numbers of 8 bits, those of one head and token scaled together: half the memory.
    Int8,
}

impl KvFormat {
    /// Bytes of a number.
    pub(crate) fn bytes(self) -> usize {
        match self {
            KvFormat::F16 => 2,
            KvFormat::Int8 => 1,
        }
    }
}

/// Which way the numbers of a block lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Dimension by dimension, each with all 16 cells, so that a vector holds one dimension of several cells.
    Dimensions,
    /// Cell by cell.
    Cells,
}

/// Blocks of 16 cells of one head each, the head filled up to whole vectors.
pub(super) struct Cells {
    numbers: Numbers,
    order: Order,
    /// Numbers of a cell, and how many of them are used.
    stride: usize,
    size: usize,
}

enum Numbers {
    Halves(Vec<u16>),
    Bytes {
        numbers: Vec<i8>,
        /// One for each cell, in half precision.
        scales: Vec<u16>,
    },
}

impl Cells {
    /// Room for this many blocks, zeroed.
    pub(super) fn new(format: KvFormat, order: Order, blocks: usize, size: usize) -> Cells {
        let stride = padded(size);
        let cells = blocks * CELLS;
        Cells {
            numbers: match format {
                KvFormat::F16 => Numbers::Halves(vec![0; cells * stride]),
                KvFormat::Int8 => Numbers::Bytes {
                    numbers: vec![0; cells * stride],
                    scales: vec![0; cells],
                },
            },
            order,
            stride,
            size,
        }
    }

    /// Puts a head's numbers into a cell of a block.
    pub(super) fn put(&mut self, block: usize, cell: usize, head: &[f32]) {
        let from = block * CELLS * self.stride;
        let (first, step) = match self.order {
            Order::Dimensions => (from + cell, CELLS),
            Order::Cells => (from + cell * self.stride, 1),
        };
        match &mut self.numbers {
            Numbers::Halves(numbers) => {
                let mut narrow = [0; MOST_HEAD];
                let narrow = &mut narrow[..self.size];
                half::narrow(head, narrow);
                spread(narrow, &mut numbers[first..], step);
            }
            Numbers::Bytes { numbers, scales } => {
                let mut narrow = [0; MOST_HEAD];
                let narrow = &mut narrow[..self.size];
                scales[block * CELLS + cell] = narrow_bytes(head, narrow);
                spread(narrow, &mut numbers[first..], step);
            }
        }
    }

    /// Writes a block's numbers, in their order.
    pub(super) fn widen(&self, block: usize, out: &mut [f32]) {
        let range = block * CELLS * self.stride..(block + 1) * CELLS * self.stride;
        match &self.numbers {
            Numbers::Halves(numbers) => half::widen(&numbers[range], out),
            Numbers::Bytes { numbers, scales } => {
                let mut wide = [0.0; CELLS];
                half::widen(&scales[block * CELLS..][..CELLS], &mut wide);
                dispatch(WidenBytes {
                    numbers: &numbers[range],
                    scales: &wide,
                    order: self.order,
                    stride: self.stride,
                    out,
                });
            }
        }
    }

    /// Copies some blocks that lie side by side to others.
    pub(super) fn copy(&mut self, from: usize, to: usize, count: usize) {
        let block = CELLS * self.stride;
        match &mut self.numbers {
            Numbers::Halves(numbers) => {
                numbers.copy_within(from * block..(from + count) * block, to * block);
            }
            Numbers::Bytes { numbers, scales } => {
                numbers.copy_within(from * block..(from + count) * block, to * block);
                scales.copy_within(from * CELLS..(from + count) * CELLS, to * CELLS);
            }
        }
    }
}

/// The keys and the values of some blocks, as attention wants them.
pub(crate) struct KeysValues {
    keys: Cells,
    values: Cells,
}

impl KeysValues {
    /// Room for this many blocks, zeroed.
    pub(crate) fn new(format: KvFormat, blocks: usize, size: usize) -> KeysValues {
        let cells = |order| Cells::new(format, order, blocks, size);
        KeysValues {
            keys: cells(Order::Dimensions),
            values: cells(Order::Cells),
        }
    }

    /// Puts a head's keys and values into a cell of a block.
    pub(crate) fn put(&mut self, (block, cell): (usize, usize), keys: &[f32], values: &[f32]) {
        self.keys.put(block, cell, keys);
        self.values.put(block, cell, values);
    }

    /// Copies some blocks that lie side by side to others.
    pub(crate) fn copy(&mut self, from: usize, to: usize, count: usize) {
        self.keys.copy(from, to, count);
        self.values.copy(from, to, count);
    }
}

impl Blocks for KeysValues {
    fn keys(&self, index: usize, out: &mut [f32]) {
        self.keys.widen(index, out);
    }

    fn values(&self, index: usize, out: &mut [f32]) {
        self.values.widen(index, out);
    }
}

fn spread<T: Copy>(numbers: &[T], out: &mut [T], step: usize) {
    for (to, number) in out.iter_mut().step_by(step).zip(numbers) {
        *to = *number;
    }
}

/// Rounds numbers to bytes of one scale, which is returned in half precision.
fn narrow_bytes(numbers: &[f32], out: &mut [i8]) -> u16 {
    let largest = numbers.iter().fold(0f32, |most, number| {
        if number.abs() > most {
            number.abs()
        } else {
            most
        }
    });
    // Rounded up, lest the largest number fall beyond 127.
    let mut scale = half::nearest(largest / 127.0);
    if half::half(scale.to_le_bytes()) * 127.0 < largest {
        scale += 1;
    }
    let wide = half::half(scale.to_le_bytes());
    let factor = if wide > 0.0 { 1.0 / wide } else { 0.0 };
    dispatch(NarrowBytes {
        numbers,
        factor,
        out,
    });
    scale
}

struct NarrowBytes<'a> {
    numbers: &'a [f32],
    factor: f32,
    out: &'a mut [i8],
}

impl WithSimd for NarrowBytes<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        for (out, number) in self.out.iter_mut().zip(self.numbers) {
            *out = (number * self.factor).round_ties_even() as i8;
        }
    }
}

struct WidenBytes<'a> {
    numbers: &'a [i8],
    scales: &'a [f32; CELLS],
    order: Order,
    stride: usize,
    out: &'a mut [f32],
}

impl WithSimd for WidenBytes<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        match self.order {
            Order::Dimensions => {
                let dimensions = self.numbers.as_chunks::<CELLS>().0;
                let out = self.out.as_chunks_mut::<CELLS>().0;
                for (numbers, out) in dimensions.iter().zip(out) {
                    for cell in 0..CELLS {
                        out[cell] = f32::from(numbers[cell]) * self.scales[cell];
                    }
                }
            }
            Order::Cells => {
                let cells = self.numbers.chunks_exact(self.stride);
                let out = self.out.chunks_exact_mut(self.stride);
                for ((numbers, out), scale) in cells.zip(out).zip(self.scales) {
                    for (out, number) in out.iter_mut().zip(numbers) {
                        *out = f32::from(*number) * scale;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbers(size: usize) -> impl Strategy<Value = Vec<f32>> {
        prop::collection::vec(
            prop_oneof![Just(0.0f32), -3.0f32..3.0, -2e4f32..2e4, -1e-6f32..1e-6],
            size,
        )
    }

    proptest! {
        /// What was put into a cell comes back from it, in its place, as exactly as the format allows.
        #[test]
        fn numbers_come_back(
            head in (1usize..80).prop_flat_map(numbers),
            cell in 0..CELLS,
            bytes in any::<bool>(),
            by_cells in any::<bool>(),
        ) {
            let format = if bytes { KvFormat::Int8 } else { KvFormat::F16 };
            let order = if by_cells { Order::Cells } else { Order::Dimensions };
            let size = head.len();
            let mut cells = Cells::new(format, order, 3, size);
            cells.put(1, cell, &head);
            cells.copy(1, 2, 1);
            let stride = padded(size);
            let largest = head.iter().fold(0f32, |most, number| most.max(number.abs()));
            for block in 0..3 {
                let mut out = vec![f32::NAN; CELLS * stride];
                cells.widen(block, &mut out);
                for other in 0..CELLS {
                    for dimension in 0..stride {
                        let at = if by_cells { other * stride + dimension } else { dimension * CELLS + other };
                        let there = block > 0 && other == cell;
                        let expected = head.get(dimension).copied().filter(|_| there).unwrap_or(0.0);
                        // Half of the distance between neighbours, which for the smallest halves is 2^-24.
                        let error = if bytes { largest / 253.0 + 4e-6 } else { expected.abs() / 2048.0 + 3e-8 };
                        prop_assert!((out[at] - expected).abs() <= error, "{} {}", out[at], expected);
                    }
                }
            }
        }
    }
}
