//! Folders of embedding models that are cut short, altered or not what they should be: an error, never a panic.

use std::path::Path;

use engine::{Embedder, EmbedderOptions, EngineError};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::tiny_bert::TinyBert;

fn load(folder: &Path) -> Result<Embedder, EngineError> {
    let options = EmbedderOptions {
        threads: 1,
        ..EmbedderOptions::default()
    };
    Embedder::load_with(folder, &options)
}

fn refusal(model: &TinyBert) -> String {
    let folder = model.write();
    match load(folder.path()) {
        Ok(_) => panic!("it was loaded"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_folder_that_is_not_a_model_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = load(folder.path()).err().unwrap();
    assert!(error.to_string().contains("config.json"), "{error}");
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
        let folder = TinyBert::new().write();
        std::fs::remove_file(folder.path().join(name)).unwrap();
        let error = load(folder.path()).err().unwrap();
        assert!(matches!(error, EngineError::Io { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn every_truncation_of_the_weights_is_refused() {
    let folder = TinyBert::new().write();
    let path = folder.path().join("model.safetensors");
    let weights = std::fs::read(&path).unwrap();
    let cuts = (0..100).chain((100..weights.len()).step_by(4999));
    for length in cuts.chain([weights.len() - 1]) {
        std::fs::write(&path, &weights[..length]).unwrap();
        let error = load(folder.path()).err().unwrap();
        assert!(
            matches!(error, EngineError::Corrupt(_)),
            "{length}: {error}"
        );
    }
    std::fs::write(&path, [&weights[..], &[0]].concat()).unwrap();
    assert!(load(folder.path()).is_err());
    // A header as large as memory.
    for size in [u64::MAX, 1 << 40, 5 << 20] {
        std::fs::write(&path, [&size.to_le_bytes(), &weights[8..]].concat()).unwrap();
        let error = load(folder.path()).err().unwrap().to_string();
        assert!(error.contains(&size.to_string()), "{error}");
    }
}

#[test]
fn a_tensor_that_is_missing_wrong_or_unknown_is_named() {
    let name = "encoder.layer.1.attention.self.key.weight";
    let at = |model: &TinyBert| model.tensors.iter().position(|one| one.0 == name).unwrap();
    let mut missing = TinyBert::new();
    missing.tensors.remove(at(&missing));
    let mut turned = TinyBert::new();
    let index = at(&turned);
    turned.tensors[index].1 = vec![32, 128];
    let mut infinite = TinyBert::new();
    infinite.tensors[index].2[7] = f32::INFINITY;
    for model in [missing, turned, infinite] {
        let message = refusal(&model);
        assert!(message.contains(name), "{message}");
    }
    let mut more = TinyBert::new();
    let name = "encoder.layer.2.output.dense.bias";
    more.tensors.push((name.into(), vec![1], vec![0.0]));
    assert!(refusal(&more).contains(name));
}

#[test]
fn settings_that_make_no_sense_are_refused_by_name() {
    let cases = [
        ("hidden_size", json!(0)),
        ("hidden_size", json!(u64::MAX)),
        ("hidden_size", json!(-64)),
        ("hidden_size", json!(128)),
        ("intermediate_size", json!(1 << 30)),
        ("num_hidden_layers", json!(3)),
        ("num_hidden_layers", json!(1)),
        ("num_attention_heads", json!(5)),
        ("num_attention_heads", json!(0)),
        ("vocab_size", json!(20)),
        ("vocab_size", json!(1 << 23)),
        ("max_position_embeddings", json!(1 << 23)),
        ("type_vocab_size", json!(3)),
        ("layer_norm_eps", json!(-1.0)),
        ("layer_norm_eps", json!(1e300)),
        ("hidden_act", json!("swish")),
        ("hidden_act", Value::Null),
        ("model_type", json!("roberta")),
        ("position_embedding_type", json!("relative_key")),
    ];
    for (name, value) in cases {
        let mut model = TinyBert::new();
        model.config[name] = value.clone();
        let message = refusal(&model);
        println!("{name} {value}: {message}");
    }
    let folder = TinyBert::new().write();
    std::fs::create_dir(folder.path().join("1_Pooling")).unwrap();
    let pooling = |mode: Value| {
        std::fs::write(
            folder.path().join("1_Pooling/config.json"),
            mode.to_string(),
        )
        .unwrap();
        load(folder.path())
    };
    assert!(pooling(json!({"pooling_mode_mean_tokens": true})).is_ok());
    assert!(pooling(json!({"pooling_mode": "mean"})).is_ok());
    assert!(
        pooling(json!({"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}))
            .is_err()
    );
    assert!(pooling(json!({"pooling_mode": "cls"})).is_err());
}

#[test]
fn a_template_with_a_token_that_is_not_defined_is_refused() {
    let mut model = TinyBert::new();
    model.tokenizer["post_processor"]["single"][0]["SpecialToken"]["id"] = json!("[BOS]");
    let message = refusal(&model);
    assert!(message.contains("tokenizer.json"), "{message}");
}

#[test]
fn a_tokenizer_that_does_not_fit_the_model_is_refused() {
    let mut foreign = TinyBert::new();
    foreign.tokenizer["model"]["vocab"]["word"] = json!(1000);
    assert!(refusal(&foreign).contains("1000"));
    let mut wordy = TinyBert::new();
    let part = json!({"SpecialToken": {"id": "[CLS]", "type_id": 0}});
    wordy.tokenizer["post_processor"]["single"] = json!(vec![part; 32]);
    assert!(refusal(&wordy).contains("32"));
    // What only shows when there are tokens.
    for (path, value) in [
        ("/post_processor/special_tokens/[CLS]/ids/0", json!(1000)),
        ("/post_processor/single/0/SpecialToken/type_id", json!(2)),
    ] {
        let mut model = TinyBert::new();
        *model.tokenizer.pointer_mut(path).unwrap() = value;
        let folder = model.write();
        let outcome = load(folder.path()).and_then(|embedder| embedder.embed(&["a", "b"]));
        let error = outcome.err().unwrap();
        assert!(matches!(error, EngineError::Corrupt(_)), "{error}");
    }
}

#[test]
fn damage_that_the_tokenizers_reader_panics_over_is_an_error() {
    let folder = TinyBert::new().write();
    let path = folder.path().join("tokenizer.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let whole = ["\"decoder\":null", "\"decoder\": null"];
    let whole = whole.into_iter().find(|part| text.contains(part)).unwrap();
    std::fs::write(&path, text.replace(whole, "\"decoder\"::ull")).unwrap();
    let error = load(folder.path()).err().unwrap();
    assert!(error.to_string().contains("tokenizer.json"), "{error}");
}

proptest! {
    #[test]
    fn flipped_bytes_never_panic(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        name in prop::sample::select(vec!["config.json", "tokenizer.json", "model.safetensors"]),
        header_only in any::<bool>(),
    ) {
        let folder = TinyBert::new().write();
        let path = folder.path().join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        let end = if header_only { bytes.len().min(4_000) } else { bytes.len() };
        for (index, value) in flips {
            bytes[index.index(end)] = value;
        }
        std::fs::write(&path, bytes).unwrap();
        // Some changes leave a sound model; what matters is that the answer comes in order.
        if let Ok(embedder) = load(folder.path()) {
            let _ = embedder.embed(&["a text", ""]);
            embedder.count_tokens("a text");
        }
    }
}
