//! Probes, metrics, the API's description, the page, and what every response carries.

use serde_json::Value;
use tests::{Server, fixtures::LANTERNS};

#[test]
fn probes_answer() {
    let server = Server::start();
    server.get("/livez").expect(200);
    server.get("/readyz").expect(200);
}

#[test]
fn every_response_has_a_request_id() {
    let server = Server::start();
    let own = server.get("/livez");
    assert!(own.header("x-request-id").is_some_and(|id| !id.is_empty()));
    let given = server
        .call("GET", "/livez")
        .header("x-request-id", "from-the-proxy-1")
        .send();
    assert_eq!(given.header("x-request-id"), Some("from-the-proxy-1"));
    let odd = server
        .call("GET", "/livez")
        .header("x-request-id", "<script>")
        .send();
    assert_ne!(odd.header("x-request-id"), Some("<script>"));
    let missing = server.get("/no/such/path").problem(404);
    assert!(missing["request_id"].is_string());
}

#[test]
fn metrics_are_in_prometheus_format_and_count() {
    let server = Server::start();
    server.create_with("lanterns", LANTERNS);
    server.question("lanterns", "Who is the keeper of Gullwatch?");
    let reply = server.get("/metrics").expect(200);
    assert_eq!(reply.media_type(), "text/plain");
    let text = reply.text();
    for line in text
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
    {
        let (name, value) = line.rsplit_once(' ').unwrap_or_default();
        assert!(
            name.starts_with("almanac_") || name.starts_with("process_"),
            "{line}"
        );
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
    assert!(
        text.contains("lanterns"),
        "the revision of each knowledge base is shown: {text}"
    );
}

#[test]
fn the_api_describes_itself() {
    let server = Server::start();
    let api = server.get("/openapi.json").expect(200).json();
    assert!(
        api["openapi"]
            .as_str()
            .is_some_and(|v| v.starts_with("3.1")),
        "{}",
        api["openapi"]
    );
    let paths = api["paths"].as_object().expect("paths");
    for (path, method) in [
        ("/v1/chat/completions", "post"),
        ("/v1/models", "get"),
        ("/v1/models/{id}", "get"),
        ("/v1/embeddings", "post"),
        ("/kb", "get"),
        ("/kb", "post"),
        ("/kb/{name}", "get"),
        ("/kb/{name}", "delete"),
        ("/kb/{name}/sparql", "get"),
        ("/kb/{name}/sparql", "post"),
        ("/kb/{name}/rdf-graph-store", "get"),
        ("/kb/{name}/rdf-graph-store", "put"),
        ("/kb/{name}/rdf-graph-store", "post"),
        ("/kb/{name}/rdf-graph-store", "delete"),
        ("/kb/{name}/search", "get"),
        ("/kb/{name}/entity", "get"),
        ("/kb/{name}/documents", "get"),
        ("/kb/{name}/documents", "post"),
        ("/jobs", "get"),
        ("/jobs/{id}", "get"),
        ("/jobs/{id}", "delete"),
        ("/livez", "get"),
        ("/readyz", "get"),
    ] {
        assert!(
            paths.get(path).and_then(|p| p.get(method)).is_some(),
            "{method} {path} is not described"
        );
    }
    let schemas = api["components"]["schemas"].as_object().expect("schemas");
    for name in [
        "Grounding",
        "Term",
        "Citation",
        "Problem",
        "ChatRequest",
        "ChatCompletion",
        "Job",
    ] {
        assert!(schemas.contains_key(name), "{name} is not described");
    }
    assert_references_resolve(&api, &api);
}

/// Every `$ref` points to something.
fn assert_references_resolve(value: &Value, root: &Value) {
    match value {
        Value::Object(map) => {
            if let Some(pointer) = map.get("$ref").and_then(Value::as_str) {
                let path = pointer.strip_prefix('#').unwrap_or(pointer);
                assert!(root.pointer(path).is_some(), "{pointer} leads nowhere");
            }
            map.values()
                .for_each(|v| assert_references_resolve(v, root));
        }
        Value::Array(list) => list.iter().for_each(|v| assert_references_resolve(v, root)),
        _ => {}
    }
}

#[test]
fn the_page_is_whole_in_itself() {
    let server = Server::start();
    let page = server.get("/").expect(200);
    assert_eq!(page.media_type(), "text/html");
    let html = page.text();
    assert!(html.contains("Almanac"));
    for foreign in [
        "src=\"http",
        "src='http",
        "href=\"http",
        "@import",
        "src=\"//",
        "fonts.googleapis",
        "cdn.",
    ] {
        assert!(
            !html.contains(foreign),
            "the page needs no other host: {foreign}"
        );
    }
    assert!(page.header("content-security-policy").is_some(), "{page:?}");
}

#[test]
fn unknown_methods_are_405_with_allow() {
    let server = Server::start();
    let reply = server.delete("/kb");
    reply.problem(405);
    assert!(
        reply
            .header("allow")
            .is_some_and(|a| a.contains("GET") && a.contains("POST"))
    );
    let reply = server.get("/v1/chat/completions");
    reply.openai_error(405);
}
