//! Takes texts apart into tokens.

use std::path::Path;

use tokenizers::{Encoding, Tokenizer, TruncationParams};

use super::config::Config;
use super::read;
use crate::EngineError;

/// Bytes of a tokenizer's file.
const MOST_BYTES: u64 = 64 << 20;

/// A tokenizer whose tokens the model knows.
pub(super) struct Tokens {
    tokenizer: Tokenizer,
    /// Like `tokenizer`, without truncation.
    counter: Tokenizer,
    config: Config,
}

/// The tokens of a text: every id and type is one of the model's, and there are no more than it has positions.
pub(super) struct Sequence {
    encoding: Encoding,
}

impl Sequence {
    pub(super) fn len(&self) -> usize {
        self.encoding.len()
    }

    pub(super) fn ids(&self) -> &[u32] {
        self.encoding.get_ids()
    }

    pub(super) fn types(&self) -> &[u32] {
        self.encoding.get_type_ids()
    }
}

impl Tokens {
    pub(super) fn load(dir: &Path, config: &Config) -> Result<Tokens, EngineError> {
        let bytes = read(dir, "tokenizer.json", MOST_BYTES)?;
        let corrupt =
            |what: &dyn std::fmt::Display| EngineError::corrupt(format!("tokenizer.json: {what}"));
        let mut counter =
            caught(|| Tokenizer::from_bytes(bytes))?.map_err(|error| corrupt(&error))?;
        let largest = counter.get_vocab(true).into_values().max().unwrap_or(0);
        if largest as usize >= config.vocabulary {
            return Err(corrupt(&format!(
                "it has the token {largest}, the model {} tokens",
                config.vocabulary
            )));
        }
        counter.with_padding(None);
        counter.with_truncation(None).map_err(internal)?;
        let added = counter
            .get_post_processor()
            .map_or(0, |one| tokenizers::PostProcessor::added_tokens(one, false));
        if added >= config.limit {
            return Err(corrupt(&format!(
                "it adds {added} tokens to each text, of which the model takes {}",
                config.limit
            )));
        }
        let mut tokenizer = counter.clone();
        tokenizer
            .with_truncation(Some(TruncationParams {
                max_length: config.limit,
                ..TruncationParams::default()
            }))
            .map_err(internal)?;
        let tokens = Tokens {
            tokenizer,
            counter,
            config: config.clone(),
        };
        // A template that names a token which the file does not define is noticed by no reader, only by use.
        guarded(|| tokens.tokenizer.encode_fast("a", true))?;
        Ok(tokens)
    }

    /// Tokens of a text, without the start and end tokens and without truncation.
    pub(super) fn count(&self, text: &str) -> usize {
        match self.counter.encode_fast(text, false) {
            Ok(encoding) => encoding.len(),
            Err(error) => {
                tracing::error!(%error, "a text could not be tokenised");
                0
            }
        }
    }

    /// The tokens of each text, cut to the model's limit.
    pub(super) fn encode(&self, texts: &[&str]) -> Result<Vec<Sequence>, EngineError> {
        let encodings = match texts {
            [text] => vec![guarded(|| self.tokenizer.encode_fast(*text, true))?],
            _ => guarded(|| self.tokenizer.encode_batch_fast(texts.to_vec(), true))?,
        };
        encodings
            .into_iter()
            .map(|encoding| self.check(encoding))
            .collect()
    }

    fn check(&self, encoding: Encoding) -> Result<Sequence, EngineError> {
        let Config {
            vocabulary,
            types,
            limit,
            ..
        } = self.config;
        let below = |ids: &[u32], most: usize| ids.iter().all(|id| (*id as usize) < most);
        let known = below(encoding.get_ids(), vocabulary) && below(encoding.get_type_ids(), types);
        if !known || encoding.len() > limit || encoding.get_type_ids().len() != encoding.len() {
            return Err(EngineError::corrupt(
                "tokenizer.json: it makes tokens that the model does not have",
            ));
        }
        Ok(Sequence { encoding })
    }
}

/// Runs the tokenizer on a text.
fn guarded<T>(run: impl FnOnce() -> tokenizers::Result<T>) -> Result<T, EngineError> {
    caught(run)?.map_err(internal)
}

/// Runs a part of the tokenizer's library, which panics over some files: while it reads them, or when it is used.
fn caught<T>(run: impl FnOnce() -> T) -> Result<T, EngineError> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(run))
        .map_err(|_| EngineError::corrupt("tokenizer.json: the tokenizer fails on it"))
}

fn internal(error: tokenizers::Error) -> EngineError {
    EngineError::Internal(format!("tokenizer: {error}"))
}
