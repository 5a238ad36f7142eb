//! A process that writes is killed at random moments, twenty times over.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use kg_store::{
    KnowledgeBase, LoadOptions, Quiet, RdfInput, RdfSyntax, StoreOptions,
    rdf::{GraphNameRef, Term},
};
use schemas::documents::Document;

const FOLDER: &str = "KG_STORE_VICTIM_FOLDER";

/// How many quads a version of the source has: now few, now enough for a bulk load.
fn size(version: u64) -> usize {
    if version.is_multiple_of(3) {
        51_000
    } else {
        2_000
    }
}

fn text(version: u64) -> String {
    (0..size(version))
        .map(|number| format!("<http://e.org/{number}> <http://e.org/version> \"{version}\" .\n"))
        .collect()
}

/// The process to be killed; it does nothing unless it is told where. It says what was acknowledged.
#[test]
fn victim() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let kb = KnowledgeBase::open(folder.as_ref(), StoreOptions::default()).unwrap();
    let options = LoadOptions {
        source: Some("file".to_owned()),
        ..LoadOptions::default()
    };
    loop {
        let version = kb.revision() + 1;
        let text = text(version);
        let input = RdfInput::new(text.as_bytes(), "file", RdfSyntax::NTriples);
        let change = kb.writer().load(input, &options, &Quiet).unwrap();
        println!("acknowledged {}", change.revision);
        let document = Document {
            id: format!("d{}", change.revision % 5),
            title: None,
            text: "text".repeat(100),
            url: None,
            about: Vec::new(),
        };
        let (change, _) = kb.writer().put_documents(vec![document], &Quiet).unwrap();
        println!("acknowledged {}", change.revision);
    }
}

#[test]
fn a_killed_writer_loses_nothing_acknowledged_and_leaves_nothing_half_done() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("kb");
    drop(KnowledgeBase::create(&dir, StoreOptions::default()).unwrap());
    let mut moment: u64 = 12_345;
    for round in 0..20 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::victim", "--nocapture"])
            .env(FOLDER, &dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = child.stdout.take().unwrap();
        let reader = thread::spawn(move || {
            BufReader::new(out)
                .lines()
                .map_while(Result::ok)
                .filter_map(|line| line.rsplit_once("acknowledged ")?.1.parse::<u64>().ok())
                .last()
                .unwrap_or(0)
        });
        moment = moment
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        thread::sleep(Duration::from_millis(20 + (moment >> 33) % 1500));
        child.kill().unwrap();
        child.wait().unwrap();
        let acknowledged = reader.join().unwrap();

        let kb = KnowledgeBase::open(&dir, StoreOptions::default()).unwrap();
        println!(
            "round {round}: {acknowledged} acknowledged, {} found",
            kb.revision()
        );
        assert!(kb.revision() >= acknowledged);
        let snapshot = kb.snapshot().unwrap();
        let mut versions: BTreeMap<u64, usize> = BTreeMap::new();
        for quad in snapshot.quads(None, None, None, Some(GraphNameRef::DefaultGraph)) {
            let Term::Literal(literal) = quad.unwrap().object else {
                panic!("not what was written");
            };
            *versions
                .entry(literal.value().parse().unwrap())
                .or_default() += 1;
        }
        // One version, and all of it.
        assert!(versions.len() <= 1, "{versions:?}");
        for (version, count) in versions {
            assert_eq!(count, size(version));
            assert!(version + 1 >= acknowledged);
        }
        assert_eq!(kb.check(&Quiet).unwrap().faults, Vec::<String>::new());
    }
}
