//! Questions about relatives, rulers, firms and goods by category, with words alone.

use tests::Server;
use tests::fixtures::HOUSES;

use crate::composed::ask_of;
use crate::questions::check;

#[test]
fn relatives_are_told_by_parents_and_sexes() {
    ask_of(
        HOUSES,
        &[
            ("Who was the father of Oswin IV?", &["Oswin III of Carrow"]),
            ("Who was Bran of Carrow's mother?", &["Maud Ferrant"]),
            ("Who was the mother of Wilfreda Stane?", &["Tilda Marsh"]),
            ("Who was the father of Wilfreda Stane?", &["Corin Stane"]),
            (
                "Who were the daughters of Maud Ferrant?",
                &["Hild of Carrow"],
            ),
            (
                "Who were the siblings of Hild of Carrow?",
                &["Bran of Carrow", "Oswin IV of Carrow"],
            ),
            (
                "Who were the grandchildren of Maud Ferrant?",
                &["Ilsabet Carrow", "Odo Carrow"],
            ),
            ("youngest child of Maud Ferrant", &["Bran of Carrow"]),
            ("How many sons did Oswin III have?", &["2"]),
            (
                "Who is the father of the mother of Odo Carrow?",
                &["Oswin III of Carrow"],
            ),
        ],
    );
}

#[test]
fn relatives_are_not_answered_by_others() {
    ask_of(
        HOUSES,
        &[(
            "Who is the oldest granddaughter of Maud Ferrant?",
            &["Ilsabet Carrow"],
        )],
    );
    let server = Server::start();
    server.create_with("houses", HOUSES);
    let none: &[&str] = &[];
    check(
        &server,
        "houses",
        "abstained",
        &[
            // She is his mother.
            ("Is Hild of Carrow the father of Odo Carrow?", none),
            ("Is Odo Carrow the daughter of Hild of Carrow?", none),
            // He has none.
            ("Who are the siblings of Odo Carrow?", none),
        ],
    );
}

#[test]
fn names_do_without_realms_and_legal_forms() {
    ask_of(
        HOUSES,
        &[
            ("When was Oswin IV born?", &["1535-01-20"]),
            ("When was Halvard Sails founded?", &["1871"]),
            ("founding year of porrit ropes", &["1902"]),
            (
                "Which European firms were founded after 1910?",
                &["Tamsin Lamps"],
            ),
        ],
    );
}

#[test]
fn categories_are_called_by_one_of_their_things() {
    ask_of(
        HOUSES,
        &[
            ("What is the heaviest lantern?", &["Harbour Lantern"]),
            (
                "What are the subcategories of Ship Supplies?",
                &["Anchors", "Lanterns"],
            ),
            ("What is the weight of the Gale Lantern?", &["900"]),
        ],
    );
}

#[test]
fn a_father_is_not_told_to_be_a_woman() {
    // Of no man is it told that he is one.
    let graph = r#"
        @prefix : <http://kin.example/> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        :parent rdfs:label "parent" .
        :gender rdfs:label "gender" .
        :arno rdfs:label "Arno Vell" ; :parent :berta , :caspar .
        :berta rdfs:label "Berta Vell" ; :gender "female" ; :parent :edda .
        :caspar rdfs:label "Caspar Vell" ; :parent :falk .
        :dina rdfs:label "Dina Vell" ; :gender "female" ; :parent :edda .
        :edda rdfs:label "Edda Vell" ; :gender "female" ; :parent :falk .
        :falk rdfs:label "Falk Vell" ; :parent :gerd .
        :gerd rdfs:label "Gerd Vell" ; :gender "female" .
    "#;
    ask_of(
        graph,
        &[
            ("Who was the father of Arno Vell?", &["Caspar Vell"]),
            ("Who was the mother of Arno Vell?", &["Berta Vell"]),
        ],
    );
    let server = Server::start();
    server.create_with("kin", graph);
    check(
        &server,
        "kin",
        "abstained",
        &[("Who was the father of Dina Vell?", &[] as &[&str])],
    );
}
