//! Folders that were put back, lost or damaged: the journal makes up for them, or the damage is told.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tests::{
    Cli, Server, encode,
    fixtures::{LANTERNS, bulk},
};

use super::crash::{check, start};

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        let kind = entry.file_type().expect("a file type");
        if kind.is_dir() {
            copy(&entry.path(), &target);
        } else if kind.is_symlink() {
            let link = fs::read_link(entry.path()).expect("a link");
            std::os::unix::fs::symlink(link, target).expect("a link");
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// All that a client can see: quads, documents, the revision.
fn state(server: &Server) -> Value {
    let dump = server
        .call("GET", "/kb/a/dump")
        .header("accept", "application/n-quads")
        .send()
        .expect(200)
        .text();
    let mut quads: Vec<&str> = dump.lines().collect();
    quads.sort_unstable();
    let documents = server.get("/kb/a/documents?limit=1000").expect(200).json();
    json!({ "quads": quads, "documents": documents, "info": server.get("/kb/a").expect(200).json() })
}

/// Writes of each kind after the point to which a power cut goes back.
fn write_more(server: &Server) {
    server
        .put_turtle("a", Some("http://a.example/later"), &bulk("later", 50))
        .expect(201);
    server.put_turtle(
        "a",
        Some("http://a.example/early"),
        "<http://a.example/s> <http://a.example/p> [] , \"changed\" .",
    );
    server.delete(&format!(
        "/kb/a/rdf-graph-store?graph={}",
        encode("http://a.example/gone")
    ));
    server
        .post(
            "/kb/a/documents",
            &json!({ "id": "later", "text": "A later text about herons." }),
        )
        .expect(200);
    server
        .post(
            "/kb/a/documents",
            &json!({ "id": "early", "text": "A changed text about geese." }),
        )
        .expect(200);
    server.delete("/kb/a/documents/gone").expect(204);
}

fn prepared(data: &Path) {
    let server = start(data);
    server.create_with("a", LANTERNS);
    for graph in ["http://a.example/early", "http://a.example/gone"] {
        server
            .put_turtle(
                "a",
                Some(graph),
                "<http://a.example/s> <http://a.example/p> [] , \"original\" .",
            )
            .expect(201);
    }
    for id in ["early", "gone"] {
        server
            .post(
                "/kb/a/documents",
                &json!({ "id": id, "text": format!("An {id} text about ducks.") }),
            )
            .expect(200);
    }
    assert_eq!(server.stop(), Some(0));
}

fn assert_recovered(data: &Path, expected: &Value) {
    check(data);
    let server = start(data);
    assert_eq!(&state(&server), expected);
    let passages = |query: &str| {
        server
            .get(&format!("/kb/a/search?q={query}"))
            .expect(200)
            .json()["passages"]
            .clone()
    };
    assert_eq!(passages("herons")[0]["document"], "later");
    assert_eq!(passages("geese")[0]["document"], "early");
    assert_eq!(passages("ducks"), json!([]));
    let found = server
        .get("/kb/a/search?q=later%20thing%207")
        .expect(200)
        .json();
    assert_eq!(
        found["entities"][0]["entity"]["value"],
        "http://bulk.example/later/7"
    );
    assert_eq!(server.stop(), Some(0));
    check(data);
}

#[test]
fn a_power_cut_loses_nothing_that_the_journal_holds() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    prepared(&data);
    let kb = data.join("kb/a");
    let saved = folder.path().join("saved");
    for part in ["store", "index"] {
        copy(&kb.join(part), &saved.join(part));
    }

    let server = start(&data);
    write_more(&server);
    let expected = state(&server);
    server.kill();
    // What the disk had not written yet is gone; the journal was synced at each acknowledgement.
    for part in ["store", "index"] {
        fs::remove_dir_all(kb.join(part)).expect("the folder");
        copy(&saved.join(part), &kb.join(part));
    }
    assert_recovered(&data, &expected);
}

#[test]
fn store_and_index_may_come_back_from_different_moments() {
    for part in ["store", "index"] {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        prepared(&data);
        let kb = data.join("kb/a");
        let saved = folder.path().join("saved");
        copy(&kb.join(part), &saved);
        let server = start(&data);
        write_more(&server);
        let expected = state(&server);
        server.kill();
        fs::remove_dir_all(kb.join(part)).expect("the folder");
        copy(&saved, &kb.join(part));
        assert_recovered(&data, &expected);
    }
}

#[test]
fn a_lost_index_is_made_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    prepared(&data);
    let server = start(&data);
    write_more(&server);
    let expected = state(&server);
    server.kill();
    fs::remove_dir_all(data.join("kb/a/index")).expect("the folder");
    assert_recovered(&data, &expected);
}

#[test]
fn damage_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    prepared(&data);
    check(&data);
    // One flipped bit in the middle of the largest segment.
    let journal = data.join("kb/a/journal");
    let mut segments: Vec<_> = fs::read_dir(&journal)
        .expect("the journal")
        .flatten()
        .map(|e| e.path())
        .collect();
    segments.sort_by_key(|p| fs::metadata(p).map_or(0, |m| m.len()));
    let segment = segments.last().expect("a segment");
    let mut bytes = fs::read(segment).expect("the segment");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(segment, bytes).expect("the segment");
    let run = Cli::new("check a").data(&data).run();
    assert_eq!(run.code, Some(1), "{run:#?}");
}

#[test]
fn a_knowledge_base_that_does_not_open_is_listed_with_its_fault() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let server = start(&data);
    server.create_with("good", LANTERNS);
    server.create_with("bad", LANTERNS);
    server.stop();
    let journal = data.join("kb/bad/journal");
    for segment in fs::read_dir(&journal).expect("the journal").flatten() {
        fs::write(segment.path(), b"no segment").expect("damage");
    }
    // With its store, it needs the journal only where the store or the index is behind.
    fs::remove_dir_all(data.join("kb/bad/store")).expect("no store");
    let server = start(&data);
    let list = server.get("/kb").expect(200).json();
    assert_eq!(list["items"][0]["name"], "bad", "{list}");
    assert!(list["items"][0]["fault"].is_string(), "{list}");
    assert!(list["items"][0].get("quads").is_none(), "{list}");
    assert!(list["items"][1].get("fault").is_none(), "{list}");
    let problem = server.get("/kb/bad").problem(500);
    let detail = problem["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("`bad` does not open"), "{problem}");
    let ready = server.get("/readyz").expect(200).text();
    assert!(ready.contains("does not open: bad"), "{ready}");
    let metrics = server.get("/metrics").expect(200).text();
    assert!(metrics.contains("almanac_kb_faults 1"), "{metrics}");
    assert!(server.ask("good", "ASK { ?s ?p ?o }"));
}

#[test]
fn a_damaged_store_is_a_fault_and_is_rebuilt_from_the_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let server = start(&data);
    server.create_with("a", LANTERNS);
    let quads = server.quads("a");
    server.stop();
    let store = data.join("kb/a/store");
    let mut damaged = 0;
    for file in fs::read_dir(&store).expect("the store").flatten() {
        if file.path().extension().is_some_and(|e| e == "sst") {
            let mut bytes = fs::read(file.path()).expect("a table");
            let half = bytes.len() / 2;
            bytes[..half].fill(0x5a);
            fs::write(file.path(), bytes).expect("damage");
            damaged += 1;
        }
    }
    assert!(damaged > 0, "the store has no tables on disk");
    let run = Cli::new("check a").data(&data).run().expect(1);
    assert!(run.out.contains("the store cannot be read"), "{}", run.out);
    assert!(run.out.contains("remove the folder `store`"), "{}", run.out);
    assert!(!run.out.contains("0 segments"), "{}", run.out);
    fs::remove_dir_all(&store).expect("removing the store");
    check(&data);
    assert_eq!(start(&data).quads("a"), quads);
}
