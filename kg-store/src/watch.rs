//! How long work reports its progress and learns that it is no longer wanted.

use crate::StoreError;

/// Follows one piece of long work. Its methods are called from the thread that does the work, every few
/// thousand units.
pub trait Watch: Sync {
    /// Tells how far a phase is. `total` is known only where counting it costs nothing.
    ///
    /// The phases of a write are `parse` (quads read), `compare` (quads of the earlier version read),
    /// `store` (quads applied), `axioms` (classes read) and `check` (rows and quads read).
    fn progress(&self, phase: &'static str, done: u64, total: Option<u64>);

    /// Whether the work should stop. A write that is already in the journal is carried to its end all the
    /// same.
    fn cancelled(&self) -> bool;
}

/// Watches nothing and never cancels.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Watch for Quiet {
    fn progress(&self, _phase: &'static str, _done: u64, _total: Option<u64>) {}

    fn cancelled(&self) -> bool {
        false
    }
}

/// Counts units and talks to the watch now and then.
pub(crate) struct Ticker<'a> {
    watch: &'a dyn Watch,
    phase: &'static str,
    done: u64,
    total: Option<u64>,
}

impl<'a> Ticker<'a> {
    const STEP: u64 = 4096;

    pub(crate) fn new(watch: &'a dyn Watch, phase: &'static str, total: Option<u64>) -> Self {
        watch.progress(phase, 0, total);
        Self {
            watch,
            phase,
            done: 0,
            total,
        }
    }

    /// Counts one unit, and fails once the work is cancelled.
    pub(crate) fn step(&mut self) -> Result<(), StoreError> {
        self.done += 1;
        if self.done.is_multiple_of(Self::STEP) {
            self.watch.progress(self.phase, self.done, self.total);
            if self.watch.cancelled() {
                return Err(StoreError::Cancelled);
            }
        }
        Ok(())
    }

    /// Counts one unit of work that can no longer be cancelled.
    pub(crate) fn count(&mut self) {
        self.done += 1;
        if self.done.is_multiple_of(Self::STEP) {
            self.watch.progress(self.phase, self.done, self.total);
        }
    }

    /// Reports the final count.
    pub(crate) fn finish(self) -> u64 {
        self.watch.progress(self.phase, self.done, self.total);
        self.done
    }
}
