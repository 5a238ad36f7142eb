//! Questions about a database that was mapped to RDF: things without labels, numbers that are texts, with words alone.

use tests::Server;
use tests::fixtures::FERRIES;

use crate::composed::ask_of;
use crate::questions::check;

#[test]
fn what_is_named_later_is_found_and_so_is_what_is_called_otherwise() {
    let server = Server::start();
    server.create_with("ferries", FERRIES);
    let seats = |name: &str, status, answers: &[&str]| {
        let question = format!("How many seats does the {name} have?");
        check(&server, "ferries", status, &[(&question, answers)]);
    };
    seats("Grey Heron", "grounded", &["240"]);
    seats("Red Knot", "abstained", &[]);
    let more = "@prefix f: <http://ferries.example/schema#> .\n<http://ferries.example/id/vessel/5> a f:Vessel ; f:vesselName \
                \"Red Knot\" ; f:seats \"75\" .";
    server
        .call("POST", "/kb/ferries/load")
        .body("text/turtle", more)
        .send()
        .expect(200);
    seats("Red Knot", "grounded", &["75"]);
    // The whole again, with another name.
    let renamed = FERRIES.replace("Grey Heron", "White Heron");
    let put = server
        .call("PUT", "/kb/ferries/rdf-graph-store?default")
        .body("text/turtle", renamed)
        .send();
    assert!((200..300).contains(&put.status), "{put:?}");
    seats("White Heron", "grounded", &["240"]);
}

#[test]
fn things_without_a_label_are_called_by_their_names_and_codes() {
    ask_of(
        FERRIES,
        &[
            (
                "Which ports does the Grey Heron call at?",
                &["Mossby", "Tarn Quay"],
            ),
            ("Which vessel does BK-2203 sail on?", &["Sand Plover"]),
            (
                "Which bookings sail on the Grey Heron?",
                &["BK-2201", "BK-2202"],
            ),
            ("When was captain 8 hired?", &["1971-08-01"]),
            ("What is the first name of Maren Toft?", &["Maren"]),
        ],
    );
}

#[test]
fn texts_that_are_numbers_are_compared_as_numbers() {
    ask_of(
        FERRIES,
        &[
            ("Which vessel has the most seats?", &["Old Curlew"]),
            (
                "Which vessels have more than 200 seats?",
                &["Grey Heron", "Old Curlew", "Sand Plover"],
            ),
            (
                "Which vessels were launched after 1990?",
                &["Bright Kestrel", "Sand Plover"],
            ),
        ],
    );
}

#[test]
fn statements_have_conditions_of_their_own() {
    ask_of(
        FERRIES,
        &[
            ("Who was captain of the Grey Heron in 1985?", &["Jonas Rud"]),
            (
                "Who was the first captain of the Grey Heron?",
                &["Maren Toft"],
            ),
            (
                "Who was the last captain of the Grey Heron?",
                &["Anselm Voigt"],
            ),
        ],
    );
}

#[test]
fn either_of_two_will_do() {
    ask_of(
        FERRIES,
        &[(
            "Which vessels call at Lowgate or Skerry Head?",
            &["Old Curlew", "Sand Plover"],
        )],
    );
}

#[test]
fn ages_are_counted_in_full_years() {
    ask_of(
        FERRIES,
        &[
            ("How old was Maren Toft when she died?", &["67"]),
            ("At what age did Maren Toft die?", &["67"]),
        ],
    );
}
