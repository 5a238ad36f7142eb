//! Crashes, power cuts, damage and locks.

use std::{fs, path::Path};

use kg_store::{
    Delta, KnowledgeBase, LoadOptions, Quiet, RdfSyntax, StoreError, StoreOptions,
    rdf::{GraphName, Literal, NamedNode, Quad},
};
use proptest::prelude::*;
use schemas::documents::Document;

use crate::support::{Bench, content, copy_dir, graph};

fn open(dir: &Path) -> KnowledgeBase {
    KnowledgeBase::open(dir, StoreOptions::default()).unwrap()
}

fn assert_same(dir: &Path, expected: &[String], documents: u64) {
    let kb = open(dir);
    let snapshot = kb.snapshot().unwrap();
    assert_eq!(content(&snapshot), expected);
    assert_eq!(snapshot.document_count().unwrap(), documents);
    assert_eq!(snapshot.quad_count().unwrap(), expected.len() as u64);
    let report = kb.check(&Quiet).unwrap();
    assert_eq!(report.faults, Vec::<String>::new());
}

fn document(id: &str) -> Document {
    Document {
        id: id.to_owned(),
        title: None,
        text: format!("text of {id}"),
        url: None,
        about: Vec::new(),
    }
}

/// A history with every kind of write.
fn write_history(bench: &Bench, round: u32) {
    let turtle = |value: u32| format!("<http://e.org/{round}> <http://e.org/p> {value} .");
    bench.turtle(&turtle(1));
    let options = LoadOptions {
        graph: graph("g"),
        source: Some("file".to_owned()),
    };
    bench
        .load_into(&turtle(2), RdfSyntax::Turtle, &options)
        .unwrap();
    bench
        .kb
        .writer()
        .put_documents(vec![document(&round.to_string()), document("x")], &Quiet)
        .unwrap();
    bench
        .kb
        .writer()
        .delete_documents(&["x".to_owned()], &Quiet)
        .unwrap();
    let input = kg_store::RdfInput::new(
        "<http://e.org/a> <http://e.org/b> [] .".as_bytes(),
        "body",
        RdfSyntax::Turtle,
    );
    bench
        .kb
        .writer()
        .put_graph(&graph("h"), input, &Quiet)
        .unwrap();
    if round % 2 == 1 {
        bench.kb.writer().delete_graph(&graph("h"), &Quiet).unwrap();
    }
}

#[test]
fn a_power_cut_loses_nothing_that_the_journal_has() {
    let bench = Bench::new();
    let old = bench.folder.path().join("old");
    write_history(&bench, 0);
    bench.kb.flush().unwrap();
    copy_dir(&bench.dir(), &old);
    write_history(&bench, 1);
    let many: String = (0..60_000)
        .map(|number| format!("<http://e.org/{number}> <http://e.org/p> \"{number}\" .\n"))
        .collect();
    bench.load(&many, RdfSyntax::NTriples).unwrap();
    write_history(&bench, 2);
    let expected = bench.content();
    let live = bench.folder.path().join("live");
    copy_dir(&bench.dir(), &live);
    let Bench { folder, kb } = bench;
    drop(kb);
    let dir = folder.path().join("kb");
    assert_same(&dir, &expected, 3);

    // As a kill would leave it: nothing was flushed on closing.
    assert_same(&live, &expected, 3);

    // The store and the documents are those of an earlier moment.
    for part in ["store", "docs"] {
        fs::remove_dir_all(dir.join(part)).unwrap();
        copy_dir(&old.join(part), &dir.join(part));
        assert_same(&dir, &expected, 3);
    }
    for part in ["store", "docs"] {
        fs::remove_dir_all(dir.join(part)).unwrap();
        copy_dir(&old.join(part), &dir.join(part));
    }
    assert_same(&dir, &expected, 3);

    // They are gone.
    fs::remove_dir_all(dir.join("store")).unwrap();
    assert_same(&dir, &expected, 3);
    fs::remove_dir_all(dir.join("docs")).unwrap();
    assert_same(&dir, &expected, 3);

    // The checkpoint alone is older, or gone: replaying over what is there changes nothing.
    fs::copy(old.join("store/CHECKPOINT"), dir.join("store/CHECKPOINT")).unwrap();
    assert_same(&dir, &expected, 3);
    fs::remove_file(dir.join("store/CHECKPOINT")).unwrap();
    assert_same(&dir, &expected, 3);
}

#[test]
fn what_an_interrupted_write_left_is_swept() {
    let bench = Bench::new();
    bench.turtle("<http://e.org/a> <http://e.org/b> 1 .");
    let dir = bench.dir();
    let Bench { folder, kb } = bench;
    drop(kb);
    let temporary = dir.join("journal/00000000000000000002.patch.tmp");
    let orphan = dir.join("store/bulk-12345.sst");
    fs::write(&temporary, "half a segment").unwrap();
    fs::write(&orphan, "half a table").unwrap();
    let kb = open(&dir);
    assert_eq!(kb.revision(), 1);
    assert!(!temporary.exists() && !orphan.exists());
    drop(kb);
    drop(folder);
}

#[test]
fn a_gap_or_a_damaged_segment_is_named() {
    let bench = Bench::new();
    for value in 0..3 {
        bench.turtle(&format!("<http://e.org/a> <http://e.org/b> {value} ."));
    }
    let Bench { folder, kb } = bench;
    drop(kb);
    let dir = folder.path().join("kb");
    let segment = dir.join("journal/00000000000000000002.patch.zst");
    let bytes = fs::read(&segment).unwrap();

    let mut damaged = bytes.clone();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    fs::write(&segment, &damaged).unwrap();
    // Nothing needs it at present, so that only a check finds it.
    let kb = open(&dir);
    let report = kb.check(&Quiet).unwrap();
    assert_eq!(report.faults.len(), 1);
    assert!(
        report.faults[0].contains("00000000000000000002.patch.zst"),
        "{report:?}"
    );
    drop(kb);
    fs::remove_dir_all(dir.join("store")).unwrap();
    let error = KnowledgeBase::open(&dir, StoreOptions::default())
        .err()
        .unwrap();
    assert!(
        error.to_string().contains("00000000000000000002.patch.zst"),
        "{error}"
    );
    assert!(matches!(error, StoreError::Corrupt { .. }));

    fs::write(&segment, &bytes[..bytes.len() / 2]).unwrap();
    assert!(matches!(
        KnowledgeBase::open(&dir, StoreOptions::default()),
        Err(StoreError::Corrupt { .. })
    ));

    fs::remove_file(&segment).unwrap();
    let error = KnowledgeBase::open(&dir, StoreOptions::default())
        .err()
        .unwrap();
    assert!(
        error.to_string().contains("00000000000000000002"),
        "{error}"
    );

    fs::write(&segment, &bytes).unwrap();
    assert_eq!(open(&dir).snapshot().unwrap().quad_count().unwrap(), 3);
}

#[test]
fn a_store_that_is_ahead_of_its_journal_is_refused() {
    let bench = Bench::new();
    bench.turtle("<http://e.org/a> <http://e.org/b> 1 .");
    bench.turtle("<http://e.org/a> <http://e.org/b> 2 .");
    let Bench { folder, kb } = bench;
    drop(kb);
    let dir = folder.path().join("kb");
    fs::remove_file(dir.join("journal/00000000000000000002.patch.zst")).unwrap();
    assert!(matches!(
        KnowledgeBase::open(&dir, StoreOptions::default()),
        Err(StoreError::Corrupt { .. })
    ));
}

#[test]
fn a_locked_folder_names_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("kb");
    let options = StoreOptions {
        owner_url: Some("http://127.0.0.1:8080".to_owned()),
        ..StoreOptions::default()
    };
    let kb = KnowledgeBase::create(&dir, options).unwrap();
    let error = KnowledgeBase::open(&dir, StoreOptions::default())
        .err()
        .unwrap();
    let message = error.to_string();
    assert!(message.contains("http://127.0.0.1:8080"), "{message}");
    assert!(
        message.contains(&std::process::id().to_string()),
        "{message}"
    );
    drop(kb);
    open(&dir);
}

#[test]
fn folders_that_are_no_knowledge_base_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("kb");
    assert!(matches!(
        KnowledgeBase::open(&dir, StoreOptions::default()),
        Err(StoreError::NotFound(_))
    ));
    drop(KnowledgeBase::create(&dir, StoreOptions::default()).unwrap());
    assert!(matches!(
        KnowledgeBase::create(&dir, StoreOptions::default()),
        Err(StoreError::Conflict(_))
    ));
    fs::write(dir.join("format.json"), r#"{"version": 99, "journal": 1}"#).unwrap();
    assert!(matches!(
        KnowledgeBase::open(&dir, StoreOptions::default()),
        Err(StoreError::Unsupported(_))
    ));
    let other = folder.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("file"), "x").unwrap();
    assert!(matches!(
        KnowledgeBase::create(&other, StoreOptions::default()),
        Err(StoreError::Conflict(_))
    ));
}

fn quad(number: u8) -> Quad {
    let node = |name: &str| NamedNode::new(format!("http://e.org/{name}")).unwrap();
    let graph = match number % 3 {
        0 => GraphName::DefaultGraph,
        1 => node("g").into(),
        _ => node("h").into(),
    };
    Quad::new(
        node("s"),
        node("p"),
        Literal::new_simple_literal(format!("line\n\"{}\"", number / 3)),
        graph,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Deltas are sets: whatever suffix of them is replayed over whatever state, the outcome is the same.
    #[test]
    fn replaying_any_suffix_again_changes_nothing(
        deltas in prop::collection::vec(
            (prop::collection::vec(0_u8..12, 0..6), prop::collection::vec(0_u8..12, 0..6)), 1..8),
        from in any::<prop::sample::Index>(),
    ) {
        let bench = Bench::new();
        let mut model = std::collections::BTreeSet::new();
        for (added, removed) in &deltas {
            let delta = Delta {
                added: added.iter().copied().map(quad).collect(),
                removed: removed.iter().copied().map(quad).collect(),
            };
            for number in removed {
                model.remove(&quad(*number).to_string());
            }
            for number in added {
                model.insert(quad(*number).to_string());
            }
            bench.kb.writer().apply(delta, &Quiet).unwrap();
        }
        let expected: Vec<String> = model.into_iter().collect();
        prop_assert_eq!(&bench.content(), &expected);
        let head = bench.kb.revision();
        let Bench { folder, kb } = bench;
        drop(kb);
        let dir = folder.path().join("kb");
        let back = from.index(usize::try_from(head).unwrap() + 1);
        fs::write(
            dir.join("store/CHECKPOINT"),
            format!(r#"{{"revision": {back}, "quads": 0}}"#),
        ).unwrap();
        let kb = open(&dir);
        let snapshot = kb.snapshot().unwrap();
        prop_assert_eq!(&content(&snapshot), &expected);
        if (back as u64) < head {
            prop_assert_eq!(snapshot.quad_count().unwrap(), expected.len() as u64);
            prop_assert_eq!(kb.check(&Quiet).unwrap().faults, Vec::<String>::new());
        }
        let graphs: std::collections::BTreeSet<_> = expected
            .iter()
            .filter_map(|quad| quad.rsplit_once("\" <").map(|(_, graph)| graph.to_owned()))
            .collect();
        prop_assert_eq!(snapshot.named_graphs().unwrap().len(), graphs.len());
    }
}
