//! What becomes of the jobs that a stopped or killed process left behind.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
};

use schemas::{ErrorClass, jobs::JobState};

use super::{REMEMBERED, entry::Entry, table::Table};
use crate::{auth::now_ms, problem::ApiError};

/// Attempts after which a job is taken for the reason why the process dies.
const MAX_ATTEMPTS: u32 = 3;

/// Event ids after a restart begin past all that the earlier process may have sent.
const VERSION_GAP: u64 = 1_000_000;

/// Jobs that wait go on waiting. One that was under way runs again if its body is in the spool (loads are whole
/// or not at all, and a load that is repeated changes nothing more); else it has failed as interrupted.
pub(super) fn recover(table: &Table, spool: &Path) -> Result<BTreeMap<String, Entry>, ApiError> {
    let mut entries = BTreeMap::new();
    let mut files = HashSet::new();
    let records = table.all()?;
    let surplus = records.len().saturating_sub(REMEMBERED);
    let mut forgotten = Vec::new();
    for (position, mut record) in records.into_iter().enumerate() {
        if record.job.state.is_final() {
            if position < surplus {
                forgotten.push(record.job.id);
                continue;
            }
            entries.insert(record.job.id.clone(), Entry::new(record));
            continue;
        }
        let whole = record
            .spool
            .as_ref()
            .is_none_or(|file| spool.join(file).is_file());
        let again = match record.job.state {
            JobState::Queued => whole,
            _ => whole && record.spool.is_some() && record.attempts < MAX_ATTEMPTS,
        };
        record.version += VERSION_GAP;
        if again {
            record.job.state = JobState::Queued;
            record.job.started_ms = None;
            if let Some(file) = &record.spool {
                files.insert(file.clone());
            }
            tracing::info!(
                job = record.job.id,
                kind = record.job.kind,
                "a job is taken up again"
            );
        } else {
            record.job.state = JobState::Failed;
            record.job.finished_ms = Some(now_ms());
            let error = ApiError::new(
                ErrorClass::Unavailable,
                "interrupted: the server stopped in the middle",
            );
            record.job.error = Some(error.problem(None));
            tracing::warn!(
                job = record.job.id,
                kind = record.job.kind,
                "a job was interrupted"
            );
        }
        table.put(&record)?;
        entries.insert(record.job.id.clone(), Entry::new(record));
    }
    table.remove(&forgotten)?;
    sweep(spool, &files);
    Ok(entries)
}

/// Deletes spooled bodies that no job waits for: their requests were never answered.
fn sweep(spool: &Path, wanted: &HashSet<String>) {
    let Ok(folder) = std::fs::read_dir(spool) else {
        return;
    };
    for file in folder.flatten() {
        if !wanted.contains(file.file_name().to_string_lossy().as_ref()) {
            let _ = std::fs::remove_file(file.path());
        }
    }
}
