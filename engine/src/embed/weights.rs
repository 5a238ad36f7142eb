//! Loads a BERT model's weights.

use std::path::Path;

use super::Precision;
use super::config::Config;
use super::tensors::Tensors;
use crate::EngineError;
use crate::kernels::{Bytes, Norm, Panels, Shorts, Team};

/// A BERT model, ready to run.
pub(super) struct Bert {
    pub(super) config: Config,
    pub(super) words: Vec<f32>,
    pub(super) positions: Vec<f32>,
    pub(super) types: Vec<f32>,
    pub(super) norm: LayerNorm,
    pub(super) layers: Vec<Layer>,
}

pub(super) struct Layer {
    /// Queries, keys and values side by side.
    pub(super) qkv: Linear,
    pub(super) attention_output: Linear,
    pub(super) attention_norm: LayerNorm,
    pub(super) up: Linear,
    pub(super) down: Linear,
    pub(super) output_norm: LayerNorm,
}

pub(super) struct LayerNorm {
    weight: Vec<f32>,
    offset: Vec<f32>,
    epsilon: f32,
}

/// `y = x Wᵀ`, and the bias, which whoever reads `y` adds.
pub(super) struct Linear {
    matrix: Matrix,
    pub(super) bias: Vec<f32>,
    inputs: usize,
    outputs: usize,
}

enum Matrix {
    Panels(Panels),
    Bytes(Bytes),
}

impl Bert {
    /// Loads every weight. A tensor that the architecture does not explain is refused, since leaving it out
    /// would give wrong embeddings without a word.
    pub(super) fn load(
        dir: &Path,
        config: Config,
        precision: Precision,
    ) -> Result<Bert, EngineError> {
        let tensors = Tensors::open(dir)?;
        // Of models with heads for training, the part that embeds has a name.
        let named = tensors.has("bert.embeddings.word_embeddings.weight");
        let mut loader = Loader {
            tensors,
            prefix: if named { "bert." } else { "" },
            precision,
            config: config.clone(),
        };
        let Config {
            width,
            vocabulary,
            positions,
            types,
            ..
        } = config;
        let bert = Bert {
            words: loader.floats("embeddings.word_embeddings.weight", &[vocabulary, width])?,
            positions: loader
                .floats("embeddings.position_embeddings.weight", &[positions, width])?,
            types: loader.floats("embeddings.token_type_embeddings.weight", &[types, width])?,
            norm: loader.norm("embeddings.LayerNorm")?,
            layers: (0..config.layers)
                .map(|index| loader.layer(index))
                .collect::<Result<_, _>>()?,
            config,
        };
        match loader.tensors.unread().find(|name| !is_known(name)) {
            Some(name) => Err(EngineError::unsupported(format!("the tensor {name}"))),
            None => Ok(bert),
        }
    }
}

/// Whether a tensor is none that embedding needs: parts of training, and the numbers from 0 on.
fn is_known(name: &str) -> bool {
    let name = name.strip_prefix("bert.").unwrap_or(name);
    name == "embeddings.position_ids" || name.starts_with("pooler.") || name.starts_with("cls.")
}

struct Loader {
    tensors: Tensors,
    prefix: &'static str,
    precision: Precision,
    config: Config,
}

impl Loader {
    fn floats(&mut self, name: &str, dims: &[usize]) -> Result<Vec<f32>, EngineError> {
        let mut out = Vec::new();
        let name = format!("{}{name}", self.prefix);
        self.tensors.read(&name, dims, &mut out)?;
        Ok(out)
    }

    fn norm(&mut self, name: &str) -> Result<LayerNorm, EngineError> {
        let width = self.config.width;
        // Files that were converted from TensorFlow have other names.
        let old = self.tensors.has(&format!("{}{name}.gamma", self.prefix));
        let [weight, offset] = if old {
            ["gamma", "beta"]
        } else {
            ["weight", "bias"]
        };
        Ok(LayerNorm {
            weight: self.floats(&format!("{name}.{weight}"), &[width])?,
            offset: self.floats(&format!("{name}.{offset}"), &[width])?,
            epsilon: self.config.epsilon,
        })
    }

    /// Layers that read the same input are one, their outputs side by side.
    fn linear(
        &mut self,
        names: &[String],
        inputs: usize,
        outputs: usize,
    ) -> Result<Linear, EngineError> {
        let (mut weights, mut bias) = (Vec::new(), Vec::new());
        for name in names {
            let name = format!("{}{name}", self.prefix);
            self.tensors
                .read(&format!("{name}.weight"), &[outputs, inputs], &mut weights)?;
            self.tensors
                .read(&format!("{name}.bias"), &[outputs], &mut bias)?;
        }
        let matrix = match self.precision {
            Precision::F32 => Matrix::Panels(Panels::new(&weights, inputs)),
            Precision::Int8 => Matrix::Bytes(Bytes::new(&weights, inputs)),
        };
        Ok(Linear {
            matrix,
            bias,
            inputs,
            outputs: names.len() * outputs,
        })
    }

    fn layer(&mut self, index: usize) -> Result<Layer, EngineError> {
        let Config { width, hidden, .. } = self.config;
        let name = |part: &str| format!("encoder.layer.{index}.{part}");
        let qkv = ["query", "key", "value"].map(|part| name(&format!("attention.self.{part}")));
        Ok(Layer {
            qkv: self.linear(&qkv, width, width)?,
            attention_output: self.linear(&[name("attention.output.dense")], width, width)?,
            attention_norm: self.norm(&name("attention.output.LayerNorm"))?,
            up: self.linear(&[name("intermediate.dense")], width, hidden)?,
            down: self.linear(&[name("output.dense")], hidden, width)?,
            output_norm: self.norm(&name("output.LayerNorm"))?,
        })
    }
}

impl LayerNorm {
    pub(super) fn parameters(&self) -> Norm<'_> {
        Norm {
            weight: &self.weight,
            offset: &self.offset,
            epsilon: self.epsilon,
        }
    }
}

impl Linear {
    /// The products of row-major `x` with the weights, without the bias, replacing what `out` held.
    pub(super) fn multiply(
        &self,
        team: &Team,
        x: &[f32],
        rounded: &mut Shorts,
        out: &mut Vec<f32>,
    ) {
        let rows = x.len() / self.inputs;
        // Every element is written below: what is there need not be cleared.
        out.resize(rows * self.outputs, 0.0);
        match &self.matrix {
            Matrix::Panels(panels) => panels.multiply(team, x, out),
            Matrix::Bytes(bytes) => {
                rounded.round(team, x, self.inputs);
                bytes.multiply(team, rounded, out);
            }
        }
    }
}
