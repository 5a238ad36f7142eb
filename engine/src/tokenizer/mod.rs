//! Text to token ids and back, by the vocabulary that a GGUF file carries.

mod bpe;
mod byte_level;
mod special;
mod spm;

use crate::EngineError;
use crate::gguf::Metadata;
use bpe::Bpe;
use special::{Fragment, Specials};
use spm::SentencePiece;

/// Whether control tokens are found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    /// They are ordinary text: what a user wrote.
    Text,
    /// They are themselves: what a template wrote.
    Tokens,
}

/// What the vocabulary says of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Normal,
    Unknown,
    Control,
    UserDefined,
    Unused,
    Byte,
}

impl Kind {
    fn from_id(id: i64) -> Result<Kind, EngineError> {
        Ok(match id {
            1 => Kind::Normal,
            2 => Kind::Unknown,
            3 => Kind::Control,
            4 => Kind::UserDefined,
            5 => Kind::Unused,
            6 => Kind::Byte,
            _ => return Err(EngineError::corrupt(format!("token type {id}"))),
        })
    }
}

enum Algorithm {
    Bpe(Box<Bpe>),
    SentencePiece(Box<SentencePiece>),
}

/// A model's tokenizer; its ids are those of llama.cpp for the same file.
pub(crate) struct Tokenizer {
    algorithm: Algorithm,
    specials: Specials,
    /// The bytes that each token stands for in generated text; none for control tokens.
    pieces: Vec<Vec<u8>>,
    /// The text of each token as the vocabulary has it.
    names: Vec<String>,
    bos: Option<u32>,
    eos: Option<u32>,
    add_bos: bool,
    ends_turn: Vec<u32>,
}

/// Texts of control tokens by which models end a turn, beside the one that the file names.
const TURN_ENDS: [&str; 8] = [
    "<|im_end|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<end_of_turn>",
    "<eos>",
    "<|end|>",
];

impl Tokenizer {
    /// Builds the tokenizer, refusing by name an algorithm or pre-tokenizer that is not known.
    pub(crate) fn from_metadata(metadata: &Metadata) -> Result<Tokenizer, EngineError> {
        let names = metadata.required_strings("tokenizer.ggml.tokens")?.to_vec();
        let kinds = match metadata.integers("tokenizer.ggml.token_type")? {
            None => vec![Kind::Normal; names.len()],
            Some(list) => list
                .iter()
                .map(|id| Kind::from_id(*id))
                .collect::<Result<Vec<_>, _>>()?,
        };
        if kinds.len() != names.len() {
            return Err(EngineError::corrupt(format!(
                "{} tokens, but {} token types",
                names.len(),
                kinds.len()
            )));
        }
        if u32::try_from(names.len()).is_err() {
            return Err(EngineError::corrupt("the vocabulary is too large"));
        }

        let model = metadata.required_string("tokenizer.ggml.model")?;
        let (algorithm, pieces) = match model {
            "gpt2" => {
                let bpe = Bpe::from_metadata(metadata, &names, &kinds)?;
                let pieces = pieces(&names, &kinds, byte_level::decode);
                (Algorithm::Bpe(Box::new(bpe)), pieces)
            }
            "llama" => {
                let spm = SentencePiece::from_metadata(metadata, &names, &kinds)?;
                let pieces = pieces(&names, &kinds, spm::decode);
                (Algorithm::SentencePiece(Box::new(spm)), pieces)
            }
            other => {
                return Err(EngineError::unsupported(format!("the tokenizer {other:?}")));
            }
        };
        let add_bos_by_default = match &algorithm {
            Algorithm::Bpe(bpe) => bpe.adds_bos(),
            Algorithm::SentencePiece(_) => true,
        };
        let special_token = |key: &str, default: Option<u32>| -> Result<Option<u32>, EngineError> {
            let id = metadata.token(key)?.or(default);
            match id {
                Some(id) if id as usize >= names.len() => Err(EngineError::corrupt(format!(
                    "{key} is {id}, beyond the vocabulary"
                ))),
                _ => Ok(id),
            }
        };
        let spm_default =
            |id: u32| Some(id).filter(|_| model == "llama" && (id as usize) < names.len());
        let bos = special_token("tokenizer.ggml.bos_token_id", spm_default(1))?;
        let eos = special_token("tokenizer.ggml.eos_token_id", spm_default(2))?;
        let mut ends_turn: Vec<u32> = eos.into_iter().collect();
        for key in ["tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"] {
            ends_turn.extend(special_token(key, None)?);
        }
        ends_turn.extend((0..names.len()).filter_map(|id| {
            (kinds[id] == Kind::Control && TURN_ENDS.contains(&names[id].as_str()))
                .then_some(id as u32)
        }));
        ends_turn.sort_unstable();
        ends_turn.dedup();

        Ok(Tokenizer {
            algorithm,
            specials: Specials::new(&names, &kinds),
            pieces,
            bos,
            eos,
            add_bos: metadata
                .flag("tokenizer.ggml.add_bos_token")?
                .unwrap_or(add_bos_by_default),
            ends_turn,
            names,
        })
    }

    /// Number of tokens in the vocabulary.
    pub(crate) fn len(&self) -> usize {
        self.pieces.len()
    }

    /// The ids of a text, with no token added at its beginning.
    pub(crate) fn encode(&self, text: &str, control: Control) -> Result<Vec<u32>, EngineError> {
        self.encode_masked(text, control, "")
    }

    /// Like `encode`; afterwards each `mask` is taken out of ordinary text. It keeps a control token's text
    /// from being found where it was put in.
    pub(crate) fn encode_masked(
        &self,
        text: &str,
        control: Control,
        mask: &str,
    ) -> Result<Vec<u32>, EngineError> {
        let mut ids = Vec::with_capacity(text.len() / 3 + 1);
        let mut at_start = true;
        for fragment in self.specials.split(text, control) {
            match fragment {
                Fragment::Token(id) => {
                    ids.push(id);
                    at_start = true;
                }
                Fragment::Text(text) => {
                    let unmasked;
                    let text = if mask.is_empty() {
                        text
                    } else {
                        unmasked = text.replace(mask, "");
                        &unmasked
                    };
                    match &self.algorithm {
                        Algorithm::Bpe(bpe) => bpe.encode(text, &mut ids)?,
                        Algorithm::SentencePiece(spm) => spm.encode(text, at_start, &mut ids),
                    }
                    at_start = false;
                }
            }
        }
        Ok(ids)
    }

    /// Puts the beginning-of-sequence token first, where the model expects one and it is not there yet.
    pub(crate) fn begin(&self, mut ids: Vec<u32>) -> Vec<u32> {
        match self.bos {
            Some(bos) if self.add_bos && ids.first() != Some(&bos) => {
                ids.insert(0, bos);
                ids
            }
            _ => ids,
        }
    }

    /// The bytes of a token in generated text; a character may be spread over several tokens.
    pub(crate) fn piece(&self, id: u32) -> &[u8] {
        self.pieces.get(id as usize).map_or(&[], Vec::as_slice)
    }

    /// The token's text as the vocabulary has it.
    pub(crate) fn name(&self, id: u32) -> Option<&str> {
        self.names.get(id as usize).map(String::as_str)
    }

    /// Texts that are found as tokens only where control tokens have power.
    pub(crate) fn control_texts(&self) -> impl Iterator<Item = &str> {
        self.specials.control_texts()
    }

    pub(crate) fn bos(&self) -> Option<u32> {
        self.bos
    }

    pub(crate) fn eos(&self) -> Option<u32> {
        self.eos
    }

    /// Whether this token ends the model's turn.
    pub(crate) fn ends_turn(&self, id: u32) -> bool {
        self.ends_turn.binary_search(&id).is_ok()
    }
}

fn pieces(names: &[String], kinds: &[Kind], decode: fn(&str, Kind) -> Vec<u8>) -> Vec<Vec<u8>> {
    names
        .iter()
        .zip(kinds)
        .map(|(name, kind)| match kind {
            Kind::Control | Kind::Unknown | Kind::Unused => Vec::new(),
            Kind::UserDefined => name.clone().into_bytes(),
            Kind::Normal | Kind::Byte => decode(name, *kind),
        })
        .collect()
}
