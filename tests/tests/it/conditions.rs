//! Questions that compare, count and exclude by what things are and by what others have, with words alone.

use tests::Server;
use tests::fixtures::{ATELIERS, LANTERNS};

use crate::composed::ask_of;

#[test]
fn classes_and_values_can_be_excluded() {
    ask_of(
        ATELIERS,
        &[
            (
                "Which pictures are not etchings?",
                &["Heron at Dusk", "Salt Market", "The Ferryman", "Low Tide"],
            ),
            (
                "Which painters are not left-handed?",
                &["Bastien Roux", "Kenji Aoki", "Marta Quiroz", "Noemie Blanc"],
            ),
            (
                "Which painters from France painted no pictures?",
                &["Bastien Roux", "Noemie Blanc"],
            ),
            ("Which museums have no etchings?", &["Quayhouse"]),
            (
                "Who painted Heron at Dusk but not Low Tide?",
                &["Colette Marchand"],
            ),
        ],
    );
}

#[test]
fn things_are_tied_to_others_by_their_class() {
    ask_of(
        ATELIERS,
        &[
            (
                "Which painters painted an etching?",
                &["Haruko Mori", "Kenji Aoki"],
            ),
            ("Which museums have an etching?", &["Northgate Gallery"]),
            ("How many painters have painted no etching?", &["4"]),
        ],
    );
}

#[test]
fn means_of_counts() {
    ask_of(
        ATELIERS,
        &[
            (
                "How many pictures has a painter painted on average, leaving out those with none?",
                &["1.75"],
            ),
            (
                "Who painted more than one picture?",
                &["Colette Marchand", "Haruko Mori"],
            ),
            ("Who painted the most pictures?", &["Haruko Mori"]),
        ],
    );
}

#[test]
fn lists_of_what_each_thing_has() {
    ask_of(
        LANTERNS,
        &[(
            "How many lighthouses are there on each island?",
            &[
                "Korrin",
                "Lonely Skerry",
                "Tarn Isle",
                "Velda",
                "Osmund's Rest",
            ],
        )],
    );
}

#[test]
fn kinds_of_things() {
    ask_of(
        ATELIERS,
        &[("What kind of picture is Paper Moth?", &["etching"])],
    );
}

#[test]
fn values_of_other_things_are_bounds() {
    ask_of(
        LANTERNS,
        &[
            (
                "Which lighthouses are taller than Gullwatch?",
                &["Pale Beacon"],
            ),
            (
                "Which islands have a larger population than Velda?",
                &["Korrin"],
            ),
            (
                "Which lighthouse was built before Gullwatch?",
                &["Old Mercy"],
            ),
            ("Which lighthouse has the height 33?", &["Skerry Lamp"]),
        ],
    );
}

#[test]
fn years_between_two_things() {
    ask_of(
        ATELIERS,
        &[
            (
                "How many years lie between Heron at Dusk and Low Tide?",
                &["25"],
            ),
            (
                "How many years after Salt Market was Low Tide completed?",
                &["21"],
            ),
        ],
    );
}

#[test]
fn what_is_named_and_unknown_is_not_passed_over() {
    let server = Server::start();
    server.create_with("conditions", ATELIERS);
    for question in [
        "Which painter from Sweden is left-handed?",
        "Which pictures by Haruko Mori hang in the Louvre?",
    ] {
        let message = server.question("conditions", question);
        assert_eq!(message["grounding"]["status"], "abstained", "{question}");
    }
}
