//! Questions about rows of a table of statistics, which have no name: what several things that the question names have in common,
//! and what their numbers come to.

use tests::fixtures::LANDINGS;

use crate::composed::ask_of;

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
