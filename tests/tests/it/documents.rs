//! `/kb/{name}/documents`: corpora, in bulk with a status per line.

use serde_json::{Value, json};
use tests::{Reply, Server, fixtures::DOCUMENTS};

fn server() -> Server {
    let server = Server::start();
    server.post("/kb", &json!({ "name": "a" })).expect(201);
    server
}

fn ndjson(server: &Server, body: &str) -> Reply {
    server
        .call("POST", "/kb/a/documents")
        .body("application/x-ndjson", body.to_owned())
        .send()
}

fn ids(server: &Server) -> Vec<String> {
    let list = server.get("/kb/a/documents").expect(200).json();
    list["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|d| d["id"].as_str().map(str::to_owned))
        .collect()
}

fn best_passage(server: &Server, query: &str) -> Value {
    server
        .get(&format!("/kb/a/search?q={query}"))
        .expect(200)
        .json()["passages"][0]
        .clone()
}

#[test]
fn lines_are_accepted_one_by_one() {
    let server = server();
    let body = format!(
        "{DOCUMENTS}not json\n{{\"id\": \"\"}}\n\n{{\"id\": \"lens\", \"text\": \"Replaced glass.\"}}\n"
    );
    let outcome = ndjson(&server, &body).expect(207).json();
    assert_eq!(outcome["accepted"], 4);
    assert_eq!(outcome["refused"], 2);
    let items = outcome["items"].as_array().cloned().unwrap_or_default();
    let statuses: Vec<(u64, u64)> = items
        .iter()
        .filter_map(|i| i["line"].as_u64().zip(i["status"].as_u64()))
        .collect();
    assert_eq!(
        statuses,
        [(1, 201), (2, 201), (3, 201), (4, 400), (5, 400), (7, 200)]
    );
    assert!(items[3]["error"].as_str().is_some_and(|e| !e.is_empty()));
    assert_eq!(ids(&server), ["ferry", "lens", "storm"], "ordered by id");
    assert_eq!(
        server.revision("a"),
        outcome["revision"].as_u64().expect("a revision")
    );
    assert_eq!(server.get("/kb/a").expect(200).json()["documents"], 3);
}

#[test]
fn documents_are_put_read_replaced_and_deleted() {
    let server = server();
    let document =
        json!({ "id": "d/1 é", "title": "First", "text": "A heron stands in the reeds." });
    server.post("/kb/a/documents", &document).expect(200);
    let path = format!("/kb/a/documents/{}", tests::encode("d/1 é"));
    let read = server.get(&path).expect(200).json();
    assert_eq!(read, document);
    assert_eq!(best_passage(&server, "heron")["document"], "d/1 é");

    let changed = json!({ "id": "d/1 é", "text": "A kingfisher dives." });
    server.call("PUT", &path).json(&changed).send().expect(200);
    assert_eq!(
        best_passage(&server, "heron"),
        Value::Null,
        "the old text is not found any more"
    );
    assert_eq!(best_passage(&server, "kingfisher")["document"], "d/1 é");

    let deleted = server.delete(&path);
    assert!(matches!(deleted.status, 200 | 204), "{deleted:?}");
    server.get(&path).problem(404);
    server.delete(&path).problem(404);
    assert_eq!(best_passage(&server, "kingfisher"), Value::Null);
}

#[test]
fn the_list_has_pages() {
    let server = server();
    let body: String = (0..25)
        .map(|i| format!("{{\"id\": \"d{i:02}\", \"text\": \"Text number {i}.\"}}\n"))
        .collect();
    ndjson(&server, &body).expect(200);
    let mut seen = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let from = after
            .map(|a| format!("&after={}", tests::encode(&a)))
            .unwrap_or_default();
        let page = server
            .get(&format!("/kb/a/documents?limit=10{from}"))
            .expect(200)
            .json();
        assert_eq!(page["total"], 25);
        let items = page["items"].as_array().cloned().unwrap_or_default();
        assert!(items.len() <= 10);
        seen.extend(
            items
                .iter()
                .filter_map(|d| d["id"].as_str().map(str::to_owned)),
        );
        after = page["next"].as_str().map(str::to_owned);
        if after.is_none() {
            break;
        }
    }
    let expected: Vec<String> = (0..25).map(|i| format!("d{i:02}")).collect();
    assert_eq!(seen, expected);
}

#[test]
fn documents_of_the_wrong_shape_are_refused() {
    let server = server();
    for body in [
        json!({ "text": "no id" }),
        json!({ "id": "a" }),
        json!({ "id": 1, "text": "x" }),
        json!({ "id": "a", "text": "x", "colour": "red" }),
        json!({ "id": "x".repeat(513), "text": "x" }),
        json!([1, 2]),
    ] {
        server.post("/kb/a/documents", &body).problem(400);
    }
    server
        .call("POST", "/kb/a/documents")
        .body("text/plain", "hello")
        .send()
        .problem(415);
    assert_eq!(ids(&server), Vec::<String>::new());
}
