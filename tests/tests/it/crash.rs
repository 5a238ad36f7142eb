//! `kill -9`: what was acknowledged is there, nothing is half there, and the index agrees.

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
use serde_json::json;
use tests::{
    Cli, Client, Server, Start, encode,
    fixtures::{LANTERNS, bulk},
};

const GRAPH: &str = "http://bulk.example/graph";
const ITEMS: usize = 4_000;

pub(super) fn start(data: &Path) -> Server {
    Start::default().on(data).start()
}

pub(super) fn check(data: &Path) {
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
