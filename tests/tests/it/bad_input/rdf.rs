//! RDF that is malformed, too much, or meant to grow.

use serde_json::json;
use tests::Start;

use super::{Untouched, load};

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
