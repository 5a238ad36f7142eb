//! The numbers of the forward pass against llama.cpp's on the same weights.

use engine::{GenerateRequest, LanguageModel, Prompt};
use serde::Deserialize;

use crate::models;

#[derive(Deserialize)]
struct Entry {
    ids: Vec<u32>,
    greedy: Vec<u32>,
    continuations: Vec<String>,
    log_likelihoods: Vec<f32>,
}

fn entries() -> Vec<Entry> {
    serde_json::from_str(include_str!("../fixtures/logits.json")).unwrap()
}

#[test]
fn greedy_choices_agree() {
    let Some(engine) = models::smollm() else {
        return;
    };
    let (mut right, mut all) = (0, 0);
    for entry in entries() {
        for step in 0..entry.greedy.len() {
            let tokens = [&entry.ids[..], &entry.greedy[..step]].concat();
            let choice = |bias| {
                let mut request = GenerateRequest::new(Prompt::Tokens(tokens.clone()));
                request.max_tokens = 1;
                request.logit_bias = vec![(entry.greedy[step], bias)];
                let generation = engine.generate(request).unwrap();
                generation.collect_text().unwrap().0
            };
            all += 1;
            // The second is forced to be llama.cpp's.
            if choice(0.0) == choice(1e9) {
                right += 1;
            }
            if step > 0 && entry.greedy[step] == 2 {
                break;
            }
        }
    }
    println!("{right} of {all} greedy choices agree");
    // The fixture's are of exact activations; ours are rounded to bytes, as llama.cpp's own usually are.
    assert!(right * 100 >= all * 97, "{right} of {all}");
}

#[test]
fn likelihoods_agree() {
    let Some(engine) = models::smollm() else {
        return;
    };
    let (mut differences, mut magnitudes) = (0.0, 0.0);
    for entry in entries() {
        let prefix = Prompt::Tokens(entry.ids);
        let scores = engine.score(&prefix, &entry.continuations).unwrap();
        for ((text, score), expected) in entry
            .continuations
            .iter()
            .zip(scores)
            .zip(entry.log_likelihoods)
        {
            let difference = (score.log_likelihood - expected).abs();
            assert!(
                difference <= 0.1 + 0.1 * expected.abs(),
                "{text:?}: {} instead of {expected}",
                score.log_likelihood
            );
            differences += difference;
            magnitudes += expected.abs();
        }
    }
    // The fixture's are of exact activations, ours of rounded ones.
    assert!(
        differences < 0.03 * magnitudes,
        "{differences} of {magnitudes}"
    );
}

#[test]
fn it_knows_the_capital_of_france() {
    let Some(engine) = models::smollm() else {
        return;
    };
    let prompt = Prompt::Text("The capital of France is".into());
    let mut request = GenerateRequest::new(prompt);
    request.max_tokens = 1;
    let (text, completion) = engine.generate(request).unwrap().collect_text().unwrap();
    assert_eq!(text, " Paris");
    assert_eq!(completion.finish_reason, engine::FinishReason::Length);
}
