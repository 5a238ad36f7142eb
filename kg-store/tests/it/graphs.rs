//! Graph operations, snapshots and names.

use kg_store::{
    Delta, Quiet, RdfInput, RdfSyntax, StoreError,
    rdf::{GraphName, INFERRED_GRAPH, NamedNode, NamedNodeRef, Quad},
};

use crate::support::{Bench, content, graph};

fn turtle(text: &str) -> RdfInput<'_> {
    RdfInput::new(text.as_bytes(), "request body", RdfSyntax::Turtle)
}

const ONE: &str = "<http://e.org/a> <http://e.org/b> 1 .";
const TWO: &str = "<http://e.org/a> <http://e.org/b> 2 .";

#[test]
fn put_replaces_post_merges_delete_removes() {
    let bench = Bench::new();
    let g = graph("g");
    let mut writer = bench.kb.writer();
    writer.put_graph(&g, turtle(ONE), &Quiet).unwrap();
    writer.post_graph(&g, turtle(TWO), &Quiet).unwrap();
    drop(writer);
    assert_eq!(bench.content().len(), 2);
    let change = bench
        .kb
        .writer()
        .put_graph(&g, turtle(TWO), &Quiet)
        .unwrap();
    assert_eq!((change.added, change.removed), (0, 1));
    assert_eq!(bench.content().len(), 1);
    bench.kb.writer().delete_graph(&g, &Quiet).unwrap();
    assert!(bench.content().is_empty());
    assert!(matches!(
        bench.kb.writer().delete_graph(&g, &Quiet),
        Err(StoreError::NotFound(_))
    ));
    bench.assert_sound();
    bench.reopen().assert_sound();
}

#[test]
fn the_default_graph_can_be_emptied_and_other_graphs_stay() {
    let bench = Bench::new();
    let g = graph("g");
    bench.turtle(ONE);
    bench
        .kb
        .writer()
        .put_graph(&g, turtle(TWO), &Quiet)
        .unwrap();
    bench
        .kb
        .writer()
        .delete_graph(&GraphName::DefaultGraph, &Quiet)
        .unwrap();
    assert_eq!(bench.content().len(), 1);
    // The default graph always exists.
    bench
        .kb
        .writer()
        .delete_graph(&GraphName::DefaultGraph, &Quiet)
        .unwrap();
    assert_eq!(bench.kb.revision(), 3);
}

#[test]
fn the_graph_of_inferred_facts_is_written_by_deltas_only() {
    let bench = Bench::new();
    let inferred: GraphName = NamedNode::new(INFERRED_GRAPH).unwrap().into();
    let mut writer = bench.kb.writer();
    assert!(writer.put_graph(&inferred, turtle(ONE), &Quiet).is_err());
    assert!(writer.post_graph(&inferred, turtle(ONE), &Quiet).is_err());
    assert!(writer.delete_graph(&inferred, &Quiet).is_err());
    let node = NamedNode::new("http://e.org/a").unwrap();
    let quad = Quad::new(node.clone(), node.clone(), node, inferred);
    let delta = Delta {
        added: vec![quad.clone(), quad.clone()],
        removed: vec![quad],
    };
    let change = writer.apply(delta, &Quiet).unwrap();
    drop(writer);
    assert_eq!(change.added, 1);
    assert_eq!(bench.content().len(), 1);
}

#[test]
fn an_input_that_names_graphs_is_refused_by_the_graph_store() {
    let bench = Bench::new();
    let text = "<http://e.org/h> { <http://e.org/a> <http://e.org/b> 2 . }";
    let input = RdfInput::new(text.as_bytes(), "request body", RdfSyntax::TriG);
    let error = bench
        .kb
        .writer()
        .put_graph(&graph("g"), input, &Quiet)
        .unwrap_err();
    assert!(matches!(error, StoreError::Syntax { .. }), "{error}");
    assert_eq!(bench.kb.revision(), 0);
}

#[test]
fn a_snapshot_sees_its_revision_whatever_is_written() {
    let bench = Bench::new();
    bench.turtle(ONE);
    let before = bench.kb.snapshot().unwrap();
    let frozen = content(&before);
    bench.turtle(TWO);
    bench
        .kb
        .writer()
        .delete_graph(&GraphName::DefaultGraph, &Quiet)
        .unwrap();
    // Enough for a bulk load and a flush.
    let many: String = (0..60_000)
        .map(|number| format!("<http://e.org/{number}> <http://e.org/p> \"{number}\" .\n"))
        .collect();
    let change = bench.load(&many, RdfSyntax::NTriples).unwrap();
    assert_eq!(change.added, 60_000);
    assert_eq!(content(&before), frozen);
    assert_eq!(before.revision(), 1);
    assert_eq!(before.quad_count().unwrap(), 1);
    let now = bench.kb.snapshot().unwrap();
    assert_eq!((now.revision(), now.quad_count().unwrap()), (4, 60_000));
    bench.assert_sound();
}

#[test]
fn dumps_read_back() {
    let bench = Bench::new();
    bench.turtle(ONE);
    bench
        .kb
        .writer()
        .put_graph(&graph("g"), turtle(TWO), &Quiet)
        .unwrap();
    let snapshot = bench.kb.snapshot().unwrap();
    for syntax in RdfSyntax::ALL {
        let mut out = Vec::new();
        let result = snapshot.dump(syntax, None, &mut out);
        if !syntax.holds_graphs() {
            assert!(matches!(result, Err(StoreError::Invalid(_))));
            out.clear();
            let one = snapshot
                .dump(syntax, Some(graph("g").as_ref()), &mut out)
                .unwrap();
            assert_eq!(one, 1);
            continue;
        }
        assert_eq!(result.unwrap(), 2);
        let copy = Bench::new();
        copy.load(std::str::from_utf8(&out).unwrap(), syntax)
            .unwrap();
        assert_eq!(copy.content(), bench.content(), "{syntax}");
    }
}

#[test]
fn names_come_from_any_graph_in_order_of_preference() {
    let bench = Bench::new();
    bench.turtle(
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
         @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
         <http://e.org/a> skos:prefLabel \"Zeta\"@en ; rdfs:label \"Alpha\"@en, \"Alpha\", \"Alphe\"@fr ;
            skos:altLabel \"A.\" .
         <http://e.org/b> <https://schema.org/name> \"Bé\"@fr .",
    );
    let snapshot = bench.kb.snapshot().unwrap();
    let a = NamedNodeRef::new("http://e.org/a").unwrap();
    let b = NamedNodeRef::new("http://e.org/b").unwrap();
    let c = NamedNodeRef::new("http://e.org/theThing").unwrap();
    assert_eq!(snapshot.names(a).unwrap().len(), 5);
    assert_eq!(snapshot.label(a, &["fr"]).unwrap(), "Alphe");
    assert_eq!(snapshot.label(a, &["en"]).unwrap(), "Alpha");
    assert_eq!(snapshot.label(a, &[]).unwrap(), "Alpha");
    assert_eq!(snapshot.label(b, &["en"]).unwrap(), "Bé");
    assert_eq!(snapshot.label(c, &["en"]).unwrap(), "the Thing");
}
