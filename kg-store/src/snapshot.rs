//! A consistent view of one revision.

use std::{
    io::Write,
    sync::{Arc, OnceLock},
};

use oxigraph::store::{Store, Transaction};
use oxrdfio::RdfSerializer;
use schemas::documents::Document;
use self_cell::self_cell;

use crate::{
    Naming, RdfSyntax, StoreError,
    documents::DocumentsView,
    layout::FolderLock,
    rdf::{
        GraphNameRef, NamedNodeRef, NamedOrBlankNode, NamedOrBlankNodeRef, Quad, TermRef,
        inferred_graph,
    },
};

self_cell!(
    /// A transaction that is never committed is a snapshot: it reads what was there when it began, and takes
    /// no lock that a writer would wait for.
    struct StoreView {
        owner: Store,

        #[not_covariant]
        dependent: Transaction,
    }
);

/// A consistent view of a knowledge base at one revision: facts and documents, undisturbed by later writes.
///
/// A clone is the same view and costs nothing. A view that is kept keeps old versions of what was written
/// since on disk, and the folder open, even after the [`KnowledgeBase`](crate::KnowledgeBase) is dropped: hold
/// it for an answer, not for a day.
#[derive(Clone)]
pub struct Snapshot {
    inner: Arc<Inner>,
    naming: Arc<Naming>,
}

struct Inner {
    revision: u64,
    quads: u64,
    view: StoreView,
    documents: DocumentsView,
    graphs: OnceLock<GraphSummary>,
    /// Last: the folder is given free when the store is closed.
    _lock: Arc<FolderLock>,
}

/// Which kinds of graphs there are, for choosing a query's dataset.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GraphSummary {
    pub(crate) inferred: bool,
    pub(crate) named: bool,
}

impl Snapshot {
    pub(crate) fn new(
        revision: u64,
        quads: u64,
        store: &Store,
        documents: DocumentsView,
        lock: Arc<FolderLock>,
    ) -> Result<Self, StoreError> {
        let view = StoreView::try_new(store.clone(), |store| store.start_transaction())?;
        Ok(Self {
            inner: Arc::new(Inner {
                revision,
                quads,
                view,
                documents,
                graphs: OnceLock::new(),
                _lock: lock,
            }),
            naming: Arc::default(),
        })
    }

    /// The same view, in which things are called by some predicates of the knowledge base's own as well. What is stored,
    /// and what queries find, does not change.
    #[must_use]
    pub fn named_by(&self, naming: &Arc<Naming>) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            naming: Arc::clone(naming),
        }
    }

    /// The predicates of [`Snapshot::named_by`].
    pub fn naming(&self) -> &Naming {
        &self.naming
    }

    pub(crate) fn with_transaction<R>(&self, read: impl FnOnce(&Transaction<'_>) -> R) -> R {
        self.inner
            .view
            .with_dependent(|_, transaction| read(transaction))
    }

    /// The revision that is seen.
    pub fn revision(&self) -> u64 {
        self.inner.revision
    }

    /// The quads that match a pattern, `None` standing for anything. The default graph is
    /// [`GraphNameRef::DefaultGraph`]; `None` is all graphs, in each of which a triple counts once.
    ///
    /// Each bound prefix of s-p-o, p-o-s or o-s-p is looked up in an index, with or without the graph; with
    /// all of them `None` this is a full scan.
    pub fn quads(
        &self,
        subject: Option<NamedOrBlankNodeRef<'_>>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<TermRef<'_>>,
        graph: Option<GraphNameRef<'_>>,
    ) -> impl Iterator<Item = Result<Quad, StoreError>> + '_ {
        self.inner
            .view
            .with_dependent(|_, transaction| {
                transaction.quads_for_pattern(subject, predicate, object, graph)
            })
            .map(|quad| quad.map_err(StoreError::from))
    }

    /// The named graphs, each of which holds at least one quad.
    pub fn named_graphs(&self) -> Result<Vec<NamedOrBlankNode>, StoreError> {
        self.with_transaction(|transaction| {
            transaction.named_graphs().map(|graph| Ok(graph?)).collect()
        })
    }

    /// Whether a named graph exists, which is to say that it holds a quad. The default graph always exists.
    pub fn contains_graph(&self, graph: GraphNameRef<'_>) -> Result<bool, StoreError> {
        let name: NamedOrBlankNodeRef<'_> = match graph {
            GraphNameRef::NamedNode(node) => node.into(),
            GraphNameRef::BlankNode(node) => node.into(),
            GraphNameRef::DefaultGraph => return Ok(true),
        };
        Ok(self.with_transaction(|transaction| transaction.contains_named_graph(name))?)
    }

    pub(crate) fn graph_summary(&self) -> Result<GraphSummary, StoreError> {
        if let Some(summary) = self.inner.graphs.get() {
            return Ok(*summary);
        }
        let summary = GraphSummary {
            inferred: self.contains_graph(inferred_graph().into())?,
            named: self.with_transaction(|transaction| transaction.named_graphs().next().is_some()),
        };
        Ok(*self.inner.graphs.get_or_init(|| summary))
    }

    /// How many quads there are, told and inferred. It is counted as writes go, so that asking costs
    /// nothing.
    pub fn quad_count(&self) -> Result<u64, StoreError> {
        Ok(self.inner.quads)
    }

    /// Writes a graph, or all that was told, and returns how many quads it wrote. Inferred facts are written only where
    /// their graph is asked for: they follow from the others, and loading refuses them.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when the dataset is asked for in a syntax that holds one graph only.
    pub fn dump(
        &self,
        syntax: RdfSyntax,
        graph: Option<GraphNameRef<'_>>,
        writer: impl Write,
    ) -> Result<u64, StoreError> {
        if graph.is_none() && !syntax.holds_graphs() {
            return Err(StoreError::Invalid(format!(
                "{syntax} holds a single graph: name one, or use N-Quads or TriG"
            )));
        }
        let io = |error| StoreError::io(std::path::Path::new("output"), error);
        let mut serializer = RdfSerializer::from_format(syntax.format()).for_writer(writer);
        let mut count = 0;
        let inferred = GraphNameRef::from(inferred_graph());
        for quad in self.quads(None, None, None, graph) {
            let quad = quad?;
            if graph.is_none() && quad.graph_name.as_ref() == inferred {
                continue;
            }
            if graph.is_some() {
                serializer.serialize_triple(quad.as_ref()).map_err(io)?;
            } else {
                serializer.serialize_quad(quad.as_ref()).map_err(io)?;
            }
            count += 1;
        }
        serializer
            .finish()
            .and_then(|mut writer| writer.flush())
            .map_err(io)?;
        Ok(count)
    }

    /// A document.
    pub fn document(&self, id: &str) -> Result<Option<Document>, StoreError> {
        self.inner.documents.get(id)
    }

    /// At most `limit` documents in the order of their ids, after the given id or from the first.
    pub fn documents(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, StoreError> {
        self.inner.documents.list(after, limit)
    }

    /// How many documents there are.
    pub fn document_count(&self) -> Result<u64, StoreError> {
        self.inner.documents.count()
    }

    pub(crate) fn has_document(&self, id: &str) -> Result<bool, StoreError> {
        self.inner.documents.contains(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_may_cross_threads() {
        fn crosses<T: Send + Sync + Clone>() {}
        crosses::<Snapshot>();
    }
}
