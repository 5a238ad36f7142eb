//! Weights that stay in the format of their file, and are widened to 32-bit floats strip by strip, just before
//! they are multiplied, in a piece that the cache holds. The numbers are the same as if all were widened.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::dispatch;

/// Formats that are widened here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    /// Blocks of 32: a scale, then 4-bit numbers from -8.
    Q4_0,
    /// Blocks of 32: a scale and a minimum, then 4-bit numbers from 0.
    Q4_1,
    /// Blocks of 32: a scale, then signed bytes.
    Q8_0,
    /// IEEE half precision.
    F16,
    /// The upper halves of 32-bit floats.
    BF16,
}

impl Packing {
    /// Weights in a block.
    fn weights(self) -> usize {
        match self {
            Packing::Q4_0 | Packing::Q4_1 | Packing::Q8_0 => 32,
            Packing::F16 | Packing::BF16 => 1,
        }
    }

    /// Half-precision scales at the beginning of a block.
    fn scales(self) -> usize {
        match self {
            Packing::Q4_0 | Packing::Q8_0 => 1,
            Packing::Q4_1 => 2,
            Packing::F16 | Packing::BF16 => 0,
        }
    }

    /// Bytes of numbers in a block, after its scales.
    fn numbers(self) -> usize {
        match self {
            Packing::Q4_0 | Packing::Q4_1 => 16,
            Packing::Q8_0 => 32,
            Packing::F16 | Packing::BF16 => 2,
        }
    }
}

/// A matrix in one of these formats, row-major.
#[derive(Debug)]
pub(crate) struct Packed {
    packing: Packing,
    columns: usize,
    rows: usize,
    /// The scales of all blocks, widened: converting half precision each time would cost more than all else.
    scales: Vec<f32>,
    /// The numbers of all blocks.
    numbers: Vec<u8>,
}

impl Packed {
    /// Reads whole rows as a file has them; none if the bytes are not that.
    pub(crate) fn new(packing: Packing, columns: usize, bytes: &[u8]) -> Option<Packed> {
        let scales = packing.scales() * 2;
        let block = scales + packing.numbers();
        let blocks = columns / packing.weights();
        let whole = blocks > 0
            && columns.is_multiple_of(packing.weights())
            && bytes.len().is_multiple_of(blocks * block);
        if !whole {
            return None;
        }
        let mut packed = Packed {
            packing,
            columns,
            rows: bytes.len() / (blocks * block),
            scales: Vec::with_capacity(bytes.len() / block * packing.scales()),
            numbers: Vec::with_capacity(bytes.len() / block * packing.numbers()),
        };
        for block in bytes.chunks_exact(block) {
            let (head, numbers) = block.split_at(scales);
            let head = head.as_chunks::<2>().0.iter();
            packed.scales.extend(head.map(|scale| half(*scale)));
            packed.numbers.extend_from_slice(numbers);
        }
        Some(packed)
    }

    /// Puts matrices of one format and width below each other; none if they differ in these.
    pub(crate) fn join(parts: &[&Packed]) -> Option<Packed> {
        let first = parts.first()?;
        let alike = |part: &&Packed| (part.packing, part.columns) == (first.packing, first.columns);
        if !parts.iter().all(alike) {
            return None;
        }
        let scales: Vec<&[f32]> = parts.iter().map(|part| part.scales.as_slice()).collect();
        let numbers: Vec<&[u8]> = parts.iter().map(|part| part.numbers.as_slice()).collect();
        Some(Packed {
            packing: first.packing,
            columns: first.columns,
            rows: parts.iter().map(|part| part.rows).sum(),
            scales: scales.concat(),
            numbers: numbers.concat(),
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

    /// Widens some rows, replacing what `out` held.
    pub(crate) fn widen(&self, rows: Range<usize>, out: &mut Vec<f32>) {
        // Every element is written below: what is there need not be cleared.
        out.resize(rows.len() * self.columns, 0.0);
        let blocks = self.blocks(rows);
        #[cfg(target_arch = "x86_64")]
        if super::packed_avx2::widen(self.packing, blocks, out) {
            return;
        }
        dispatch(Widen {
            packing: self.packing,
            blocks,
            out,
        });
    }

    /// The products of one activation with some rows, where there is a faster way than to widen them first;
    /// false where there is none.
    pub(super) fn dot(&self, x: &[f32], rows: Range<usize>, out: &mut [f32]) -> bool {
        assert_eq!((x.len(), out.len()), (self.columns, rows.len()));
        let blocks = self.blocks(rows);
        #[cfg(target_arch = "x86_64")]
        if super::packed_avx2::dot(self.packing, x, blocks, out) {
            return true;
        }
        let _ = blocks;
        false
    }

    fn blocks(&self, rows: Range<usize>) -> Blocks<'_> {
        let per_row = self.columns / self.packing.weights();
        let blocks = rows.start * per_row..rows.end * per_row;
        let part = |size: usize| blocks.start * size..blocks.end * size;
        Blocks {
            scales: &self.scales[part(self.packing.scales())],
            numbers: &self.numbers[part(self.packing.numbers())],
        }
    }
}

/// Some blocks of a matrix.
#[derive(Clone, Copy)]
pub(super) struct Blocks<'a> {
    pub(super) scales: &'a [f32],
    pub(super) numbers: &'a [u8],
}

impl<'a> Blocks<'a> {
    /// The blocks one by one: `S` scales and `N` bytes of numbers each.
    #[inline(always)]
    fn each<const S: usize, const N: usize>(
        self,
    ) -> impl Iterator<Item = (&'a [f32; S], &'a [u8; N])> {
        let (scales, numbers) = (self.scales.as_chunks().0, self.numbers.as_chunks().0);
        scales.iter().zip(numbers)
    }
}

struct Widen<'a> {
    packing: Packing,
    blocks: Blocks<'a>,
    out: &'a mut [f32],
}

impl WithSimd for Widen<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let pairs = self.blocks.numbers.as_chunks::<2>().0;
        let blocks_out = self.out.as_chunks_mut::<32>().0;
        match self.packing {
            Packing::Q4_0 => {
                for (([scale], numbers), out) in self.blocks.each::<1, 16>().zip(blocks_out) {
                    for i in 0..16 {
                        out[i] = (f32::from(numbers[i] & 15) - 8.0) * scale;
                        out[i + 16] = (f32::from(numbers[i] >> 4) - 8.0) * scale;
                    }
                }
            }
            Packing::Q4_1 => {
                for (([scale, least], numbers), out) in self.blocks.each::<2, 16>().zip(blocks_out)
                {
                    for i in 0..16 {
                        out[i] = f32::from(numbers[i] & 15) * scale + least;
                        out[i + 16] = f32::from(numbers[i] >> 4) * scale + least;
                    }
                }
            }
            Packing::Q8_0 => {
                for (([scale], numbers), out) in self.blocks.each::<1, 32>().zip(blocks_out) {
                    for i in 0..32 {
                        out[i] = f32::from(numbers[i] as i8) * scale;
                    }
                }
            }
            Packing::F16 => {
                for (pair, out) in pairs.iter().zip(self.out) {
                    *out = half(*pair);
                }
            }
            Packing::BF16 => {
                for (pair, out) in pairs.iter().zip(self.out) {
                    *out = f32::from_bits(u32::from(u16::from_le_bytes(*pair)) << 16);
                }
            }
        }
    }
}

/// A half-precision number.
#[inline(always)]
fn half(bytes: [u8; 2]) -> f32 {
    let bits = u32::from(u16::from_le_bytes(bytes));
    // Moved into place, the exponent is too small by the difference of the two biases; subnormal numbers come
    // out right, too.
    let magnitude = f32::from_bits((bits & 0x7fff) << 13) * f32::from_bits((127 + 112) << 23);
    let magnitude = if bits & 0x7c00 == 0x7c00 {
        f32::from_bits(0x7f80_0000 | (bits & 0x3ff) << 13)
    } else {
        magnitude
    };
    f32::from_bits(magnitude.to_bits() | (bits & 0x8000) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::quantized::{GgmlDType, QTensor};
    use candle_core::{Device, Tensor};

    #[test]
    fn widening_gives_what_the_tensor_library_gives() {
        let (rows, columns) = (5, 96);
        let data: Vec<f32> = (0..rows * columns)
            .map(|index| (index as f32 * 0.37).sin() * (index % 7) as f32)
            .collect();
        let tensor = Tensor::from_vec(data, (rows, columns), &Device::Cpu).unwrap();
        for (packing, format) in [
            (Packing::Q4_0, GgmlDType::Q4_0),
            (Packing::Q4_1, GgmlDType::Q4_1),
            (Packing::Q8_0, GgmlDType::Q8_0),
            (Packing::F16, GgmlDType::F16),
            (Packing::BF16, GgmlDType::BF16),
        ] {
            let stored = QTensor::quantize(&tensor, format).unwrap();
            let expected: Vec<f32> = stored
                .dequantize(&Device::Cpu)
                .unwrap()
                .flatten_all()
                .unwrap()
                .to_vec1()
                .unwrap();
            let bytes = stored.data().unwrap();
            let packed = Packed::new(packing, columns, &bytes).unwrap();
            assert_eq!((packed.rows(), packed.columns()), (rows, columns));
            let mut out = vec![f32::NAN; 3];
            packed.widen(0..rows, &mut out);
            assert_eq!(out, expected, "{packing:?}");
            out.fill(f32::NAN);
            dispatch(Widen {
                packing,
                blocks: packed.blocks(0..rows),
                out: &mut out,
            });
            assert_eq!(out, expected, "{packing:?}");
            packed.widen(2..4, &mut out);
            assert_eq!(out, expected[2 * columns..4 * columns], "{packing:?}");
            let twice = Packed::join(&[&packed, &packed]).unwrap();
            twice.widen(rows + 1..rows + 2, &mut out);
            assert_eq!(out, expected[columns..2 * columns], "{packing:?}");
        }
    }

    #[test]
    fn every_half_is_right() {
        for bits in 0..=u16::MAX {
            let exponent = i32::from(bits >> 10 & 31);
            let fraction = f64::from(bits & 0x3ff) / 1024.0;
            let magnitude = match exponent {
                0 => fraction * 2f64.powi(-14),
                31 if fraction == 0.0 => f64::INFINITY,
                31 => f64::NAN,
                _ => (1.0 + fraction) * 2f64.powi(exponent - 15),
            };
            let expected = if bits & 0x8000 == 0 {
                magnitude
            } else {
                -magnitude
            };
            let got = f64::from(half(bits.to_le_bytes()));
            assert!(
                got == expected || (got.is_nan() && expected.is_nan()),
                "{bits:x}"
            );
        }
    }

    #[test]
    fn bytes_that_are_no_rows_are_refused() {
        assert!(Packed::new(Packing::Q8_0, 33, &[0; 34]).is_none());
        assert!(Packed::new(Packing::Q8_0, 32, &[0; 35]).is_none());
        assert!(Packed::new(Packing::F16, 0, &[]).is_none());
    }
}
