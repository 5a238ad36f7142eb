//! `/kb`: create, list, read, delete.

use serde_json::{Value, json};
use tests::{Server, fixtures::LANTERNS};

fn names(list: &Value) -> Vec<&str> {
    list["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|kb| kb["name"].as_str())
        .collect()
}

#[test]
fn knowledge_bases_come_and_go() {
    let server = Server::start();
    assert_eq!(
        names(&server.get("/kb").expect(200).json()),
        Vec::<&str>::new()
    );

    let created = server.post("/kb", &json!({ "name": "b" })).expect(201);
    assert_eq!(created.header("location"), Some("/kb/b"));
    let info = created.json();
    assert_eq!(info["name"], "b");
    assert_eq!(info["quads"], 0);
    assert_eq!(info["documents"], 0);
    server
        .post("/kb", &json!({ "name": "a.1-x_y" }))
        .expect(201);
    assert_eq!(
        names(&server.get("/kb").expect(200).json()),
        ["a.1-x_y", "b"],
        "in alphabetical order"
    );

    server.post("/kb", &json!({ "name": "b" })).problem(409);
    server.delete("/kb/b").expect(204);
    server.delete("/kb/b").problem(404);
    server.get("/kb/b").problem(404);
    assert_eq!(names(&server.get("/kb").expect(200).json()), ["a.1-x_y"]);
    assert!(
        !server.data().join("kb/b").exists(),
        "a deleted knowledge base leaves no files"
    );

    // The name is free again, and nothing of the old one shows.
    server.create_with("b", LANTERNS);
    server.delete("/kb/b").expect(204);
    assert_eq!(
        server
            .post("/kb", &json!({ "name": "b" }))
            .expect(201)
            .json()["quads"],
        0
    );
}

#[test]
fn what_is_told_of_a_knowledge_base_follows_its_writes() {
    let server = Server::start();
    server.create_with("lanterns", LANTERNS);
    let reply = server.get("/kb/lanterns").expect(200);
    let info = reply.json();
    assert_eq!(info["quads"].as_u64(), Some(server.quads("lanterns")));
    assert!(info["entities"].as_u64().is_some_and(|n| n >= 13), "{info}");
    let revision = info["revision"].as_u64().expect("a revision");
    assert_eq!(
        reply.header("almanac-revision"),
        Some(revision.to_string().as_str())
    );

    let more = "<http://lantern.example/x> <http://lantern.example/y> 1 .";
    let reply = server
        .call("POST", "/kb/lanterns/rdf-graph-store?default")
        .body("text/turtle", more)
        .send();
    assert!(matches!(reply.status, 200 | 204), "{reply:?}");
    assert_eq!(
        server.revision("lanterns"),
        revision + 1,
        "one write is one revision"
    );
    assert_eq!(
        reply.header("almanac-revision"),
        Some((revision + 1).to_string().as_str())
    );
}

#[test]
fn everything_is_there_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = tests::Start::default().on(folder.path()).start();
    server.create_with("lanterns", LANTERNS);
    let before = server.get("/kb/lanterns").expect(200).json();
    let answer = server.question("lanterns", "Who is the keeper of Gullwatch?");
    assert_eq!(
        server.stop(),
        Some(0),
        "a server that is asked to stop ends well"
    );

    let server = tests::Start::default().on(folder.path()).start();
    assert_eq!(server.get("/kb/lanterns").expect(200).json(), before);
    let again = server.question("lanterns", "Who is the keeper of Gullwatch?");
    assert_eq!(again["content"], answer["content"]);
    assert_eq!(
        again["grounding"]["citations"],
        answer["grounding"]["citations"]
    );
}
