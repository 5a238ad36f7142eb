//! Questions about who holds what when, people who are named by two columns, bounds in other units, several bounds, and values
//! as groups, with words alone.

use tests::fixtures::OFFICES;

use crate::composed::ask_of;

#[test]
fn offices_are_asked_for_their_holders() {
    ask_of(
        OFFICES,
        &[
            (
                "Who was Chancellor of the United Skerries in 1985?",
                &["Ansel Morrow"],
            ),
            ("chancellor of Mornland in 1990", &["Dorrit Vane"]),
            (
                "Who is the Chancellor of the United Skerries?",
                &["Corb Tanner"],
            ),
            (
                "Who is the current chancellor of Mornland?",
                &["Ansel Morrow"],
            ),
            ("Who was chancellor of the US in 1995?", &["Brida Quell"]),
        ],
    );
}

#[test]
fn what_came_before_or_after_is_the_next_in_time() {
    ask_of(
        OFFICES,
        &[
            (
                "Who was Chancellor of the United Skerries before Corb Tanner?",
                &["Brida Quell"],
            ),
            (
                "Who was Chancellor of the United Skerries after Ansel Morrow?",
                &["Brida Quell"],
            ),
            // She held it twice in a row.
            (
                "Who was Chancellor of the United Skerries before Brida Quell?",
                &["Ansel Morrow"],
            ),
            (
                "Who was Chancellor of the United Skerries after Brida Quell?",
                &["Corb Tanner"],
            ),
        ],
    );
}

#[test]
fn given_and_family_names_are_one_name() {
    ask_of(
        OFFICES,
        &[
            ("Where was Dorrit Vane born?", &["Farrow"]),
            ("Who was born in Mornland?", &["Corb Tanner"]),
            // A firm is not called as whom to ask there is.
            ("Which firm has its seat on Farrow?", &["Harbour Stores"]),
        ],
    );
}

#[test]
fn bounds_are_read_in_their_units() {
    ask_of(
        OFFICES,
        &[
            ("Which rivers are longer than 100 miles?", &["Long Tarn"]),
            (
                "Which rivers are longer than 90,000 metres?",
                &["Long Tarn", "Skell", "Wend"],
            ),
            (
                "Which boats have a mass of more than 1 tonne?",
                &["Grey Gull", "Old Tern"],
            ),
        ],
    );
}

#[test]
fn two_bounds_hold_at_once() {
    ask_of(
        OFFICES,
        &[(
            "Which rivers are longer than 90 km and were charted after 1800?",
            &["Skell", "Wend"],
        )],
    );
}

#[test]
fn days_and_months_bound_dates() {
    ask_of(
        OFFICES,
        &[
            (
                "Which boats were launched in May 1962?",
                &["Grey Gull", "Kestrel"],
            ),
            (
                "Which boats were launched after 3 May 1962?",
                &["Kestrel", "Old Tern"],
            ),
            ("Which boat was launched on 1962-05-02?", &["Grey Gull"]),
        ],
    );
}

#[test]
fn values_are_groups() {
    ask_of(
        OFFICES,
        &[
            ("Which builder has the most boats?", &["Harl and Sons"]),
            (
                "How many boats are there for each builder?",
                &["Harl and Sons", "Pike Yard"],
            ),
        ],
    );
}

#[test]
fn a_shared_border_is_a_fact_between_the_two() {
    ask_of(
        OFFICES,
        &[
            ("Does Mornland share a border with Farrow?", &["true"]),
            (
                "Does the United Skerries share a border with Farrow?",
                &["false"],
            ),
        ],
    );
}
