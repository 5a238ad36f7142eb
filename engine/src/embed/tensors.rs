//! Reads safetensors files, every size checked before it is believed.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};

use crate::EngineError;
use crate::kernels::{HalfFormat, Halves};

const NAME: &str = "model.safetensors";
/// Bytes of a header: some hundred for each tensor.
const MOST_HEADER: u64 = 4 << 20;
/// Bytes that are read at once; a multiple of a number's size.
const PIECE: usize = 1 << 20;

/// An open file. Each tensor that it declares lies within it, and they fill it.
pub(super) struct Tensors {
    path: PathBuf,
    file: File,
    metadata: Metadata,
    /// Where the first tensor begins.
    data: u64,
    /// Tensors that nobody has read.
    unread: BTreeSet<String>,
}

impl Tensors {
    /// Opens the folder's file and checks its header.
    pub(super) fn open(dir: &Path) -> Result<Tensors, EngineError> {
        let path = dir.join(NAME);
        let io = |source| EngineError::io(&path, source);
        let mut file = File::open(&path).map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        let mut size = [0; 8];
        if length < 8 {
            return Err(corrupt("it is cut short"));
        }
        file.read_exact(&mut size).map_err(io)?;
        let size = u64::from_le_bytes(size);
        if size > MOST_HEADER || size > length - 8 {
            return Err(corrupt(&format!("its header cannot have {size} bytes")));
        }
        let mut header = vec![0; size as usize];
        file.read_exact(&mut header).map_err(io)?;
        // Also sees to it that the tensors lie side by side, each as large as its shape and type say.
        let metadata: Metadata =
            serde_json::from_slice(&header).map_err(|error| corrupt(&error.to_string()))?;
        let (data, found) = (8 + size, metadata.data_len() as u64);
        if length - data != found {
            return Err(corrupt(&format!(
                "its tensors have {found} bytes, it has {} for them",
                length - data
            )));
        }
        Ok(Tensors {
            unread: metadata.tensors().into_keys().collect(),
            path,
            file,
            metadata,
            data,
        })
    }

    /// Whether there is a tensor of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.metadata.info(name).is_some()
    }

    /// Names of the tensors that have not been read.
    pub(super) fn unread(&self) -> impl Iterator<Item = &str> {
        self.unread.iter().map(String::as_str)
    }

    /// Reads a tensor of the shape `dims`, added to the end of `out`.
    pub(super) fn read(
        &mut self,
        name: &str,
        dims: &[usize],
        out: &mut Vec<f32>,
    ) -> Result<(), EngineError> {
        let missing = || EngineError::corrupt(format!("tensor {name} is missing"));
        let info = self.metadata.info(name).ok_or_else(missing)?;
        if info.shape != dims {
            return Err(EngineError::corrupt(format!(
                "tensor {name} has shape {:?}, expected {dims:?}",
                info.shape
            )));
        }
        let TensorInfo {
            dtype,
            data_offsets: (from, to),
            ..
        } = *info;
        let io = |source| EngineError::io(&self.path, source);
        self.file
            .seek(SeekFrom::Start(self.data + from as u64))
            .map_err(io)?;
        let first = out.len();
        out.reserve_exact(dims.iter().product());
        let mut buffer = vec![0; PIECE.min(to - from)];
        let mut left = to - from;
        while left > 0 {
            let piece = &mut buffer[..left.min(PIECE)];
            self.file.read_exact(piece).map_err(io)?;
            widen(dtype, piece, out)
                .ok_or_else(|| EngineError::unsupported(format!("{dtype:?} of tensor {name}")))?;
            left -= piece.len();
        }
        if !out[first..].iter().all(|number| number.is_finite()) {
            return Err(EngineError::corrupt(format!(
                "tensor {name} has weights that are no finite numbers"
            )));
        }
        self.unread.remove(name);
        Ok(())
    }
}

/// Adds numbers of a type to the end of `out`; none if the type is none of floats.
fn widen(dtype: Dtype, bytes: &[u8], out: &mut Vec<f32>) -> Option<()> {
    let format = match dtype {
        Dtype::F32 => {
            let numbers = bytes.as_chunks::<4>().0.iter();
            out.extend(numbers.map(|number| f32::from_le_bytes(*number)));
            return Some(());
        }
        Dtype::F16 => HalfFormat::F16,
        Dtype::BF16 => HalfFormat::BF16,
        _ => return None,
    };
    let halves = Halves::new(format, bytes.len() / 2, bytes)?;
    let mut wide = Vec::new();
    halves.widen(0..1, &mut wide);
    out.append(&mut wide);
    Some(())
}

fn corrupt(what: &str) -> EngineError {
    EngineError::corrupt(format!("{NAME}: {what}"))
}
