//! Opens a knowledge base, brings it up to its journal, and publishes its revisions.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use oxigraph::store::Store;
use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};

use crate::{
    Change, Extent, Journal, Quiet, Segment, SegmentKind, Snapshot, StoreError, StoreOptions,
    Watch, Writer,
    apply::{self, Applied},
    change::TouchedCollector,
    documents::{self, Documents},
    layout::{FolderLock, Layout, read_dir, to_json, write_durably},
    reload::Sources,
};

/// A knowledge base, open in this process and in no other.
///
/// Any number of threads may take snapshots; one at a time writes. Dropping it flushes the store, so that
/// the next opening replays nothing; not dropping it (a kill, a power cut) costs a replay and no data.
pub struct KnowledgeBase {
    layout: Layout,
    pub(crate) options: StoreOptions,
    journal: Journal,
    pub(crate) store: Store,
    pub(crate) documents: Documents,
    pub(crate) state: Mutex<WriteState>,
    published: RwLock<Snapshot>,
    /// Shared with the snapshots: the folder is in use as long as one of them keeps the store open. Last, so
    /// that it is given free after all that works in it is closed.
    lock: Arc<FolderLock>,
}

/// What only the writer touches.
pub(crate) struct WriteState {
    /// How many quads the store holds.
    pub(crate) quads: u64,
    /// The last segment that store and documents hold.
    pub(crate) applied: u64,
    /// The last segment that the store holds for sure after a power cut.
    flushed: u64,
    /// Rows applied since.
    unflushed_rows: u64,
    /// Which revisions came from which source, once a load has asked.
    pub(crate) sources: Option<Sources>,
    /// Whether axioms may have changed since facts were last inferred from them.
    pub(crate) infer: bool,
}

/// Up to where the store is on disk.
#[derive(Serialize, Deserialize)]
struct Checkpoint {
    revision: u64,
    quads: u64,
}

impl KnowledgeBase {
    /// Makes a new, empty knowledge base in a folder that does not exist or is empty.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the folder holds anything.
    pub fn create(dir: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        Layout::new(dir).create()?;
        Self::open(dir, options)
    }

    /// Opens a knowledge base and replays what its store or its documents lack.
    ///
    /// After this all that was ever acknowledged is there, and of what was not, each write is there whole or
    /// not at all.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the folder is none, [`StoreError::Locked`] when another process has it,
    /// [`StoreError::Unsupported`] when a newer version wrote it, [`StoreError::Corrupt`] when the journal
    /// is damaged or the store is ahead of it.
    pub fn open(dir: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        Self::open_watched(dir, options, &Quiet)
    }

    /// [`KnowledgeBase::open`], with the progress of the replay.
    pub fn open_watched(
        dir: &Path,
        options: StoreOptions,
        watch: &dyn Watch,
    ) -> Result<Self, StoreError> {
        let layout = Layout::new(dir);
        layout.check_format()?;
        let lock = Arc::new(layout.lock(&options)?);
        layout.make_folders()?;
        let journal = Journal::open(&layout.journal())?;
        sweep(&layout.store())?;
        let checkpoint = read_checkpoint(&layout.checkpoint())?;
        let store = Store::open_with_options(
            layout.store(),
            oxigraph::store::StoreOptions::default().with_max_open_files(options.max_open_files),
        )?;
        let documents = Documents::open(&layout.documents())?;
        let head = journal.head();
        for (what, revision) in [
            (layout.checkpoint(), checkpoint.revision),
            (layout.documents(), documents.revision()?),
        ] {
            if revision > head {
                return Err(StoreError::corrupt(
                    &what,
                    format!("it is at revision {revision}, but the journal ends at {head}"),
                ));
            }
        }
        let mut state = WriteState {
            quads: checkpoint.quads,
            applied: head,
            flushed: checkpoint.revision,
            unflushed_rows: 0,
            sources: None,
            infer: true,
        };
        replay(&journal, &store, &documents, &mut state, watch)?;
        let first = Snapshot::new(
            head,
            state.quads,
            &store,
            documents.view()?,
            Arc::clone(&lock),
        )?;
        let kb = Self {
            layout,
            options,
            journal,
            store,
            documents,
            state: Mutex::new(state),
            published: RwLock::new(first),
            lock,
        };
        {
            let mut state = kb.state.lock();
            if state.flushed < head {
                kb.checkpoint(&mut state)?;
            }
        }
        Ok(kb)
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        self.layout.root()
    }

    /// The folder's part that the RDF store owns.
    pub fn store_dir(&self) -> PathBuf {
        self.layout.store()
    }

    /// The published revision: the one that [`KnowledgeBase::snapshot`] sees.
    pub fn revision(&self) -> u64 {
        self.published.read().revision()
    }

    /// The present revision, whole. A write that is under way is not in it.
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        Ok(self.published.read().clone())
    }

    /// The journal.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The one writer. Waits while another thread has it.
    pub fn writer(&self) -> Writer<'_> {
        Writer::new(self, self.state.lock())
    }

    /// What changed after a revision, segment by segment, read from the journal.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] for a revision that is not there yet.
    pub fn changes_since(&self, revision: u64) -> Result<Vec<Change>, StoreError> {
        let published = self.revision();
        if revision > published {
            return Err(StoreError::Conflict(format!(
                "revision {revision} is later than the present one, {published}"
            )));
        }
        (revision + 1..=published)
            .map(|revision| change_of(&self.journal.segment(revision)?))
            .collect()
    }

    /// Applies a committed segment and publishes its revision.
    pub(crate) fn follow(
        &self,
        state: &mut WriteState,
        segment: &Segment,
        watch: &dyn Watch,
    ) -> Result<Change, StoreError> {
        let mut bulk = false;
        let change = if segment.kind == SegmentKind::Documents {
            let (put, deleted) = self.documents.apply(segment)?;
            Change {
                revision: segment.revision,
                added: 0,
                removed: 0,
                extent: Extent::Documents { put, deleted },
            }
        } else {
            let applied = apply::apply(&self.store, segment, state.quads, watch)?;
            bulk = applied.bulk;
            state.quads = applied.quads;
            state.unflushed_rows += applied.rows;
            into_change(segment, applied)
        };
        state.applied = segment.revision;
        *self.published.write() = Snapshot::new(
            segment.revision,
            state.quads,
            &self.store,
            self.documents.view()?,
            Arc::clone(&self.lock),
        )?;
        let due = bulk
            || state.applied - state.flushed >= self.options.checkpoint_revisions
            || state.unflushed_rows >= self.options.checkpoint_quads;
        if due && let Err(error) = self.checkpoint(state) {
            // The write is committed and applied: a flush that failed only makes the next opening longer.
            tracing::warn!(%error, revision = state.applied, "the store could not be flushed");
        }
        Ok(change)
    }

    /// Catches up with segments that were committed but could not be applied, the disk having been full,
    /// say.
    pub(crate) fn catch_up(
        &self,
        state: &mut WriteState,
        watch: &dyn Watch,
    ) -> Result<(), StoreError> {
        if state.applied < self.journal.head() {
            // Part of it may be in the store, which the count does not know.
            state.quads = apply::count(&self.store)?;
            while state.applied < self.journal.head() {
                let segment = self.journal.segment(state.applied + 1)?;
                self.follow(state, &segment, watch)?;
            }
        }
        Ok(())
    }

    /// Flushes the store, so that the next opening replays nothing.
    pub fn flush(&self) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        self.checkpoint(&mut state)
    }

    fn checkpoint(&self, state: &mut WriteState) -> Result<(), StoreError> {
        self.store.flush()?;
        let checkpoint = Checkpoint {
            revision: state.applied,
            quads: state.quads,
        };
        write_durably(&self.layout.checkpoint(), &to_json(&checkpoint)?)?;
        state.flushed = state.applied;
        state.unflushed_rows = 0;
        Ok(())
    }
}

impl Drop for KnowledgeBase {
    fn drop(&mut self) {
        let mut state = self.state.lock();
        if state.flushed < state.applied
            && let Err(error) = self.checkpoint(&mut state)
        {
            tracing::warn!(%error, "the store could not be flushed on closing");
        }
    }
}

/// Brings store and documents up to the journal, each from where it is.
fn replay(
    journal: &Journal,
    store: &Store,
    documents: &Documents,
    state: &mut WriteState,
    watch: &dyn Watch,
) -> Result<(), StoreError> {
    let documents_at = documents.revision()?;
    let mut replayed = 0_u64;
    for revision in state.flushed.min(documents_at) + 1..=journal.head() {
        match journal.is_documents(revision) {
            Some(true) if revision > documents_at => {
                documents.apply(&journal.segment(revision)?)?;
            }
            Some(false) if revision > state.flushed => {
                // The count is wrong while the store may hold part of what is replayed.
                apply::apply(store, &journal.segment(revision)?, 0, watch)?;
            }
            _ => continue,
        }
        replayed += 1;
    }
    if state.flushed < journal.head() {
        state.quads = apply::count(store)?;
    }
    if replayed > 0 {
        tracing::info!(
            segments = replayed,
            revision = journal.head(),
            "replayed the journal"
        );
    }
    Ok(())
}

fn change_of(segment: &Segment) -> Result<Change, StoreError> {
    if segment.kind == SegmentKind::Documents {
        let (put, deleted) = documents::touched(segment)?;
        return Ok(Change {
            revision: segment.revision,
            added: 0,
            removed: 0,
            extent: Extent::Documents { put, deleted },
        });
    }
    let mut collector = TouchedCollector::new();
    let (mut added, mut removed) = (0, 0);
    for row in segment.rows()? {
        let row = row?;
        collector.quad(row.quad());
        match row {
            crate::Row::Add(_) => added += 1,
            crate::Row::Remove(_) => removed += 1,
        }
    }
    Ok(Change {
        revision: segment.revision,
        added,
        removed,
        extent: Extent::Quads(collector.finish()),
    })
}

fn into_change(segment: &Segment, applied: Applied) -> Change {
    Change {
        revision: segment.revision,
        added: applied.added,
        removed: applied.removed,
        extent: Extent::Quads(applied.touched),
    }
}

/// Removes the tables that an interrupted bulk load left in the store's folder. What it did is replayed.
fn sweep(store: &Path) -> Result<(), StoreError> {
    for path in read_dir(store)? {
        let orphan = path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with("bulk-") && name.ends_with(".sst"));
        if orphan {
            fs::remove_file(&path).map_err(|error| StoreError::io(&path, error))?;
        }
    }
    Ok(())
}

/// A store without a checkpoint is one that has to be replayed from the first segment.
fn read_checkpoint(path: &Path) -> Result<Checkpoint, StoreError> {
    if !path.exists() {
        return Ok(Checkpoint {
            revision: 0,
            quads: 0,
        });
    }
    let text = fs::read(path).map_err(|error| StoreError::io(path, error))?;
    serde_json::from_slice(&text).map_err(|error| {
        StoreError::corrupt(
            path,
            format!("{error} (delete this file: the store is then replayed from the journal)"),
        )
    })
}
