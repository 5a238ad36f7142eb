//! Parses the header of a GGUF file. Nothing is allocated for a count that the file is too short to hold.

use std::collections::HashMap;

use super::metadata::{Metadata, Value};
use super::tensor::{Format, TensorInfo};
use crate::EngineError;

const MAGIC: &[u8; 4] = b"GGUF";
const DEFAULT_ALIGNMENT: usize = 32;
/// Dimensions that a tensor may have, as in ggml.
const MAX_DIMS: usize = 4;
/// Arrays within arrays; no model needs more than one level.
const MAX_DEPTH: usize = 4;

pub(super) fn parse(bytes: &[u8]) -> Result<(Metadata, HashMap<String, TensorInfo>), EngineError> {
    let mut cursor = Cursor { bytes, at: 0 };
    if cursor.take(4).ok() != Some(MAGIC.as_slice()) {
        return Err(EngineError::corrupt("not a GGUF file"));
    }
    let version = cursor.u32()?;
    if !(2..=3).contains(&version) {
        return Err(EngineError::unsupported(format!("GGUF version {version}")));
    }
    // The smallest tensor entry has 24 bytes, the smallest pair 13.
    let tensor_count = cursor.count(24, "tensors")?;
    let pair_count = cursor.count(13, "metadata pairs")?;

    let mut values = HashMap::with_capacity(pair_count);
    for _ in 0..pair_count {
        let key = cursor.string()?;
        let kind = cursor.u32()?;
        let value = cursor.value(kind)?;
        values.insert(key, value);
    }
    let mut tensors = HashMap::with_capacity(tensor_count);
    for _ in 0..tensor_count {
        let name = cursor.string()?;
        let info = cursor.tensor(&name)?;
        if tensors.insert(name.clone(), info).is_some() {
            return Err(EngineError::corrupt(format!(
                "tensor {name} is declared twice"
            )));
        }
    }

    let alignment = match values.get("general.alignment") {
        None => DEFAULT_ALIGNMENT,
        Some(Value::Integer(number)) => usize::try_from(*number)
            .ok()
            .filter(|size| size.is_power_of_two() && (8..=1 << 20).contains(size))
            .ok_or_else(|| EngineError::corrupt(format!("alignment of {number} bytes")))?,
        Some(_) => return Err(EngineError::corrupt("alignment is not a number")),
    };
    let data_start = cursor
        .at
        .checked_next_multiple_of(alignment)
        .ok_or_else(|| EngineError::corrupt("header is too long"))?;
    for (name, info) in &mut tensors {
        info.place(name, data_start, alignment, bytes.len())?;
    }
    Ok((Metadata::new(values), tensors))
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], EngineError> {
        if count > self.remaining() {
            return Err(EngineError::corrupt(format!(
                "it ends at byte {}, in the middle of its header",
                self.bytes.len()
            )));
        }
        let slice = &self.bytes[self.at..self.at + count];
        self.at += count;
        Ok(slice)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], EngineError> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    fn u32(&mut self) -> Result<u32, EngineError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, EngineError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// A count of things that take at least `size` bytes each in what is left of the file.
    fn count(&mut self, size: usize, what: &str) -> Result<usize, EngineError> {
        let count = self.u64()?;
        let most = self.remaining() / size;
        usize::try_from(count)
            .ok()
            .filter(|count| *count <= most)
            .ok_or_else(|| {
                EngineError::corrupt(format!("it declares {count} {what}, more than it can hold"))
            })
    }

    fn string(&mut self) -> Result<String, EngineError> {
        let length = self.count(1, "bytes of a string")?;
        // Vocabularies hold pieces of characters in some converters' output: those are kept as they can be.
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    fn value(&mut self, kind: u32) -> Result<Value, EngineError> {
        Ok(match kind {
            6 => Value::Float(f64::from(f32::from_le_bytes(self.array()?))),
            7 => Value::Bool(self.array::<1>()?[0] != 0),
            8 => Value::String(self.string()?),
            9 => {
                let kind = self.u32()?;
                self.values(kind, 0)?
            }
            12 => Value::Float(f64::from_le_bytes(self.array()?)),
            _ => Value::Integer(self.integer(kind)?),
        })
    }

    fn integer(&mut self, kind: u32) -> Result<i128, EngineError> {
        Ok(match kind {
            0 => u8::from_le_bytes(self.array()?).into(),
            1 => i8::from_le_bytes(self.array()?).into(),
            2 => u16::from_le_bytes(self.array()?).into(),
            3 => i16::from_le_bytes(self.array()?).into(),
            4 => self.u32()?.into(),
            5 => i32::from_le_bytes(self.array()?).into(),
            10 => self.u64()?.into(),
            11 => i64::from_le_bytes(self.array()?).into(),
            _ => {
                return Err(EngineError::corrupt(format!(
                    "unknown metadata type {kind}"
                )));
            }
        })
    }

    fn values(&mut self, kind: u32, depth: usize) -> Result<Value, EngineError> {
        if depth > MAX_DEPTH {
            return Err(EngineError::corrupt("arrays are nested too deep"));
        }
        let size = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            8 | 10..=12 => 8,
            9 => 12,
            _ => {
                return Err(EngineError::corrupt(format!(
                    "unknown metadata type {kind}"
                )));
            }
        };
        let count = self.count(size, "array elements")?;
        Ok(match kind {
            8 => Value::Strings(
                (0..count)
                    .map(|_| self.string())
                    .collect::<Result<_, _>>()?,
            ),
            6 => Value::Floats(
                self.take(count * size)?
                    .as_chunks::<4>()
                    .0
                    .iter()
                    .map(|chunk| f32::from_le_bytes(*chunk))
                    .collect(),
            ),
            4 | 5 => Value::Integers(
                (0..count)
                    .map(|_| self.integer(kind).map(|number| number as i64))
                    .collect::<Result<_, _>>()?,
            ),
            9 => {
                for _ in 0..count {
                    let inner = self.u32()?;
                    self.values(inner, depth + 1)?;
                }
                Value::Other
            }
            _ => {
                self.take(count * size)?;
                Value::Other
            }
        })
    }

    fn tensor(&mut self, name: &str) -> Result<TensorInfo, EngineError> {
        let rank = self.u32()? as usize;
        if rank == 0 || rank > MAX_DIMS {
            return Err(EngineError::corrupt(format!(
                "tensor {name} has {rank} dimensions"
            )));
        }
        let mut dims = (0..rank)
            .map(|_| {
                let size = self.u64()?;
                usize::try_from(size)
                    .map_err(|_| EngineError::corrupt(format!("tensor {name} is too large")))
            })
            .collect::<Result<Vec<_>, _>>()?;
        // The file counts from the innermost dimension.
        dims.reverse();
        let format = Format::from_id(self.u32()?)
            .ok_or_else(|| EngineError::unsupported(format!("the format of tensor {name}")))?;
        let offset = usize::try_from(self.u64()?)
            .map_err(|_| EngineError::corrupt(format!("tensor {name} lies beyond the file")))?;
        TensorInfo::new(name, dims, format, offset)
    }
}
