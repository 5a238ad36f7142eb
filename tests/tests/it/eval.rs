//! `almanac eval`: figures, how far confidence can be relied on, and how one question was answered.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};
use tests::{Cli, Server, fixtures::LANTERNS};

/// Questions about the archipelago; what is called right of the one before the last is wrong.
fn questions() -> Vec<Value> {
    vec![
        json!({"id": "keeper", "question": "Who is the keeper of Brannoch Light?", "answers": ["tobias fenn"], "hops": 1}),
        json!({"id": "count", "question": "How many lighthouses stand on Korrin?", "answers": ["2.000000001"],
            "operator": "count", "nested": false}),
        json!({"id": "yes", "question": "Is Ada Merrow the keeper of Gullwatch?", "answers": ["yes"], "operator": "yes/no"}),
        json!({"id": "no", "question": "Is Ines Calloway the keeper of Gullwatch?", "answers": ["No"], "operator": "yes/no"}),
        json!({"id": "none", "question": "Which islands are connected by a causeway to Lonely Skerry?",
            "answers": [], "status": "none"}),
        json!({"id": "unknown", "question": "Who is the mayor of Quito?", "status": "abstained"}),
        json!({"id": "wrong", "question": "Where was Tobias Fenn born?", "answers": ["Korrin"], "hops": 1}),
        json!({"id": "hello", "question": "Hello!", "status": "ungrounded"}),
    ]
}

struct Bench {
    folder: tempfile::TempDir,
    questions: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let turtle = folder.path().join("lanterns.ttl");
        fs::write(&turtle, LANTERNS).expect("a file");
        Cli::new("load lanterns --create")
            .arg(&turtle)
            .data(folder.path())
            .run()
            .expect(0);
        let lines: Vec<String> = questions().iter().map(Value::to_string).collect();
        let questions = folder.path().join("questions.jsonl");
        fs::write(&questions, lines.join("\n")).expect("a file");
        Self { folder, questions }
    }

    fn eval(&self, words: &str) -> Cli {
        let begun = Cli::new("eval --kb lanterns --questions")
            .arg(&self.questions)
            .data(self.folder.path());
        words.split_whitespace().fold(begun, Cli::arg)
    }
}

fn close(value: &Value, expected: f64) -> bool {
    value.as_f64().is_some_and(|v| (v - expected).abs() < 1e-9)
}

#[test]
fn statuses_numbers_and_truth_values_are_judged() {
    let bench = Bench::new();
    let report = bench
        .eval("--json - --mistakes 8")
        .env("ALMANAC_MODELS_OFF", "true")
        .run()
        .expect(0)
        .json();
    let ids: Vec<&str> = report["mistakes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|m| m["id"].as_str())
        .collect();
    assert_eq!(ids, ["wrong"], "{report:#}");
    assert_eq!(report["n"], 8);
    for figure in ["hits_at_1", "exact", "f1"] {
        assert!(
            close(&report["answers"][figure]["value"], 0.875),
            "{figure}: {report:#}"
        );
    }
    assert!(close(&report["answers"]["wrong"]["value"], 0.125));
    assert!(close(&report["answers"]["abstained"]["value"], 0.125));

    let records = report["records"].as_array().cloned().unwrap_or_default();
    assert_eq!(records.len(), 8);
    assert_eq!(
        (
            &records[4]["status"],
            &records[5]["status"],
            &records[7]["status"]
        ),
        (&json!("none"), &json!("abstained"), &json!("ungrounded"))
    );
    let groups: Vec<String> = report["breakdown"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|g| format!("{} {} {}", g["by"], g["value"], g["n"]).replace('"', ""))
        .collect();
    assert_eq!(
        groups,
        [
            "operator count 1",
            "operator yes/no 2",
            "nested false 1",
            "hops 1 2"
        ]
    );

    let calibration = &report["calibration"];
    assert_eq!(calibration["answered"], 6, "{calibration}");
    let curve = calibration["curve"].as_array().cloned().unwrap_or_default();
    let last = curve.last().expect("a point");
    assert!(
        close(&last["coverage"], 0.75) && close(&last["risk"], 1.0 / 6.0),
        "{last}"
    );
    for figure in ["auroc", "ece", "aurc"] {
        assert!(
            calibration[figure]
                .as_f64()
                .is_some_and(|v| (0.0..=1.0).contains(&v)),
            "{figure}: {calibration}"
        );
    }
    assert_eq!(
        calibration["bins"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|b| b["n"].as_u64())
            .sum::<u64>(),
        6
    );
}

#[test]
fn people_read_the_same_figures() {
    let bench = Bench::new();
    let run = bench
        .eval("--no-model")
        .env("ALMANAC_MODELS_OFF", "true")
        .run()
        .expect(0);
    for words in [
        "exact denotation",
        "AUROC",
        "ECE",
        "  coverage 0.750 ",
        " risk 0.167, confidence >= ",
        "operator count",
        "hops 1",
    ] {
        assert!(run.out.contains(words), "{words}: {}", run.out);
    }
}

#[test]
fn one_question_is_explained() {
    let bench = Bench::new();
    let explain = |id: &str| {
        bench
            .eval("--no-model --explain")
            .arg(id)
            .env("ALMANAC_MODELS_OFF", "true")
            .run()
    };
    let run = explain("keeper").expect(0);
    for words in [
        "keeper  Who is the keeper",
        "right:   tobias fenn",
        "answers: Tobias Fenn",
        "status:  grounded",
        "mentions: ",
        "readings: ",
        "features: ",
        "http://lantern.example/keptBy",
    ] {
        assert!(run.out.contains(words), "{words}: {}", run.out);
    }
    let run = explain("none").expect(0);
    assert!(run.out.contains("right:   (status none)"), "{}", run.out);
    let run = explain("no such id").expect(3);
    assert!(run.err.contains("no such id"), "{}", run.err);
    let json = bench
        .eval("--json - --explain keeper")
        .env("ALMANAC_MODELS_OFF", "true")
        .run()
        .expect(0)
        .json();
    assert!(json["explanation"]["readings"].is_array(), "{json}");

    let server = Server::start();
    server.create_with("lanterns", LANTERNS);
    let run = Cli::new("eval --kb lanterns --explain keeper --questions")
        .arg(&bench.questions)
        .env("ALMANAC_URL", server.base())
        .run()
        .expect(0);
    assert!(run.out.contains("readings: "), "{}", run.out);
}

#[test]
fn ways_of_answering_are_compared() {
    let bench = Bench::new();
    let run = bench
        .eval("--density")
        .env("ALMANAC_MODELS_OFF", "true")
        .run()
        .expect(0);
    assert!(
        run.out.contains("grounded, no language model"),
        "{}",
        run.out
    );
    assert!(
        !run.out.contains("closed book"),
        "there is no model: {}",
        run.out
    );
    bench.eval("--density --no-model").run().expect(2);

    let Some(models) = tests::models() else {
        return;
    };
    let report = bench
        .eval("--density --json - --sample 3 --models")
        .arg(&models)
        .run()
        .expect(0)
        .json();
    let ways = report["density"]["ways"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let names: Vec<&str> = ways.iter().filter_map(|w| w["name"].as_str()).collect();
    assert_eq!(
        names,
        [
            "closed book",
            "free RAG",
            "grounded",
            "grounded, no language model"
        ]
    );
    let of = |way: usize, member: &str| {
        ways[way][member]
            .as_u64()
            .unwrap_or_else(|| panic!("{member}: {ways:#?}"))
    };
    assert!(of(0, "parameters") > 100_000_000 && of(0, "knowledge_bytes") == 0);
    assert!(of(1, "knowledge_bytes") > 1_000);
    assert_eq!(
        of(2, "parameters"),
        of(0, "parameters") + of(3, "parameters")
    );
    assert!(of(3, "parameters") > 10_000_000 && of(3, "model_bytes") > 10_000_000);
    for way in &ways {
        assert!(
            way["cost"]["p95_ms"].as_f64() >= way["cost"]["p50_ms"].as_f64(),
            "{way}"
        );
        assert!(
            way["right"]["low"].as_f64() <= way["right"]["high"].as_f64(),
            "{way}"
        );
    }
}

#[test]
fn a_file_that_is_none_of_questions_is_refused_with_its_line() {
    let bench = Bench::new();
    for (text, code, reason) in [
        ("", 4, "no question"),
        ("{\"id\": \"a\"}", 4, "line 1"),
        (
            "\n{\"id\": \"a\", \"question\": \"?\", \"status\": \"lost\"}",
            4,
            "line 2",
        ),
        ("[]", 4, "line 1"),
    ] {
        fs::write(&bench.questions, text).expect("a file");
        let run = bench.eval("--no-model").run().expect(code);
        assert!(run.err.contains(reason), "{text}: {}", run.err);
    }
}

#[test]
fn the_ranking_is_taken_apart() {
    let bench = Bench::new();
    // Only coverage tells that another lighthouse is meant.
    let passed_over = json!({"id": "unknown name", "question": "Who is the keeper of Brannoch Light in Sweden?", "status": "abstained"});
    let lines = fs::read_to_string(&bench.questions).expect("questions");
    fs::write(&bench.questions, format!("{lines}\n{passed_over}")).expect("a file");
    let report = bench
        .eval("--no-model --ablate --json -")
        .env("ALMANAC_MODELS_OFF", "true")
        .run()
        .expect(0)
        .json();
    let ablation = &report["ablation"];
    let rows = ablation["rows"].as_array().cloned().unwrap_or_default();
    let names: Vec<&str> = rows.iter().filter_map(|r| r["without"].as_str()).collect();
    assert_eq!(
        names,
        [
            "link",
            "prior",
            "predicate",
            "coverage",
            "kind",
            "missed",
            "thesaurus",
            "embeddings",
            "kinds"
        ]
    );
    let of = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let full = of(&ablation["full"]["value"]);
    assert!(
        close(&report["answers"]["hits_at_1"]["value"], full),
        "{ablation}"
    );
    for row in &rows {
        let (hits, difference) = (&row["hits_at_1"]["value"], &row["difference"]);
        assert!(close(hits, full + of(&difference["value"])), "{row}");
        assert!(of(&difference["low"]) <= of(&difference["value"]), "{row}");
        assert!(of(&difference["high"]) >= of(&difference["value"]), "{row}");
        assert!(of(&row["wrong"]["value"]) + of(hits) <= 1.0, "{row}");
        // There is no model that could be missed.
        if row["without"] == "embeddings" {
            assert_eq!((&row["lost"], &row["won"]), (&json!(0), &json!(0)));
        }
    }
    // A reading that passes over a word is then as good as one that does not.
    let coverage = &rows[3];
    assert!(coverage["lost"].as_u64() > Some(0), "{coverage}");

    let run = bench
        .eval("--no-model --ablate --sample 2")
        .env("ALMANAC_MODELS_OFF", "true")
        .run()
        .expect(0);
    assert!(run.out.contains("  without thesaurus"), "{}", run.out);
    let server = Server::start();
    server.create_with("lanterns", LANTERNS);
    let run = Cli::new("eval --kb lanterns --ablate --questions")
        .arg(&bench.questions)
        .env("ALMANAC_URL", server.base())
        .run()
        .expect(2);
    assert!(run.err.contains("--data"), "{}", run.err);
}
