//! The engine's speed as a whole, one JSON object per line, for `scripts/bench/compare.py` to put beside another
//! engine's.

mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::{Engine, EngineError, Event, LanguageModel, Prompt, TokenTrie};
use support::{load, print, prompt, request, resident, run, tokens};

type Outcome = Result<(), EngineError>;

fn main() {
    // `cargo test --benches` and others call with arguments of their own.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    if let Err(error) = measure() {
        eprintln!("failed: {error}");
        std::process::exit(1);
    }
}

fn measure() -> Outcome {
    let began = Instant::now();
    let engine = load()?;
    run(&engine, request(prompt(4, 0), 1))?;
    print("load_to_first_token_s", began.elapsed().as_secs_f64());
    print("resident_after_load_mb", resident());

    let whole = time(|| run(&engine, request(prompt(512, 1), 1)))?;
    print("prompt_512_tok_s", 512.0 / whole.as_secs_f64());

    // The same prompt again, but for its last tenth.
    let mut cached = tokens(512, 1);
    let from = 461;
    cached[from..].copy_from_slice(&tokens(512, 2)[from..]);
    let again = time(|| run(&engine, request(Prompt::Tokens(cached), 1)))?;
    print(
        "first_token_cached_share",
        again.as_secs_f64() / whole.as_secs_f64(),
    );

    let short = time(|| run(&engine, request(prompt(512, 3), 1)))?;
    let long = time(|| run(&engine, request(prompt(512, 4), 129)))?;
    print(
        "decode_after_512_tok_s",
        128.0 / (long.saturating_sub(short)).as_secs_f64(),
    );

    print("streams_8_tok_s", streams(&engine, 8)?);
    print("trie_tok_s", constrained(&engine)?);

    let (prefix, words) = (
        prompt(60, 5),
        ["river stone glass paper engine market winter garden signal bridge copper silver"; 100],
    );
    let candidates: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(at, words)| {
            words
                .split(' ')
                .cycle()
                .skip(at % 12)
                .take(12)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    let scored = time(|| engine.score(&prefix, &candidates).map(|_| ()))?;
    let tokens: usize = candidates
        .iter()
        .map(|text| engine.encode(text).len())
        .sum();
    let prompt = time(|| run(&engine, request(prompt(60 + tokens as u32, 6), 1)))?;
    print(
        "score_100_share_of_prompt",
        scored.as_secs_f64() / prompt.as_secs_f64(),
    );
    print("resident_at_end_mb", resident());
    Ok(())
}

/// Tokens per second of several clients at once, their prompts of 40 tokens included.
fn streams(engine: &Engine, clients: u32) -> Result<f64, EngineError> {
    let began = Instant::now();
    let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..clients)
            .map(|client| scope.spawn(move || run(engine, request(prompt(40, 100 + client), 64))))
            .collect();
        running
            .into_iter()
            .map(|one| one.join().unwrap_or(Err(EngineError::Closed)))
            .collect()
    });
    outcomes.into_iter().collect::<Outcome>()?;
    Ok(f64::from(clients * 64) / began.elapsed().as_secs_f64())
}

/// Tokens per second of an answer chosen among sentences that share their beginnings.
fn constrained(engine: &Engine) -> Result<f64, EngineError> {
    let sentences = [
        "The capital of the country is the city of N'Djamena, which lies on the river Chari.",
        "The capital of the country is N'Djamena, a city on the river Chari.",
        "N'Djamena is the capital of the country.",
        "N'Djamena, on the river Chari, is the capital of the country.",
        "It is N'Djamena.",
        "Its capital is the city of N'Djamena, which lies on the river Chari.",
    ];
    let (mut tokens, mut took) = (0, Duration::ZERO);
    for round in 0..8 {
        let mut request = request(prompt(60, 200 + round), 64);
        let trie = Arc::new(TokenTrie::new(
            sentences.iter().map(|text| engine.encode(text)),
        ));
        request.constraint = Some(trie.constraint());
        let mut generation = engine.generate(request)?;
        // Decoding begins with the first text.
        let mut began = None;
        for event in &mut generation {
            match event? {
                Event::Text(_) | Event::Token(_) => {
                    began.get_or_insert_with(Instant::now);
                }
                Event::Done(completion) => {
                    tokens += completion.completion_tokens.saturating_sub(1);
                    took += began.map_or(Duration::ZERO, |began| began.elapsed());
                }
            }
        }
    }
    Ok(tokens as f64 / took.as_secs_f64())
}

fn time(run: impl FnOnce() -> Outcome) -> Result<Duration, EngineError> {
    let began = Instant::now();
    run()?;
    Ok(began.elapsed())
}
