//! Weights in 16 bits each, widened strip by strip, just before they are multiplied, in a piece that the cache
//! holds.

use std::ops::Range;

use super::half;

/// A format of 16 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum HalfFormat {
    /// IEEE half precision.
    F16,
    /// The upper halves of 32-bit floats.
    BF16,
}

/// A matrix in one of these formats, row-major.
#[derive(Debug)]
pub(crate) struct Halves {
    format: HalfFormat,
    columns: usize,
    numbers: Vec<u16>,
}

impl Halves {
    /// Takes whole rows as a file has them; none if the bytes are not that.
    pub(crate) fn new(format: HalfFormat, columns: usize, bytes: &[u8]) -> Option<Halves> {
        let (pairs, rest) = bytes.as_chunks();
        let whole = columns > 0 && rest.is_empty() && pairs.len().is_multiple_of(columns);
        whole.then(|| Halves {
            format,
            columns,
            numbers: pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect(),
        })
    }

    /// Puts matrices of one format and width below each other; none if they differ in these.
    pub(crate) fn join(parts: &[&Halves]) -> Option<Halves> {
        let first = parts.first()?;
        let alike = |part: &&Halves| (part.format, part.columns) == (first.format, first.columns);
        if !parts.iter().all(alike) {
            return None;
        }
        let numbers: Vec<&[u16]> = parts.iter().map(|part| part.numbers.as_slice()).collect();
        Some(Halves {
            format: first.format,
            columns: first.columns,
            numbers: numbers.concat(),
        })
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.numbers.len() / self.columns
    }

    /// Weights in a row.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// Widens some rows, replacing what `out` held.
    pub(crate) fn widen(&self, rows: Range<usize>, out: &mut Vec<f32>) {
        // Every element is written below: what is there need not be cleared.
        out.resize(rows.len() * self.columns, 0.0);
        let numbers = &self.numbers[rows.start * self.columns..rows.end * self.columns];
        match self.format {
            HalfFormat::F16 => half::widen(numbers, out),
            HalfFormat::BF16 => {
                for (out, number) in out.iter_mut().zip(numbers) {
                    *out = f32::from_bits(u32::from(*number) << 16);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::quantized::{GgmlDType, QTensor};
    use candle_core::{Device, Tensor};

    #[test]
    fn widening_gives_what_the_tensor_library_gives() {
        let (rows, columns) = (5, 37);
        let data: Vec<f32> = (0..rows * columns)
            .map(|index| (index as f32 * 0.37).sin() * (index % 7) as f32)
            .collect();
        let tensor = Tensor::from_vec(data, (rows, columns), &Device::Cpu).unwrap();
        for (format, library) in [
            (HalfFormat::F16, GgmlDType::F16),
            (HalfFormat::BF16, GgmlDType::BF16),
        ] {
            let stored = QTensor::quantize(&tensor, library).unwrap();
            let widened = stored.dequantize(&Device::Cpu).unwrap();
            let expected: Vec<f32> = widened.flatten_all().unwrap().to_vec1().unwrap();
            let halves = Halves::new(format, columns, &stored.data().unwrap()).unwrap();
            assert_eq!((halves.rows(), halves.columns()), (rows, columns));
            let mut out = vec![f32::NAN; 3];
            halves.widen(0..rows, &mut out);
            assert_eq!(out, expected, "{format:?}");
            let twice = Halves::join(&[&halves, &halves]).unwrap();
            twice.widen(rows + 1..rows + 2, &mut out);
            assert_eq!(out, expected[columns..2 * columns], "{format:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_rows_are_refused() {
        assert!(Halves::new(HalfFormat::F16, 3, &[0; 8]).is_none());
        assert!(Halves::new(HalfFormat::F16, 0, &[]).is_none());
    }
}
