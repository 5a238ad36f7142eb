//! What the benchmarks share: the real model, prompts that share nothing, requests of a given length, figures printed.
//!
//! `ALMANAC_MODELS` names the models' folder, as for the tests, and `ALMANAC_MODEL` one file instead.

// No benchmark uses all of it.
#![allow(dead_code)]

use std::path::PathBuf;

use engine::{
    Engine, EngineError, EngineOptions, GenerateRequest, KvFormat, LanguageModel, Prompt,
};

/// The model's file.
pub(crate) fn path() -> PathBuf {
    let home = std::env::var_os("HOME").unwrap_or_default();
    let folder = std::env::var_os("ALMANAC_MODELS").map_or_else(
        || PathBuf::from(home).join(".cache/almanac/models"),
        PathBuf::from,
    );
    std::env::var_os("ALMANAC_MODEL").map_or_else(
        || folder.join("SmolLM2-135M-Instruct.Q4_1.gguf"),
        PathBuf::from,
    )
}

/// How `ALMANAC_KV` wants keys and values to be kept.
pub(crate) fn kv() -> KvFormat {
    match std::env::var("ALMANAC_KV").as_deref() {
        Ok("int8") => KvFormat::Int8,
        Ok("f16") | Err(_) => KvFormat::F16,
        Ok(other) => panic!("ALMANAC_KV is `{other}`, neither f16 nor int8"),
    }
}

pub(crate) fn load() -> Result<Engine, EngineError> {
    // The prompts make the model repeat itself, which looking ahead would turn into figures that no text has.
    let options = EngineOptions {
        lookup: false,
        ..EngineOptions::default()
    };
    Engine::load(&path(), options)
}

/// A prompt that shares nothing with one of another number.
pub(crate) fn prompt(length: u32, number: u32) -> Prompt {
    Prompt::Tokens(tokens(length, number))
}

/// The tokens of such a prompt.
pub(crate) fn tokens(length: u32, number: u32) -> Vec<u32> {
    let tokens = (0..length).map(|at| 100 + (at * 7919 + number * 104_729) % 49_000);
    tokens.collect()
}

/// A request that does not end before its length.
pub(crate) fn request(prompt: Prompt, max_tokens: usize) -> GenerateRequest {
    let mut request = GenerateRequest::new(prompt);
    request.max_tokens = max_tokens;
    request.logit_bias = vec![(0, -1e9), (2, -1e9)];
    request
}

pub(crate) fn run(engine: &Engine, request: GenerateRequest) -> Result<(), EngineError> {
    engine.generate(request)?.collect_text().map(|_| ())
}

/// Memory in use, megabytes; 0 where the system does not say.
pub(crate) fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok());
    kilobytes.unwrap_or(0.0) / 1000.0
}

/// Prints a figure as a JSON object.
pub(crate) fn print(what: &str, figure: f64) {
    println!("{{\"what\": \"{what}\", \"figure\": {figure:.4}}}");
}
