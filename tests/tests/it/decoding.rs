//! Plain chat with a language model: how its tokens are chosen, what its text may be, and what it cannot take on.

use serde_json::{Value, json};
use tests::{Reply, Server, Start};

/// A server with models, and the id of the language model.
fn server(start: Start) -> Option<(Server, String)> {
    let server = start.models(&tests::models()?).start();
    let list = server.get("/v1/models").expect(200).json();
    let models = list["data"].as_array().into_iter().flatten();
    let found = models
        .into_iter()
        .find(|model| model["kind"] == "language_model")?;
    let id = found["id"].as_str()?.to_owned();
    Some((server, id))
}

fn body(model: &str, extra: &Value) -> Value {
    let mut body = json!({
        "model": model, "max_tokens": 12,
        "messages": [{ "role": "user", "content": "Name a colour." }],
    });
    for (name, value) in extra.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    body
}

/// The chunks of a stream, the last `[DONE]` checked and left out.
fn chunks(reply: &Reply) -> Vec<Value> {
    let mut events = reply.events();
    assert_eq!(events.pop().as_deref(), Some("[DONE]"));
    events
        .iter()
        .map(|event| serde_json::from_str(event).expect("JSON"))
        .collect()
}

#[test]
fn choices_come_beside_each_other_and_their_cost_is_summed() {
    let Some((server, model)) = server(Start::default()) else {
        return;
    };
    let send = |extra: Value| {
        server
            .post("/v1/chat/completions", &body(&model, &extra))
            .expect(200)
    };
    let seeded = json!({ "n": 3, "seed": 9, "temperature": 1.4 });
    let whole = send(seeded.clone()).json();
    let texts: Vec<&str> = whole["choices"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|choice| choice["message"]["content"].as_str())
        .collect();
    assert_eq!(texts.len(), 3);
    let mut alone = Vec::new();
    let mut tokens = 0;
    for seed in [9, 10, 11] {
        let one = send(json!({ "seed": seed, "temperature": 1.4 })).json();
        tokens += one["usage"]["completion_tokens"].as_u64().unwrap_or(0);
        assert_eq!(
            one["usage"]["prompt_tokens"],
            whole["usage"]["prompt_tokens"]
        );
        alone.push(one["choices"][0]["message"]["content"].clone());
    }
    assert_eq!(json!(texts), json!(alone), "company does not matter");
    assert_eq!(whole["usage"]["completion_tokens"], tokens);

    let mut streamed = seeded;
    streamed["stream"] = true.into();
    streamed["stream_options"] = json!({ "include_usage": true });
    let chunks = chunks(&send(streamed));
    assert_eq!(
        chunks.last().map(|last| last["usage"].clone()),
        Some(whole["usage"].clone())
    );
    for (index, text) in texts.iter().enumerate() {
        let own: Vec<&Value> = chunks
            .iter()
            .filter_map(|chunk| chunk["choices"].get(0))
            .filter(|choice| choice["index"] == index)
            .collect();
        assert_eq!(own[0]["delta"]["role"], "assistant");
        let said: String = own
            .iter()
            .filter_map(|choice| choice["delta"]["content"].as_str())
            .collect();
        assert_eq!(said, *text);
        let ends = own
            .iter()
            .filter(|choice| !choice["finish_reason"].is_null())
            .count();
        assert_eq!(ends, 1);
    }
}

#[test]
fn tokens_are_told_of_with_the_text_they_belong_to() {
    let Some((server, model)) = server(Start::default()) else {
        return;
    };
    let extra = json!({ "stream": true, "temperature": 0, "logprobs": true, "top_logprobs": 2 });
    let reply = server
        .post("/v1/chat/completions", &body(&model, &extra))
        .expect(200);
    let (mut text, mut bytes) = (String::new(), Vec::new());
    for chunk in chunks(&reply) {
        let choice = &chunk["choices"][0];
        for token in choice["logprobs"]["content"]
            .as_array()
            .into_iter()
            .flatten()
        {
            assert!(
                token["logprob"]
                    .as_f64()
                    .is_some_and(|logprob| logprob <= 0.0)
            );
            assert_eq!(token["top_logprobs"].as_array().map(Vec::len), Some(2));
            let more = token["bytes"].as_array().into_iter().flatten();
            bytes.extend(more.filter_map(Value::as_u64).map(|byte| byte as u8));
        }
        text.push_str(choice["delta"]["content"].as_str().unwrap_or_default());
        assert!(
            bytes.starts_with(text.as_bytes()),
            "text without its tokens"
        );
    }
    assert!(!text.is_empty());
    assert_eq!(bytes, text.as_bytes());
}

#[test]
fn a_form_binds_and_one_that_cannot_be_kept_is_refused() {
    let Some((server, model)) = server(Start::default()) else {
        return;
    };
    let form = |schema: &Value| json!({ "type": "json_schema", "json_schema": { "name": "it", "schema": schema } });
    let send = |extra: &Value| server.post("/v1/chat/completions", &body(&model, extra));
    let schema = json!({
        "type": "object",
        "properties": { "colour": { "enum": ["red", "green", "blue"] }, "warm": { "type": "boolean" } },
        "required": ["colour", "warm"], "additionalProperties": false,
    });
    for seed in 0..5 {
        let extra = json!({ "response_format": form(&schema), "seed": seed, "temperature": 2, "max_tokens": 60 });
        let choice = send(&extra).expect(200).json()["choices"][0].clone();
        assert_eq!(choice["finish_reason"], "stop");
        let text = choice["message"]["content"].as_str().unwrap_or_default();
        let value: Value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"));
        assert!(
            ["red", "green", "blue"]
                .iter()
                .any(|colour| value["colour"] == *colour),
            "{text}"
        );
        assert!(value["warm"].is_boolean(), "{text}");
    }
    let cut = json!({ "response_format": form(&schema), "max_tokens": 3 });
    assert_eq!(
        send(&cut).expect(200).json()["choices"][0]["finish_reason"],
        "length"
    );

    let unkept = json!({ "type": "object", "properties": { "list": { "type": "array", "uniqueItems": true } } });
    for stream in [false, true] {
        let error =
            send(&json!({ "response_format": form(&unkept), "stream": stream })).openai_error(400);
        assert_eq!(error["param"], "response_format");
        let message = error["message"].as_str().unwrap_or_default();
        assert!(message.contains("#/properties/list"), "{message}");
    }
    let error = send(&json!({ "response_format": { "type": "json_object" }, "stop": "}" }))
        .openai_error(400);
    assert_eq!(error["param"], "stop");
}

#[test]
fn a_model_with_too_much_to_do_says_so_at_once() {
    let start = Start::default()
        .env("ALMANAC_MODELS_SLOTS", "1")
        .env("ALMANAC_MODELS_QUEUE", "1")
        .env("ALMANAC_LIMITS_CONCURRENCY", "4");
    let Some((server, model)) = server(start) else {
        return;
    };
    let long = body(
        &model,
        &json!({ "max_tokens": 1500, "stream": true, "logit_bias": { "2": -100, "0": -100 } }),
    );
    let (status, mut first) = server
        .call("POST", "/v1/chat/completions")
        .json(&long)
        .lines();
    assert_eq!(status, 200);
    // Its first text shows that it has left the queue.
    let has_text =
        |line: &str| line.contains("\"content\":\"") && !line.contains("\"content\":\"\"");
    assert!(
        first
            .by_ref()
            .map_while(Result::ok)
            .any(|line| has_text(&line))
    );
    let (status, second) = server
        .call("POST", "/v1/chat/completions")
        .json(&long)
        .lines();
    assert_eq!(status, 200);
    for stream in [false, true] {
        let reply = server.post(
            "/v1/chat/completions",
            &body(&model, &json!({ "stream": stream })),
        );
        let error = reply.openai_error(429);
        assert_eq!(error["type"], "rate_limit_error");
        assert_eq!(error["code"], "overloaded");
        let after = reply
            .header("retry-after")
            .and_then(|after| after.parse::<u32>().ok());
        assert!(after.is_some_and(|after| after > 0));
    }
    // Once the others have left, there is room.
    drop((first, second));
    let served = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        server
            .post("/v1/chat/completions", &body(&model, &json!({})))
            .status
            == 200
    });
    assert!(served);
}
