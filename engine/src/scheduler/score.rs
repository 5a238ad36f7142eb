//! Serves a request to score continuations.

use std::ops::Range;

use super::blocks::Held;
use super::{PROMPT_ROWS, Scheduler, ScoreJob, blocks_for, guarded};
use crate::kernels::CELLS;
use crate::logprob::log_probability;
use crate::model::Batch;
use crate::{EngineError, Score};

/// States whose logits are computed together: for 50,000 tokens, 200 kB each.
const LOGITS: usize = 64;

impl ScoreJob {
    /// The blocks that its prefix and its longest continuation need at least. The prefix's last block may be
    /// needed twice: the continuation goes on in a copy of it.
    pub(super) fn blocks(&self) -> usize {
        let longest = self.continuations.iter().map(Vec::len).max().unwrap_or(0);
        blocks_for(self.prefix.len() + longest) + 1
    }
}

impl Scheduler {
    /// Scores, and tells the client. Sequences that run meanwhile go on between its batches, and keep the blocks
    /// that were promised to them: `room` is what is left.
    pub(super) fn score_for(&mut self, job: &ScoreJob, room: usize) {
        let mut held = self.blocks.find(&job.prefix[..job.prefix.len() - 1]);
        let scores = guarded(|| self.score(job, &mut held, room));
        self.blocks.release(held);
        // A caller that is gone needs no answer.
        let _ = job.reply.send(scores);
    }

    fn score(
        &mut self,
        job: &ScoreJob,
        held: &mut Held,
        room: usize,
    ) -> Result<Vec<Score>, EngineError> {
        let state = self.compute_prefix(&job.prefix, held)?;
        self.blocks.share(held, &job.prefix);
        let first = self.model.logits(&state);
        let mut scores: Vec<Score> = job
            .continuations
            .iter()
            .map(|tokens| Score {
                log_likelihood: tokens
                    .first()
                    .map_or(0.0, |token| log_probability(&first, *token)),
                tokens: tokens.len(),
            })
            .collect();
        let room = room.saturating_sub(held.table.len());
        for batch in batches(&job.continuations, job.prefix.len(), room) {
            if self.queue.is_closed() {
                return Err(EngineError::Closed);
            }
            self.advance();
            self.score_batch(job, held, batch, &mut scores)?;
        }
        Ok(scores)
    }

    /// Computes a prefix; returns its final state.
    fn compute_prefix(&mut self, prefix: &[u32], held: &mut Held) -> Result<Vec<f32>, EngineError> {
        let mut done = held.shared();
        loop {
            if self.queue.is_closed() {
                return Err(EngineError::Closed);
            }
            let end = (done + PROMPT_ROWS).min(prefix.len());
            while held.table.len() < blocks_for(end) {
                self.grow(held)?;
            }
            let mut batch = Batch::default();
            batch.push(&prefix[done..end], done, &held.table);
            let last = [batch.rows.len() - 1];
            let state = self.model.forward(&mut self.blocks.memory, &batch, &last)?;
            done = end;
            if done == prefix.len() {
                return Ok(state);
            }
            self.advance();
        }
    }

    fn grow(&mut self, held: &mut Held) -> Result<(), EngineError> {
        if self.blocks.grow(held) {
            Ok(())
        } else {
            Err(EngineError::Internal("the KV memory is too small".into()))
        }
    }

    /// Adds the likelihoods of all tokens but the first of some continuations.
    fn score_batch(
        &mut self,
        job: &ScoreJob,
        prefix: &Held,
        which: Range<usize>,
        scores: &mut [Score],
    ) -> Result<(), EngineError> {
        let from = job.prefix.len();
        let mut forks: Vec<(usize, Held)> = Vec::new();
        let outcome = self
            .fork_all(job, prefix, which, &mut forks)
            .and_then(|()| {
                let mut batch = Batch::default();
                // Which continuation each row belongs to, and the token that it should foretell.
                let mut targets = Vec::new();
                for (index, held) in &forks {
                    let tokens = &job.continuations[*index];
                    batch.push(&tokens[..tokens.len() - 1], from, &held.table);
                    targets.extend(tokens[1..].iter().map(|token| (*index, *token)));
                }
                let wanted: Vec<usize> = (0..batch.rows.len()).collect();
                let states = self
                    .model
                    .forward(&mut self.blocks.memory, &batch, &wanted)?;
                Ok((states, targets))
            });
        for (_, held) in forks {
            self.blocks.release(held);
        }
        let (states, targets) = outcome?;
        let width = states.len().checked_div(targets.len()).unwrap_or(1).max(1);
        let vocabulary = self.tokenizer.len();
        for (states, targets) in states.chunks(LOGITS * width).zip(targets.chunks(LOGITS)) {
            let logits = self.model.logits(states);
            let mut found: Vec<(&[f32], u32, f32)> = logits
                .chunks(vocabulary)
                .zip(targets)
                .map(|(logits, (_, token))| (logits, *token, 0.0))
                .collect();
            self.model
                .team()
                .for_each(&mut found, |_, (logits, token, found)| {
                    *found = log_probability(logits, *token);
                });
            for ((index, _), (_, _, found)) in targets.iter().zip(found) {
                scores[*index].log_likelihood += found;
            }
        }
        Ok(())
    }

    /// Gives each continuation that has rows to compute a sequence of its own after the prefix.
    fn fork_all(
        &mut self,
        job: &ScoreJob,
        prefix: &Held,
        which: Range<usize>,
        forks: &mut Vec<(usize, Held)>,
    ) -> Result<(), EngineError> {
        let from = job.prefix.len();
        for index in which {
            let rows = job.continuations[index].len().saturating_sub(1);
            if rows == 0 {
                continue;
            }
            let held = self.blocks.fork(prefix, from);
            let held =
                held.ok_or_else(|| EngineError::Internal("the KV memory is too small".into()))?;
            forks.push((index, held));
            while let Some((_, held)) = forks.last_mut()
                && held.table.len() < blocks_for(from + rows)
            {
                if !self.blocks.grow(held) {
                    return Err(EngineError::Internal("the KV memory is too small".into()));
                }
            }
        }
        Ok(())
    }
}

/// Runs of continuations that are computed together: about as many rows as a step has, and no more blocks than
/// there are.
fn batches(continuations: &[Vec<u32>], prefix: usize, room: usize) -> Vec<Range<usize>> {
    let mut batches = Vec::new();
    let (mut from, mut rows, mut blocks) = (0, 0, 0);
    for (index, tokens) in continuations.iter().enumerate() {
        let more = tokens.len().saturating_sub(1);
        let needed = blocks_for(prefix + more) - prefix / CELLS;
        if rows > 0 && (rows + more > PROMPT_ROWS || blocks + needed > room) {
            batches.push(from..index);
            (from, rows, blocks) = (index, 0, 0);
        }
        rows += more;
        blocks += needed;
    }
    batches.push(from..continuations.len());
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_cover_all_and_keep_within_bounds() {
        let continuations: Vec<Vec<u32>> = [3, 100, 40, 0, 1, 300, 2]
            .iter()
            .map(|length| vec![0; *length])
            .collect();
        assert_eq!(batches(&continuations, 20, 1000), [0..2, 2..5, 5..6, 6..7]);
        // The second one alone has 7 blocks, beside the first one's 1.
        assert_eq!(batches(&continuations[..3], 20, 7), [0..1, 1..2, 2..3]);
        assert_eq!(
            batches(&[], 5, 10),
            std::iter::once(0..0).collect::<Vec<_>>()
        );
    }
}
