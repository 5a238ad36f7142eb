//! What experts say of how people ask: phrases of predicates and classes, for either side, and declared inverses.

use tests::Server;

use crate::questions::check;

const FACTS: &str = r#"
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix s: <http://scriptorium.example/> .

s:Volume a rdfs:Class ; rdfs:label "volume"@en .
s:Member a rdfs:Class ; rdfs:label "guild member"@en .
s:Vault a rdfs:Class ; rdfs:label "vault"@en .

s:attribution rdfs:label "attribution"@en .
s:superior rdfs:label "superior"@en .
s:repository rdfs:label "repository"@en .

s:ashen a s:Volume ; rdfs:label "The Ashen Road"@en ; s:attribution s:mira ; s:repository s:vellum .
s:salt a s:Volume ; rdfs:label "Salt and Tallow"@en ; s:attribution s:mira ; s:repository s:vellum .
s:wicker a s:Volume ; rdfs:label "The Wicker Hour"@en ; s:attribution s:odo ; s:repository s:gorse .

s:mira a s:Member ; rdfs:label "Mira Voss"@en ; s:superior s:odo .
s:odo a s:Member ; rdfs:label "Odo Quell"@en .
s:tam a s:Member ; rdfs:label "Tam Reyl"@en ; s:superior s:mira .
s:vellum a s:Vault ; rdfs:label "Vellum Hall"@en .
s:gorse a s:Vault ; rdfs:label "Gorse Cellar"@en .
"#;

const PHRASES: &str = r#"
@prefix almanac: <https://almanac.example/ns#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix s: <http://scriptorium.example/> .

s:attribution almanac:phrase "penned by"@en , "verfasst von"@de ;
    almanac:inversePhrase "oeuvre"@en .
s:superior almanac:phrase "elder" ; almanac:inversePhrase "pupil" , "novice" .
s:hoard rdfs:label "treasure"@en ; owl:inverseOf s:repository .
s:Member almanac:phrase "inkling" .
"#;

/// Questions in words of the phrases, with their answers.
const ASKED: &[(&str, &[&str])] = &[
    ("Who penned The Ashen Road?", &["Mira Voss"]),
    (
        "What is the oeuvre of Mira Voss?",
        &["Salt and Tallow", "The Ashen Road"],
    ),
    ("Who are the pupils of Mira Voss?", &["Tam Reyl"]),
    ("Who is the elder of Mira Voss?", &["Odo Quell"]),
    ("Who is Tam Reyl the pupil of?", &["Mira Voss"]),
    (
        "What are the treasures of Vellum Hall?",
        &["Salt and Tallow", "The Ashen Road"],
    ),
    ("How many inklings are there?", &["3"]),
];

fn load(server: &Server, turtle: &str) {
    server
        .call("POST", "/kb/scriptorium/load")
        .body("text/turtle", turtle)
        .send()
        .expect(200);
}

#[test]
fn a_question_in_stated_words_is_answered_from_then_on() {
    let server = Server::start();
    server.create_with("scriptorium", FACTS);
    let unanswered: Vec<(&str, &[&str])> = ASKED.iter().map(|(q, _)| (*q, &[][..])).collect();
    check(&server, "scriptorium", "abstained", &unanswered);
    load(&server, PHRASES);
    check(&server, "scriptorium", "grounded", ASKED);
}

#[test]
fn words_for_one_side_are_not_those_for_the_other() {
    let server = Server::start();
    server.create_with("scriptorium", &format!("{FACTS}{PHRASES}"));
    // Each has a superior or is one, and not the other.
    let none: &[&str] = &[];
    check(
        &server,
        "scriptorium",
        "abstained",
        &[
            ("Who are the pupils of Tam Reyl?", none),
            ("Who is the superior of Odo Quell?", none),
            ("Wer hat Salt and Tallow verfasst?", none),
        ],
    );
    // The names that were there before serve as before.
    check(
        &server,
        "scriptorium",
        "grounded",
        &[
            ("Who is the superior of Mira Voss?", &["Odo Quell"]),
            ("Who is Mira Voss's superior?", &["Odo Quell"]),
            ("Who is Odo Quell the superior of?", &["Mira Voss"]),
            (
                "What is the repository of The Wicker Hour?",
                &["Gorse Cellar"],
            ),
        ],
    );
}

#[test]
fn phrases_are_neither_shown_nor_facts() {
    let server = Server::start();
    server.create_with("scriptorium", &format!("{FACTS}{PHRASES}"));
    let message = server.question("scriptorium", "Who penned The Ashen Road?");
    let fact = &message["grounding"]["citations"][0];
    let told = fact["text"].as_str().unwrap_or_default();
    assert!(
        told.contains("attribution") && !told.contains("penned"),
        "{message:#}"
    );
    // Nothing is called by a phrase: it leads to no entity.
    let found = server
        .get("/kb/scriptorium/link?q=what%20is%20novice")
        .expect(200)
        .json();
    assert_eq!(found["items"], serde_json::json!([]), "{found:#}");
}

/// The guide for experts, whose example must do what it says.
const GUIDE: &str = include_str!("../../../docs/ontologies.md");

#[test]
fn the_example_of_the_guide_answers_as_it_says() {
    let turtle = GUIDE
        .split("```turtle\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("an example");
    let server = Server::start();
    server.create_with("atelier", turtle);
    let rows: Vec<Vec<&str>> = GUIDE
        .lines()
        .map(|line| line.split('|').map(str::trim).collect())
        .filter(|cells: &Vec<&str>| cells.len() == 5 && cells[1].ends_with('?'))
        .collect();
    assert!(rows.len() >= 5, "the table of questions is gone");
    for row in rows {
        let (question, answer) = (row[1], row[2]);
        if answer == "none" {
            check(&server, "atelier", "none", &[(question, &[])]);
        } else {
            let answers: Vec<&str> = answer.split(", ").collect();
            check(&server, "atelier", "grounded", &[(question, &answers)]);
        }
    }
}
