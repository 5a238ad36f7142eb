//! Questions about facts of which statements say more, about one thing under several IRIs, and about what has the most of what
//! is described, with words alone.

use tests::fixtures::PRESSES;

use crate::composed::ask_of;

#[test]
fn statements_of_facts_carry_conditions() {
    ask_of(
        PRESSES,
        &[
            (
                "Who was the master of Quillgate Press in 1710?",
                &["Tilda Varn"],
            ),
            (
                "Who was the last master of Quillgate Press?",
                &["Corin Ashdown"],
            ),
            (
                "Who was master of Three Herons before 1700?",
                &["Maud Pellory"],
            ),
            (
                "What was the number of workers of Quillgate Press in 1735?",
                &["30"],
            ),
            (
                "When did Egon Lusk become master of Three Herons?",
                &["1712"],
            ),
        ],
    );
}

#[test]
fn redirects_and_other_iris_lead_to_the_same_thing() {
    ask_of(
        PRESSES,
        &[
            ("What is the motto of The Gate?", &["Slow and true"]),
            ("What is the sign of the house The Gate?", &["a quill"]),
            (
                "Which medals does Three Herons hold?",
                &["Medal of the Mill"],
            ),
        ],
    );
}

#[test]
fn what_is_counted_may_be_described() {
    ask_of(
        PRESSES,
        &[
            ("Which printer has set the most books?", &["Tilda Varn"]),
            (
                "Which printer has set the most calf books?",
                &["Corin Ashdown"],
            ),
            (
                "Which printers have set at least two calf books?",
                &["Corin Ashdown"],
            ),
        ],
    );
}

#[test]
fn values_are_named_by_their_beginnings_and_measures_weighed_by_use() {
    ask_of(
        PRESSES,
        &[
            (
                "Which printers have the lodging Ropewalk 4?",
                &["Corin Ashdown", "Tilda Varn"],
            ),
            ("Which book has the most pages?", &["The Ropemaker"]),
            (
                "Name two books with the most pages",
                &["The Ropemaker", "Harbour Songs"],
            ),
        ],
    );
}
