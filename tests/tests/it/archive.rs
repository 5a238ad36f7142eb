//! Questions about a knowledge base in the form of a Wikibase, with words alone.

use tests::Server;
use tests::fixtures::ARCHIVE;

use crate::composed::ask_of;
use crate::questions::check;

#[test]
fn a_predicate_that_is_called_so_later_tells_classes_from_then_on() {
    const NAME: &str = "rdfs:label \"instance of\"@en";
    let unnamed = ARCHIVE.replace(NAME, "rdfs:label \"sort of thing\"@en");
    assert_ne!(unnamed, ARCHIVE);
    let server = Server::start();
    server.create_with("archive", &unnamed);
    let ask = |status, answers| {
        check(
            &server,
            "archive",
            status,
            &[("How many treatises are there?", answers)],
        );
    };
    // Told as a value, the treatises of a narrower sort are others.
    ask("grounded", &["2"]);
    let named = ARCHIVE
        .lines()
        .filter(|line| line.starts_with("@prefix") || line.contains(NAME));
    server
        .call("POST", "/kb/archive/load")
        .body("text/turtle", named.collect::<Vec<_>>().join("\n"))
        .send()
        .expect(200);
    ask("grounded", &["3"]);
}

#[test]
fn classes_are_told_by_a_predicate_of_its_own() {
    ask_of(
        ARCHIVE,
        &[
            ("How many treatises are there?", &["3"]),
            ("Which treatises are illuminated treatises?", &["On Bells"]),
            (
                "Which scholars were born in Harrow Mill?",
                &["Edda Voss", "Tomas Keel", "Petra Lund"],
            ),
            ("What is the tallest treatise?", &["On Salt"]),
            ("How many towns are there?", &["2"]),
        ],
    );
}

#[test]
fn statements_are_read_through() {
    ask_of(
        ARCHIVE,
        &[
            ("Who wrote On Bells?", &["Ines Arkady", "Edda Voss"]),
            (
                "Who has Edda Voss written treatises with?",
                &["Tomas Keel", "Ines Arkady"],
            ),
            ("Who has written the most treatises?", &["Edda Voss"]),
        ],
    );
}

#[test]
fn a_verb_tells_by_its_place_which_side_is_asked_for() {
    ask_of(
        ARCHIVE,
        &[
            ("Which treatises cite On Bells?", &["On Salt"]),
            ("Which treatise does On Bells cite?", &["On Tides"]),
            ("Which treatise is cited by On Bells?", &["On Tides"]),
        ],
    );
}

#[test]
fn values_name_things_and_measures_are_numbers() {
    ask_of(
        ARCHIVE,
        &[
            ("Which treatise has the shelf mark TR-102?", &["On Bells"]),
            ("How tall is On Salt?", &["40"]),
            ("When was On Tides published?", &["1702"]),
            (
                "Which treatises were published after 1705?",
                &["On Bells", "On Salt"],
            ),
        ],
    );
}

#[test]
fn whether_things_are_alike_or_have_a_value() {
    ask_of(
        ARCHIVE,
        &[
            ("Is On Tides leather-bound?", &["true"]),
            ("Is On Bells leather-bound?", &["false"]),
            (
                "Were Edda Voss and Tomas Keel born in the same town?",
                &["true"],
            ),
            (
                "Were Edda Voss and Ines Arkady born in the same town?",
                &["false"],
            ),
        ],
    );
}
