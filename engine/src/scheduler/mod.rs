//! The thread that owns the model and its KV memory, and serves one request after another.
//!
//! Requests come by [`Queue`]; each is served by a step function that looks at its deadline and at its
//! client between steps, so that requests can later share steps without a change of shape.

mod generate;
mod queue;
mod score;
mod slot;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::EngineError;
use crate::model::{KvMemory, Model};
use crate::tokenizer::Tokenizer;
pub(crate) use queue::{GenerateJob, Job, Queue, ScoreJob};
use slot::Slot;

/// Everything that the engine's thread owns.
pub(crate) struct Scheduler {
    model: Model,
    tokenizer: Arc<Tokenizer>,
    slot: Slot,
    queue: Arc<Queue>,
}

impl Scheduler {
    pub(crate) fn new(
        model: Model,
        tokenizer: Arc<Tokenizer>,
        memory: KvMemory,
        queue: Arc<Queue>,
    ) -> Scheduler {
        Scheduler {
            model,
            tokenizer,
            slot: Slot::new(memory),
            queue,
        }
    }

    /// Serves until the queue is closed. A request that fails, even by a panic, leaves the others unharmed.
    pub(crate) fn run(mut self) {
        while let Some(job) = self.queue.next() {
            let report = job.reporter();
            let served = catch_unwind(AssertUnwindSafe(|| self.serve(job)));
            if let Err(panic) = served {
                // What the panic left half-written must not be taken for a computed prefix.
                self.slot.clear();
                let message = panic_message(&*panic);
                tracing::error!(message, "a request to the model panicked");
                report(EngineError::Internal(message.to_owned()));
            }
        }
    }

    fn serve(&mut self, job: Job) {
        match job {
            Job::Generate(mut job) => self.generate(&mut job),
            Job::Score(job) => {
                let scores = self.score(&job);
                // A caller that is gone needs no answer.
                let _ = job.reply.send(scores);
            }
        }
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
}
