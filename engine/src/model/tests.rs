//! Logits against llama.cpp's on the same weights, and batches against single rows.

use std::path::PathBuf;

use serde::Deserialize;

use super::{Batch, Choose, KvMemory, Model, Storage};
use crate::gguf::Gguf;
use crate::kernels::{Isa, KvFormat, Team};

#[derive(Deserialize)]
struct Entry {
    ids: Vec<u32>,
    largest: Vec<u32>,
    largest_logits: Vec<f32>,
    sample: Vec<f32>,
    cosine_of_rounded: f64,
}

/// Every so-many-th logit is in the sample.
const STRIDE: usize = 211;

fn find() -> Option<PathBuf> {
    let home = std::env::var_os("HOME").unwrap_or_default();
    let folder = std::env::var_os("ALMANAC_MODELS").map_or_else(
        || PathBuf::from(home).join(".cache/almanac/models"),
        PathBuf::from,
    );
    let path = folder.join("SmolLM2-135M-Instruct.Q4_1.gguf");
    if path.exists() {
        return Some(path);
    }
    let required = ["CI", "ALMANAC_REQUIRE_MODELS"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    assert!(!required, "{} is not there", path.display());
    println!("skipped: {} is not there", path.display());
    None
}

fn batch<'a>(ids: &[u32], from: usize, table: &'a [u32]) -> Batch<'a> {
    let mut batch = Batch::default();
    batch.push(ids, from, table);
    batch
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter()
            .zip(b)
            .map(|(a, b)| f64::from(*a) * f64::from(*b))
            .sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn logits_agree_with_llama_cpp_in_each_form() {
    let Some(path) = find() else {
        return;
    };
    let entries: Vec<Entry> =
        serde_json::from_str(include_str!("../../tests/fixtures/logits.json")).unwrap();
    let gguf = Gguf::open(&path).unwrap();
    // Tiles round activations to 8 bits, as llama.cpp's own kernels do.
    let dense = |_| Storage::Dense;
    let tiles = |format| Storage::of(format, Isa::best());
    let choices: [(&str, &Choose<'_>); 2] = [("tiles", &tiles), ("dense", &dense)];
    for (name, choose) in choices {
        let model = Model::load(&gguf, choose, Team::new(0).unwrap()).unwrap();
        let exact = name == "dense";
        let (mut lost, mut lost_by_llama_cpp) = (0.0, 0.0);
        let mut memory = KvMemory::new(model.config(), 32, KvFormat::F16).unwrap();
        let table: Vec<u32> = (0..32).rev().collect();
        for entry in &entries {
            let batch = batch(&entry.ids, 0, &table);
            let last = [entry.ids.len() - 1];
            let state = model.forward(&mut memory, &batch, &last).unwrap();
            let logits = model.logits(&state);
            let sample: Vec<f32> = logits.iter().copied().step_by(STRIDE).collect();
            let cosine = cosine(&sample, &entry.sample);
            println!(
                "{name}: cosine {cosine} (8-bit activations: {})",
                entry.cosine_of_rounded
            );
            lost += 1.0 - cosine;
            lost_by_llama_cpp += 1.0 - entry.cosine_of_rounded;
            if exact {
                let best = (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b]));
                assert_eq!(best, Some(entry.largest[0] as usize));
                for (id, expected) in entry.largest.iter().zip(&entry.largest_logits) {
                    let difference = (logits[*id as usize] - expected).abs();
                    // Keys and values are rounded to half precision.
                    assert!(difference < 2e-2, "{id}: {difference}");
                }
            }
            let some = [0, 5, entry.largest[0]];
            let selected = model.logits_of(&state, &some).unwrap();
            for (id, logit) in some.iter().zip(selected) {
                let whole = logits[*id as usize];
                assert_eq!(whole, logit, "{name}");
            }
        }
        // Rounding may cost about what it costs llama.cpp.
        let most = if exact {
            1e-5
        } else {
            1.25 * lost_by_llama_cpp
        };
        assert!(lost < most, "{name}: {lost}, llama.cpp {lost_by_llama_cpp}");
    }
}

#[test]
fn a_prompt_in_pieces_gives_the_same_bits() {
    let Some(path) = find() else {
        return;
    };
    let gguf = Gguf::open(&path).unwrap();
    let tiles = |format| Storage::of(format, Isa::best());
    let model = Model::load(&gguf, &tiles, Team::new(2).unwrap()).unwrap();
    let ids: Vec<u32> = (0..60).map(|index| 1000 + index * 37).collect();
    let mut memory = KvMemory::new(model.config(), 4, KvFormat::F16).unwrap();
    let whole = batch(&ids, 0, &[0, 1, 2, 3]);
    let whole = model.forward(&mut memory, &whole, &[59]).unwrap();
    let mut memory = KvMemory::new(model.config(), 8, KvFormat::F16).unwrap();
    let (table, other) = ([5, 2, 7, 0], [1, 3, 4, 6]);
    for piece in [0..1, 1..18, 18..59] {
        let mut batch = batch(&ids[piece.clone()], piece.start, &table);
        // Beside another sequence.
        batch.push(&ids[..piece.len()], 0, &other);
        model.forward(&mut memory, &batch, &[]).unwrap();
    }
    let last = batch(&ids[59..], 59, &table);
    let pieces = model.forward(&mut memory, &last, &[0]).unwrap();
    assert_eq!(whole, pieces);
}
