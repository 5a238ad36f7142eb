//! Sentence embeddings by a BERT model: mean pooling, unit length.
//!
//! The texts of a call lie side by side, without padding, and each attends to itself alone, so that the cost follows
//! the tokens and the result is the same, bit for bit, whatever is embedded beside it.

mod attention;
mod cache;
mod config;
mod forward;
mod tensors;
mod tokens;
mod weights;

use std::io::Read;
use std::path::Path;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::EngineError;
use crate::kernels::Team;
use cache::Cache;
pub use cache::CacheStats;
use config::Config;
use forward::Scratch;
use tokens::{Sequence, Tokens};
use weights::Bert;

/// Tokens that are computed at once, unless a single text has more: enough that reading the weights costs little
/// beside using them, few enough that the activations stay in the cache.
const BATCH_TOKENS: usize = 256;
/// Texts that are taken apart into tokens at once.
const BATCH_TEXTS: usize = 256;

/// How the weights of an embedding model are kept, and its products computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floats: within 1e-4 of the model's authors' numbers.
    #[default]
    F32,
    /// Weights as signed bytes, 64 to a scale, times activations of 16 bits: a quarter of the memory and less time, at
    /// a cosine of at least 0.999 to the exact embedding.
    Int8,
}

/// Settings of an embedder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbedderOptions {
    /// Threads that compute; 0, the default, for one per core.
    pub threads: usize,
    /// How weights are kept; [`Precision::F32`] by default.
    pub precision: Precision,
    /// Memory for embeddings of texts that may come again, bytes; 0 for none. 16 MiB by default: with 384
    /// dimensions some 9,000 short texts.
    pub cache_bytes: usize,
}

impl Default for EmbedderOptions {
    fn default() -> Self {
        Self {
            threads: 0,
            precision: Precision::F32,
            cache_bytes: 16 << 20,
        }
    }
}

/// An embedding model in memory, to be used from any thread.
///
/// A text's embedding does not depend on the texts beside it. Threads that call at the same time take turns, each
/// with all threads of the model, for some hundred tokens at a time: a query waits for one such piece of a long
/// list, not for the list.
pub struct Embedder {
    bert: Bert,
    tokens: Tokens,
    team: Team,
    /// Whoever holds it computes.
    scratch: Mutex<Scratch>,
    cache: Cache,
}

impl Embedder {
    /// Loads a folder with the default options.
    pub fn load(dir: &Path) -> Result<Embedder, EngineError> {
        Embedder::load_with(dir, &EmbedderOptions::default())
    }

    /// Loads a folder as sentence-transformers writes it: `config.json`, `tokenizer.json`,
    /// `model.safetensors`, and the length limit of `sentence_bert_config.json`.
    pub fn load_with(dir: &Path, options: &EmbedderOptions) -> Result<Embedder, EngineError> {
        let config = Config::load(dir)?;
        let tokens = Tokens::load(dir, &config)?;
        let team = Team::new(options.threads).map_err(|error| {
            EngineError::Internal(format!("the embedder's threads did not start: {error}"))
        })?;
        Ok(Embedder {
            bert: Bert::load(dir, config, options.precision)?,
            tokens,
            team,
            scratch: Mutex::default(),
            cache: Cache::new(options.cache_bytes),
        })
    }

    /// Numbers in each embedding.
    pub fn dimensions(&self) -> usize {
        self.bert.config.width
    }

    /// Tokens of a text, without the start and end tokens and without truncation.
    pub fn count_tokens(&self, text: &str) -> usize {
        self.tokens.count(text)
    }

    /// What the cache holds, and how often it was of use.
    pub fn cache_stats(&self) -> CacheStats {
        self.cache.stats()
    }

    /// The embedding of each text, in the order given, each of length 1. Texts beyond the model's limit are
    /// cut.
    pub fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EngineError> {
        let mut out = self.cache.get(texts);
        let unknown: Vec<usize> = (0..texts.len()).filter(|at| out[*at].is_none()).collect();
        for some in unknown.chunks(BATCH_TEXTS) {
            let chosen: Vec<&str> = some.iter().map(|at| texts[*at]).collect();
            let vectors = self.compute(&self.tokens.encode(&chosen)?);
            self.cache.put(chosen.iter().zip(&vectors));
            for (at, vector) in some.iter().zip(vectors) {
                out[*at] = Some(vector);
            }
        }
        Ok(out.into_iter().flatten().collect())
    }

    fn compute(&self, sequences: &[Sequence]) -> Vec<Vec<f32>> {
        let mut out = Vec::with_capacity(sequences.len());
        let mut rest = sequences;
        while !rest.is_empty() {
            let (batch, after) = rest.split_at(batch_end(rest));
            let mut scratch = self.scratch.lock();
            let states = self.bert.forward(&self.team, batch, &mut scratch);
            let mut from = 0;
            for sequence in batch {
                let to = from + sequence.len() * self.dimensions();
                out.push(self.pool(&states[from..to]));
                from = to;
            }
            parking_lot::MutexGuard::unlock_fair(scratch);
            rest = after;
        }
        out
    }

    /// The mean of a text's states, scaled to length 1.
    fn pool(&self, states: &[f32]) -> Vec<f32> {
        let mut sums = vec![0f64; self.dimensions()];
        for state in states.chunks(self.dimensions()) {
            for (sum, value) in sums.iter_mut().zip(state) {
                *sum += f64::from(*value);
            }
        }
        // The count divides out of a vector of unit length.
        let norm = sums.iter().map(|sum| sum * sum).sum::<f64>().sqrt();
        let scale = if norm > 0.0 { 1.0 / norm } else { 0.0 };
        sums.iter().map(|sum| (sum * scale) as f32).collect()
    }
}

/// How many of the sequences are computed at once: at least one.
fn batch_end(sequences: &[Sequence]) -> usize {
    let mut tokens = 0;
    let fitting = sequences.iter().take_while(|sequence| {
        tokens += sequence.len();
        tokens <= BATCH_TOKENS
    });
    fitting.count().max(1)
}

/// A file of the folder, of at most `most` bytes.
fn read(dir: &Path, name: &str, most: u64) -> Result<Vec<u8>, EngineError> {
    let path = dir.join(name);
    let file = std::fs::File::open(&path).map_err(|source| EngineError::io(&path, source))?;
    let mut bytes = Vec::new();
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| EngineError::io(&path, source))?;
    if bytes.len() as u64 > most {
        return Err(EngineError::corrupt(format!(
            "{name} has more than {most} bytes"
        )));
    }
    Ok(bytes)
}
