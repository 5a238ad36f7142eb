//! `/kb/{name}/search` and `/kb/{name}/entity`: evidence for callers with a model of their own.

use serde_json::Value;
use tests::{
    Server, encode,
    fixtures::{DOCUMENTS, LANTERNS},
};

fn server() -> Server {
    let server = Server::start();
    server.create_with("lanterns", LANTERNS);
    server
        .call("POST", "/kb/lanterns/documents")
        .body("application/x-ndjson", DOCUMENTS)
        .send()
        .expect(200);
    server
}

fn search(server: &Server, query: &str) -> Value {
    server
        .get(&format!("/kb/lanterns/search?q={}", encode(query)))
        .expect(200)
        .json()
}

#[test]
fn entities_facts_and_passages_are_found() {
    let server = server();
    let found = search(&server, "Gullwatch");
    let best = &found["entities"][0];
    assert_eq!(best["entity"]["value"], "http://lantern.example/gullwatch");
    assert_eq!(best["entity"]["label"], "Gullwatch");
    assert_eq!(best["classes"][0]["label"], "lighthouse");
    assert!(best["degree"].as_u64().is_some_and(|d| d >= 5));
    let facts: Vec<&Value> = found["facts"].as_array().into_iter().flatten().collect();
    assert!(
        facts.iter().any(|f| f["object"]["label"] == "Ada Merrow"),
        "{found}"
    );
    let passage = &found["passages"][0];
    assert_eq!(passage["document"], "storm");
    assert_eq!(
        found["revision"].as_u64(),
        Some(server.revision("lanterns"))
    );
    for list in ["entities", "facts", "passages"] {
        let scores: Vec<f64> = found[list]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|hit| hit["score"].as_f64())
            .collect();
        assert!(
            scores.is_sorted_by(|a, b| a >= b),
            "best first: {list}: {scores:?}"
        );
    }
}

#[test]
fn an_alias_a_code_and_a_misspelling_find_the_entity() {
    let server = server();
    for query in ["Old Bran", "LH-02", "Branoch Light", "brannoch light"] {
        let found = search(&server, query);
        let values: Vec<&str> = found["entities"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|e| e["entity"]["value"].as_str())
            .collect();
        assert!(
            values.contains(&"http://lantern.example/brannoch"),
            "{query}: {values:?}"
        );
    }
}

#[test]
fn a_passage_says_where_it_stands() {
    let server = server();
    let found = search(&server, "ferry weather oil");
    let passage = &found["passages"][0];
    assert_eq!(passage["document"], "ferry", "{found}");
    assert_eq!(passage["url"], "http://lantern.example/docs/ferry");
    let document: Value = DOCUMENTS
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .find(|d| d["id"] == "ferry")
        .expect("the document");
    let text: Vec<char> = document["text"]
        .as_str()
        .unwrap_or_default()
        .chars()
        .collect();
    let span = |field: &str| {
        passage[field]
            .as_u64()
            .and_then(|n| usize::try_from(n).ok())
            .expect("an offset")
    };
    let quoted: String = text[span("start")..span("end")].iter().collect();
    assert_eq!(Some(quoted.as_str()), passage["text"].as_str());
}

#[test]
fn an_entity_is_described_with_what_points_to_it() {
    let server = server();
    let iri = encode("http://lantern.example/brannoch");
    let entity = server
        .get(&format!("/kb/lanterns/entity?iri={iri}"))
        .expect(200)
        .json();
    assert_eq!(entity["entity"]["label"], "Brannoch Light");
    assert_eq!(entity["aliases"], serde_json::json!(["Old Bran"]));
    assert_eq!(entity["classes"][0]["label"], "lighthouse");
    assert_eq!(entity["truncated"], false);
    let outgoing = entity["outgoing"].as_array().cloned().unwrap_or_default();
    assert!(
        outgoing
            .iter()
            .any(|f| f["object"]["label"] == "Tobias Fenn")
    );

    let iri = encode("http://lantern.example/velda");
    let entity = server
        .get(&format!("/kb/lanterns/entity?iri={iri}"))
        .expect(200)
        .json();
    let incoming = entity["incoming"].as_array().cloned().unwrap_or_default();
    assert!(
        incoming
            .iter()
            .any(|f| f["subject"]["label"] == "Brannoch Light")
    );
    assert!(
        incoming
            .iter()
            .any(|f| f["subject"]["label"] == "Ines Calloway")
    );

    server
        .get(&format!(
            "/kb/lanterns/entity?iri={}",
            encode("http://lantern.example/none")
        ))
        .problem(404);
    server.get("/kb/lanterns/entity?iri=no%20iri").problem(400);
    server.get("/kb/lanterns/entity").problem(400);
}

#[test]
fn odd_queries_are_harmless() {
    let server = server();
    for query in [
        "",
        " ",
        "*:*",
        "\"",
        "(((",
        "a:b AND OR NOT",
        "label:\"x\"~9999",
        "🗼",
        "[* TO *]",
        "\\",
        "+-&&||!",
    ] {
        let reply = server.get(&format!("/kb/lanterns/search?q={}", encode(query)));
        assert!(matches!(reply.status, 200 | 400), "{query}: {reply:?}");
    }
    server.get("/kb/lanterns/search").problem(400);
    server.get("/kb/atlantis/search?q=x").problem(404);
    server.get("/kb/lanterns/search?q=x&no_such=1").problem(400);
}
