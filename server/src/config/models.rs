//! Which models to load.

use std::path::PathBuf;

use engine::{EmbedderOptions, Isa, KvFormat, Precision};
use serde::{Deserialize, Serialize};

use super::remote::RemoteSettings;

/// Which models to load, and how much they may use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelSettings {
    /// Where models are looked for: `DATA/models` unless told. Its one `*.gguf` file is the language model, and
    /// the folder (it or one below) that holds `model.safetensors` is the embedder.
    pub folder: Option<PathBuf>,
    /// A GGUF file, instead of the one in the folder.
    pub language: Option<PathBuf>,
    /// A folder with `model.safetensors` and `tokenizer.json`, instead of the one in the folder.
    pub embedder: Option<PathBuf>,
    /// How the embedder computes: in `f32`, or in `int8` with a quarter of the memory, in less time and nearly as
    /// exactly.
    pub embedder_precision: Precision,
    /// Memory for embeddings of texts that come again, bytes; 0 for none.
    pub embedder_cache: usize,
    /// Tokens of context, 0 for the model's own.
    pub context: usize,
    /// Threads of the engine, 0 for one per core.
    pub threads: usize,
    /// Requests to the language model that run at once; there is memory for the keys and values of as many.
    pub slots: usize,
    /// How their keys and values are kept: `f16`, or `int8` in half the memory.
    pub kv: KvFormat,
    /// Instructions to compute with, `portable`, `avx2` or `avx512`; the best that the machine has unless told.
    pub instructions: Option<Isa>,
    /// Whether what comes next is looked up in what is there already: the text is the same, sooner.
    pub lookup: bool,
    /// Requests that may wait for the engine.
    pub queue: usize,
    /// A language model that another server runs, instead of a GGUF file.
    pub remote: RemoteSettings,
    /// Load no models at all: answers are computed and worded all the same, in plainer words.
    pub off: bool,
}

impl Default for ModelSettings {
    fn default() -> Self {
        Self {
            folder: None,
            language: None,
            embedder: None,
            embedder_precision: Precision::default(),
            embedder_cache: EmbedderOptions::default().cache_bytes,
            context: 0,
            threads: 0,
            slots: 8,
            kv: KvFormat::F16,
            instructions: None,
            lookup: true,
            queue: 64,
            remote: RemoteSettings::default(),
            off: false,
        }
    }
}

impl ModelSettings {
    /// Plain chats that may be under way: those that run, those that wait for the language model, and one more,
    /// so that it is the model's own queue that refuses. Each holds a thread: there are never more than 1,024.
    pub fn chats(&self) -> usize {
        self.slots
            .saturating_add(self.queue)
            .saturating_add(1)
            .min(1_024)
    }
}
