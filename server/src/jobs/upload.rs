//! Uploads of documents, one JSON object a line.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use kg_store::{Watch, rdf::NamedNode};
use retriever::Shelf;
use schemas::{
    ErrorClass, Object,
    documents::{Document, DocumentOutcome, DocumentOutcomes},
};
use serde_json::Value;

use super::work::Outcome;
use crate::problem::ApiError;

/// Longest line of NDJSON: a document may hold 16 MiB, and JSON escapes may double that.
const MAX_LINE: u64 = 34 << 20;
/// Largest document, all its fields together.
const MAX_DOCUMENT: usize = 16 << 20;
/// Lines of NDJSON in one body.
const MAX_LINES: u64 = 1_000_000;

/// Puts each line's document; a line that cannot be read is refused by itself.
pub(super) fn documents(
    shelf: &Shelf,
    path: &Path,
    watch: &dyn Watch,
) -> Result<Outcome, ApiError> {
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
    let Object(document) = serde_json::from_value::<Object<Document>>(value)
        .map_err(|e| (id.clone(), e.to_string()))?;
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
            (br#"["a","b","c"]"#, None),
            (b"\xff", None),
        ] {
            assert_eq!(parse_line(line).unwrap_err().0.as_deref(), id);
        }
    }
}
