//! Byte-level BPE by ranked merges, as GPT-2 and its heirs use it.

use std::fmt::Write as _;

use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{SplitDelimiterBehavior, Tokenizer};

use super::Kind;
use super::byte_level::ALPHABET;
use crate::EngineError;
use crate::gguf::Metadata;

/// How text is cut into words before merging. The names are those of `tokenizer.ggml.pre`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pre {
    Gpt2,
    Smollm,
    Llama3,
    Qwen2,
}

/// Words of Llama 3: contractions, letters with one leading mark, up to three digits, marks, line ends, spaces.
const LLAMA3_WORDS: &str = concat!(
    r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])",
    r"|[^\r\n\p{L}\p{N}]?\p{L}+",
    r"|\p{N}{1,3}",
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*",
    r"|\s*[\r\n]+",
    r"|\s+(?!\S)",
    r"|\s+"
);

/// Words of Qwen 2: those of Llama 3 with each digit alone.
const QWEN2_WORDS: &str = concat!(
    r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])",
    r"|[^\r\n\p{L}\p{N}]?\p{L}+",
    r"|\p{N}",
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*",
    r"|\s*[\r\n]+",
    r"|\s+(?!\S)",
    r"|\s+"
);

impl Pre {
    fn from_name(name: &str) -> Result<Pre, EngineError> {
        match name {
            "gpt-2" => Ok(Pre::Gpt2),
            "smollm" => Ok(Pre::Smollm),
            "llama-bpe" | "llama3" | "llama-v3" => Ok(Pre::Llama3),
            "qwen2" | "deepseek-r1-qwen" => Ok(Pre::Qwen2),
            other => Err(EngineError::unsupported(format!(
                "the pre-tokenizer {other:?}"
            ))),
        }
    }

    fn steps(self) -> Result<Vec<PreTokenizerWrapper>, EngineError> {
        // No prefix space; offsets are of no interest; the flag at the end applies GPT-2's own words.
        let byte_level =
            |words| PreTokenizerWrapper::ByteLevel(ByteLevel::new(false, false, words));
        Ok(match self {
            Pre::Gpt2 => vec![byte_level(true)],
            Pre::Smollm => vec![
                PreTokenizerWrapper::Digits(Digits::new(true)),
                byte_level(true),
            ],
            Pre::Llama3 => vec![
                split(LLAMA3_WORDS, SplitDelimiterBehavior::Isolated)?,
                byte_level(false),
            ],
            Pre::Qwen2 => vec![
                split(QWEN2_WORDS, SplitDelimiterBehavior::Isolated)?,
                byte_level(false),
            ],
        })
    }
}

fn split(
    pattern: &str,
    behavior: SplitDelimiterBehavior,
) -> Result<PreTokenizerWrapper, EngineError> {
    Split::new(SplitPattern::Regex(pattern.to_owned()), behavior, false)
        .map(PreTokenizerWrapper::Split)
        .map_err(internal)
}

fn internal(error: tokenizers::Error) -> EngineError {
    EngineError::Internal(format!("tokenizer: {error}"))
}

pub(super) struct Bpe {
    tokenizer: Tokenizer,
    pre: Pre,
}

impl Bpe {
    pub(super) fn from_metadata(
        metadata: &Metadata,
        names: &[String],
        kinds: &[Kind],
    ) -> Result<Bpe, EngineError> {
        let pre = Pre::from_name(metadata.string("tokenizer.ggml.pre")?.unwrap_or("default"))?;
        // Control tokens stay out, lest a chain of merges should spell one.
        let vocabulary: Vocab = names
            .iter()
            .zip(kinds)
            .zip(0u32..)
            .filter(|((_, kind), _)| !matches!(kind, Kind::Control | Kind::Unknown))
            .map(|((name, _), id)| (name.clone(), id))
            .collect();
        let merges = metadata
            .required_strings("tokenizer.ggml.merges")?
            .iter()
            .map(|merge| {
                // A part may itself begin with a space in the files of some converters.
                let at = merge.char_indices().skip(1).find(|(_, c)| *c == ' ');
                at.map(|(at, _)| (merge[..at].to_owned(), merge[at + 1..].to_owned()))
                    .ok_or_else(|| EngineError::corrupt(format!("the merge {merge:?}")))
            })
            .collect::<Result<Vec<_>, _>>()?;

        let mut steps = pre.steps()?;
        let absent = absent_bytes(&vocabulary);
        if !absent.is_empty() {
            // A byte that the vocabulary lacks is left out, and its neighbours do not merge across it.
            steps.push(split(&absent, SplitDelimiterBehavior::Removed)?);
        }
        let model = BPE::builder()
            .vocab_and_merges(vocabulary, merges)
            .ignore_merges(pre == Pre::Llama3)
            .build()
            .map_err(|error| EngineError::corrupt(format!("its vocabulary: {error}")))?;
        let mut tokenizer = Tokenizer::new(model);
        tokenizer.with_pre_tokenizer(Some(Sequence::new(steps)));
        Ok(Bpe { tokenizer, pre })
    }

    /// Whether models with this pre-tokenizer begin with a token of their own, unless the file says otherwise.
    pub(super) fn adds_bos(&self) -> bool {
        self.pre == Pre::Llama3
    }

    pub(super) fn encode(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), EngineError> {
        let encoding = self.tokenizer.encode_fast(text, false).map_err(internal)?;
        ids.extend_from_slice(encoding.get_ids());
        Ok(())
    }
}

/// A character class of the alphabet's characters that are no token, or nothing.
fn absent_bytes(vocabulary: &Vocab) -> String {
    let mut class = String::new();
    for character in ALPHABET.iter() {
        if !vocabulary.contains_key(character.encode_utf8(&mut [0; 4]) as &str) {
            // Writing to a string does not fail.
            let _ = write!(class, "\\x{{{:x}}}", u32::from(*character));
        }
    }
    if class.is_empty() {
        class
    } else {
        format!("[{class}]")
    }
}
