//! The one way to change a knowledge base: into the journal first, then into the store.

use std::collections::HashSet;

use parking_lot::MutexGuard;
use schemas::documents::Document;

use crate::{
    Change, Extent, KnowledgeBase, RdfInput, SegmentKind, StoreError, Watch, axioms,
    input::{Graphs, parse},
    journal::{DocumentRow, SegmentWriter},
    kb::WriteState,
    rdf::{GraphName, INFERRED_GRAPH, Quad, fingerprint},
    reload::{self, Sources},
};

/// How a load is done.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// The graph of triples. Quads go to the graph that they name.
    pub graph: GraphName,
    /// The name of what is loaded, at most 1,024 bytes. What an earlier load of the same name brought and
    /// this one does not is removed, unless another write asserts it too. Without a name a load only adds.
    pub source: Option<String>,
}

/// Quads to add and to remove in one revision. A quad in both lists is added.
///
/// Blank nodes are taken as they are: one with the id of a stored blank node is that node.
#[derive(Clone, Debug, Default)]
pub struct Delta {
    /// Quads to add.
    pub added: Vec<Quad>,
    /// Quads to remove.
    pub removed: Vec<Quad>,
}

/// Writes to a knowledge base. It holds the write lock for its life.
///
/// Each method is one revision. When it returns a [`Change`], the revision is in the journal, outlives a power
/// cut, and is what new snapshots see. When it fails before the journal has the revision, nothing has
/// changed; should applying it fail afterwards (a full disk), the next write or the next opening applies it.
pub struct Writer<'a> {
    kb: &'a KnowledgeBase,
    state: MutexGuard<'a, WriteState>,
}

const MAX_SOURCE_BYTES: usize = 1024;
const MAX_DOCUMENT_ID_BYTES: usize = 512;

impl<'a> Writer<'a> {
    pub(crate) fn new(kb: &'a KnowledgeBase, state: MutexGuard<'a, WriteState>) -> Self {
        Self { kb, state }
    }

    /// Loads an input whole or not at all. Its blank nodes are new ones.
    ///
    /// # Errors
    /// [`StoreError::Syntax`] with the place of the first error; [`StoreError::Cancelled`];
    /// [`StoreError::TooLarge`]; [`StoreError::Invalid`] when the target is the graph of inferred facts.
    pub fn load(
        &mut self,
        input: RdfInput<'_>,
        options: &LoadOptions,
        watch: &dyn Watch,
    ) -> Result<Change, StoreError> {
        refuse_inferred(&options.graph)?;
        self.kb.catch_up(&mut self.state, watch)?;
        let source = options.source.as_deref();
        if source.is_some_and(|source| source.is_empty() || source.len() > MAX_SOURCE_BYTES) {
            return Err(StoreError::Invalid(format!(
                "the name of a source has 1 to {MAX_SOURCE_BYTES} bytes"
            )));
        }
        let reloads = match source {
            Some(source) => self.sources()?.latest(source).is_some(),
            None => false,
        };
        let mut segment = self.begin(SegmentKind::Load, source)?;
        let graphs = Graphs::Named(options.graph.clone());
        let kept = self.write_input(&mut segment, input, &graphs, reloads, watch)?;
        if let (Some(source), true) = (source, reloads) {
            let kb = self.kb;
            let store = &kb.store;
            let sources = self.sources()?;
            reload::dropped(kb.journal(), sources, source, &kept, watch, &mut |quad| {
                if store.contains(&quad)? {
                    segment.row(false, quad.as_ref())?;
                }
                Ok(())
            })?;
        }
        self.finish(segment, watch)
    }

    /// Replaces the content of a graph. An empty input leaves a named graph that does not exist.
    ///
    /// # Errors
    /// As [`Writer::load`]; also [`StoreError::Syntax`] for an input that names graphs itself.
    pub fn put_graph(
        &mut self,
        graph: &GraphName,
        input: RdfInput<'_>,
        watch: &dyn Watch,
    ) -> Result<Change, StoreError> {
        refuse_inferred(graph)?;
        self.kb.catch_up(&mut self.state, watch)?;
        let mut segment = self.begin(SegmentKind::PutGraph, None)?;
        let graphs = Graphs::Only(graph.clone());
        let kept = self.write_input(&mut segment, input, &graphs, true, watch)?;
        let mut buffer = Vec::new();
        self.remove_graph_rows(&mut segment, graph, watch, |quad| {
            !kept.contains(&fingerprint(quad.as_ref(), &mut buffer))
        })?;
        self.finish(segment, watch)
    }

    /// Merges triples into a graph.
    ///
    /// # Errors
    /// As [`Writer::put_graph`].
    pub fn post_graph(
        &mut self,
        graph: &GraphName,
        input: RdfInput<'_>,
        watch: &dyn Watch,
    ) -> Result<Change, StoreError> {
        refuse_inferred(graph)?;
        self.kb.catch_up(&mut self.state, watch)?;
        let mut segment = self.begin(SegmentKind::PostGraph, None)?;
        let graphs = Graphs::Only(graph.clone());
        self.write_input(&mut segment, input, &graphs, false, watch)?;
        self.finish(segment, watch)
    }

    /// Removes a graph with all its triples. The default graph, which always exists, is emptied.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a named graph that does not exist; [`StoreError::Invalid`] for the graph
    /// of inferred facts.
    pub fn delete_graph(
        &mut self,
        graph: &GraphName,
        watch: &dyn Watch,
    ) -> Result<Change, StoreError> {
        refuse_inferred(graph)?;
        self.kb.catch_up(&mut self.state, watch)?;
        if !self.kb.snapshot()?.contains_graph(graph.as_ref())? {
            return Err(StoreError::NotFound(format!("graph {graph}")));
        }
        let mut segment = self.begin(SegmentKind::DeleteGraph, None)?;
        self.remove_graph_rows(&mut segment, graph, watch, |_| true)?;
        self.finish(segment, watch)
    }

    /// Makes the graph of inferred facts hold what axioms say of classes, if `after` may have changed that. None where it
    /// holds it already.
    ///
    /// # Errors
    /// As [`Writer::apply`].
    pub fn infer(
        &mut self,
        after: Option<&Extent>,
        watch: &dyn Watch,
    ) -> Result<Option<Change>, StoreError> {
        let touched = match after {
            Some(Extent::Quads(touched)) => axioms::is_touched(touched),
            Some(Extent::Documents { .. } | Extent::Nothing) => false,
            None => true,
        };
        // What failed the last time is due still.
        self.state.infer |= touched;
        if !self.state.infer {
            return Ok(None);
        }
        self.kb.catch_up(&mut self.state, watch)?;
        let delta = axioms::difference(&self.kb.snapshot()?, watch)?;
        let change = match delta.added.is_empty() && delta.removed.is_empty() {
            true => None,
            false => Some(self.write_delta(&delta, watch)?),
        };
        self.state.infer = false;
        Ok(change)
    }

    /// Adds and removes quads. What is written to the graph of inferred facts stays only until these are inferred anew.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`], [`StoreError::Cancelled`].
    pub fn apply(&mut self, delta: Delta, watch: &dyn Watch) -> Result<Change, StoreError> {
        self.kb.catch_up(&mut self.state, watch)?;
        let rows = (delta.added.len() + delta.removed.len()) as u64;
        let limit = self.kb.options.max_quads_per_write;
        if rows > limit {
            return Err(StoreError::TooLarge {
                what: "the delta".to_owned(),
                limit: format!("{limit} quads"),
            });
        }
        self.write_delta(&delta, watch)
    }

    fn write_delta(&mut self, delta: &Delta, watch: &dyn Watch) -> Result<Change, StoreError> {
        let mut segment = self.begin(SegmentKind::Delta, None)?;
        // Removals first, so that a quad in both lists ends up added.
        for quad in &delta.removed {
            segment.row(false, quad.as_ref())?;
        }
        for quad in &delta.added {
            segment.row(true, quad.as_ref())?;
        }
        if watch.cancelled() {
            return Err(StoreError::Cancelled);
        }
        self.finish(segment, watch)
    }

    /// Creates or replaces documents, all in one revision. Tells for each whether it is a new one. Of two with
    /// the same id the later one counts.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for an id that is empty or longer than 512 bytes, [`StoreError::TooLarge`] for a
    /// document or a number of documents beyond the limits.
    pub fn put_documents(
        &mut self,
        documents: Vec<Document>,
        watch: &dyn Watch,
    ) -> Result<(Change, Vec<bool>), StoreError> {
        self.kb.catch_up(&mut self.state, watch)?;
        self.check_documents(&documents)?;
        let snapshot = self.kb.snapshot()?;
        let mut segment = self.begin(SegmentKind::Documents, None)?;
        let mut created = Vec::with_capacity(documents.len());
        let mut seen = HashSet::new();
        for document in documents {
            if watch.cancelled() {
                return Err(StoreError::Cancelled);
            }
            let new = seen.insert(document.id.clone()) && !snapshot.has_document(&document.id)?;
            created.push(new);
            segment.document(&DocumentRow::Put(document))?;
        }
        Ok((self.finish(segment, watch)?, created))
    }

    /// Deletes documents and tells how many there were. Ids that name none are passed over.
    pub fn delete_documents(
        &mut self,
        ids: &[String],
        watch: &dyn Watch,
    ) -> Result<(Change, u64), StoreError> {
        self.kb.catch_up(&mut self.state, watch)?;
        let snapshot = self.kb.snapshot()?;
        let mut segment = self.begin(SegmentKind::Documents, None)?;
        let mut seen = HashSet::new();
        for id in ids {
            if seen.insert(id) && snapshot.has_document(id)? {
                segment.document(&DocumentRow::Delete(id.clone()))?;
            }
        }
        let deleted = segment.rows();
        Ok((self.finish(segment, watch)?, deleted))
    }

    fn begin(&self, kind: SegmentKind, source: Option<&str>) -> Result<SegmentWriter, StoreError> {
        self.kb
            .journal()
            .begin(kind, source, self.kb.options.compression_level)
    }

    fn sources(&mut self) -> Result<&Sources, StoreError> {
        let sources = match self.state.sources.take() {
            Some(sources) => sources,
            None => Sources::read(self.kb.journal())?,
        };
        Ok(self.state.sources.insert(sources))
    }

    /// Writes the quads of an input as additions; returns their fingerprints when `collect` asks for them.
    fn write_input(
        &self,
        segment: &mut SegmentWriter,
        input: RdfInput<'_>,
        graphs: &Graphs,
        collect: bool,
        watch: &dyn Watch,
    ) -> Result<HashSet<u128>, StoreError> {
        let mut marks = HashSet::new();
        let mut buffer = Vec::new();
        let limit = self.kb.options.max_quads_per_write;
        parse(input, graphs, watch, limit, &mut |quad| {
            if collect {
                marks.insert(fingerprint(quad.as_ref(), &mut buffer));
            }
            segment.row(true, quad.as_ref())
        })?;
        Ok(marks)
    }

    /// Writes the removal of those quads of a graph that `wanted` picks.
    fn remove_graph_rows(
        &self,
        segment: &mut SegmentWriter,
        graph: &GraphName,
        watch: &dyn Watch,
        mut wanted: impl FnMut(&Quad) -> bool,
    ) -> Result<(), StoreError> {
        let snapshot = self.kb.snapshot()?;
        let mut ticker = crate::watch::Ticker::new(watch, "compare", None);
        for quad in snapshot.quads(None, None, None, Some(graph.as_ref())) {
            let quad = quad?;
            ticker.step()?;
            if wanted(&quad) {
                segment.row(false, quad.as_ref())?;
            }
        }
        ticker.finish();
        Ok(())
    }

    fn check_documents(&self, documents: &[Document]) -> Result<(), StoreError> {
        let options = &self.kb.options;
        if documents.len() > options.max_documents_per_write {
            return Err(StoreError::TooLarge {
                what: "the number of documents".to_owned(),
                limit: options.max_documents_per_write.to_string(),
            });
        }
        for document in documents {
            let id = &document.id;
            if id.is_empty() || id.len() > MAX_DOCUMENT_ID_BYTES {
                return Err(StoreError::Invalid(format!(
                    "the id of a document has 1 to {MAX_DOCUMENT_ID_BYTES} bytes"
                )));
            }
            let bytes = id.len()
                + document.text.len()
                + document.title.as_ref().map_or(0, String::len)
                + document.url.as_ref().map_or(0, String::len)
                + document.about.iter().map(String::len).sum::<usize>();
            if bytes > options.max_document_bytes {
                return Err(StoreError::TooLarge {
                    what: format!("document `{id}`"),
                    limit: format!("{} bytes", options.max_document_bytes),
                });
            }
        }
        Ok(())
    }

    /// Commits the segment, unless it is empty, and applies it.
    fn finish(&mut self, segment: SegmentWriter, watch: &dyn Watch) -> Result<Change, StoreError> {
        if segment.rows() == 0 {
            return Ok(Change {
                revision: self.kb.revision(),
                added: 0,
                removed: 0,
                extent: Extent::Nothing,
            });
        }
        if watch.cancelled() {
            return Err(StoreError::Cancelled);
        }
        let segment = segment.commit()?;
        self.kb.journal().push(&segment);
        if let Some(sources) = &mut self.state.sources {
            sources.push(&segment);
        }
        self.kb.follow(&mut self.state, &segment, watch)
    }
}

fn refuse_inferred(graph: &GraphName) -> Result<(), StoreError> {
    match graph {
        GraphName::NamedNode(node) if node.as_str() == INFERRED_GRAPH => Err(StoreError::Invalid(
            format!("the graph <{INFERRED_GRAPH}> is kept for inferred facts"),
        )),
        _ => Ok(()),
    }
}
