//! One knowledge base: a store and the index that follows it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kg_store::rdf::GraphName;
use kg_store::{
    Change, KnowledgeBase, LoadOptions, Quiet, RdfInput, Watch, Writer, note_unreadable,
};
use parking_lot::{Mutex, RwLock};
use schemas::KbName;
use schemas::documents::Document;
use schemas::knowledge_base::{CheckReport, Commit};

use crate::catalog::Catalog;
use crate::index::IndexStore;
use crate::library::LibraryOptions;
use crate::view::ReadView;
use crate::{RetrieverError, evidence};

/// A knowledge base that can be read and written.
///
/// Each write is journalled and stored, then indexed, then published as one [`ReadView`], and only then
/// acknowledged: who has been told of a revision finds it in every answer from then on.
pub struct Shelf {
    name: KbName,
    index_dir: PathBuf,
    kb: KnowledgeBase,
    // Locked only by who holds the store's writer: the order is always writer first, index second.
    index: Mutex<IndexStore>,
    published: RwLock<ReadView>,
}

impl Shelf {
    pub(crate) fn create(
        name: KbName,
        dir: &Path,
        options: &LibraryOptions,
    ) -> Result<Self, RetrieverError> {
        let kb = KnowledgeBase::create(dir, options.store.clone())?;
        Self::with(name, dir, kb)
    }

    pub(crate) fn open(
        name: KbName,
        dir: &Path,
        options: &LibraryOptions,
    ) -> Result<Self, RetrieverError> {
        let kb = KnowledgeBase::open(dir, options.store.clone())?;
        // A process that was killed between a write and what follows from it, or a program that infers more by now.
        if let Err(cause) = kb.writer().infer(None, &Quiet) {
            // What was told can be read all the same; the next write tries again.
            tracing::warn!(kb = %name, %cause, "what follows from axioms could not be written");
        }
        Self::with(name, dir, kb)
    }

    fn with(name: KbName, dir: &Path, kb: KnowledgeBase) -> Result<Self, RetrieverError> {
        let index_dir = dir.join("index");
        std::fs::create_dir_all(&index_dir).map_err(RetrieverError::io(&index_dir))?;
        let snapshot = kb.snapshot()?;
        let catalog = Arc::new(Catalog::build(&snapshot)?);
        let snapshot = snapshot.named_by(catalog.naming());
        let index = match IndexStore::open(&index_dir)? {
            Some(mut index) if index.revision() <= snapshot.revision() => {
                if index.revision() < snapshot.revision()
                    || !index.is_told_by(&snapshot, catalog.conventions())
                {
                    let changes = kb.changes_since(index.revision())?;
                    tracing::info!(kb = %name, from = index.revision(), to = snapshot.revision(), "the index catches up");
                    index.follow(&snapshot, &changes, catalog.conventions(), &Quiet)?;
                }
                index
            }
            // The journal is the truth: an index that is ahead of it belongs to another history.
            _ => IndexStore::build(&index_dir, &snapshot, catalog.conventions(), &Quiet)?,
        };
        let view = ReadView::new(snapshot, index.reader(), catalog);
        Ok(Self {
            name,
            index_dir,
            kb,
            index: Mutex::new(index),
            published: RwLock::new(view),
        })
    }

    /// The name.
    pub fn name(&self) -> &KbName {
        &self.name
    }

    /// What is published now. The view stays as it is, whatever is written later.
    pub fn view(&self) -> ReadView {
        self.published.read().clone()
    }

    /// Loads RDF: whole, or not at all.
    pub fn load(
        &self,
        input: RdfInput<'_>,
        options: &LoadOptions,
        watch: &dyn Watch,
    ) -> Result<Commit, RetrieverError> {
        self.write(watch, |writer| {
            Ok((writer.load(input, options, watch)?, ()))
        })
        .map(|(commit, ())| commit)
    }

    /// Replaces a graph by what the input holds.
    pub fn put_graph(
        &self,
        graph: &GraphName,
        input: RdfInput<'_>,
        watch: &dyn Watch,
    ) -> Result<Commit, RetrieverError> {
        self.write(watch, |writer| {
            Ok((writer.put_graph(graph, input, watch)?, ()))
        })
        .map(|(commit, ())| commit)
    }

    /// Adds to a graph.
    pub fn post_graph(
        &self,
        graph: &GraphName,
        input: RdfInput<'_>,
        watch: &dyn Watch,
    ) -> Result<Commit, RetrieverError> {
        self.write(watch, |writer| {
            Ok((writer.post_graph(graph, input, watch)?, ()))
        })
        .map(|(commit, ())| commit)
    }

    /// Removes a graph.
    pub fn delete_graph(
        &self,
        graph: &GraphName,
        watch: &dyn Watch,
    ) -> Result<Commit, RetrieverError> {
        self.write(watch, |writer| Ok((writer.delete_graph(graph, watch)?, ())))
            .map(|(commit, ())| commit)
    }

    /// Puts documents; says of each whether it is new.
    pub fn put_documents(
        &self,
        documents: Vec<Document>,
        watch: &dyn Watch,
    ) -> Result<(Commit, Vec<bool>), RetrieverError> {
        self.write(watch, |writer| Ok(writer.put_documents(documents, watch)?))
    }

    /// Deletes documents; says how many there were.
    pub fn delete_documents(
        &self,
        ids: &[String],
        watch: &dyn Watch,
    ) -> Result<(Commit, u64), RetrieverError> {
        self.write(watch, |writer| Ok(writer.delete_documents(ids, watch)?))
    }

    /// Compares the journal with the store, and the store with the index.
    pub fn check(&self, watch: &dyn Watch) -> Result<CheckReport, RetrieverError> {
        // No write comes between the two comparisons.
        let _writer = self.kb.writer();
        let mut report = self.kb.check(watch)?;
        let index = self.index.lock();
        let catalog = Arc::clone(self.published.read().catalog());
        let compared = evidence::check_index(
            &self.kb.snapshot()?.named_by(catalog.naming()),
            &index.reader(),
            catalog.conventions(),
            index.revision(),
            &mut report,
            watch,
        );
        match compared {
            // The comparison reads the store as well.
            Err(RetrieverError::Store(error)) => note_unreadable(Err(error), &mut report)?,
            compared => compared?,
        }
        Ok(report)
    }

    /// Builds the index anew beside the one in use, then puts it in its place. Reading goes on meanwhile;
    /// writes wait.
    pub fn reindex(&self, watch: &dyn Watch) -> Result<(), RetrieverError> {
        let _writer = self.kb.writer();
        let snapshot = self.kb.snapshot()?;
        let catalog = Arc::new(Catalog::build(&snapshot)?);
        let snapshot = snapshot.named_by(catalog.naming());
        let built = IndexStore::build(&self.index_dir, &snapshot, catalog.conventions(), watch)?;
        let mut index = self.index.lock();
        *index = built;
        *self.published.write() = ReadView::new(snapshot, index.reader(), catalog);
        index.sweep();
        Ok(())
    }

    fn write<T>(
        &self,
        watch: &dyn Watch,
        action: impl FnOnce(&mut Writer<'_>) -> Result<(Change, T), RetrieverError>,
    ) -> Result<(Commit, T), RetrieverError> {
        let mut writer = self.kb.writer();
        let (change, value) = action(&mut writer)?;
        let mut commit = Commit {
            revision: change.revision,
            added: change.added,
            removed: change.removed,
        };
        // What was written is committed: from here on it can no longer be cancelled, only be slow.
        let watch = &Uncancelled(watch);
        let inferred = writer.infer(Some(&change.extent), watch)?;
        let first = change.revision;
        let written = match inferred {
            Some(inferred) => {
                commit.revision = inferred.revision;
                vec![change, inferred]
            }
            None => vec![change],
        };
        let snapshot = self.kb.snapshot()?;
        let mut index = self.index.lock();
        // After a failure the index may lag by more than this one change.
        let changes = if index.revision() + 1 == first {
            written
        } else {
            self.kb.changes_since(index.revision())?
        };
        let known = Arc::clone(self.published.read().catalog());
        let catalog = known.follow(&snapshot.named_by(known.naming()), &changes)?;
        let snapshot = snapshot.named_by(catalog.naming());
        index.follow(&snapshot, &changes, catalog.conventions(), watch)?;
        *self.published.write() = ReadView::new(snapshot, index.reader(), catalog);
        Ok((commit, value))
    }
}

/// Shows progress, and does not stop.
struct Uncancelled<'a>(&'a dyn Watch);

impl Watch for Uncancelled<'_> {
    fn progress(&self, phase: &'static str, done: u64, total: Option<u64>) {
        self.0.progress(phase, done, total);
    }

    fn cancelled(&self) -> bool {
        false
    }
}
