//! A job in memory: its record, its latest events, and who waits for more.

use std::{collections::VecDeque, time::Instant};

use schemas::jobs::Job;
use tokio::sync::watch;

use super::table::Record;
use crate::pools::Cancel;

/// Events that a reader who comes back can still get one by one.
const REMEMBERED_EVENTS: usize = 256;

/// A job in memory.
pub(super) struct Entry {
    pub(super) record: Record,
    pub(super) cancel: Cancel,
    pub(super) last_progress: Option<Instant>,
    events: VecDeque<(u64, Job)>,
    version: watch::Sender<u64>,
}

impl Entry {
    pub(super) fn new(record: Record) -> Self {
        let events = VecDeque::from([(record.version, record.job.clone())]);
        let version = watch::Sender::new(record.version);
        Self {
            record,
            cancel: Cancel::new(),
            last_progress: None,
            events,
            version,
        }
    }

    /// Changes the job and tells those who watch it.
    pub(super) fn update(&mut self, change: impl FnOnce(&mut Job)) {
        change(&mut self.record.job);
        self.record.version += 1;
        if self.events.len() == REMEMBERED_EVENTS {
            self.events.pop_front();
        }
        self.events
            .push_back((self.record.version, self.record.job.clone()));
        if self.record.job.state.is_final() {
            // What led here is of no more use to anybody.
            while self.events.len() > 16 {
                self.events.pop_front();
            }
        }
        self.version.send_replace(self.record.version);
    }

    pub(super) fn after(&self, version: u64) -> Vec<(u64, Job)> {
        self.events
            .iter()
            .filter(|(v, _)| *v > version)
            .cloned()
            .collect()
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }
}
