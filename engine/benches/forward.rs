//! Speed of prompts and of decoding, in tokens per second, on the real model.
//!
//! `ALMANAC_MODELS` names the models' folder, as for the tests.

use std::path::PathBuf;
use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::ItemsCount;
use engine::{Engine, EngineOptions, GenerateRequest, LanguageModel, Prompt};

static ENGINE: LazyLock<Option<Engine>> = LazyLock::new(|| {
    let home = std::env::var_os("HOME").unwrap_or_default();
    let folder = std::env::var_os("ALMANAC_MODELS").map_or_else(
        || PathBuf::from(home).join(".cache/almanac/models"),
        PathBuf::from,
    );
    let path = folder.join("SmolLM2-135M-Instruct.Q4_1.gguf");
    match Engine::load(&path, EngineOptions::default()) {
        Ok(engine) => Some(engine),
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
});

fn main() {
    divan::main();
}

/// A prompt that shares nothing with the one before it.
fn prompt(length: u32, run: u32) -> Prompt {
    Prompt {
        tokens: (0..length)
            .map(|at| 100 + (at * 7919 + run * 104_729) % 49_000)
            .collect(),
    }
}

fn run(engine: &Engine, prompt: Prompt, max_tokens: usize) {
    let mut request = GenerateRequest::new(prompt);
    request.max_tokens = max_tokens;
    // No end of a turn, so that the length is as asked for.
    request.logit_bias = vec![(0, -1e9), (2, -1e9)];
    if let Err(error) = engine.generate(request).and_then(|one| one.collect_text()) {
        eprintln!("failed: {error}");
    }
}

#[divan::bench(args = [128, 512], sample_count = 5, sample_size = 1)]
fn prompt_tokens(bencher: Bencher<'_, '_>, length: u32) {
    let Some(engine) = ENGINE.as_ref() else {
        return;
    };
    let mut runs = 0;
    bencher
        .counter(ItemsCount::new(length))
        .with_inputs(|| {
            runs += 1;
            prompt(length, runs)
        })
        .bench_local_values(|prompt| run(engine, prompt, 1));
}

#[divan::bench(args = [32], sample_count = 5, sample_size = 1)]
fn decoded_tokens(bencher: Bencher<'_, '_>, length: usize) {
    let Some(engine) = ENGINE.as_ref() else {
        return;
    };
    // The prompt is in memory after the first run, but for its last token.
    bencher
        .counter(ItemsCount::new(length))
        .bench_local(|| run(engine, prompt(8, 0), length));
}
