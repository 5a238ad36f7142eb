//! The perplexity of a text, for `scripts/bench/perplexity.py` to put beside another engine's.
//!
//! `ALMANAC_MODEL` names a model's file, `ALMANAC_TOKENS` one of windows, one a line, each of token ids with spaces
//! between. The second half of each window is scored after its first. `ALMANAC_KV` may be `int8`.

mod support;

use std::error::Error;
use std::ffi::OsStr;
use std::path::Path;

use engine::{Engine, EngineOptions, Prompt};

fn main() -> Result<(), Box<dyn Error>> {
    match (
        std::env::var_os("ALMANAC_MODEL"),
        std::env::var_os("ALMANAC_TOKENS"),
    ) {
        (Some(model), Some(tokens)) => measure(&model, tokens.as_ref()),
        // `cargo bench` runs all benchmarks; most have no need of these.
        _ => Ok(()),
    }
}

fn measure(model: &OsStr, tokens: &Path) -> Result<(), Box<dyn Error>> {
    let options = EngineOptions {
        kv: support::kv(),
        ..EngineOptions::default()
    };
    let engine = Engine::load(model.as_ref(), options)?;
    let (mut likelihood, mut scored) = (0.0, 0);
    for line in std::fs::read_to_string(tokens)?.lines() {
        let ids = line
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<Vec<u32>, _>>()?;
        let (prefix, rest) = ids.split_at(ids.len() / 2);
        for score in engine.score_tokens(&Prompt::Tokens(prefix.to_vec()), vec![rest.to_vec()])? {
            likelihood += f64::from(score.log_likelihood);
            scored += score.tokens;
        }
    }
    let nats = -likelihood / scored as f64;
    for (what, figure) in [
        ("tokens_scored", scored as f64),
        ("nats_per_token", nats),
        ("perplexity", nats.exp()),
    ] {
        println!("{{\"what\": \"{what}\", \"figure\": {figure:.6}}}");
    }
    Ok(())
}
