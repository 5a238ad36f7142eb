//! How likely texts are, on a tiny model that is always there.

use engine::{EngineOptions, LanguageModel, Prompt};

use crate::tiny::{Tiny, request, tiny};

#[test]
fn scores_agree_with_each_other() {
    let engine = tiny();
    let prompt = Prompt::Text("a prefix".into());
    // Without "th", so that each byte is a token.
    let texts: Vec<String> = ["x", "x or y", "", "no same", "some more words to come"]
        .map(String::from)
        .into();
    let together = engine.score(&prompt, &texts).unwrap();
    assert_eq!((together[2].log_likelihood, together[2].tokens), (0.0, 0));
    for (text, score) in texts.iter().zip(&together) {
        assert_eq!(score.tokens, text.len());
        let alone = engine.score(&prompt, std::slice::from_ref(text)).unwrap();
        assert_eq!(alone, [*score]);
        let mut sum = 0.0;
        let mut prefix = engine.tokens(&prompt).unwrap().unwrap();
        for byte in text.chars() {
            let byte = byte.to_string();
            let next = engine.encode(&byte);
            let scores = engine.score(&Prompt::Tokens(prefix.clone()), &[byte]);
            sum += scores.unwrap()[0].log_likelihood;
            prefix.extend(next);
        }
        assert!((sum - score.log_likelihood).abs() < 1e-4, "{text}");
    }
}

#[test]
fn all_single_tokens_together_are_certain() {
    let engine = tiny();
    let prompt = Prompt::Text("?".into());
    let ascii: Vec<String> = (0..128u8)
        .map(|byte| char::from(byte).to_string())
        .collect();
    let scores = engine.score(&prompt, &ascii).unwrap();
    let sum: f32 = scores.iter().map(|score| score.log_likelihood.exp()).sum();
    assert!(sum > 0.1 && sum <= 1.0, "{sum}");
    assert!(scores.iter().all(|score| score.tokens == 1));
}

#[test]
fn a_score_may_fill_the_context_and_come_while_others_run() {
    let engine = Tiny::new().load(EngineOptions {
        context: 64,
        slots: 1,
        threads: 1,
        ..EngineOptions::default()
    });
    let prefix = Prompt::Tokens((0..50).map(|at| 40 + at % 20).collect());
    let texts = ["abcdefghijklmn".to_owned(), "bcdefghijklmno".to_owned()];
    assert_eq!(engine.encode(&texts[0]).len(), 14);
    let alone = engine.score(&prefix, &texts).unwrap();

    let engine = tiny();
    let running: Vec<_> = (0..6)
        .map(|_| engine.generate(request("go on", 100)).unwrap())
        .collect();
    assert_eq!(engine.score(&prefix, &texts).unwrap(), alone);
    for generation in running {
        let (_, completion) = generation.collect_text().unwrap();
        assert_eq!(completion.completion_tokens, 100);
    }
}
