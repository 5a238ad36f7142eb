//! The kinds of long work, for requests that wait and for jobs alike.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use kg_store::{
    Compression, LoadOptions, RdfInput, RdfSyntax, Watch, rdf::GraphName, rdf::NamedNode,
};
use retriever::Shelf;
use schemas::{
    ErrorClass,
    documents::{Document, DocumentOutcome, DocumentOutcomes},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::problem::ApiError;

/// Longest line of NDJSON: a document may hold 16 MiB, and JSON escapes may double that.
const MAX_LINE: u64 = 34 << 20;
/// Largest document, all its fields together.
const MAX_DOCUMENT: usize = 16 << 20;
/// Lines of NDJSON in one body.
const MAX_LINES: u64 = 1_000_000;

/// The compression of a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Told apart by the first bytes.
    #[default]
    Auto,
    /// gzip.
    Gzip,
    /// zstd.
    Zstd,
}

/// How to read a spooled RDF body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RdfBody {
    /// Its media type.
    pub media_type: String,
    /// Its compression.
    pub encoding: Encoding,
    /// What messages call it.
    pub name: String,
    /// What relative IRIs are resolved against.
    pub base: Option<String>,
}

impl RdfBody {
    fn open(&self, path: &Path, max_decoded: u64) -> Result<RdfInput<'static>, ApiError> {
        let file = File::open(path).map_err(|e| crate::http::body::storage(&e))?;
        let size_hint = file.metadata().ok().map(|m| m.len());
        let format = RdfSyntax::from_media_type(&self.media_type).ok_or_else(|| {
            ApiError::new(
                ErrorClass::Unsupported,
                format!("`{}` is no RDF syntax", self.media_type),
            )
        })?;
        Ok(RdfInput {
            compression: match self.encoding {
                Encoding::Auto => Compression::Auto,
                Encoding::Gzip => Compression::Gzip,
                Encoding::Zstd => Compression::Zstd,
            },
            base_iri: self.base.clone(),
            max_bytes: max_decoded,
            size_hint,
            ..RdfInput::new(BufReader::new(file), self.name.clone(), format)
        })
    }
}

/// A piece of work on one knowledge base. `graph: None` is the default graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Work {
    /// Load a dataset; a source that was loaded before is replaced.
    Load {
        /// How to read it.
        body: RdfBody,
        /// Where triples go that name no graph.
        graph: Option<String>,
        /// The name of the source.
        source: Option<String>,
    },
    /// Replace a graph.
    GraphPut {
        /// How to read it.
        body: RdfBody,
        /// Which graph.
        graph: Option<String>,
    },
    /// Add to a graph.
    GraphPost {
        /// How to read it.
        body: RdfBody,
        /// Which graph.
        graph: Option<String>,
    },
    /// Remove a graph.
    GraphDelete {
        /// Which graph.
        graph: Option<String>,
    },
    /// Put documents, one JSON object a line.
    Documents,
    /// Build the index anew.
    Reindex,
    /// Compare journal, store and index.
    Check,
}

/// What work achieved.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The revision that holds it.
    pub revision: u64,
    /// The account of it.
    pub body: Value,
}

impl Outcome {
    fn new(revision: u64, body: &impl Serialize) -> Result<Self, ApiError> {
        let body = serde_json::to_value(body).map_err(|e| ApiError::internal(e.to_string()))?;
        Ok(Self { revision, body })
    }
}

impl Work {
    /// The kind's name, as jobs show it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Load { .. } => "load",
            Self::GraphPut { .. } => "graph-put",
            Self::GraphPost { .. } => "graph-post",
            Self::GraphDelete { .. } => "graph-delete",
            Self::Documents => "documents",
            Self::Reindex => "reindex",
            Self::Check => "check",
        }
    }

    /// Does the work: whole, or not at all.
    pub fn run(
        &self,
        shelf: &Shelf,
        spool: Option<&Path>,
        max_decoded: u64,
        watch: &dyn Watch,
    ) -> Result<Outcome, ApiError> {
        let file = || spool.ok_or_else(|| ApiError::internal("the body of this work is missing"));
        let commit = match self {
            Self::Load {
                body,
                graph,
                source,
            } => {
                let input = body.open(file()?, max_decoded)?;
                let options = LoadOptions {
                    graph: graph_name(graph.as_deref())?,
                    source: source.clone(),
                };
                shelf.load(input, &options, watch)?
            }
            Self::GraphPut { body, graph } => {
                let input = body.open(file()?, max_decoded)?;
                shelf.put_graph(&graph_name(graph.as_deref())?, input, watch)?
            }
            Self::GraphPost { body, graph } => {
                let input = body.open(file()?, max_decoded)?;
                shelf.post_graph(&graph_name(graph.as_deref())?, input, watch)?
            }
            Self::GraphDelete { graph } => {
                shelf.delete_graph(&graph_name(graph.as_deref())?, watch)?
            }
            Self::Documents => return documents(shelf, file()?, watch),
            Self::Reindex => {
                shelf.reindex(watch)?;
                let info = shelf.view().info(shelf.name())?;
                return Outcome::new(info.revision, &info);
            }
            Self::Check => {
                let report = shelf.check(watch)?;
                return Outcome::new(report.revision, &report);
            }
        };
        Outcome::new(commit.revision, &commit)
    }
}

/// The graph of a name; the default graph without one.
pub fn graph_name(graph: Option<&str>) -> Result<GraphName, ApiError> {
    let Some(iri) = graph else {
        return Ok(GraphName::DefaultGraph);
    };
    NamedNode::new(iri).map(GraphName::NamedNode).map_err(|e| {
        ApiError::invalid(format!("the graph's name is no IRI: {e}")).with_param("graph")
    })
}

/// Puts each line's document; a line that cannot be read is refused by itself.
fn documents(shelf: &Shelf, path: &Path, watch: &dyn Watch) -> Result<Outcome, ApiError> {
    let storage = |e: std::io::Error| crate::http::body::storage(&e);
    let mut reader = BufReader::new(File::open(path).map_err(storage)?);
    let mut items = Vec::new();
    let mut accepted = Vec::new();
    let mut places = Vec::new();
    let mut number = 0;
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = reader
            .by_ref()
            .take(MAX_LINE)
            .read_until(b'\n', &mut line)
            .map_err(storage)?;
        if read == 0 {
            break;
        }
        number += 1;
        if number > MAX_LINES {
            return Err(ApiError::new(
                ErrorClass::TooLarge,
                format!("more than {MAX_LINES} lines in one body"),
            ));
        }
        if read as u64 == MAX_LINE {
            return Err(ApiError::new(
                ErrorClass::TooLarge,
                format!("line {number} is longer than {MAX_LINE} bytes"),
            ));
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match parse_line(&line) {
            Ok(document) => {
                places.push(items.len());
                items.push(DocumentOutcome {
                    line: Some(number),
                    id: Some(document.id.clone()),
                    status: 200,
                    error: None,
                });
                accepted.push(document);
            }
            Err((id, error)) => items.push(DocumentOutcome {
                line: Some(number),
                id,
                status: 400,
                error: Some(error),
            }),
        }
        watch.progress("read", number, None);
        if watch.cancelled() {
            return Err(ApiError::new(ErrorClass::Cancelled, "cancelled"));
        }
    }
    put(shelf, accepted, &places, items, watch)
}

/// Puts documents and fills in what became of each: `places` are their positions among the items.
fn put(
    shelf: &Shelf,
    documents: Vec<Document>,
    places: &[usize],
    mut items: Vec<DocumentOutcome>,
    watch: &dyn Watch,
) -> Result<Outcome, ApiError> {
    let accepted = documents.len() as u64;
    let refused = items.len() as u64 - accepted;
    let revision = if documents.is_empty() {
        shelf.view().revision()
    } else {
        let (commit, created) = shelf.put_documents(documents, watch)?;
        for (place, created) in places.iter().zip(created) {
            if created {
                items[*place].status = 201;
            }
        }
        commit.revision
    };
    Outcome::new(
        revision,
        &DocumentOutcomes {
            revision,
            accepted,
            refused,
            items,
        },
    )
}

/// Reads one line of NDJSON; an error comes with the id, where that much could be read.
pub fn parse_line(line: &[u8]) -> Result<Document, (Option<String>, String)> {
    if std::str::from_utf8(line).is_err() {
        return Err((None, "not valid UTF-8".to_owned()));
    }
    let value: Value = serde_json::from_slice(line).map_err(|e| (None, e.to_string()))?;
    let id = value
        .get("id")
        .and_then(Value::as_str)
        .map(crate::http::body::clip);
    let document: Document =
        serde_json::from_value(value).map_err(|e| (id.clone(), e.to_string()))?;
    check_document(&document).map_err(|e| (id, e))?;
    Ok(document)
}

/// Refuses what the store would refuse, so that one bad document does not take a whole upload along.
pub fn check_document(document: &Document) -> Result<(), String> {
    let id = &document.id;
    if id.is_empty() || id.len() > 512 {
        return Err("`id` must have 1 to 512 bytes".to_owned());
    }
    if id.chars().any(char::is_control) {
        return Err("`id` must not hold control characters".to_owned());
    }
    let size = id.len()
        + document.text.len()
        + document.title.as_ref().map_or(0, String::len)
        + document.url.as_ref().map_or(0, String::len)
        + document.about.iter().map(String::len).sum::<usize>();
    if size > MAX_DOCUMENT {
        return Err(format!(
            "the document exceeds the limit of {MAX_DOCUMENT} bytes"
        ));
    }
    match document
        .about
        .iter()
        .find(|iri| NamedNode::new(iri.as_str()).is_err())
    {
        Some(iri) => Err(format!(
            "`about` holds `{}`, which is no IRI",
            crate::http::body::clip(iri)
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_document_or_says_why_not() {
        assert_eq!(parse_line(br#"{"id":"a","text":"x"}"#).unwrap().id, "a");
        for (line, id) in [
            (&br#"{"id":"a"}"#[..], Some("a")),
            (br#"{"id":"","text":"x"}"#, Some("")),
            (br#"{"id":"a","text":"x","about":["no iri"]}"#, Some("a")),
            (br#"{"id":"a","text":"x","extra":1}"#, Some("a")),
            (b"[", None),
            (b"\xff", None),
        ] {
            assert_eq!(parse_line(line).unwrap_err().0.as_deref(), id);
        }
    }

    #[test]
    fn work_is_kept_as_it_was() {
        let work = Work::GraphPut {
            body: RdfBody {
                media_type: "text/turtle".to_owned(),
                encoding: Encoding::Gzip,
                name: "request body".to_owned(),
                base: None,
            },
            graph: Some("http://example.org/g".to_owned()),
        };
        let text = serde_json::to_string(&work).unwrap();
        assert_eq!(serde_json::from_str::<Work>(&text).unwrap(), work);
        assert_eq!(work.kind(), "graph-put");
    }
}
