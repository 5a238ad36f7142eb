//! Where a tensor lies in the file, in which format, and how it is read.

use std::ops::Range;

use candle_core::Device;
use candle_core::quantized::{GgmlDType, QTensor, ggml_file::qtensor_from_ggml};

use crate::EngineError;
use crate::kernels::{HalfFormat, Quantization};

/// A storage format of weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Format(GgmlDType);

/// How the kernels keep a format's weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    Halves(HalfFormat),
    Quantized(Quantization),
}

impl Format {
    /// The format that ggml gives this number, if it is supported.
    pub(super) fn from_id(id: u32) -> Option<Format> {
        Some(Format(match id {
            0 => GgmlDType::F32,
            1 => GgmlDType::F16,
            2 => GgmlDType::Q4_0,
            3 => GgmlDType::Q4_1,
            6 => GgmlDType::Q5_0,
            7 => GgmlDType::Q5_1,
            8 => GgmlDType::Q8_0,
            10 => GgmlDType::Q2K,
            11 => GgmlDType::Q3K,
            12 => GgmlDType::Q4K,
            13 => GgmlDType::Q5K,
            14 => GgmlDType::Q6K,
            30 => GgmlDType::BF16,
            _ => return None,
        }))
    }

    /// The same in the terms of the kernels; none for 32-bit floats, which need no other.
    pub(crate) fn stored(self) -> Option<Stored> {
        Some(match self.0 {
            GgmlDType::F32 => return None,
            GgmlDType::F16 => Stored::Halves(HalfFormat::F16),
            GgmlDType::BF16 => Stored::Halves(HalfFormat::BF16),
            GgmlDType::Q4_0 => Stored::Quantized(Quantization::Q4_0),
            GgmlDType::Q4_1 => Stored::Quantized(Quantization::Q4_1),
            GgmlDType::Q5_0 => Stored::Quantized(Quantization::Q5_0),
            GgmlDType::Q5_1 => Stored::Quantized(Quantization::Q5_1),
            GgmlDType::Q8_0 => Stored::Quantized(Quantization::Q8_0),
            GgmlDType::Q2K => Stored::Quantized(Quantization::Q2K),
            GgmlDType::Q3K => Stored::Quantized(Quantization::Q3K),
            GgmlDType::Q4K => Stored::Quantized(Quantization::Q4K),
            GgmlDType::Q5K => Stored::Quantized(Quantization::Q5K),
            GgmlDType::Q6K => Stored::Quantized(Quantization::Q6K),
            // Never weights of a file: `from_id` knows no number for them.
            GgmlDType::Q8_1 | GgmlDType::Q8K => return None,
        })
    }

    /// The name by which people know it, such as `Q4_K`.
    pub(crate) fn name(self) -> &'static str {
        match self.0 {
            GgmlDType::F32 => "F32",
            GgmlDType::F16 => "F16",
            GgmlDType::BF16 => "BF16",
            GgmlDType::Q4_0 => "Q4_0",
            GgmlDType::Q4_1 => "Q4_1",
            GgmlDType::Q5_0 => "Q5_0",
            GgmlDType::Q5_1 => "Q5_1",
            GgmlDType::Q8_0 => "Q8_0",
            GgmlDType::Q8_1 => "Q8_1",
            GgmlDType::Q2K => "Q2_K",
            GgmlDType::Q3K => "Q3_K",
            GgmlDType::Q4K => "Q4_K",
            GgmlDType::Q5K => "Q5_K",
            GgmlDType::Q6K => "Q6_K",
            GgmlDType::Q8K => "Q8_K",
        }
    }
}

/// A tensor as the header declares it.
#[derive(Clone, Debug)]
pub(crate) struct TensorInfo {
    /// Sizes, outermost first: a matrix has its rows, then its columns.
    pub(crate) dims: Vec<usize>,
    pub(crate) format: Format,
    /// Bytes of the file, once `place` has found them to exist.
    range: Range<usize>,
}

impl TensorInfo {
    pub(super) fn new(
        name: &str,
        dims: Vec<usize>,
        format: Format,
        offset: usize,
    ) -> Result<TensorInfo, EngineError> {
        let block = format.0.block_size();
        let columns = dims.last().copied().unwrap_or(0);
        let elements = dims
            .iter()
            .try_fold(1usize, |product, size| product.checked_mul(*size))
            .filter(|elements| *elements > 0)
            .ok_or_else(|| EngineError::corrupt(format!("tensor {name} has shape {dims:?}")))?;
        if !columns.is_multiple_of(block) {
            return Err(EngineError::corrupt(format!(
                "rows of {columns} in tensor {name} do not fill blocks of {block}"
            )));
        }
        let end = (elements / block)
            .checked_mul(format.0.type_size())
            .and_then(|length| offset.checked_add(length))
            .ok_or_else(|| EngineError::corrupt(format!("tensor {name} is too large")))?;
        Ok(TensorInfo {
            dims,
            format,
            range: offset..end,
        })
    }

    /// Turns the offset into a place in the file, refusing one that the file does not have.
    pub(super) fn place(
        &mut self,
        name: &str,
        data_start: usize,
        alignment: usize,
        file_length: usize,
    ) -> Result<(), EngineError> {
        if !self.range.start.is_multiple_of(alignment) {
            return Err(EngineError::corrupt(format!(
                "tensor {name} is not aligned"
            )));
        }
        let end = self.range.end.checked_add(data_start);
        match end.filter(|end| *end <= file_length) {
            Some(end) => {
                self.range = self.range.start + data_start..end;
                Ok(())
            }
            None => Err(EngineError::corrupt(format!(
                "it has {file_length} bytes, and tensor {name} ends beyond them; the download may have been cut short"
            ))),
        }
    }

    /// Number of weights.
    pub(crate) fn elements(&self) -> u64 {
        self.dims.iter().map(|size| *size as u64).product()
    }

    pub(super) fn bytes<'a>(&self, name: &str, file: &'a [u8]) -> Result<&'a [u8], EngineError> {
        file.get(self.range.clone())
            .ok_or_else(|| EngineError::corrupt(format!("tensor {name} lies beyond the file")))
    }

    pub(super) fn read(&self, name: &str, file: &[u8]) -> Result<QTensor, EngineError> {
        let bytes = self.bytes(name, file)?;
        let dims = self.dims.clone();
        Ok(qtensor_from_ggml(self.format.0, bytes, dims, &Device::Cpu)?)
    }
}
