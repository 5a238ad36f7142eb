//! Requests that wait for the engine's thread.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::Sender;

use parking_lot::{Condvar, Mutex};

use crate::{Activity, EngineError, Event, GenerateRequest, Score};

/// A request to generate, checked already.
pub(crate) struct GenerateJob {
    /// Not empty, and of the model's vocabulary.
    pub(crate) prompt: Vec<u32>,
    pub(crate) request: GenerateRequest,
    pub(crate) sampler: crate::sample::Sampler,
    pub(crate) events: Sender<Result<Event, EngineError>>,
    pub(crate) cancelled: Arc<AtomicBool>,
}

/// A request to score continuations of a prefix, which is not empty.
pub(crate) struct ScoreJob {
    pub(crate) prefix: Vec<u32>,
    pub(crate) continuations: Vec<Vec<u32>>,
    pub(crate) reply: Sender<Result<Vec<Score>, EngineError>>,
}

/// Work for the engine's thread.
pub(crate) enum Job {
    Generate(Box<GenerateJob>),
    Score(ScoreJob),
}

impl Job {
    /// Whether its client has gone.
    fn is_cancelled(&self) -> bool {
        match self {
            Job::Generate(job) => job.cancelled.load(Ordering::Relaxed),
            Job::Score(_) => false,
        }
    }
}

/// A bounded queue with one consumer, served in the order of arrival.
pub(crate) struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
    bound: usize,
    /// Told by the consumer: sequences under way, and the blocks that they hold.
    running: AtomicUsize,
    blocks_held: AtomicUsize,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    closed: bool,
}

impl Queue {
    /// A queue in which this many jobs may wait, at least one.
    pub(crate) fn new(bound: usize) -> Queue {
        Queue {
            state: Mutex::default(),
            arrived: Condvar::new(),
            bound: bound.max(1),
            running: AtomicUsize::new(0),
            blocks_held: AtomicUsize::new(0),
        }
    }

    /// Adds a job, or refuses it at once where too many wait. Those whose clients have gone do not count.
    pub(crate) fn push(&self, job: Job) -> Result<(), EngineError> {
        self.push_all(vec![job])
    }

    /// Adds jobs that belong together, all or none: they are judged by what waits before them.
    pub(crate) fn push_all(&self, jobs: Vec<Job>) -> Result<(), EngineError> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(EngineError::Closed);
        }
        if state.jobs.len() >= self.bound {
            state.jobs.retain(|job| !job.is_cancelled());
        }
        if state.jobs.len() >= self.bound {
            return Err(EngineError::Overloaded {
                waiting: state.jobs.len(),
            });
        }
        state.jobs.extend(jobs);
        self.arrived.notify_one();
        Ok(())
    }

    /// Waits for the next job; none once the queue is closed.
    pub(crate) fn next(&self) -> Option<Job> {
        let mut state = self.state.lock();
        loop {
            if state.closed {
                return None;
            }
            match state.jobs.pop_front() {
                Some(job) if job.is_cancelled() => {}
                Some(job) => return Some(job),
                None => self.arrived.wait(&mut state),
            }
        }
    }

    /// The next job, if there is one and it is as wanted. What waits behind it must wait on.
    pub(crate) fn next_if(&self, wanted: impl Fn(&Job) -> bool) -> Option<Job> {
        let mut state = self.state.lock();
        while state.jobs.front().is_some_and(Job::is_cancelled) {
            state.jobs.pop_front();
        }
        if state.closed {
            return None;
        }
        state.jobs.pop_front_if(|job| wanted(job))
    }

    /// Refuses further jobs and drops those that wait, whose clients then see the engine closed.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        state.jobs.clear();
        self.arrived.notify_all();
    }

    /// The consumer tells what it is doing.
    pub(crate) fn tell(&self, running: usize, blocks_held: usize) {
        self.running.store(running, Ordering::Relaxed);
        self.blocks_held.store(blocks_held, Ordering::Relaxed);
    }

    /// What waits, and what the consumer told last.
    pub(crate) fn activity(&self) -> Activity {
        let state = self.state.lock();
        Activity {
            running: self.running.load(Ordering::Relaxed),
            waiting: state.jobs.iter().filter(|job| !job.is_cancelled()).count(),
            blocks_held: self.blocks_held.load(Ordering::Relaxed),
        }
    }

    /// Whether the running job should end.
    pub(crate) fn is_closed(&self) -> bool {
        self.state.lock().closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Sampler;
    use crate::{Prompt, Sampling};
    use std::sync::mpsc::channel;

    fn job(cancelled: &Arc<AtomicBool>) -> Job {
        Job::Generate(Box::new(GenerateJob {
            prompt: vec![1],
            request: GenerateRequest::new(Prompt::Tokens(Vec::new())),
            sampler: Sampler::new(Sampling::default(), Vec::new()).unwrap(),
            events: channel().0,
            cancelled: Arc::clone(cancelled),
        }))
    }

    #[test]
    fn one_too_many_is_refused_unless_a_client_has_gone() {
        let queue = Queue::new(2);
        let (here, gone) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        queue.push(job(&here)).unwrap();
        queue.push(job(&gone)).unwrap();
        assert!(matches!(
            queue.push(job(&here)),
            Err(EngineError::Overloaded { waiting: 2 })
        ));
        gone.store(true, Ordering::Relaxed);
        queue.push(job(&here)).unwrap();
    }

    #[test]
    fn jobs_that_belong_together_are_taken_together() {
        let here = Arc::default();
        let queue = Queue::new(2);
        let several = || (0..4).map(|_| job(&here)).collect();
        queue.push_all(several()).unwrap();
        assert!(matches!(
            queue.push_all(several()),
            Err(EngineError::Overloaded { waiting: 4 })
        ));
        assert_eq!(queue.activity().waiting, 4);
    }

    #[test]
    fn a_closed_queue_gives_and_takes_nothing() {
        let queue = Queue::new(2);
        queue.push(job(&Arc::default())).unwrap();
        queue.close();
        assert!(queue.next().is_none());
        assert!(matches!(
            queue.push(job(&Arc::default())),
            Err(EngineError::Closed)
        ));
    }
}
