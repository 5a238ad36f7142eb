//! Questions about events, coasts and what is told in nodes, with words alone.

use tests::Server;
use tests::fixtures::MARINERS;

use crate::composed::ask_of;
use crate::questions::check;

#[test]
fn the_class_of_an_event_says_what_it_is() {
    ask_of(
        MARINERS,
        &[
            ("When was Ines Tarrow born?", &["1801-04-02"]),
            ("When did Ines Tarrow die?", &["1866-11-30"]),
            (
                "Which mariners were born in 1812?",
                &["Gil Penhallow", "Maud Sorrel"],
            ),
            ("How many mariners died before 1870?", &["2"]),
            ("How old was Ines Tarrow when she died?", &["65"]),
        ],
    );
    let server = Server::start();
    server.create_with("mariners", MARINERS);
    let question = ("When did Maud Sorrel die?", &[] as &[&str]);
    check(&server, "mariners", "abstained", &[question]);
}

#[test]
fn two_words_for_a_class_are_two_things() {
    ask_of(
        MARINERS,
        &[
            (
                "Which coasts border the coast with the fewest people?",
                &["Cinder"],
            ),
            (
                "How many coasts border the coast that has the largest population?",
                &["2"],
            ),
            (
                "How many coasts border the coast that has the most people?",
                &["2"],
            ),
            ("Which coast borders the most coasts?", &["Amber", "Cinder"]),
        ],
    );
}

#[test]
fn a_word_for_the_class_tells_which_is_meant() {
    ask_of(
        MARINERS,
        &[
            ("Which coast is the port Amber on?", &["Dale"]),
            ("What is the population of the Amber coast?", &["900"]),
        ],
    );
}

#[test]
fn what_nodes_hold_names_things() {
    ask_of(
        MARINERS,
        &[
            ("Which ship has the register QX-7720?", &["Whimbrel"]),
            ("What is the register of the Dunlin?", &["QX-0044"]),
        ],
    );
}

#[test]
fn the_relation_of_two_things_is_told() {
    ask_of(
        MARINERS,
        &[(
            "What is the relation between Maud Sorrel and the Whimbrel?",
            &["sails On"],
        )],
    );
}
