//! Loads a model's weights.

use super::Config;
use super::linear::{Linear, Matrix};
use crate::EngineError;
use crate::gguf::{Format, Gguf, Stored};
use crate::kernels::{HalfFormat, Isa, Quantization, Team};

/// In which form a matrix is kept in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    Tiles(Quantization, Isa),
    Halves(HalfFormat),
    Dense,
}

/// Decides the form by the format of the file.
pub(crate) type Choose<'a> = dyn Fn(Format) -> Storage + Sync + 'a;

impl Storage {
    /// The form in which the kernels for these instructions read a format.
    pub(crate) fn of(format: Format, isa: Isa) -> Storage {
        match format.stored() {
            Some(Stored::Quantized(quantization)) => Storage::Tiles(quantization, isa),
            Some(Stored::Halves(halves)) => Storage::Halves(halves),
            None => Storage::Dense,
        }
    }
}

/// A model, ready to run.
pub(crate) struct Model {
    pub(super) config: Config,
    pub(super) team: Team,
    pub(super) embedding: Matrix,
    pub(super) layers: Vec<Layer>,
    /// With the scale of the logits in it.
    pub(super) output_norm: Vec<f32>,
    pub(super) output: Linear,
    pub(super) frequencies: Frequencies,
}

/// Angles by which each pair of dimensions turns per position, radians.
pub(super) struct Frequencies {
    pub(super) all: Vec<f64>,
    /// In layers that see a window only.
    pub(super) local: Vec<f64>,
}

pub(super) struct Layer {
    pub(super) attention_norm: Vec<f32>,
    /// Queries, keys and values side by side.
    pub(super) qkv: Linear,
    /// Of each head's queries and keys, where the architecture norms them.
    pub(super) query_norm: Option<Vec<f32>>,
    pub(super) key_norm: Option<Vec<f32>>,
    pub(super) attention_output: Linear,
    /// Of what attention adds to the state.
    pub(super) attention_update_norm: Option<Vec<f32>>,
    pub(super) feed_forward_norm: Vec<f32>,
    /// Gate and up side by side.
    pub(super) gate_up: Linear,
    pub(super) down: Linear,
    /// Of what the feed-forward part adds to the state.
    pub(super) feed_forward_update_norm: Option<Vec<f32>>,
}

impl Model {
    /// Loads every weight. A tensor that the architecture does not explain is refused, since leaving it out
    /// would give wrong answers without a word.
    pub(crate) fn load(gguf: &Gguf, choose: &Choose<'_>, team: Team) -> Result<Model, EngineError> {
        let config = Config::from_gguf(gguf)?;
        check_names(gguf, &config)?;
        let Config {
            width, vocabulary, ..
        } = config;
        let embedding = Matrix::load(gguf, "token_embd.weight", vocabulary, width, choose)?;
        let output = if gguf.info("output.weight").is_some() {
            Matrix::load(gguf, "output.weight", vocabulary, width, choose)?
        } else {
            embedding.clone()
        };
        let mut layers: Vec<Option<Result<Layer, EngineError>>> = Vec::new();
        layers.resize_with(config.layers, || None);
        team.for_each(&mut layers, |index, layer| {
            *layer = Some(Layer::load(gguf, &config, index, choose));
        });
        let layers = layers.into_iter().flatten().collect::<Result<_, _>>()?;
        let mut output_norm = gguf.dense("output_norm.weight", &[width])?;
        for weight in &mut output_norm {
            *weight *= config.scales.logit;
        }
        Ok(Model {
            output_norm,
            output: Linear::from_matrix(output, width, vocabulary),
            frequencies: frequencies(gguf, &config)?,
            embedding,
            layers,
            config,
            team,
        })
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The threads that compute.
    pub(crate) fn team(&self) -> &Team {
        &self.team
    }
}

impl Layer {
    fn load(
        gguf: &Gguf,
        config: &Config,
        index: usize,
        choose: &Choose<'_>,
    ) -> Result<Layer, EngineError> {
        let name = |part: &str| format!("blk.{index}.{part}");
        let queries = config.heads * config.head_size;
        let keys = config.kv_heads * config.head_size;
        let Config { width, hidden, .. } = *config;
        let linear = |parts: &[(&str, usize)], inputs| {
            let names: Vec<(String, usize)> = parts
                .iter()
                .map(|(part, outputs)| (name(part), *outputs))
                .collect();
            Linear::load(gguf, &names, inputs, choose)
        };
        let norm = |part: &str, size: usize, there: bool| -> Result<_, EngineError> {
            let name = name(part);
            there.then(|| gguf.dense(&name, &[size])).transpose()
        };
        let norms_heads = config.architecture.norms_heads();
        let norms_updates = config.architecture.norms_updates();
        Ok(Layer {
            attention_norm: gguf.dense(&name("attn_norm.weight"), &[width])?,
            qkv: linear(
                &[("attn_q", queries), ("attn_k", keys), ("attn_v", keys)],
                width,
            )?,
            query_norm: norm("attn_q_norm.weight", config.head_size, norms_heads)?,
            key_norm: norm("attn_k_norm.weight", config.head_size, norms_heads)?,
            attention_output: linear(&[("attn_output", width)], queries)?,
            attention_update_norm: norm("post_attention_norm.weight", width, norms_updates)?,
            feed_forward_norm: gguf.dense(&name("ffn_norm.weight"), &[width])?,
            gate_up: linear(&[("ffn_gate", hidden), ("ffn_up", hidden)], width)?,
            down: linear(&[("ffn_down", width)], hidden)?,
            feed_forward_update_norm: norm("post_ffw_norm.weight", width, norms_updates)?,
        })
    }
}

fn frequencies(gguf: &Gguf, config: &Config) -> Result<Frequencies, EngineError> {
    let rope = config.rope;
    let pairs = rope.rotated / 2;
    // Llama 3.1 and later lengthen the slow turns by factors that the file lists.
    let factors = if gguf.info("rope_freqs.weight").is_some() {
        gguf.dense("rope_freqs.weight", &[pairs])?
    } else {
        vec![1.0; pairs]
    };
    let turn = |base: f64, pair: usize| base.powf(-2.0 * pair as f64 / rope.rotated as f64);
    let all = factors.iter().enumerate();
    let local = config.local.map(|local| local.rope_base);
    Ok(Frequencies {
        all: all
            .map(|(pair, factor)| turn(rope.base, pair) / f64::from(*factor) / rope.scale)
            .collect(),
        local: (0..pairs)
            .filter_map(|pair| local.map(|base| turn(base, pair)))
            .collect(),
    })
}

fn check_names(gguf: &Gguf, config: &Config) -> Result<(), EngineError> {
    const WHOLE: [&str; 4] = [
        "token_embd.weight",
        "output_norm.weight",
        "output.weight",
        "rope_freqs.weight",
    ];
    const LINEAR: [&str; 7] = [
        "attn_q",
        "attn_k",
        "attn_v",
        "attn_output",
        "ffn_gate",
        "ffn_up",
        "ffn_down",
    ];
    let architecture = config.architecture;
    for (name, _) in gguf.tensors() {
        let known = match name
            .strip_prefix("blk.")
            .and_then(|rest| rest.split_once('.'))
        {
            None => WHOLE.contains(&name),
            Some((index, "attn_norm.weight" | "ffn_norm.weight")) => in_range(index, config),
            Some((index, "attn_q_norm.weight" | "attn_k_norm.weight")) => {
                architecture.norms_heads() && in_range(index, config)
            }
            Some((index, "post_attention_norm.weight" | "post_ffw_norm.weight")) => {
                architecture.norms_updates() && in_range(index, config)
            }
            Some((index, part)) => {
                let linear = part
                    .strip_suffix(".weight")
                    .or_else(|| part.strip_suffix(".bias"));
                in_range(index, config) && linear.is_some_and(|part| LINEAR.contains(&part))
            }
        };
        if !known {
            return Err(EngineError::unsupported(format!("the tensor {name}")));
        }
    }
    Ok(())
}

fn in_range(index: &str, config: &Config) -> bool {
    index
        .parse()
        .is_ok_and(|index: usize| index < config.layers)
}
