//! Stops queries: at their deadline, when the caller cancels, when memory runs away.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use oxigraph::sparql::CancellationToken;
use parking_lot::{Condvar, Mutex};

use super::QueryLimits;
use crate::StoreError;

/// How often cancellation and memory are looked at.
const TICK: Duration = Duration::from_millis(25);

/// How long the watchdog goes on ticking after the last query, so that frequent short ones need not wake it.
const LINGER: Duration = Duration::from_secs(1);

/// Told to stop, and why.
pub(super) struct Stop {
    token: CancellationToken,
    reason: AtomicU8,
}

const RUNNING: u8 = 0;
const DEADLINE: u8 = 1;
const CANCELLED: u8 = 2;
const MEMORY: u8 = 3;
const SORT: u8 = 4;

impl Stop {
    fn new() -> Self {
        Self {
            token: CancellationToken::new(),
            reason: AtomicU8::new(RUNNING),
        }
    }

    pub(super) fn token(&self) -> CancellationToken {
        self.token.clone()
    }

    /// The first reason counts.
    fn raise(&self, reason: u8) {
        let _ = self
            .reason
            .compare_exchange(RUNNING, reason, Ordering::Relaxed, Ordering::Relaxed);
        self.token.cancel();
    }

    /// Stops on behalf of a caller who no longer listens.
    pub(super) fn abandon(&self) {
        self.raise(CANCELLED);
    }

    /// Stops because more rows are to be sorted than may.
    pub(super) fn sorts_too_much(&self) {
        self.raise(SORT);
    }

    pub(super) fn is_raised(&self) -> bool {
        self.token.is_cancelled()
    }

    /// The error for the caller.
    pub(super) fn error(&self, limits: &QueryLimits) -> StoreError {
        match self.reason.load(Ordering::Relaxed) {
            CANCELLED => StoreError::Cancelled,
            SORT => StoreError::TooLarge {
                what: "what the query sorts".to_owned(),
                limit: format!("{} rows", limits.max_sorted),
            },
            MEMORY => StoreError::TooLarge {
                what: "the memory that the query needs".to_owned(),
                limit: format!("{} bytes", limits.max_memory),
            },
            _ => StoreError::QueryTimeout,
        }
    }
}

struct Entry {
    stop: Arc<Stop>,
    since: Instant,
    deadline: Instant,
    cancel: Option<Arc<AtomicBool>>,
    memory_limit: u64,
}

#[derive(Default)]
struct State {
    entries: Vec<Entry>,
    parked: bool,
    started: bool,
}

struct Watchdog {
    state: Mutex<State>,
    wake: Condvar,
}

static WATCHDOG: OnceLock<Watchdog> = OnceLock::new();

/// Memory of this process as the watchdog last saw it, so that a query's beginning costs no system call.
static LAST_MEMORY: AtomicU64 = AtomicU64::new(0);

/// A query under watch, until this is dropped.
pub(super) struct Watched {
    stop: Arc<Stop>,
}

impl Watched {
    pub(super) fn stop(&self) -> &Arc<Stop> {
        &self.stop
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(watchdog) = WATCHDOG.get() {
            let mut state = watchdog.state.lock();
            state
                .entries
                .retain(|entry| !Arc::ptr_eq(&entry.stop, &self.stop));
        }
    }
}

/// Puts a query under watch.
pub(super) fn watch(limits: &QueryLimits) -> Result<Watched, StoreError> {
    let watchdog = WATCHDOG.get_or_init(|| Watchdog {
        state: Mutex::default(),
        wake: Condvar::new(),
    });
    let stop = Arc::new(Stop::new());
    let last = LAST_MEMORY.load(Ordering::Relaxed);
    let memory = if last == 0 { anonymous_memory() } else { last };
    let mut state = watchdog.state.lock();
    if !state.started {
        thread::Builder::new()
            .name("sparql-watchdog".to_owned())
            .spawn(|| run(watchdog))
            .map_err(|error| {
                StoreError::Internal(format!("no thread for the watchdog: {error}"))
            })?;
        state.started = true;
    }
    state.entries.push(Entry {
        stop: Arc::clone(&stop),
        since: Instant::now(),
        deadline: limits.deadline,
        cancel: limits.cancel.clone(),
        memory_limit: memory.saturating_add(limits.max_memory),
    });
    if state.parked {
        watchdog.wake.notify_one();
    }
    Ok(Watched { stop })
}

fn run(watchdog: &Watchdog) {
    let mut last_busy = Instant::now();
    let mut state = watchdog.state.lock();
    loop {
        let now = Instant::now();
        if state.entries.is_empty() {
            if now.duration_since(last_busy) > LINGER {
                LAST_MEMORY.store(0, Ordering::Relaxed);
                state.parked = true;
                watchdog.wake.wait(&mut state);
                state.parked = false;
                last_busy = Instant::now();
                continue;
            }
        } else {
            last_busy = now;
        }
        let memory = anonymous_memory();
        LAST_MEMORY.store(memory, Ordering::Relaxed);
        let mut pause = TICK;
        for entry in &state.entries {
            let cancelled = entry
                .cancel
                .as_ref()
                .is_some_and(|cancel| cancel.load(Ordering::Relaxed));
            if cancelled {
                entry.stop.raise(CANCELLED);
            } else if entry.deadline <= now {
                entry.stop.raise(DEADLINE);
            } else {
                // A query that has hardly begun is not what fills the memory.
                if memory > entry.memory_limit && now.duration_since(entry.since) > TICK {
                    entry.stop.raise(MEMORY);
                }
                pause = pause.min(entry.deadline - now);
            }
        }
        watchdog
            .wake
            .wait_for(&mut state, pause.max(Duration::from_millis(1)));
    }
}

/// Bytes of memory that belong to this process alone; 0 where the system does not tell.
fn anonymous_memory() -> u64 {
    let Ok(text) = std::fs::read_to_string("/proc/self/statm") else {
        return 0;
    };
    let mut pages = text
        .split_ascii_whitespace()
        .skip(1)
        .map(|field| field.parse::<u64>().unwrap_or(0));
    let resident = pages.next().unwrap_or(0);
    let shared = pages.next().unwrap_or(0);
    resident.saturating_sub(shared) * PAGE
}

/// The size of a page on the machines that this runs on. Where pages are larger, the bound on memory is the
/// looser for it.
const PAGE: u64 = 4096;
