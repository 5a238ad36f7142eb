//! A real server: `llama_cpp.server` with SmolLM2, where there is one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::{
    ChatTurn, EngineError, Event, FinishReason, GenerateRequest, Grammar, LanguageModel, Prompt,
    TokenTrie,
};
use remote::{Guide, RemoteModel, RemoteOptions};
use tests::{LLAMA_MODEL, Llama};

use crate::speak::run;

fn chat(content: &str) -> GenerateRequest {
    GenerateRequest::new(Prompt::Chat(vec![ChatTurn {
        role: "user".into(),
        content: content.into(),
    }]))
}

fn bound(model: &RemoteModel, texts: &[&str]) -> GenerateRequest {
    let trie = Arc::new(TokenTrie::new(texts.iter().map(|text| model.encode(text))));
    let mut request = chat("Which colour has the sky on a clear day? Answer in one sentence.");
    request.constraint = Some(trie.constraint());
    request
}

#[test]
fn llama_cpp_serves_as_a_language_model() {
    let Some(llama) = Llama::start() else { return };
    let connect = |guide| {
        RemoteModel::connect(RemoteOptions {
            guide,
            ..RemoteOptions::new(llama.base())
        })
        .unwrap()
    };
    let (plain, guided) = (connect(Guide::None), connect(Guide::Grammar));
    assert_eq!(plain.name(), LLAMA_MODEL);
    streams(&plain);
    stops_when_it_is_told(&plain);
    is_bound(&plain, &guided);
    tells_likelihoods(&plain);
}

fn streams(model: &RemoteModel) {
    let greedy = || {
        let mut request = chat("Say hello to the harbour master.");
        request.max_tokens = 24;
        request
    };
    let events: Vec<Event> = model
        .generate(greedy())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(events.len() > 4, "text comes in pieces: {events:?}");
    let Some(Event::Done(done)) = events.last() else {
        panic!("no end: {events:?}");
    };
    assert!((1..=24).contains(&done.completion_tokens), "{done:?}");
    // The server's texts depend on what it has in its cache, so that no two need be the same.
    let mut stopped = greedy();
    stopped.stop = vec![" ".to_owned()];
    let (text, end) = run(model, stopped);
    assert!(!text.is_empty() && !text.contains(' '), "{text}");
    assert_eq!(end.unwrap(), FinishReason::Stop);
    let mut one = GenerateRequest::new(Prompt::Text("Once upon a".into()));
    one.max_tokens = 1;
    let (text, end) = run(model, one);
    assert_eq!((text.trim(), end.unwrap()), ("time", FinishReason::Length));
}

fn stops_when_it_is_told(model: &RemoteModel) {
    let long = || {
        let mut request = chat("Tell a very long story about the sea.");
        request.max_tokens = 900;
        request
    };
    let mut events = model.generate(long()).unwrap();
    assert!(matches!(events.next(), Some(Ok(Event::Text(_)))));
    drop(events);
    // The server takes one request at a time: were the first still running, this would wait for its 900 tokens.
    let mut late = long();
    let began = Instant::now();
    late.deadline = Some(began + Duration::from_secs(3));
    let (text, end) = run(model, late);
    assert_eq!(end.unwrap(), FinishReason::Deadline);
    assert!(!text.is_empty(), "the first was not stopped");
    assert!(began.elapsed() < Duration::from_secs(6));
}

fn is_bound(plain: &RemoteModel, guided: &RemoteModel) {
    let texts = [
        "The sky is said to be \"blue\".",
        "Blau\nist der Himmel, nicht grün.",
    ];
    let (text, end) = run(guided, bound(guided, &texts));
    assert!(texts.contains(&text.as_str()), "{text}");
    assert_eq!(end.unwrap(), FinishReason::Stop);
    // By itself it says something else, which is noticed.
    let (text, end) = run(plain, bound(plain, &texts));
    assert!(matches!(end, Err(EngineError::Violated)), "{end:?}");
    assert_eq!(text, "");
    let schema = serde_json::json!({
        "type": "object", "properties": {"colour": {"type": "string"}}, "required": ["colour"],
    });
    let mut request = chat("Name a colour, as JSON.");
    request.constraint = Some(guided.constrain(&Grammar::JsonSchema(schema)).unwrap());
    let (text, end) = run(guided, request);
    assert_eq!(end.unwrap(), FinishReason::Stop);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(value["colour"].is_string(), "{text}");
}

fn tells_likelihoods(model: &RemoteModel) {
    let mut request = chat("Say hello.");
    request.max_tokens = 4;
    request.logprobs = Some(2);
    let events: Vec<Event> = model
        .generate(request)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let tokens = events.iter().filter_map(|event| match event {
        Event::Token(token) => Some(token),
        _ => None,
    });
    let likely: Vec<f32> = tokens.map(|token| token.log_probability).collect();
    assert!(
        !likely.is_empty() && likely.iter().all(|l| *l <= 0.0),
        "{likely:?}"
    );
    // This model has no token that begins all texts, and for such the server's figures are of other tokens.
    let score = model.score(
        &Prompt::Text("The capital of France is".into()),
        &[" Paris".into()],
    );
    assert!(
        matches!(score, Err(EngineError::NotOffered(_))),
        "{score:?}"
    );
}
