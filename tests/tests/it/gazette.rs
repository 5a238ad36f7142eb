//! Questions about nodes that hold numbers, names beside labels, and two questions asked at once, with words alone.

use serde_json::json;
use tests::fixtures::GAZETTE;
use tests::{Server, fixtures};

use crate::composed::ask_of;

#[test]
fn numbers_are_told_by_nodes_that_have_no_name() {
    ask_of(
        GAZETTE,
        &[
            ("What is the population of Brackwell?", &["7300"]),
            ("Which town has the largest population?", &["Brackwell"]),
            ("Which is bigger, Aldmoor or Cairnby?", &["Aldmoor"]),
            (
                "What town that borders Aldmoor has the largest population?",
                &["Brackwell"],
            ),
            ("What towns are over 8000 meters?", &["Aldmoor"]),
            (
                "Which towns are more than 90 percent Muslim?",
                &["Brackwell"],
            ),
        ],
    );
}

#[test]
fn names_stand_beside_labels_and_initials_behind_them() {
    ask_of(
        GAZETTE,
        &[
            ("Who wrote On Lanterns?", &["Edda Marsh"]),
            ("Who wrote Tides?", &["Edda Marsh"]),
            (
                "Which letters by Jory Penn were read at the NCR?",
                &["J. Penn: On Bells (1912)"],
            ),
            (
                "Which scholars have the address Old College?",
                &["Edda Marsh", "Wilf Marsh"],
            ),
        ],
    );
}

#[test]
fn what_is_denied_may_stand_before_the_negation() {
    ask_of(
        GAZETTE,
        &[(
            "Which RAL letters did Edda Marsh not write?",
            &["J. Penn: On Salt (1911)", "W. Marsh: On Ropes (1907)"],
        )],
    );
}

#[test]
fn siblings_are_told_by_their_sex() {
    ask_of(
        GAZETTE,
        &[
            ("What is the name of Edda Marsh's brother?", &["Wilf Marsh"]),
            (
                "Who are the sisters of Wilf Marsh?",
                &["Edda Marsh", "Tova Marsh"],
            ),
        ],
    );
}

#[test]
fn what_is_asked_for_is_no_time_and_no_kind() {
    let server = Server::start();
    server.create_with("gazette", fixtures::GAZETTE);
    for question in [
        "What is the blood type of Edda Marsh?",
        "How many towns are nocturnal?",
    ] {
        let message = say(&server, question);
        assert_eq!(message["grounding"]["status"], "abstained", "{question}");
    }
}

#[test]
fn two_questions_at_once_are_both_answered_and_proved_together() {
    let server = Server::start();
    server.create_with("gazette", GAZETTE);
    for question in [
        "Who wrote On Salt and when did Edda Marsh die?",
        "What are the address and the gender of Jory Penn?",
        "What is the address of Jory Penn and his gender?",
        "How many letters did Jory Penn write and what is his address?",
    ] {
        let message = say(&server, question);
        let grounding = &message["grounding"];
        assert_eq!(grounding["status"], "grounded", "{question}");
        assert_eq!(
            grounding["columns"],
            json!(["answer", "question"]),
            "{question}"
        );
        let rows = grounding["rows"].as_array().map(Vec::len);
        assert_eq!(rows, Some(2), "{question}: {message}");
        // Each citation has a number of its own, and the text names them all.
        let content = message["content"].as_str().unwrap_or_default();
        let citations = grounding["citations"].as_array().map_or(0, Vec::len);
        for number in 1..=citations {
            assert!(content.contains(&format!("[{number}]")), "{content}");
        }
        let proof = server
            .post("/kb/gazette/proofs/verify", grounding)
            .expect(200)
            .json();
        assert_eq!(proof["verdict"], "holds", "{question}: {proof}");
    }
    // Only one of the two is known.
    let half = say(&server, "Who wrote On Salt and when did Jory Penn die?");
    assert_eq!(half["grounding"]["status"], "abstained", "{half}");
}

fn say(server: &Server, question: &str) -> serde_json::Value {
    let body = json!({ "model": "gazette", "messages": [{ "role": "user", "content": question }] });
    let answer = server
        .post("/v1/chat/completions", &body)
        .expect(200)
        .json();
    answer["choices"][0]["message"].clone()
}
