//! Linear layers, in whichever form their weights are kept.

use std::sync::Arc;

use super::weights::{Choose, Storage};
use crate::EngineError;
use crate::gguf::Gguf;
use crate::kernels::{self, Activations, Halves, Inputs, Team, Tiles, Weights};

/// A weight matrix, `outputs × inputs`.
#[derive(Clone)]
pub(crate) enum Matrix {
    /// Quantised, laid out for the kernels.
    Tiles(Arc<Tiles>),
    /// 16 bits each, as in the file.
    Halves(Arc<Halves>),
    /// 32-bit floats, row-major.
    Dense(Arc<Vec<f32>>),
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
        let incomplete = || EngineError::corrupt(format!("tensor {name} has incomplete rows"));
        Ok(match choose(format) {
            Storage::Tiles(format, isa) => {
                let bytes = gguf.bytes(name, &dims)?;
                let tiles = Tiles::new(format, inputs, bytes, isa).ok_or_else(incomplete)?;
                Matrix::Tiles(Arc::new(tiles))
            }
            Storage::Halves(format) => {
                let bytes = gguf.bytes(name, &dims)?;
                let halves = Halves::new(format, inputs, bytes).ok_or_else(incomplete)?;
                Matrix::Halves(Arc::new(halves))
            }
            Storage::Dense => Matrix::Dense(Arc::new(gguf.dense(name, &dims)?)),
        })
    }

    /// Matrices of one form put below each other, if that can be done.
    fn join(parts: &[Matrix]) -> Option<Matrix> {
        match parts.first()? {
            Matrix::Tiles(_) => {
                let tiles: Option<Vec<&Tiles>> = parts.iter().map(Matrix::tiles).collect();
                Tiles::join(&tiles?).map(|joined| Matrix::Tiles(Arc::new(joined)))
            }
            Matrix::Halves(_) => {
                let halves: Option<Vec<&Halves>> = parts.iter().map(Matrix::halves).collect();
                Halves::join(&halves?).map(|joined| Matrix::Halves(Arc::new(joined)))
            }
            Matrix::Dense(_) => {
                let dense: Option<Vec<&[f32]>> = parts.iter().map(Matrix::dense).collect();
                Some(Matrix::Dense(Arc::new(dense?.concat())))
            }
        }
    }

    fn tiles(&self) -> Option<&Tiles> {
        match self {
            Matrix::Tiles(tiles) => Some(tiles),
            _ => None,
        }
    }

    fn halves(&self) -> Option<&Halves> {
        match self {
            Matrix::Halves(halves) => Some(halves),
            _ => None,
        }
    }

    fn dense(&self) -> Option<&[f32]> {
        match self {
            Matrix::Dense(weights) => Some(weights),
            _ => None,
        }
    }

    fn weights(&self) -> Weights<'_> {
        match self {
            Matrix::Tiles(tiles) => Weights::Tiles(tiles),
            Matrix::Halves(halves) => Weights::Halves(halves),
            Matrix::Dense(weights) => Weights::Dense(weights),
        }
    }

    /// Rows of the matrix, one after another: the embeddings of tokens.
    pub(super) fn rows(&self, ids: &[u32], width: usize) -> Vec<f32> {
        let mut out = Vec::with_capacity(ids.len() * width);
        let mut row = Vec::new();
        for id in ids {
            let id = *id as usize;
            match self {
                Matrix::Tiles(tiles) => tiles.widen(id, &mut out),
                Matrix::Halves(halves) => {
                    halves.widen(id..id + 1, &mut row);
                    out.extend_from_slice(&row);
                }
                Matrix::Dense(weights) => out.extend_from_slice(&weights[id * width..][..width]),
            }
        }
        out
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
        let matrices: Vec<Matrix> = parts.iter().map(|(matrix, _)| matrix.clone()).collect();
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
    pub(super) fn forward(
        &self,
        team: &Team,
        x: &[f32],
        rounded: &mut Activations,
        out: &mut Vec<f32>,
    ) {
        let rows = x.len() / self.inputs;
        // Every element is written below: what is there need not be cleared.
        out.resize(rows * self.outputs, 0.0);
        let x = self.inputs(team, x, rounded);
        if let [(matrix, _)] = self.parts.as_slice() {
            kernels::matmul(team, x, matrix.weights(), out);
        } else {
            let mut at = 0;
            let mut product = Vec::new();
            for (matrix, outputs) in &self.parts {
                product.resize(rows * outputs, 0.0);
                kernels::matmul(team, x, matrix.weights(), &mut product);
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
    }

    /// The logits of some outputs only, for one row.
    pub(super) fn select(
        &self,
        team: &Team,
        x: &[f32],
        rounded: &mut Activations,
        ids: &[u32],
    ) -> Result<Vec<f32>, EngineError> {
        let x = self.inputs(team, x, rounded);
        match self.parts.as_slice() {
            [(matrix, _)] => Ok(kernels::select_rows(x, matrix.weights(), ids)),
            _ => Err(EngineError::Internal("a joined layer has no rows".into())),
        }
    }

    fn inputs<'a>(&self, team: &Team, x: &'a [f32], rounded: &'a mut Activations) -> Inputs<'a> {
        if self
            .parts
            .iter()
            .any(|(matrix, _)| matrix.tiles().is_some())
        {
            rounded.round(team, x, self.inputs);
        }
        Inputs {
            exact: x,
            rounded,
            columns: self.inputs,
        }
    }
}
