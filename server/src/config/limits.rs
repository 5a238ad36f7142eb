//! Bounds on what a request may cost.

use std::{thread, time::Duration};

use serde::{Deserialize, Serialize};

/// Bounds on size (bytes), time (milliseconds) and number. Each holds for every caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Largest body of an RDF load, as sent (compressed, if it is).
    pub rdf_body_bytes: u64,
    /// Largest RDF text after decompression.
    pub rdf_decoded_bytes: u64,
    /// Largest body of a document upload.
    pub documents_body_bytes: u64,
    /// Largest body of a chat or embedding request, a SPARQL query or another small request.
    pub small_body_bytes: u64,
    /// Longest question in characters.
    pub question_chars: usize,
    /// Time allowed for an answer, an embedding, a search.
    pub request_ms: u64,
    /// Longest pause within a body that is being sent.
    pub body_idle_ms: u64,
    /// Time allowed for a SPARQL query that names no `timeout`.
    pub sparql_ms: u64,
    /// Largest `timeout` that a SPARQL query may name.
    pub sparql_max_ms: u64,
    /// Rows of a SPARQL result.
    pub sparql_rows: u64,
    /// Bytes of a SPARQL result.
    pub sparql_bytes: u64,
    /// Time allowed for an export of a graph or a dump.
    pub export_ms: u64,
    /// Threads that answer questions and run queries, in each of the two pools.
    pub concurrency: usize,
    /// Requests that may wait for a thread of a pool; more are refused at once.
    pub queue: usize,
    /// Jobs that may wait.
    pub queued_jobs: usize,
    /// Connections held open by one worker.
    pub connections: usize,
    /// Time allowed for requests under way when the server is told to stop.
    pub shutdown_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(2, usize::from);
        Self {
            rdf_body_bytes: 1 << 30,
            rdf_decoded_bytes: 16 << 30,
            documents_body_bytes: 64 << 20,
            small_body_bytes: 256 << 10,
            question_chars: 8 << 10,
            request_ms: 60_000,
            body_idle_ms: 30_000,
            sparql_ms: 30_000,
            sparql_max_ms: 300_000,
            sparql_rows: 1_000_000,
            sparql_bytes: 256 << 20,
            export_ms: 600_000,
            concurrency: cores.max(2),
            queue: 64,
            queued_jobs: 1_000,
            connections: 4_096,
            shutdown_ms: 30_000,
        }
    }
}

impl Limits {
    /// Time allowed for an answer.
    pub fn request_time(&self) -> Duration {
        Duration::from_millis(self.request_ms)
    }

    /// Time allowed for an export.
    pub fn export_time(&self) -> Duration {
        Duration::from_millis(self.export_ms)
    }

    /// Longest pause within a body.
    pub fn body_idle(&self) -> Duration {
        Duration::from_millis(self.body_idle_ms)
    }

    /// Time allowed for a SPARQL query: what it asks for, within what the server allows.
    pub fn sparql_time(&self, asked_ms: Option<u64>) -> Duration {
        Duration::from_millis(asked_ms.unwrap_or(self.sparql_ms).min(self.sparql_max_ms))
    }
}
