//! Questions that several facts answer, or a computation over many, with words alone.

use tests::{Server, fixtures::LANTERNS};

use crate::questions::check;

fn ask(cases: &[(&str, &[&str])]) {
    let server = Server::start();
    server.create_with("lanterns", LANTERNS);
    check(&server, "lanterns", "grounded", cases);
}

#[test]
fn what_is_two_facts_away() {
    ask(&[
        (
            "Where was the keeper of Brannoch Light born?",
            &["Osmund's Rest"],
        ),
        (
            "What is the population of the island on which Pale Beacon stands?",
            &["950"],
        ),
    ]);
}

#[test]
fn what_lies_beyond_a_superlative() {
    ask(&[
        (
            "On which island does the tallest lighthouse stand?",
            &["Tarn Isle"],
        ),
        ("Who keeps the second tallest lighthouse?", &["Ada Merrow"]),
        (
            "What are the two tallest lighthouses?",
            &["Gullwatch", "Pale Beacon"],
        ),
        ("Which keeper keeps the most lighthouses?", &["Ada Merrow"]),
    ]);
}

#[test]
fn what_is_left_when_something_is_excluded() {
    ask(&[
        (
            "Which lighthouses are not kept by Ada Merrow?",
            &["Brannoch Light", "Pale Beacon", "Skerry Lamp"],
        ),
        ("Which islands have no lighthouse?", &["Osmund's Rest"]),
    ]);
}

#[test]
fn one_value_made_of_many() {
    ask(&[
        ("What is the average height of the lighthouses?", &["34.75"]),
        ("What is the total population of the islands?", &["7272"]),
        ("How much taller is Gullwatch than Old Mercy?", &["22.5"]),
        (
            "What percentage of the lighthouses are kept by Ada Merrow?",
            &["40"],
        ),
        ("How many lighthouses are taller than 30?", &["3"]),
    ]);
}
