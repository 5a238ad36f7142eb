//! Embeddings against those of sentence-transformers.

use engine::{Embedder, EngineError};
use serde::Deserialize;

use crate::models;

#[derive(Deserialize)]
struct Entry {
    text: String,
    vector: Vec<f32>,
}

fn entries() -> Vec<Entry> {
    serde_json::from_str(include_str!("../fixtures/embeddings.json")).unwrap()
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}

#[test]
fn sentences_are_embedded_as_by_sentence_transformers() {
    let Some(folder) = models::find("all-MiniLM-L6-v2") else {
        return;
    };
    let embedder = Embedder::load(&folder).unwrap();
    assert_eq!(embedder.dimensions(), 384);
    let entries = entries();
    let texts: Vec<&str> = entries.iter().map(|entry| entry.text.as_str()).collect();
    let together = embedder.embed(&texts).unwrap();
    let mut largest = 0f32;
    for (entry, vector) in entries.iter().zip(&together) {
        let difference = largest_difference(&entry.vector, vector);
        assert!(difference <= 1e-4, "{:?}: {difference}", entry.text);
        largest = largest.max(difference);
        let alone = &embedder.embed(&[&entry.text]).unwrap()[0];
        assert!(
            largest_difference(alone, vector) <= 1e-5,
            "{:?}",
            entry.text
        );
        let norm: f32 = vector.iter().map(|value| value * value).sum();
        assert!((norm - 1.0).abs() < 1e-5);
    }
    println!("largest difference: {largest:e}");
    assert!(embedder.embed(&[]).unwrap().is_empty());
    assert_eq!(embedder.count_tokens("The capital of Chad"), 4);
    assert_eq!(embedder.count_tokens(&"word ".repeat(1000)), 1000);
}

#[test]
fn a_folder_that_is_not_a_model_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = Embedder::load(folder.path()).err().unwrap();
    assert!(error.to_string().contains("config.json"), "{error}");
    let Some(model) = models::find("all-MiniLM-L6-v2") else {
        return;
    };
    for name in ["config.json", "tokenizer.json"] {
        std::fs::copy(model.join(name), folder.path().join(name)).unwrap();
    }
    let weights = std::fs::read(model.join("model.safetensors")).unwrap();
    for length in [0, 7, 1000, weights.len() - 1] {
        std::fs::write(folder.path().join("model.safetensors"), &weights[..length]).unwrap();
        let error = Embedder::load(folder.path()).err().unwrap();
        assert!(
            matches!(error, EngineError::Corrupt(_)),
            "{length}: {error}"
        );
    }
}
