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
    /// Weights in a block, and its bytes.
    fn block(self) -> (usize, usize) {
        match self {
            Packing::Q4_0 => (32, 18),
            Packing::Q4_1 => (32, 20),
            Packing::Q8_0 => (32, 34),
            Packing::F16 | Packing::BF16 => (1, 2),
        }
    }
}

/// A matrix in one of these formats, row-major.
#[derive(Debug)]
pub(crate) struct Packed {
    packing: Packing,
    columns: usize,
    row_bytes: usize,
    bytes: Vec<u8>,
}

impl Packed {
    /// Takes whole rows; none if the bytes are not that.
    pub(crate) fn new(packing: Packing, columns: usize, bytes: Vec<u8>) -> Option<Packed> {
        let (weights, size) = packing.block();
        let row_bytes = columns / weights * size;
        let whole =
            columns > 0 && columns.is_multiple_of(weights) && bytes.len().is_multiple_of(row_bytes);
        whole.then_some(Packed {
            packing,
            columns,
            row_bytes,
            bytes,
        })
    }

    /// Puts matrices of one format and width below each other; none if they differ in these.
    pub(crate) fn join(parts: &[&Packed]) -> Option<Packed> {
        let first = parts.first()?;
        let alike = |part: &&Packed| (part.packing, part.columns) == (first.packing, first.columns);
        if !parts.iter().all(alike) {
            return None;
        }
        let bytes = parts.iter().map(|part| part.bytes.as_slice());
        Packed::new(
            first.packing,
            first.columns,
            bytes.collect::<Vec<_>>().concat(),
        )
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.bytes.len() / self.row_bytes
    }

    /// Weights in a row.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// Widens some rows, replacing what `out` held.
    pub(crate) fn widen(&self, rows: Range<usize>, out: &mut Vec<f32>) {
        // Every element is written below: what is there need not be cleared.
        out.resize(rows.len() * self.columns, 0.0);
        let bytes = &self.bytes[rows.start * self.row_bytes..rows.end * self.row_bytes];
        #[cfg(target_arch = "x86_64")]
        if super::packed_avx2::widen(self.packing, bytes, out) {
            return;
        }
        widen_portably(self.packing, bytes, out);
    }

    /// The products of one activation with some rows, where there is a faster way than to widen them first;
    /// false where there is none.
    pub(super) fn dot(&self, x: &[f32], rows: Range<usize>, out: &mut [f32]) -> bool {
        assert_eq!((x.len(), out.len()), (self.columns, rows.len()));
        let bytes = &self.bytes[rows.start * self.row_bytes..rows.end * self.row_bytes];
        #[cfg(target_arch = "x86_64")]
        if super::packed_avx2::dot(self.packing, x, bytes, out) {
            return true;
        }
        let _ = bytes;
        false
    }
}

fn widen_portably(packing: Packing, bytes: &[u8], out: &mut [f32]) {
    dispatch(Widen {
        packing,
        bytes,
        out,
    });
}

struct Widen<'a> {
    packing: Packing,
    bytes: &'a [u8],
    out: &'a mut [f32],
}

impl WithSimd for Widen<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        match self.packing {
            Packing::Q4_0 => {
                for (block, out) in blocks::<18, 32>(self.bytes, self.out) {
                    let scale = half([block[0], block[1]]);
                    for i in 0..16 {
                        let pair = block[2 + i];
                        out[i] = (f32::from(pair & 15) - 8.0) * scale;
                        out[i + 16] = (f32::from(pair >> 4) - 8.0) * scale;
                    }
                }
            }
            Packing::Q4_1 => {
                for (block, out) in blocks::<20, 32>(self.bytes, self.out) {
                    let scale = half([block[0], block[1]]);
                    let least = half([block[2], block[3]]);
                    for i in 0..16 {
                        let pair = block[4 + i];
                        out[i] = f32::from(pair & 15) * scale + least;
                        out[i + 16] = f32::from(pair >> 4) * scale + least;
                    }
                }
            }
            Packing::Q8_0 => {
                for (block, out) in blocks::<34, 32>(self.bytes, self.out) {
                    let scale = half([block[0], block[1]]);
                    for i in 0..32 {
                        out[i] = f32::from(block[2 + i] as i8) * scale;
                    }
                }
            }
            Packing::F16 => {
                for (pair, out) in blocks::<2, 1>(self.bytes, self.out) {
                    out[0] = half(*pair);
                }
            }
            Packing::BF16 => {
                for (pair, out) in blocks::<2, 1>(self.bytes, self.out) {
                    out[0] = f32::from_bits(u32::from(u16::from_le_bytes(*pair)) << 16);
                }
            }
        }
    }
}

#[inline(always)]
fn blocks<'a, const B: usize, const N: usize>(
    bytes: &'a [u8],
    out: &'a mut [f32],
) -> std::iter::Zip<std::slice::Iter<'a, [u8; B]>, std::slice::IterMut<'a, [f32; N]>> {
    let (bytes, out) = (bytes.as_chunks::<B>().0, out.as_chunks_mut::<N>().0);
    bytes.iter().zip(out)
}

/// A half-precision number.
#[inline(always)]
pub(super) fn half(bytes: [u8; 2]) -> f32 {
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
            let bytes = stored.data().unwrap().into_owned();
            let packed = Packed::new(packing, columns, bytes).unwrap();
            assert_eq!((packed.rows(), packed.columns()), (rows, columns));
            let mut out = vec![f32::NAN; 3];
            packed.widen(0..rows, &mut out);
            assert_eq!(out, expected, "{packing:?}");
            widen_portably(packing, &packed.bytes, &mut out);
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
        assert!(Packed::new(Packing::Q8_0, 33, vec![0; 34]).is_none());
        assert!(Packed::new(Packing::Q8_0, 32, vec![0; 35]).is_none());
        assert!(Packed::new(Packing::F16, 0, Vec::new()).is_none());
    }
}
