//! Threads with large stacks, a bounded number of them, for work that recurses as deep as a query says.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use parking_lot::{Condvar, Mutex};

use crate::StoreError;

/// The stack of a query's thread. Only touched pages cost memory.
const STACK: usize = 64 << 20;

/// How long a thread without work stays.
const IDLE: Duration = Duration::from_secs(10);

/// How many queries may wait for each thread there is.
const WAITING_PER_THREAD: usize = 4;

type Job = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    threads: usize,
    idle: usize,
}

struct Pool {
    state: Mutex<State>,
    wake: Condvar,
    max_threads: usize,
}

static POOL: OnceLock<Pool> = OnceLock::new();

/// Evaluations whose callers have gone without them.
static STRAGGLERS: AtomicUsize = AtomicUsize::new(0);

/// How many queries still run although their callers were told of a timeout. It should be 0 within a second
/// of the last timeout; a number that stays up means threads that are lost to a query that cannot be
/// stopped.
pub fn stragglers() -> usize {
    STRAGGLERS.load(Ordering::Relaxed)
}

/// Hands work to a thread of the pool.
///
/// # Errors
/// [`StoreError::Overloaded`] when all are busy and as many wait as may.
pub(super) fn submit(job: impl FnOnce() + Send + 'static) -> Result<(), StoreError> {
    let pool = POOL.get_or_init(|| Pool {
        state: Mutex::default(),
        wake: Condvar::new(),
        max_threads: thread::available_parallelism()
            .map_or(4, |count| (2 * count.get()).clamp(4, 64)),
    });
    let mut state = pool.state.lock();
    if state.queue.len() < state.idle {
        state.queue.push_back(Box::new(job));
        pool.wake.notify_one();
        return Ok(());
    }
    if state.threads < pool.max_threads {
        thread::Builder::new()
            .name("sparql".to_owned())
            .stack_size(STACK)
            .spawn(|| work(pool))
            .map_err(|error| StoreError::Internal(format!("no thread for a query: {error}")))?;
        state.threads += 1;
    } else if state.queue.len() >= pool.max_threads * WAITING_PER_THREAD {
        return Err(StoreError::Overloaded);
    }
    state.queue.push_back(Box::new(job));
    Ok(())
}

fn work(pool: &Pool) {
    let mut state = pool.state.lock();
    loop {
        if let Some(job) = state.queue.pop_front() {
            drop(state);
            // Jobs report their own failures; a panic must not take the thread's place in the count along.
            let _ = catch_unwind(AssertUnwindSafe(job));
            state = pool.state.lock();
            continue;
        }
        state.idle += 1;
        let timed_out = pool.wake.wait_for(&mut state, IDLE).timed_out();
        state.idle -= 1;
        if timed_out && state.queue.is_empty() {
            state.threads -= 1;
            return;
        }
    }
}

/// Runs something on a thread of the pool and waits for it, though not beyond `time`.
///
/// # Errors
/// [`StoreError::Overloaded`], and [`StoreError::QueryTimeout`] when it takes longer.
pub(super) fn call<R: Send + 'static>(
    time: Duration,
    work: impl FnOnce() -> R + Send + 'static,
) -> Result<R, StoreError> {
    let flight = Flight::new();
    let landing = flight.clone();
    let (sender, receiver) = mpsc::sync_channel(1);
    submit(move || {
        let result = catch_unwind(AssertUnwindSafe(work));
        landing.land();
        let _ = sender.send(result);
    })?;
    match receiver.recv_timeout(time) {
        Ok(Ok(result)) => Ok(result),
        Ok(Err(_)) | Err(mpsc::RecvTimeoutError::Disconnected) => {
            Err(StoreError::Internal("a query's thread failed".to_owned()))
        }
        Err(mpsc::RecvTimeoutError::Timeout) => {
            flight.leave();
            Err(StoreError::QueryTimeout)
        }
    }
}

/// Keeps count of work that outlives its caller.
#[derive(Clone)]
pub(super) struct Flight(Arc<Mutex<Phase>>);

#[derive(PartialEq, Eq)]
enum Phase {
    Flying,
    Left,
    Landed,
}

impl Flight {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Phase::Flying)))
    }

    /// The caller goes.
    pub(super) fn leave(&self) {
        let mut phase = self.0.lock();
        if *phase == Phase::Flying {
            *phase = Phase::Left;
            STRAGGLERS.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The work is done.
    pub(super) fn land(&self) {
        let mut phase = self.0.lock();
        if *phase == Phase::Left {
            STRAGGLERS.fetch_sub(1, Ordering::Relaxed);
        }
        *phase = Phase::Landed;
    }
}
