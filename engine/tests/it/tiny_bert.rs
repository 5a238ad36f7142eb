//! Writes embedding models of a few thousand weights.

use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde_json::{Value, json};
use tempfile::TempDir;

const WIDTH: usize = 64;
const HIDDEN: usize = 96;
const HEADS: usize = 4;
const LAYERS: usize = 2;
const POSITIONS: usize = 40;
/// Tokens to which texts are cut.
pub(crate) const LIMIT: usize = 32;

/// The files of a model, to be altered before they are written.
pub(crate) struct TinyBert {
    pub(crate) config: Value,
    pub(crate) tokenizer: Value,
    pub(crate) tensors: Vec<(String, Vec<usize>, Vec<f32>)>,
    pub(crate) dtype: Dtype,
}

impl TinyBert {
    /// A model whose tokens are letters.
    pub(crate) fn new() -> TinyBert {
        let mut words: Vec<String> = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
            .map(String::from)
            .into();
        words.extend(('a'..='z').map(String::from));
        words.extend(('a'..='z').map(|letter| format!("##{letter}")));
        let vocabulary: serde_json::Map<String, Value> = words
            .iter()
            .enumerate()
            .map(|(id, word)| (word.clone(), json!(id)))
            .collect();
        let special = |id: usize| {
            json!({"id": id, "content": words[id], "special": true, "single_word": false,
                "lstrip": false, "rstrip": false, "normalized": false})
        };
        let tokenizer = json!({
            "version": "1.0",
            "truncation": null,
            "padding": null,
            "added_tokens": [special(0), special(1), special(2), special(3)],
            "normalizer": {"type": "BertNormalizer", "clean_text": true,
                "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": {"type": "TemplateProcessing",
                "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
                    {"Sequence": {"id": "A", "type_id": 0}},
                    {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
                "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                "special_tokens": {
                    "[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
                    "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
            "decoder": null,
            "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 100, "vocab": vocabulary},
        });
        let config = json!({
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": WIDTH,
            "intermediate_size": HIDDEN,
            "num_hidden_layers": LAYERS,
            "num_attention_heads": HEADS,
            "vocab_size": words.len(),
            "max_position_embeddings": POSITIONS,
            "type_vocab_size": 2,
            "layer_norm_eps": 1e-12,
        });
        TinyBert {
            config,
            tokenizer,
            tensors: tensors(words.len()),
            dtype: Dtype::F32,
        }
    }

    /// The file of weights.
    pub(crate) fn weights(&self) -> Vec<u8> {
        let bytes: Vec<Vec<u8>> = self
            .tensors
            .iter()
            .map(|(_, _, numbers)| match self.dtype {
                // Only numbers that have no more digits are kept whole.
                Dtype::BF16 => numbers
                    .iter()
                    .flat_map(|number| ((number.to_bits() >> 16) as u16).to_le_bytes())
                    .collect(),
                _ => numbers
                    .iter()
                    .flat_map(|number| number.to_le_bytes())
                    .collect(),
            })
            .collect();
        let views = self
            .tensors
            .iter()
            .zip(&bytes)
            .map(|((name, dims, _), bytes)| {
                let view = TensorView::new(self.dtype, dims.clone(), bytes).unwrap();
                (name.as_str(), view)
            });
        safetensors::serialize(views, None).unwrap()
    }

    /// Writes all files to a folder of their own.
    pub(crate) fn write(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let put =
            |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
        put("config.json", self.config.to_string().as_bytes());
        put("tokenizer.json", self.tokenizer.to_string().as_bytes());
        put(
            "sentence_bert_config.json",
            json!({"max_seq_length": LIMIT}).to_string().as_bytes(),
        );
        put("model.safetensors", &self.weights());
        folder
    }
}

fn tensors(vocabulary: usize) -> Vec<(String, Vec<usize>, Vec<f32>)> {
    let mut out = Vec::new();
    let mut put = |name: String, dims: &[usize], size: f32, middle: f32| {
        let seed = out.len() * 104_729;
        // Rounded so that a float of 16 bits has them, too.
        let number = |at: usize| middle + ((at * 7919 + seed) as f32 * 0.37).sin() * size;
        let round = |number: f32| f32::from_bits(number.to_bits() & 0xffff_0000);
        let count = dims.iter().product();
        let numbers = (0..count).map(|at| round(number(at))).collect();
        out.push((name, dims.to_vec(), numbers));
    };
    for (name, rows) in [
        ("word_embeddings", vocabulary),
        ("position_embeddings", POSITIONS),
        ("token_type_embeddings", 2),
    ] {
        put(
            format!("embeddings.{name}.weight"),
            &[rows, WIDTH],
            0.5,
            0.0,
        );
    }
    type Put<'a> = &'a mut dyn FnMut(String, &[usize], f32, f32);
    let norm = |name: String, put: Put<'_>| {
        put(format!("{name}.weight"), &[WIDTH], 0.2, 1.0);
        put(format!("{name}.bias"), &[WIDTH], 0.1, 0.0);
    };
    norm("embeddings.LayerNorm".into(), &mut put);
    for layer in 0..LAYERS {
        let name = |part: &str| format!("encoder.layer.{layer}.{part}");
        for (part, outputs, inputs) in [
            ("attention.self.query", WIDTH, WIDTH),
            ("attention.self.key", WIDTH, WIDTH),
            ("attention.self.value", WIDTH, WIDTH),
            ("attention.output.dense", WIDTH, WIDTH),
            ("intermediate.dense", HIDDEN, WIDTH),
            ("output.dense", WIDTH, HIDDEN),
        ] {
            put(
                name(&format!("{part}.weight")),
                &[outputs, inputs],
                0.2,
                0.0,
            );
            put(name(&format!("{part}.bias")), &[outputs], 0.1, 0.0);
        }
        norm(name("attention.output.LayerNorm"), &mut put);
        norm(name("output.LayerNorm"), &mut put);
    }
    out
}
