//! Questions about a database by the W3C's direct mapping, with words alone: names of columns as they were typed.

use tests::fixtures::FAIRS;

use crate::composed::ask_of;

#[test]
fn columns_are_asked_for_by_what_their_names_stand_for() {
    ask_of(
        FAIRS,
        &[
            ("What is the capacity of Lark Hall?", &["900"]),
            (
                "Which halls are in estmark?",
                &["Copper Barn", "Old Granary"],
            ),
            ("Which hall has the largest capacity?", &["Copper Barn"]),
            ("What is the last name of Orla Fenwick?", &["Fenwick"]),
            (
                "Which fairs took place between 1 June and 31 August 2016?",
                &["Candle Week", "Glass Fair"],
            ),
        ],
    );
}

#[test]
fn names_are_asked_for_as_the_things() {
    ask_of(
        FAIRS,
        &[
            (
                "List the names of all the countries.",
                &["estmark", "lorvain", "pellund"],
            ),
            (
                "What are the names of the halls with a capacity of more than 500?",
                &["Copper Barn", "Lark Hall"],
            ),
        ],
    );
}

#[test]
fn references_are_counted_and_keys_are_not_ranked() {
    ask_of(
        FAIRS,
        &[
            ("Which hall has the most fairs?", &["Lark Hall"]),
            ("How many fairs does Lark Hall have?", &["3"]),
            ("Which halls have more than one fair?", &["Lark Hall"]),
        ],
    );
}
