//! Sentence embeddings by a BERT model: mean pooling, unit length.

use std::path::Path;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use tokenizers::{Encoding, Tokenizer, TruncationParams};

use crate::EngineError;

/// Tokens that are embedded at most, where the model's folder does not say.
const DEFAULT_LENGTH: usize = 256;
/// Tokens, padding included, that are computed at once.
const BATCH_TOKENS: usize = 2048;

/// An embedding model in memory, to be used from any thread.
///
/// A text's embedding does not depend on the texts beside it, up to rounding.
pub struct Embedder {
    model: BertModel,
    tokenizer: Tokenizer,
    /// Like `tokenizer`, without truncation.
    counter: Tokenizer,
    dimensions: usize,
}

impl Embedder {
    /// Loads a folder as sentence-transformers writes it: `config.json`, `tokenizer.json`,
    /// `model.safetensors`, and the length limit of `sentence_bert_config.json`.
    pub fn load(dir: &Path) -> Result<Embedder, EngineError> {
        let config: Config = json(dir, "config.json")?;
        if config
            .model_type
            .as_deref()
            .is_some_and(|kind| kind != "bert")
        {
            return Err(EngineError::unsupported(format!(
                "the architecture {:?}",
                config.model_type.unwrap_or_default()
            )));
        }
        let limit = if dir.join("sentence_bert_config.json").exists() {
            json::<Limits>(dir, "sentence_bert_config.json")?.max_seq_length
        } else {
            DEFAULT_LENGTH
        };
        // The start and end tokens take two places.
        let limit = limit.clamp(3, config.max_position_embeddings.max(3));
        let mut counter = Tokenizer::from_bytes(read(dir, "tokenizer.json")?)
            .map_err(|error| EngineError::corrupt(format!("tokenizer.json: {error}")))?;
        counter.with_padding(None);
        counter.with_truncation(None).map_err(internal)?;
        let mut tokenizer = counter.clone();
        tokenizer
            .with_truncation(Some(TruncationParams {
                max_length: limit,
                ..TruncationParams::default()
            }))
            .map_err(internal)?;
        let weights = read(dir, "model.safetensors")?;
        let variables = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu)
            .map_err(|error| EngineError::corrupt(format!("model.safetensors: {error}")))?;
        let model = BertModel::load(variables, &config)
            .map_err(|error| EngineError::corrupt(format!("model.safetensors: {error}")))?;
        Ok(Embedder {
            model,
            tokenizer,
            counter,
            dimensions: config.hidden_size,
        })
    }

    /// Numbers in each embedding.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Tokens of a text, without the start and end tokens and without truncation.
    pub fn count_tokens(&self, text: &str) -> usize {
        match self.counter.encode_fast(text, false) {
            Ok(encoding) => encoding.len(),
            Err(error) => {
                tracing::error!(%error, "a text could not be tokenised");
                0
            }
        }
    }

    /// The embedding of each text, in the order given, each of length 1. Texts beyond the model's limit are
    /// cut.
    pub fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EngineError> {
        let encodings = self
            .tokenizer
            .encode_batch_fast(texts.to_vec(), true)
            .map_err(internal)?;
        // Neighbours in length share a batch, so that little is spent on padding.
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|index| encodings[*index].len());
        let mut out = vec![Vec::new(); texts.len()];
        let mut from = 0;
        while from < order.len() {
            let to = batch_end(&order, &encodings, from);
            let batch: Vec<&Encoding> = order[from..to].iter().map(|at| &encodings[*at]).collect();
            for (at, vector) in order[from..to].iter().zip(self.embed_batch(&batch)?) {
                out[*at] = vector;
            }
            from = to;
        }
        Ok(out)
    }

    fn embed_batch(&self, batch: &[&Encoding]) -> Result<Vec<Vec<f32>>, EngineError> {
        let length = batch.iter().map(|one| one.len()).max().unwrap_or(0);
        let shape = (batch.len(), length);
        let padded = |get: fn(&Encoding) -> &[u32]| -> Result<Tensor, EngineError> {
            let mut flat = Vec::with_capacity(batch.len() * length);
            for encoding in batch {
                flat.extend_from_slice(get(encoding));
                flat.resize(flat.len() + length - encoding.len(), 0);
            }
            Ok(Tensor::from_vec(flat, shape, &Device::Cpu)?)
        };
        let ids = padded(Encoding::get_ids)?;
        let types = padded(Encoding::get_type_ids)?;
        let mask = padded(Encoding::get_attention_mask)?;
        let states = self.model.forward(&ids, &types, Some(&mask))?;
        let states: Vec<f32> = states.flatten_all()?.to_vec1()?;
        Ok(states
            .chunks(length * self.dimensions)
            .zip(batch)
            .map(|(states, encoding)| self.pool(&states[..encoding.len() * self.dimensions]))
            .collect())
    }

    /// The mean of a text's states, scaled to length 1.
    fn pool(&self, states: &[f32]) -> Vec<f32> {
        let mut sums = vec![0f64; self.dimensions];
        for state in states.chunks(self.dimensions) {
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

#[derive(serde::Deserialize)]
struct Limits {
    max_seq_length: usize,
}

fn batch_end(order: &[usize], encodings: &[Encoding], from: usize) -> usize {
    let mut to = from + 1;
    // In ascending order the newest is the longest, to which the others are padded.
    while to < order.len() && (to + 1 - from) * encodings[order[to]].len() <= BATCH_TOKENS {
        to += 1;
    }
    to
}

fn read(dir: &Path, name: &str) -> Result<Vec<u8>, EngineError> {
    let path = dir.join(name);
    std::fs::read(&path).map_err(|source| EngineError::io(&path, source))
}

fn json<T: serde::de::DeserializeOwned>(dir: &Path, name: &str) -> Result<T, EngineError> {
    serde_json::from_slice(&read(dir, name)?)
        .map_err(|error| EngineError::corrupt(format!("{name}: {error}")))
}

fn internal(error: tokenizers::Error) -> EngineError {
    EngineError::Internal(format!("tokenizer: {error}"))
}
