//! Keys: roles, expiry, revocation, and what is open without one.

use std::{
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::Path,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tests::{Cli, Reply, Server, Start, fixtures::LANTERNS};

fn create(data: &Path, words: &str) -> String {
    let run = Cli::new(&format!("key create {words}"))
        .data(data)
        .run()
        .expect(0);
    run.out
        .split_whitespace()
        .find(|word| word.starts_with("alm_"))
        .unwrap_or_else(|| panic!("no key was printed: {run:?}"))
        .to_owned()
}

fn server() -> Server {
    let server = Server::start();
    server.create_with("lanterns", LANTERNS);
    server
}

fn chat() -> Value {
    json!({ "model": "lanterns", "messages": [{ "role": "user", "content": "Who is the keeper of Gullwatch?" }] })
}

#[test]
fn once_a_key_exists_one_is_needed() {
    let server = server();
    server.post("/v1/chat/completions", &chat()).expect(200);
    let key = create(server.data(), "--role read");

    let refused = server.get("/kb");
    refused.problem(401);
    let schemes: Vec<&str> = refused
        .headers
        .iter()
        .filter(|(n, _)| n == "www-authenticate")
        .map(|(_, v)| v.as_str())
        .collect();
    assert!(
        schemes.iter().any(|s| s.starts_with("Bearer"))
            && schemes.iter().any(|s| s.starts_with("Basic"))
    );
    let error = server
        .post("/v1/chat/completions", &chat())
        .openai_error(401);
    assert_eq!(error["code"], "invalid_api_key");
    assert_eq!(error["type"], "authentication_error");
    for path in ["/livez", "/readyz", "/openapi.json", "/"] {
        assert_eq!(server.get(path).status, 200, "{path} is open to all");
    }

    server.with_key(&key).get("/kb").expect(200);
    server.with_key(&format!("{key}x")).get("/kb").problem(401);
    server
        .with_key(&key[..key.len() - 1])
        .get("/kb")
        .problem(401);
    server.authorized("Bearer").get("/kb").problem(401);
    server
        .authorized(&format!("Digest {key}"))
        .get("/kb")
        .problem(401);
}

#[test]
fn basic_carries_the_key_as_password() {
    let server = server();
    let key = create(server.data(), "--role read");
    let basic = |user: &str, password: &str| {
        format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
    };
    server
        .authorized(&basic("anyone", &key))
        .get("/kb")
        .expect(200);
    server.authorized(&basic("", &key)).get("/kb").expect(200);
    server.authorized(&basic(&key, "")).get("/kb").problem(401);
    server
        .authorized(&basic("anyone", "wrong"))
        .get("/kb")
        .problem(401);
    server.authorized("Basic !!!").get("/kb").problem(401);
}

#[test]
fn each_role_may_do_what_it_may() {
    let server = server();
    let keys = ["read", "write", "admin"]
        .map(|role| create(server.data(), &format!("--role {role} --name {role}-key")));
    let statuses = |send: &dyn Fn(&tests::Client) -> Reply| {
        keys.each_ref()
            .map(|key| send(&server.with_key(key)).status)
    };
    let ok = |statuses: [u16; 3]| statuses.map(|s| (200..300).contains(&s));

    assert_eq!(ok(statuses(&|c| c.get("/kb/lanterns"))), [true, true, true]);
    assert_eq!(
        ok(statuses(&|c| c.post("/v1/chat/completions", &chat()))),
        [true, true, true]
    );
    assert_eq!(
        ok(statuses(&|c| c.sparql("lanterns", "ASK {}", "*/*"))),
        [true, true, true]
    );
    assert_eq!(
        ok(statuses(&|c| c.get("/kb/lanterns/search?q=Velda"))),
        [true, true, true]
    );

    let graph = "http://lantern.example/graph";
    let turtle = "<http://a.example/s> <http://a.example/p> 1 .";
    assert_eq!(
        ok(statuses(&|c| c.put_turtle("lanterns", Some(graph), turtle))),
        [false, true, true]
    );
    let document = json!({ "id": "d", "text": "A text." });
    assert_eq!(
        ok(statuses(&|c| c.post("/kb/lanterns/documents", &document))),
        [false, true, true]
    );

    assert_eq!(
        statuses(&|c| c.post("/kb", &json!({ "name": "new" }))),
        [403, 403, 201]
    );
    assert_eq!(statuses(&|c| c.delete("/kb/new")), [403, 403, 204]);
    server
        .with_key(&keys[0])
        .put_turtle("lanterns", Some(graph), turtle)
        .problem(403);
}

#[test]
fn a_revoked_or_expired_key_is_refused_at_once() {
    let server = server();
    let data = server.data().to_owned();
    let keep = create(&data, "--role admin --name keep");
    let gone = create(&data, "--role admin --name gone --expires 90d");
    server.with_key(&gone).get("/kb").expect(200);

    let list = Cli::new("key list --json").data(&data).run().expect(0);
    let shown = list.out.clone() + &list.err;
    for key in [&keep, &gone] {
        let secret = key.rsplit('_').next().unwrap_or_default();
        assert!(!shown.contains(secret), "a secret is shown once only");
    }
    let text = std::fs::read_to_string(data.join("keys.json")).expect("the keys");
    assert!(
        !text.contains(&keep) && !text.contains(&gone),
        "keys are hashed at rest"
    );
    let mode = std::fs::metadata(data.join("keys.json"))
        .expect("the keys")
        .permissions()
        .mode();
    assert_eq!(mode & 0o077, 0, "only the owner reads them");

    let id = |key: &str| key.split('_').nth(1).unwrap_or_default().to_owned();
    Cli::new("key revoke")
        .arg(id(&gone))
        .data(&data)
        .run()
        .expect(0);
    server.with_key(&gone).get("/kb").problem(401);
    server.with_key(&keep).get("/kb").expect(200);
    Cli::new("key revoke")
        .arg(id(&gone))
        .data(&data)
        .run()
        .expect(3);

    // The clock cannot be turned, but the end of a key can be moved into the past.
    let old = create(&data, "--role read --name old --expires 1d");
    server.with_key(&old).get("/kb").expect(200);
    let file = data.join("keys.json");
    let mut keys: Value =
        serde_json::from_slice(&std::fs::read(&file).expect("the keys")).expect("JSON");
    for record in keys["keys"].as_array_mut().into_iter().flatten() {
        if record["name"] == "old" {
            record["expires_ms"] = json!(1);
        }
    }
    std::fs::write(&file, keys.to_string()).expect("the keys");
    server.with_key(&old).get("/kb").problem(401);
    server.with_key(&keep).get("/kb").expect(200);
}

#[test]
fn beyond_this_machine_a_key_is_needed_to_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = Cli::new("serve --listen 0.0.0.0:0")
        .data(folder.path())
        .env("ALMANAC_MODELS_OFF", "true")
        .run();
    assert!(run.code.is_some_and(|c| c != 0), "{run:?}");
    assert!(
        run.err.contains("key create") || run.out.contains("key create"),
        "it says what to do: {run:?}"
    );

    let key = create(folder.path(), "--role admin");
    let server = Start::default().on(folder.path()).bind("0.0.0.0:0").start();
    server.get("/kb").problem(401);
    server.with_key(&key).get("/kb").expect(200);
}

#[test]
fn a_container_brings_its_admin_key_in_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("secret");
    std::fs::write(&file, "a-secret-of-the-orchestrator-0123456789\n").expect("the file");
    let server = Start::default()
        .env("ALMANAC_ADMIN_KEY_FILE", file.to_string_lossy())
        .start();
    server.get("/kb").problem(401);
    let admin = server.with_key("a-secret-of-the-orchestrator-0123456789");
    admin.post("/kb", &json!({ "name": "a" })).expect(201);
    drop(server);

    let run = Cli::new("serve --listen 127.0.0.1:0")
        .data(&folder.path().join("data"))
        .env("ALMANAC_MODELS_OFF", "true")
        .env("ALMANAC_ADMIN_KEY_FILE", folder.path().join("missing"))
        .run();
    assert!(
        run.code.is_some_and(|c| c != 0),
        "a key file that is missing must not open the server: {run:?}"
    );
}

#[test]
fn a_foreign_page_cannot_reach_an_open_server_through_a_browser() {
    let server = server();
    let address = server.base().trim_start_matches("http://").to_owned();
    let send = |headers: &str| {
        let mut stream = TcpStream::connect(&address).expect("a connection");
        let request = format!("GET /kb HTTP/1.1\r\n{headers}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sending");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
            .split(' ')
            .nth(1)
            .and_then(|s| s.parse::<u16>().ok())
            .unwrap_or(0)
    };
    assert_eq!(send(&format!("host: {address}")), 200);
    assert_eq!(
        send("host: evil.example"),
        403,
        "a name that was rebound to this machine"
    );
    assert_eq!(
        send(&format!("host: {address}\r\norigin: http://evil.example")),
        403
    );
    assert_eq!(
        send(&format!("host: {address}\r\norigin: http://{address}")),
        200
    );
}
