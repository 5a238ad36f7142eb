//! The clients that people use, as they are installed from their registries, against the real server.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use tests::{
    Cli, Server, Start,
    fixtures::{DOCUMENTS, LANTERNS},
    from_environment, strict,
};

fn scripts() -> PathBuf {
    tests::package().join("clients")
}

/// The server that the scripts expect: a knowledge base `lanterns` with documents, models if they are there.
fn server() -> Server {
    let mut start = Start::default();
    if let Some(models) = tests::models() {
        start = start.models(&models);
    }
    let server = start.start();
    server.create_with("lanterns", LANTERNS);
    server
        .call("POST", "/kb/lanterns/documents")
        .body("application/x-ndjson", DOCUMENTS)
        .send()
        .expect(200);
    server
}

/// Runs a script that finds the server by its environment, as a user's would.
fn run(server: &Server, program: &Path, script: &Path, key: &str) {
    let output = Command::new(program)
        .arg(script)
        .env("ALMANAC_URL", server.base())
        .env("ALMANAC_KEY", key)
        .env_remove("OPENAI_API_KEY")
        .env_remove("OPENAI_BASE_URL")
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .unwrap_or_else(|e| panic!("{}: {e}", program.display()));
    assert!(
        output.status.success(),
        "{} failed:\n{}\n{}",
        script.display(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Whether a client is installed; on CI it must be.
fn installed(program: &Path, arguments: &[&str], directory: &Path) -> bool {
    let there = Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .output()
        .is_ok_and(|o| o.status.success());
    if !there {
        let text = format!(
            "{} {} fails: run scripts/setup.sh test",
            program.display(),
            arguments.join(" ")
        );
        assert!(!strict(), "{text}");
        eprintln!("skipped: {text}");
    }
    there
}

pub(super) fn python() -> Option<PathBuf> {
    let python = from_environment("ALMANAC_PYTHON", "venv/bin/python");
    installed(&python, &["-c", "import openai, rdflib"], Path::new("/")).then_some(python)
}

fn node() -> Option<PathBuf> {
    let folder = scripts().join("node");
    let arguments = ["--input-type=module", "-e", "import 'openai'"];
    installed(Path::new("node"), &arguments, &folder).then(|| PathBuf::from("node"))
}

#[test]
fn openai_for_python() {
    let Some(python) = python() else { return };
    run(
        &server(),
        &python,
        &scripts().join("python/openai_client.py"),
        "none-is-needed",
    );
}

#[test]
fn openai_for_node() {
    let Some(node) = node() else { return };
    run(
        &server(),
        &node,
        &scripts().join("node/openai_client.mjs"),
        "none-is-needed",
    );
}

#[test]
fn rdflib() {
    let Some(python) = python() else { return };
    run(
        &server(),
        &python,
        &scripts().join("python/rdflib_client.py"),
        "",
    );
}

#[test]
fn curl() {
    run(&server(), Path::new("bash"), &scripts().join("curl.sh"), "");
}

/// All of them again with keys: the SDKs send Bearer, rdflib knows only Basic.
#[test]
fn every_client_with_a_key() {
    let server = server();
    let created = Cli::new("key create --role admin")
        .data(server.data())
        .run()
        .expect(0);
    let key = created
        .out
        .split_whitespace()
        .find(|w| w.starts_with("alm_"))
        .expect("a key");
    server.get("/kb").problem(401);
    if let Some(python) = python() {
        run(
            &server,
            &python,
            &scripts().join("python/openai_client.py"),
            key,
        );
        run(
            &server,
            &python,
            &scripts().join("python/rdflib_client.py"),
            key,
        );
    }
    if let Some(node) = node() {
        run(
            &server,
            &node,
            &scripts().join("node/openai_client.mjs"),
            key,
        );
    }
    run(&server, Path::new("bash"), &scripts().join("curl.sh"), key);
}
