//! Questions about a boatyard: who holds a role, who is in what, when something was done last, what is told from one side only, and
//! names as people say them.

use tests::Server;
use tests::fixtures::BOATYARD;

use crate::composed::ask_of;
use crate::questions::check;

#[test]
fn roles_have_holders_and_verbs_have_objects() {
    ask_of(
        BOATYARD,
        &[
            ("Who is our safety officer?", &["Dora Eames"]),
            ("Who is the head of sails?", &["Ada Brook"]),
            ("Who reports to Dora Eames?", &["Eli Frost", "Fay Grant"]),
            ("Who does Dora Eames report to?", &["Ada Brook"]),
            ("Who works on the New Pier?", &["Cleo Dunn", "Eli Frost"]),
            ("How many nicknames does Ada Brook have?", &["2"]),
            ("How many people work in the sail loft?", &["3"]),
            (
                "Which boat has a predecessor whose predecessor is the Gull?",
                &["Skua", "Teal"],
            ),
        ],
    );
}

#[test]
fn the_last_of_several_times_is_told() {
    ask_of(
        BOATYARD,
        &[
            ("When was the Heron last repaired?", &["2023-08-21"]),
            ("When was the Heron first repaired?", &["2019-03-04"]),
            ("When was the Stork repaired?", &["2020-01-10"]),
            // Told of the crane itself.
            ("When was the Heron last cleaned?", &["2022-02-03"]),
        ],
    );
}

#[test]
fn what_is_told_from_one_side_is_known_from_the_other() {
    ask_of(
        BOATYARD,
        &[
            ("How many boats has the Gull inspired?", &["3"]),
            (
                "Who supplies the parts of the Tern?",
                &["Oakes Timber", "Pine and Sons", "Ropewalk Nord"],
            ),
            (
                "Which suppliers supply parts for the Teal?",
                &["Oakes Timber"],
            ),
            (
                "Which supplier supplies the most different parts?",
                &["Oakes Timber"],
            ),
        ],
    );
}

#[test]
fn amounts_of_a_datatype_of_their_own_are_numbers() {
    ask_of(
        BOATYARD,
        &[
            ("Which boat has the highest price?", &["Skua"]),
            (
                "Which boats have a price of more than 100000?",
                &["Skua", "Tern"],
            ),
            ("What is the longest boat?", &["Tern"]),
            ("How many boats are longer than 9 metres?", &["3"]),
        ],
    );
}

#[test]
fn names_are_said_for_short() {
    ask_of(
        BOATYARD,
        &[
            ("Who rows for Norhaven?", &["Ida Kern"]),
            ("How many wins did Ida Kern have for Norhaven?", &["12"]),
            ("Which club has its seat in Lorn?", &["RC Norhaven 04"]),
            (
                "Boats that start with the letter T",
                &["Tarnhelm", "Teal", "Tern"],
            ),
            ("Which boats have a name ending with n?", &["Tern"]),
            ("How many boats have helm in their name?", &["1"]),
            ("What is the maker of Sealcoat+?", &["Oakes Timber"]),
            ("What is the maker of Sealcoat?", &["Pine and Sons"]),
        ],
    );
}

#[test]
fn names_and_texts_are_not_passed_over() {
    let server = Server::start();
    server.create_with("boatyard", BOATYARD);
    for question in [
        // Nobody there does, though others report to her.
        "Who in the sail loft reports to Dora Eames?",
        // What is a text is no number of anything.
        "How many windows does the Gull have?",
        "When was the Gull last repaired?",
    ] {
        check(&server, "boatyard", "abstained", &[(question, &[])]);
    }
}
