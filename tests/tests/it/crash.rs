//! `kill -9` and power cuts: what was acknowledged is there, nothing is half there, and the index agrees.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use tests::{
    Cli, Client, Server, Start, encode,
    fixtures::{LANTERNS, bulk},
};

const GRAPH: &str = "http://bulk.example/graph";
const ITEMS: usize = 4_000;

fn start(data: &Path) -> Server {
    Start::default().on(data).start()
}

fn check(data: &Path) {
    let report = Cli::new("check a --json").data(data).run().expect(0).json();
    assert_eq!(report["faults"], json!([]), "{report}");
}

/// Which load's things the graph holds, having made sure that it holds them whole and that the index agrees.
fn content(server: &Server) -> Option<String> {
    let query = format!("SELECT ?s {{ GRAPH <{GRAPH}> {{ ?s a <http://bulk.example/Thing> }} }}");
    let things = server.column("a", &query);
    let first = things.first()?;
    let tag = first.split('/').nth(3).unwrap_or_default().to_owned();
    assert_eq!(things.len(), ITEMS, "a load is there whole or not at all");
    let prefix = format!("http://bulk.example/{tag}/");
    assert!(
        things.iter().all(|t| t.starts_with(&prefix)),
        "of two loads, one is there"
    );
    let count = format!("SELECT (COUNT(*) AS ?n) {{ GRAPH <{GRAPH}> {{ ?s ?p ?o }} }}");
    assert_eq!(server.column("a", &count), [(ITEMS * 4).to_string()]);
    let found = server
        .get(&format!(
            "/kb/a/search?q={}",
            encode(&format!("{tag} thing 17"))
        ))
        .expect(200)
        .json();
    assert_eq!(
        found["entities"][0]["entity"]["value"],
        format!("{prefix}17"),
        "the index agrees"
    );
    Some(tag)
}

/// Loads a source anew, which takes the place of what it brought before.
fn load(client: &Client, tag: &str) -> Result<u16, String> {
    client
        .call(
            "POST",
            &format!("/kb/a/load?source=bulk&graph={}", encode(GRAPH)),
        )
        .body("text/turtle", bulk(tag, ITEMS))
        .attempt()
        .map(|reply| reply.status)
}

#[test]
fn twenty_kills_during_loads() {
    let seed = 20;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");

    let server = start(&data);
    server.create_with("a", LANTERNS);
    let mut typical = Duration::MAX;
    for tag in ["warm-up", "load0"] {
        let began = Instant::now();
        assert_eq!(load(&server, tag), Ok(200));
        typical = typical.min(began.elapsed());
    }
    server.kill();
    let mut held = Some("load0".to_owned());
    let mut ends = [0, 0];

    for round in 1..=20 {
        let tag = format!("load{round}");
        // Kills fall anywhere from before the first byte to about the answer, early ones more often: once the
        // journal is synced, a load will be whole.
        let part: f64 = random.random_range(0.0..1.0);
        let wait = typical.mul_f64(part * part);
        let acknowledged = if round % 2 == 0 {
            kill_server(&data, &tag, wait)
        } else {
            kill_command(&data, &tag, wait)
        };
        check(&data);
        let server = start(&data);
        wait_for_jobs(&server);
        let now = content(&server);
        if acknowledged {
            assert_eq!(
                now.as_deref(),
                Some(tag.as_str()),
                "round {round} was acknowledged"
            );
        } else {
            assert!(
                now == held || now.as_deref() == Some(&tag),
                "round {round}: {now:?} after {held:?}"
            );
        }
        ends[usize::from(now.as_deref() == Some(&tag))] += 1;
        held = now;
        let message = server.question("a", "Who is the keeper of Gullwatch?");
        assert_eq!(message["grounding"]["answers"][0]["label"], "Ada Merrow");
        server.kill();
    }
    check(&data);
    eprintln!(
        "seed {seed}: {} loads were cut off, {} were whole",
        ends[0], ends[1]
    );
    assert_no_litter(&data);
}

/// Kills a server that loads; returns whether it had acknowledged.
fn kill_server(data: &Path, tag: &str, wait: Duration) -> bool {
    let server = start(data);
    let client = Client::clone(&server);
    let tag = tag.to_owned();
    let loading = thread::spawn(move || load(&client, &tag));
    thread::sleep(wait);
    server.kill();
    matches!(
        loading.join().expect("the client does not panic"),
        Ok(200..300)
    )
}

/// Kills the command line that loads; returns whether it had succeeded.
fn kill_command(data: &Path, tag: &str, wait: Duration) -> bool {
    let file = data.with_extension("ttl");
    fs::write(&file, bulk(tag, ITEMS)).expect("a file");
    let mut command = Cli::new("load a --source bulk --graph")
        .arg(GRAPH)
        .arg(&file)
        .data(data)
        .into_command();
    let mut child = command
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the command starts");
    thread::sleep(wait);
    // An error means that it has ended.
    let _ = child.kill();
    child
        .wait()
        .expect("the command can be waited for")
        .success()
}

fn wait_for_jobs(server: &Server) {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let jobs = server.get("/jobs").expect(200).json();
        let open = jobs["items"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|j| matches!(j["state"].as_str(), Some("queued" | "running")));
        if !open {
            return;
        }
        assert!(Instant::now() < deadline, "{jobs}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Files of loads that were cut off do not pile up.
fn assert_no_litter(data: &Path) {
    drop(start(data));
    let mut litter = Vec::new();
    let mut folders = vec![data.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else if name.starts_with("bulk-")
                || (folder.ends_with("spool"))
                || name.ends_with(".tmp")
            {
                litter.push(entry.path());
            }
        }
    }
    assert!(litter.is_empty(), "{litter:?}");
}

#[test]
fn acknowledged_writes_survive_a_kill() {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    start(&data)
        .post("/kb", &json!({ "name": "a" }))
        .expect(201);
    let mut kept: Vec<usize> = Vec::new();
    let mut next = 0;
    for _ in 0..5 {
        let server = start(&data);
        let client = Client::clone(&server);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let from = next;
        let writer = thread::spawn(move || {
            let mut acknowledged = Vec::new();
            let mut number = from;
            while !stopped.load(Ordering::Relaxed) {
                if !write_one(&client, number) {
                    break;
                }
                acknowledged.push(number);
                number += 1;
            }
            // The one after the last may or may not be there.
            (acknowledged, number + 1)
        });
        thread::sleep(Duration::from_millis(random.random_range(300..1500)));
        server.kill();
        stop.store(true, Ordering::Relaxed);
        let (acknowledged, after) = writer.join().expect("the writer does not panic");
        kept.extend(acknowledged);
        next = after;
        check(&data);

        let server = start(&data);
        let facts = server.column("a", "SELECT ?n { ?s <http://a.example/number> ?n }");
        let list = server.get("/kb/a/documents?limit=1000").expect(200).json();
        let documents: Vec<&str> = list["items"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|d| d["id"].as_str())
            .collect();
        for number in &kept {
            assert!(
                facts.contains(&number.to_string()),
                "fact {number} was acknowledged"
            );
            assert!(
                documents.contains(&format!("d{number}").as_str()),
                "document {number} was acknowledged"
            );
        }
        if let Some(number) = kept.last() {
            let found = server
                .get(&format!(
                    "/kb/a/search?q={}",
                    encode(&format!("marker{number}x"))
                ))
                .expect(200)
                .json();
            assert_eq!(
                found["passages"][0]["document"],
                format!("d{number}"),
                "the index agrees: {found}"
            );
        }
    }
    assert!(kept.len() > 5, "too few writes to prove anything: {kept:?}");
}

/// A fact and a document; true if both were acknowledged.
fn write_one(client: &Client, number: usize) -> bool {
    let turtle = format!("<http://a.example/{number}> <http://a.example/number> {number} .");
    let fact = client
        .call("POST", "/kb/a/rdf-graph-store?default")
        .body("text/turtle", turtle)
        .attempt();
    let document =
        json!({ "id": format!("d{number}"), "text": format!("The text with marker{number}x.") });
    let document = client
        .call("POST", "/kb/a/documents")
        .json(&document)
        .attempt();
    [fact, document]
        .iter()
        .all(|r| r.as_ref().is_ok_and(|r| (200..300).contains(&r.status)))
}

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
