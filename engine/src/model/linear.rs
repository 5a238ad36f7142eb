//! Linear layers, in whichever form their weights are kept.

use std::sync::Arc;

use candle_core::quantized::{QMatMul, QTensor};
use candle_core::{Device, Module, Tensor};

use super::Storage;
use crate::EngineError;
use crate::gguf::Gguf;
use crate::kernels;

/// A weight matrix, `outputs × inputs`, row-major.
#[derive(Clone)]
pub(crate) enum Matrix {
    /// 32-bit floats: most memory, and our own kernels.
    Dense(Arc<Vec<f32>>),
    /// As stored: least memory, and the tensor library's kernels.
    Quantized(Arc<QTensor>),
}

impl Matrix {
    pub(super) fn load(
        gguf: &Gguf,
        name: &str,
        outputs: usize,
        inputs: usize,
        storage: Storage,
    ) -> Result<Matrix, EngineError> {
        Ok(match storage {
            Storage::Dense => Matrix::Dense(Arc::new(gguf.dense(name, &[outputs, inputs])?)),
            Storage::Quantized => {
                Matrix::Quantized(Arc::new(gguf.quantized(name, &[outputs, inputs])?))
            }
        })
    }

    /// Rows of the matrix, one after another: the embeddings of tokens.
    pub(super) fn rows(&self, ids: &[u32], width: usize) -> Result<Vec<f32>, EngineError> {
        match self {
            Matrix::Dense(weight) => {
                let mut out = Vec::with_capacity(ids.len() * width);
                for id in ids {
                    out.extend_from_slice(&weight[*id as usize * width..][..width]);
                }
                Ok(out)
            }
            Matrix::Quantized(tensor) => {
                let ids = Tensor::new(ids, &Device::Cpu)?;
                Ok(tensor.embedding(&ids)?.flatten_all()?.to_vec1()?)
            }
        }
    }

    /// The product of one vector with some rows only.
    pub(super) fn select(&self, x: &[f32], ids: &[u32]) -> Result<Vec<f32>, EngineError> {
        match self {
            Matrix::Dense(weight) => Ok(kernels::select_rows(x, weight, ids)),
            Matrix::Quantized(_) => {
                let rows = self.rows(ids, x.len())?;
                let mut out = vec![0.0; ids.len()];
                kernels::matmul(x, &rows, x.len(), &mut out);
                Ok(out)
            }
        }
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
        storage: Storage,
    ) -> Result<Linear, EngineError> {
        let outputs = names.iter().map(|(_, outputs)| outputs).sum();
        let mut parts = Vec::with_capacity(names.len());
        let mut bias = vec![0.0; outputs];
        let (mut at, mut biased) = (0, false);
        for (name, outputs) in names {
            let weight = Matrix::load(gguf, &format!("{name}.weight"), *outputs, inputs, storage)?;
            parts.push((weight, *outputs));
            let name = format!("{name}.bias");
            if gguf.info(&name).is_some() {
                bias[at..at + outputs].copy_from_slice(&gguf.dense(&name, &[*outputs])?);
                biased = true;
            }
            at += outputs;
        }
        if storage == Storage::Dense && parts.len() > 1 {
            let mut joined = Vec::with_capacity(outputs * inputs);
            for (part, _) in &parts {
                if let Matrix::Dense(weight) = part {
                    joined.extend_from_slice(weight);
                }
            }
            parts = vec![(Matrix::Dense(Arc::new(joined)), outputs)];
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
        let mut at = 0;
        for (part, outputs) in &self.parts {
            match part {
                Matrix::Dense(weight) => kernels::matmul(x, weight, self.inputs, out),
                Matrix::Quantized(tensor) => {
                    let x = Tensor::from_slice(x, (rows, self.inputs), &Device::Cpu)?;
                    let product = QMatMul::from_arc(Arc::clone(tensor))?.forward(&x)?;
                    let product: Vec<f32> = product.flatten_all()?.to_vec1()?;
                    for (row, product) in out.chunks_mut(self.outputs).zip(product.chunks(*outputs))
                    {
                        row[at..at + outputs].copy_from_slice(product);
                    }
                }
            }
            at += outputs;
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
