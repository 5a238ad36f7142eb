//! What a generation yields, on a tiny model that is always there.

use std::sync::Arc;

use engine::{
    Allowed, Constraint, END_OF_SEQUENCE, Engine, EngineError, EngineOptions, Event, FinishReason,
    GenerateRequest, LanguageModel, Prompt, Sampling, TokenLogprob, TokenSet, TokenTrie,
};

use crate::tiny::{CONTEXT, Tiny};

fn tiny() -> Engine {
    Tiny::new().load(EngineOptions {
        threads: 2,
        ..EngineOptions::default()
    })
}

fn request(text: &str, max_tokens: usize) -> GenerateRequest {
    let mut request = GenerateRequest::new(Prompt::Text(text.into()));
    request.max_tokens = max_tokens;
    // Without the end of a turn, lengths are as asked for.
    request.logit_bias = vec![(crate::tiny::END, -1e9), (crate::tiny::START, -1e9)];
    request
}

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

/// The tokens that were told of, and what each event of text came after.
fn told(request: GenerateRequest, engine: &Engine) -> (Vec<TokenLogprob>, String, FinishReason) {
    let (mut tokens, mut text, mut reason) = (Vec::new(), String::new(), FinishReason::Cancelled);
    for event in engine.generate(request).unwrap() {
        match event.unwrap() {
            Event::Token(token) => tokens.push(token),
            Event::Text(more) => {
                text.push_str(&more);
                let bytes: Vec<u8> = tokens
                    .iter()
                    .flat_map(|token| token.bytes.clone())
                    .collect();
                let known = String::from_utf8_lossy(&bytes).into_owned();
                assert!(known.starts_with(&text), "text came before its tokens");
            }
            Event::Done(completion) => reason = completion.finish_reason,
        }
    }
    (tokens, text, reason)
}

#[test]
fn how_likely_each_token_was_is_what_scoring_says() {
    let engine = tiny();
    let prompt = "say the ";
    let mut asked = request(prompt, 30);
    asked.logprobs = Some(3);
    // None of these changes what is told.
    asked.sampling.temperature = 0.7;
    asked.sampling.seed = Some(4);
    asked.sampling.top_k = 2;
    asked.sampling.repetition_penalty = 1.3;
    let (tokens, text, _) = told(asked, &engine);
    assert_eq!(tokens.len(), 30);
    let bytes: Vec<u8> = tokens
        .iter()
        .flat_map(|token| token.bytes.clone())
        .collect();
    assert_eq!(String::from_utf8_lossy(&bytes), text);
    let mut so_far = engine
        .tokens(&Prompt::Text(prompt.into()))
        .unwrap()
        .unwrap();
    for token in &tokens {
        assert_eq!(token.top.len(), 3);
        let top: Vec<f32> = token.top.iter().map(|one| one.log_probability).collect();
        assert!(top.is_sorted_by(|a, b| a >= b));
        assert!(top[0] >= token.log_probability);
        let Ok(one) = String::from_utf8(token.bytes.clone()) else {
            so_far.extend(token.token);
            continue;
        };
        if engine.encode(&one) == [token.token.unwrap()] {
            let score = engine
                .score(&Prompt::Tokens(so_far.clone()), &[one])
                .unwrap()[0];
            let difference = score.log_likelihood - token.log_probability;
            assert!(difference.abs() < 1e-4, "{difference}");
        }
        so_far.extend(token.token);
    }
    let mut too_many = request("x", 1);
    too_many.logprobs = Some(21);
    assert!(matches!(
        engine.generate(too_many).err(),
        Some(EngineError::Invalid(_))
    ));
}

#[test]
fn tokens_that_are_cut_away_are_not_told_of() {
    let engine = tiny();
    let run = |stop: &[String]| {
        let mut asked = request("hello", 40);
        asked.logprobs = Some(0);
        asked.stop = stop.to_vec();
        told(asked, &engine)
    };
    let (all, whole, _) = run(&[]);
    let characters: Vec<char> = whole.chars().collect();
    for length in 1..4 {
        let stop: String = characters[10..10 + length].iter().collect();
        let (tokens, text, reason) = run(&[stop]);
        assert_eq!(reason, FinishReason::Stop);
        assert_eq!(tokens[..], all[..tokens.len()]);
        let bytes: usize = tokens.iter().map(|token| token.bytes.len()).sum();
        let last = tokens.last().map_or(0, |token| token.bytes.len());
        let raw: usize = text
            .chars()
            .map(|c| {
                if c == char::REPLACEMENT_CHARACTER {
                    1
                } else {
                    c.len_utf8()
                }
            })
            .sum();
        // All of the text, and no token that adds nothing to it.
        assert!(bytes >= raw && bytes - last < text.len(), "{text:?}");
    }
    // A stop string that never comes keeps nothing back in the end.
    assert_eq!(
        run(&[characters[39..].iter().collect::<String>() + "never"]).0,
        all
    );
}

#[test]
fn under_a_constraint_only_what_it_allows_counts() {
    let engine = tiny();
    let trie = Arc::new(TokenTrie::new(
        ["ab", "ac", "a"].map(|text| engine.encode(text)),
    ));
    let mut bound = request("x", 10);
    bound.logit_bias = vec![(crate::tiny::END, -1e9)];
    bound.logprobs = Some(20);
    bound.constraint = Some(trie.constraint());
    let (tokens, text, _) = told(bound, &engine);
    assert_eq!((tokens.len(), text.len()), (2, 2));
    assert_eq!((tokens[0].log_probability, tokens[0].top.len()), (0.0, 1));
    // The end is an alternative; the bias that made it impossible is not the model's own.
    let mut names: Vec<&str> = tokens[1].top.iter().map(|one| one.text.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["<|end|>", "b", "c"]);
    let sum: f32 = tokens[1]
        .top
        .iter()
        .map(|one| one.log_probability.exp())
        .sum();
    assert!((sum - 1.0).abs() < 1e-5);
}

/// Allows all of the vocabulary but its control tokens, in either way of saying so.
struct Most(TokenSet);

impl Constraint for Most {
    fn allowed(&self) -> Allowed<'_> {
        Allowed::Mask(&self.0)
    }

    fn accept(&mut self, _token: u32) {}
}

#[test]
fn a_set_of_most_tokens_is_as_good_as_biases() {
    let engine = tiny();
    for count in [20, 60, 200] {
        let mut masked = request("hello", 20);
        let mut biased = request("hello", 20);
        masked.constraint = Some(Box::new(Most((40..40 + count).collect())));
        biased.logit_bias = (0..40)
            .chain(40 + count..261)
            .map(|id| (id, -1e9))
            .collect();
        for request in [&mut masked, &mut biased] {
            request.sampling.temperature = 1.0;
            request.sampling.seed = Some(9);
        }
        let text = |request| engine.generate(request).unwrap().collect_text().unwrap().0;
        assert_eq!(text(masked), text(biased), "{count}");
    }
}
