//! Drives a parser over an input, on a stack that deep nesting does not overflow.

use std::{sync::Arc, thread};

use oxrdfio::{RdfParseError, RdfParser};
use parking_lot::Mutex;

use super::{
    RdfInput, RdfSyntax,
    depth::JsonDepth,
    reader::{Pace, Track, TrackingReader},
};
use crate::{
    StoreError, Watch,
    rdf::{GraphName, INFERRED_GRAPH, Quad},
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
        RdfSyntax::RdfXml | RdfSyntax::JsonLd => Pace::Lines,
        _ => Pace::Free,
    };
    let depth = (format == RdfSyntax::JsonLd).then(JsonDepth::default);
    let reader = TrackingReader::new(
        reader,
        compression,
        max_bytes,
        pace,
        depth,
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
        let quad = quad.map_err(|error| explain(error, &name, &track))?;
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

fn explain(error: RdfParseError, name: &str, track: &Mutex<Track>) -> StoreError {
    let mut track = track.lock();
    if let Some(fault) = track.take_fault() {
        return (fault, name).into();
    }
    match error {
        RdfParseError::Syntax(error) => {
            let (line, column) = match error.location() {
                Some(range) => (range.start.line + 1, range.start.column + 1),
                None => track.position(),
            };
            StoreError::Syntax {
                name: name.to_owned(),
                line,
                column,
                message: without_position(&error.to_string()),
            }
        }
        // The reader records its own failures; what is left are complaints of a parser about its input.
        RdfParseError::Io(error) => {
            let (line, column) = track.position();
            StoreError::Syntax {
                name: name.to_owned(),
                line,
                column,
                message: error.to_string(),
            }
        }
    }
}

/// Drops the "Parser error at line 3 column 5: " with which a message repeats its place, and the capital
/// letter that follows.
fn without_position(message: &str) -> String {
    let text = match message.split_once(": ") {
        Some((head, tail)) if head.contains(" at line ") => tail,
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
