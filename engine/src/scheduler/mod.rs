//! The thread that owns the model and its KV memory, and serves many requests at once.
//!
//! Requests come by [`Queue`], in the order of arrival. Each has its [`Sequence`]. In every step, one batch is
//! computed: the next tokens of all sequences, those that decode first, and of those whose prompts are not yet
//! computed as much as fits (continuous batching, Yu et al. 2022; chunked prompts, Agrawal et al. 2023). Between
//! steps, deadlines and clients are looked at. A request is taken in when the blocks that it may come to need
//! are there, so that no sequence ever has to be interrupted for want of memory.

mod blocks;
mod generate;
mod lookup;
mod queue;
mod score;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::EngineError;
use crate::kernels::CELLS;
use crate::model::{Batch, KvMemory, Model};
use crate::tokenizer::Tokenizer;
use blocks::Blocks;
use generate::Sequence;
pub(crate) use queue::{GenerateJob, Job, Queue, ScoreJob};

/// Rows of a step that may belong to prompts: enough to keep the processor busy, few enough for others to go on
/// and for clients that leave to be noticed.
const PROMPT_ROWS: usize = 128;

/// Everything that the engine's thread owns.
pub(crate) struct Scheduler {
    model: Model,
    tokenizer: Arc<Tokenizer>,
    blocks: Blocks,
    queue: Arc<Queue>,
    running: Vec<Sequence>,
    /// Sequences that may run at once.
    slots: usize,
    /// Tokens that a sequence may have.
    context: usize,
    /// Whether what comes next is looked up in what is there.
    lookup: bool,
}

/// What became of a sequence's turn.
enum Turn {
    /// It has tokens to compute.
    Continue,
    /// It is done; its client has been told, or has gone.
    Done,
}

impl Scheduler {
    pub(crate) fn new(
        model: Model,
        tokenizer: Arc<Tokenizer>,
        memory: KvMemory,
        queue: Arc<Queue>,
        (slots, context, lookup): (usize, usize, bool),
    ) -> Scheduler {
        Scheduler {
            model,
            tokenizer,
            blocks: Blocks::new(memory),
            queue,
            running: Vec::new(),
            slots,
            context,
            lookup,
        }
    }

    /// Serves until the queue is closed. A request that fails, even by a panic, leaves the others unharmed.
    pub(crate) fn run(mut self) {
        loop {
            self.queue.tell(self.running.len(), self.blocks.in_use());
            self.take_in();
            self.queue.tell(self.running.len(), self.blocks.in_use());
            if self.running.is_empty() {
                if self.queue.is_closed() {
                    return;
                }
                continue;
            }
            self.advance();
        }
    }

    /// Takes all sequences one step further.
    fn advance(&mut self) {
        self.plan();
        if let Err(error) = guarded(|| self.step()) {
            // What was left half-written must not be taken for a computed prefix.
            for sequence in std::mem::take(&mut self.running) {
                sequence.fail(EngineError::Internal(error.to_string()));
                self.blocks.release(sequence.into_held());
            }
            self.blocks.forget();
        }
    }

    /// Takes requests in, as long as there is room; waits for one where nothing else is to be done.
    fn take_in(&mut self) {
        while self.running.len() < self.slots {
            let reserved: usize = self.running.iter().map(Sequence::reserved).sum();
            let room = self.blocks.available().saturating_sub(reserved);
            let context = self.context;
            // What is found of a prefix may be given up by nobody else, so it counts as needed.
            let fits = |job: &Job| match job {
                Job::Generate(job) => job.blocks(context) <= room,
                Job::Score(job) => job.blocks() <= room,
            };
            let job = if self.running.is_empty() {
                self.queue.next()
            } else {
                self.queue.next_if(fits)
            };
            match job {
                Some(Job::Generate(job)) => {
                    let sequence =
                        Sequence::begin(*job, self.context, self.lookup, &mut self.blocks);
                    self.running.push(sequence);
                }
                Some(Job::Score(job)) => self.score_for(&job, room),
                None => return,
            }
        }
    }

    /// Lets each sequence choose what comes next, as far as it can without computing.
    fn plan(&mut self) {
        let mut at = 0;
        while let Some(sequence) = self.running.get_mut(at) {
            let (tokenizer, queue) = (&self.tokenizer, &self.queue);
            let turn = guarded(|| sequence.plan(tokenizer, queue));
            match turn {
                Ok(Turn::Continue) => at += 1,
                Ok(Turn::Done) => self.end(at),
                Err(error) => {
                    self.running[at].fail(error);
                    self.end(at);
                }
            }
        }
    }

    /// Computes one batch, and lets the sequences whose tokens are all computed choose their next ones.
    fn step(&mut self) -> Result<(), EngineError> {
        let shares = self.shares();
        let cost = guess_cost(self.running.len());
        for (sequence, share) in self.running.iter_mut().zip(&shares) {
            if let Some(cost) = cost {
                sequence.guess(*share, cost);
            }
            sequence.make_room(*share, &mut self.blocks)?;
        }
        let mut batch = Batch::default();
        let (mut wanted, mut choosers) = (Vec::new(), Vec::new());
        for (at, (sequence, share)) in self.running.iter().zip(&shares).enumerate() {
            if *share == 0 {
                continue;
            }
            sequence.put_rows(*share, &mut batch);
            if *share == sequence.pending() {
                let end = batch.rows.len();
                wanted.extend(end - sequence.choosing()..end);
                choosers.push(at);
            }
        }
        if batch.rows.is_empty() {
            return Ok(());
        }
        let states = self
            .model
            .forward(&mut self.blocks.memory, &batch, &wanted)?;
        for (sequence, share) in self.running.iter_mut().zip(&shares) {
            sequence.computed(*share, &mut self.blocks);
        }
        self.choose(&choosers, &states);
        Ok(())
    }

    /// How many of its pending tokens each sequence may compute in this step.
    fn shares(&self) -> Vec<usize> {
        let pending: Vec<usize> = self.running.iter().map(Sequence::pending).collect();
        shares(&pending)
    }

    /// Lets sequences choose by their final states.
    fn choose(&mut self, choosers: &[usize], states: &[f32]) {
        let width = self.model.config().width;
        let vocabulary = self.tokenizer.len();
        let mut left = states;
        let mut each = Vec::with_capacity(choosers.len());
        // Of those that need all logits, or so many that all at once come cheaper.
        let mut all = Vec::new();
        for at in choosers {
            let sequence = &self.running[*at];
            let (own, rest) = left.split_at(sequence.choosing() * width);
            left = rest;
            let needs_all = sequence
                .choices()
                .is_none_or(|ids| is_most(ids, vocabulary));
            if needs_all {
                all.extend_from_slice(own);
            }
            each.push((*at, own, needs_all));
        }
        let mut logits = self.model.logits(&all);
        let mut logits = logits.chunks_mut(vocabulary);
        let mut ends = Vec::new();
        for (at, states, needs_all) in each {
            let sequence = &mut self.running[at];
            let mut all: Vec<&mut [f32]> = if needs_all {
                logits.by_ref().take(sequence.choosing()).collect()
            } else {
                Vec::new()
            };
            let (model, tokenizer) = (&self.model, &self.tokenizer);
            let turn = guarded(|| match sequence.choices() {
                None => sequence.choose_run(all.into_iter(), tokenizer),
                Some(ids) => {
                    let mut some = match all.first_mut() {
                        Some(logits) => ids.iter().map(|id| logits[*id as usize]).collect(),
                        None => model.logits_of(states, ids)?,
                    };
                    sequence.choose(&mut some, tokenizer)
                }
            });
            match turn {
                Ok(Turn::Continue) => {}
                Ok(Turn::Done) => ends.push(at),
                Err(error) => {
                    sequence.fail(error);
                    ends.push(at);
                }
            }
        }
        for at in ends.into_iter().rev() {
            self.end(at);
        }
    }

    /// Ends a sequence and keeps its beginning for those to come.
    fn end(&mut self, at: usize) {
        let sequence = self.running.remove(at);
        sequence.leave(&mut self.blocks);
    }
}

/// A sequence with at most so many tokens to compute decodes, or goes over a run of forced tokens; one with more
/// has a prompt to compute.
const DECODED: usize = 16;

/// What computing a guess costs beside so many sequences, in tokens decoded without guesses; none where it does not
/// pay. One sequence leaves the processor waiting for weights; several keep it busy.
fn guess_cost(running: usize) -> Option<f32> {
    match running {
        1 => Some(0.25),
        2 | 3 => Some(0.5),
        _ => None,
    }
}

/// Choices beyond this part of the vocabulary are taken from the logits of all tokens, which a matrix product
/// computes several times faster, each, than dot products do.
const FEW: usize = 8;

fn is_most(ids: &[u32], vocabulary: usize) -> bool {
    ids.len() > vocabulary / FEW
}

/// How many of its pending tokens each sequence may compute in a step, the oldest sequence first.
///
/// Those that decode have clients that read along: they get all they need. Of what is left, the oldest prompt gets
/// half, so that it is never starved, and the rest goes to the shortest first, so that a short question does not
/// wait for a long one.
fn shares(pending: &[usize]) -> Vec<usize> {
    let mut left = PROMPT_ROWS;
    let mut shares = vec![0; pending.len()];
    let mut prompts = Vec::new();
    for (at, pending) in pending.iter().enumerate() {
        if *pending <= DECODED {
            shares[at] = *pending;
            left -= left.min(*pending);
        } else {
            prompts.push(at);
        }
    }
    let mut give = |at: usize, most: usize| {
        let more = (pending[at] - shares[at]).min(most).min(left);
        shares[at] += more;
        left -= more;
    };
    if let Some(oldest) = prompts.first().copied() {
        give(oldest, PROMPT_ROWS / 2);
        prompts.sort_by_key(|at| pending[*at]);
        for at in prompts {
            give(at, PROMPT_ROWS);
        }
    }
    shares
}

/// Blocks that hold so many tokens.
fn blocks_for(tokens: usize) -> usize {
    tokens.div_ceil(CELLS)
}

/// Turns a panic into an error.
fn guarded<T>(run: impl FnOnce() -> Result<T, EngineError>) -> Result<T, EngineError> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("a panic without a message");
        tracing::error!(message, "a request to the model panicked");
        Err(EngineError::Internal(message.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_short_prompt_passes_a_long_one_which_goes_on() {
        assert_eq!(shares(&[2000]), [128]);
        assert_eq!(shares(&[2000, 1, 40, 17]), [70, 1, 40, 17]);
        assert_eq!(shares(&[2000, 900, 300]), [64, 0, 64]);
        assert!(shares(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn nobody_gets_more_than_there_is(pending in prop::collection::vec(0usize..400, 0..12)) {
            let shares = shares(&pending);
            let prompts: usize = shares.iter().zip(&pending).filter(|(_, all)| **all > DECODED).map(|(share, _)| share).sum();
            prop_assert!(prompts <= PROMPT_ROWS);
            for (share, all) in shares.iter().zip(&pending) {
                prop_assert!(share <= all);
                prop_assert!(*all > DECODED || share == all);
            }
        }
    }
}
