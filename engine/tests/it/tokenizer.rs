//! Token for token what llama.cpp says.

use engine::{Engine, EngineOptions, LanguageModel, Prompt};
use serde::Deserialize;

use crate::models;

#[derive(Deserialize)]
struct Entry {
    text: String,
    ids: Vec<u32>,
    /// The token that the model finds likeliest after these.
    next: Option<u32>,
}

fn entries(json: &str) -> Vec<Entry> {
    serde_json::from_str(json).unwrap()
}

#[test]
fn a_thousand_strings_are_tokenised_as_by_llama_cpp() {
    let Some(engine) = models::smollm() else {
        return;
    };
    let entries = entries(include_str!("../fixtures/tokenizer.json"));
    assert!(entries.len() >= 1000);
    let wrong: Vec<&Entry> = entries
        .iter()
        .filter(|entry| engine.encode(&entry.text) != entry.ids)
        .collect();
    for entry in wrong.iter().take(5) {
        let got = engine.encode(&entry.text);
        println!(
            "{:?}\n  expected {:?}\n  got      {got:?}",
            entry.text, entry.ids
        );
    }
    assert!(
        wrong.is_empty(),
        "{} of {} differ",
        wrong.len(),
        entries.len()
    );
}

#[test]
fn a_sentencepiece_model_is_tokenised_and_computed_as_by_llama_cpp() {
    let path = crate::fixture("sentencepiece.gguf");
    let engine = Engine::load(&path, EngineOptions::default()).unwrap();
    for entry in entries(include_str!("../fixtures/sentencepiece.json")) {
        let prompt = Prompt::Text(entry.text.clone());
        let tokens = engine.tokens(&prompt).unwrap();
        assert_eq!(tokens, Some(entry.ids), "{:?}", entry.text);
        if let Some(next) = entry.next {
            let choice = |bias| {
                let mut request = engine::GenerateRequest::new(prompt.clone());
                request.max_tokens = 1;
                request.logit_bias = vec![(next, bias)];
                let generation = engine.generate(request).unwrap();
                generation.collect_text().unwrap().0
            };
            assert_eq!(choice(0.0), choice(1e9), "{:?}", entry.text);
        }
    }
}

#[test]
fn long_runs_take_no_longer_than_they_should() {
    let Some(engine) = models::smollm() else {
        return;
    };
    let started = std::time::Instant::now();
    for unit in [
        " ",
        "a",
        "\n",
        "é",
        "1",
        "ab ",
        "<|im_start|>",
        "\u{0}",
        "!?",
    ] {
        let text = unit.repeat(200_000 / unit.len());
        assert!(!engine.encode(&text).is_empty() || unit == "\u{0}");
    }
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}
