//! Serves a request to score continuations.

use std::ops::{ControlFlow, Range};

use super::{Scheduler, ScoreJob};
use crate::model::Row;
use crate::sample::log_probability;
use crate::{EngineError, Score};

/// Rows that are computed together, unless one continuation alone has more.
const BATCH: usize = 128;
/// States whose logits are computed together: for 50,000 tokens, 200 kB each.
const LOGITS: usize = 64;

impl Scheduler {
    pub(super) fn score(&mut self, job: &ScoreJob) -> Result<Vec<Score>, EngineError> {
        let cached = self.slot.reuse(&job.prefix);
        let queue = std::sync::Arc::clone(&self.queue);
        let open = || {
            if queue.is_closed() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        if self
            .slot
            .extend(&self.model, &job.prefix[cached..], open)?
            .is_break()
        {
            return Err(EngineError::Closed);
        }
        let first = self.model.logits(self.slot.state()?);
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
        for batch in batches(&job.continuations, self.slot.capacity() - self.slot.len()) {
            if open().is_break() {
                return Err(EngineError::Closed);
            }
            self.score_batch(&job.continuations, batch, &mut scores)?;
        }
        Ok(scores)
    }

    /// Adds the likelihoods of all tokens but the first of some continuations. These lie side by side in the
    /// cells after the prefix; each sees the prefix and itself.
    fn score_batch(
        &mut self,
        continuations: &[Vec<u32>],
        batch: Range<usize>,
        scores: &mut [Score],
    ) -> Result<(), EngineError> {
        let prefix = self.slot.len();
        let mut rows = Vec::new();
        // Which continuation each row belongs to, and the token that it should foretell.
        let mut targets = Vec::new();
        for index in batch {
            let start = prefix + rows.len();
            for (offset, pair) in continuations[index].windows(2).enumerate() {
                rows.push(Row {
                    token: pair[0],
                    position: prefix + offset,
                    cell: start + offset,
                    visible: vec![0..prefix, start..start + offset + 1],
                });
                targets.push((index, pair[1]));
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
        let states = self.slot.try_rows(&self.model, &rows)?;
        let width = states.len() / rows.len();
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
}

/// Runs of continuations whose rows fit in `room` cells, of about `BATCH` rows each.
fn batches(continuations: &[Vec<u32>], room: usize) -> Vec<Range<usize>> {
    let bound = BATCH.min(room);
    let mut batches = Vec::new();
    let (mut from, mut rows) = (0, 0);
    for (index, tokens) in continuations.iter().enumerate() {
        let more = tokens.len().saturating_sub(1);
        if rows > 0 && rows + more > bound {
            batches.push(from..index);
            (from, rows) = (index, 0);
        }
        rows += more;
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
        assert_eq!(batches(&continuations, 1000), [0..2, 2..5, 5..6, 6..7]);
        assert_eq!(batches(&[], 10), std::iter::once(0..0).collect::<Vec<_>>());
    }
}
