//! Proofs: what was answered is verified against the knowledge base as it is now, and exported for others to check.

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};
use tests::{Cli, Server, encode, fixtures::LANTERNS};

use super::clients::python;

const GRAPH: &str = "http://lantern.example/graphs/keepers";

/// The archipelago with one more lighthouse, of which a graph of its own tells the keepers.
fn server() -> Server {
    let server = Server::start();
    server.create_with("lanterns", LANTERNS);
    put_keepers(&server, &["ada", "tobias"]);
    server
}

fn put_keepers(server: &Server, keepers: &[&str]) {
    let mut turtle = String::from(
        "@prefix : <http://lantern.example/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n\
         :farne a :Lighthouse ; rdfs:label \"Farne Head\"@en .\n",
    );
    for keeper in keepers {
        turtle.push_str(&format!(":farne :keptBy :{keeper} .\n"));
    }
    let reply = server.put_turtle("lanterns", Some(GRAPH), &turtle);
    assert!(matches!(reply.status, 200 | 201 | 204), "{reply:?}");
}

fn grounding(server: &Server, question: &str) -> Value {
    let grounding = server.question("lanterns", question)["grounding"].clone();
    assert!(grounding["sparql"].is_string(), "{question}: {grounding}");
    grounding
}

#[track_caller]
fn verify(server: &Server, proof: &Value) -> Value {
    server
        .post("/kb/lanterns/proofs/verify", proof)
        .expect(200)
        .json()
}

fn texts(list: &Value) -> Vec<&str> {
    let cells = list.as_array().into_iter().flatten();
    cells
        .filter_map(|term| term["label"].as_str().or(term["value"].as_str()))
        .collect()
}

#[test]
fn every_kind_of_answer_holds_while_nothing_is_changed() {
    let server = server();
    let now = server.revision("lanterns");
    for question in [
        "Who is the keeper of Brannoch Light?",
        "What is the height of Gullwatch?",
        "Which lighthouses are kept by Ada Merrow?",
        "How many lighthouses stand on Korrin?",
        "Which is taller, Gullwatch or Pale Beacon?",
        "Which lighthouse is the tallest?",
        "Is Ada Merrow the keeper of Gullwatch?",
        "Is Ines Calloway the keeper of Gullwatch?",
        "What is Gullwatch?",
        "Which islands are connected by a causeway to Lonely Skerry?",
    ] {
        let proof = grounding(&server, question);
        let found = verify(&server, &proof);
        assert_eq!(found["verdict"], "holds", "{question}: {found}\n{proof}");
        assert_eq!(found["revision"], now);
        assert_eq!(found["proved_at"], proof["revision"]);
        for list in ["missing_facts", "added", "removed"] {
            assert_eq!(found[list], json!([]), "{question}");
        }
        let (mut told, mut answers) = (texts(&proof["answers"]), texts(&found["answers"]));
        told.sort_unstable();
        answers.sort_unstable();
        assert_eq!(told, answers, "{question}");
    }
}

#[test]
fn a_fact_that_is_added_or_deleted_changes_the_answer_until_it_is_gone() {
    let server = server();
    let proof = grounding(&server, "Who is the keeper of Farne Head?");
    assert_eq!(verify(&server, &proof)["verdict"], "holds");

    put_keepers(&server, &["ada", "tobias", "ines"]);
    let more = verify(&server, &proof);
    assert_eq!(more["verdict"], "changed", "{more}");
    assert_eq!(texts(&more["added"][0]), ["Ines Calloway"]);
    assert_eq!(
        (&more["removed"], &more["missing_facts"]),
        (&json!([]), &json!([]))
    );
    assert!(more["revision"].as_u64() > more["proved_at"].as_u64());

    put_keepers(&server, &["ada"]);
    let fewer = verify(&server, &proof);
    assert_eq!(fewer["verdict"], "changed", "{fewer}");
    assert_eq!(texts(&fewer["answers"]), ["Ada Merrow"]);
    assert_eq!(texts(&fewer["removed"][0]), ["Tobias Fenn"]);
    let missing = &fewer["missing_facts"][0];
    assert_eq!(missing["object"]["label"], "Tobias Fenn");
    assert_eq!(missing["graph"], GRAPH);

    server
        .delete(&format!(
            "/kb/lanterns/rdf-graph-store?graph={}",
            encode(GRAPH)
        ))
        .expect(204);
    let gone = verify(&server, &proof);
    assert_eq!(gone["verdict"], "gone", "{gone}");
    assert_eq!(gone["answers"], json!([]));
    assert_eq!(gone["missing_facts"].as_array().map(Vec::len), Some(2));
    assert_eq!(texts(&gone["removed"][0]).len(), 1);
}

#[test]
fn a_fact_that_moves_to_another_graph_is_missing_where_it_was_cited() {
    let server = server();
    let proof = grounding(&server, "Who is the keeper of Farne Head?");
    let turtle = "@prefix : <http://lantern.example/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n\
         :farne a :Lighthouse ; rdfs:label \"Farne Head\"@en ; :keptBy :ada , :tobias .";
    server.put_turtle(
        "lanterns",
        Some("http://lantern.example/graphs/other"),
        turtle,
    );
    assert_eq!(verify(&server, &proof)["verdict"], "holds");
    server.delete(&format!(
        "/kb/lanterns/rdf-graph-store?graph={}",
        encode(GRAPH)
    ));
    let moved = verify(&server, &proof);
    assert_eq!(moved["verdict"], "changed", "{moved}");
    assert_eq!(
        (&moved["added"], &moved["removed"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(moved["missing_facts"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_yes_is_gone_with_its_fact_and_a_no_that_becomes_a_yes_is_changed() {
    let server = server();
    let yes = grounding(&server, "Is Tobias Fenn the keeper of Farne Head?");
    let no = grounding(&server, "Is Ines Calloway the keeper of Farne Head?");
    assert_eq!(texts(&yes["answers"]), ["true"], "{yes}");
    assert_eq!(texts(&no["answers"]), ["false"], "{no}");
    put_keepers(&server, &["ada", "ines"]);
    let gone = verify(&server, &yes);
    assert_eq!(gone["verdict"], "gone", "{gone}");
    assert_eq!(texts(&gone["answers"]), ["false"]);
    let changed = verify(&server, &no);
    assert_eq!(changed["verdict"], "changed", "{changed}");
    assert_eq!(texts(&changed["added"][0]), ["true"]);
}

#[test]
fn what_is_no_proof_is_refused_with_the_reason() {
    let server = server();
    let before = server.revision("lanterns");
    let path = "/kb/lanterns/proofs/verify";
    let abstained = server.question("lanterns", "Who is the mayor of Quito?")["grounding"].clone();
    for (proof, reason) in [
        (abstained, "sparql"),
        (json!({}), "sparql"),
        (json!([]), "object"),
        (json!({"sparql": 7}), "string"),
        (json!({"sparql": "ASK {}"}), "`rows`"),
        (
            json!({"sparql": "ASK {}", "rows": [[{"type": "uri"}]]}),
            "value",
        ),
        (
            json!({"sparql": "ASK {}", "rows": [], "citations": [{"kind": "rumour"}]}),
            "rumour",
        ),
        (
            json!({"sparql": "ASK {}", "rows": [], "citations": [{"kind": "fact",
                "subject": {"type": "uri", "value": "no iri"}, "predicate": {"type": "uri", "value": "http://e/p"},
                "object": {"type": "uri", "value": "http://e/o"}}]}),
            "no iri",
        ),
        (json!({"format": "almanac-proof/9"}), "missing field"),
    ] {
        let problem = server.post(path, &proof).problem(400);
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(detail.contains(reason), "{proof}: {detail}");
    }
    server
        .call("POST", path)
        .body("application/json", "{")
        .send()
        .problem(400);
    server
        .call("POST", path)
        .body("text/turtle", "{}")
        .send()
        .problem(415);
    server.get(path).problem(405);
    let proof = json!({"sparql": "ASK {}", "rows": []});
    server
        .post("/kb/atlantis/proofs/verify", &proof)
        .problem(404);
    let many = vec![json!({"type": "literal", "value": "x"}); 10_001];
    server
        .post(path, &json!({"sparql": "ASK {}", "answers": many}))
        .problem(413);
    let long =
        json!({"sparql": "ASK {}", "answers": [{"type": "literal", "value": "x".repeat(9 << 20)}]});
    // A server that has heard enough may close the connection before all is sent.
    if let Ok(reply) = server.call("POST", path).json(&long).attempt() {
        reply.problem(413);
    }
    assert_eq!(server.revision("lanterns"), before);
}

#[test]
fn hostile_queries_are_refused() {
    let server = server();
    let nested = format!(
        "ASK {{ FILTER({}1=1{}) }}",
        "(".repeat(5_000),
        ")".repeat(5_000)
    );
    let quads = server.quads("lanterns");
    for sparql in [
        "SELECT * { SERVICE <http://127.0.0.1:9/sparql> { ?s ?p ?o } }",
        "DELETE WHERE { ?s ?p ?o }",
        "INSERT DATA { <http://a.example/s> <http://a.example/p> 1 }",
        "DROP ALL",
        "LOAD <http://127.0.0.1:9/data>",
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "DESCRIBE <http://lantern.example/pale>",
        "SELECT",
        "",
        &nested,
    ] {
        let proof = json!({"sparql": sparql, "rows": []});
        let problem = server.post("/kb/lanterns/proofs/verify", &proof);
        problem.problem(400);
    }
    let huge = format!("ASK {{ FILTER(\"{}\" = \"\") }}", "x".repeat(300 << 10));
    let proof = json!({"sparql": huge, "rows": []});
    server
        .post("/kb/lanterns/proofs/verify", &proof)
        .problem(413);
    let product =
        json!({"sparql": "SELECT ?a ?b ?c { ?a ?x ?y . ?b ?v ?w . ?c ?t ?u }", "rows": []});
    server
        .post("/kb/lanterns/proofs/verify", &product)
        .problem(413);
    assert_eq!(server.quads("lanterns"), quads);
}

#[test]
fn verifying_takes_the_key_that_searching_takes() {
    let server = server();
    let proof = grounding(&server, "Who is the keeper of Farne Head?");
    let key = |arguments: &str| {
        let run = Cli::new(arguments).data(server.data()).run().expect(0);
        let key = run.out.split_whitespace().find(|w| w.starts_with("alm_"));
        key.expect("a key").to_owned()
    };
    let (reader, stranger) = (
        key("key create --role read"),
        key("key create --role read --kb other"),
    );
    let path = "/kb/lanterns/proofs/verify";
    server.post(path, &proof).problem(401);
    server.with_key(&stranger).post(path, &proof).problem(404);
    server.with_key(&reader).post(path, &proof).expect(200);
}

/// A data folder with the archipelago.
fn folder() -> tempfile::TempDir {
    let data = tempfile::tempdir().expect("a folder");
    let turtle = data.path().join("lanterns.ttl");
    fs::write(&turtle, LANTERNS).expect("a file");
    Cli::new("load lanterns --create")
        .arg(&turtle)
        .data(data.path())
        .run()
        .expect(0);
    data
}

fn export(data: &Path, question: &str, file: &Path) -> Value {
    Cli::new("ask lanterns --proof")
        .arg(file)
        .arg(question)
        .data(data)
        .run()
        .expect(0);
    serde_json::from_slice(&fs::read(file).expect("a proof")).expect("JSON")
}

#[test]
fn a_bundle_is_verified_on_the_command_line_until_it_is_altered() {
    let data = folder();
    let file = data.path().join("proof.json");
    let bundle = export(data.path(), "Who is the keeper of Gullwatch?", &file);
    assert_eq!(bundle["format"], "almanac-proof/1");
    assert_eq!(bundle["question"], "Who is the keeper of Gullwatch?");
    assert!(
        bundle["answer"]
            .as_str()
            .is_some_and(|text| text.contains("Ada Merrow"))
    );
    assert_eq!(bundle["rows"], json!([["<http://lantern.example/ada>"]]));
    let verify = |file: &Path| {
        Cli::new("proofs verify --kb lanterns")
            .arg(file)
            .data(data.path())
            .run()
    };
    let run = verify(&file).expect(0);
    assert!(run.out.starts_with("holds at revision"), "{}", run.out);

    let mut altered = bundle;
    altered["rows"] = json!([["<http://lantern.example/ines>"]]);
    let other = data.path().join("altered.json");
    fs::write(&other, altered.to_string()).expect("a file");
    let run = verify(&other).expect(4);
    assert!(
        run.err.contains("altered") && run.err.contains("`rows`"),
        "{}",
        run.err
    );
    fs::write(&other, "[]").expect("a file");
    verify(&other).expect(4);
    verify(&data.path().join("none.json")).expect(3);

    let change = data.path().join("lanterns.ttl");
    fs::write(
        &change,
        LANTERNS.replace(
            ":keptBy :ada ; :height 41.5",
            ":keptBy :ines ; :height 41.5",
        ),
    )
    .expect("a file");
    Cli::new("load lanterns")
        .arg(&change)
        .data(data.path())
        .run()
        .expect(0);
    let run = verify(&file).expect(1);
    for line in [
        "changed",
        "added: Ines Calloway",
        "removed: Ada Merrow",
        "missing: Gullwatch",
    ] {
        assert!(run.out.contains(line), "{line}: {}", run.out);
    }
    let found = Cli::new("proofs verify --kb lanterns --json")
        .arg(&file)
        .data(data.path())
        .run()
        .expect(1);
    assert_eq!(found.json()["verdict"], "changed");

    let run = Cli::new("ask lanterns --proof")
        .arg(&other)
        .arg("Who is the mayor of Quito?")
        .data(data.path())
        .run()
        .expect(4);
    assert!(run.err.contains("nothing to prove"), "{}", run.err);
}

#[test]
fn a_server_verifies_bundles_and_refuses_altered_ones() {
    let server = server();
    let on = |words: &str| Cli::new(words).env("ALMANAC_URL", server.base());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("proof.json");
    on("ask lanterns --proof")
        .arg(&file)
        .arg("Who is the keeper of Farne Head?")
        .run()
        .expect(0);
    on("proofs verify --kb lanterns").arg(&file).run().expect(0);
    let bundle: Value = serde_json::from_slice(&fs::read(&file).expect("a proof")).expect("JSON");
    assert_eq!(verify(&server, &bundle)["verdict"], "holds");
    for (part, value) in [
        ("question", json!("Who is the keeper of Gullwatch?")),
        ("answer", json!("Nobody.")),
        ("sparql", json!("ASK {}")),
        ("rows", json!([])),
        ("facts", json!([])),
    ] {
        let mut altered = bundle.clone();
        altered[part] = value;
        let problem = server
            .post("/kb/lanterns/proofs/verify", &altered)
            .problem(400);
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(detail.contains(&format!("`{part}`")), "{part}: {detail}");
    }
    let mut later = bundle.clone();
    later["revision"] = json!(99);
    server
        .post("/kb/lanterns/proofs/verify", &later)
        .problem(400);
    let mut more = bundle;
    more["note"] = json!("x");
    server
        .post("/kb/lanterns/proofs/verify", &more)
        .problem(400);
}

#[test]
fn another_engine_draws_the_answer_from_the_facts_of_a_bundle() {
    let Some(python) = python() else { return };
    let data = folder();
    let script = tests::package().join("clients/python/proof_bundle.py");
    for (number, question) in [
        "Who is the keeper of Brannoch Light?",
        "What is the height of Gullwatch?",
        "What is the code of Old Mercy?",
        "Where was Tobias Fenn born?",
        "Is Ada Merrow the keeper of Gullwatch?",
    ]
    .iter()
    .enumerate()
    {
        let file = data.path().join(format!("proof{number}.json"));
        export(data.path(), question, &file);
        let run = Command::new(&python)
            .arg(&script)
            .arg(&file)
            .output()
            .expect("Python");
        assert!(
            run.status.success(),
            "{question}: {}",
            String::from_utf8_lossy(&run.stderr)
        );
    }
}
