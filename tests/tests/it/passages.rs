//! Answers from documents, where no fact answers.

use serde_json::{Value, json};
use tests::{Server, fixtures::LANTERNS};

const DOCUMENTS: &str = r#"{"id": "merrow", "title": "Ada Merrow", "url": "http://lantern.example/docs/merrow", "text": "Ada Louise Merrow (3 May 1802, Port Sellin – 1871) was a Korrish keeper, engraver and diarist. É is not in her name. She wrote The Long Watch in 1840 and retired to Osmund's Rest."}
{"id": "haskell", "title": "Ruth Haskell", "text": "Ruth Haskell was an architect. She was born in Dunmorrow, Westshire, and designed the Great Dome of Velda. The dome has 1,250 panes."}
{"id": "velda", "title": "Velda", "text": "Velda is an island in the Sound. Hollin is the capital and largest town of Velda."}
"#;

fn server() -> Server {
    let server = Server::start();
    server.post("/kb", &json!({ "name": "texts" })).expect(201);
    put(&server, "texts");
    server
}

fn put(server: &Server, kb: &str) {
    server
        .call("POST", &format!("/kb/{kb}/documents"))
        .body("application/x-ndjson", DOCUMENTS)
        .send()
        .expect(200);
}

fn value(grounding: &Value) -> &str {
    grounding["answers"][0]["value"]
        .as_str()
        .unwrap_or_default()
}

#[test]
fn a_span_of_a_passage_answers() {
    let server = server();
    for (question, answer) in [
        ("Where was Ruth Haskell born?", "Dunmorrow"),
        ("In what town was Ada Merrow born?", "Port Sellin"),
        ("When was Ada Merrow born?", "3 May 1802"),
        ("What is Ruth Haskell's occupation?", "architect"),
        ("What is the capital of Velda?", "Hollin"),
        ("Who designed the Great Dome of Velda?", "Ruth Haskell"),
        ("where was ruth haskell born", "Dunmorrow"),
    ] {
        let message = server.question("texts", question);
        let grounding = &message["grounding"];
        assert_eq!(grounding["status"], "grounded", "{question}: {grounding}");
        assert_eq!(value(grounding), answer, "{question}: {grounding}");
        assert_eq!(grounding["answers"][0]["type"], "literal");
        assert_eq!(grounding["sparql"], Value::Null);
        assert_eq!(grounding["citations"].as_array().map(Vec::len), Some(1));
        let content = message["content"].as_str().unwrap_or_default();
        assert!(
            content.contains(answer) && content.contains("[1]"),
            "{content}"
        );
    }
}

#[test]
fn the_citation_is_the_sentence_where_it_stands() {
    let server = server();
    let message = server.question("texts", "When did Ada Merrow write The Long Watch?");
    let citation = &message["grounding"]["citations"][0];
    assert_eq!(citation["kind"], "passage", "{message}");
    assert_eq!(citation["document"], "merrow");
    assert_eq!(value(&message["grounding"]), "1840");
    let document = server.get("/kb/texts/documents/merrow").expect(200).json();
    let text: Vec<char> = document["text"]
        .as_str()
        .unwrap_or_default()
        .chars()
        .collect();
    let place = |field: &str| {
        let place = citation[field]
            .as_u64()
            .and_then(|n| usize::try_from(n).ok());
        place.expect("an offset")
    };
    let quoted: String = text[place("start")..place("end")].iter().collect();
    assert_eq!(citation["text"], quoted, "offsets count code points");
    assert_eq!(
        message["annotations"][0]["url_citation"]["url"],
        "http://lantern.example/docs/merrow"
    );
}

#[test]
fn what_no_passage_says_of_the_subject_is_not_answered() {
    let server = server();
    for question in [
        "Where was Tobias Fenn born?",
        "Who is the mother of Ruth Haskell?",
        "What is the capital of Korrin?",
        "Where was Haskell Green born?",
        "Who wrote The Long Watch?",
        "What was Ruth Haskell not?",
        "Was Ruth Haskell born in Dunmorrow?",
        "What is the population of Velda?",
    ] {
        let message = server.question("texts", question);
        let grounding = &message["grounding"];
        assert_eq!(grounding["status"], "abstained", "{question}: {message}");
        assert_eq!(grounding["citations"], json!([]));
    }
}

#[test]
fn facts_go_before_passages() {
    let server = Server::start();
    server.create_with("lanterns", LANTERNS);
    put(&server, "lanterns");
    let message = server.question("lanterns", "Where was Ada Merrow born?");
    assert_eq!(
        message["grounding"]["answers"][0]["label"], "Korrin",
        "{message}"
    );
    assert!(message["grounding"]["sparql"].is_string());
    let message = server.question("lanterns", "What is Ada Merrow's occupation?");
    assert_eq!(message["grounding"]["status"], "grounded", "{message}");
    assert!(
        ["keeper", "engraver"].contains(&value(&message["grounding"])),
        "{message}"
    );
}
