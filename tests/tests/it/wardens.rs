//! Questions about times that something else sets, relatives within paths, callings, predicates that tell roughly what others
//! tell, and nouns that are said twice, with words alone.

use tests::fixtures::WARDENS;
use tests::{Server, Start};

use crate::composed::ask_of;
use crate::questions::check;

#[test]
fn times_are_set_by_events_and_by_what_happened() {
    ask_of(
        WARDENS,
        &[
            ("When did the Long Frost begin?", &["1857"]),
            ("When did the Mill War end?", &["1875"]),
            (
                "Who was Warden of Arl during the Long Frost?",
                &["Odo Tarn"],
            ),
            (
                "During the Mill War, who was Warden of Brenn?",
                &["Runa Tarn", "Sif Tarn"],
            ),
            (
                "Who was Warden of Arl when Sif Tarn became Warden of Brenn?",
                &["Ketil Moss"],
            ),
            (
                "Who was Warden of Brenn while Ketil Moss was Warden of Arl?",
                &["Runa Tarn", "Sif Tarn"],
            ),
            // She did, before.
            (
                "Did Sif Tarn receive the Golden Sickle during the Mill War?",
                &["false"],
            ),
            (
                "Was Ketil Moss Warden of Arl when Runa Tarn was Warden of Brenn?",
                &["true"],
            ),
            (
                "Who received the Silver Plough during the Mill War?",
                &["Una Moss"],
            ),
            (
                "Which beekeeper was Warden of Brenn during the Mill War?",
                &["Sif Tarn"],
            ),
            (
                "Who received the Golden Sickle in the year Sif Tarn received the Silver Plough?",
                &["Una Moss"],
            ),
            (
                "Who received the Golden Sickle the year before Sif Tarn received the Silver Plough?",
                &["Sif Tarn"],
            ),
        ],
    );
}

#[test]
fn a_time_that_something_sets_is_proved_with_it() {
    let server = Server::start();
    server.create_with("wardens", WARDENS);
    let message = server.question("wardens", "Who was Warden of Arl during the Long Frost?");
    let grounding = &message["grounding"];
    let sparql = grounding["sparql"].as_str().expect("a query");
    assert!(sparql.contains("LongFrost"), "{sparql}");
    assert!(!sparql.contains("1857"), "{sparql}");
    let facts = grounding["citations"].to_string();
    assert!(facts.contains("1859") && facts.contains("1850"), "{facts}");
    // What else is told of the event does not lengthen it.
    let more = r#"
        @prefix e: <http://wardens.example/entity/> . @prefix p: <http://wardens.example/relation/> .
        @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        <http://wardens.example/statement/99> rdf:subject e:LongFrost ; rdf:predicate p:heritageStatus ;
            rdf:object e:occurrence ; p:begin "1876"^^xsd:gYear ; p:end "1878"^^xsd:gYear ."#;
    server.create_with("more", &format!("{WARDENS}{more}"));
    let again = server.question("more", "Who was Warden of Arl during the Long Frost?");
    let found = again["grounding"]["answers"].to_string();
    assert!(
        found.contains("Odo Tarn") && !found.contains("Ketil"),
        "{found}"
    );
    // Where nothing tells when something was, its words are not passed over.
    check(
        &server,
        "wardens",
        "abstained",
        &[("Who was Warden of Arl during the Great Flood?", &[])],
    );
}

#[test]
fn relatives_are_of_their_sex_within_paths() {
    ask_of(
        WARDENS,
        &[
            ("Who is Una Moss's dad?", &["Ketil Moss"]),
            (
                "What is the religion of Una Moss's mother?",
                &["river faith"],
            ),
            ("What is the calling of Sif Tarn's father?", &["beekeeper"]),
            (
                "Who is the father of the mother of Una Moss?",
                &["Odo Tarn"],
            ),
        ],
    );
}

#[test]
fn members_of_families_do_not_stand_for_one_another() {
    // Words alone do not mistake them: it is in meaning that they are alike.
    let Some(models) = tests::models() else {
        return;
    };
    let server = Start::default().models(&models).start();
    server.create_with("wardens", WARDENS);
    let none: &[&str] = &[];
    check(
        &server,
        "wardens",
        "abstained",
        &[
            ("Who is the uncle of Una Moss?", none),
            ("Who is the aunt of Sif Tarn?", none),
            ("Who are the cousins of Una Moss?", none),
            ("Who is the stepfather of Una Moss?", none),
        ],
    );
}

#[test]
fn people_are_asked_for_by_what_they_are() {
    ask_of(
        WARDENS,
        &[
            ("List all beekeepers.", &["Odo Tarn", "Sif Tarn"]),
            (
                "Which weavers live in the valley of Brenn?",
                &["Ketil Moss", "Runa Tarn"],
            ),
            (
                "Who are the weavers that live in Brenn?",
                &["Ketil Moss", "Runa Tarn"],
            ),
        ],
    );
}

#[test]
fn what_is_told_roughly_is_neither_measured_nor_a_value() {
    ask_of(
        WARDENS,
        &[
            (
                "Which mountains are higher than 2000 metres?",
                &["Grey Stone", "Harrow Top", "Nine Pikes"],
            ),
            ("What is the elevation of Harrow Top?", &["2101"]),
            ("How many mountains are there in Arl?", &["3"]),
        ],
    );
}

#[test]
fn a_noun_said_twice_asks_for_two_facts() {
    ask_of(
        WARDENS,
        &[
            ("Who is the mentor of Una Moss's mentor?", &["Runa Tarn"]),
            ("Who is the mentor of Una Moss?", &["Sif Tarn"]),
        ],
    );
}

#[test]
fn the_first_in_a_ranking_is_the_highest_and_addresses_are_of_a_kind() {
    ask_of(
        r#"
        @prefix c: <http://clubs.example/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        c:Club rdfs:label "club" .
        c:rank rdfs:label "rank" . c:email rdfs:label "email" . c:address rdfs:label "address" .
        c:1 a c:Club ; rdfs:label "Harrow Oars" ; c:rank 3 ; c:email "oars@clubs.example" ; c:address "Quay 4" .
        c:2 a c:Club ; rdfs:label "Kettle Sails" ; c:rank 11 ; c:email "sails@clubs.example" ; c:address "Mole 1" .
        c:3 a c:Club ; rdfs:label "Brenn Rowers" ; c:rank 7 ; c:email "rowers@clubs.example" ; c:address "Pier 9" .
        "#,
        &[
            ("Is Harrow Oars ranked higher than Kettle Sails?", &["true"]),
            ("Which club has the highest rank?", &["Harrow Oars"]),
            (
                "What is the email address of Kettle Sails?",
                &["sails@clubs.example"],
            ),
            ("What is the address of Kettle Sails?", &["Mole 1"]),
        ],
    );
}
