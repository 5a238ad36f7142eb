//! Embeddings against those of sentence-transformers, and against themselves in other company.

use std::sync::LazyLock;

use engine::{Embedder, EmbedderOptions, Precision};
use proptest::prelude::*;
use safetensors::Dtype;
use serde::Deserialize;

use crate::models;
use crate::tiny_bert::{LIMIT, TinyBert};

#[derive(Deserialize)]
struct Entry {
    text: String,
    vector: Vec<f32>,
}

fn entries() -> Vec<Entry> {
    serde_json::from_str(include_str!("../fixtures/embeddings.json")).unwrap()
}

fn options(precision: Precision) -> EmbedderOptions {
    EmbedderOptions {
        threads: 2,
        precision,
        cache_bytes: 0,
    }
}

fn tiny(precision: Precision) -> Embedder {
    let folder = TinyBert::new().write();
    Embedder::load_with(folder.path(), &options(precision)).unwrap()
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        let products = a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b));
        products.sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
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
        let norm: f32 = vector.iter().map(|value| value * value).sum();
        assert!((norm - 1.0).abs() < 1e-5);
    }
    println!("largest difference: {largest:e}");
    assert!(embedder.embed(&[]).unwrap().is_empty());
    assert_eq!(embedder.count_tokens("The capital of Chad"), 4);
    assert_eq!(embedder.count_tokens(&"word ".repeat(1000)), 1000);
}

#[test]
fn bytes_point_where_floats_point() {
    let Some(folder) = models::find("all-MiniLM-L6-v2") else {
        return;
    };
    let embedder = Embedder::load_with(&folder, &options(Precision::Int8)).unwrap();
    let mut least = 1f64;
    for entry in entries() {
        let vector = &embedder.embed(&[&entry.text]).unwrap()[0];
        let cosine = cosine(&entry.vector, vector);
        assert!(cosine >= 0.999, "{:?}: {cosine}", entry.text);
        least = least.min(cosine);
    }
    println!("least cosine: {least}");
}

#[test]
fn real_sentences_have_the_same_bits_alone_and_together() {
    let Some(folder) = models::find("all-MiniLM-L6-v2") else {
        return;
    };
    let entries = entries();
    let texts: Vec<&str> = entries.iter().map(|entry| entry.text.as_str()).collect();
    for precision in [Precision::F32, Precision::Int8] {
        let embedder = Embedder::load_with(&folder, &options(precision)).unwrap();
        let together = embedder.embed(&texts).unwrap();
        for (text, vector) in texts.iter().zip(&together) {
            assert_eq!(&embedder.embed(&[text]).unwrap()[0], vector, "{text:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_text_has_the_same_bits_alone_and_among_others(
        texts in prop::collection::vec("[a-z ]{0,60}", 1..24),
        bytes in any::<bool>(),
    ) {
        static FLOATS: LazyLock<Embedder> = LazyLock::new(|| tiny(Precision::F32));
        static BYTES: LazyLock<Embedder> = LazyLock::new(|| tiny(Precision::Int8));
        let embedder = if bytes { &BYTES } else { &FLOATS };
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let together = embedder.embed(&texts).unwrap();
        prop_assert_eq!(together.len(), texts.len());
        for (text, vector) in texts.iter().zip(&together) {
            prop_assert_eq!(&embedder.embed(&[text]).unwrap()[0], vector);
        }
    }
}

#[test]
fn texts_are_cut_and_told_apart() {
    let embedder = tiny(Precision::F32);
    // The start and the end take two places.
    let kept = "a".repeat(LIMIT - 2);
    let vectors = embedder
        .embed(&[&kept, &format!("{kept}b"), &kept[1..], ""])
        .unwrap();
    assert_eq!(vectors[0], vectors[1]);
    assert!(largest_difference(&vectors[0], &vectors[2]) > 1e-4);
    assert!(largest_difference(&vectors[0], &vectors[3]) > 1e-4);
    assert_eq!(embedder.count_tokens(&format!("{kept}b")), LIMIT - 1);
    let rounded = tiny(Precision::Int8).embed(&[&kept]).unwrap();
    assert!(cosine(&rounded[0], &vectors[0]) > 0.999);
    assert_ne!(rounded[0], vectors[0]);
}

#[test]
fn the_cache_gives_what_was_computed() {
    let folder = TinyBert::new().write();
    let options = EmbedderOptions {
        cache_bytes: 1 << 20,
        ..options(Precision::F32)
    };
    let embedder = Embedder::load_with(folder.path(), &options).unwrap();
    let first = embedder.embed(&["red", "green", "red"]).unwrap();
    assert_eq!(embedder.cache_stats().misses, 3);
    assert_eq!(embedder.cache_stats().entries, 2);
    let second = embedder.embed(&["blue", "red", "green"]).unwrap();
    assert_eq!((&second[1], &second[2]), (&first[0], &first[1]));
    let stats = embedder.cache_stats();
    assert_eq!((stats.hits, stats.misses, stats.entries), (2, 4, 3));
    assert_eq!(tiny(Precision::F32).embed(&["blue"]).unwrap()[0], second[0]);
}

#[test]
fn threads_may_embed_at_once() {
    let folder = TinyBert::new().write();
    let options = EmbedderOptions {
        // Some entries are evicted while others are read.
        cache_bytes: 6_000,
        ..options(Precision::F32)
    };
    let embedder = Embedder::load_with(folder.path(), &options).unwrap();
    let texts: Vec<String> = ('a'..='z').map(|letter| format!("{letter} x")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let expected = tiny(Precision::F32).embed(&texts).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (embedder, texts, expected) = (&embedder, &texts, &expected);
            scope.spawn(move || {
                for round in 0..50 {
                    let from = (round * 5 + thread) % 20;
                    let vectors = embedder.embed(&texts[from..from + 6]).unwrap();
                    assert_eq!(vectors, expected[from..from + 6]);
                }
            });
        }
    });
    let stats = embedder.cache_stats();
    assert_eq!(stats.hits + stats.misses, 4 * 50 * 6);
    assert!(stats.hits > 0 && stats.bytes <= 6_000);
}

#[test]
fn weights_of_16_bits_and_other_names_are_read() {
    let expected = tiny(Precision::F32).embed(&["one", "two words"]).unwrap();
    let mut halves = TinyBert::new();
    halves.dtype = Dtype::BF16;
    let mut renamed = TinyBert::new();
    for (name, _, _) in &mut renamed.tensors {
        let new = name.replace("LayerNorm.weight", "LayerNorm.gamma");
        *name = format!("bert.{}", new.replace("LayerNorm.bias", "LayerNorm.beta"));
    }
    let unused = ("bert.pooler.dense.bias".into(), vec![3], vec![0.0; 3]);
    renamed.tensors.push(unused);
    for model in [halves, renamed] {
        let folder = model.write();
        let embedder = Embedder::load(folder.path()).unwrap();
        assert_eq!(embedder.embed(&["one", "two words"]).unwrap(), expected);
    }
}
