//! SPARQL that cannot be run, or not be run to its end.

use std::time::{Duration, Instant};

use tests::encode;

use super::Untouched;

#[test]
fn sparql_that_cannot_be_run_is_400() {
    let kb = Untouched::new();
    let nested = |open: &str, close: &str| {
        format!(
            "ASK {{ FILTER({}1=1{}) }}",
            open.repeat(10_000),
            close.repeat(10_000)
        )
    };
    for query in [
        "SELECT".to_owned(),
        "SELECT * WHERE { ?s ?p ?o ".to_owned(),
        "SELECT * WHERE { SERVICE <http://127.0.0.1:9/sparql> { ?s ?p ?o } }".to_owned(),
        "SELECT * WHERE { SERVICE SILENT <http://127.0.0.1:9/sparql> { ?s ?p ?o } }".to_owned(),
        "SELECT * WHERE { ?s ?p ?o FILTER EXISTS { SERVICE ?o { ?a ?b ?c } } }".to_owned(),
        "LOAD <http://127.0.0.1:9/data>".to_owned(),
        "DELETE WHERE { ?s ?p ?o }".to_owned(),
        "INSERT DATA { <http://a.example/s> <http://a.example/p> 1 }".to_owned(),
        "DROP ALL".to_owned(),
        nested("(", ")"),
        nested("!(", ")"),
        format!("ASK {}{}", "{".repeat(10_000), "}".repeat(10_000)),
        format!(
            "ASK {{ <http://a.example/s> {}<http://a.example/p>{} ?o }}",
            "(".repeat(10_000),
            ")".repeat(10_000)
        ),
    ] {
        let began = Instant::now();
        let reply = kb.server.sparql("lanterns", &query, "*/*");
        let start: String = query.chars().take(60).collect();
        assert!(
            matches!(reply.status, 400 | 403 | 413),
            "{start}: {reply:?}"
        );
        reply.problem(reply.status);
        assert!(
            began.elapsed() < Duration::from_secs(3),
            "{start}: {:?}",
            began.elapsed()
        );
    }
    kb.assert();
}

#[test]
fn a_query_that_would_run_for_hours_ends_with_its_deadline() {
    let kb = Untouched::new();
    let values = |name: &str| {
        let list: String = (0..900).map(|i| format!("{i} ")).collect();
        format!("VALUES ?{name} {{ {list} }}")
    };
    let over_store = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?o ?q . ?r ?s ?t }".to_owned();
    let over_values = format!(
        "SELECT (COUNT(*) AS ?n) {{ {} {} {} {} }}",
        values("a"),
        values("b"),
        values("c"),
        values("d")
    );
    let over_paths = "SELECT (COUNT(*) AS ?n) { ?a (!<http://a.example/x>)* ?b . ?c (!<http://a.example/x>)* ?d . ?e (!<http://a.example/x>)* ?f }".to_owned();
    for query in [over_store, over_values, over_paths] {
        let began = Instant::now();
        let path = format!("/kb/lanterns/sparql?timeout=2000&query={}", encode(&query));
        let reply = kb.server.get(&path);
        let took = began.elapsed();
        assert!(matches!(reply.status, 400 | 408 | 413), "{reply:?}");
        reply.problem(reply.status);
        assert!(
            took < Duration::from_millis(3_000),
            "a deadline of 2 s took {took:?}"
        );
    }
    // Nothing goes on running behind the scenes: the pool has all its threads again.
    let began = Instant::now();
    for _ in 0..20 {
        assert!(kb.server.ask("lanterns", "ASK { ?s ?p ?o }"));
    }
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
    kb.assert();
}
