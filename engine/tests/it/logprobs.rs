//! How likely each token of a generation was, on a tiny model that is always there.

use std::sync::Arc;

use engine::{
    Allowed, Constraint, Engine, EngineError, Event, FinishReason, GenerateRequest, LanguageModel,
    Prompt, TokenLogprob, TokenSet, TokenTrie,
};

use crate::tiny::{request, tiny};

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
