//! Questions about a collection: kinds by a thesaurus, what lies two events away, names that are nodes; and what general language
//! says of people, reasons, slips and the most of all.

use tests::Server;
use tests::fixtures::CABINET;

use crate::composed::ask_of;
use crate::questions::check;

#[test]
fn concepts_of_a_thesaurus_are_kinds_with_those_below_them() {
    ask_of(
        CABINET,
        &[
            (
                "Which sculptures were made before 1800?",
                &["Head of a Reeve", "Kneeling Boy"],
            ),
            ("How many portraits are there?", &["2"]),
        ],
    );
}

#[test]
fn times_are_compared_behind_two_nameless_nodes() {
    ask_of(
        CABINET,
        &[
            ("Which sculptors were born after 1820?", &["Edith Moss"]),
            (
                "Who was born first, Doran Wick or Edith Moss?",
                &["Doran Wick"],
            ),
            ("On what day was Ada Crane born?", &["1931-05-02"]),
            (
                "Which paintings were made in the seventies?",
                &["Harvest", "The Mill", "Winter Road"],
            ),
        ],
    );
}

#[test]
fn women_are_whoever_is_told_to_be_female() {
    ask_of(
        CABINET,
        &[
            (
                "Which women were born in Lindow?",
                &["Ada Crane", "Edith Moss"],
            ),
            ("How many men were born in Orrhaven?", &["1"]),
        ],
    );
}

#[test]
fn reasons_are_asked_for_by_why_and_by_what_for() {
    ask_of(
        CABINET,
        &[
            ("Why did Ada Crane get the award?", &["for light on water"]),
            (
                "What did Doran Wick get the award for?",
                &["for birds in bronze"],
            ),
        ],
    );
}

#[test]
fn slips_in_words_are_read_as_what_is_meant() {
    ask_of(
        CABINET,
        &[
            (
                "Wich scupltures were made before 1800?",
                &["Head of a Reeve", "Kneeling Boy"],
            ),
            // Two words of one name.
            ("what is the catalouge nubmer of The Heron?", &["24"]),
        ],
    );
}

#[test]
fn names_that_are_nodes_and_names_beside_others_are_linked() {
    ask_of(
        CABINET,
        &[
            ("Who made The Grey Fisher?", &["Doran Wick"]),
            // Of two that are called so, the one that is kept there.
            ("Who made the Tallow House Harvest?", &["Fenn Pell"]),
        ],
    );
}

#[test]
fn a_name_that_is_a_node_is_found_by_what_it_was_changed_to() {
    let server = Server::start();
    server.create_with("cabinet", CABINET);
    let more = "<http://cabinet.example/piece/8/title> \
        <http://cabinet.example/vocab#content> \"The Patient Angler\" .";
    server
        .call("POST", "/kb/cabinet/rdf-graph-store?default")
        .body("text/turtle", more)
        .send()
        .expect(200);
    let question: (&str, &[&str]) = ("Who made The Patient Angler?", &["Doran Wick"]);
    check(&server, "cabinet", "grounded", &[question]);
}

#[test]
fn a_partner_is_the_other_one() {
    ask_of(CABINET, &[("Who is Ada Crane's spouse?", &["Bran Sallow"])]);
}

#[test]
fn more_than_anybody_else_is_the_most() {
    ask_of(
        CABINET,
        &[(
            "Which artist made more paintings than anybody else?",
            &["Ada Crane"],
        )],
    );
}

#[test]
fn both_are_meant() {
    ask_of(
        CABINET,
        &[(
            "works that are both gothic and naive",
            &["Kneeling Boy", "Two Oxen"],
        )],
    );
}

#[test]
fn what_an_event_tells_is_not_denied_by_what_leads_to_the_event() {
    let server = Server::start();
    server.create_with("cabinet", CABINET);
    let yes: [(&str, &[&str]); 2] = [
        ("Was Ada Crane born in Lindow?", &["true"]),
        ("Was Ada Crane born in 1931?", &["true"]),
    ];
    check(&server, "cabinet", "grounded", &yes);
}

#[test]
fn a_bound_in_a_unit_is_no_bound_on_any_number() {
    let server = Server::start();
    server.create_with("cabinet", CABINET);
    let none: &[&str] = &[];
    let questions = [
        ("Which sculptures weigh more than 90 kg?", none),
        ("Which works are taller than 90 cm?", none),
    ];
    check(&server, "cabinet", "abstained", &questions);
}

#[test]
fn what_describes_something_are_its_keywords() {
    ask_of(
        CABINET,
        &[
            ("Describe The Ferry in a few words.", &["river", "rope"]),
            ("Which words describe The Mill?", &["mill wheel"]),
        ],
    );
}

#[test]
fn what_something_is_made_of_is_what_it_consists_of() {
    ask_of(
        CABINET,
        &[
            ("What is Two Oxen made of?", &["oak"]),
            (
                "Which sculptures are made of bronze?",
                &["Kneeling Boy", "The Heron"],
            ),
        ],
    );
}

#[test]
fn a_kind_that_the_question_names_is_no_answer_to_what_kind() {
    ask_of(
        CABINET,
        &[
            ("What kind of sculpture is Head of a Reeve?", &["bust"]),
            // That it is a sculpture is no answer; of what style it is may be one.
            ("What kind of sculpture is The Heron?", &["Naive"]),
        ],
    );
}

#[test]
fn a_number_in_an_unknown_unit_is_not_compared_beyond_all_that_is_told() {
    let server = Server::start();
    server.create_with("cabinet", CABINET);
    let none: &[&str] = &[];
    let question = ("Which sculptures are taller than 2 metres?", none);
    check(&server, "cabinet", "abstained", &[question]);
}

#[test]
fn what_hangs_on_a_thing_may_be_left_out_without_a_class() {
    ask_of(
        CABINET,
        &[(
            "Which of Cecily Thorn's works are not in Marrow House?",
            &["Head of a Reeve"],
        )],
    );
}
