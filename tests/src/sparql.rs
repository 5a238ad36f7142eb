//! SPARQL in one line, for tests that check what the store holds.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{Client, Reply, encode};

impl Client {
    /// Sends a query by POST and returns the answer.
    pub fn sparql(&self, kb: &str, query: &str, accept: &str) -> Reply {
        self.call("POST", &format!("/kb/{kb}/sparql"))
            .header("accept", accept)
            .body("application/sparql-query", query)
            .send()
    }

    /// The solutions of a SELECT query: values by variable.
    ///
    /// # Panics
    /// If the query fails.
    #[track_caller]
    pub fn select(&self, kb: &str, query: &str) -> Vec<BTreeMap<String, String>> {
        let reply = self
            .sparql(kb, query, "application/sparql-results+json")
            .expect(200);
        let json = reply.json();
        let rows = json["results"]["bindings"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        rows.iter()
            .map(|row| {
                let cells = row.as_object().into_iter().flatten();
                cells
                    .map(|(name, term)| (name.clone(), text(&term["value"])))
                    .collect()
            })
            .collect()
    }

    /// One column of a SELECT query, sorted.
    ///
    /// # Panics
    /// If the query fails.
    #[track_caller]
    pub fn column(&self, kb: &str, query: &str) -> Vec<String> {
        let rows = self.select(kb, query);
        let mut values: Vec<String> = rows
            .into_iter()
            .filter_map(|row| row.into_values().next())
            .collect();
        values.sort();
        values
    }

    /// The answer of an ASK query.
    ///
    /// # Panics
    /// If the query fails.
    #[track_caller]
    pub fn ask(&self, kb: &str, query: &str) -> bool {
        let reply = self
            .sparql(kb, query, "application/sparql-results+json")
            .expect(200);
        reply.json()["boolean"]
            .as_bool()
            .unwrap_or_else(|| panic!("no boolean: {reply:?}"))
    }

    /// How many triples the default graph and how many quads the named graphs hold.
    ///
    /// # Panics
    /// If the query fails.
    #[track_caller]
    pub fn quads(&self, kb: &str) -> u64 {
        let query = "SELECT (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }";
        let column = self.column(kb, query);
        column[0]
            .parse()
            .unwrap_or_else(|e| panic!("{e}: {column:?}"))
    }

    /// The published revision.
    ///
    /// # Panics
    /// If the knowledge base does not exist.
    #[track_caller]
    pub fn revision(&self, kb: &str) -> u64 {
        let reply = self.get(&format!("/kb/{kb}")).expect(200);
        reply.json()["revision"]
            .as_u64()
            .unwrap_or_else(|| panic!("no revision: {reply:?}"))
    }

    /// Creates a knowledge base and loads Turtle into its default graph.
    ///
    /// # Panics
    /// If either fails.
    #[track_caller]
    pub fn create_with(&self, kb: &str, turtle: &str) {
        self.post("/kb", &serde_json::json!({ "name": kb }))
            .expect(201);
        let reply = self.put_turtle(kb, None, turtle);
        assert!(matches!(reply.status, 200 | 201 | 204), "{reply:?}");
    }

    /// Replaces a graph by way of the graph store protocol.
    pub fn put_turtle(&self, kb: &str, graph: Option<&str>, turtle: &str) -> Reply {
        let which = graph.map_or_else(|| "default".to_owned(), |g| format!("graph={}", encode(g)));
        self.call("PUT", &format!("/kb/{kb}/rdf-graph-store?{which}"))
            .body("text/turtle", turtle)
            .send()
    }

    /// Asks a question and returns the message, whose `grounding` is there.
    ///
    /// # Panics
    /// If the question is not answered with status 200.
    #[track_caller]
    pub fn question(&self, kb: &str, question: &str) -> Value {
        let body = serde_json::json!({ "model": kb, "messages": [{ "role": "user", "content": question }] });
        let reply = self.post("/v1/chat/completions", &body).expect(200);
        let message = reply.json()["choices"][0]["message"].clone();
        assert!(message["grounding"].is_object(), "no grounding: {reply:?}");
        message
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
