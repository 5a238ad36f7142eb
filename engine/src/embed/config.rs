//! What a model's folder says of its shape.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::read;
use crate::EngineError;

/// Tokens that are embedded at most, where the model's folder does not say.
const DEFAULT_LENGTH: usize = 256;
/// Bytes of a JSON file that only has settings.
const MOST_BYTES: u64 = 1 << 20;
/// No size is larger: sums and products of two stay small numbers.
const MOST: usize = 1 << 24;

/// The sizes of a BERT model. Weights are allocated only where the file has as many.
#[derive(Clone, Debug)]
pub(super) struct Config {
    /// Numbers in a state.
    pub(super) width: usize,
    /// Numbers between the two layers of a feed-forward network.
    pub(super) hidden: usize,
    pub(super) layers: usize,
    pub(super) heads: usize,
    pub(super) vocabulary: usize,
    pub(super) positions: usize,
    /// Kinds of segments.
    pub(super) types: usize,
    /// What layer norms add to the variance.
    pub(super) epsilon: f32,
    /// Tokens to which a text is cut, with those that the tokenizer adds.
    pub(super) limit: usize,
}

#[derive(Deserialize)]
struct File {
    model_type: Option<String>,
    hidden_act: String,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    vocab_size: usize,
    max_position_embeddings: usize,
    type_vocab_size: usize,
    layer_norm_eps: f64,
    position_embedding_type: Option<String>,
}

#[derive(Deserialize)]
struct Limits {
    max_seq_length: Option<usize>,
}

#[derive(Deserialize)]
struct Pooling {
    pooling_mode_mean_tokens: Option<bool>,
    pooling_mode: Option<String>,
}

impl Config {
    pub(super) fn load(dir: &Path) -> Result<Config, EngineError> {
        let file: File = json(dir, "config.json")?;
        only("architecture", file.model_type.as_deref(), "bert")?;
        only("activation", Some(&file.hidden_act), "gelu")?;
        only(
            "position embedding",
            file.position_embedding_type.as_deref(),
            "absolute",
        )?;
        let mut config = Config {
            width: file.hidden_size,
            hidden: file.intermediate_size,
            layers: file.num_hidden_layers,
            heads: file.num_attention_heads,
            vocabulary: file.vocab_size,
            positions: file.max_position_embeddings,
            types: file.type_vocab_size,
            epsilon: file.layer_norm_eps as f32,
            limit: DEFAULT_LENGTH,
        };
        config.check()?;
        let limits: Option<Limits> = optional(dir, "sentence_bert_config.json")?;
        if let Some(limit) = limits.and_then(|limits| limits.max_seq_length) {
            config.limit = limit;
        }
        config.limit = config.limit.clamp(1, config.positions);
        let pooling: Option<Pooling> = optional(dir, "1_Pooling/config.json")?;
        if let Some(pooling) = pooling {
            let mean = pooling.pooling_mode_mean_tokens.unwrap_or(false);
            let mode = if mean { Some("mean") } else { None };
            let mode = pooling.pooling_mode.as_deref().or(mode);
            only("pooling", Some(mode.unwrap_or("other than mean")), "mean")?;
        }
        Ok(config)
    }

    fn check(&self) -> Result<(), EngineError> {
        let sizes = [
            ("hidden_size", self.width),
            ("intermediate_size", self.hidden),
            ("num_hidden_layers", self.layers),
            ("num_attention_heads", self.heads),
            ("vocab_size", self.vocabulary),
            ("max_position_embeddings", self.positions),
            ("type_vocab_size", self.types),
        ];
        for (name, size) in sizes {
            if size == 0 || size > MOST {
                return Err(EngineError::corrupt(format!(
                    "config.json: {name} is {size}"
                )));
            }
        }
        if !self.width.is_multiple_of(self.heads) {
            return Err(EngineError::corrupt(format!(
                "config.json: hidden_size {} is no multiple of num_attention_heads {}",
                self.width, self.heads
            )));
        }
        if !self.epsilon.is_finite() || self.epsilon < 0.0 {
            return Err(EngineError::corrupt(format!(
                "config.json: layer_norm_eps is {}",
                self.epsilon
            )));
        }
        Ok(())
    }
}

/// Refuses another kind of something than the one that is supported.
fn only(what: &str, found: Option<&str>, supported: &str) -> Result<(), EngineError> {
    match found {
        Some(kind) if kind != supported => {
            Err(EngineError::unsupported(format!("the {what} {kind:?}")))
        }
        _ => Ok(()),
    }
}

fn json<T: DeserializeOwned>(dir: &Path, name: &str) -> Result<T, EngineError> {
    serde_json::from_slice(&read(dir, name, MOST_BYTES)?)
        .map_err(|error| EngineError::corrupt(format!("{name}: {error}")))
}

fn optional<T: DeserializeOwned>(dir: &Path, name: &str) -> Result<Option<T>, EngineError> {
    if dir.join(name).exists() {
        json(dir, name).map(Some)
    } else {
        Ok(None)
    }
}
