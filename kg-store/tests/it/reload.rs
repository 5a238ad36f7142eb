//! Loading a source again replaces what it brought.

use kg_store::{Delta, Extent, LoadOptions, Quiet, RdfSyntax, Touched, rdf::Term};

use crate::support::Bench;

fn from(source: &str) -> LoadOptions {
    LoadOptions {
        source: Some(source.to_owned()),
        ..LoadOptions::default()
    }
}

fn lines(values: &[u32]) -> String {
    values
        .iter()
        .map(|value| format!("<http://e.org/s> <http://e.org/p> \"{value}\" .\n"))
        .collect()
}

fn values(bench: &Bench) -> Vec<String> {
    bench
        .content()
        .iter()
        .filter_map(|quad| Some(quad.split('"').nth(1)?.to_owned()))
        .collect()
}

#[test]
fn what_a_source_no_longer_brings_is_removed() {
    let bench = Bench::new();
    let load = |source: &str, list: &[u32]| {
        bench
            .load_into(&lines(list), RdfSyntax::NTriples, &from(source))
            .unwrap()
    };
    load("a", &[1, 2, 3]);
    let change = load("a", &[2, 3, 4]);
    assert_eq!((change.added, change.removed), (1, 1));
    assert_eq!(values(&bench), ["2", "3", "4"]);
    // The same again is a revision that changes no quad.
    let change = load("a", &[2, 3, 4]);
    assert_eq!((change.revision, change.added, change.removed), (3, 0, 0));
    // Another source is not touched.
    load("b", &[4, 5]);
    load("a", &[2]);
    assert_eq!(values(&bench), ["2", "4", "5"]);
    // What the other no longer brings, and nobody else does, goes.
    load("b", &[6]);
    assert_eq!(values(&bench), ["2", "6"]);
    bench.assert_sound();
}

#[test]
fn a_quad_that_another_source_has_dropped_is_nobodys() {
    let bench = Bench::new();
    let load = |source: &str, list: &[u32]| {
        bench
            .load_into(&lines(list), RdfSyntax::NTriples, &from(source))
            .unwrap();
    };
    load("a", &[1]);
    load("b", &[1, 2]);
    load("b", &[2]);
    assert_eq!(values(&bench), ["1", "2"]);
    load("a", &[3]);
    assert_eq!(values(&bench), ["2", "3"]);
}

#[test]
fn what_was_also_written_without_a_source_stays() {
    let bench = Bench::new();
    bench
        .load_into(&lines(&[1, 2]), RdfSyntax::NTriples, &from("a"))
        .unwrap();
    bench.load(&lines(&[1]), RdfSyntax::NTriples).unwrap();
    bench
        .load_into(&lines(&[3]), RdfSyntax::NTriples, &from("a"))
        .unwrap();
    assert_eq!(values(&bench), ["1", "3"]);
    // Taken back by hand, it is gone for good.
    let quad = bench
        .kb
        .snapshot()
        .unwrap()
        .quads(None, None, None, None)
        .map(Result::unwrap)
        .find(|quad| matches!(&quad.object, Term::Literal(literal) if literal.value() == "1"))
        .unwrap();
    let delta = Delta {
        added: Vec::new(),
        removed: vec![quad],
    };
    let change = bench.kb.writer().apply(delta, &Quiet).unwrap();
    assert_eq!(change.removed, 1);
    assert_eq!(values(&bench), ["3"]);
}

#[test]
fn blank_nodes_of_the_earlier_version_go_with_it() {
    let bench = Bench::new();
    let text = "<http://e.org/s> <http://e.org/p> [ <http://e.org/q> 1 ] .";
    for _ in 0..3 {
        bench
            .load_into(text, RdfSyntax::Turtle, &from("a"))
            .unwrap();
        assert_eq!(bench.content().len(), 2);
    }
    bench.load(text, RdfSyntax::Turtle).unwrap();
    assert_eq!(bench.content().len(), 4);
}

#[test]
fn an_empty_reload_removes_all_and_leaves_no_graph_behind() {
    let bench = Bench::new();
    let options = LoadOptions {
        graph: crate::support::graph("g"),
        source: Some("a".to_owned()),
    };
    bench
        .load_into(&lines(&[1]), RdfSyntax::NTriples, &options)
        .unwrap();
    assert_eq!(
        bench.kb.snapshot().unwrap().named_graphs().unwrap().len(),
        1
    );
    bench.load_into("", RdfSyntax::NTriples, &options).unwrap();
    let snapshot = bench.kb.snapshot().unwrap();
    assert_eq!(snapshot.named_graphs().unwrap().len(), 0);
    assert_eq!(snapshot.quad_count().unwrap(), 0);
    // With nothing to remove either, there is no revision.
    let change = bench.load_into("", RdfSyntax::NTriples, &options).unwrap();
    assert_eq!(change.revision, 2);
    assert_eq!(change.extent, Extent::Nothing);
}

#[test]
fn the_index_learns_what_changed() {
    let bench = Bench::new();
    bench.turtle("<http://e.org/a> <http://e.org/p> <http://e.org/b> .");
    bench.turtle("<http://e.org/c> <http://e.org/p> 5 .");
    let changes = bench.kb.changes_since(0).unwrap();
    assert_eq!(changes.len(), 2);
    let Extent::Quads(Touched::Terms(terms)) = &changes[0].extent else {
        panic!("{changes:?}");
    };
    let terms: Vec<String> = terms.iter().map(ToString::to_string).collect();
    assert_eq!(
        terms,
        ["<http://e.org/a>", "<http://e.org/p>", "<http://e.org/b>"]
    );
    assert_eq!(bench.kb.changes_since(1).unwrap(), changes[1..]);
    assert_eq!(bench.kb.changes_since(2).unwrap(), []);
    assert!(bench.kb.changes_since(3).is_err());
}

#[test]
fn a_source_survives_reopening() {
    let bench = Bench::new();
    bench
        .load_into(&lines(&[1, 2]), RdfSyntax::NTriples, &from("a\"\n"))
        .unwrap();
    let bench = bench.reopen();
    bench
        .load_into(&lines(&[2]), RdfSyntax::NTriples, &from("a\"\n"))
        .unwrap();
    assert_eq!(values(&bench), ["2"]);
}
