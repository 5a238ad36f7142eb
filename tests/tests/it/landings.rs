//! Questions about rows of a table of statistics, which have no name: what several things that the question names have in common,
//! and what their numbers come to. Also about what is called after others, and what an ontology entails.

use tests::Server;
use tests::fixtures::LANDINGS;

use crate::composed::ask_of;
use crate::questions::check;

#[test]
fn a_row_is_told_by_all_that_the_question_names() {
    ask_of(
        LANDINGS,
        &[
            ("How much herring was landed in Stennick in 2010?", &["40"]),
            (
                "What was the price per kilogram of cod in Pellow in 2010?",
                &["3.75"],
            ),
            ("Which gear was used for cod in Pellow in 2011?", &["weirs"]),
            // Of the rows of Orrhaven, that year and those nets, the one of cod.
            (
                "What was the price per kilogram of cod landed in Orrhaven with drift nets in 2011?",
                &["3"],
            ),
        ],
    );
}

#[test]
fn amounts_of_several_rows_are_added_up() {
    ask_of(
        LANDINGS,
        &[
            // 70 and 31.
            ("How much was landed in Orrhaven in 2010?", &["101"]),
            // 40 and 5: Stennick and Pellow lie there.
            (
                "How much herring was landed on the Northern Coast in 2010?",
                &["45"],
            ),
            (
                "What was the average price per kilogram of cod in Orrhaven?",
                &["2.875"],
            ),
            ("Which harbour landed the most cod in 2011?", &["Orrhaven"]),
            // 40 and 55, where no single row has more than the 70 of Orrhaven.
            ("Which harbour landed the most herring?", &["Stennick"]),
            (
                "Which harbours landed more than 50 tonnes of herring in 2010?",
                &["Orrhaven"],
            ),
        ],
    );
}

#[test]
fn what_does_not_add_up_is_not_added_up() {
    let server = Server::start();
    server.create_with("landings", LANDINGS);
    let none: &[&str] = &[];
    check(
        &server,
        "landings",
        "abstained",
        &[("How much timber was landed in Stennick in 2010?", none)],
    );
    // No price is above 5, though two together are.
    check(
        &server,
        "landings",
        "abstained",
        &[(
            "Which harbours had a price per kilogram of more than 5 for cod?",
            none,
        )],
    );
}

#[test]
fn what_is_called_after_others_stands_for_what_it_joins() {
    ask_of(
        LANDINGS,
        &[
            ("Where was Ada Merrow born?", &["Orrhaven"]),
            ("When was Bran Sallow born?", &["1842-03-02"]),
            ("How many harbour masters were born in Pellow?", &["7"]),
        ],
    );
}

#[test]
fn what_an_ontology_entails_is_told() {
    ask_of(
        LANDINGS,
        &[
            // One is told to keep it, one to be deputy there, and of one it is told from the other side.
            (
                "Who keeps Stennick?",
                &["Ada Merrow", "Bran Sallow", "Cecily Thorn"],
            ),
            ("Which harbours face Stennick?", &["Orrhaven", "Pellow"]),
        ],
    );
    let server = Server::start();
    server.create_with("landings", LANDINGS);
    let faces: (&str, &[&str]) = ("Does Orrhaven face Stennick?", &["true"]);
    check(&server, "landings", "grounded", &[faces]);
}

#[test]
fn names_need_no_word_for_their_class() {
    ask_of(
        LANDINGS,
        &[("Who is a member of navigation?", &["Doran Wick"])],
    );
}
