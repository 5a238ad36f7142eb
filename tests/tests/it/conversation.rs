//! Turns that hang on those before them.

use serde_json::{Value, json};
use tests::{Server, fixtures::LANTERNS};

/// Two towns of one name, and what tells them apart.
const TOWNS: &str = r#"
@prefix : <http://towns.example/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:Town a rdfs:Class ; rdfs:label "town"@en .
:County a rdfs:Class ; rdfs:label "county"@en .
:county rdfs:label "county"@en ; rdfs:domain :Town ; rdfs:range :County .
:mayor rdfs:label "mayor"@en ; rdfs:domain :Town .
:north a :County ; rdfs:label "Northshire"@en .
:south a :County ; rdfs:label "Southshire"@en .
:a a :Town ; rdfs:label "Marlow"@en ; :county :north ; :mayor :ann .
:b a :Town ; rdfs:label "Marlow"@en ; :county :south ; :mayor :bob .
:ann rdfs:label "Ann Pike"@en .
:bob rdfs:label "Bob Reed"@en .
"#;

fn say(server: &Server, kb: &str, turns: &[&str]) -> Value {
    let mut messages = Vec::new();
    for (number, turn) in turns.iter().enumerate() {
        if number > 0 {
            // What an assistant said is no source.
            messages.push(json!({ "role": "assistant", "content": "Lonely Skerry is a keeper." }));
        }
        messages.push(json!({ "role": "user", "content": turn }));
    }
    let body = json!({ "model": kb, "messages": messages, "almanac": { "explain": true } });
    server
        .post("/v1/chat/completions", &body)
        .expect(200)
        .json()["choices"][0]["message"]
        .clone()
}

fn answers(message: &Value) -> Vec<&str> {
    let mut found: Vec<&str> = message["grounding"]["answers"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|term| term["label"].as_str().or(term["value"].as_str()))
        .collect();
    found.sort_unstable();
    found
}

#[test]
fn follow_ups_are_understood_by_what_came_before() {
    let server = Server::start();
    server.create_with("lanterns", LANTERNS);
    for (turns, expected) in [
        (
            vec!["What is the population of Korrin?", "What about Velda?"],
            vec!["1800"],
        ),
        (
            vec!["What is the population of Korrin?", "And Tarn Isle?"],
            vec!["950"],
        ),
        (
            vec!["What is the population of Korrin?", "and its area?"],
            vec!["35.5"],
        ),
        (
            vec!["Who is the keeper of Brannoch Light?", "Where was he born?"],
            vec!["Osmund's Rest"],
        ),
        (
            vec![
                "Who is the keeper of Brannoch Light?",
                "What is its height?",
            ],
            vec!["28"],
        ),
        (
            vec!["What is Gullwatch?", "Who is the keeper of it?"],
            vec!["Ada Merrow"],
        ),
        (
            vec!["What is the height of Gullwatch?", "and the code?"],
            vec!["LH-01"],
        ),
        (
            vec!["Which lighthouses stand on Korrin?", "and how many?"],
            vec!["2"],
        ),
        (
            vec![
                "Which lighthouses stand on Korrin?",
                "Which of those has the greatest height?",
            ],
            vec!["Gullwatch"],
        ),
        (
            vec![
                "Which islands are connected by a causeway to Korrin?",
                "What are their populations?",
            ],
            vec!["1800", "950"],
        ),
        (
            vec![
                "What is the population of Korrin?",
                "What about Velda?",
                "and its area?",
            ],
            vec!["12.25"],
        ),
    ] {
        let message = say(&server, "lanterns", &turns);
        assert_eq!(answers(&message), expected, "{turns:?}: {message}");
        assert_eq!(message["grounding"]["status"], "grounded", "{turns:?}");
        let understood = &message["grounding"]["explanation"]["understood"];
        assert!(understood.is_string(), "{turns:?}: {understood}");
    }
}

#[test]
fn a_name_that_several_have_is_told_apart() {
    let server = Server::start();
    server.create_with("towns", TOWNS);
    let turns = ["Who is the mayor of Marlow?", "No, the one in Southshire."];
    let message = say(&server, "towns", &turns);
    assert_eq!(answers(&message), ["Bob Reed"], "{message}");
    assert_eq!(message["grounding"]["status"], "grounded");
    let turns = [
        "Who is the mayor of Marlow?",
        "I meant the one in Northshire",
    ];
    assert_eq!(answers(&say(&server, "towns", &turns)), ["Ann Pike"]);
}

#[test]
fn questions_that_stand_alone_do_not_look_back() {
    let server = Server::start();
    server.create_with("lanterns", LANTERNS);
    let turns = [
        "What is the population of Korrin?",
        "What is the height of Gullwatch?",
    ];
    let message = say(&server, "lanterns", &turns);
    assert_eq!(answers(&message), ["41.5"]);
    assert_eq!(
        message["grounding"]["explanation"]["understood"],
        Value::Null
    );
    // Nothing before: it is asked as it stands.
    let message = say(&server, "lanterns", &["and its population?"]);
    assert_eq!(message["grounding"]["status"], "abstained");
    let turns = [
        "What is the population of Korrin?",
        "Who is the architect of Westmere?",
    ];
    assert_eq!(
        say(&server, "lanterns", &turns)["grounding"]["status"],
        "abstained"
    );
}

#[test]
fn passages_are_part_of_a_conversation() {
    let server = Server::start();
    server.post("/kb", &json!({ "name": "texts" })).expect(201);
    let document = json!({ "id": "haskell", "title": "Ruth Haskell",
        "text": "Ruth Haskell was an architect. She was born in Dunmorrow, Westshire, and died in 1911." });
    server.post("/kb/texts/documents", &document).expect(200);
    let message = say(
        &server,
        "texts",
        &["What is Ruth Haskell's occupation?", "Where was she born?"],
    );
    assert_eq!(answers(&message), ["Dunmorrow"], "{message}");
}
