//! Long work that outlives its request, and a killed process: queued, run, watched, cancelled.

mod entry;
mod recover;
mod runner;
mod table;
mod upload;
mod work;

use std::{
    collections::{BTreeMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
    thread::JoinHandle,
};

use parking_lot::{Condvar, Mutex};
use retriever::Library;
use schemas::{
    ErrorClass, KbName,
    jobs::{Job, JobState, Progress},
};
use tokio::sync::watch;
use uuid::Uuid;

pub use table::{Record, Table};
pub use upload::{check_document, parse_line};
pub use work::{Encoding, Outcome, RdfBody, Work, graph_name};

use crate::{auth::now_ms, problem::ApiError};
use entry::Entry;

/// Events, each a version and the job as it then was, and a way to learn of later versions.
pub type Events = (Vec<(u64, Job)>, watch::Receiver<u64>);

/// Finished jobs that are remembered.
const REMEMBERED: usize = 1_000;

/// The jobs of a data folder.
///
/// A job whose submission was answered survives a killed process: its record and its body are on disk before
/// [`Jobs::submit`] returns. Jobs of one knowledge base run in the order of their submission.
pub struct Jobs {
    inner: Arc<Inner>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

struct Inner {
    table: Arc<Table>,
    library: Arc<Library>,
    spool: PathBuf,
    queue_limit: usize,
    max_decoded: u64,
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    /// By id; ids are UUIDs of version 7, so that their order is that of submission.
    entries: BTreeMap<String, Entry>,
    busy: HashSet<String>,
    stopping: bool,
}

impl Jobs {
    /// Opens the jobs of a data folder, takes up those that a stopped or killed process left, and starts threads.
    pub fn open(
        data: &Path,
        library: Arc<Library>,
        queue_limit: usize,
        max_decoded: u64,
    ) -> Result<Self, ApiError> {
        /// Jobs of different knowledge bases that run at the same time.
        const THREADS: usize = 2;
        let spool = data.join("spool");
        std::fs::create_dir_all(&spool).map_err(|e| crate::http::body::storage(&e))?;
        let table = Arc::new(Table::open(&data.join("jobs.redb"))?);
        let entries = recover::recover(&table, &spool)?;
        let inner = Arc::new(Inner {
            table,
            library,
            spool,
            queue_limit,
            max_decoded,
            state: Mutex::new(State {
                entries,
                ..State::default()
            }),
            wake: Condvar::new(),
        });
        let mut threads = Vec::new();
        for i in 0..THREADS {
            let inner = Arc::clone(&inner);
            let thread = std::thread::Builder::new()
                .name(format!("jobs-{i}"))
                .stack_size(16 << 20)
                .spawn(move || runner::run(&inner))
                .map_err(|e| ApiError::internal(format!("cannot start a thread: {e}")))?;
            threads.push(thread);
        }
        Ok(Self {
            inner,
            threads: Mutex::new(threads),
        })
    }

    /// Where bodies are spooled.
    pub fn spool(&self) -> &Path {
        &self.inner.spool
    }

    /// The table that jobs and replies are kept in.
    pub fn table(&self) -> &Arc<Table> {
        &self.inner.table
    }

    /// Accepts a job. The spooled body, if any, must be on disk; it is deleted when the job has ended.
    ///
    /// # Errors
    /// `Overloaded` when too many wait already, `Unavailable` when the server is stopping.
    pub fn submit(&self, kb: &KbName, work: Work, spool: Option<PathBuf>) -> Result<Job, ApiError> {
        let mut state = self.inner.state.lock();
        if state.stopping {
            return Err(ApiError::new(
                ErrorClass::Unavailable,
                "the server is stopping",
            ));
        }
        let waiting = state
            .entries
            .values()
            .filter(|e| e.record.job.state == JobState::Queued)
            .count();
        if waiting >= self.inner.queue_limit {
            return Err(ApiError::new(
                ErrorClass::Overloaded,
                "too many jobs are waiting",
            ));
        }
        let job = Job {
            id: Uuid::now_v7().to_string(),
            kind: work.kind().to_owned(),
            knowledge_base: kb.to_string(),
            state: JobState::Queued,
            progress: Progress::default(),
            created_ms: now_ms(),
            started_ms: None,
            finished_ms: None,
            result: None,
            error: None,
        };
        let record = Record {
            job: job.clone(),
            work,
            spool: spool
                .as_deref()
                .and_then(Path::file_name)
                .map(|n| n.to_string_lossy().into_owned()),
            version: 1,
            attempts: 0,
        };
        self.inner.table.put(&record)?;
        state.entries.insert(job.id.clone(), Entry::new(record));
        drop(state);
        self.inner.wake.notify_all();
        Ok(job)
    }

    /// A job.
    pub fn get(&self, id: &str) -> Option<Job> {
        self.inner
            .state
            .lock()
            .entries
            .get(id)
            .map(|e| e.record.job.clone())
    }

    /// The newest jobs first.
    pub fn list(&self, limit: usize) -> Vec<Job> {
        let state = self.inner.state.lock();
        state
            .entries
            .values()
            .rev()
            .take(limit)
            .map(|e| e.record.job.clone())
            .collect()
    }

    /// How many jobs are in a state.
    pub fn count(&self, wanted: JobState) -> usize {
        let state = self.inner.state.lock();
        state
            .entries
            .values()
            .filter(|e| e.record.job.state == wanted)
            .count()
    }

    /// Asks a job to stop. One that waits is cancelled at once; one that runs stops within moments, or, past the
    /// point of its commit, succeeds. A job that has ended stays as it is.
    pub fn cancel(&self, id: &str) -> Result<Option<Job>, ApiError> {
        let mut state = self.inner.state.lock();
        let Some(entry) = state.entries.get_mut(id) else {
            return Ok(None);
        };
        match entry.record.job.state {
            JobState::Queued => {
                entry.update(|job| {
                    job.state = JobState::Cancelled;
                    job.finished_ms = Some(now_ms());
                });
                self.inner.table.put(&entry.record)?;
                self.inner.discard_spool(&entry.record);
            }
            JobState::Running => entry.cancel.cancel(),
            _ => {}
        }
        Ok(Some(entry.record.job.clone()))
    }

    /// The events of a job after a version: pairs of version and the job as it then was, and a way to learn that
    /// more have come. Each event holds the whole job, so that a reader who missed some has lost nothing.
    pub fn events(&self, id: &str, after: u64) -> Option<Events> {
        let state = self.inner.state.lock();
        let entry = state.entries.get(id)?;
        Some((entry.after(after), entry.subscribe()))
    }

    /// Starts no more jobs and asks those that run to stop; they go back to the queue and run again at the next
    /// start. Returns when all threads have ended.
    pub fn close(&self) {
        {
            let mut state = self.inner.state.lock();
            state.stopping = true;
            for entry in state.entries.values() {
                if entry.record.job.state == JobState::Running {
                    entry.cancel.cancel();
                }
            }
        }
        self.inner.wake.notify_all();
        for thread in std::mem::take(&mut *self.threads.lock()) {
            let _ = thread.join();
        }
    }
}

impl Inner {
    fn discard_spool(&self, record: &Record) {
        if let Some(file) = &record.spool {
            let _ = std::fs::remove_file(self.spool.join(file));
        }
    }
}
