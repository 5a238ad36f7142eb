//! The command line: help, exit codes, JSON, and work on a folder or against a server.

use std::{fs, io::Write, path::Path};

use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use tests::{Cli, Finished, Server, Start, fixtures::LANTERNS};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn file(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> std::path::PathBuf {
    let path = folder.join(name);
    fs::write(&path, content).expect("a file");
    path
}

fn load(data: &Path, file: &Path) -> Finished {
    Cli::new("load lanterns")
        .arg(file)
        .arg("--create")
        .data(data)
        .run()
}

/// A data folder with the archipelago.
fn loaded() -> tempfile::TempDir {
    let data = folder();
    let turtle = file(data.path(), "lanterns.ttl", LANTERNS);
    load(data.path(), &turtle).expect(0);
    data
}

#[test]
fn help_is_there_for_a_newcomer() {
    let run = Cli::new("--help").run().expect(0);
    for command in [
        "serve", "kb", "load", "dump", "ask", "search", "sparql", "proofs", "eval", "check", "key",
        "model", "config",
    ] {
        assert!(
            run.out.contains(command),
            "`{command}` is not in the help: {}",
            run.out
        );
        let help = Cli::new(command).arg("--help").run().expect(0);
        assert!(
            help.out.contains("Usage") && help.out.len() > 200,
            "{command}: {}",
            help.out
        );
    }
    for words in [
        "kb create",
        "kb list",
        "kb delete",
        "proofs verify",
        "key create",
        "key list",
        "key revoke",
        "config show",
    ] {
        Cli::new(words).arg("--help").run().expect(0);
    }
    assert!(Cli::new("--version").run().expect(0).out.contains("0.1.0"));
}

#[test]
fn exit_codes_tell_scripts_what_happened() {
    let data = loaded();
    let on = |words: &str| Cli::new(words).data(data.path());
    on("kb list").run().expect(0);
    Cli::new("no-such-command").run().expect(2);
    Cli::new("load").run().expect(2);
    on("kb list --no-such-flag").run().expect(2);
    on("check atlantis").run().expect(3);
    on("kb delete atlantis --yes").run().expect(3);
    on("kb delete lanterns").run().expect(2);
    on("load atlantis")
        .arg(data.path().join("lanterns.ttl"))
        .run()
        .expect(3);
    on("load lanterns /no/such/file.ttl").run().expect(3);
    on("kb create ../x").run().expect(4);
    on("sparql lanterns").arg("SELECT").run().expect(4);
    let broken = file(
        data.path(),
        "broken.ttl",
        "<http://a.example/s> <http://a.example/p> 1 .\n<broken",
    );
    let run = on("load lanterns").arg(&broken).run().expect(4);
    assert!(
        run.err.contains("broken.ttl:2:"),
        "file, line and column: {}",
        run.err
    );
    Cli::new("kb list --url http://127.0.0.1:9").run().expect(5);
}

#[test]
fn json_is_for_programs() {
    let data = loaded();
    let on = |words: &str| Cli::new(words).data(data.path());
    let list = on("kb list --json").run().expect(0).json();
    assert!(list.to_string().contains("\"lanterns\""), "{list}");
    let check = on("check lanterns --json").run().expect(0).json();
    assert_eq!(check["faults"], json!([]), "{check}");
    assert!(check["quads"].as_u64().is_some_and(|n| n > 100));
    let found = on("search lanterns --json")
        .arg("Gullwatch")
        .run()
        .expect(0)
        .json();
    assert_eq!(found["entities"][0]["entity"]["label"], "Gullwatch");
    let answer = on("ask lanterns --json")
        .arg("Who is the keeper of Gullwatch?")
        .run()
        .expect(0)
        .json();
    assert!(answer.to_string().contains("Ada Merrow"), "{answer}");
    let rows = on("sparql lanterns --json")
        .arg("SELECT ?h { <http://lantern.example/pale> <http://lantern.example/height> ?h }");
    assert_eq!(
        rows.run().expect(0).json()["results"]["bindings"][0]["h"]["value"],
        "52.25"
    );
    on("key create --role read --json").run().expect(0).json();
    on("key list --json").run().expect(0).json();
    on("config show --json").run().expect(0).json();
    let second = file(
        data.path(),
        "more.nt",
        "<http://a.example/s> <http://a.example/p> \"x\" .\n",
    );
    let commit = on("load lanterns --json").arg(&second).run().expect(0);
    commit.json();
}

#[test]
fn people_read_the_answer_with_its_evidence() {
    let data = loaded();
    let run = Cli::new("ask lanterns")
        .arg("Who is the keeper of Gullwatch?")
        .data(data.path())
        .run()
        .expect(0);
    assert!(
        run.out.contains("Ada Merrow") && run.out.contains("[1]"),
        "{}",
        run.out
    );
}

fn triples(data: &Path, kb: &str) -> Vec<String> {
    let run = Cli::new("dump")
        .arg(kb)
        .arg("--format")
        .arg("nq")
        .data(data)
        .run()
        .expect(0);
    let mut lines: Vec<String> = run
        .out
        .lines()
        .filter(|l| !l.is_empty())
        .map(str::to_owned)
        .collect();
    lines.sort();
    lines
}

#[test]
fn what_is_dumped_can_be_loaded_again() {
    let data = loaded();
    let graph = file(
        data.path(),
        "g.ttl",
        "<http://a.example/s> <http://a.example/p> \"in a graph\"@en , 1.50 , <http://a.example/o> .",
    );
    Cli::new("load lanterns --graph http://a.example/g")
        .arg(&graph)
        .data(data.path())
        .run()
        .expect(0);
    let before = triples(data.path(), "lanterns");
    assert!(before.len() > 140 && before.iter().any(|l| l.contains("<http://a.example/g>")));
    let dumped = file(data.path(), "dump.nq", before.join("\n"));
    Cli::new("load copy --create")
        .arg(&dumped)
        .data(data.path())
        .run()
        .expect(0);
    assert_eq!(triples(data.path(), "copy"), before);
    Cli::new("check copy").data(data.path()).run().expect(0);
}

#[test]
fn every_syntax_and_compression_is_loaded() {
    let data = folder();
    let one = "<http://a.example/s> <http://a.example/p> \"one\" .\n";
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(one.as_bytes()).expect("writing to memory");
    let files = [
        file(data.path(), "a.ttl", one),
        file(data.path(), "a.nt", one),
        file(data.path(), "a.nq", one),
        file(data.path(), "a.trig", one),
        file(data.path(), "a.n3", one),
        file(
            data.path(),
            "a.jsonld",
            "{\"@id\": \"http://a.example/s\", \"http://a.example/p\": \"one\"}",
        ),
        file(
            data.path(),
            "a.rdf",
            "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns:a=\"http://a.example/\">\
             <rdf:Description rdf:about=\"http://a.example/s\"><a:p>one</a:p></rdf:Description></rdf:RDF>",
        ),
        file(
            data.path(),
            "a.ttl.gz",
            gzip.finish().expect("writing to memory"),
        ),
        file(
            data.path(),
            "a.nt.zst",
            zstd::encode_all(one.as_bytes(), 3).expect("writing to memory"),
        ),
    ];
    for (index, path) in files.iter().enumerate() {
        let kb = format!("kb{index}");
        Cli::new("load")
            .arg(&kb)
            .arg(path)
            .arg("--create")
            .data(data.path())
            .run()
            .expect(0);
        assert_eq!(
            triples(data.path(), &kb),
            [one.trim()],
            "{}",
            path.display()
        );
    }
    Cli::new("load stdin - --create --format ttl")
        .data(data.path())
        .input(one)
        .run()
        .expect(0);
    assert_eq!(triples(data.path(), "stdin"), [one.trim()]);
}

#[test]
fn several_files_are_loaded_whole_or_not_at_all() {
    let data = loaded();
    let before = triples(data.path(), "lanterns");
    let good = file(
        data.path(),
        "good.nt",
        "<http://a.example/s> <http://a.example/p> 1 .\n".replace(" 1 ", " \"1\" "),
    );
    let broken = file(
        data.path(),
        "bad.nt",
        "<http://a.example/s> <http://a.example/p>\n",
    );
    let run = Cli::new("load lanterns")
        .arg(&good)
        .arg(&broken)
        .data(data.path())
        .run();
    assert_eq!(run.code, Some(4), "{run:#?}");
    assert!(run.err.contains("bad.nt"), "{}", run.err);
    let after = triples(data.path(), "lanterns");
    // Each file is a load of its own: the one that is broken brings nothing.
    let extra: Vec<&String> = after.iter().filter(|l| !before.contains(l)).collect();
    assert!(extra.len() <= 1, "{extra:?}");
}

#[test]
fn loading_a_source_again_replaces_what_it_brought() {
    let data = folder();
    let first = file(
        data.path(),
        "1.nt",
        "<http://a.example/s> <http://a.example/p> \"old\" .\n<http://a.example/s> <http://a.example/p> \"both\" .\n",
    );
    let second = file(
        data.path(),
        "2.nt",
        "<http://a.example/s> <http://a.example/p> \"new\" .\n<http://a.example/s> <http://a.example/p> \"both\" .\n",
    );
    let load = |file: &Path| {
        Cli::new("load a --create --source feed")
            .arg(file)
            .data(data.path())
            .run()
            .expect(0)
    };
    load(&first);
    load(&second);
    let text = triples(data.path(), "a").join("\n");
    assert!(
        text.contains("\"new\"") && text.contains("\"both\"") && !text.contains("\"old\""),
        "{text}"
    );
}

#[test]
fn a_folder_in_use_names_its_owner_and_the_way_around() {
    let server = Server::start();
    server.create_with("lanterns", LANTERNS);
    let run = Cli::new("sparql lanterns")
        .arg("ASK {}")
        .data(server.data())
        .run()
        .expect(5);
    assert!(
        run.err.contains(&server.pid().to_string()),
        "the owner: {}",
        run.err
    );
    assert!(
        run.err.contains("--url") && run.err.contains(server.base()),
        "the way around: {}",
        run.err
    );
    let second = Cli::new("serve --listen 127.0.0.1:0")
        .data(server.data())
        .env("ALMANAC_MODELS_OFF", "true")
        .run();
    assert!(second.code.is_some_and(|c| c != 0), "{second:?}");
    assert_eq!(server.get("/livez").status, 200);
}

#[test]
fn each_command_works_against_a_server() {
    let folder = folder();
    let turtle = file(folder.path(), "lanterns.ttl", LANTERNS);
    let server = Start::default().start();
    let on = |words: &str| Cli::new(words).env("ALMANAC_URL", server.base());
    on("kb create lanterns").run().expect(0);
    on("load lanterns").arg(&turtle).run().expect(0);
    assert!(
        on("kb list --json")
            .run()
            .expect(0)
            .json()
            .to_string()
            .contains("lanterns")
    );
    assert!(
        on("ask lanterns")
            .arg("Who is the keeper of Gullwatch?")
            .run()
            .expect(0)
            .out
            .contains("Ada Merrow")
    );
    assert!(
        on("search lanterns")
            .arg("Gullwatch")
            .run()
            .expect(0)
            .out
            .contains("Gullwatch")
    );
    assert!(
        on("sparql lanterns")
            .arg("ASK { ?s ?p ?o }")
            .run()
            .expect(0)
            .out
            .contains("true")
    );
    let dump = on("dump lanterns --graph default --format nt")
        .run()
        .expect(0);
    assert_eq!(
        dump.out.lines().filter(|l| !l.is_empty()).count() as u64,
        server.quads("lanterns")
    );
    on("check lanterns").run().expect(0);
    let broken = file(
        folder.path(),
        "broken.ttl",
        "<http://a.example/s> <http://a.example/p> 1 .\n<broken",
    );
    let run = on("load lanterns").arg(&broken).run().expect(4);
    assert!(run.err.contains("broken.ttl"), "{}", run.err);
    on("kb delete lanterns --yes").run().expect(0);
    on("check lanterns").run().expect(3);
}

#[test]
fn a_key_opens_a_guarded_server_to_the_command_line() {
    let server = Server::start();
    let run = Cli::new("key create --role admin")
        .data(server.data())
        .run()
        .expect(0);
    let key = run
        .out
        .split_whitespace()
        .find(|w| w.starts_with("alm_"))
        .expect("a key")
        .to_owned();
    let on = |words: &str| Cli::new(words).env("ALMANAC_URL", server.base());
    let refused = on("kb list").run();
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.err.to_lowercase().contains("key"),
        "{}",
        refused.err
    );
    on("kb list").env("ALMANAC_KEY", &key).run().expect(0);
    on("kb list --key").arg(&key).run().expect(0);
}

#[test]
fn configuration_says_where_each_value_came_from() {
    let data = folder();
    file(data.path(), "almanac.toml", "[limits]\nqueue = 7\n");
    let run = Cli::new("config show")
        .data(data.path())
        .env("ALMANAC_LIMITS_SPARQL_MS", "1234")
        .run()
        .expect(0);
    assert!(
        run.out.contains("1234") && run.out.contains("almanac.toml"),
        "{}",
        run.out
    );
    file(data.path(), "almanac.toml", "[limits]\nno_such_limit = 7\n");
    let run = Cli::new("config show").data(data.path()).run();
    assert!(
        run.code.is_some_and(|c| c != 0) && run.err.contains("no_such_limit"),
        "{run:?}"
    );
}
