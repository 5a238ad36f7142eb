//! Bad input: each with a clear 4xx, and nothing changed.

mod json;
mod queries;
mod rdf;

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tests::{Reply, Server, Start, fixtures::LANTERNS};

/// A server with a knowledge base, and how that stood at the beginning.
struct Untouched {
    server: Server,
    before: Value,
}

impl Untouched {
    fn new() -> Self {
        Self::with(Start::default())
    }

    fn with(start: Start) -> Self {
        let server = start.start();
        server.create_with("lanterns", LANTERNS);
        let before = server.get("/kb").expect(200).json();
        Self { server, before }
    }

    /// The server serves, and all is as it was: names, revisions, counts.
    #[track_caller]
    fn assert(&self) {
        assert_eq!(self.server.get("/kb").expect(200).json(), self.before);
        assert_eq!(
            self.server.quads("lanterns"),
            self.before["items"][0]["quads"].as_u64().expect("a count")
        );
    }
}

fn load(server: &Server, kind: &str, body: impl Into<Vec<u8>>) -> Reply {
    server
        .call("POST", "/kb/lanterns/load")
        .body(kind, body)
        .send()
}

#[test]
fn an_unknown_knowledge_base_is_404_everywhere() {
    let kb = Untouched::new();
    let server = &kb.server;
    server.get("/kb/atlantis").problem(404);
    server.delete("/kb/atlantis").problem(404);
    server.get("/kb/atlantis/search?q=x").problem(404);
    server
        .get("/kb/atlantis/entity?iri=http%3A%2F%2Fa.example%2Fs")
        .problem(404);
    server.get("/kb/atlantis/documents").problem(404);
    server
        .post("/kb/atlantis/documents", &json!({ "id": "a", "text": "b" }))
        .problem(404);
    server.sparql("atlantis", "ASK {}", "*/*").problem(404);
    server
        .put_turtle(
            "atlantis",
            None,
            "<http://a.example/s> <http://a.example/p> 1 .",
        )
        .problem(404);
    server
        .get("/kb/atlantis/rdf-graph-store?default")
        .problem(404);
    kb.assert();
}

#[test]
fn a_name_that_would_leave_the_folder_is_refused() {
    let kb = Untouched::new();
    for name in [
        "../x",
        "..",
        ".",
        "a/b",
        "",
        "A",
        "x\u{0}",
        "%2e%2e",
        "é",
        "..\\x",
        "/etc",
        "con fig",
        &"x".repeat(65),
    ] {
        kb.server.post("/kb", &json!({ "name": name })).problem(400);
    }
    for path in [
        "/kb/..%2Fx",
        "/kb/%2e%2e%2fx/search?q=a",
        "/kb/..%2f..%2fetc%2fpasswd",
        "/kb/X",
    ] {
        let reply = kb.server.get(path);
        assert!(matches!(reply.status, 400 | 404), "{path}: {reply:?}");
        reply.problem(reply.status);
        let reply = kb.server.delete(path);
        assert!(matches!(reply.status, 400 | 404 | 405), "{path}: {reply:?}");
    }
    // As no well-behaved client would send it.
    for target in [
        "/kb/../x",
        "/kb/lanterns/../../x",
        "/../../etc/passwd",
        "/kb//search?q=a",
        "/kb/a%00b",
    ] {
        let (status, text) = raw(
            &kb.server,
            format!("GET {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
                .as_bytes(),
        );
        assert!((400..500).contains(&status), "{target}: {text}");
    }
    let folders: Vec<_> = std::fs::read_dir(kb.server.data().join("kb"))
        .expect("the folder")
        .flatten()
        .collect();
    assert_eq!(folders.len(), 1, "{folders:?}");
    kb.assert();
}

/// Sends bytes as they are; returns the status and the whole answer.
fn raw(server: &Server, request: &[u8]) -> (u16, String) {
    let address = server.base().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a timeout");
    stream.write_all(request).expect("sending");
    let mut answer = Vec::new();
    // The server may close before all was read.
    let _ = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text
        .split(' ')
        .nth(1)
        .and_then(|s| s.parse().ok())
        .unwrap_or(0);
    (status, text)
}

#[test]
fn bytes_that_are_no_http_are_harmless() {
    let kb = Untouched::new();
    for request in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\nhost: localhost\r\n\r\n",
        b"POST /kb HTTP/1.1\r\nhost: localhost\r\ncontent-length: -5\r\n\r\n",
        b"POST /kb HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\nabcde",
        b"POST /kb HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"GET /kb/\xff\xfe HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    ] {
        let (status, text) = raw(&kb.server, request);
        assert!(status == 0 || (400..500).contains(&status) || status == 505, "{request:?}: {text}");
    }
    kb.assert();
}

#[test]
fn invalid_utf8_is_400() {
    let kb = Untouched::new();
    let mut turtle = b"<http://a.example/s> <http://a.example/p> \"".to_vec();
    turtle.extend_from_slice(&[0xff, 0xfe, b'"', b' ', b'.']);
    load(&kb.server, "text/turtle", turtle).problem(400);
    let chat =
        b"{\"model\": \"lanterns\", \"messages\": [{\"role\": \"user\", \"content\": \"\xff\"}]}"
            .to_vec();
    kb.server
        .call("POST", "/v1/chat/completions")
        .body("application/json", chat)
        .send()
        .openai_error(400);
    let document = b"{\"id\": \"a\", \"text\": \"\xc3\x28\"}".to_vec();
    kb.server
        .call("POST", "/kb/lanterns/documents")
        .body("application/json", document.clone())
        .send()
        .problem(400);
    let lines = kb
        .server
        .call("POST", "/kb/lanterns/documents")
        .body("application/x-ndjson", document)
        .send();
    assert!(matches!(lines.status, 207 | 400), "{lines:?}");
    let query = b"ASK { ?s ?p \"\xff\" }".to_vec();
    kb.server
        .call("POST", "/kb/lanterns/sparql")
        .body("application/sparql-query", query)
        .send()
        .problem(400);
    kb.server
        .get("/kb/lanterns/sparql?query=ASK%7B%3Fs%20%3Fp%20%22%FF%22%7D")
        .problem(400);
    kb.server.get("/kb/lanterns/search?q=%FF%FE").problem(400);
    kb.assert();
}

#[test]
fn a_question_of_a_megabyte_is_refused() {
    let kb = Untouched::new();
    for question in [
        "x".repeat(1 << 20),
        "who is ".repeat(1 << 17),
        "é ".repeat(1 << 19),
    ] {
        let body =
            json!({ "model": "lanterns", "messages": [{ "role": "user", "content": question }] });
        let reply = kb.server.post("/v1/chat/completions", &body);
        assert!(matches!(reply.status, 400 | 413), "{}", reply.status);
        reply.openai_error(reply.status);
    }
    // Within the body's limit, but too long for a question.
    let body = json!({ "model": "lanterns", "messages": [{ "role": "user", "content": "a ".repeat(50_000) }] });
    kb.server
        .post("/v1/chat/completions", &body)
        .openai_error(400);
    // Long, but allowed: it must be answered in time.
    let body = json!({ "model": "lanterns", "messages": [{ "role": "user", "content": "which lighthouse ".repeat(400) }] });
    let began = Instant::now();
    kb.server.post("/v1/chat/completions", &body).expect(200);
    assert!(began.elapsed() < Duration::from_secs(30));
    kb.assert();
}
