//! Tiny models of every architecture against llama.cpp's numbers for them.

use std::path::PathBuf;

use engine::{Engine, EngineOptions, Event, GenerateRequest, LanguageModel, Prompt};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// One position of a sequence.
#[derive(Deserialize)]
struct Position {
    id: u32,
    /// The likeliest next token, and by how much its logit exceeds the second's.
    likeliest: usize,
    margin: f32,
    next_log_probability: Option<f32>,
    /// Of all tokens, at some positions.
    logits: Option<Vec<f32>>,
}

#[derive(Deserialize)]
struct Text {
    text: String,
    ids: Vec<u32>,
}

fn fixture(name: &str) -> PathBuf {
    crate::fixture("architectures").join(name)
}

fn read<T: DeserializeOwned>(name: &str) -> Vec<T> {
    serde_json::from_slice(&std::fs::read(fixture(name)).unwrap()).unwrap()
}

fn load(name: &str) -> Engine {
    Engine::load(&fixture(&format!("{name}.gguf")), EngineOptions::default()).unwrap()
}

/// The logarithms of all tokens' probabilities after these.
fn log_probabilities(engine: &Engine, ids: &[u32], vocabulary: usize) -> Vec<f32> {
    let each = (0..vocabulary as u32).map(|id| vec![id]).collect();
    let scores = engine.score_tokens(&Prompt::Tokens(ids.to_vec()), each);
    scores
        .unwrap()
        .iter()
        .map(|score| score.log_likelihood)
        .collect()
}

fn normalised(logits: &[f32]) -> Vec<f32> {
    let sum: f64 = logits.iter().map(|logit| f64::from(*logit).exp()).sum();
    logits.iter().map(|logit| logit - sum.ln() as f32).collect()
}

/// Compares a model at each position of its sequence: no logarithm of a probability may differ by more than this,
/// and the likeliest token must be the same unless the second is as near.
fn compare(name: &str, most: f32) {
    let positions: Vec<Position> = read(&format!("{name}.json"));
    let ids: Vec<u32> = positions.iter().map(|position| position.id).collect();
    let vocabulary = positions[0].logits.as_ref().unwrap().len();
    let engine = load(name);
    let mut worst = 0.0f32;
    for (at, position) in positions.iter().enumerate() {
        let got = log_probabilities(&engine, &ids[..=at], vocabulary);
        let likeliest = (0..got.len()).max_by(|a, b| got[*a].total_cmp(&got[*b]));
        if position.margin > 2.0 * most {
            assert_eq!(likeliest, Some(position.likeliest), "{name} at {at}");
        }
        if let Some(expected) = position.next_log_probability {
            worst = worst.max((got[ids[at + 1] as usize] - expected).abs());
        }
        for (got, expected) in got
            .iter()
            .zip(position.logits.iter().flat_map(|row| normalised(row)))
        {
            worst = worst.max((got - expected).abs());
        }
        assert!(worst <= most, "{name} at {at}: {worst} off");
    }
    println!("{name}: at most {worst} off");

    // All positions in one batch, by an engine that remembers nothing.
    let prefix = Prompt::Tokens(ids[..1].to_vec());
    let whole = load(name).score_tokens(&prefix, vec![ids[1..].to_vec()]);
    let expected: f32 = positions
        .iter()
        .filter_map(|p| p.next_log_probability)
        .sum();
    let difference = (whole.unwrap()[0].log_likelihood - expected).abs();
    assert!(
        difference <= most * 8.0,
        "{name}: {difference} of {expected}"
    );
}

/// Weights are as in the file, and so are activations; keys and values are kept in 16 bits.
const EXACT: f32 = 0.02;
/// Activations are rounded to bytes. llama.cpp's own are up to 0.37 off its exact ones here.
const ROUNDED: f32 = 0.5;

#[test]
fn llama_with_stretched_angles() {
    compare("llama3", EXACT);
    compare("llama-linear", ROUNDED);
}

#[test]
fn qwen2_with_biases() {
    compare("qwen2", EXACT);
}

#[test]
fn qwen3_with_normed_heads_of_their_own_size() {
    compare("qwen3", EXACT);
    compare("qwen3-q8_0", ROUNDED);
}

#[test]
fn gemma3_with_windows_and_norms_behind() {
    compare("gemma3", EXACT);
    compare("gemma3-q8_0", ROUNDED);
}

#[test]
fn minicpm_with_scales() {
    compare("minicpm", EXACT);
}

#[test]
fn their_tokenizers_cut_as_llama_cpp_does() {
    for name in ["qwen2", "gemma3"] {
        let engine = load(name);
        for Text { text, ids } in read(&format!("{name}.tokens.json")) {
            let tokens = engine.tokens(&Prompt::Text(text.clone())).unwrap();
            assert_eq!(tokens, Some(ids), "{name}: {text:?}");
        }
    }
}

/// What llama.cpp says after a text.
#[derive(Deserialize)]
struct Continued {
    text: String,
    ids: Vec<u32>,
    greedy: Vec<u32>,
    continuations: Vec<String>,
    log_likelihoods: Vec<f32>,
}

/// Runs where `ALMANAC_GEMMA3` names the file that `scripts/oracle/gemma3.py` fetches: its terms of use do not let
/// the project ship it.
#[test]
fn gemma3_of_real_size() {
    let Some(path) = std::env::var_os("ALMANAC_GEMMA3") else {
        println!("skipped: ALMANAC_GEMMA3 is not set");
        return;
    };
    let engine = Engine::load(path.as_ref(), EngineOptions::default()).unwrap();
    let entries: Vec<Continued> =
        serde_json::from_str(include_str!("../fixtures/gemma3-270m.json")).unwrap();
    let (mut right, mut all) = (0, 0);
    let (mut differences, mut magnitudes) = (0.0, 0.0);
    for entry in entries {
        let tokens = engine.tokens(&Prompt::Text(entry.text.clone())).unwrap();
        assert_eq!(tokens.as_ref(), Some(&entry.ids), "{:?}", entry.text);
        for (step, expected) in entry.greedy.iter().enumerate() {
            let prefix = [&entry.ids[..], &entry.greedy[..step]].concat();
            let mut request = GenerateRequest::new(Prompt::Tokens(prefix));
            request.max_tokens = 1;
            request.logprobs = Some(1);
            let choice = engine
                .generate(request)
                .unwrap()
                .find_map(|event| match event.unwrap() {
                    Event::Token(chosen) => chosen.token,
                    _ => None,
                });
            all += 1;
            right += usize::from(choice == Some(*expected));
        }
        let prefix = Prompt::Tokens(entry.ids);
        let scores = engine.score(&prefix, &entry.continuations).unwrap();
        for (score, expected) in scores.iter().zip(entry.log_likelihoods) {
            differences += (score.log_likelihood - expected).abs();
            magnitudes += expected.abs();
        }
    }
    println!(
        "{right} of {all} greedy choices agree; likelihoods are {differences} of {magnitudes} off"
    );
    assert!(right * 100 >= all * 95, "{right} of {all}");
    assert!(
        differences < 0.03 * magnitudes,
        "{differences} of {magnitudes}"
    );
}
