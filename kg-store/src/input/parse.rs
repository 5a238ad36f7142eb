//! Drives a parser over an input, on a stack that deep nesting does not overflow.

use std::{sync::Arc, thread};

use oxrdfio::{RdfParseError, RdfParser};
use parking_lot::Mutex;

use super::{
    MAX_TERM, RdfInput, RdfSyntax,
    guard::Guard,
    reader::{Pace, Track, TrackingReader},
};
use crate::{
    StoreError, Watch,
    rdf::{GraphName, INFERRED_GRAPH, NamedOrBlankNode, Quad, Term},
    watch::Ticker,
};

/// Where the quads of an input go.
#[derive(Clone, Debug)]
pub(crate) enum Graphs {
    /// Triples go to this graph, quads to the graph that they name.
    Named(GraphName),
    /// Everything goes to this graph; an input that names graphs is refused.
    Only(GraphName),
}

/// The stack of the thread that parses. Only touched pages cost memory.
const STACK: usize = 64 << 20;

/// Hands each quad of the input to `sink`, blank nodes renamed so that they meet no others.
///
/// # Errors
/// [`StoreError::Syntax`] with the place of the first error, whatever `sink` returns, and the failures of
/// reading. Quads before the error have been handed over: it is for the caller to discard them.
pub(crate) fn parse(
    input: RdfInput<'_>,
    graphs: &Graphs,
    watch: &dyn Watch,
    max_quads: u64,
    sink: &mut (dyn FnMut(Quad) -> Result<(), StoreError> + Send),
) -> Result<u64, StoreError> {
    thread::scope(|scope| {
        thread::Builder::new()
            .name("rdf-parse".to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, || run(input, graphs, watch, max_quads, sink))
            .map_err(|error| StoreError::Internal(format!("no thread to parse on: {error}")))?
            .join()
            .unwrap_or_else(|_| {
                Err(StoreError::Internal(
                    "the parser failed on this input".to_owned(),
                ))
            })
    })
}

fn run(
    input: RdfInput<'_>,
    graphs: &Graphs,
    watch: &dyn Watch,
    max_quads: u64,
    sink: &mut (dyn FnMut(Quad) -> Result<(), StoreError> + Send),
) -> Result<u64, StoreError> {
    let RdfInput {
        reader,
        name,
        format,
        compression,
        base_iri,
        max_bytes,
        ..
    } = input;
    let track = Arc::new(Mutex::new(Track::default()));
    let pace = match format {
        // Formulas of N3 are found by who turns it into RDF, and that has no places.
        RdfSyntax::RdfXml | RdfSyntax::JsonLd | RdfSyntax::N3 => Pace::Lines,
        _ => Pace::Free,
    };
    let reader = TrackingReader::new(
        reader,
        compression,
        max_bytes,
        pace,
        Guard::of(format),
        watch,
        Arc::clone(&track),
    )
    .map_err(|error| StoreError::io(std::path::Path::new(&name), error))?;

    let mut parser = RdfParser::from_format(format.format()).rename_blank_nodes();
    if let Some(base) = base_iri {
        parser = parser
            .with_base_iri(&base)
            .map_err(|error| StoreError::Invalid(format!("base IRI `{base}`: {error}")))?;
    }
    parser = match graphs {
        Graphs::Named(graph) => parser.with_default_graph(graph.clone()),
        Graphs::Only(graph) => parser
            .with_default_graph(graph.clone())
            .without_named_graphs(),
    };
    if format == RdfSyntax::N3 {
        // Otherwise a formula would become a graph named by a blank node, which is not what it says.
        parser = parser.without_named_graphs();
    }

    let mut ticker = Ticker::new(watch, "parse", None);
    let mut count = 0;
    for quad in parser.for_reader(reader) {
        let quad = quad.map_err(|error| explain(error, &name, format, &track))?;
        if longest(&quad) > MAX_TERM {
            let (line, column) = track.lock().position();
            return Err(StoreError::Syntax {
                name,
                line,
                column,
                message: too_long(),
            });
        }
        if matches!(&quad.graph_name, GraphName::NamedNode(node) if node.as_str() == INFERRED_GRAPH)
        {
            let (line, column) = track.lock().position();
            return Err(StoreError::Syntax {
                name,
                line,
                column,
                message: format!("the graph <{INFERRED_GRAPH}> is kept for inferred facts"),
            });
        }
        count += 1;
        if count > max_quads {
            return Err(StoreError::TooLarge {
                what: name,
                limit: format!("{max_quads} quads"),
            });
        }
        sink(quad)?;
        ticker.step()?;
    }
    ticker.finish();
    Ok(count)
}

/// Bytes of the longest term.
fn longest(quad: &Quad) -> usize {
    let subject = match &quad.subject {
        NamedOrBlankNode::NamedNode(node) => node.as_str().len(),
        NamedOrBlankNode::BlankNode(_) => 0,
    };
    let object = match &quad.object {
        Term::NamedNode(node) => node.as_str().len(),
        Term::Literal(literal) => literal.value().len().max(literal.datatype().as_str().len()),
        Term::BlankNode(_) => 0,
    };
    let graph = match &quad.graph_name {
        GraphName::NamedNode(node) => node.as_str().len(),
        _ => 0,
    };
    subject
        .max(quad.predicate.as_str().len())
        .max(object)
        .max(graph)
}

fn too_long() -> String {
    format!("a term is longer than {MAX_TERM} bytes")
}

fn explain(
    error: RdfParseError,
    name: &str,
    format: RdfSyntax,
    track: &Mutex<Track>,
) -> StoreError {
    let mut track = track.lock();
    if let Some(fault) = track.take_fault() {
        return (fault, name).into();
    }
    let mut place = track.position();
    let message = match error {
        RdfParseError::Syntax(error) => {
            let message = without_position(&error.to_string());
            match error.location() {
                Some(range) => {
                    place = (range.start.line + 1, range.start.column + 1);
                    message
                }
                // What the parser has read well, and no RDF is made of.
                None if format == RdfSyntax::N3 => {
                    format!("formulas, variables and rules of N3 are not taken: {message}")
                }
                None if message.contains(REMOTE_CONTEXT) => match track.context() {
                    Some((iri, line, column)) => {
                        place = (*line, *column);
                        format!("remote contexts are not fetched: <{iri}>")
                    }
                    None => "remote contexts are not fetched".to_owned(),
                },
                None => message,
            }
        }
        // The reader records its own failures; what is left are complaints of a parser about its input: one
        // of them, that a token does not fit into its buffer, which is larger than a term may be.
        RdfParseError::Io(error) if error.kind() == std::io::ErrorKind::OutOfMemory => too_long(),
        RdfParseError::Io(error) => error.to_string(),
    };
    StoreError::Syntax {
        name: name.to_owned(),
        line: place.0,
        column: place.1,
        message,
    }
}

/// How the JSON-LD parser says that it was not told how to fetch a context.
const REMOTE_CONTEXT: &str = "LoadDocumentCallback";

/// Drops the "Parser error at line 3 column 5: " or "Parser error between line 3 column 5 and ...: " with
/// which a message repeats its place, and the capital letter that follows.
fn without_position(message: &str) -> String {
    let text = match message.split_once(": ") {
        Some((head, tail)) if head.contains(" line ") && head.contains(" column") => tail,
        _ => message,
    };
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        // An acronym keeps its capitals.
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_does_not_repeat_its_place() {
        for (message, expected) in [
            (
                "Parser error at line 3 column 5: Unexpected x",
                "unexpected x",
            ),
            (
                "Parser error at line 3 between columns 5 and 7: TOK: x",
                "TOK: x",
            ),
            (
                "Parser error between line 3 column 7 and line 5 column 1: Unexpected end",
                "unexpected end",
            ),
            (
                "error while parsing IRI 'a': no",
                "error while parsing IRI 'a': no",
            ),
        ] {
            assert_eq!(without_position(message), expected);
        }
    }

    fn parsed(text: &str, syntax: RdfSyntax) -> Result<Vec<Quad>, String> {
        let mut quads = Vec::new();
        let input = RdfInput::new(text.as_bytes(), "a", syntax);
        let graphs = Graphs::Named(GraphName::DefaultGraph);
        parse(input, &graphs, &crate::Quiet, u64::MAX, &mut |quad| {
            quads.push(quad);
            Ok(())
        })
        .map_err(|error| error.to_string())?;
        Ok(quads)
    }

    #[test]
    fn faults_are_told_where_they_are_and_in_words() {
        let e = "@prefix e: <http://e.example/> .\n";
        for (syntax, text, expected) in [
            (
                RdfSyntax::N3,
                format!("{e}e:a e:b {{ e:x e:y e:z }} .\ne:a e:b e:c .\n"),
                "a:2:1: formulas, variables and rules of N3 are not taken: ",
            ),
            (
                RdfSyntax::JsonLd,
                "{\n  \"@context\": \"https://c.example/\",\n  \"name\": \"x\"\n}\n".to_owned(),
                "a:2:34: remote contexts are not fetched: <https://c.example/>",
            ),
            (
                RdfSyntax::RdfXml,
                "<!DOCTYPE r [\n<!ENTITY a \"x\">\n<!ENTITY b \"&a;&a;\">\n]>\n<r>&b;</r>"
                    .to_owned(),
                "a:3:20: the value of an entity refers to other entities",
            ),
            (
                RdfSyntax::NTriples,
                format!(
                    "\n<http://e.example/a> <http://e.example/b> \"{}\" .\n",
                    "x".repeat(17 << 20)
                ),
                "a:2:",
            ),
        ] {
            let fault = parsed(&text, syntax).unwrap_err();
            assert!(fault.starts_with(expected), "{fault}");
        }
        let open = parsed(&format!("{e}e:a e:b e:c ;\n\n"), RdfSyntax::Turtle).unwrap_err();
        assert!(!open.contains("line"), "{open}");
    }

    #[test]
    fn terms_are_bounded_in_each_syntax() {
        let long = "x".repeat(MAX_TERM + 1);
        for (syntax, text) in [
            (
                RdfSyntax::Turtle,
                format!("<http://e.example/a> <http://e.example/b> \"{long}\" ."),
            ),
            (
                RdfSyntax::TriG,
                format!("<http://e.example/a> <http://e.example/b> <http://e.example/{long}> ."),
            ),
            (
                RdfSyntax::JsonLd,
                format!("{{\"@id\": \"http://e.example/a\", \"http://e.example/b\": \"{long}\"}}"),
            ),
            (
                RdfSyntax::RdfXml,
                format!(
                    "<r:RDF xmlns:r=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns:e=\"http://e.example/\"><r:Description><e:b>{long}</e:b></r:Description></r:RDF>"
                ),
            ),
        ] {
            let fault = parsed(&text, syntax).unwrap_err();
            assert!(
                fault.contains("longer than 4194304 bytes"),
                "{syntax}: {fault}"
            );
        }
    }

    #[test]
    fn an_ontology_with_namespaces_as_entities_is_read() {
        let text = r#"<?xml version="1.0"?>
<!DOCTYPE rdf:RDF [
    <!ENTITY owl "http://www.w3.org/2002/07/owl#" >
    <!ENTITY rdfs "http://www.w3.org/2000/01/rdf-schema#" >
]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:rdfs="&rdfs;" xmlns:owl="&owl;">
  <owl:Class rdf:about="http://e.example/Lamp"><rdfs:subClassOf rdf:resource="&owl;Thing"/></owl:Class>
</rdf:RDF>"#;
        let quads = parsed(text, RdfSyntax::RdfXml).unwrap();
        let objects: Vec<String> = quads.iter().map(|quad| quad.object.to_string()).collect();
        assert_eq!(
            objects,
            [
                "<http://www.w3.org/2002/07/owl#Class>",
                "<http://www.w3.org/2002/07/owl#Thing>"
            ]
        );
    }
}
