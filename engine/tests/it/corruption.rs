//! Files that are cut short, altered or not what they should be: an error, never a panic, never a wrong model.

use candle_core::quantized::gguf_file::Value;
use engine::{Engine, EngineError, EngineOptions};
use proptest::prelude::*;
use std::sync::LazyLock;

use crate::tiny::{Tiny, write};

fn load(bytes: &[u8]) -> Result<Engine, EngineError> {
    let (_folder, path) = write(bytes);
    let options = EngineOptions {
        threads: 1,
        ..EngineOptions::default()
    };
    Engine::load(&path, options)
}

fn refusal(bytes: &[u8]) -> String {
    match load(bytes) {
        Ok(_) => panic!("it was loaded"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_truncation_is_refused() {
    let bytes = Tiny::new().bytes();
    // The header byte by byte would be slow; all its kinds of fields are met at a stride of a prime number.
    let cuts = (0..bytes.len()).step_by(61).chain([bytes.len() - 64]);
    for cut in cuts {
        let error = load(&bytes[..cut]).err().unwrap();
        assert!(matches!(error, EngineError::Corrupt(_)), "{cut}: {error}");
    }
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    let cases = [
        ("general.architecture", "qwen3moe"),
        ("tokenizer.ggml.pre", "jais-2"),
        ("tokenizer.ggml.model", "t5"),
        ("llama.rope.scaling.type", "yarn"),
    ];
    for (key, value) in cases {
        let tiny = Tiny::new().with(key, Value::String(value.into()));
        let message = refusal(&tiny.bytes());
        assert!(message.contains(value), "{key}: {message}");
        assert!(message.contains("not supported"), "{key}: {message}");
    }
}

#[test]
fn sizes_that_make_no_sense_are_refused() {
    let cases = [
        ("general.alignment", Value::U32(0)),
        ("llama.attention.head_count", Value::U32(0)),
        ("llama.attention.head_count_kv", Value::U32(3)),
        ("llama.block_count", Value::U32(u32::MAX)),
        ("llama.block_count", Value::U32(1)),
        ("llama.embedding_length", Value::U64(u64::MAX)),
        ("llama.context_length", Value::I32(-1)),
        ("llama.rope.dimension_count", Value::U32(1000)),
        ("llama.rope.freq_base", Value::F32(f32::NAN)),
        ("llama.rope.freq_base", Value::String("fast".into())),
        ("tokenizer.ggml.eos_token_id", Value::U32(100_000)),
        (
            "tokenizer.ggml.token_type",
            Value::Array(vec![Value::I32(1)]),
        ),
        (
            "tokenizer.ggml.merges",
            Value::Array(vec![Value::String("x yz".into())]),
        ),
        ("tokenizer.chat_template", Value::String("{% if %}".into())),
    ];
    for (key, value) in cases {
        refusal(&Tiny::new().with(key, value).bytes());
    }
}

#[test]
fn a_missing_or_unknown_tensor_is_named() {
    let mut tiny = Tiny::new();
    tiny.tensors
        .retain(|(name, _)| name != "blk.1.ffn_up.weight");
    assert!(refusal(&tiny.bytes()).contains("blk.1.ffn_up.weight"));
    let mut tiny = Tiny::new();
    let (_, extra) = tiny.tensors.remove(2);
    let (_, again) = Tiny::new().tensors.remove(2);
    tiny.tensors.push(("blk.0.attn_q.weight".into(), extra));
    tiny.tensors
        .push(("blk.0.ffn_gate_inp.weight".into(), again));
    assert!(refusal(&tiny.bytes()).contains("blk.0.ffn_gate_inp.weight"));
}

#[test]
fn an_empty_file_and_a_folder_are_refused() {
    assert!(load(&[]).is_err());
    let folder = tempfile::tempdir().unwrap();
    assert!(Engine::load(folder.path(), EngineOptions::default()).is_err());
}

/// A sound file of each architecture.
static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = crate::fixture("architectures");
    let mut files = vec![Tiny::new().bytes()];
    for name in ["llama3", "qwen2", "qwen3-q8_0", "gemma3-q8_0", "minicpm"] {
        files.push(std::fs::read(folder.join(format!("{name}.gguf"))).unwrap());
    }
    files
});

// `make fuzz` runs many more cases.
proptest! {
    #[test]
    fn flipped_bytes_never_panic(
        file in 0usize..6,
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        header_only in any::<bool>(),
    ) {
        let mut bytes = FILES[file].clone();
        let end = if header_only { bytes.len().min(12_000) } else { bytes.len() };
        for (index, value) in flips {
            bytes[index.index(end)] = value;
        }
        // Some changes leave a sound file; what matters is that the answer comes in order.
        let _ = load(&bytes);
    }
}
