//! `/kb/{name}/rdf-graph-store`: the SPARQL 1.1 Graph Store HTTP Protocol.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use tests::{Reply, Server, encode};

const ONE: &str = "<http://a.example/s> <http://a.example/p> \"one\" .";
const TWO: &str = "<http://a.example/s> <http://a.example/p> \"two\" .";
const GRAPH: &str = "http://a.example/graph";

fn server() -> Server {
    let server = Server::start();
    server.post("/kb", &json!({ "name": "a" })).expect(201);
    server
}

fn path(graph: &str) -> String {
    format!("/kb/a/rdf-graph-store?graph={}", encode(graph))
}

fn put(server: &Server, path: &str, body: &str) -> Reply {
    server
        .call("PUT", path)
        .body("text/turtle", body.to_owned())
        .send()
}

fn read(server: &Server, path: &str) -> String {
    server
        .call("GET", path)
        .header("accept", "application/n-triples")
        .send()
        .expect(200)
        .text()
}

#[test]
fn graphs_are_put_posted_read_and_deleted() {
    let server = server();
    let graph = path(GRAPH);
    let put = |body: &str| put(&server, &graph, body);
    server.get(&graph).problem(404);
    put(ONE).expect(201);
    assert!(read(&server, &graph).contains("\"one\""));

    let replaced = put(TWO);
    assert!(matches!(replaced.status, 200 | 204), "{replaced:?}");
    let text = read(&server, &graph);
    assert!(
        text.contains("\"two\"") && !text.contains("\"one\""),
        "PUT replaces: {text}"
    );

    let merged = server.call("POST", &graph).body("text/turtle", ONE).send();
    assert!(matches!(merged.status, 200 | 204), "{merged:?}");
    let text = read(&server, &graph);
    assert!(
        text.contains("\"two\"") && text.contains("\"one\""),
        "POST merges: {text}"
    );

    let head = server.call("HEAD", &graph).send().expect(200);
    assert!(head.body.is_empty());
    let deleted = server.delete(&graph);
    assert!(matches!(deleted.status, 200 | 204), "{deleted:?}");
    server.get(&graph).problem(404);
    server.delete(&graph).problem(404);
    assert_eq!(server.quads("a"), 0);
}

#[test]
fn an_empty_body_makes_no_graph() {
    let server = server();
    let graph = path(GRAPH);
    let put = |body: &str| put(&server, &graph, body);
    put("").expect(204);
    server.get(&graph).problem(404);
    put(ONE).expect(201);
    put("").expect(204);
    server.get(&graph).problem(404);
}

#[test]
fn the_default_graph_is_always_there() {
    let server = server();
    let default = "/kb/a/rdf-graph-store?default";
    assert_eq!(read(&server, default).trim(), "");
    let reply = server.put_turtle("a", None, ONE);
    assert!(matches!(reply.status, 200 | 201 | 204), "{reply:?}");
    assert!(read(&server, default).contains("\"one\""));
    server.put_turtle("a", Some(GRAPH), TWO).expect(201);
    assert!(
        !read(&server, default).contains("\"two\""),
        "a named graph stays apart"
    );
    server.delete(default);
    assert_eq!(read(&server, default).trim(), "");
    assert!(read(&server, &path(GRAPH)).contains("\"two\""));
}

#[test]
fn one_graph_must_be_named() {
    let server = server();
    server.get("/kb/a/rdf-graph-store").problem(400);
    server
        .get(&format!(
            "/kb/a/rdf-graph-store?default&graph={}",
            encode(GRAPH)
        ))
        .problem(400);
    server
        .get("/kb/a/rdf-graph-store?graph=not%20an%20iri")
        .problem(400);
    server
        .call("PATCH", &path(GRAPH))
        .body("text/turtle", ONE)
        .send()
        .problem(405);
}

#[test]
fn each_syntax_is_read() {
    let server = server();
    let bodies = [
        ("text/turtle", "@prefix a: <http://a.example/> . a:s a:p \"one\" .".to_owned()),
        ("application/n-triples", ONE.to_owned()),
        (
            "application/rdf+xml",
            "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns:a=\"http://a.example/\">\
             <rdf:Description rdf:about=\"http://a.example/s\"><a:p>one</a:p></rdf:Description></rdf:RDF>"
                .to_owned(),
        ),
        ("application/ld+json", "{\"@id\":\"http://a.example/s\",\"http://a.example/p\":\"one\"}".to_owned()),
        ("text/n3", ONE.to_owned()),
    ];
    for (index, (kind, body)) in bodies.into_iter().enumerate() {
        let graph = path(&format!("http://a.example/graph/{index}"));
        let reply = server.call("PUT", &graph).body(kind, body).send();
        assert_eq!(reply.status, 201, "{kind}: {reply:?}");
        assert_eq!(read(&server, &graph).trim(), ONE, "{kind}");
    }
}

#[test]
fn each_syntax_is_written() {
    let server = server();
    server.put_turtle("a", Some(GRAPH), ONE).expect(201);
    let kinds = [
        "text/turtle",
        "application/n-triples",
        "application/rdf+xml",
        "application/ld+json",
    ];
    for (index, kind) in kinds.into_iter().enumerate() {
        let reply = server
            .call("GET", &path(GRAPH))
            .header("accept", kind)
            .send()
            .expect(200);
        assert_eq!(reply.media_type(), kind);
        // What is written can be read again.
        let copy = path(&format!("http://a.example/copy/{index}"));
        server
            .call("PUT", &copy)
            .body(kind, reply.body)
            .send()
            .expect(201);
        assert_eq!(read(&server, &copy).trim(), ONE, "{kind}");
    }
    server
        .call("GET", &path(GRAPH))
        .header("accept", "image/png")
        .send()
        .problem(406);
}

#[test]
fn compressed_bodies_are_read() {
    let server = server();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(ONE.as_bytes()).expect("writing to memory");
    let gzip = gzip.finish().expect("writing to memory");
    let zstd = zstd::encode_all(ONE.as_bytes(), 3).expect("writing to memory");
    let send = |graph: &str, encoding: Option<&str>, body: Vec<u8>| -> Reply {
        let graph = path(graph);
        let mut call = server
            .call("PUT", &graph)
            .body("application/n-triples", body);
        if let Some(encoding) = encoding {
            call = call.header("content-encoding", encoding);
        }
        call.send()
    };
    send("http://a.example/1", Some("gzip"), gzip.clone()).expect(201);
    send("http://a.example/2", Some("zstd"), zstd).expect(201);
    for graph in ["http://a.example/1", "http://a.example/2"] {
        assert_eq!(read(&server, &path(graph)).trim(), ONE);
    }
    send("http://a.example/3", Some("br"), gzip.clone()).problem(415);
    let mut cut = gzip;
    cut.truncate(cut.len() - 6);
    send("http://a.example/3", Some("gzip"), cut).problem(400);
    server.get(&path("http://a.example/3")).problem(404);
}

#[test]
fn blank_nodes_of_different_loads_stay_apart() {
    let server = server();
    let body = "_:b <http://a.example/p> 1 .";
    server
        .put_turtle("a", Some("http://a.example/1"), body)
        .expect(201);
    server
        .put_turtle("a", Some("http://a.example/2"), body)
        .expect(201);
    let nodes = server.column("a", "SELECT DISTINCT ?s { GRAPH ?g { ?s ?p ?o } }");
    assert_eq!(nodes.len(), 2);
}

#[test]
fn what_was_loaded_can_be_asked_at_once_and_no_longer_after_its_deletion() {
    let server = server();
    server
        .put_turtle("a", Some(GRAPH), tests::fixtures::LANTERNS)
        .expect(201);
    let found = server.get("/kb/a/search?q=Gullwatch").expect(200).json();
    assert_eq!(
        found["entities"][0]["entity"]["label"], "Gullwatch",
        "{found}"
    );
    server.delete(&path(GRAPH));
    let gone = server.get("/kb/a/search?q=Gullwatch").expect(200).json();
    assert_eq!(gone["entities"], json!([]));
}
