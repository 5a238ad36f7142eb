//! A language model that another server runs: one that answers as the test says, and a real one.

use std::{
    net::TcpStream,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tests::{
    Cli, LLAMA_MODEL, Llama, Server, Start,
    fixtures::LANTERNS,
    upstream::{Seen, Upstream, begin_events, reply},
};

const KEY: &str = "sesame-open-1234";
const QUESTION: &str = "Who is the keeper of Brannoch Light?";

/// A model's server whose answer to a chat can be changed.
struct Model {
    upstream: Upstream,
    answer: Arc<Mutex<Answer>>,
}

type Answer = fn(&Seen, &mut TcpStream);

impl Model {
    fn start(answer: Answer) -> Self {
        let answer = Arc::new(Mutex::new(answer));
        let told = Arc::clone(&answer);
        let upstream = Upstream::start(move |seen, stream| {
            if seen.asks("/v1/models") {
                let list = r#"{"data":[{"id":"org/Model 7B","max_model_len":4096}]}"#;
                reply(stream, "200 OK", "application/json", list);
                return;
            }
            let answer = *told.lock().expect("no answer panicked");
            answer(seen, stream);
        });
        Self { upstream, answer }
    }

    fn answers(&self, answer: Answer) {
        *self.answer.lock().expect("no answer panicked") = answer;
    }

    /// The body of the last request.
    fn asked(&self) -> Value {
        let seen = self.upstream.seen();
        let body = seen.last().map(|seen| seen.body.clone());
        serde_json::from_str(&body.unwrap_or_default()).expect("JSON")
    }

    fn settings(&self, start: Start) -> Start {
        start
            .env("ALMANAC_MODELS_OFF", "false")
            .env(
                "ALMANAC_MODELS_REMOTE_URL",
                format!("{}/v1/", self.upstream.base()),
            )
            .env("ALMANAC_MODELS_REMOTE_API_KEY", KEY)
            .env("ALMANAC_MODELS_REMOTE_IDLE_MS", "500")
            // The log must keep the key to itself whatever it is asked to tell.
            .env("ALMANAC_LOG_FILTER", "trace,ureq_proto=trace")
    }

    fn serve(&self) -> Server {
        let server = self.settings(Start::default()).start();
        server.create_with("lanterns", LANTERNS);
        server
    }
}

/// Streams a text, word by word.
fn say(stream: &mut TcpStream, text: &str) {
    use std::io::Write;
    begin_events(stream);
    for word in text.split_inclusive(' ') {
        let chunk = json!({ "choices": [{ "index": 0, "delta": { "content": word } }] });
        let _ = write!(stream, "data: {chunk}\n\n");
    }
    let usage = json!({ "prompt_tokens": 11, "completion_tokens": 3 });
    let end = json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }], "usage": usage });
    let _ = write!(stream, "data: {end}\n\ndata: [DONE]\n\n");
}

fn chat(model: &str, content: &str, extra: Value) -> Value {
    let mut body = json!({ "model": model, "messages": [{ "role": "user", "content": content }] });
    for (name, value) in extra.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    body
}

fn content(server: &Server, body: &Value) -> String {
    let whole = server.post("/v1/chat/completions", body).expect(200).json();
    let content = &whole["choices"][0]["message"]["content"];
    content.as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_model_behind_a_server_chats_under_a_name_of_its_own() {
    let model = Model::start(|_, stream| say(stream, "Ahoy there, master."));
    let server = model.serve();
    server.get("/readyz").expect(200);
    let list = server.get("/v1/models").expect(200).json();
    let listed = list["data"].as_array().into_iter().flatten();
    let ids: Vec<_> = listed
        .filter(|m| m["kind"] == "language_model")
        .map(|m| m["id"].clone())
        .collect();
    assert_eq!(ids, ["org-model-7b"]);

    let body = chat(
        "org-model-7b",
        "Hello!",
        json!({ "temperature": 0.5, "stop": ["\n"], "seed": 7, "max_tokens": 9 }),
    );
    let whole = server
        .post("/v1/chat/completions", &body)
        .expect(200)
        .json();
    assert_eq!(
        whole["choices"][0]["message"]["content"],
        "Ahoy there, master."
    );
    assert_eq!(whole["choices"][0]["finish_reason"], "stop");
    assert_eq!(
        whole["usage"],
        json!({ "prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14 })
    );
    let asked = model.asked();
    for (name, value) in [
        ("model", json!("org/Model 7B")),
        ("messages", json!([{ "role": "user", "content": "Hello!" }])),
        ("temperature", json!(0.5)),
        ("stop", json!(["\n"])),
        ("seed", json!(7)),
        ("max_tokens", json!(9)),
        ("stream", json!(true)),
    ] {
        assert_eq!(asked[name], value, "{asked}");
    }

    let stream = chat("org-model-7b", "Hello!", json!({ "stream": true }));
    let events = server
        .post("/v1/chat/completions", &stream)
        .expect(200)
        .events();
    assert_eq!(events.last().map(String::as_str), Some("[DONE]"));
    let pieces: Vec<String> = events
        .iter()
        .filter_map(|event| serde_json::from_str::<Value>(event).ok())
        .filter_map(|chunk| {
            chunk["choices"][0]["delta"]["content"]
                .as_str()
                .map(str::to_owned)
        })
        .filter(|piece| !piece.is_empty())
        .collect();
    assert_eq!(pieces, ["Ahoy ", "there, ", "master."]);

    // What needs the model's vocabulary is the client's mistake.
    let biased = chat(
        "org-model-7b",
        "Hello!",
        json!({ "logit_bias": { "7": 1 } }),
    );
    server
        .post("/v1/chat/completions", &biased)
        .openai_error(400);
}

#[test]
fn the_model_may_choose_the_words_and_nothing_else() {
    let model = Model::start(|_, stream| say(stream, "Nobody knows."));
    let server = model.serve();
    let ask = |options: Value| {
        content(
            &server,
            &chat("lanterns", QUESTION, json!({ "almanac": options })),
        )
    };
    let plain = ask(json!({ "model": "none" }));
    assert!(
        !plain.is_empty() && model.upstream.seen().len() == 1,
        "{plain}"
    );

    // What it says by itself is put aside.
    assert_eq!(ask(json!({})), plain);
    let prompt = model.asked()["messages"][0]["content"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(prompt.contains(QUESTION), "{prompt}");

    // The last of the sentences that it is offered, with what models put around them.
    model.answers(|seen, stream| {
        let body: Value = serde_json::from_str(&seen.body).expect("JSON");
        let prompt = body["messages"][0]["content"].as_str().unwrap_or_default();
        let last = prompt.lines().last().unwrap_or_default();
        say(stream, &format!("\n \"{last}\" I hope that this helps."));
    });
    let chosen = ask(json!({}));
    assert_ne!(chosen, plain);
    assert_eq!(ask(json!({ "model": "org-model-7b" })), chosen);

    // A failure costs the style of an answer, not the answer.
    model.answers(|_, stream| reply(stream, "500 Internal Server Error", "text/plain", "oops"));
    assert_eq!(ask(json!({})), plain);
    model.answers(|_, _| {});
    assert_eq!(ask(json!({})), plain);
}

#[test]
fn what_fails_behind_this_server_has_a_status_of_its_own() {
    let model = Model::start(|_, _| {});
    let server = model.serve();
    let cases: [(Answer, u16); 8] = [
        (
            |_, stream| reply(stream, "500 Internal Server Error", "text/plain", ""),
            502,
        ),
        (
            |_, stream| {
                reply(
                    stream,
                    "401 Unauthorized",
                    "application/json",
                    r#"{"detail":"not sesame-open-1234"}"#,
                );
            },
            502,
        ),
        (
            |_, stream| reply(stream, "429 Too Many Requests", "text/plain", ""),
            429,
        ),
        (
            |_, stream| reply(stream, "503 Service Unavailable", "text/plain", ""),
            503,
        ),
        (
            |_, stream| reply(stream, "200 OK", "text/html", "<html>"),
            502,
        ),
        (
            |_, stream| reply(stream, "200 OK", "text/event-stream", "data: nonsense\n\n"),
            502,
        ),
        // Closes the connection.
        (|_, _| {}, 502),
        // Says nothing until it is left alone.
        (
            |_, stream| {
                use std::io::Read;
                let _ = stream.read(&mut [0]);
            },
            504,
        ),
    ];
    for (at, (answer, status)) in cases.into_iter().enumerate() {
        model.answers(answer);
        let reply = server.post(
            "/v1/chat/completions",
            &chat("org-model-7b", "Hello!", json!({})),
        );
        assert_eq!(reply.status, status, "case {at}: {reply:?}");
        let error = reply.openai_error(status);
        assert!(!error.to_string().contains(KEY), "{error}");
    }
    model.answers(|_, stream| {
        let body = r#"{"error":{"message":"too long","n_prompt_tokens":5000,"n_ctx":4096}}"#;
        reply(stream, "400 Bad Request", "application/json", body);
    });
    let error = server
        .post(
            "/v1/chat/completions",
            &chat("org-model-7b", "Hello!", json!({ "stream": true })),
        )
        .openai_error(400);
    assert_eq!(error["code"], "context_length_exceeded");
    server.get("/readyz").expect(200);
    // The client library would dump each request in rows of hexadecimal digits, in which no key is found by its text.
    let log = server.log();
    assert!(log.contains("ureq") && !log.contains(KEY) && !log.contains("ureq_proto::util"));
}

#[test]
fn settings_for_a_server_are_checked_and_the_key_is_not_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let with = |words: &str, url: &str| {
        Cli::new(words)
            .data(folder.path())
            .env("ALMANAC_MODELS_REMOTE_URL", url)
            .env("ALMANAC_MODELS_REMOTE_API_KEY", KEY)
    };
    let shown = with("config show", "http://127.0.0.1:1/v1").run().expect(0);
    assert!(
        shown.out.contains("environment ALMANAC_MODELS_REMOTE_URL"),
        "{}",
        shown.out
    );
    assert!(!shown.out.contains(KEY), "{}", shown.out);
    for (url, word) in [
        ("http://127.0.0.1:1/v1", "cannot be reached"),
        ("127.0.0.1:1/v1", "http://"),
        ("http://user:hunter2@127.0.0.1:1/v1", "password"),
    ] {
        for words in ["serve --listen 127.0.0.1:0", "model check"] {
            let run = with(words, url).run();
            assert!(
                run.code.is_some_and(|c| c != 0) && run.err.contains(word),
                "{words} {url}: {run:?}"
            );
            let said = format!("{}{}", run.out, run.err);
            assert!(!said.contains(KEY) && !said.contains("hunter2"), "{said}");
        }
    }
    let file = folder.path().join("a.gguf");
    std::fs::write(&file, "x").expect("a file");
    let two = with("model list", "http://127.0.0.1:1/v1")
        .env("ALMANAC_MODELS_LANGUAGE", &file)
        .run();
    assert!(
        two.code.is_some_and(|c| c != 0) && two.err.contains("models.language"),
        "{two:?}"
    );

    let model = Model::start(|_, _| {});
    let checked = with(
        "model check --json",
        &format!("{}/v1", model.upstream.base()),
    )
    .run()
    .expect(0);
    assert_eq!(checked.json()[0]["id"], "org-model-7b");
    assert_eq!(checked.json()[0]["model"]["context_length"], 4096);
}

#[test]
fn llama_cpp_runs_the_model_of_a_served_knowledge_base() {
    let Some(llama) = Llama::start() else { return };
    let start = |guide: &str| {
        let server = Start::default()
            .env("ALMANAC_MODELS_OFF", "false")
            .env("ALMANAC_MODELS_REMOTE_URL", llama.base())
            .env("ALMANAC_MODELS_REMOTE_GUIDE", guide)
            .start();
        server.create_with("lanterns", LANTERNS);
        server
    };
    let id = LLAMA_MODEL.to_lowercase().replace(' ', "-");
    for guide in ["none", "grammar"] {
        let server = start(guide);
        let said = content(
            &server,
            &chat(
                &id,
                "Say hello.",
                json!({ "temperature": 0, "max_tokens": 12 }),
            ),
        );
        assert!(!said.trim().is_empty());
        let events = server
            .post(
                "/v1/chat/completions",
                &chat(
                    &id,
                    "Say hello.",
                    json!({ "temperature": 0, "max_tokens": 12, "stream": true }),
                ),
            )
            .expect(200)
            .events();
        let streamed: String = events
            .iter()
            .filter_map(|event| serde_json::from_str::<Value>(event).ok())
            .filter_map(|chunk| {
                chunk["choices"][0]["delta"]["content"]
                    .as_str()
                    .map(str::to_owned)
            })
            .collect();
        assert!(!streamed.trim().is_empty());
        let message = server.question("lanterns", QUESTION);
        assert_eq!(message["grounding"]["status"], "grounded", "{message}");
        for answer in message["grounding"]["answers"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let label = answer["label"].as_str().unwrap_or_default();
            let text = message["content"].as_str().unwrap_or_default();
            assert!(!label.is_empty() && text.contains(label), "{message}");
        }
    }
}
