//! Threads that share out one loop at a time, with less delay than a general pool.
//!
//! A token passes about 150 such loops of some ten microseconds each, so that the time in which a sleeping thread
//! wakes up is most of what a pool would cost. A worker here looks out for the next loop for some microseconds
//! before it sleeps, and a loop does not wait for a worker that has not come.

#![allow(unsafe_code)]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;

use parking_lot::{Condvar, Mutex};

/// How often a worker looks for the next loop before it sleeps: some 30 microseconds.
const LOOKS: u32 = 2_000;
/// The bit of the gate that says that a loop is open; the rest counts the workers inside, two for each.
const OPEN: u64 = 1;
const INSIDE: u64 = 2;

/// The calling thread and its workers.
pub(crate) struct Team {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
    /// One loop at a time.
    turn: Mutex<()>,
}

struct Shared {
    /// Whether a loop is open, and how many workers are inside.
    gate: AtomicU64,
    /// Counts the loops, so that a worker does not enter one twice.
    loops: AtomicU32,
    /// The loop's body, valid while the gate is open or a worker inside.
    body: Mutex<Option<Body>>,
    /// The next item, and their number.
    next: AtomicUsize,
    items: AtomicUsize,
    panicked: AtomicBool,
    closing: AtomicBool,
    sleepers: AtomicU32,
    sleep: Mutex<()>,
    wake: Condvar,
}

/// A loop's body without its lifetime.
#[derive(Clone, Copy)]
struct Body(*const (dyn Fn(usize) + Sync));

// SAFETY: the body is `Sync`, and `Team::run` keeps it alive for as long as a worker may call it.
unsafe impl Send for Body {}

impl Team {
    /// A team of this many threads, the caller counted; 0 means as many as the machine offers.
    pub(crate) fn new(threads: usize) -> std::io::Result<Team> {
        let threads = match threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            some => some,
        };
        let shared = Arc::new(Shared {
            gate: AtomicU64::new(0),
            loops: AtomicU32::new(0),
            body: Mutex::new(None),
            next: AtomicUsize::new(0),
            items: AtomicUsize::new(0),
            panicked: AtomicBool::new(false),
            closing: AtomicBool::new(false),
            sleepers: AtomicU32::new(0),
            sleep: Mutex::new(()),
            wake: Condvar::new(),
        });
        let workers = (1..threads)
            .map(|index| {
                let shared = Arc::clone(&shared);
                std::thread::Builder::new()
                    .name(format!("engine-{index}"))
                    .spawn(move || shared.work())
            })
            .collect::<std::io::Result<_>>()?;
        Ok(Team {
            shared,
            workers,
            turn: Mutex::new(()),
        })
    }

    /// Threads that compute, the caller counted.
    pub(crate) fn threads(&self) -> usize {
        self.workers.len() + 1
    }

    /// Calls `body` with each item, in any order and on any of the threads. A panic in it is passed on when
    /// all threads are done.
    pub(crate) fn for_each<I: Send>(&self, items: &mut [I], body: impl Fn(usize, &mut I) + Sync) {
        let count = items.len();
        let first = Shareable(items.as_mut_ptr());
        self.run(count, &|index| {
            let first = &first;
            // SAFETY: `run` calls with each index below `count` once, so that this is the only reference to the
            // item; `items` is borrowed until `run` returns.
            let item = unsafe { &mut *first.0.add(index) };
            body(index, item);
        });
    }

    /// Calls `body` with each index below `count` once.
    fn run(&self, count: usize, body: &(dyn Fn(usize) + Sync)) {
        if self.workers.is_empty() || count < 2 {
            (0..count).for_each(body);
            return;
        }
        let _turn = self.turn.lock();
        let shared = &*self.shared;
        // SAFETY: only the lifetime changes; nobody calls it after the wait below.
        let endless: *const (dyn Fn(usize) + Sync) = unsafe {
            std::mem::transmute::<
                *const (dyn Fn(usize) + Sync + '_),
                *const (dyn Fn(usize) + Sync + 'static),
            >(std::ptr::from_ref(body))
        };
        *shared.body.lock() = Some(Body(endless));
        shared.items.store(count, Ordering::Relaxed);
        shared.next.store(0, Ordering::Relaxed);
        shared.gate.fetch_or(OPEN, Ordering::Release);
        // Sequentially consistent, as is the sleepers' look at it: either they see this loop or they are seen.
        shared.loops.fetch_add(1, Ordering::SeqCst);
        if shared.sleepers.load(Ordering::SeqCst) > 0 {
            let _sleep = shared.sleep.lock();
            shared.wake.notify_all();
        }
        let own = catch_unwind(AssertUnwindSafe(|| shared.take_items(body)));
        shared.gate.fetch_and(!OPEN, Ordering::AcqRel);
        let mut looks = 0u32;
        while shared.gate.load(Ordering::Acquire) >= INSIDE {
            looks = looks.wrapping_add(1);
            if looks.is_multiple_of(1024) {
                std::thread::yield_now();
            }
            std::hint::spin_loop();
        }
        *shared.body.lock() = None;
        let panicked = shared.panicked.swap(false, Ordering::Relaxed);
        match own {
            Err(panic) => resume_unwind(panic),
            Ok(()) => assert!(!panicked, "a thread of the engine panicked"),
        }
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::SeqCst);
        self.shared.loops.fetch_add(1, Ordering::SeqCst);
        drop(self.shared.sleep.lock());
        self.shared.wake.notify_all();
        for worker in self.workers.drain(..) {
            // It reports its own panics; there is nothing to add here.
            let _ = worker.join();
        }
    }
}

impl Shared {
    fn work(&self) {
        let mut seen = 0;
        loop {
            seen = self.wait(seen);
            if self.closing.load(Ordering::SeqCst) {
                return;
            }
            let gate = self.gate.fetch_add(INSIDE, Ordering::AcqRel);
            if gate & OPEN == OPEN {
                let body = *self.body.lock();
                if let Some(Body(body)) = body {
                    // SAFETY: the gate was open when this worker entered, so `run` waits for it to leave.
                    let body = unsafe { &*body };
                    if catch_unwind(AssertUnwindSafe(|| self.take_items(body))).is_err() {
                        self.panicked.store(true, Ordering::Relaxed);
                    }
                }
            }
            self.gate.fetch_sub(INSIDE, Ordering::AcqRel);
        }
    }

    /// Waits for a loop other than the one seen last.
    fn wait(&self, seen: u32) -> u32 {
        for _ in 0..LOOKS {
            let now = self.loops.load(Ordering::Acquire);
            if now != seen {
                return now;
            }
            std::hint::spin_loop();
        }
        let mut sleep = self.sleep.lock();
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        loop {
            let now = self.loops.load(Ordering::SeqCst);
            if now != seen {
                self.sleepers.fetch_sub(1, Ordering::SeqCst);
                return now;
            }
            self.wake.wait(&mut sleep);
        }
    }

    fn take_items(&self, body: &(dyn Fn(usize) + Sync)) {
        let items = self.items.load(Ordering::Relaxed);
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            if index >= items {
                return;
            }
            body(index);
        }
    }
}

/// A pointer that threads may share, since each uses another part of what it points to.
struct Shareable<T>(*mut T);

// SAFETY: see `Team::for_each`, the only user.
unsafe impl<T: Send> Sync for Shareable<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_comes_once() {
        for threads in [1, 2, 3, 8] {
            let team = Team::new(threads).unwrap();
            assert_eq!(team.threads(), threads);
            for count in [0, 1, 2, 3, 100, 1000] {
                let mut items = vec![0usize; count];
                for _ in 0..50 {
                    team.for_each(&mut items, |index, item| *item += index + 1);
                }
                let expected: Vec<usize> = (1..=count).map(|index| index * 50).collect();
                assert_eq!(items, expected);
            }
        }
    }

    #[test]
    fn a_loop_after_a_pause_wakes_the_workers() {
        let team = Team::new(3).unwrap();
        for _ in 0..5 {
            std::thread::sleep(std::time::Duration::from_millis(3));
            let mut items = [0; 64];
            team.for_each(&mut items, |_, item| *item = 1);
            assert_eq!(items, [1; 64]);
        }
    }

    #[test]
    fn several_callers_take_turns() {
        let team = Team::new(2).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let mut items = [0; 16];
                        team.for_each(&mut items, |_, item| *item += 1);
                        assert_eq!(items, [1; 16]);
                    }
                });
            }
        });
    }

    #[test]
    fn a_panic_is_passed_on_and_the_team_lives() {
        let team = Team::new(2).unwrap();
        let mut items = [0; 32];
        for _ in 0..20 {
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                team.for_each(&mut items, |index, _| assert_ne!(index, 7));
            }));
            assert!(outcome.is_err());
        }
        team.for_each(&mut items, |_, item| *item = 1);
        assert_eq!(items, [1; 32]);
    }
}
