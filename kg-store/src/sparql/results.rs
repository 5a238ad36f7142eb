//! Writes results as they come: tables in the four formats of SPARQL 1.1, graphs in any RDF syntax.

use std::{
    io::{self, Write},
    path::Path,
    time::Instant,
};

use oxigraph::sparql::{
    Variable,
    results::{QueryResultsFormat, QueryResultsSerializer},
};
use oxrdfio::RdfSerializer;

use super::{
    CheckedQuery, QueryForm, QueryLimits,
    run::{self, Piece, Running},
};
use crate::{RdfSyntax, Snapshot, StoreError};

/// How a result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResultFormat {
    /// SPARQL Query Results JSON, for SELECT and ASK.
    Json,
    /// SPARQL Query Results XML, for SELECT and ASK.
    Xml,
    /// CSV, for SELECT and ASK.
    Csv,
    /// TSV, for SELECT and ASK.
    Tsv,
    /// An RDF syntax, for CONSTRUCT and DESCRIBE.
    Rdf(RdfSyntax),
}

impl ResultFormat {
    /// The format of a media type; its parameters are ignored.
    pub fn from_media_type(media_type: &str) -> Option<Self> {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        Some(match essence.to_ascii_lowercase().as_str() {
            "application/sparql-results+json" | "application/json" => Self::Json,
            "application/sparql-results+xml" | "application/xml" | "text/xml" => Self::Xml,
            "text/csv" => Self::Csv,
            "text/tab-separated-values" => Self::Tsv,
            other => Self::Rdf(RdfSyntax::from_media_type(other)?),
        })
    }

    /// The registered media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/sparql-results+json",
            Self::Xml => "application/sparql-results+xml",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Tsv => "text/tab-separated-values; charset=utf-8",
            Self::Rdf(syntax) => syntax.media_type(),
        }
    }

    /// Whether a query of this form can be written so.
    pub fn suits(self, form: QueryForm) -> bool {
        let graph = matches!(form, QueryForm::Construct | QueryForm::Describe);
        graph == matches!(self, Self::Rdf(_))
    }
}

pub(super) fn too_large(limits: &QueryLimits) -> StoreError {
    StoreError::TooLarge {
        what: "the query's result".to_owned(),
        limit: format!("{} bytes", limits.max_bytes),
    }
}

impl Snapshot {
    /// Evaluates a query and writes its result as it comes, so that a long one is never held as a whole.
    ///
    /// # Errors
    /// [`StoreError::Unsupported`] for a format that does not suit the query's form, before anything is written;
    /// otherwise as [`Snapshot::select`], when part of the result may have been written.
    pub fn query_to_writer(
        &self,
        query: &CheckedQuery,
        format: ResultFormat,
        limits: &QueryLimits,
        writer: impl Write,
    ) -> Result<(), StoreError> {
        if !format.suits(query.form()) {
            return Err(StoreError::Unsupported(format!(
                "the result of this query cannot be written as {}",
                format.media_type()
            )));
        }
        let mut running = run::start(self, query, limits)?;
        let mut out = Bounded {
            inner: io::BufWriter::new(writer),
            left: limits.max_bytes,
            deadline: limits.deadline,
            fault: None,
        };
        let written = write_result(&mut running, format, &mut out);
        match (out.fault, written) {
            (Some(Fault::Bytes), _) => Err(too_large(limits)),
            (Some(Fault::Time), _) => Err(StoreError::QueryTimeout),
            (None, Err(error)) => Err(error),
            (None, Ok(())) => out.inner.flush().map_err(output_error),
        }
    }
}

fn output_error(error: io::Error) -> StoreError {
    StoreError::io(Path::new("output"), error)
}

fn write_result(
    running: &mut Running,
    format: ResultFormat,
    out: &mut impl Write,
) -> Result<(), StoreError> {
    let table_format = match format {
        ResultFormat::Json => QueryResultsFormat::Json,
        ResultFormat::Xml => QueryResultsFormat::Xml,
        ResultFormat::Csv => QueryResultsFormat::Csv,
        ResultFormat::Tsv => QueryResultsFormat::Tsv,
        ResultFormat::Rdf(syntax) => return write_graph(running, syntax, out),
    };
    let serializer = QueryResultsSerializer::from_format(table_format);
    let variables: Vec<Variable> = match running.next()? {
        Piece::Boolean(value) => {
            serializer
                .serialize_boolean_to_writer(&mut *out, value)
                .map_err(output_error)?;
            running.next()?;
            return Ok(());
        }
        Piece::Variables(names) => names.into_iter().map(Variable::new_unchecked).collect(),
        _ => return Err(StoreError::Internal("a result without a head".to_owned())),
    };
    let mut table = serializer
        .serialize_solutions_to_writer(&mut *out, variables.clone())
        .map_err(output_error)?;
    loop {
        match running.next()? {
            Piece::Rows(rows) => {
                for row in rows {
                    let bound = variables
                        .iter()
                        .zip(&row)
                        .filter_map(|(variable, term)| Some((variable, term.as_ref()?)));
                    table.serialize(bound).map_err(output_error)?;
                }
            }
            Piece::End => break,
            _ => {}
        }
    }
    table.finish().map_err(output_error)?;
    Ok(())
}

fn write_graph(
    running: &mut Running,
    syntax: RdfSyntax,
    out: &mut impl Write,
) -> Result<(), StoreError> {
    let mut serializer = RdfSerializer::from_format(syntax.format()).for_writer(&mut *out);
    loop {
        match running.next()? {
            Piece::Triples(triples) => {
                for triple in triples {
                    serializer
                        .serialize_triple(triple.as_ref())
                        .map_err(output_error)?;
                }
            }
            Piece::End => break,
            _ => {}
        }
    }
    serializer.finish().map_err(output_error)?;
    Ok(())
}

/// Counts bytes and looks at the clock, for readers that are slower than the query.
struct Bounded<W: Write> {
    inner: io::BufWriter<W>,
    left: usize,
    deadline: Instant,
    fault: Option<Fault>,
}

enum Fault {
    Bytes,
    Time,
}

impl<W: Write> Write for Bounded<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if data.len() > self.left {
            self.fault = Some(Fault::Bytes);
            return Err(io::Error::other("the result is too large"));
        }
        let written = self.inner.write(data)?;
        self.left -= written;
        // The buffer takes thousands of small writes between two that may block.
        if self.inner.buffer().len() < data.len() && Instant::now() > self.deadline {
            self.fault = Some(Fault::Time);
            return Err(io::Error::other("the deadline has passed"));
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
