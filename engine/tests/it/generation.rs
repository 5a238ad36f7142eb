//! What a generation yields, on a tiny model that is always there.

use std::sync::Arc;

use engine::{
    Allowed, Constraint, END_OF_SEQUENCE, Engine, EngineError, EngineOptions, FinishReason,
    GenerateRequest, LanguageModel, Prompt, Sampling, TokenTrie,
};

use crate::tiny::{CONTEXT, Tiny, request, tiny};

#[test]
fn the_length_is_as_asked_for() {
    let engine = tiny();
    for max_tokens in [0, 1, 7] {
        let (_, completion) = engine
            .generate(request("hello", max_tokens))
            .unwrap()
            .collect_text()
            .unwrap();
        assert_eq!(completion.finish_reason, FinishReason::Length);
        assert_eq!(completion.completion_tokens, max_tokens);
        assert_eq!(completion.prompt_tokens, 5);
    }
}

#[test]
fn the_end_of_the_context_ends_the_text() {
    let engine = tiny();
    let (_, completion) = engine
        .generate(request(&"x".repeat(CONTEXT - 3), 100))
        .unwrap()
        .collect_text()
        .unwrap();
    assert_eq!(completion.finish_reason, FinishReason::Length);
    assert_eq!(completion.completion_tokens, 3);
    let too_long = engine.generate(request(&"x".repeat(CONTEXT + 1), 1));
    assert!(matches!(
        too_long.err().unwrap(),
        EngineError::PromptTooLong {
            tokens: 257,
            context: CONTEXT
        }
    ));
}

#[test]
fn prompts_that_make_no_sense_are_refused() {
    let engine = tiny();
    for tokens in [vec![], vec![1_000_000]] {
        let error = engine
            .generate(GenerateRequest::new(Prompt::Tokens(tokens)))
            .err();
        assert!(matches!(error, Some(EngineError::Invalid(_))));
    }
    let mut request = request("a", 1);
    request.sampling.temperature = f32::INFINITY;
    assert!(matches!(
        engine.generate(request).err(),
        Some(EngineError::Invalid(_))
    ));
}

#[test]
fn a_seed_gives_the_same_text_whatever_the_cache_holds() {
    let engine = tiny();
    let run = |seed: u64, text: &str| {
        let mut request = request(text, 60);
        request.sampling = Sampling {
            temperature: 1.0,
            top_p: 0.95,
            seed: Some(seed),
            ..Sampling::default()
        };
        engine.generate(request).unwrap().collect_text().unwrap()
    };
    let long = "a prompt of more than one chunk ".repeat(5);
    let (first, cold) = run(7, &long);
    let (again, warm) = run(7, &long);
    assert_eq!(first, again);
    assert_eq!(cold.cached_tokens, 0);
    // Whole blocks are kept, and the last token is computed in any case.
    assert_eq!(warm.cached_tokens, (warm.prompt_tokens - 1) / 16 * 16);
    run(7, "something else");
    assert_eq!(run(7, &long).0, first);
    assert_ne!(run(8, &long).0, first);
}

#[test]
fn a_shared_prefix_is_computed_once_and_changes_nothing() {
    let (engine, fresh) = (tiny(), tiny());
    let run = |engine: &Engine, text: &str| {
        engine
            .generate(request(text, 20))
            .unwrap()
            .collect_text()
            .unwrap()
    };
    run(&engine, "the beginning and one end");
    let (text, completion) = run(&engine, "the beginning and another end");
    assert!(completion.cached_tokens >= "the beginning and ".len() - 2);
    assert!(completion.cached_tokens < completion.prompt_tokens);
    assert_eq!(text, run(&fresh, "the beginning and another end").0);
}

#[test]
fn a_stop_string_ends_the_text_before_it() {
    let engine = tiny();
    let (whole, _) = engine
        .generate(request("hello", 40))
        .unwrap()
        .collect_text()
        .unwrap();
    let characters: Vec<char> = whole.chars().collect();
    let stop: String = characters[10..12].iter().collect();
    let mut stopped = request("hello", 40);
    stopped.stop = vec![stop.clone()];
    let (text, completion) = engine.generate(stopped).unwrap().collect_text().unwrap();
    assert_eq!(completion.finish_reason, FinishReason::Stop);
    assert_eq!(text, whole[..whole.find(&stop).unwrap()]);
}

#[test]
fn a_trie_binds_the_text() {
    let engine = tiny();
    let choices = ["Paris", "Parma", "the river", "Prague"];
    let trie = Arc::new(TokenTrie::new(
        choices.iter().map(|text| engine.encode(text)),
    ));
    for seed in 0..20 {
        let mut request = request("where?", 100);
        request.sampling.temperature = 3.0;
        request.sampling.seed = Some(seed);
        request.constraint = Some(trie.constraint());
        let (text, completion) = engine.generate(request).unwrap().collect_text().unwrap();
        assert!(choices.contains(&text.as_str()), "{text:?}");
        assert_eq!(completion.finish_reason, FinishReason::Stop);
        assert_eq!(completion.completion_tokens, engine.encode(&text).len());
    }
}

#[test]
fn a_trie_chooses_what_scoring_prefers() {
    let engine = tiny();
    // Sequences of one token each, so that the greedy choice is the likeliest.
    let choices: Vec<String> = ["a", "b", "c", "d", "the"].map(String::from).into();
    let prompt = Prompt::Text("which one? ".into());
    let scores = engine.score(&prompt, &choices).unwrap();
    let best = (0..choices.len())
        .max_by(|a, b| {
            scores[*a]
                .log_likelihood
                .total_cmp(&scores[*b].log_likelihood)
        })
        .unwrap();
    let trie = Arc::new(TokenTrie::new(
        choices.iter().map(|text| engine.encode(text)),
    ));
    let mut request = GenerateRequest::new(prompt);
    request.constraint = Some(trie.constraint());
    let (text, _) = engine.generate(request).unwrap().collect_text().unwrap();
    assert_eq!(text, choices[best]);
}

#[test]
fn a_choice_that_may_end_early_ends_by_likelihood() {
    let engine = tiny();
    let trie = Arc::new(TokenTrie::new([engine.encode("ab"), engine.encode("abc")]));
    for (bias, expected) in [(1e6, "ab"), (-1e6, "abc")] {
        let mut request = GenerateRequest::new(Prompt::Text("x".into()));
        request.logit_bias = vec![(crate::tiny::END, bias)];
        request.constraint = Some(trie.constraint());
        let (text, completion) = engine.generate(request).unwrap().collect_text().unwrap();
        assert_eq!(text, expected);
        assert_eq!(completion.finish_reason, FinishReason::Stop);
        assert_eq!(completion.completion_tokens, expected.len());
    }
}

#[test]
fn a_forced_text_does_not_even_need_the_prompt() {
    let engine = tiny();
    let trie = Arc::new(TokenTrie::new([engine.encode("no choice at all")]));
    let mut forced = request("some prompt", 100);
    forced.constraint = Some(trie.constraint());
    let (text, completion) = engine.generate(forced).unwrap().collect_text().unwrap();
    assert_eq!(text, "no choice at all");
    assert_eq!(completion.finish_reason, FinishReason::Stop);
    // Nothing was computed, so the same prompt finds nothing.
    let (_, completion) = engine
        .generate(request("some prompt", 1))
        .unwrap()
        .collect_text()
        .unwrap();
    assert_eq!(completion.cached_tokens, 0);
}

#[test]
fn a_forced_text_is_cut_at_the_length_asked_for() {
    let engine = tiny();
    let trie = Arc::new(TokenTrie::new([engine.encode("abcdef")]));
    for (max_tokens, expected, reason) in [
        (3, "abc", FinishReason::Length),
        (6, "abcdef", FinishReason::Stop),
        (0, "", FinishReason::Length),
    ] {
        let mut forced = request("some prompt", max_tokens);
        forced.constraint = Some(trie.constraint());
        let (text, completion) = engine.generate(forced).unwrap().collect_text().unwrap();
        assert_eq!(
            (text.as_str(), completion.finish_reason),
            (expected, reason)
        );
    }
}

/// Alternates forced text with free choices.
struct Slots(usize);

impl Constraint for Slots {
    fn allowed(&self) -> Allowed<'_> {
        match self.0 {
            0 => Allowed::Tokens(&[40]),
            1 => Allowed::Any,
            2 => Allowed::Tokens(&[50, 51]),
            3 => Allowed::Tokens(&[END_OF_SEQUENCE]),
            _ => Allowed::End,
        }
    }

    fn accept(&mut self, _token: u32) {
        self.0 += 1;
    }
}

#[test]
fn forced_and_free_tokens_mix() {
    let engine = tiny();
    let mut mixed = request("x", 100);
    mixed.constraint = Some(Box::new(Slots(0)));
    let (_, completion) = engine.generate(mixed).unwrap().collect_text().unwrap();
    assert_eq!(completion.finish_reason, FinishReason::Stop);
    assert_eq!(completion.completion_tokens, 3);
}

#[test]
fn text_is_the_same_with_and_without_looking_ahead() {
    let engine = |lookup| {
        Tiny::new().load(EngineOptions {
            lookup,
            ..EngineOptions::default()
        })
    };
    let (plain, ahead) = (engine(false), engine(true));
    let mut drafted = 0;
    for seed in 0..24u64 {
        // A prompt that repeats itself, as lists and quotations do.
        let text = "one and two and three, ".repeat(1 + seed as usize % 4);
        let request = || {
            let mut request = request(&text, 20 + seed as usize * 3);
            request.sampling = Sampling {
                temperature: (seed % 3) as f32 * 0.3,
                frequency_penalty: (seed % 2) as f32 * 0.05,
                seed: Some(seed),
                ..Sampling::default()
            };
            request.stop = vec!["zz".into()];
            request
        };
        let one = |engine: &Engine| {
            let generation = engine.generate(request()).unwrap();
            generation.collect_text().unwrap()
        };
        let ((text, done), (other, ahead)) = (one(&plain), one(&ahead));
        assert_eq!(text, other);
        assert_eq!(done.completion_tokens, ahead.completion_tokens);
        assert_eq!(done.finish_reason, ahead.finish_reason);
        assert_eq!(done.drafted_tokens, 0);
        drafted += ahead.drafted_tokens;
    }
    assert!(drafted > 20, "{drafted}");
}
