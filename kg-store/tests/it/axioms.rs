//! What axioms say of classes, as facts in the graph of inferred ones.

use std::collections::BTreeSet;

use kg_store::{
    Delta, Quiet,
    rdf::{GraphName, INFERRED_GRAPH, NamedNode, Quad, Term},
};

use crate::support::Bench;

const PREFIXES: &str = "@prefix : <http://e.org/> .
    @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .";

/// The inferred facts, as "subject predicate object" by local names.
fn inferred(bench: &Bench) -> BTreeSet<String> {
    let graph: GraphName = NamedNode::new(INFERRED_GRAPH).unwrap().into();
    let snapshot = bench.kb.snapshot().unwrap();
    let quads = snapshot.quads(None, None, None, Some(graph.as_ref()));
    let short = |iri: &str| iri.rsplit('/').next().unwrap().to_owned();
    quads
        .map(|quad| {
            let quad = quad.unwrap();
            let subject = quad.subject.to_string();
            let object = match &quad.object {
                Term::Literal(literal) => literal.value().to_owned(),
                term => short(term.to_string().trim_matches(['<', '>'])),
            };
            format!(
                "{} {} {object}",
                short(subject.trim_matches(['<', '>'])),
                short(quad.predicate.as_str())
            )
        })
        .collect()
}

fn infer(bench: &Bench) -> bool {
    bench.kb.writer().infer(None, &Quiet).unwrap().is_some()
}

fn of(turtle: &str) -> BTreeSet<String> {
    let bench = Bench::new();
    bench.turtle(&format!("{PREFIXES}\n{turtle}"));
    infer(&bench);
    inferred(&bench)
}

fn set(facts: &[&str]) -> BTreeSet<String> {
    facts.iter().map(|fact| (*fact).to_owned()).collect()
}

#[test]
fn restrictions_say_what_is_so_of_each_instance() {
    assert_eq!(
        of(
            ":a rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :b ] ,
                [ owl:onProperty :q ; owl:hasValue 5 ] ,
                [ owl:onProperty :r ; owl:minQualifiedCardinality 2 ; owl:onClass :c ] ."
        ),
        set(&["a p b", "a q 5", "a r c"])
    );
    // What need not be so of any.
    assert_eq!(
        of(
            ":a rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom :b ] ,
                [ owl:onProperty :p ; owl:someValuesFrom [ owl:unionOf ( :b :c ) ] ] ,
                [ owl:onProperty :p ; owl:minQualifiedCardinality 0 ; owl:onClass :c ] ,
                [ owl:onProperty [ owl:inverseOf :p ] ; owl:someValuesFrom :b ] ."
        ),
        set(&[])
    );
}

#[test]
fn intersections_say_all_of_their_parts() {
    assert_eq!(
        of(":a owl:equivalentClass [ owl:intersectionOf ( :w
                [ owl:onProperty :p ; owl:someValuesFrom [ owl:intersectionOf ( :b :c ) ] ] ) ] .
            :w rdfs:subClassOf [ owl:onProperty :q ; owl:someValuesFrom :d ] ."),
        set(&[
            "a p b",
            "a p c",
            "a q d",
            "a rdf-schema#subClassOf w",
            "w q d"
        ])
    );
}

#[test]
fn narrower_classes_have_the_facts_of_wider_ones_unless_their_own_say_more() {
    assert_eq!(
        of(
            ":a rdfs:subClassOf :w , [ owl:onProperty :p ; owl:someValuesFrom :cheddar ] .
            :b rdfs:subClassOf :w .
            :w rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :cheese ] .
            :cheddar rdfs:subClassOf :cheese ."
        ),
        set(&["a p cheddar", "b p cheese", "w p cheese"])
    );
    // Round in a circle.
    assert_eq!(
        of(
            ":a rdfs:subClassOf :b . :b rdfs:subClassOf :a , [ owl:onProperty :p ; owl:someValuesFrom :c ] ."
        ),
        set(&["a p c", "b p c"])
    );
}

#[test]
fn hostile_lists_and_depths_end() {
    let mut nested = "[ owl:onProperty :p ; owl:someValuesFrom :b ]".to_owned();
    for _ in 0..50 {
        nested = format!("[ owl:intersectionOf ( {nested} ) ]");
    }
    assert_eq!(of(&format!(":a rdfs:subClassOf {nested} .")), set(&[]));
    let circle = ":a owl:intersectionOf _:l . :x rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :y ] .
        _:l <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> :b ;
            <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:l .";
    assert_eq!(of(circle), set(&["a rdf-schema#subClassOf b", "x p y"]));
}

#[test]
fn lists_without_members_and_lists_of_lists_end() {
    let empty =
        ":a owl:intersectionOf _:l . _:l <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:l .
        :x rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :y ] .";
    assert_eq!(of(empty), set(&["x p y"]));
    // Eight lists of 200 members, each of which holds the next list.
    let mut wide =
        ":x rdfs:subClassOf _:n0 , [ owl:onProperty :p ; owl:someValuesFrom :y ] .".to_owned();
    for level in 0..8 {
        let members = format!("_:n{} ", level + 1).repeat(200);
        wide.push_str(&format!("_:n{level} owl:intersectionOf ( {members} ) . "));
    }
    assert_eq!(of(&wide), set(&["x p y"]));
}

#[test]
fn what_was_inferred_is_no_ground_for_more() {
    let bench = Bench::new();
    let graph = crate::support::graph("axioms");
    let axiom = format!(
        "{PREFIXES} :a owl:equivalentClass [ owl:intersectionOf ( :w
            [ owl:onProperty :p ; owl:someValuesFrom :b ] ) ] ."
    );
    let input = kg_store::RdfInput::new(axiom.as_bytes(), "test", kg_store::RdfSyntax::Turtle);
    bench.kb.writer().put_graph(&graph, input, &Quiet).unwrap();
    bench.turtle(&format!(
        "{PREFIXES} :w rdfs:subClassOf [ owl:onProperty :q ; owl:someValuesFrom :d ] ."
    ));
    infer(&bench);
    assert!(inferred(&bench).contains("a q d"));
    bench.kb.writer().delete_graph(&graph, &Quiet).unwrap();
    infer(&bench);
    assert_eq!(inferred(&bench), set(&["w q d"]));
}

#[test]
fn inferred_facts_follow_what_is_told() {
    let bench = Bench::new();
    let graph = crate::support::graph("axioms");
    let axiom =
        format!("{PREFIXES} :a rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :b ] .");
    let input = kg_store::RdfInput::new(axiom.as_bytes(), "test", kg_store::RdfSyntax::Turtle);
    bench.kb.writer().put_graph(&graph, input, &Quiet).unwrap();
    assert!(infer(&bench) && !infer(&bench));
    let change = bench.kb.writer().delete_graph(&graph, &Quiet).unwrap();
    let mut writer = bench.kb.writer();
    assert!(
        writer
            .infer(Some(&change.extent), &Quiet)
            .unwrap()
            .is_some()
    );
    drop(writer);
    assert_eq!(inferred(&bench), set(&[]));
    // What a write has to do with no axiom leaves what was inferred alone, right or wrong.
    let node = NamedNode::new("http://e.org/z").unwrap();
    let inferred_graph: GraphName = NamedNode::new(INFERRED_GRAPH).unwrap().into();
    let delta = Delta {
        added: vec![Quad::new(node.clone(), node.clone(), node, inferred_graph)],
        removed: Vec::new(),
    };
    bench.kb.writer().apply(delta, &Quiet).unwrap();
    let change = bench.turtle("<http://e.org/x> <http://e.org/y> 1 .");
    let mut writer = bench.kb.writer();
    assert!(
        writer
            .infer(Some(&change.extent), &Quiet)
            .unwrap()
            .is_none()
    );
    drop(writer);
    assert_eq!(inferred(&bench), set(&["z z z"]));
    assert!(infer(&bench));
    assert_eq!(inferred(&bench), set(&[]));
    bench.assert_sound();
}
