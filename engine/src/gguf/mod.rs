//! Reads GGUF model files: metadata and tensors, every size checked before it is believed.
//!
//! The header is parsed here and not by the tensor library, whose reader divides by an alignment of zero and
//! spends 32 bytes of memory on each byte of an array. Tensors are dequantised by the library.

mod header;
mod metadata;
mod tensor;

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use memmap2::Mmap;

use crate::EngineError;
pub(crate) use metadata::Metadata;
#[cfg(test)]
pub(crate) use metadata::Value;
pub(crate) use tensor::{Format, Stored, TensorInfo};

/// An open GGUF file.
///
/// The file is mapped, so tensors are read from disk when they are first touched.
pub(crate) struct Gguf {
    map: Mmap,
    metadata: Metadata,
    tensors: HashMap<String, TensorInfo>,
}

impl Gguf {
    /// Opens a file and checks its header: each tensor that it declares lies within the file.
    pub(crate) fn open(path: &Path) -> Result<Gguf, EngineError> {
        let file = File::open(path).map_err(|source| EngineError::io(path, source))?;
        // SAFETY: the map is read-only, and model files are replaced by renaming, not rewritten in place. A
        // file that another process shortens while it is mapped would raise SIGBUS; reading it into memory
        // would avoid that at the price of its size in memory for as long as the model loads.
        #[allow(unsafe_code)]
        let map = unsafe { Mmap::map(&file) }.map_err(|source| EngineError::io(path, source))?;
        let (metadata, tensors) = header::parse(&map)?;
        Ok(Gguf {
            map,
            metadata,
            tensors,
        })
    }

    /// The key-value pairs of the header.
    pub(crate) fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Name and description of each tensor, in no order.
    pub(crate) fn tensors(&self) -> impl Iterator<Item = (&str, &TensorInfo)> {
        self.tensors
            .iter()
            .map(|(name, info)| (name.as_str(), info))
    }

    /// The description of a tensor.
    pub(crate) fn info(&self, name: &str) -> Option<&TensorInfo> {
        self.tensors.get(name)
    }

    /// Size of the file, bytes.
    pub(crate) fn file_bytes(&self) -> u64 {
        self.map.len() as u64
    }

    /// The description of a tensor, which must have the shape `dims` (rows first).
    pub(crate) fn expect(&self, name: &str, dims: &[usize]) -> Result<&TensorInfo, EngineError> {
        let info = self
            .info(name)
            .ok_or_else(|| EngineError::corrupt(format!("tensor {name} is missing")))?;
        if info.dims != dims {
            return Err(EngineError::corrupt(format!(
                "tensor {name} has shape {:?}, expected {dims:?}",
                info.dims
            )));
        }
        Ok(info)
    }

    /// A tensor's bytes in its stored format.
    pub(crate) fn bytes(&self, name: &str, dims: &[usize]) -> Result<&[u8], EngineError> {
        self.expect(name, dims)?.bytes(name, &self.map)
    }

    /// Reads a tensor as 32-bit floats in row-major order.
    pub(crate) fn dense(&self, name: &str, dims: &[usize]) -> Result<Vec<f32>, EngineError> {
        let tensor = self.expect(name, dims)?.read(name, &self.map)?;
        let flat = tensor
            .dequantize(&candle_core::Device::Cpu)?
            .flatten_all()?;
        let numbers: Vec<f32> = flat.to_vec1()?;
        if numbers.iter().all(|number| number.is_finite()) {
            return Ok(numbers);
        }
        Err(EngineError::corrupt(format!(
            "tensor {name} has values that are no numbers"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Gguf::open(Path::new("/no/such/model.gguf")).err().unwrap();
        assert!(error.to_string().contains("/no/such/model.gguf"));
        assert_eq!(error.class(), schemas::error::ErrorClass::NotFound);
    }

    #[test]
    fn another_format_is_refused() {
        let file = write(b"PK\x03\x04 this is some other kind of file altogether");
        let error = Gguf::open(file.path()).err().unwrap();
        assert!(error.to_string().contains("not a GGUF file"), "{error}");
    }
}
