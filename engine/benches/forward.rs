//! Speed of prompts and of decoding, in tokens per second, on the real model.

mod support;

use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::ItemsCount;
use engine::{Engine, GenerateRequest};
use support::{prompt, request};

static ENGINE: LazyLock<Option<Engine>> = LazyLock::new(|| match support::load() {
    Ok(engine) => Some(engine),
    Err(error) => {
        eprintln!("skipped: {error}");
        None
    }
});

fn main() {
    divan::main();
}

fn run(engine: &Engine, request: GenerateRequest) {
    if let Err(error) = support::run(engine, request) {
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
        .bench_local_values(|prompt| run(engine, request(prompt, 1)));
}

#[divan::bench(args = [32], sample_count = 5, sample_size = 1)]
fn decoded_tokens(bencher: Bencher<'_, '_>, length: usize) {
    let Some(engine) = ENGINE.as_ref() else {
        return;
    };
    // The prompt is in memory after the first run, but for its last token.
    bencher
        .counter(ItemsCount::new(length))
        .bench_local(|| run(engine, request(prompt(8, 0), length)));
}
