//! Writes models of a few thousand weights, which load in a moment and speak nonsense reproducibly.

use std::path::PathBuf;

use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use engine::{Engine, EngineOptions, GenerateRequest, Prompt};

pub(crate) const WIDTH: usize = 32;
const HIDDEN: usize = 64;
const HEADS: usize = 4;
const KV_HEADS: usize = 2;
const LAYERS: usize = 2;
pub(crate) const CONTEXT: usize = 256;
/// The control tokens at the beginning of the vocabulary; bytes follow, then a few words.
pub(crate) const START: u32 = 0;
pub(crate) const END: u32 = 1;

/// The metadata and tensors of a model, to be altered before they are written.
pub(crate) struct Tiny {
    pub(crate) metadata: Vec<(String, Value)>,
    pub(crate) tensors: Vec<(String, QTensor)>,
}

impl Tiny {
    /// A model with a byte-level tokenizer.
    pub(crate) fn new() -> Tiny {
        let mut tokens: Vec<String> = vec!["<|start|>".into(), "<|end|>".into()];
        let mut kinds = vec![3, 3];
        for byte in 0..=255u8 {
            tokens.push(byte_name(byte).to_string());
            kinds.push(1);
        }
        let merges = ["t h", "th e", "Ġ the"];
        for word in ["th", "the", "Ġthe"] {
            tokens.push(word.into());
            kinds.push(1);
        }
        let count = tokens.len();
        let strings =
            |list: Vec<String>| Value::Array(list.into_iter().map(Value::String).collect());
        let text = |text: &str| Value::String(text.into());
        let number = |number: usize| Value::U32(number as u32);
        let metadata = [
            ("general.architecture", text("llama")),
            ("general.name", text("Tiny")),
            ("llama.block_count", number(LAYERS)),
            ("llama.context_length", number(CONTEXT)),
            ("llama.embedding_length", number(WIDTH)),
            ("llama.feed_forward_length", number(HIDDEN)),
            ("llama.attention.head_count", number(HEADS)),
            ("llama.attention.head_count_kv", number(KV_HEADS)),
            ("llama.attention.layer_norm_rms_epsilon", Value::F32(1e-5)),
            ("llama.rope.freq_base", Value::F32(10_000.0)),
            ("tokenizer.ggml.model", text("gpt2")),
            ("tokenizer.ggml.pre", text("smollm")),
            ("tokenizer.ggml.tokens", strings(tokens)),
            (
                "tokenizer.ggml.token_type",
                Value::Array(kinds.into_iter().map(Value::I32).collect()),
            ),
            (
                "tokenizer.ggml.merges",
                strings(merges.iter().map(|merge| (*merge).into()).collect()),
            ),
            ("tokenizer.ggml.bos_token_id", Value::U32(START)),
            ("tokenizer.ggml.eos_token_id", Value::U32(END)),
            ("tokenizer.chat_template", text(TEMPLATE)),
        ];
        Tiny {
            metadata: metadata
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
            tensors: tensors(count),
        }
    }

    /// Replaces a value of the metadata.
    pub(crate) fn with(mut self, key: &str, value: Value) -> Tiny {
        self.metadata.retain(|(other, _)| other != key);
        self.metadata.push((key.to_owned(), value));
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let metadata: Vec<(&str, &Value)> = self
            .metadata
            .iter()
            .map(|(key, value)| (key.as_str(), value))
            .collect();
        let tensors: Vec<(&str, &QTensor)> = self
            .tensors
            .iter()
            .map(|(name, tensor)| (name.as_str(), tensor))
            .collect();
        let mut out = std::io::Cursor::new(Vec::new());
        gguf_file::write(&mut out, &metadata, &tensors).unwrap();
        out.into_inner()
    }

    pub(crate) fn load(&self, options: EngineOptions) -> Engine {
        let (_folder, path) = write(&self.bytes());
        Engine::load(&path, options).unwrap()
    }
}

const TEMPLATE: &str = "{% for m in messages %}{{ '<|start|>' + m.role + '\n' + m.content + '<|end|>\n' }}\
{% endfor %}{% if add_generation_prompt %}{{ '<|start|>assistant\n' }}{% endif %}";

/// The bytes as a file that lives as long as the folder.
pub(crate) fn write(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.gguf");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn byte_name(byte: u8) -> char {
    // The place of a byte among those that have no character of their own.
    let is_plain = |byte: u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..);
    if is_plain(byte) {
        char::from(byte)
    } else {
        let before = (0..byte).filter(|other| !is_plain(*other)).count() as u32;
        char::from_u32(0x100 + before).unwrap()
    }
}

fn tensors(vocabulary: usize) -> Vec<(String, QTensor)> {
    let mut seed = 1;
    let mut tensor = |name: String, dims: &[usize], format: GgmlDType| {
        let count = dims.iter().product();
        let is_norm = name.contains("norm");
        let data: Vec<f32> = (0..count)
            .map(|_| {
                // Numerical Recipes' generator: nothing more than reproducible is wanted.
                seed = (seed * 1_664_525u64 + 1_013_904_223) % (1 << 32);
                let noise = seed as f32 / (1u64 << 31) as f32 - 1.0;
                if is_norm {
                    1.0 + noise / 8.0
                } else {
                    noise / 3.0
                }
            })
            .collect();
        let tensor = Tensor::from_vec(data, dims, &Device::Cpu).unwrap();
        (name, QTensor::quantize(&tensor, format).unwrap())
    };
    let head = WIDTH / HEADS;
    let mut all = vec![
        tensor(
            "token_embd.weight".into(),
            &[vocabulary, WIDTH],
            GgmlDType::Q8_0,
        ),
        tensor("output_norm.weight".into(), &[WIDTH], GgmlDType::F32),
    ];
    for layer in 0..LAYERS {
        let matrices: [(&str, [usize; 2]); 7] = [
            ("attn_q", [WIDTH, WIDTH]),
            ("attn_k", [KV_HEADS * head, WIDTH]),
            ("attn_v", [KV_HEADS * head, WIDTH]),
            ("attn_output", [WIDTH, WIDTH]),
            ("ffn_gate", [HIDDEN, WIDTH]),
            ("ffn_up", [HIDDEN, WIDTH]),
            ("ffn_down", [WIDTH, HIDDEN]),
        ];
        for (part, dims) in matrices {
            let name = format!("blk.{layer}.{part}.weight");
            all.push(tensor(name, &dims, GgmlDType::Q4_1));
        }
        for part in ["attn_norm", "ffn_norm"] {
            let name = format!("blk.{layer}.{part}.weight");
            all.push(tensor(name, &[WIDTH], GgmlDType::F32));
        }
    }
    all
}

/// A tiny engine of two threads.
pub(crate) fn tiny() -> Engine {
    Tiny::new().load(EngineOptions {
        threads: 2,
        ..EngineOptions::default()
    })
}

/// A request that ends by its length alone.
pub(crate) fn request(text: &str, max_tokens: usize) -> GenerateRequest {
    let mut request = GenerateRequest::new(Prompt::Text(text.into()));
    request.max_tokens = max_tokens;
    // Without the end of a turn, lengths are as asked for.
    request.logit_bias = vec![(END, -1e9), (START, -1e9)];
    request
}
