//! SPARQL: right answers, formats, datasets.

use std::time::Duration;

use kg_store::{
    CheckedQuery, Dataset, Delta, ParseLimits, QueryForm, QueryLimits, Quiet, RdfSyntax,
    ResultFormat, Snapshot, StoreError,
    rdf::{GraphName, INFERRED_GRAPH, NamedNode, Quad},
};

use crate::support::{Bench, column, graph, select};

pub(crate) fn parse(query: &str) -> Result<CheckedQuery, StoreError> {
    CheckedQuery::parse(query, Dataset::Plain, &ParseLimits::default())
}

pub(crate) fn small() -> Bench {
    let bench = Bench::new();
    bench.turtle(
        "@prefix e: <http://e.org/> .
         e:a e:knows e:b ; e:age 30 ; e:name \"A\"@en .
         e:b e:knows e:c ; e:age 20 ; e:name \"B, \\\"b\\\"\" .
         e:c e:age 10 .",
    );
    bench
}

#[test]
fn queries_answer() {
    let bench = small();
    let snapshot = bench.kb.snapshot().unwrap();
    assert_eq!(
        column(
            &snapshot,
            "PREFIX e: <http://e.org/> SELECT ?x { e:a e:knows+ ?x }"
        ),
        ["<http://e.org/b>", "<http://e.org/c>"]
    );
    assert_eq!(
        column(
            &snapshot,
            "PREFIX e: <http://e.org/> SELECT (SUM(?age) AS ?n) { ?x e:age ?age FILTER(?age > 10 && EXISTS { ?x e:knows ?y }) }"
        ),
        ["\"50\"^^<http://www.w3.org/2001/XMLSchema#integer>"]
    );
    assert_eq!(
        column(
            &snapshot,
            "PREFIX e: <http://e.org/> SELECT ?x { { SELECT ?x ?age { ?x e:age ?age } ORDER BY DESC(?age) LIMIT 1 } ?x e:knows ?y
             BIND(CONCAT(STR(?x), 'z') AS ?z) FILTER(STRENDS(?z, 'z')) }"
        ),
        ["<http://e.org/a>"]
    );
    // A subquery's poll shows nowhere.
    let table = select(&snapshot, "SELECT * { { SELECT ?s { ?s ?p ?o } } }").unwrap();
    assert_eq!(table.variables, ["s"]);
    let table = select(&snapshot, "ASK { ?s ?p 10 }").unwrap();
    assert_eq!(table.boolean, Some(true));
    assert_eq!(parse("ASK {}").unwrap().form(), QueryForm::Ask);
}

#[test]
fn an_order_is_kept() {
    let bench = small();
    let table = select(
        &bench.kb.snapshot().unwrap(),
        "PREFIX e: <http://e.org/> SELECT ?x ?age { ?x e:age ?age } ORDER BY ?age",
    )
    .unwrap();
    let ages: Vec<String> = table
        .rows
        .iter()
        .map(|row| row[1].as_ref().unwrap().to_string())
        .collect();
    assert!(ages.is_sorted(), "{ages:?}");
}

fn written(snapshot: &Snapshot, query: &str, format: ResultFormat) -> String {
    let mut out = Vec::new();
    snapshot
        .query_to_writer(
            &parse(query).unwrap(),
            format,
            &QueryLimits::within(Duration::from_secs(10)),
            &mut out,
        )
        .unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn results_are_written_in_all_formats() {
    let bench = small();
    let snapshot = bench.kb.snapshot().unwrap();
    let query = "SELECT ?o ?n { <http://e.org/b> <http://e.org/name> ?o OPTIONAL { ?o ?n ?n } }";
    assert_eq!(
        written(&snapshot, query, ResultFormat::Json),
        r#"{"head":{"vars":["o","n"]},"results":{"bindings":[{"o":{"type":"literal","value":"B, \"b\""}}]}}"#
    );
    assert_eq!(
        written(&snapshot, query, ResultFormat::Csv),
        "o,n\r\n\"B, \"\"b\"\"\",\r\n"
    );
    assert_eq!(
        written(&snapshot, query, ResultFormat::Tsv),
        "?o\t?n\n\"B, \\\"b\\\"\"\t\n"
    );
    assert!(written(&snapshot, query, ResultFormat::Xml).contains("<literal>B, "));
    assert_eq!(
        written(&snapshot, "ASK { ?a ?b ?c }", ResultFormat::Json),
        r#"{"head":{},"boolean":true}"#
    );
    for syntax in RdfSyntax::ALL {
        let text = written(
            &snapshot,
            "CONSTRUCT { ?s <http://e.org/q> ?o } { ?s <http://e.org/age> ?o }",
            ResultFormat::Rdf(syntax),
        );
        let copy = Bench::new();
        assert_eq!(copy.load(&text, syntax).unwrap().added, 3, "{syntax}");
    }
    let error = snapshot
        .query_to_writer(
            &parse("ASK {}").unwrap(),
            ResultFormat::Rdf(RdfSyntax::Turtle),
            &QueryLimits::within(Duration::from_secs(1)),
            Vec::new(),
        )
        .unwrap_err();
    assert!(matches!(error, StoreError::Unsupported(_)));
}

#[test]
fn the_plain_dataset_is_the_told_default_graph_with_the_inferred_facts() {
    let bench = Bench::new();
    let node = |name: &str| NamedNode::new(format!("http://e.org/{name}")).unwrap();
    let quad = |name: &str, graph: GraphName| Quad::new(node(name), node("p"), node("o"), graph);
    let delta = Delta {
        added: vec![
            quad("told", GraphName::DefaultGraph),
            quad("named", graph("g")),
            quad("inferred", NamedNode::new(INFERRED_GRAPH).unwrap().into()),
        ],
        removed: Vec::new(),
    };
    bench.kb.writer().apply(delta, &Quiet).unwrap();
    let snapshot = bench.kb.snapshot().unwrap();
    let names = |query: &str, dataset: Dataset| -> Vec<String> {
        let query = CheckedQuery::parse(query, dataset, &ParseLimits::default()).unwrap();
        let mut names: Vec<String> = snapshot
            .select(&query, &QueryLimits::within(Duration::from_secs(5)))
            .unwrap()
            .rows
            .iter()
            .map(|row| {
                let text = row[0].as_ref().unwrap().to_string();
                text.trim_matches(['<', '>'])
                    .rsplit('/')
                    .next()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        names.sort();
        names
    };
    let all = "SELECT ?s { ?s ?p ?o }";
    let g = NamedNode::new("http://example.org/graph/g").unwrap();
    assert_eq!(names(all, Dataset::Plain), ["inferred", "told"]);
    assert_eq!(
        names(all, Dataset::AllGraphs),
        ["inferred", "named", "told"]
    );
    assert_eq!(
        names("SELECT ?s { GRAPH ?g { ?s ?p ?o } }", Dataset::Plain),
        ["inferred", "named"]
    );
    assert_eq!(
        names(
            "SELECT ?s FROM <http://example.org/graph/g> { ?s ?p ?o }",
            Dataset::Plain
        ),
        ["named"]
    );
    let explicit = Dataset::Explicit {
        default: vec![g.into()],
        named: vec![],
    };
    assert_eq!(names(all, explicit.clone()), ["named"]);
    assert_eq!(
        names("SELECT ?s { GRAPH ?g { ?s ?p ?o } }", explicit),
        [""; 0]
    );
}

#[test]
fn a_query_tells_whether_it_orders_and_cuts_its_rows() {
    for (query, ordered, limit) in [
        ("SELECT ?s { ?s ?p ?o }", false, None),
        (
            "SELECT DISTINCT ?s { ?s ?p ?o } ORDER BY DESC(?o) ?s",
            true,
            None,
        ),
        (
            "SELECT ?s { ?s ?p ?o } ORDER BY ?s LIMIT 3 OFFSET 1",
            true,
            Some(3),
        ),
        ("SELECT REDUCED ?s { ?s ?p ?o } LIMIT 200", false, Some(200)),
        (
            "SELECT ?s { { SELECT ?s { ?s ?p ?o } ORDER BY ?s LIMIT 1 } }",
            false,
            None,
        ),
        ("SELECT (COUNT(?s) AS ?n) { ?s ?p ?o }", false, None),
        ("ASK { ?s ?p ?o }", false, None),
    ] {
        let parsed = parse(query).unwrap();
        assert_eq!(
            (parsed.is_ordered(), parsed.row_limit()),
            (ordered, limit),
            "{query}"
        );
    }
}
