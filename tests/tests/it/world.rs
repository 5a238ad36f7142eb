//! The demo's questions over the real knowledge base, all through HTTP. What is expected is computed by
//! independent SPARQL, or is short enough to be known.

use std::collections::BTreeSet;

use serde_json::Value;
use tests::{Cli, Server, Start, world_turtle};

const W: &str = "PREFIX w: <http://almanac.example/world/> \
                 PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> ";

/// What a question must be answered with.
enum Expected {
    /// The labels, exactly, as a set.
    Labels(BTreeSet<String>),
    /// One literal.
    Value(String),
    /// A known empty set.
    Nothing,
    /// That the knowledge base does not hold this.
    Abstention,
}

fn labels<'a>(names: impl IntoIterator<Item = &'a str>) -> Expected {
    Expected::Labels(names.into_iter().map(str::to_owned).collect())
}

/// The labels of the things that a pattern binds to `?x`.
fn by_sparql(server: &Server, pattern: &str) -> Expected {
    let column = server.column(
        "world",
        &format!("{W} SELECT DISTINCT ?l {{ {pattern} ?x rdfs:label ?l }}"),
    );
    assert!(!column.is_empty(), "{pattern}");
    Expected::Labels(column.into_iter().collect())
}

/// The one value that a pattern binds to `?x`.
fn value(server: &Server, pattern: &str) -> Expected {
    let column = server.column("world", &format!("{W} SELECT ?x {{ {pattern} }}"));
    assert_eq!(column.len(), 1, "{pattern}: {column:?}");
    Expected::Value(column[0].clone())
}

fn count(server: &Server, pattern: &str) -> Expected {
    let column = server.column(
        "world",
        &format!("{W} SELECT (COUNT(DISTINCT ?x) AS ?n) {{ {pattern} }}"),
    );
    Expected::Value(column[0].clone())
}

fn cases(server: &Server) -> Vec<(&'static str, Expected)> {
    let euro = by_sparql(server, "?x w:currency/w:currencyCode \"EUR\" .");
    assert!(
        matches!(&euro, Expected::Labels(l) if l.len() > 20),
        "the euro is used by many"
    );
    let millions = count(
        server,
        "?x a w:City ; w:country/rdfs:label \"Japan\"@en ; w:population ?n FILTER(?n > 1000000)",
    );
    let largest = by_sparql(
        server,
        "{ SELECT ?x { ?x a w:City ; w:country/rdfs:label \"Brazil\"@en ; w:population ?n } ORDER BY DESC(?n) LIMIT 1 }",
    );
    vec![
        ("What is the capital of Chad?", labels(["N'Djamena"])),
        (
            "Which countries border Laos?",
            labels(["China", "Vietnam", "Cambodia", "Thailand", "Myanmar"]),
        ),
        ("What is the currency of Peru?", labels(["Peruvian sol"])),
        (
            "How many countries border Germany?",
            count(server, "?x w:borders/rdfs:label \"Germany\"@en"),
        ),
        (
            "What is the population of Nairobi?",
            value(
                server,
                "?c a w:City ; rdfs:label \"Nairobi\" ; w:population ?x",
            ),
        ),
        ("What is the most populous city in Brazil?", largest),
        ("Which continent is Bhutan in?", labels(["Asia"])),
        (
            "Is Lima the capital of Peru?",
            Expected::Value("true".to_owned()),
        ),
        ("Which countries use the euro?", euro),
        ("Which has more people, Lagos or Cairo?", labels(["Lagos"])),
        (
            "How many cities in Japan have more than one million inhabitants?",
            millions,
        ),
        ("Which countries border Iceland?", Expected::Nothing),
        ("What is the captial of Kyrgystan?", labels(["Bishkek"])),
        ("Who is the mayor of Quito?", Expected::Abstention),
        ("What is the capital of Atlantis?", Expected::Abstention),
        ("What is the population of Gondor?", Expected::Abstention),
    ]
}

/// A term as SPARQL writes it.
fn term(term: &Value) -> String {
    let text = term["value"].as_str().unwrap_or_default();
    match term["type"].as_str() {
        Some("uri") => format!("<{text}>"),
        _ => {
            let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
            match (term["xml:lang"].as_str(), term["datatype"].as_str()) {
                (Some(language), _) => format!("\"{escaped}\"@{language}"),
                (None, Some(datatype)) => format!("\"{escaped}\"^^<{datatype}>"),
                (None, None) => format!("\"{escaped}\""),
            }
        }
    }
}

/// What is wrong with an answer, if anything.
fn fault(server: &Server, message: &Value, expected: &Expected) -> Option<String> {
    let grounding = &message["grounding"];
    let status = grounding["status"].as_str().unwrap_or_default();
    let wanted = match expected {
        Expected::Nothing => "none",
        Expected::Abstention => "abstained",
        Expected::Labels(_) | Expected::Value(_) => "grounded",
    };
    if status != wanted {
        return Some(format!(
            "status {status} ({}) instead of {wanted}",
            grounding["reason"]
        ));
    }
    let answers: Vec<&Value> = grounding["answers"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    match expected {
        Expected::Labels(labels) => {
            let found: BTreeSet<String> = answers
                .iter()
                .filter_map(|t| t["label"].as_str())
                .map(str::to_owned)
                .collect();
            if &found != labels || found.len() != answers.len() {
                return Some(format!("{found:?} instead of {labels:?}"));
            }
        }
        Expected::Value(value) => {
            if answers.len() != 1 || answers[0]["value"] != value.as_str() {
                return Some(format!("{answers:?} instead of {value}"));
            }
        }
        Expected::Nothing | Expected::Abstention => {
            if !answers.is_empty() {
                return Some(format!("{answers:?} instead of nothing"));
            }
        }
    }
    citations_fault(server, message, wanted == "grounded")
}

/// Each citation must be a fact of the store, and what is grounded must have some that the text refers to.
fn citations_fault(server: &Server, message: &Value, needed: bool) -> Option<String> {
    let content = message["content"].as_str().unwrap_or_default();
    let citations: Vec<&Value> = message["grounding"]["citations"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    if needed && citations.is_empty() {
        return Some("no citations".to_owned());
    }
    if needed && !content.contains(&format!("[{}]", citations[0]["id"])) {
        return Some(format!("no marker in {content:?}"));
    }
    for citation in citations {
        let [s, p, o] = ["subject", "predicate", "object"].map(|part| term(&citation[part]));
        let triple = format!("{s} {p} {o}");
        let pattern = citation["graph"]
            .as_str()
            .map_or_else(|| triple.clone(), |g| format!("GRAPH <{g}> {{ {triple} }}"));
        if citation["kind"] != "fact" || !server.ask("world", &format!("ASK {{ {pattern} }}")) {
            return Some(format!("the citation is no fact of the store: {citation}"));
        }
    }
    None
}

// One test, because the knowledge base takes a while to load.
#[test]
fn sixteen_questions_about_the_world() {
    let (Some(turtle), Some(models)) = (world_turtle(), tests::models()) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    Cli::new("load world --create --source world")
        .arg(&turtle)
        .data(folder.path())
        .run()
        .expect(0);
    let server = Start::default().on(folder.path()).models(&models).start();
    let cases = cases(&server);
    assert_eq!(cases.len(), 16);
    let mut wrong = Vec::new();
    for (question, expected) in &cases {
        let message = server.question("world", question);
        let fault = fault(&server, &message, expected);
        eprintln!(
            "{} {question}\n     {}",
            if fault.is_none() { "ok  " } else { "FAIL" },
            message["content"]
        );
        if let Some(fault) = fault {
            wrong.push(format!(
                "{question}\n  {fault}\n  {}\n  {}",
                message["content"], message["grounding"]["sparql"]
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} are wrong:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
    drop(server);
    let report = Cli::new("check world --json")
        .data(folder.path())
        .run()
        .expect(0)
        .json();
    assert_eq!(report["faults"], serde_json::json!([]));
}
