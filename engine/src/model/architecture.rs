//! What sets the supported architectures apart.

use crate::EngineError;

/// The architectures whose forward pass this crate knows, by the names that GGUF files give them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Architecture {
    /// Llama and what shares its shape: SmolLM2, TinyLlama, Mistral.
    Llama,
    /// Llama's shape with biases on queries, keys and values.
    Qwen2,
    /// Queries and keys are normed, head by head.
    Qwen3,
    /// Norms before and after each part; most layers see a window only.
    Gemma3,
    /// Llama's shape with scales on embeddings, residuals and logits.
    MiniCpm,
}

/// Which dimensions of a head a position turns against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pairing {
    /// The first with the second, the third with the fourth.
    Neighbours,
    /// Each of the first half with its like of the second.
    Halves,
}

/// What the gate of the feed-forward part passes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activation {
    Silu,
    /// In its approximation by the hyperbolic tangent.
    Gelu,
}

impl Architecture {
    /// The architecture of this name; any other is refused by it.
    pub(crate) fn from_name(name: &str) -> Result<Architecture, EngineError> {
        Ok(match name {
            "llama" => Architecture::Llama,
            "qwen2" => Architecture::Qwen2,
            "qwen3" => Architecture::Qwen3,
            "gemma3" => Architecture::Gemma3,
            "minicpm" => Architecture::MiniCpm,
            other => {
                return Err(EngineError::unsupported(format!(
                    "the architecture {other:?}"
                )));
            }
        })
    }

    pub(super) fn pairing(self) -> Pairing {
        match self {
            Architecture::Llama | Architecture::MiniCpm => Pairing::Neighbours,
            Architecture::Qwen2 | Architecture::Qwen3 | Architecture::Gemma3 => Pairing::Halves,
        }
    }

    pub(super) fn activation(self) -> Activation {
        match self {
            Architecture::Gemma3 => Activation::Gelu,
            _ => Activation::Silu,
        }
    }

    /// Whether each head's queries and keys are normed before they are turned.
    pub(super) fn norms_heads(self) -> bool {
        matches!(self, Architecture::Qwen3 | Architecture::Gemma3)
    }

    /// Whether what a part computes is normed before it is added.
    pub(super) fn norms_updates(self) -> bool {
        self == Architecture::Gemma3
    }
}
