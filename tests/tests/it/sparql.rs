//! `/kb/{name}/sparql`: the SPARQL 1.1 Protocol.

use serde_json::Value;
use tests::{
    Server, encode,
    fixtures::{CHEESES, LANTERNS},
};

const TALL: &str =
    "SELECT ?l WHERE { ?l <http://lantern.example/height> ?h } ORDER BY DESC(?h) LIMIT 1";

fn server() -> Server {
    let server = Server::start();
    server.create_with("lanterns", LANTERNS);
    server
}

#[test]
fn a_query_comes_by_get_by_form_or_as_it_is() {
    let server = server();
    let by_get = server
        .get(&format!("/kb/lanterns/sparql?query={}", encode(TALL)))
        .expect(200);
    let by_form = server
        .call("POST", "/kb/lanterns/sparql")
        .body(
            "application/x-www-form-urlencoded",
            format!("query={}", encode(TALL)),
        )
        .send()
        .expect(200);
    let direct = server
        .call("POST", "/kb/lanterns/sparql")
        .body("application/sparql-query; charset=utf-8", TALL)
        .send()
        .expect(200);
    for reply in [&by_get, &by_form, &direct] {
        assert_eq!(reply.media_type(), "application/sparql-results+json");
        let json = reply.json();
        assert_eq!(json["head"]["vars"], serde_json::json!(["l"]));
        assert_eq!(
            json["results"]["bindings"][0]["l"]["value"],
            "http://lantern.example/pale"
        );
        assert!(reply.header("almanac-revision").is_some());
    }
}

#[test]
fn results_come_in_the_format_asked_for() {
    let server = server();
    for (accept, media_type, part) in [
        (
            "application/sparql-results+json",
            "application/sparql-results+json",
            "lantern.example/pale",
        ),
        (
            "application/sparql-results+xml",
            "application/sparql-results+xml",
            "<uri>http://lantern.example/pale</uri>",
        ),
        ("text/csv", "text/csv", "http://lantern.example/pale"),
        (
            "text/tab-separated-values",
            "text/tab-separated-values",
            "<http://lantern.example/pale>",
        ),
        (
            "text/csv;q=0.1, application/sparql-results+xml",
            "application/sparql-results+xml",
            "<uri>",
        ),
        ("*/*", "application/sparql-results+json", "pale"),
    ] {
        let reply = server.sparql("lanterns", TALL, accept).expect(200);
        assert_eq!(reply.media_type(), media_type, "{accept}");
        assert!(reply.text().contains(part), "{accept}: {reply:?}");
    }
    server.sparql("lanterns", TALL, "image/png").problem(406);
    let ask = server
        .sparql(
            "lanterns",
            "ASK { ?s ?p ?o }",
            "application/sparql-results+xml",
        )
        .expect(200);
    assert!(ask.text().contains("<boolean>true</boolean>"));
}

#[test]
fn graphs_come_in_the_format_asked_for() {
    let server = server();
    let query = "CONSTRUCT { ?l <http://lantern.example/tall> ?h } WHERE { ?l <http://lantern.example/height> ?h }";
    for (accept, media_type) in [
        ("text/turtle", "text/turtle"),
        ("application/n-triples", "application/n-triples"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/ld+json", "application/ld+json"),
    ] {
        let reply = server.sparql("lanterns", query, accept).expect(200);
        assert_eq!(reply.media_type(), media_type);
        assert!(reply.text().contains("52.25"), "{reply:?}");
    }
    let described = server
        .sparql(
            "lanterns",
            "DESCRIBE <http://lantern.example/pale>",
            "application/n-triples",
        )
        .expect(200);
    assert!(described.text().contains("Pale Beacon"), "{described:?}");
}

#[test]
fn the_default_graph_is_the_default_graph() {
    let server = server();
    server.put_turtle("lanterns", Some("http://x.example/graph"), CHEESES);
    let count = |query: &str| {
        server.column("lanterns", query)[0]
            .parse::<u64>()
            .expect("a number")
    };
    let plain = count("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }");
    let named = count("SELECT (COUNT(*) AS ?n) { GRAPH <http://x.example/graph> { ?s ?p ?o } }");
    let from = count("SELECT (COUNT(*) AS ?n) FROM <http://x.example/graph> { ?s ?p ?o }");
    assert!(plain > 100 && named > 40);
    assert_eq!(named, from);
    assert_eq!(server.quads("lanterns"), plain + named);
    let path = format!(
        "/kb/lanterns/sparql?query={}&default-graph-uri={}",
        encode("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"),
        encode("http://x.example/graph")
    );
    let reply = server.get(&path).expect(200).json();
    assert_eq!(
        reply["results"]["bindings"][0]["n"]["value"],
        named.to_string()
    );
}

#[test]
fn a_get_without_a_query_describes_the_service() {
    let server = server();
    let reply = server
        .call("GET", "/kb/lanterns/sparql")
        .header("accept", "text/turtle")
        .send()
        .expect(200);
    assert_eq!(reply.media_type(), "text/turtle");
    assert!(
        reply.text().contains("sparql-service-description"),
        "{reply:?}"
    );
}

#[test]
fn malformed_requests_are_refused() {
    let server = server();
    let post = |kind: &str, body: &str| {
        server
            .call("POST", "/kb/lanterns/sparql")
            .body(kind, body.to_owned())
            .send()
    };
    post("application/sparql-query", "SELECT ?s WHERE { ?s ?p }").problem(400);
    post("application/sparql-query", "").problem(400);
    post("text/plain", TALL).problem(415);
    post("application/x-www-form-urlencoded", "nothing=here").problem(400);
    let twice = format!("query={0}&query={0}", encode(TALL));
    post("application/x-www-form-urlencoded", &twice).problem(400);
    server
        .get("/kb/atlantis/sparql?query=ASK%7B%7D")
        .problem(404);
    let reply = server
        .call("PUT", "/kb/lanterns/sparql")
        .body("text/turtle", "")
        .send();
    assert_eq!(reply.status, 405, "{reply:?}");
    assert!(reply.header("allow").is_some());
}

#[test]
fn a_label_keeps_its_language_and_a_number_its_datatype() {
    let server = server();
    let query = "SELECT ?o { <http://lantern.example/korrin> ?p ?o FILTER(isLiteral(?o)) }";
    let json = server
        .sparql("lanterns", query, "application/json")
        .expect(200)
        .json();
    let terms: Vec<&Value> = json["results"]["bindings"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|r| &r["o"])
        .collect();
    assert!(
        terms
            .iter()
            .any(|t| t["value"] == "Korrin" && t["xml:lang"] == "en")
    );
    assert!(terms.iter().any(
        |t| t["value"] == "4200" && t["datatype"] == "http://www.w3.org/2001/XMLSchema#integer"
    ));
}
