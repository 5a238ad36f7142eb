//! Questions about an ontology: what axioms say of classes, classes as members of wider ones, other names and definitions, with
//! words alone.

use tests::fixtures::REMEDIES;
use tests::{Server, encode};

use crate::composed::ask_of;
use crate::questions::check;

#[test]
fn what_axioms_say_of_classes_is_a_fact_of_theirs() {
    ask_of(
        REMEDIES,
        &[
            ("What does marrowmint soothe?", &["ember cough"]),
            ("Which organ does salt fever affect?", &["liver"]),
            // Within an intersection that is equivalent to the class.
            ("What does dusk clover soothe?", &["salt fever"]),
            ("What is the steeping time of ropewort?", &["3"]),
            // What wider classes have is so of the narrower ones.
            ("What does silver marrowmint soothe?", &["ember cough"]),
        ],
    );
}

#[test]
fn classes_without_instances_have_those_below_them_for_members() {
    ask_of(
        REMEDIES,
        &[
            (
                "Which herbs soothe ember cough?",
                &["marrowmint", "silver marrowmint"],
            ),
            ("How many herbs are there?", &["4"]),
            (
                "Which herb has the longest steeping time?",
                &["dusk clover"],
            ),
            // What contains some kind of it contains it.
            ("Which herbs contain bitter oil?", &["silver marrowmint"]),
            (
                "Which herbs soothe an ailment of the windpipe?",
                &["marrowmint", "silver marrowmint"],
            ),
            // "Part of" tells the side.
            ("What are the parts of the throat?", &["windpipe"]),
            ("What is the windpipe a part of?", &["throat"]),
        ],
    );
}

#[test]
fn other_names_and_definitions_can_be_asked_for() {
    ask_of(
        REMEDIES,
        &[
            (
                "What else is marrowmint called?",
                &["grave mint", "sexton's balm"],
            ),
            (
                "Could you define marrowmint?",
                &["A pale mint that grows on walls."],
            ),
        ],
    );
}

#[test]
fn what_follows_from_axioms_follows_them() {
    let server = Server::start();
    server.create_with("herbs", REMEDIES);
    let question = "What does ropewort soothe?";
    let path = format!(
        "/kb/herbs/rdf-graph-store?graph={}",
        encode("http://remedies.example/added")
    );
    let axiom = "@prefix h: <http://remedies.example/HRB_> .
        @prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        h:013 rdfs:subClassOf [ a owl:Restriction ; owl:onProperty h:p1 ; owl:someValuesFrom h:021 ] .";
    server
        .call("PUT", &path)
        .body("text/turtle", axiom)
        .send()
        .expect(201);
    check(&server, "herbs", "grounded", &[(question, &["salt fever"])]);
    // Inferred facts are no part of what was told, and go with it.
    let dump = server.get("/kb/herbs/dump?format=nq").expect(200).text();
    assert!(dump.contains("HRB_013") && !dump.contains("urn:almanac:inferred"));
    server.delete(&path).expect(204);
    let grounding = &server.question("herbs", question)["grounding"];
    assert_ne!(grounding["status"], "grounded");
}
