//! `POST /v1/chat/completions` to a knowledge base: the contract that OpenAI's clients rely on.

use serde_json::{Value, json};
use tests::{Reply, Server, fixtures::LANTERNS};

const QUESTION: &str = "Who is the keeper of Brannoch Light?";

fn server() -> Server {
    let server = Server::start();
    server.create_with("lanterns", LANTERNS);
    server
}

fn request(extra: &Value) -> Value {
    let mut body =
        json!({ "model": "lanterns", "messages": [{ "role": "user", "content": QUESTION }] });
    for (name, value) in extra.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    body
}

fn send(server: &Server, extra: &Value) -> Reply {
    server.post("/v1/chat/completions", &request(extra))
}

/// What every grounding must say, whatever its status.
fn check_grounding(grounding: &Value, kb: &str) {
    assert_eq!(grounding["knowledge_base"], kb);
    assert!(
        grounding["revision"].as_u64().is_some_and(|r| r > 0),
        "{grounding}"
    );
    for list in ["answers", "columns", "rows", "alternatives", "citations"] {
        assert!(grounding[list].is_array(), "no `{list}`: {grounding}");
    }
    for field in ["reason", "sparql"] {
        assert!(
            grounding.get(field).is_some(),
            "`{field}` is there, be it null: {grounding}"
        );
    }
    let confidence = grounding["confidence"].as_f64().unwrap_or(-1.0);
    assert!((0.0..=1.0).contains(&confidence), "{grounding}");
    for stage in ["link", "plan", "query", "word"] {
        assert!(
            grounding["timings_ms"][stage]
                .as_f64()
                .is_some_and(|t| t >= 0.0),
            "{grounding}"
        );
    }
    let first: Vec<&Value> = grounding["rows"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| &row[0])
        .collect();
    let answers: Vec<&Value> = grounding["answers"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    assert_eq!(answers, first, "answers are the first column of rows");
}

#[test]
fn an_answer_is_whole_cited_and_grounded() {
    let server = server();
    let reply = send(&server, &json!({})).expect(200);
    let revision = reply.header("almanac-revision").map(str::to_owned);
    let completion = reply.json();
    assert!(
        completion["id"]
            .as_str()
            .is_some_and(|id| id.starts_with("chatcmpl-"))
    );
    assert_eq!(completion["object"], "chat.completion");
    assert_eq!(completion["model"], "lanterns");
    assert!(
        completion["created"]
            .as_i64()
            .is_some_and(|t| t > 1_600_000_000)
    );
    let usage = &completion["usage"];
    let sum = usage["prompt_tokens"]
        .as_u64()
        .zip(usage["completion_tokens"].as_u64())
        .map(|(p, c)| p + c);
    assert_eq!(usage["total_tokens"].as_u64(), sum);

    assert_eq!(completion["choices"].as_array().map(Vec::len), Some(1));
    let choice = &completion["choices"][0];
    assert_eq!(choice["index"], 0);
    assert_eq!(choice["finish_reason"], "stop");
    let message = &choice["message"];
    assert_eq!(message["role"], "assistant");
    let content = message["content"].as_str().unwrap_or_default();
    assert!(content.contains("Tobias Fenn"), "{content}");
    assert!(
        content.contains("[1]"),
        "the text carries the citation's marker: {content}"
    );

    let grounding = &message["grounding"];
    check_grounding(grounding, "lanterns");
    assert_eq!(grounding["status"], "grounded");
    assert_eq!(grounding["reason"], Value::Null);
    assert_eq!(revision, Some(grounding["revision"].to_string()));
    let answer = &grounding["answers"][0];
    assert_eq!(answer["type"], "uri");
    assert_eq!(answer["value"], "http://lantern.example/tobias");
    assert_eq!(answer["label"], "Tobias Fenn");
    let citation = &grounding["citations"][0];
    assert_eq!(citation["id"], 1);
    assert_eq!(citation["kind"], "fact");
    assert_eq!(
        citation["subject"]["value"],
        "http://lantern.example/brannoch"
    );
    assert_eq!(
        citation["predicate"]["value"],
        "http://lantern.example/keptBy"
    );
    assert_eq!(citation["object"]["value"], "http://lantern.example/tobias");
    assert_eq!(citation["graph"], Value::Null);
    assert!(
        citation["text"]
            .as_str()
            .is_some_and(|t| t.contains("Tobias Fenn"))
    );

    // The query that is shown does compute the answer.
    let sparql = grounding["sparql"].as_str().unwrap_or_default();
    assert_eq!(
        server.column("lanterns", sparql),
        ["http://lantern.example/tobias"]
    );
}

#[test]
fn a_stream_is_framed_as_clients_expect_and_carries_the_grounding_once() {
    let server = server();
    let reply = send(
        &server,
        &json!({ "stream": true, "stream_options": { "include_usage": true } }),
    )
    .expect(200);
    assert_eq!(reply.media_type(), "text/event-stream");
    let mut events = reply.events();
    assert_eq!(events.pop().as_deref(), Some("[DONE]"));
    let chunks: Vec<Value> = events
        .iter()
        .map(|e| serde_json::from_str(e).expect("each event is JSON"))
        .collect();
    let first = &chunks[0];
    for chunk in &chunks {
        assert_eq!(chunk["object"], "chat.completion.chunk");
        for field in ["id", "created", "model"] {
            assert_eq!(
                chunk[field], first[field],
                "`{field}` is the same in all chunks"
            );
        }
    }
    assert_eq!(first["choices"][0]["delta"]["role"], "assistant");

    let (usage, rest) = chunks.split_last().expect("there are chunks");
    assert_eq!(
        usage["choices"],
        json!([]),
        "the usage comes alone and last"
    );
    assert!(usage["usage"]["total_tokens"].is_u64());
    assert!(
        rest.iter()
            .all(|c| c.get("usage").is_none_or(Value::is_null))
    );

    let closing: Vec<&Value> = rest
        .iter()
        .filter(|c| !c["choices"][0]["finish_reason"].is_null())
        .collect();
    assert_eq!(closing.len(), 1);
    assert_eq!(closing[0]["choices"][0]["finish_reason"], "stop");
    let grounded: Vec<&Value> = rest
        .iter()
        .filter(|c| c["choices"][0]["delta"].get("grounding").is_some())
        .collect();
    assert_eq!(grounded.len(), 1, "SDK accumulators lose or refuse repeats");
    assert_eq!(grounded[0]["choices"][0]["finish_reason"], "stop");
    let grounding = &grounded[0]["choices"][0]["delta"]["grounding"];
    check_grounding(grounding, "lanterns");
    assert_eq!(grounding["answers"][0]["label"], "Tobias Fenn");

    let text: String = rest
        .iter()
        .filter_map(|c| c["choices"][0]["delta"]["content"].as_str())
        .collect();
    let whole = send(&server, &json!({})).expect(200).json();
    assert_eq!(
        text,
        whole["choices"][0]["message"]["content"]
            .as_str()
            .unwrap_or_default()
    );
}

#[test]
fn a_stream_without_include_usage_has_no_usage() {
    let server = server();
    let reply = send(&server, &json!({ "stream": true })).expect(200);
    let events = reply.events();
    assert_eq!(events.last().map(String::as_str), Some("[DONE]"));
    for event in &events[..events.len() - 1] {
        let chunk: Value = serde_json::from_str(event).expect("JSON");
        assert!(chunk.get("usage").is_none_or(Value::is_null), "{chunk}");
        assert_eq!(chunk["choices"].as_array().map(Vec::len), Some(1));
    }
}

#[test]
fn an_abstention_is_an_answer_with_a_reason() {
    let server = server();
    let body = request(
        &json!({ "messages": [{ "role": "user", "content": "Who is the keeper of Westmere Light?" }] }),
    );
    let completion = server
        .post("/v1/chat/completions", &body)
        .expect(200)
        .json();
    let message = &completion["choices"][0]["message"];
    check_grounding(&message["grounding"], "lanterns");
    assert_eq!(message["grounding"]["status"], "abstained");
    assert!(message["grounding"]["reason"].is_string());
    assert_eq!(message["grounding"]["answers"], json!([]));
    assert!(message["content"].as_str().is_some_and(|c| !c.is_empty()));
}

#[test]
fn explain_adds_an_explanation_and_nothing_else_does() {
    let server = server();
    let grounding = |extra: Value| {
        send(&server, &extra).expect(200).json()["choices"][0]["message"]["grounding"].clone()
    };
    assert!(grounding(json!({})).get("explanation").is_none());
    let explained = grounding(json!({ "almanac": { "explain": true } }));
    assert!(
        explained["explanation"].is_object() || explained["explanation"].is_array(),
        "{explained}"
    );
}

#[test]
fn a_revision_can_be_asked_for() {
    let server = server();
    let now = server.revision("lanterns");
    send(&server, &json!({ "almanac": { "min_revision": now } })).expect(200);
    let error = send(&server, &json!({ "almanac": { "min_revision": now + 1 } })).openai_error(409);
    assert_eq!(error["param"], "almanac.min_revision");
}

#[test]
fn the_last_user_message_is_the_question() {
    let server = server();
    let messages = json!([
        { "role": "system", "content": "You are terse." },
        { "role": "user", "content": "How tall is Old Mercy?" },
        { "role": "assistant", "content": "19 metres." },
        { "role": "user", "content": [{ "type": "text", "text": QUESTION }] }
    ]);
    let completion = send(&server, &json!({ "messages": messages }))
        .expect(200)
        .json();
    assert_eq!(
        completion["choices"][0]["message"]["grounding"]["answers"][0]["label"],
        "Tobias Fenn"
    );
}

#[test]
fn parameters_are_honoured_ignored_or_refused_by_name() {
    let server = server();
    for harmless in [
        json!({ "temperature": 0, "top_p": 1, "seed": 7, "max_tokens": 64, "user": "u1", "n": 1 }),
        json!({ "store": false, "metadata": { "a": "b" }, "service_tier": "auto", "parallel_tool_calls": true }),
        json!({ "response_format": { "type": "text" }, "tools": [], "logprobs": false, "max_completion_tokens": 64 }),
        json!({ "top_k": 40, "min_p": 0.05, "repetition_penalty": 1.1, "top_logprobs": 0 }),
        json!({ "stop": ["\u{1}"], "presence_penalty": 0.5, "frequency_penalty": -0.5, "logit_bias": {} }),
    ] {
        let reply = send(&server, &harmless);
        assert_eq!(reply.status, 200, "{harmless}: {reply:?}");
    }
    for (refused, param) in [
        (json!({ "n": 2 }), "n"),
        (
            json!({ "tools": [{ "type": "function", "function": { "name": "f" } }] }),
            "tools",
        ),
        (
            json!({ "response_format": { "type": "json_object" } }),
            "response_format",
        ),
        (json!({ "logprobs": true }), "logprobs"),
        (json!({ "top_logprobs": 2 }), "top_logprobs"),
        (json!({ "min_p": 2 }), "min_p"),
        (json!({ "top_k": -5 }), "top_k"),
        (json!({ "repetition_penalty": 0 }), "repetition_penalty"),
        (json!({ "temperature": 3 }), "temperature"),
        (json!({ "top_p": 1.5 }), "top_p"),
        (json!({ "max_tokens": 0 }), "max_tokens"),
        (
            json!({ "stream_options": { "include_usage": true } }),
            "stream_options",
        ),
        (json!({ "no_such_parameter": 1 }), "no_such_parameter"),
        (json!({ "messages": [] }), "messages"),
        (
            json!({ "messages": [{ "role": "system", "content": "x" }] }),
            "messages",
        ),
        (
            json!({ "messages": [{ "role": "king", "content": "x" }] }),
            "messages[0].role",
        ),
        (
            json!({ "messages": [{ "role": "user", "content": "  " }] }),
            "messages[0].content",
        ),
        (
            json!({ "almanac": { "model": "no-such-model" } }),
            "almanac.model",
        ),
    ] {
        let reply = send(&server, &refused);
        let status = if param == "almanac.model" { 404 } else { 400 };
        let error = reply.openai_error(status);
        assert_eq!(error["param"], param, "{refused}: {reply:?}");
    }
}

#[test]
fn an_unknown_model_is_model_not_found() {
    let server = server();
    for model in ["atlantis", "../lanterns", "LANTERNS", "", "gpt-4o"] {
        let error = send(&server, &json!({ "model": model })).openai_error(404);
        assert_eq!(error["code"], "model_not_found", "{model}");
        assert_eq!(error["type"], "invalid_request_error");
    }
}

#[test]
fn models_are_listed_with_what_they_are() {
    let server = server();
    let list = server.get("/v1/models").expect(200).json();
    assert_eq!(list["object"], "list");
    let found = &list["data"][0];
    assert_eq!(found["id"], "lanterns");
    assert_eq!(found["object"], "model");
    assert_eq!(found["owned_by"], "almanac");
    assert_eq!(found["kind"], "knowledge_base");
    assert!(found["created"].is_i64() || found["created"].is_u64());
    assert_eq!(
        server.get("/v1/models/lanterns").expect(200).json()["id"],
        "lanterns"
    );
    let error = server.get("/v1/models/atlantis").openai_error(404);
    assert_eq!(error["code"], "model_not_found");
    server.get("/v1/completions").openai_error(404);
}

#[test]
fn a_client_that_goes_away_leaves_the_server_well() {
    let server = server();
    for _ in 0..20 {
        let body = request(&json!({ "stream": true }));
        let (status, mut lines) = server
            .call("POST", "/v1/chat/completions")
            .json(&body)
            .lines();
        assert_eq!(status, 200);
        // One line, and the connection is dropped with the rest unread.
        lines.next();
    }
    assert_eq!(
        server.question("lanterns", QUESTION)["grounding"]["status"],
        "grounded"
    );
}
