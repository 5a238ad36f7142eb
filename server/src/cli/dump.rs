//! `almanac dump`.

use std::io::{self, BufWriter, Write};

use clap::Args;
use kg_store::{RdfSyntax, rdf::GraphName};

use super::{
    Common, Failure,
    target::{Target, segment},
};
use crate::jobs::graph_name;

/// Write a knowledge base, or one of its graphs, as RDF to standard output.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  almanac dump world > world.nq\n  almanac dump world --graph default --format ttl\n  almanac dump world --graph https://example.org/g --format nt | gzip > g.nt.gz"
)]
pub(super) struct Dump {
    /// The knowledge base.
    name: String,
    /// nq, trig or jsonld; for one graph also ttl, nt, rdf.
    #[arg(long, default_value = "nq", value_name = "SYNTAX")]
    format: String,
    /// One graph only; `default` for the default graph.
    #[arg(long, value_name = "IRI")]
    graph: Option<String>,
}

impl Dump {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        let syntax = RdfSyntax::from_extension(&self.format).ok_or_else(|| {
            Failure::usage(format!("`{}` is no RDF syntax known here", self.format))
        })?;
        let mut out = BufWriter::new(io::stdout().lock());
        match Target::open(common)? {
            Target::Local(local) => {
                let view = local.shelf(&self.name)?.view();
                let graph = match self.graph.as_deref() {
                    None => None,
                    Some("default") => Some(GraphName::DefaultGraph),
                    Some(iri) => Some(graph_name(Some(iri))?),
                };
                if let Some(graph) = &graph
                    && !view.snapshot().contains_graph(graph.as_ref())?
                {
                    return Err(Failure::not_found("there is no such graph"));
                }
                view.snapshot()
                    .dump(syntax, graph.as_ref().map(GraphName::as_ref), &mut out)?;
            }
            Target::Remote(client) => {
                let mut query = vec![("format", self.format.as_str())];
                if let Some(graph) = &self.graph {
                    query.push(("graph", graph));
                }
                let path = format!("/kb/{}/dump", segment(&self.name));
                let mut reader = client.get_stream(&path, &query, None)?;
                io::copy(&mut reader, &mut out)?;
            }
        }
        out.flush()?;
        Ok(())
    }
}
