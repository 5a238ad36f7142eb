//! The shape of a model, as the metadata of its file gives it.

use super::architecture::Architecture;
use crate::EngineError;
use crate::gguf::{Gguf, Metadata};
use crate::kernels::MOST_HEAD;

/// Sizes and constants of a model.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Config {
    pub(crate) architecture: Architecture,
    pub(crate) layers: usize,
    pub(crate) width: usize,
    pub(crate) hidden: usize,
    pub(crate) heads: usize,
    pub(crate) kv_heads: usize,
    pub(crate) head_size: usize,
    pub(crate) rope: Rope,
    /// Of the layers that see a window only, where there are such.
    pub(crate) local: Option<Local>,
    pub(crate) norm_epsilon: f32,
    pub(crate) scales: Scales,
    pub(crate) vocabulary: usize,
    pub(crate) context: usize,
}

/// How positions turn queries and keys.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rope {
    /// Leading dimensions of each head that are turned.
    pub(crate) rotated: usize,
    pub(crate) base: f64,
    /// Positions are divided by this.
    pub(crate) scale: f64,
}

/// Layers that see the last cells only.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Local {
    /// Cells that they see, their own among them.
    pub(crate) window: usize,
    /// Every so-many-th layer sees all.
    pub(crate) period: usize,
    /// The base of their turns, which are not scaled.
    pub(crate) rope_base: f64,
}

/// What is multiplied on the way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scales {
    pub(crate) embedding: f32,
    /// What a layer's parts add to the state.
    pub(crate) residual: f32,
    pub(crate) logit: f32,
    /// Products of queries and keys.
    pub(crate) attention: f32,
}

/// Bounds beyond which a size is a damaged file's, not a model's.
const MAX_LAYERS: usize = 1024;
const MAX_SIZE: usize = 1 << 20;

/// The metadata that an architecture has under its own name.
struct Keys<'a> {
    metadata: &'a Metadata,
    prefix: &'a str,
}

impl Keys<'_> {
    fn name(&self, key: &str) -> String {
        format!("{}.{key}", self.prefix)
    }

    fn size(&self, key: &str, most: usize) -> Result<usize, EngineError> {
        let key = self.name(key);
        sized(&key, self.metadata.required_count(&key)?, most)
    }

    fn size_or(&self, key: &str, most: usize, default: usize) -> Result<usize, EngineError> {
        let key = self.name(key);
        match self.metadata.count(&key)? {
            Some(value) => sized(&key, value, most),
            None => Ok(default),
        }
    }

    fn count(&self, key: &str) -> Result<Option<usize>, EngineError> {
        self.metadata.count(&self.name(key))
    }

    fn string(&self, key: &str) -> Result<Option<&str>, EngineError> {
        self.metadata.string(&self.name(key))
    }

    fn float(&self, key: &str) -> Result<Option<f64>, EngineError> {
        self.metadata.float(&self.name(key))
    }

    /// A finite number that is more than nothing.
    fn positive(&self, key: &str, default: f64) -> Result<f64, EngineError> {
        let key = self.name(key);
        let value = self.metadata.float(&key)?.unwrap_or(default);
        if value.is_finite() && value > 0.0 {
            Ok(value)
        } else {
            Err(EngineError::corrupt(format!("{key} is {value}")))
        }
    }
}

impl Config {
    /// Reads and checks the shape; refuses by name what the forward pass does not know.
    pub(crate) fn from_gguf(gguf: &Gguf) -> Result<Config, EngineError> {
        let metadata = gguf.metadata();
        let name = metadata.required_string("general.architecture")?;
        let architecture = Architecture::from_name(name)?;
        let keys = Keys {
            metadata,
            prefix: name,
        };
        if keys.count("expert_count")?.unwrap_or(0) > 0 {
            return Err(EngineError::unsupported("a mixture of experts"));
        }
        if keys.float("final_logit_softcapping")?.unwrap_or(0.0) != 0.0 {
            return Err(EngineError::unsupported("a soft cap on logits"));
        }
        let layers = keys.size("block_count", MAX_LAYERS)?;
        let width = keys.size("embedding_length", MAX_SIZE)?;
        let heads = keys.size("attention.head_count", MAX_SIZE)?;
        let kv_heads = keys.size_or("attention.head_count_kv", heads, heads)?;
        let head_size = keys.size_or("attention.key_length", MAX_SIZE, width / heads)?;
        if keys.size_or("attention.value_length", MAX_SIZE, head_size)? != head_size {
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
        let local = local(&keys, architecture)?;
        Ok(Config {
            architecture,
            layers,
            width,
            hidden: keys.size("feed_forward_length", MAX_SIZE)?,
            heads,
            kv_heads,
            head_size,
            rope: rope(&keys, head_size)?,
            local,
            norm_epsilon: keys.positive("attention.layer_norm_rms_epsilon", 1e-5)? as f32,
            scales: scales(&keys, architecture, layers, width, (heads, head_size))?,
            vocabulary: metadata.required_strings("tokenizer.ggml.tokens")?.len(),
            context: keys.size("context_length", usize::MAX)?,
        })
    }

    /// The cells that a layer sees at most, their own among them; none where it sees all.
    pub(super) fn window(&self, layer: usize) -> Option<usize> {
        self.local
            .filter(|local| layer % local.period < local.period - 1)
            .map(|local| local.window)
    }
}

fn rope(keys: &Keys<'_>, head_size: usize) -> Result<Rope, EngineError> {
    let rotated = keys.count("rope.dimension_count")?.unwrap_or(head_size);
    if rotated > head_size || !rotated.is_multiple_of(2) {
        return Err(EngineError::corrupt(format!(
            "{rotated} rotated dimensions in heads of {head_size}"
        )));
    }
    Ok(Rope {
        rotated,
        base: keys.positive("rope.freq_base", 10_000.0)?,
        scale: match keys.string("rope.scaling.type")? {
            Some("none") => 1.0,
            // A factor without a type means this one, to llama.cpp as well.
            None | Some("linear") => keys.positive("rope.scaling.factor", 1.0)?,
            Some(other) => {
                return Err(EngineError::unsupported(format!("rope scaling {other:?}")));
            }
        },
    })
}

fn local(keys: &Keys<'_>, architecture: Architecture) -> Result<Option<Local>, EngineError> {
    match (architecture, keys.count("attention.sliding_window")?) {
        (Architecture::Gemma3, Some(window)) if window > 0 => {
            for (key, same_as) in [
                ("attention.key_length_swa", "attention.key_length"),
                ("attention.value_length_swa", "attention.value_length"),
                ("rope.dimension_count_swa", "rope.dimension_count"),
            ] {
                let size = keys.count(key)?;
                if size.is_some() && size != keys.count(same_as)? {
                    return Err(EngineError::unsupported(format!(
                        "layers of different {same_as}"
                    )));
                }
            }
            Ok(Some(Local {
                window,
                period: keys.size_or("attention.sliding_window_pattern", MAX_LAYERS, 6)?,
                rope_base: keys.positive("rope.freq_base_swa", 10_000.0)?,
            }))
        }
        // A file of another architecture may name a window that its layers do not use.
        _ => Ok(None),
    }
}

fn scales(
    keys: &Keys<'_>,
    architecture: Architecture,
    layers: usize,
    width: usize,
    (heads, head_size): (usize, usize),
) -> Result<Scales, EngineError> {
    let plain = Scales {
        embedding: 1.0,
        residual: 1.0,
        logit: 1.0,
        attention: 1.0 / (head_size as f32).sqrt(),
    };
    Ok(match architecture {
        Architecture::Gemma3 => Scales {
            embedding: (width as f32).sqrt(),
            // The largest of the family, known by its layers, scales by another length.
            attention: if layers == 62 {
                1.0 / ((width / heads) as f32).sqrt()
            } else {
                plain.attention
            },
            ..plain
        },
        Architecture::MiniCpm => Scales {
            // Older files leave these out.
            embedding: keys.positive("embedding_scale", 12.0)? as f32,
            residual: keys.positive("residual_scale", 1.4 / (layers as f64).sqrt())? as f32,
            logit: 1.0 / keys.positive("logit_scale", width as f64 / 256.0)? as f32,
            ..plain
        },
        _ => plain,
    })
}

#[cfg(test)]
impl Config {
    /// The smallest shape that has all parts.
    pub(crate) fn tiny() -> Config {
        Config {
            architecture: Architecture::Llama,
            layers: 1,
            width: 32,
            hidden: 32,
            heads: 2,
            kv_heads: 1,
            head_size: 16,
            rope: Rope {
                rotated: 16,
                base: 10_000.0,
                scale: 1.0,
            },
            local: None,
            norm_epsilon: 1e-5,
            scales: Scales {
                embedding: 1.0,
                residual: 1.0,
                logit: 1.0,
                attention: 0.25,
            },
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
