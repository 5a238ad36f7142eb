//! The threads that run jobs.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use kg_store::Watch;
use schemas::{
    ErrorClass,
    jobs::{JobState, Progress},
};

use serde_json::Value;

use super::{Inner, REMEMBERED, Record, State, work::Outcome};
use crate::{auth::now_ms, pools::Cancel, problem::ApiError};

/// Progress of one job is told at most this often.
const PACE: Duration = Duration::from_millis(200);

/// Runs jobs until the server stops.
pub(super) fn run(inner: &Arc<Inner>) {
    while let Some((record, cancel)) = next(inner) {
        let id = record.job.id.clone();
        let result = catch_unwind(AssertUnwindSafe(|| execute(inner, &record, &cancel)))
            .unwrap_or_else(|_| {
                Err(ApiError::internal(
                    "the job failed by a fault of the server",
                ))
            });
        finish(inner, &record, result);
        tracing::debug!(job = id, "a job's thread is free");
    }
}

/// Waits for a job whose knowledge base no other job works on, and marks it as running.
fn next(inner: &Inner) -> Option<(Record, Cancel)> {
    let mut state = inner.state.lock();
    loop {
        if state.stopping {
            return None;
        }
        let State { entries, busy, .. } = &mut *state;
        let found = entries.values_mut().find(|e| {
            e.record.job.state == JobState::Queued && !busy.contains(&e.record.job.knowledge_base)
        });
        if let Some(entry) = found {
            busy.insert(entry.record.job.knowledge_base.clone());
            entry.record.attempts += 1;
            entry.update(|job| {
                job.state = JobState::Running;
                job.started_ms = Some(now_ms());
            });
            let (record, cancel) = (entry.record.clone(), entry.cancel.clone());
            if let Err(error) = inner.table.put(&record) {
                tracing::error!(job = record.job.id, %error, "a job's start could not be recorded");
            }
            return Some((record, cancel));
        }
        inner.wake.wait(&mut state);
    }
}

fn execute(inner: &Arc<Inner>, record: &Record, cancel: &Cancel) -> Result<Outcome, ApiError> {
    let watch = JobWatch {
        inner,
        id: &record.job.id,
        cancel,
    };
    let name = record.job.knowledge_base.parse()?;
    let shelf = inner.library.get(&name).map_err(ApiError::from)?;
    let spool = record.spool.as_ref().map(|file| inner.spool.join(file));
    let mut outcome = record
        .work
        .run(&shelf, spool.as_deref(), inner.max_decoded, &watch)?;
    abridge(&mut outcome.body);
    Ok(outcome)
}

/// A job's result is kept and travels with each event: of an upload's lines it lists the refused ones only, and
/// of those the first thousand. The counts stay whole.
fn abridge(result: &mut Value) {
    const MOST: usize = 1_000;
    if let Some(items) = result.get_mut("items").and_then(Value::as_array_mut) {
        items.retain(|item| item.get("error").is_some());
        items.truncate(MOST);
    }
}

fn finish(inner: &Inner, record: &Record, result: Result<Outcome, ApiError>) {
    let mut state = inner.state.lock();
    let stopping = state.stopping;
    state.busy.remove(&record.job.knowledge_base);
    let Some(entry) = state.entries.get_mut(&record.job.id) else {
        return;
    };
    let cancelled = matches!(&result, Err(e) if e.class() == ErrorClass::Cancelled);
    let requeue = stopping && cancelled;
    entry.update(|job| {
        job.finished_ms = Some(now_ms());
        match result {
            Ok(outcome) => {
                job.state = JobState::Succeeded;
                job.result = Some(outcome.body);
            }
            Err(_) if requeue => {
                job.state = JobState::Queued;
                job.finished_ms = None;
                job.started_ms = None;
            }
            Err(_) if cancelled => job.state = JobState::Cancelled,
            Err(error) => {
                job.state = JobState::Failed;
                job.error = Some(error.problem(None));
            }
        }
    });
    if requeue {
        // Being stopped is no fault of the job's.
        entry.record.attempts = entry.record.attempts.saturating_sub(1);
    }
    let record = entry.record.clone();
    // First the outcome, then the body: a body without a record is swept, a record without its body has failed.
    match inner.table.put(&record) {
        Ok(()) if !requeue => inner.discard_spool(&record),
        Ok(()) => {}
        Err(error) => {
            tracing::error!(job = record.job.id, %error, "a job's outcome could not be recorded");
        }
    }
    let detail = record
        .job
        .error
        .as_ref()
        .map(|e| e.detail.as_str())
        .unwrap_or_default();
    tracing::info!(
        job = record.job.id,
        kind = record.job.kind,
        kb = record.job.knowledge_base,
        state = ?record.job.state,
        detail,
        "a job has ended"
    );
    forget(inner, &mut state);
    drop(state);
    inner.wake.notify_all();
}

/// Drops the oldest finished jobs above the number that is remembered.
fn forget(inner: &Inner, state: &mut State) {
    let surplus = state.entries.len().saturating_sub(REMEMBERED);
    if surplus == 0 {
        return;
    }
    let old: Vec<String> = state
        .entries
        .values()
        .filter(|e| e.record.job.state.is_final())
        .take(surplus)
        .map(|e| e.record.job.id.clone())
        .collect();
    for id in &old {
        state.entries.remove(id);
    }
    if let Err(error) = inner.table.remove(&old) {
        tracing::warn!(%error, "old jobs could not be forgotten");
    }
}

/// Carries a job's progress to those who watch it, and their wish to cancel to the job.
struct JobWatch<'a> {
    inner: &'a Inner,
    id: &'a str,
    cancel: &'a Cancel,
}

impl Watch for JobWatch<'_> {
    fn progress(&self, phase: &'static str, done: u64, total: Option<u64>) {
        let mut state = self.inner.state.lock();
        let Some(entry) = state.entries.get_mut(self.id) else {
            return;
        };
        let now = Instant::now();
        let same_phase = entry.record.job.progress.phase == phase;
        if same_phase && entry.last_progress.is_some_and(|last| now - last < PACE) {
            return;
        }
        entry.last_progress = Some(now);
        entry.update(|job| {
            job.progress = Progress {
                phase: phase.to_owned(),
                done,
                total,
            }
        });
    }

    fn cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_result_keeps_its_counts_and_the_refused_lines() {
        let mut result = json!({"accepted": 1, "refused": 1, "items": [
            {"line": 1, "status": 201}, {"line": 2, "status": 400, "error": "no"}]});
        abridge(&mut result);
        assert_eq!(
            result,
            json!({"accepted": 1, "refused": 1, "items": [{"line": 2, "status": 400, "error": "no"}]})
        );
        let mut commit = json!({"revision": 1});
        abridge(&mut commit);
        assert_eq!(commit, json!({"revision": 1}));
    }
}
