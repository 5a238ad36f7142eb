//! SPARQL: bounds that hold.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use kg_store::{QueryForm, QueryLimits, RdfSyntax, ResultFormat, StoreError, stragglers};

use crate::queries::{parse, small};
use crate::support::{Bench, column};

/// Tests that count stragglers, of which there is one number for the process, run one by one.
static COUNTING: Mutex<()> = Mutex::new(());

/// Enough rows that a cross join of them would run for days.
fn large() -> Bench {
    let bench = Bench::new();
    let text: String = (0..20_000)
        .map(|number| {
            format!(
                "<http://e.org/{}> <http://e.org/p{}> \"{number}\" .\n",
                number / 4,
                number % 4
            )
        })
        .collect();
    bench.load(&text, RdfSyntax::NTriples).unwrap();
    bench
}

/// The time of the parser or the optimizer must not explode with what the bounds let through.
#[test]
fn nesting_within_the_bounds_is_cheap() {
    let _alone = COUNTING.lock().unwrap_or_else(PoisonError::into_inner);
    let bench = small();
    let snapshot = bench.kb.snapshot().unwrap();
    let nest = |open: &str, middle: &str, close: &str, depth: usize| {
        format!("{}{middle}{}", open.repeat(depth), close.repeat(depth))
    };
    let mut queries = vec![
        format!("ASK {{ FILTER({}) }}", nest("(", "1", ")", 90)),
        format!("ASK {{ FILTER({}) }}", nest("!(", "?x", ")", 8)),
        format!("ASK {{ FILTER({}) }}", nest("-(", "1", ")", 90)),
        format!("ASK {{ FILTER({}) }}", nest("1+(", "1", ")", 90)),
        format!("ASK {{ FILTER({}) }}", nest("1=(", "1", ")", 90)),
        format!("ASK {{ FILTER({}) }}", nest("1 IN (2,", "1", ")", 90)),
        format!("ASK {{ FILTER({}) }}", nest("1 NOT IN (2,", "1", ")", 90)),
        format!("ASK {{ FILTER({}) }}", nest("IF(1,", "1", ",1)", 90)),
        format!("ASK {{ FILTER({}) }}", nest("COALESCE(", "1", ",1)", 90)),
        format!("ASK {{ FILTER({}) }}", nest("CONCAT(", "'a'", ",'b')", 90)),
        format!("ASK {{ FILTER({}) }}", nest("STR(", "'a'", ")", 90)),
        format!("ASK {{ FILTER({}) }}", nest("SUBSTR(", "'a'", ",1)", 8)),
        format!("ASK {{ FILTER({}) }}", nest("REGEX(", "'a'", ",'b')", 8)),
        format!(
            "ASK {{ FILTER({}) }}",
            nest("REPLACE(", "'a'", ",'b','c')", 8)
        ),
        format!(
            "ASK {{ FILTER({}) }}",
            nest("<http://e.org/f>(", "1", ")", 8)
        ),
        format!("ASK {{ {} }}", nest("FILTER EXISTS {", "?s ?p ?o", "}", 45)),
        format!(
            "ASK {{ {} }}",
            nest("FILTER NOT EXISTS {", "?s ?p ?o", "}", 45)
        ),
        format!("ASK {}", nest("{", "?s ?p ?o", "}", 90)),
        format!("ASK {{ {} }}", nest("OPTIONAL {?s ?p ?o ", "", "}", 60)),
        format!("ASK {{ {} }}", nest("{ ?s ?p ?o } UNION {", "", "}", 60)),
        format!("ASK {{ {} }}", nest("MINUS {?s ?p ?o ", "", "}", 60)),
        format!("ASK {{ {} }}", nest("GRAPH ?g {?s ?p ?o ", "", "}", 60)),
        format!("ASK {{ {} }}", nest("{ SELECT * { ", "?s ?p ?o", "} }", 45)),
        format!(
            "ASK {{ {} }}",
            nest("{ SELECT (COUNT(*) AS ?c) { ", "?s ?p ?o", "} }", 45)
        ),
        format!(
            "ASK {{ {} }}",
            nest("{ SELECT (COUNT(*) AS ?c) { ", "?s ?p ?o", "} }", 8)
        ),
        format!("ASK {{ ?s ?p {} }}", nest("[ ?p ", "?o", "]", 90)),
        format!("ASK {{ ?s ?p {} }}", nest("( ", "?o", ")", 90)),
        format!("ASK {{ {} ?p ?o }}", nest("( ", "?o", ")", 90)),
        format!(
            "ASK {{ ?s {} ?o }}",
            nest("(", "<http://e.org/knows>", ")", 90)
        ),
        format!(
            "ASK {{ ?s {} ?o }}",
            nest("^(", "<http://e.org/knows>", ")", 40)
        ),
        format!(
            "ASK {{ ?s {} ?o }}",
            nest("(", "<http://e.org/knows>", ")*", 40)
        ),
        format!(
            "ASK {{ ?s {} ?o }}",
            nest("(<http://e.org/a>|", "<http://e.org/knows>", ")", 30)
        ),
        format!(
            "ASK {{ ?s {} ?o }}",
            nest("(<http://e.org/a>/", "<http://e.org/knows>", ")+", 30)
        ),
        format!(
            "SELECT ({} AS ?x) {{ ?s ?p ?o }}",
            nest("SUM(", "?o", ")", 6)
        ),
        format!(
            "SELECT ({} AS ?x) {{ ?s ?p ?o }}",
            nest("GROUP_CONCAT(DISTINCT ", "?o", ")", 6)
        ),
        format!(
            "SELECT ({} AS ?x) {{ ?s ?p ?o }}",
            nest("(1+", "?o", ")", 90)
        ),
        format!(
            "ASK {{ VALUES ?x {{ {} }} FILTER(?x IN ({} 1)) }}",
            "1 ".repeat(1000),
            "1,".repeat(5000)
        ),
        format!(
            "CONSTRUCT {{ ?s ?p {} }} WHERE {{ ?s ?p ?o }}",
            nest("[ ?p ", "?o", "]", 60)
        ),
        format!("ASK {{ {} }}", "?s ?p ?o . ".repeat(200)),
        format!("ASK {{ {} }}", "OPTIONAL { ?s ?p ?o } ".repeat(200)),
    ];
    let chain: String = (0..200)
        .map(|step| format!("?x{step} ?p{step} ?x{} . ", step + 1))
        .collect();
    queries.push(format!("ASK {{ {chain} }}"));
    let star: String = (0..200)
        .map(|step| format!("?x <http://e.org/{step}> ?y{step} . "))
        .collect();
    queries.push(format!("SELECT * {{ {star} }}"));
    let apart: String = (0..200)
        .map(|step| format!("?x{step} <http://e.org/none> ?y{step} . "))
        .collect();
    queries.push(format!("ASK {{ {apart} }}"));
    for text in queries {
        // Cut short, the parser goes back over all that it might have been.
        for parts in [1, 2, 3, 5] {
            let cut = &text[..text.len() * parts / 6];
            let start = Instant::now();
            assert!(parse(cut).is_err(), "{cut:.80}");
            assert!(start.elapsed() < Duration::from_secs(1), "{cut:.100}");
        }
        let start = Instant::now();
        match parse(&text) {
            Ok(query) => {
                let parsed = start.elapsed();
                let limits = QueryLimits::within(Duration::from_secs(2));
                let outcome = match query.form() {
                    QueryForm::Construct => Ok(()),
                    _ => snapshot.select(&query, &limits).map(|_| ()),
                };
                println!(
                    "parsed in {parsed:?}, all in {:?}: {outcome:?}: {text:.60}",
                    start.elapsed()
                );
            }
            Err(error) => println!("refused in {:?}: {error:.80}: {text:.60}", start.elapsed()),
        }
        while stragglers() > 0 && start.elapsed() < Duration::from_secs(10) {
            thread::sleep(Duration::from_millis(5));
        }
        assert!(start.elapsed() < Duration::from_secs(3), "{text:.100}");
    }
}

fn refused(query: &str) -> String {
    match parse(query) {
        Err(StoreError::QueryRefused(message)) => message,
        Err(other) => panic!("not refused: {query:.80}: {other}"),
        Ok(_) => panic!("not refused: {query:.80}"),
    }
}

#[test]
fn what_is_out_of_proportion_is_refused_at_once() {
    let start = Instant::now();
    for query in [
        format!(
            "ASK {{ FILTER({}1{}) }}",
            "(".repeat(10_000),
            ")".repeat(10_000)
        ),
        format!("ASK {}{}", "{".repeat(10_000), "}".repeat(10_000)),
        format!(
            "ASK {{ ?s ?p {}{} }}",
            "[?p ".repeat(10_000),
            "]".repeat(10_000)
        ),
        format!("ASK {{ ?s ?p {}{} }}", "(".repeat(200), ")".repeat(200)),
        format!("ASK {{ FILTER({}?x{}) }}", "!(".repeat(60), ")".repeat(60)),
        format!("ASK {{ FILTER(1{}) }}", "+1".repeat(60_000)),
        format!("ASK {{ FILTER({}true) }}", "true||".repeat(40_000)),
        format!("ASK {{ {} }}", "OPTIONAL{?s ?p ?o}".repeat(10_000)),
        format!("ASK {{ {{}} {} }}", "UNION{?s ?p ?o}".repeat(10_000)),
        format!(
            "ASK {{ ?s <http://e.org/p>{} ?o }}",
            "/<http://e.org/p>".repeat(500)
        ),
        format!(
            "ASK {{ ?s <http://e.org/p>{} ?o }}",
            "|<http://e.org/p>".repeat(300)
        ),
        format!("SELECT * {{ VALUES ?x {{ {} }} }}", "1 ".repeat(10_001)),
        "SELECT * { SERVICE <http://e.org/sparql> { ?s ?p ?o } }".to_owned(),
        "SELECT * { SERVICE SILENT <http://e.org/sparql> { ?s ?p ?o } }".to_owned(),
        "SELECT * { FILTER EXISTS { SERVICE SILENT ?x { ?s ?p ?o } } }".to_owned(),
    ] {
        let message = refused(&query);
        println!("{message}");
    }
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
    assert!(matches!(
        parse(&" ".repeat(300_000)),
        Err(StoreError::TooLarge { .. })
    ));
}

#[test]
fn products_of_values_are_refused() {
    let values =
        |variable: &str, rows: usize| format!("VALUES ?{variable} {{ {} }} ", "1 ".repeat(rows));
    let list: String = ["a", "b", "c"]
        .iter()
        .map(|variable| values(variable, 1000))
        .collect();
    refused(&format!("SELECT * {{ {list} }}"));
    refused(&format!("SELECT * {{ ?s ?p ?o . {list} }}"));
    refused(&format!(
        "SELECT (COUNT(*) AS ?n) {{ {{ {} }} {{ SELECT ?b ?c {{ {} {} }} }} }}",
        values("a", 1000),
        values("b", 1000),
        values("c", 1000)
    ));
    let pair = format!(
        "SELECT (COUNT(*) AS ?n) {{ {} {} }}",
        values("a", 1000),
        values("b", 1000)
    );
    let bench = small();
    let start = Instant::now();
    assert_eq!(
        column(&bench.kb.snapshot().unwrap(), &pair),
        ["\"1000000\"^^<http://www.w3.org/2001/XMLSchema#integer>"]
    );
    println!("a million rows of VALUES took {:?}", start.elapsed());
}

#[test]
fn strings_that_double_are_refused() {
    let mut query = "SELECT * { ?s ?p ?x0 ".to_owned();
    for step in 1..40 {
        query.push_str(&format!(
            "BIND(CONCAT(?x{0}, ?x{0}) AS ?x{step}) ",
            step - 1
        ));
    }
    query.push('}');
    assert!(refused(&query).contains("string"));
    let nested =
        "REPLACE(".repeat(8) + "'aaaaaaaaaaaaaaaa'" + &", '.', 'bbbbbbbbbbbbbbbb')".repeat(8);
    assert!(refused(&format!("SELECT ({nested} AS ?x) {{}}")).contains("string"));
    // What people write is not.
    parse("SELECT (REPLACE(REPLACE(REPLACE(STR(?x), '&', '&amp;'), '<', '&lt;'), '>', '&gt;') AS ?y) { ?x ?p ?o }")
        .unwrap();
}

#[test]
fn a_syntax_error_has_a_place() {
    match parse("SELECT *\n{ ?s ?p }") {
        Err(StoreError::QuerySyntax {
            line,
            column,
            message,
        }) => {
            assert_eq!(line, 2, "{message}");
            assert!(column > 1);
        }
        other => panic!("{other:?}"),
    }
    for text in [
        "",
        "SELECT",
        "INSERT DATA { <a> <b> <c> }",
        "DROP ALL",
        "é",
        "{",
        "ASK { ?s ?p \"x }",
    ] {
        assert!(
            matches!(parse(text), Err(StoreError::QuerySyntax { .. })),
            "{text}"
        );
    }
}

#[test]
fn queries_that_would_run_for_hours_stop_at_their_deadline() {
    let _alone = COUNTING.lock().unwrap_or_else(PoisonError::into_inner);
    let bench = large();
    let snapshot = bench.kb.snapshot().unwrap();
    let ordered =
        |variable: &str| format!("{{ SELECT ?{variable} {{ ?{variable} ?p ?o }} ORDER BY ?o }}");
    let queries = [
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }".to_owned(),
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }".to_owned(),
        "ASK { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(CONCAT(?c, ?f, ?i) = 'no such value') }".to_owned(),
        "SELECT DISTINCT ?c { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c != ?f) } ORDER BY ?c".to_owned(),
        format!(
            "SELECT (COUNT(*) AS ?n) {{ {} {} {} }}",
            ordered("a"),
            ordered("b"),
            ordered("c")
        ),
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER(REGEX(CONCAT(?c, STR(?d), STR(?a)), '^(a|b)*c.*[xyz]{1,20}$')) }"
            .to_owned(),
        "SELECT * { ?a (<http://e.org/p0>|!<http://e.org/p1>)* ?b . ?c (<http://e.org/p0>|!<http://e.org/p1>)* ?d . ?e <http://e.org/p2> ?f FILTER(CONCAT(STR(?b), STR(?d), ?f) = 'no such value') }".to_owned(),
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f MINUS { ?g ?h ?i . ?j ?k ?l } }".to_owned(),
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c OPTIONAL { ?d ?e ?f . ?g ?h ?i FILTER(?c != ?f) } }".to_owned(),
        "SELECT ?a { ?a ?b ?c FILTER NOT EXISTS { ?d ?e ?f . ?g ?h ?i FILTER(CONCAT(?c, ?f) = ?i) } }".to_owned(),
        "CONSTRUCT { ?a ?b ?i } { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STRLEN(CONCAT(?c, ?f, ?i)) > 90) }".to_owned(),
        "DESCRIBE ?a { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STRLEN(CONCAT(?c, ?f, ?i)) > 90) }".to_owned(),
        "SELECT (GROUP_CONCAT(?c) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }".to_owned(),
        "SELECT ?c (COUNT(DISTINCT ?f) AS ?n) { ?a ?b ?c . ?d ?e ?f } GROUP BY ?c".to_owned(),
    ];
    for text in queries {
        let query = parse(&text).unwrap();
        let start = Instant::now();
        let limits = QueryLimits {
            // A fast machine would reach the limit of what is sorted first.
            max_sorted: usize::MAX,
            ..QueryLimits::within(Duration::from_millis(300))
        };
        let error = match query.form() {
            QueryForm::Select | QueryForm::Ask => snapshot.select(&query, &limits).map(|_| ()),
            _ => snapshot.query_to_writer(
                &query,
                ResultFormat::Rdf(RdfSyntax::NTriples),
                &limits,
                std::io::sink(),
            ),
        }
        .unwrap_err();
        let told = start.elapsed();
        while stragglers() > 0 && start.elapsed() < Duration::from_secs(20) {
            thread::sleep(Duration::from_millis(5));
        }
        let over = start.elapsed();
        println!("told after {told:?}, over after {over:?}: {text:.100}");
        assert!(matches!(error, StoreError::QueryTimeout), "{error}: {text}");
        assert!(told < Duration::from_millis(1300), "{told:?}: {text}");
        assert!(over < Duration::from_millis(1300), "{over:?}: {text}");
    }
}

#[test]
fn a_query_can_be_cancelled_and_bounded() {
    let bench = large();
    let snapshot = bench.kb.snapshot().unwrap();
    let query = parse("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }").unwrap();
    let cancel = Arc::new(AtomicBool::new(false));
    let mut limits = QueryLimits::within(Duration::from_secs(30));
    limits.cancel = Some(Arc::clone(&cancel));
    let start = Instant::now();
    let error = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(100));
            cancel.store(true, Ordering::Relaxed);
        });
        snapshot.select(&query, &limits).unwrap_err()
    });
    assert!(matches!(error, StoreError::Cancelled), "{error}");
    assert!(start.elapsed() < Duration::from_secs(1));

    let mut limits = QueryLimits::within(Duration::from_secs(30));
    limits.max_memory = 64 << 20;
    let start = Instant::now();
    let query =
        parse("SELECT (GROUP_CONCAT(?c) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }").unwrap();
    let error = snapshot.select(&query, &limits).unwrap_err();
    assert!(matches!(error, StoreError::TooLarge { .. }), "{error}");
    println!("64 MiB were reached after {:?}", start.elapsed());

    let all = parse("SELECT * { ?a ?b ?c }").unwrap();
    let mut limits = QueryLimits::within(Duration::from_secs(30));
    limits.max_rows = 100;
    assert!(matches!(
        snapshot.select(&all, &limits),
        Err(StoreError::TooLarge { .. })
    ));
    limits.max_rows = usize::MAX;
    let sorted = parse("SELECT * { ?a ?b ?c } ORDER BY ?c").unwrap();
    assert_eq!(
        snapshot.select(&sorted, &limits).unwrap().rows.len(),
        20_000
    );
    limits.max_sorted = 19_999;
    let error = snapshot.select(&sorted, &limits).unwrap_err();
    assert!(error.to_string().contains("sorts"), "{error}");
    limits.max_bytes = 1000;
    assert!(matches!(
        snapshot.select(&all, &limits),
        Err(StoreError::TooLarge { .. })
    ));
    let mut out = Vec::new();
    assert!(matches!(
        snapshot.query_to_writer(&all, ResultFormat::Csv, &limits, &mut out),
        Err(StoreError::TooLarge { .. })
    ));
}

#[test]
fn a_reader_that_dawdles_is_left_at_the_deadline() {
    struct Slow;
    impl std::io::Write for Slow {
        fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
            thread::sleep(Duration::from_millis(20));
            Ok(data.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let bench = large();
    let snapshot = bench.kb.snapshot().unwrap();
    let query = parse("SELECT * { ?a ?b ?c }").unwrap();
    let start = Instant::now();
    let error = snapshot
        .query_to_writer(
            &query,
            ResultFormat::Xml,
            &QueryLimits::within(Duration::from_millis(200)),
            Slow,
        )
        .unwrap_err();
    assert!(matches!(error, StoreError::QueryTimeout), "{error}");
    assert!(start.elapsed() < Duration::from_millis(1200));
}

#[test]
fn many_at_once_are_served_or_refused() {
    let bench = large();
    let snapshot = bench.kb.snapshot().unwrap();
    let query = parse("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }").unwrap();
    let (mut timeouts, mut overloaded) = (0, 0);
    thread::scope(|scope| {
        let handles: Vec<_> = (0..100)
            .map(|_| {
                scope.spawn(|| {
                    snapshot
                        .select(&query, &QueryLimits::within(Duration::from_millis(200)))
                        .unwrap_err()
                })
            })
            .collect();
        for handle in handles {
            match handle.join().unwrap() {
                StoreError::QueryTimeout => timeouts += 1,
                StoreError::Overloaded => overloaded += 1,
                other => panic!("{other}"),
            }
        }
    });
    println!("{timeouts} timed out, {overloaded} were refused");
    assert!(timeouts > 0 && overloaded > 0);
    // And it goes on.
    assert_eq!(
        column(
            &snapshot,
            "SELECT ?o { <http://e.org/0> <http://e.org/p0> ?o }"
        ),
        ["\"0\""]
    );
}
