//! What readers see.

use std::sync::Arc;

use kg_store::Snapshot;
use kg_store::rdf::{NamedNodeRef, Term as RdfTerm};
use schemas::knowledge_base::KnowledgeBaseInfo;
use schemas::{KbName, Term};

use crate::RetrieverError;
use crate::catalog::Catalog;
use crate::index::IndexReader;

/// A knowledge base at one revision: store, index and catalogue agree, and later writes do not disturb it.
///
/// Cheap to clone. While a view is held, what later writes delete stays on disk.
#[derive(Clone)]
pub struct ReadView {
    inner: Arc<Inner>,
}

struct Inner {
    snapshot: Snapshot,
    index: IndexReader,
    catalog: Arc<Catalog>,
}

impl ReadView {
    pub(crate) fn new(snapshot: Snapshot, index: IndexReader, catalog: Arc<Catalog>) -> Self {
        Self {
            inner: Arc::new(Inner {
                snapshot,
                index,
                catalog,
            }),
        }
    }

    /// The revision that is read.
    pub fn revision(&self) -> u64 {
        self.inner.snapshot.revision()
    }

    /// The store.
    pub fn snapshot(&self) -> &Snapshot {
        &self.inner.snapshot
    }

    /// The index.
    pub fn index(&self) -> &IndexReader {
        &self.inner.index
    }

    /// Predicates and classes.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.inner.catalog
    }

    /// What is known of the knowledge base as a whole.
    pub fn info(&self, name: &KbName) -> Result<KnowledgeBaseInfo, RetrieverError> {
        Ok(KnowledgeBaseInfo {
            name: name.clone(),
            revision: self.revision(),
            quads: self.snapshot().quad_count()?,
            entities: self.index().entity_count()?,
            documents: self.snapshot().document_count()?,
        })
    }

    /// A term with its label.
    pub fn labelled(&self, term: &RdfTerm) -> Result<Term, RetrieverError> {
        let mut shown = kg_store::rdf::to_schema_term(term);
        if let RdfTerm::NamedNode(node) = term {
            shown.label = Some(self.label(node.as_ref())?);
        }
        Ok(shown)
    }

    /// Whether a term stands for something that has no name of its own.
    pub fn is_nameless(&self, term: &RdfTerm) -> Result<bool, RetrieverError> {
        let catalog = self.catalog();
        let named = catalog.named();
        named.is_nameless(self.snapshot(), catalog.conventions(), term.as_ref())
    }

    /// Whether a term stands for something that is called after what it joins: "Birth of Ada Lovelace".
    pub fn is_composed(&self, term: &RdfTerm) -> Result<bool, RetrieverError> {
        let RdfTerm::NamedNode(node) = term else {
            return Ok(false);
        };
        let catalog = self.catalog();
        let named = catalog.named();
        named.is_composed(self.snapshot(), catalog.conventions(), node.as_ref())
    }

    /// The label of an IRI, English where there is a choice.
    pub fn label(&self, node: NamedNodeRef<'_>) -> Result<String, RetrieverError> {
        let catalog = self.catalog();
        if let Some(number) = catalog.predicate(node.as_str()) {
            return Ok(catalog.predicates()[number].label.clone());
        }
        if let Some(class) = catalog.class(node.as_str()) {
            return Ok(catalog.classes()[class].label.clone());
        }
        Ok(self.snapshot().label(node, &["en"])?)
    }
}
