//! Questions about annals: relations and properties that are told apart by the role that each names; what comes next to what; what
//! somebody was the first or the last one to do; what most have; and verbs of two words.

use tests::Server;
use tests::fixtures::ANNALS;

use crate::composed::ask_of;
use crate::questions::check;

#[test]
fn relations_are_asked_for_by_their_roles() {
    ask_of(
        ANNALS,
        &[
            (
                "Who commanded at Kessel Ford?",
                &["Ivo Lenz", "Otto Brandt"],
            ),
            (
                "Which battles did Hanno Weiss command?",
                &["Battle of Amber Hill", "Battle of Long Reach"],
            ),
            ("Who won the Battle of Red Moor?", &["Northern League"]),
            ("Where was the commander at Stone Gate born?", &["Marrow"]),
            ("How many battles did Otto Brandt command?", &["3"]),
            ("Who commanded the most battles?", &["Otto Brandt"]),
            (
                "Which battles did both Otto Brandt and Ivo Lenz command?",
                &["Battle of Kessel Ford"],
            ),
        ],
    );
}

#[test]
fn values_are_asked_for_by_what_their_properties_are_called() {
    ask_of(
        ANNALS,
        &[
            ("What colour is the Basilisk?", &["green"]),
            ("What is the weight of the Old Bess?", &["900"]),
            (
                "Which cannons have a weight of more than 1100 kg?",
                &["Basilisk", "Drake"],
            ),
            ("Which cannon has the largest calibre?", &["Basilisk"]),
        ],
    );
}

#[test]
fn what_comes_right_after_is_what_is_said_to_be_next() {
    ask_of(
        ANNALS,
        &[
            (
                "What came right after the War of the Reeds?",
                &["War of the Two Dukes"],
            ),
            (
                "Which war came before the War of the Two Dukes?",
                &["War of the Reeds"],
            ),
        ],
    );
}

#[test]
fn first_and_last_are_by_what_somebody_did() {
    ask_of(
        ANNALS,
        &[
            (
                "Which of Otto Brandt's children died first?",
                &["Bert Brandt"],
            ),
            (
                "Who was the last of Otto Brandt's children to die?",
                &["Anna Brandt"],
            ),
            (
                "Who was the second of Otto Brandt's children to die?",
                &["Carl Brandt"],
            ),
        ],
    );
}

#[test]
fn what_most_have_is_counted() {
    ask_of(
        ANNALS,
        &[
            ("What is the most common cause of death?", &["Fever"]),
            ("Which cause of death is the least common?", &["Plague"]),
            (
                "What is the most common cause of death among members of the Northern League?",
                &["Fever"],
            ),
        ],
    );
}

#[test]
fn verbs_of_two_words_and_labels_with_slashes() {
    ask_of(
        ANNALS,
        &[
            ("Who set up the Northern League?", &["Marta Quill"]),
            ("What rank did Ivo Lenz hold?", &["marshal"]),
        ],
    );
}

#[test]
fn names_are_told_apart_by_what_they_are_of() {
    ask_of(
        ANNALS,
        &[
            ("How deep is Mill Lake in Tarn?", &["31"]),
            ("How deep is Mill Lake in Marrow?", &["12"]),
            (
                "Who printed Ruth Adler's book Winter Songs?",
                &["Elsa Korn"],
            ),
            ("Who printed Winter Songs by Ruth Adler?", &["Elsa Korn"]),
            ("Who died last, Anna or Bert Brandt?", &["Anna Brandt"]),
        ],
    );
}

#[test]
fn several_verbs_are_said_of_the_same_thing() {
    ask_of(
        ANNALS,
        &[
            ("Who wrote and printed The Tides?", &["Elsa Korn"]),
            (
                "Who was a glazier and set up the Northern League?",
                &["Marta Quill"],
            ),
        ],
    );
}

#[test]
fn what_nothing_is_told_of_is_not_answered_by_something_else() {
    let server = Server::start();
    server.create_with("annals", ANNALS);
    for question in [
        // It is the last of them, and comes after another one itself.
        "What came right after the Salt War?",
        // The one wrote it, the other printed it.
        "Who wrote and printed On Herbs?",
        // Of two people that are named, both are asked about.
        "When did Anna and Bert Brandt die?",
        // No words at all.
        "?!",
    ] {
        check(&server, "annals", "abstained", &[(question, &[])]);
    }
}
