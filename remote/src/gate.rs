//! How many requests a server is sent at once.

use std::sync::Arc;
use std::time::Instant;

use parking_lot::{Condvar, Mutex};

/// Lets a number of requests through, and a number wait.
pub(crate) struct Gate {
    state: Mutex<State>,
    freed: Condvar,
    at_once: usize,
    queue: usize,
}

#[derive(Default)]
struct State {
    running: usize,
    waiting: usize,
}

/// Leave to run, or to wait for it.
pub(crate) enum Entry {
    /// The request may run.
    Open(Permit),
    /// It must wait.
    Queued(Ticket),
}

/// Leave to run; given back when it is dropped.
pub(crate) struct Permit {
    gate: Arc<Gate>,
}

/// A place in the queue; given up when it is dropped.
pub(crate) struct Ticket {
    gate: Arc<Gate>,
}

impl Gate {
    /// At least one request may run.
    pub(crate) fn new(at_once: usize, queue: usize) -> Arc<Gate> {
        Arc::new(Gate {
            state: Mutex::default(),
            freed: Condvar::new(),
            at_once: at_once.max(1),
            queue,
        })
    }

    /// Leave, or a place in the queue, without waiting: who holds one leave and waits for another could wait for
    /// ever. Where the queue is full, the error is the number of those in it.
    pub(crate) fn enter(self: &Arc<Self>) -> Result<Entry, usize> {
        let mut state = self.state.lock();
        let gate = Arc::clone(self);
        if state.running < self.at_once {
            state.running += 1;
            return Ok(Entry::Open(Permit { gate }));
        }
        if state.waiting >= self.queue {
            return Err(state.waiting);
        }
        state.waiting += 1;
        Ok(Entry::Queued(Ticket { gate }))
    }
}

impl Ticket {
    /// Waits for leave; none when the time runs out.
    pub(crate) fn wait(self, until: Instant) -> Option<Permit> {
        let gate = &self.gate;
        let mut state = gate.state.lock();
        let full = |state: &mut State| state.running >= gate.at_once;
        let waited = gate.freed.wait_while_until(&mut state, full, until);
        if waited.timed_out() && full(&mut state) {
            return None;
        }
        state.running += 1;
        Some(Permit {
            gate: Arc::clone(gate),
        })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.gate.state.lock().waiting -= 1;
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.gate.state.lock().running -= 1;
        self.gate.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;
    use std::time::Duration;

    fn counts(gate: &Gate) -> (usize, usize) {
        let state = gate.state.lock();
        (state.running, state.waiting)
    }

    fn ticket(gate: &Arc<Gate>) -> Ticket {
        match gate.enter() {
            Ok(Entry::Queued(ticket)) => ticket,
            _ => panic!("{:?}", counts(gate)),
        }
    }

    #[test]
    fn no_more_run_and_wait_than_may() {
        let gate = Gate::new(1, 1);
        let Ok(Entry::Open(first)) = gate.enter() else {
            panic!("nobody is there");
        };
        let waiting = ticket(&gate);
        assert_eq!(gate.enter().err(), Some(1));
        let waiter = thread::spawn(move || {
            waiting
                .wait(Instant::now() + Duration::from_secs(60))
                .is_some()
        });
        drop(first);
        assert!(waiter.join().unwrap());
        assert_eq!(counts(&gate), (0, 0));
    }

    #[test]
    fn one_that_gives_up_leaves_no_trace() {
        let gate = Gate::new(0, 2);
        let first = gate.enter().ok();
        let late = Instant::now() + Duration::from_millis(5);
        assert!(ticket(&gate).wait(late).is_none());
        drop(ticket(&gate));
        assert_eq!(counts(&gate), (1, 0));
        drop(first);
        assert_eq!(counts(&gate), (0, 0));
    }
}
