//! Bad input: each with a clear 4xx, and nothing changed.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tests::{Reply, Server, Start, encode, fixtures::LANTERNS};

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
fn malformed_rdf_changes_nothing_and_names_the_place() {
    let kb = Untouched::new();
    let good = "<http://a.example/s> <http://a.example/p> \"fine\" .\n";
    for (kind, body, line) in [
        (
            "text/turtle",
            format!("{good}{good}<http://a.example/s> <http://a.example/p> .\n"),
            Some(3),
        ),
        (
            "application/n-triples",
            format!("{good}<http://a.example/s> \"p\" 1 .\n"),
            Some(2),
        ),
        (
            "application/n-quads",
            format!("{good}{good}{good}_:b _:b _:b _:b _:b .\n"),
            Some(4),
        ),
        (
            "application/trig",
            format!("{good}<http://a.example/g> {{ <a> }} }}\n"),
            Some(2),
        ),
        ("text/n3", format!("{good}{good}@prefix broken\n"), None),
        (
            "application/rdf+xml",
            "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n\
             <rdf:Description rdf:about=\"http://a.example/s\">\n</wrong></rdf:RDF>\n"
                .to_owned(),
            Some(3),
        ),
        (
            "application/ld+json",
            "{\n\"@id\": \"http://a.example/s\",\n\"http://a.example/p\": [1,,2]\n}\n".to_owned(),
            Some(3),
        ),
        (
            "application/ld+json",
            "{\"@context\": \"http://no-such-host.example/context\", \"a\": 1}".to_owned(),
            None,
        ),
    ] {
        let reply = load(&kb.server, kind, body);
        assert_eq!(reply.status, 400, "{kind}: {reply:?}");
        let problem = reply.problem(400);
        if let Some(line) = line {
            assert_eq!(problem["line"], line, "{kind}: {problem}");
            assert!(
                problem["column"].as_u64().is_some_and(|c| c >= 1),
                "{kind}: {problem}"
            );
        }
        assert!(
            problem["detail"].as_str().is_some_and(|d| d.len() > 10),
            "{kind}: {problem}"
        );
        kb.assert();
    }
    assert!(
        !kb.server
            .ask("lanterns", "ASK { <http://a.example/s> ?p ?o }")
    );
    load(&kb.server, "application/x-no-such", good).problem(415);
    load(&kb.server, "application/pdf", good).problem(415);
    kb.assert();
}

#[test]
fn a_body_over_the_limit_is_413() {
    let limits = Start::default()
        .env("ALMANAC_LIMITS_RDF_BODY_BYTES", "20000")
        .env("ALMANAC_LIMITS_RDF_DECODED_BYTES", "100000")
        .env("ALMANAC_LIMITS_DOCUMENTS_BODY_BYTES", "20000")
        .env("ALMANAC_LIMITS_SMALL_BODY_BYTES", "20000");
    let kb = Untouched::with(limits);
    let much = tests::fixtures::bulk("much", 200);
    load(&kb.server, "text/turtle", much).problem(413);
    // Small as sent, large once decompressed.
    let bomb = zstd::encode_all(tests::fixtures::bulk("bomb", 2_000).as_bytes(), 19)
        .expect("writing to memory");
    assert!(bomb.len() < 20_000, "{}", bomb.len());
    let reply = kb
        .server
        .call("POST", "/kb/lanterns/load")
        .header("content-encoding", "zstd")
        .body("text/turtle", bomb)
        .send();
    reply.problem(413);
    let text = "x".repeat(30_000);
    kb.server
        .post(
            "/kb/lanterns/documents",
            &json!({ "id": "d", "text": text }),
        )
        .problem(413);
    let body = json!({ "model": "lanterns", "messages": [{ "role": "user", "content": text }] });
    kb.server
        .post("/v1/chat/completions", &body)
        .openai_error(413);
    kb.server
        .sparql("lanterns", &format!("ASK {{ ?s ?p \"{text}\" }}"), "*/*")
        .problem(413);
    kb.assert();
}

#[test]
fn json_of_the_wrong_shape_is_400() {
    let kb = Untouched::new();
    let post = |path: &str, body: &str| {
        kb.server
            .call("POST", path)
            .body("application/json", body.to_owned())
            .send()
    };
    for body in [
        "",
        "{",
        "[]",
        "null",
        "42",
        "\"text\"",
        "{}",
        "{\"model\": 1}",
        "{\"model\": \"lanterns\"}",
        "{\"model\": \"lanterns\", \"messages\": \"hello\"}",
        "{\"model\": \"lanterns\", \"messages\": [\"hello\"]}",
        "{\"model\": \"lanterns\", \"messages\": [{\"content\": \"hello\"}]}",
        "{\"model\": \"lanterns\", \"messages\": [{\"role\": \"user\", \"content\": 7}]}",
        "{\"model\": \"lanterns\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}], \"stream\": \"yes\"}",
        "{\"model\": \"lanterns\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}], \"almanac\": {\"no\": 1}}",
        "{\"model\": \"lanterns\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]} trailing",
    ] {
        let reply = post("/v1/chat/completions", body);
        assert_eq!(reply.status, 400, "{body}: {reply:?}");
        reply.openai_error(400);
    }
    // Nesting that would exhaust the stack of a careless parser.
    post("/v1/chat/completions", &"[".repeat(100_000)).openai_error(400);
    for body in [
        "",
        "{",
        "[]",
        "{}",
        "{\"name\": 1}",
        "{\"name\": \"x\", \"colour\": \"red\"}",
    ] {
        let reply = post("/kb", body);
        assert_eq!(reply.status, 400, "{body}: {reply:?}");
        reply.problem(400);
    }
    kb.assert();
}

#[test]
fn an_array_in_place_of_an_object_is_400() {
    let kb = Untouched::new();
    kb.server.post("/kb", &json!(["x"])).problem(400);
    kb.server
        .post("/kb/lanterns/documents", &json!([["id", "title", "text"]]))
        .problem(400);
    for (path, body) in [
        ("/v1/embeddings", json!(["m", "x"])),
        ("/v1/chat/completions", json!(["lanterns", []])),
        (
            "/v1/chat/completions",
            json!({ "model": "lanterns", "messages": [["user", "hi"]] }),
        ),
    ] {
        let error = kb.server.post(path, &body).openai_error(400);
        let text = error.to_string();
        assert!(text.contains("expected an object"), "{text}");
        assert!(!text.contains("struct"), "{text}");
    }
    kb.assert();
}

#[test]
fn the_parameter_at_fault_is_named() {
    let kb = Untouched::new();
    let user = json!([{ "role": "user", "content": "hi" }]);
    for (body, param) in [
        (json!({ "model": "lanterns" }), "messages"),
        (
            json!({ "model": "lanterns", "messages": user, "almanac": { "explian": true } }),
            "almanac.explian",
        ),
    ] {
        let reply = kb.server.post("/v1/chat/completions", &body);
        reply.openai_error(400);
        assert_eq!(reply.json()["error"]["param"], param);
    }
    let problem = kb.server.get("/kb/lanterns/search").problem(400);
    assert_eq!(problem["detail"], "the parameter `q` is missing");
    kb.server
        .get("/kb/lanterns/sparql?query=ASK%7B%7D&limit=1")
        .problem(400);
    kb.server
        .get("/kb/lanterns/sparql?query=ASK%7B%7D&format=json")
        .expect(200);
    kb.assert();
}

#[test]
fn entity_bombs_and_giant_terms_are_refused_in_constant_space() {
    let kb = Untouched::new();
    let mut bomb = "<!DOCTYPE rdf:RDF [\n<!ENTITY e0 \"xxxxxxxxxxxxxxxx\">\n".to_owned();
    for level in 1..30 {
        let inner = format!("&e{};", level - 1).repeat(10);
        bomb.push_str(&format!("<!ENTITY e{level} \"{inner}\">\n"));
    }
    bomb.push_str("]>\n<rdf:RDF>&e29;</rdf:RDF>");
    let problem = load(&kb.server, "application/rdf+xml", bomb).problem(400);
    assert_eq!(problem["line"], 3, "{problem}");
    let giant = format!(
        "<http://a.example/s> <http://a.example/p> \"{}\" .\n",
        "x".repeat(5 << 20)
    );
    let problem = load(&kb.server, "application/n-triples", giant).problem(400);
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|d| d.contains("4194304 bytes")),
        "{problem}"
    );
    kb.assert();
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

#[test]
fn sparql_that_cannot_be_run_is_400() {
    let kb = Untouched::new();
    let nested = |open: &str, close: &str| {
        format!(
            "ASK {{ FILTER({}1=1{}) }}",
            open.repeat(10_000),
            close.repeat(10_000)
        )
    };
    for query in [
        "SELECT".to_owned(),
        "SELECT * WHERE { ?s ?p ?o ".to_owned(),
        "SELECT * WHERE { SERVICE <http://127.0.0.1:9/sparql> { ?s ?p ?o } }".to_owned(),
        "SELECT * WHERE { SERVICE SILENT <http://127.0.0.1:9/sparql> { ?s ?p ?o } }".to_owned(),
        "SELECT * WHERE { ?s ?p ?o FILTER EXISTS { SERVICE ?o { ?a ?b ?c } } }".to_owned(),
        "LOAD <http://127.0.0.1:9/data>".to_owned(),
        "DELETE WHERE { ?s ?p ?o }".to_owned(),
        "INSERT DATA { <http://a.example/s> <http://a.example/p> 1 }".to_owned(),
        "DROP ALL".to_owned(),
        nested("(", ")"),
        nested("!(", ")"),
        format!("ASK {}{}", "{".repeat(10_000), "}".repeat(10_000)),
        format!(
            "ASK {{ <http://a.example/s> {}<http://a.example/p>{} ?o }}",
            "(".repeat(10_000),
            ")".repeat(10_000)
        ),
    ] {
        let began = Instant::now();
        let reply = kb.server.sparql("lanterns", &query, "*/*");
        let start: String = query.chars().take(60).collect();
        assert!(
            matches!(reply.status, 400 | 403 | 413),
            "{start}: {reply:?}"
        );
        reply.problem(reply.status);
        assert!(
            began.elapsed() < Duration::from_secs(3),
            "{start}: {:?}",
            began.elapsed()
        );
    }
    kb.assert();
}

#[test]
fn a_query_that_would_run_for_hours_ends_with_its_deadline() {
    let kb = Untouched::new();
    let values = |name: &str| {
        let list: String = (0..900).map(|i| format!("{i} ")).collect();
        format!("VALUES ?{name} {{ {list} }}")
    };
    let over_store = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?o ?q . ?r ?s ?t }".to_owned();
    let over_values = format!(
        "SELECT (COUNT(*) AS ?n) {{ {} {} {} {} }}",
        values("a"),
        values("b"),
        values("c"),
        values("d")
    );
    let over_paths = "SELECT (COUNT(*) AS ?n) { ?a (!<http://a.example/x>)* ?b . ?c (!<http://a.example/x>)* ?d . ?e (!<http://a.example/x>)* ?f }".to_owned();
    for query in [over_store, over_values, over_paths] {
        let began = Instant::now();
        let path = format!("/kb/lanterns/sparql?timeout=2000&query={}", encode(&query));
        let reply = kb.server.get(&path);
        let took = began.elapsed();
        assert!(matches!(reply.status, 400 | 408 | 413), "{reply:?}");
        reply.problem(reply.status);
        assert!(
            took < Duration::from_millis(3_000),
            "a deadline of 2 s took {took:?}"
        );
    }
    // Nothing goes on running behind the scenes: the pool has all its threads again.
    let began = Instant::now();
    for _ in 0..20 {
        assert!(kb.server.ask("lanterns", "ASK { ?s ?p ?o }"));
    }
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
    kb.assert();
}
