//! The kinds of long work, for requests that wait and for jobs alike.

use std::{fs::File, io::BufReader, path::Path};

use kg_store::{
    Compression, LoadOptions, RdfInput, RdfSyntax, Watch, rdf::GraphName, rdf::NamedNode,
};
use retriever::Shelf;
use schemas::ErrorClass;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::upload;
use crate::problem::ApiError;

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
    pub(super) fn new(revision: u64, body: &impl Serialize) -> Result<Self, ApiError> {
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
            Self::Documents => return upload::documents(shelf, file()?, watch),
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
#[cfg(test)]
mod tests {
    use super::*;

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
