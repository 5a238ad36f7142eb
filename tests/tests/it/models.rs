//! What needs the models: embeddings, plain chat, and answers that the model words.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tests::{Server, Start, fixtures::LANTERNS};

/// A server with models, and the ids of the language model and the embedder.
fn server() -> Option<(Server, String, String)> {
    let server = Start::default().models(&tests::models()?).start();
    server.create_with("lanterns", LANTERNS);
    let list = server.get("/v1/models").expect(200).json();
    let id = |kind: &str| {
        let models = list["data"].as_array().into_iter().flatten();
        let found: Vec<&Value> = models.filter(|m| m["kind"] == kind).collect();
        assert_eq!(found.len(), 1, "{list}");
        found[0]["id"].as_str().unwrap_or_default().to_owned()
    };
    let (language, embedder) = (id("language_model"), id("embedder"));
    Some((server, language, embedder))
}

fn floats(value: &Value) -> Vec<f32> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_f64)
        .map(|x| x as f32)
        .collect()
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn embeddings_come_as_numbers_and_as_base64() {
    let Some((server, language, embedder)) = server() else {
        return;
    };
    let texts = json!([
        "a lighthouse on a rock",
        "a beacon on a cliff",
        "quarterly tax return"
    ]);
    let embed = |extra: Value| {
        let mut body = json!({ "model": embedder, "input": texts });
        for (name, value) in extra.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        server.post("/v1/embeddings", &body)
    };
    let numbers = embed(json!({})).expect(200).json();
    assert_eq!(numbers["object"], "list");
    assert_eq!(numbers["model"], embedder.as_str());
    assert!(
        numbers["usage"]["prompt_tokens"]
            .as_u64()
            .is_some_and(|n| n >= 10)
    );
    let data = numbers["data"].as_array().cloned().unwrap_or_default();
    assert_eq!(data.len(), 3);
    let encoded = embed(json!({ "encoding_format": "base64", "dimensions": 384, "user": "u" }))
        .expect(200)
        .json();
    let mut vectors = Vec::new();
    for (index, entry) in data.iter().enumerate() {
        assert_eq!(entry["index"], index);
        assert_eq!(entry["object"], "embedding");
        let vector = floats(&entry["embedding"]);
        assert_eq!(vector.len(), 384);
        let length: f32 = vector.iter().map(|x| x * x).sum();
        assert!(
            (length - 1.0).abs() < 1e-3,
            "vectors have length 1: {length}"
        );
        let bytes = STANDARD
            .decode(
                encoded["data"][index]["embedding"]
                    .as_str()
                    .unwrap_or_default(),
            )
            .expect("base64");
        let again: Vec<f32> = bytes
            .as_chunks::<4>()
            .0
            .iter()
            .map(|b| f32::from_le_bytes(*b))
            .collect();
        assert_eq!(again, vector);
        vectors.push(vector);
    }
    assert!(cosine(&vectors[0], &vectors[1]) > cosine(&vectors[0], &vectors[2]) + 0.2);
    let one = server
        .post(
            "/v1/embeddings",
            &json!({ "model": embedder, "input": texts[0] }),
        )
        .expect(200)
        .json();
    let alone = floats(&one["data"][0]["embedding"]);
    assert!(
        cosine(&alone, &vectors[0]) > 0.9999,
        "company does not matter"
    );

    assert_eq!(
        embed(json!({ "dimensions": 100 })).openai_error(400)["param"],
        "dimensions"
    );
    assert_eq!(
        embed(json!({ "encoding_format": "hex" })).openai_error(400)["param"],
        "encoding_format"
    );
    assert_eq!(
        embed(json!({ "input": [] })).openai_error(400)["param"],
        "input"
    );
    assert_eq!(
        embed(json!({ "input": "" })).openai_error(400)["param"],
        "input"
    );
    for model in [language.as_str(), "lanterns", "no-such-model"] {
        let reply = embed(json!({ "model": model }));
        assert!(matches!(reply.status, 400 | 404), "{model}: {reply:?}");
        assert_eq!(reply.openai_error(reply.status)["param"], "model");
    }
}

#[test]
fn a_language_model_chats_plainly() {
    let Some((server, language, embedder)) = server() else {
        return;
    };
    let body = |extra: Value| {
        let mut body = json!({
            "model": language, "max_tokens": 24, "temperature": 0,
            "messages": [{ "role": "user", "content": "Say hello to the harbour master." }],
        });
        for (name, value) in extra.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        body
    };
    let send = |extra: Value| {
        server
            .post("/v1/chat/completions", &body(extra))
            .expect(200)
    };
    let whole = send(json!({})).json();
    let choice = &whole["choices"][0];
    let text = choice["message"]["content"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(!text.trim().is_empty());
    assert!(
        choice["message"].get("grounding").is_none(),
        "nothing is grounded here"
    );
    assert!(matches!(
        choice["finish_reason"].as_str(),
        Some("stop" | "length")
    ));
    let tokens = whole["usage"]["completion_tokens"].as_u64().unwrap_or(0);
    assert!(
        (1..=24).contains(&tokens) && whole["usage"]["prompt_tokens"].as_u64() > Some(5),
        "{whole}"
    );

    let stream = send(json!({ "stream": true, "stream_options": { "include_usage": true } }));
    let mut events = stream.events();
    assert_eq!(events.pop().as_deref(), Some("[DONE]"));
    let chunks: Vec<Value> = events
        .iter()
        .map(|e| serde_json::from_str(e).expect("JSON"))
        .collect();
    let streamed: String = chunks
        .iter()
        .filter_map(|c| c["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(
        streamed, text,
        "greedy decoding says the same, streamed or not"
    );
    assert_eq!(
        chunks
            .last()
            .map(|c| c["usage"]["completion_tokens"].as_u64()),
        Some(Some(tokens))
    );

    let seeded = || {
        send(json!({ "temperature": 1.2, "seed": 11 })).json()["choices"][0]["message"]["content"]
            .clone()
    };
    assert_eq!(seeded(), seeded(), "a seed means something");
    let one = send(json!({ "max_tokens": 1 })).json();
    assert_eq!(one["choices"][0]["finish_reason"], "length");
    assert_eq!(one["usage"]["completion_tokens"], 1);
    let first_word = text
        .split_whitespace()
        .nth(1)
        .unwrap_or_default()
        .to_owned();
    if !first_word.is_empty() {
        let stopped = send(json!({ "stop": [first_word] })).json();
        let said = stopped["choices"][0]["message"]["content"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert!(!said.contains(&first_word), "{said}");
        assert_eq!(stopped["choices"][0]["finish_reason"], "stop");
    }
    let error = server
        .post("/v1/chat/completions", &body(json!({ "model": embedder })))
        .openai_error(400);
    assert_eq!(error["param"], "model");
}

#[test]
fn a_client_that_leaves_frees_the_engine() {
    let Some((server, language, _)) = server() else {
        return;
    };
    let body = json!({
        "model": language, "max_tokens": 2000, "stream": true,
        "messages": [{ "role": "user", "content": "Tell a very long story about the sea." }],
    });
    for _ in 0..3 {
        let (status, mut lines) = server
            .call("POST", "/v1/chat/completions")
            .json(&body)
            .lines();
        assert_eq!(status, 200);
        lines.next();
    }
    // Were the three still running, this would wait for thousands of tokens.
    let began = std::time::Instant::now();
    let short = json!({ "model": language, "max_tokens": 2, "messages": [{ "role": "user", "content": "Hi" }] });
    server.post("/v1/chat/completions", &short).expect(200);
    assert!(
        began.elapsed() < std::time::Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn the_answer_is_the_same_with_the_model_and_without() {
    let Some((server, _, _)) = server() else {
        return;
    };
    for question in [
        "Who is the keeper of Brannoch Light?",
        "Which islands are connected by a causeway to Tarn Isle?",
        "How many lighthouses stand on Korrin?",
        "Is Tobias Fenn the keeper of Gullwatch?",
        "Who is the architect of Gullwatch?",
    ] {
        let ask = |options: Value| {
            let body = json!({
                "model": "lanterns", "almanac": options, "messages": [{ "role": "user", "content": question }],
            });
            server
                .post("/v1/chat/completions", &body)
                .expect(200)
                .json()["choices"][0]["message"]
                .clone()
        };
        let with = ask(json!({}));
        let without = ask(json!({ "model": "none" }));
        for part in ["status", "answers", "rows", "citations", "sparql"] {
            assert_eq!(
                with["grounding"][part], without["grounding"][part],
                "{question}: {part}"
            );
        }
        let text = with["content"].as_str().unwrap_or_default();
        let named = |label: &str| text.contains(label);
        for answer in with["grounding"]["answers"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let label = answer["label"].as_str().unwrap_or_default();
            assert!(
                label.is_empty() || named(label),
                "{question}: {label} is not in: {text}"
            );
        }
    }
}

#[test]
fn small_talk_and_permitted_guesses_are_marked_as_such() {
    let Some((server, _, _)) = server() else {
        return;
    };
    let body = json!({
        "model": "lanterns", "almanac": { "allow_ungrounded": true }, "max_tokens": 24,
        "messages": [{ "role": "user", "content": "What is the capital of France?" }],
    });
    let message = server
        .post("/v1/chat/completions", &body)
        .expect(200)
        .json()["choices"][0]["message"]
        .clone();
    assert_eq!(message["grounding"]["status"], "ungrounded", "{message}");
    assert_eq!(message["grounding"]["citations"], json!([]));
}
