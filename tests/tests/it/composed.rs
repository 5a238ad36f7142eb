//! Questions that several facts answer, or a computation over many, with words alone.

use tests::Server;
use tests::fixtures::{ATELIERS, LANTERNS};

use crate::questions::check;

fn ask(cases: &[(&str, &[&str])]) {
    ask_of(LANTERNS, cases);
}

pub(crate) fn ask_of(turtle: &str, cases: &[(&str, &[&str])]) {
    let server = Server::start();
    server.create_with("composed", turtle);
    check(&server, "composed", "grounded", cases);
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
fn one_condition_stands_within_another() {
    ask(&[
        (
            "What is the oldest lighthouse on the largest island?",
            &["Old Mercy"],
        ),
        (
            "Which is the tallest lighthouse on an island with fewer than 1000 inhabitants?",
            &["Pale Beacon"],
        ),
        (
            "Which lighthouses taller than 30 metres are on the largest island?",
            &["Gullwatch"],
        ),
        ("How many lighthouses does the largest island have?", &["2"]),
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

#[test]
fn what_several_conditions_hold_of() {
    ask_of(
        ATELIERS,
        &[
            (
                "Which pictures by Haruko Mori hang in the Amber Room?",
                &["Nine Ladders"],
            ),
            (
                "Which pictures painted by Haruko Mori were completed in 2003?",
                &["Paper Moth"],
            ),
        ],
    );
}

#[test]
fn what_has_a_value_that_many_share() {
    ask_of(
        ATELIERS,
        &[
            (
                "Which painters are left-handed?",
                &["Colette Marchand", "Haruko Mori"],
            ),
            (
                "Which painters are retired?",
                &["Colette Marchand", "Kenji Aoki"],
            ),
            ("Which retired painters come from Japan?", &["Kenji Aoki"]),
            ("How many painters are retired?", &["2"]),
        ],
    );
}

#[test]
fn places_are_named_by_their_people() {
    ask_of(
        ATELIERS,
        &[
            ("Which painters are Panamanian?", &["Marta Quiroz"]),
            ("Which Japanese painters are left-handed?", &["Haruko Mori"]),
        ],
    );
}

#[test]
fn parts_of_parts() {
    ask_of(
        ATELIERS,
        &[
            ("In which museum is the Cedar Room?", &["Northgate Gallery"]),
            ("How many rooms are there in the Northgate Gallery?", &["3"]),
        ],
    );
}

#[test]
fn what_most_things_have() {
    ask_of(
        ATELIERS,
        &[
            (
                "Which country do most of the painters come from?",
                &["France"],
            ),
            ("Which painter painted the most etchings?", &["Haruko Mori"]),
            (
                "What is the oldest picture completed after 1990 by Haruko Mori?",
                &["Nine Ladders"],
            ),
        ],
    );
}

#[test]
fn names_in_small_letters() {
    ask_of(
        ATELIERS,
        &[
            (
                "which painters from japan are left-handed",
                &["Haruko Mori"],
            ),
            ("which japanese painters are retired", &["Kenji Aoki"]),
            ("which painters come from panama", &["Marta Quiroz"]),
        ],
    );
}

#[test]
fn ranges_of_years() {
    ask_of(
        ATELIERS,
        &[
            (
                "Which pictures were completed between 1990 and 1995?",
                &["Nine Ladders", "Salt Market", "The Ferryman"],
            ),
            ("How many pictures were completed in the 1990s?", &["3"]),
        ],
    );
}

#[test]
fn what_is_negated_is_what_follows() {
    ask_of(
        ATELIERS,
        &[
            (
                "Which left-handed painters do not come from France?",
                &["Haruko Mori"],
            ),
            (
                "What percentage of the Japanese painters are left-handed?",
                &["50"],
            ),
            (
                "Which painters come from neither France nor Japan?",
                &["Marta Quiroz"],
            ),
        ],
    );
}

#[test]
fn whether_there_is_anything() {
    ask_of(
        ATELIERS,
        &[
            ("Are there any etchings by Haruko Mori?", &["true"]),
            ("Are there any etchings by Colette Marchand?", &["false"]),
            ("Does Kenji Aoki come from France?", &["false"]),
        ],
    );
}

#[test]
fn superlatives_belong_to_the_noun_they_stand_by() {
    ask(&[
        (
            "What is the population of the island with the tallest lighthouse?",
            &["950"],
        ),
        (
            "which of Gullwatch, Pale Beacon and Skerry Lamp is the tallest",
            &["Pale Beacon"],
        ),
    ]);
}
