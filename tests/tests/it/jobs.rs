//! `/jobs`: long writes that do not keep their client waiting.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tests::{
    Reply, Server, Start,
    fixtures::{LANTERNS, bulk},
};

fn submit(server: &Server, turtle: &str) -> Reply {
    server
        .call("PUT", "/kb/a/rdf-graph-store?default")
        .header("prefer", "respond-async")
        .body("text/turtle", turtle.to_owned())
        .send()
}

fn finished(server: &Server, path: &str) -> Value {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let job = server.get(path).expect(200).json();
        if matches!(
            job["state"].as_str(),
            Some("succeeded" | "failed" | "cancelled")
        ) {
            return job;
        }
        assert!(Instant::now() < deadline, "{job}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn server() -> Server {
    let server = Server::start();
    server.post("/kb", &json!({ "name": "a" })).expect(201);
    server
}

#[test]
fn a_write_can_be_left_to_a_job() {
    let server = server();
    let reply = submit(&server, LANTERNS).expect(202);
    let location = reply.header("location").expect("a location").to_owned();
    assert_eq!(
        location,
        format!("/jobs/{}", reply.json()["id"].as_str().unwrap_or_default())
    );
    let job = finished(&server, &location);
    assert_eq!(job["state"], "succeeded", "{job}");
    assert_eq!(job["knowledge_base"], "a");
    assert!(job["created_ms"].is_u64() && job["finished_ms"].is_u64());
    assert!(job["result"].is_object(), "{job}");
    assert!(server.quads("a") > 100);
    let list = server.get("/jobs").expect(200).json();
    assert_eq!(list["items"][0]["id"], job["id"], "newest first");
    server.get("/jobs/no-such-job").problem(404);
}

#[test]
fn a_job_that_fails_says_where_and_changes_nothing() {
    let server = server();
    let before = server.revision("a");
    let reply = submit(
        &server,
        "<http://a.example/s> <http://a.example/p> 1 .\n<broken",
    )
    .expect(202);
    let job = finished(&server, reply.header("location").expect("a location"));
    assert_eq!(job["state"], "failed", "{job}");
    assert_eq!(job["error"]["status"], 400);
    assert_eq!(job["error"]["line"], 2);
    assert_eq!(server.quads("a"), 0);
    assert_eq!(server.revision("a"), before);
}

#[test]
fn the_events_of_a_job_end_with_its_end_and_can_be_resumed() {
    let server = server();
    let reply = submit(&server, &bulk("events", 2_000)).expect(202);
    let location = reply.header("location").expect("a location").to_owned();
    finished(&server, &location);
    let events = server.get(&format!("{location}/events")).expect(200);
    assert_eq!(events.media_type(), "text/event-stream");
    let last: Value =
        serde_json::from_str(events.events().last().expect("an event")).expect("JSON");
    assert_eq!(last["state"], "succeeded");
    let ids: Vec<String> = events
        .text()
        .lines()
        .filter_map(|l| l.strip_prefix("id:").map(|id| id.trim().to_owned()))
        .collect();
    assert!(!ids.is_empty(), "events have ids: {events:?}");
    let resumed = server
        .call("GET", &format!("{location}/events"))
        .header("last-event-id", ids.last().cloned().unwrap_or_default())
        .send();
    assert!(matches!(resumed.status, 200 | 204), "{resumed:?}");
    assert_eq!(
        resumed.events(),
        Vec::<String>::new(),
        "nothing is told twice"
    );
}

#[test]
fn a_job_can_be_cancelled() {
    let server = server();
    // The first keeps the knowledge base busy, so that the second waits.
    let first = submit(&server, &bulk("first", 60_000)).expect(202);
    let second = submit(&server, &bulk("second", 10)).expect(202);
    let location = second.header("location").expect("a location").to_owned();
    let cancelled = server.delete(&location);
    assert!(matches!(cancelled.status, 200 | 202 | 204), "{cancelled:?}");
    finished(&server, first.header("location").expect("a location"));
    let job = finished(&server, &location);
    let held = server.ask("a", "ASK { <http://bulk.example/second/1> ?p ?o }");
    match job["state"].as_str() {
        Some("cancelled") => assert!(!held, "a cancelled job changes nothing"),
        // It may have been too late, but then the work is done.
        state => assert!(state == Some("succeeded") && held, "{job}"),
    }
}

#[test]
fn jobs_are_remembered_across_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Start::default().on(folder.path()).start();
    server.post("/kb", &json!({ "name": "a" })).expect(201);
    let reply = submit(&server, LANTERNS).expect(202);
    let location = reply.header("location").expect("a location").to_owned();
    // Answered with 202, it is owed, whatever happens to the process.
    server.kill();
    let server = Start::default().on(folder.path()).start();
    assert_eq!(finished(&server, &location)["state"], "succeeded");
    assert!(server.quads("a") > 100);
}

#[test]
fn the_same_idempotency_key_writes_once() {
    let server = server();
    let body = "<http://a.example/s> <http://a.example/p> [] .";
    let send = || {
        server
            .call("POST", "/kb/a/rdf-graph-store?default")
            .header("idempotency-key", "k-1")
            .body("text/turtle", body)
            .send()
    };
    let first = send();
    let second = send();
    assert_eq!(first.status, second.status);
    assert_eq!(
        first.header("almanac-revision"),
        second.header("almanac-revision")
    );
    assert_eq!(
        server.quads("a"),
        1,
        "a blank node would show a second load"
    );
    let other = server
        .call("POST", "/kb/a/rdf-graph-store?default")
        .header("idempotency-key", "k-1")
        .body(
            "text/turtle",
            "<http://a.example/s> <http://a.example/p> 2 .",
        )
        .send();
    assert!(
        matches!(other.status, 409 | 422),
        "the key is taken by another request: {other:?}"
    );
}
