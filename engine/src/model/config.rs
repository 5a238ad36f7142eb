//! The shape of a Llama model, as the metadata of its file gives it.

use crate::EngineError;
use crate::gguf::Gguf;
use crate::kernels::MOST_HEAD;

/// Sizes and constants of a model.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Config {
    pub(crate) layers: usize,
    pub(crate) width: usize,
    pub(crate) hidden: usize,
    pub(crate) heads: usize,
    pub(crate) kv_heads: usize,
    pub(crate) head_size: usize,
    /// Leading dimensions of each head that positions rotate.
    pub(crate) rotated: usize,
    pub(crate) rope_base: f64,
    /// Positions are divided by this.
    pub(crate) rope_scale: f64,
    pub(crate) norm_epsilon: f32,
    pub(crate) vocabulary: usize,
    pub(crate) context: usize,
}

/// Bounds beyond which a size is a damaged file's, not a model's.
const MAX_LAYERS: usize = 1024;
const MAX_SIZE: usize = 1 << 20;

impl Config {
    /// Reads and checks the shape; refuses an architecture other than `llama` by name.
    pub(crate) fn from_gguf(gguf: &Gguf) -> Result<Config, EngineError> {
        let metadata = gguf.metadata();
        let architecture = metadata.required_string("general.architecture")?;
        if architecture != "llama" {
            return Err(EngineError::unsupported(format!(
                "the architecture {architecture:?}"
            )));
        }
        let size = |key: &str| -> Result<usize, EngineError> {
            let value = metadata.required_count(key)?;
            sized(key, value, MAX_SIZE)
        };
        if metadata.count("llama.expert_count")?.unwrap_or(0) > 0 {
            return Err(EngineError::unsupported("a mixture of experts"));
        }
        let layers = sized(
            "llama.block_count",
            metadata.required_count("llama.block_count")?,
            MAX_LAYERS,
        )?;
        let width = size("llama.embedding_length")?;
        let hidden = size("llama.feed_forward_length")?;
        let heads = size("llama.attention.head_count")?;
        let kv_heads = match metadata.count("llama.attention.head_count_kv")? {
            Some(count) => sized("llama.attention.head_count_kv", count, heads)?,
            None => heads,
        };
        let head_size = match metadata.count("llama.attention.key_length")? {
            Some(size) => sized("llama.attention.key_length", size, MAX_SIZE)?,
            None => width / heads,
        };
        if let Some(values) = metadata.count("llama.attention.value_length")?
            && values != head_size
        {
            return Err(EngineError::unsupported(
                "values of another length than keys",
            ));
        }
        if head_size > MOST_HEAD {
            return Err(EngineError::unsupported(format!("heads of {head_size}")));
        }
        if head_size == 0 || !heads.is_multiple_of(kv_heads) {
            return Err(EngineError::corrupt(format!(
                "{heads} heads of {head_size} over {kv_heads} key-value heads"
            )));
        }
        let rotated = metadata
            .count("llama.rope.dimension_count")?
            .unwrap_or(head_size);
        if rotated > head_size || !rotated.is_multiple_of(2) {
            return Err(EngineError::corrupt(format!(
                "{rotated} rotated dimensions in heads of {head_size}"
            )));
        }
        let rope_scale = match metadata.string("llama.rope.scaling.type")? {
            None | Some("none") => 1.0,
            Some("linear") => metadata.float("llama.rope.scaling.factor")?.unwrap_or(1.0),
            Some(other) => {
                return Err(EngineError::unsupported(format!("rope scaling {other:?}")));
            }
        };
        let rope_base = metadata.float("llama.rope.freq_base")?.unwrap_or(10_000.0);
        if rope_base <= 0.0 || rope_scale <= 0.0 {
            return Err(EngineError::corrupt("rope constants are not positive"));
        }
        let epsilon = metadata
            .float("llama.attention.layer_norm_rms_epsilon")?
            .unwrap_or(1e-5);
        let vocabulary = metadata.required_strings("tokenizer.ggml.tokens")?.len();
        Ok(Config {
            layers,
            width,
            hidden,
            heads,
            kv_heads,
            head_size,
            rotated,
            rope_base,
            rope_scale,
            norm_epsilon: epsilon as f32,
            vocabulary,
            context: sized(
                "llama.context_length",
                metadata.required_count("llama.context_length")?,
                usize::MAX,
            )?,
        })
    }
}

#[cfg(test)]
impl Config {
    /// The smallest shape that has all parts.
    pub(crate) fn tiny() -> Config {
        Config {
            layers: 1,
            width: 32,
            hidden: 32,
            heads: 2,
            kv_heads: 1,
            head_size: 16,
            rotated: 16,
            rope_base: 10_000.0,
            rope_scale: 1.0,
            norm_epsilon: 1e-5,
            vocabulary: 10,
            context: 64,
        }
    }
}

fn sized(key: &str, value: usize, most: usize) -> Result<usize, EngineError> {
    if (1..=most).contains(&value) {
        Ok(value)
    } else {
        Err(EngineError::corrupt(format!("{key} is {value}")))
    }
}
