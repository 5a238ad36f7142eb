//! Each kind of question over small knowledge bases of our own, with the whole set of answers as the measure.

use serde_json::Value;
use tests::{
    Client, Server,
    fixtures::{CHEESES, LANTERNS},
};

/// The labels (or values, for literals) of an answer, sorted.
fn answers(grounding: &Value) -> Vec<String> {
    let mut found: Vec<String> = grounding["answers"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|term| term["label"].as_str().or(term["value"].as_str()))
        .map(str::to_owned)
        .collect();
    found.sort();
    found
}

/// Asks all questions and reports every difference at once.
pub(crate) fn check(client: &Client, kb: &str, status: &str, cases: &[(&str, &[&str])]) {
    let mut wrong = Vec::new();
    for (question, expected) in cases {
        let message = client.question(kb, question);
        let grounding = &message["grounding"];
        let found = answers(grounding);
        let mut expected: Vec<&str> = expected.to_vec();
        expected.sort_unstable();
        let cited = !matches!(status, "grounded")
            || !grounding["citations"].as_array().is_none_or(Vec::is_empty);
        if grounding["status"] != status || found != expected || !cited {
            wrong.push(format!(
                "{question}\n  expected {status} {expected:?}\n  got {} {} {found:?}, {} citations\n  {}\n  {}",
                grounding["status"],
                grounding["reason"],
                grounding["citations"].as_array().map_or(0, Vec::len),
                message["content"],
                grounding["sparql"],
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} are wrong:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

fn lanterns() -> Server {
    let server = Server::start();
    server.create_with("lanterns", LANTERNS);
    server
}

#[test]
fn a_fact_about_an_entity() {
    check(
        &lanterns(),
        "lanterns",
        "grounded",
        &[
            ("Who is the keeper of Brannoch Light?", &["Tobias Fenn"]),
            ("On which island does Pale Beacon stand?", &["Tarn Isle"]),
            ("What is the height of Gullwatch?", &["41.5"]),
            ("What is the population of Velda?", &["1800"]),
            ("What is the code of Old Mercy?", &["LH-04"]),
            ("Where was Tobias Fenn born?", &["Osmund's Rest"]),
        ],
    );
}

#[test]
fn the_inverse_of_a_fact() {
    check(
        &lanterns(),
        "lanterns",
        "grounded",
        &[
            (
                "Which lighthouses are kept by Ada Merrow?",
                &["Gullwatch", "Old Mercy"],
            ),
            (
                "Which lighthouses stand on Korrin?",
                &["Gullwatch", "Old Mercy"],
            ),
            ("Who was born on Velda?", &["Ines Calloway"]),
        ],
    );
}

#[test]
fn a_list() {
    check(
        &lanterns(),
        "lanterns",
        "grounded",
        &[
            (
                "Which islands are connected by a causeway to Tarn Isle?",
                &["Korrin", "Velda", "Osmund's Rest"],
            ),
            (
                "Which islands are connected by a causeway to Korrin?",
                &["Tarn Isle", "Velda"],
            ),
        ],
    );
}

#[test]
fn a_count() {
    check(
        &lanterns(),
        "lanterns",
        "grounded",
        &[
            ("How many lighthouses stand on Korrin?", &["2"]),
            (
                "How many islands are connected by a causeway to Tarn Isle?",
                &["3"],
            ),
            ("How many lighthouses are there?", &["5"]),
            ("How many islands have more than 1000 inhabitants?", &["2"]),
            (
                "How many lighthouses have a height of more than thirty metres?",
                &["3"],
            ),
        ],
    );
}

#[test]
fn a_superlative() {
    check(
        &lanterns(),
        "lanterns",
        "grounded",
        &[
            ("Which island has the largest population?", &["Korrin"]),
            ("What is the most populous island?", &["Korrin"]),
            (
                "Which lighthouse has the greatest height?",
                &["Pale Beacon"],
            ),
            ("Which island has the smallest area?", &["Lonely Skerry"]),
        ],
    );
}

#[test]
fn a_comparison() {
    check(
        &lanterns(),
        "lanterns",
        "grounded",
        &[
            (
                "Which has more inhabitants, Velda or Tarn Isle?",
                &["Velda"],
            ),
            (
                "Which has a larger area, Osmund's Rest or Korrin?",
                &["Korrin"],
            ),
            (
                "Which has a greater height, Gullwatch or Pale Beacon?",
                &["Pale Beacon"],
            ),
        ],
    );
}

#[test]
fn yes_or_no() {
    check(
        &lanterns(),
        "lanterns",
        "grounded",
        &[
            ("Is Ada Merrow the keeper of Gullwatch?", &["true"]),
            ("Is Tobias Fenn the keeper of Gullwatch?", &["false"]),
            ("Is Velda connected by a causeway to Korrin?", &["true"]),
        ],
    );
}

#[test]
fn what_something_is() {
    let server = lanterns();
    for (question, name, class) in [
        ("What is Brannoch Light?", "Brannoch Light", "lighthouse"),
        ("What is Velda?", "Velda", "island"),
    ] {
        let message = server.question("lanterns", question);
        let content = message["content"].as_str().unwrap_or_default();
        assert_eq!(message["grounding"]["status"], "grounded", "{message}");
        assert!(
            content.contains(name) && content.to_lowercase().contains(class),
            "{content}"
        );
        assert!(
            message["grounding"]["citations"]
                .as_array()
                .is_some_and(|c| !c.is_empty())
        );
    }
}

#[test]
fn a_known_empty_set() {
    check(
        &lanterns(),
        "lanterns",
        "none",
        &[(
            "Which islands are connected by a causeway to Lonely Skerry?",
            &[],
        )],
    );
}

#[test]
fn a_misspelling_or_an_alias() {
    check(
        &lanterns(),
        "lanterns",
        "grounded",
        &[
            ("Who is the keper of Branoch Light?", &["Tobias Fenn"]),
            ("Who is the keeper of Old Bran?", &["Tobias Fenn"]),
            ("who is the keeper of brannoch light", &["Tobias Fenn"]),
            ("What is the hieght of Gulwatch?", &["41.5"]),
        ],
    );
}

#[test]
fn what_is_not_known_is_not_invented() {
    check(
        &lanterns(),
        "lanterns",
        "abstained",
        &[
            ("Who is the keeper of Westmere Light?", &[]),
            ("Who is the architect of Gullwatch?", &[]),
            ("What is the capital of France?", &[]),
            ("What is the population of Atlantis?", &[]),
            ("Who wrote the anthem of Korrin?", &[]),
        ],
    );
}

#[test]
fn an_empty_knowledge_base_says_so() {
    let server = Server::start();
    server
        .post("/kb", &serde_json::json!({ "name": "empty" }))
        .expect(201);
    let grounding =
        server.question("empty", "Who is the keeper of Gullwatch?")["grounding"].clone();
    assert_eq!(grounding["status"], "abstained");
    assert_eq!(grounding["reason"], "empty_knowledge_base");
}

#[test]
fn opaque_iris_are_no_hindrance() {
    let server = Server::start();
    server.create_with("cheeses", CHEESES);
    check(
        &server,
        "cheeses",
        "grounded",
        &[
            (
                "Which cheeses are made from the milk of the goat?",
                &["Quillan", "Saint Perrine"],
            ),
            (
                "What is the valley of origin of Aldermoor Blue?",
                &["Upper Nell"],
            ),
            ("What is the ripening time of Quillan?", &["21"]),
            (
                "How many cheeses have the valley of origin Harrowdale?",
                &["2"],
            ),
            (
                "Which cheese has the longest ripening time?",
                &["Dunnet Round"],
            ),
            (
                "Which has a longer ripening time, Quillan or Saint Perrine?",
                &["Saint Perrine"],
            ),
            (
                "Is Dunnet Round made from the milk of the sheep?",
                &["true"],
            ),
        ],
    );
}

#[test]
fn every_answer_is_the_same_each_time() {
    let server = lanterns();
    let ask = || {
        let message = server.question("lanterns", "Which lighthouses are kept by Ada Merrow?");
        let grounding = &message["grounding"];
        [
            &message["content"],
            &grounding["answers"],
            &grounding["citations"],
            &grounding["sparql"],
        ]
        .map(Clone::clone)
    };
    let first = ask();
    for _ in 0..5 {
        assert_eq!(ask(), first);
    }
}

#[test]
fn facts_of_named_graphs_count_too_and_duplicates_count_once() {
    let server = lanterns();
    // The same facts again in a graph of their own: no count may change.
    server
        .put_turtle("lanterns", Some("http://lantern.example/graph"), LANTERNS)
        .expect(201);
    check(
        &server,
        "lanterns",
        "grounded",
        &[
            ("How many lighthouses stand on Korrin?", &["2"]),
            (
                "Which lighthouses are kept by Ada Merrow?",
                &["Gullwatch", "Old Mercy"],
            ),
        ],
    );
}

const COMPOSERS: &str = r#"
@prefix : <http://composers.example/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:Composer a rdfs:Class ; rdfs:label "composer"@en .
:born rdfs:label "date of birth"@en ; skos:altLabel "born"@en .
:debut rdfs:label "year of debut"@en .
:karl a :Composer ; rdfs:label "Karl Braun"@en ; :born "1660-12-31"^^xsd:date ; :debut "1680"^^xsd:gYear .
:anna a :Composer ; rdfs:label "Anna Weiss"@en ; :born "1655-02-03"^^xsd:date ; :debut "1675"^^xsd:gYear .
:otto a :Composer ; rdfs:label "Otto Lang"@en ; :born "1701-02-03"^^xsd:date ; :debut "1730"^^xsd:gYear .
"#;

#[test]
fn dates_are_compared_by_their_years() {
    let server = Server::start();
    server.create_with("composers", COMPOSERS);
    check(
        &server,
        "composers",
        "grounded",
        &[
            (
                "Which composers were born before 1700?",
                &["Anna Weiss", "Karl Braun"],
            ),
            ("Which composers were born after 1700?", &["Otto Lang"]),
            ("How many composers were born before 1700?", &["2"]),
            (
                "Which composers have a year of debut after 1700?",
                &["Otto Lang"],
            ),
        ],
    );
}
