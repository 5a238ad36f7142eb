//! Linear layers, in whichever form their weights are kept.

use std::sync::Arc;

use candle_core::quantized::{QMatMul, QTensor};
use candle_core::{Device, Module, Tensor};

use super::weights::{Choose, Storage};
use crate::EngineError;
use crate::gguf::Gguf;
use crate::kernels::{self, Packed, Weights};

/// A weight matrix, `outputs × inputs`, row-major.
#[derive(Clone)]
pub(crate) enum Matrix {
    /// In the format of the file, widened in the cache by our own kernels.
    Packed(Arc<Packed>),
    /// 32-bit floats: most memory, and our own kernels.
    Dense(Arc<Vec<f32>>),
    /// In the format of the file, and the tensor library's kernels.
    Library(Arc<QTensor>),
}

impl Matrix {
    pub(super) fn load(
        gguf: &Gguf,
        name: &str,
        outputs: usize,
        inputs: usize,
        choose: &Choose<'_>,
    ) -> Result<Matrix, EngineError> {
        let dims = [outputs, inputs];
        let format = gguf.expect(name, &dims)?.format;
        Ok(match choose(format) {
            Storage::Packed(packing) => {
                let bytes = gguf.bytes(name, &dims)?;
                let packed = Packed::new(packing, inputs, bytes).ok_or_else(|| {
                    EngineError::corrupt(format!("tensor {name} has incomplete rows"))
                })?;
                Matrix::Packed(Arc::new(packed))
            }
            Storage::Dense => Matrix::Dense(Arc::new(gguf.dense(name, &dims)?)),
            Storage::Library => Matrix::Library(Arc::new(gguf.quantized(name, &dims)?)),
        })
    }

    /// Matrices of one form put below each other, if that can be done.
    fn join(parts: &[&Matrix]) -> Option<Matrix> {
        let packed: Vec<&Packed> = parts.iter().filter_map(|part| part.packed()).collect();
        if packed.len() == parts.len() {
            return Packed::join(&packed).map(|joined| Matrix::Packed(Arc::new(joined)));
        }
        let dense: Vec<&[f32]> = parts.iter().filter_map(|part| part.dense()).collect();
        (dense.len() == parts.len()).then(|| Matrix::Dense(Arc::new(dense.concat())))
    }

    fn packed(&self) -> Option<&Packed> {
        match self {
            Matrix::Packed(packed) => Some(packed),
            _ => None,
        }
    }

    fn dense(&self) -> Option<&[f32]> {
        match self {
            Matrix::Dense(weights) => Some(weights),
            _ => None,
        }
    }

    /// Rows of the matrix, one after another: the embeddings of tokens.
    pub(super) fn rows(&self, ids: &[u32], width: usize) -> Result<Vec<f32>, EngineError> {
        let mut out = Vec::with_capacity(ids.len() * width);
        match self {
            Matrix::Packed(packed) => {
                let mut row = Vec::new();
                for id in ids {
                    packed.widen(*id as usize..*id as usize + 1, &mut row);
                    out.extend_from_slice(&row);
                }
            }
            Matrix::Dense(weights) => {
                for id in ids {
                    out.extend_from_slice(&weights[*id as usize * width..][..width]);
                }
            }
            Matrix::Library(tensor) => {
                let ids = Tensor::new(ids, &Device::Cpu)?;
                out = tensor.embedding(&ids)?.flatten_all()?.to_vec1()?;
            }
        }
        Ok(out)
    }

    /// The product of one vector with some rows only.
    pub(super) fn select(&self, x: &[f32], ids: &[u32]) -> Result<Vec<f32>, EngineError> {
        Ok(match self {
            Matrix::Packed(packed) => kernels::select_rows(x, Weights::Packed(packed), ids),
            Matrix::Dense(weights) => kernels::select_rows(x, Weights::Dense(weights), ids),
            Matrix::Library(_) => {
                let rows = self.rows(ids, x.len())?;
                let mut out = vec![0.0; ids.len()];
                kernels::matmul(x, Weights::Dense(&rows), x.len(), &mut out);
                out
            }
        })
    }

    /// The product of each row of `x` with the matrix.
    fn multiply(&self, x: &[f32], inputs: usize, out: &mut [f32]) -> Result<(), EngineError> {
        match self {
            Matrix::Packed(packed) => kernels::matmul(x, Weights::Packed(packed), inputs, out),
            Matrix::Dense(weights) => kernels::matmul(x, Weights::Dense(weights), inputs, out),
            Matrix::Library(tensor) => {
                let x = Tensor::from_slice(x, (x.len() / inputs, inputs), &Device::Cpu)?;
                let product = QMatMul::from_arc(Arc::clone(tensor))?.forward(&x)?;
                out.copy_from_slice(&product.flatten_all()?.to_vec1::<f32>()?);
            }
        }
        Ok(())
    }
}

/// `y = x Wᵀ + b`. Layers that read the same input are one `Linear`, their outputs side by side.
pub(super) struct Linear {
    parts: Vec<(Matrix, usize)>,
    bias: Option<Vec<f32>>,
    inputs: usize,
    outputs: usize,
}

impl Linear {
    /// Loads tensors named `{name}.weight`, and `{name}.bias` where the file has them, each with its number
    /// of outputs.
    pub(super) fn load(
        gguf: &Gguf,
        names: &[(String, usize)],
        inputs: usize,
        choose: &Choose<'_>,
    ) -> Result<Linear, EngineError> {
        let outputs = names.iter().map(|(_, outputs)| outputs).sum();
        let mut parts = Vec::with_capacity(names.len());
        let mut bias = vec![0.0; outputs];
        let (mut at, mut biased) = (0, false);
        for (name, outputs) in names {
            let weight = Matrix::load(gguf, &format!("{name}.weight"), *outputs, inputs, choose)?;
            parts.push((weight, *outputs));
            let name = format!("{name}.bias");
            if gguf.info(&name).is_some() {
                bias[at..at + outputs].copy_from_slice(&gguf.dense(&name, &[*outputs])?);
                biased = true;
            }
            at += outputs;
        }
        let matrices: Vec<&Matrix> = parts.iter().map(|(matrix, _)| matrix).collect();
        if let Some(joined) = Matrix::join(&matrices) {
            parts = vec![(joined, outputs)];
        }
        Ok(Linear {
            parts,
            bias: biased.then_some(bias),
            inputs,
            outputs,
        })
    }

    /// A layer over a matrix that is there already.
    pub(super) fn from_matrix(matrix: Matrix, inputs: usize, outputs: usize) -> Linear {
        Linear {
            parts: vec![(matrix, outputs)],
            bias: None,
            inputs,
            outputs,
        }
    }

    pub(super) fn outputs(&self) -> usize {
        self.outputs
    }

    /// Applies the layer to row-major `x`, replacing what `out` held.
    pub(super) fn forward(&self, x: &[f32], out: &mut Vec<f32>) -> Result<(), EngineError> {
        let rows = x.len() / self.inputs;
        out.clear();
        out.resize(rows * self.outputs, 0.0);
        if let [(matrix, _)] = self.parts.as_slice() {
            matrix.multiply(x, self.inputs, out)?;
        } else {
            let mut at = 0;
            let mut product = Vec::new();
            for (matrix, outputs) in &self.parts {
                product.resize(rows * outputs, 0.0);
                matrix.multiply(x, self.inputs, &mut product)?;
                for (row, product) in out.chunks_mut(self.outputs).zip(product.chunks(*outputs)) {
                    row[at..at + outputs].copy_from_slice(product);
                }
                at += outputs;
            }
        }
        if let Some(bias) = &self.bias {
            for row in out.chunks_mut(self.outputs) {
                kernels::add(row, bias);
            }
        }
        Ok(())
    }

    /// The logits of some outputs only, for one row.
    pub(super) fn select(&self, x: &[f32], ids: &[u32]) -> Result<Vec<f32>, EngineError> {
        match self.parts.as_slice() {
            [(matrix, _)] => matrix.select(x, ids),
            _ => Err(EngineError::Internal("a joined layer has no rows".into())),
        }
    }
}
