//! One sequence in the KV memory, kept after its request for the next that begins alike.

use std::ops::ControlFlow;

use crate::EngineError;
use crate::model::{KvMemory, Model, Row};

/// Rows that are computed at once; between chunks a request's deadline and client are looked at.
const CHUNK: usize = 128;

/// The KV memory and what it holds.
pub(super) struct Slot {
    memory: KvMemory,
    /// The tokens of the first cells.
    tokens: Vec<u32>,
    /// The final state of the last of these tokens, while it is known.
    state: Option<Vec<f32>>,
}

impl Slot {
    pub(super) fn new(memory: KvMemory) -> Slot {
        Slot {
            memory,
            tokens: Vec::new(),
            state: None,
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.tokens.clear();
        self.state = None;
    }

    /// Tokens that the memory holds at most.
    pub(super) fn capacity(&self) -> usize {
        self.memory.cells()
    }

    /// Tokens that the memory holds at present.
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Keeps as much as the prompt shares with what is there; returns how many of its tokens need no more
    /// work. Only where the final state is known, too, are these all of them.
    pub(super) fn reuse(&mut self, prompt: &[u32]) -> usize {
        let shared = self
            .tokens
            .iter()
            .zip(prompt)
            .take_while(|(held, wanted)| held == wanted)
            .count();
        if shared == prompt.len() && shared == self.tokens.len() && self.state.is_some() {
            return shared;
        }
        let shared = shared.min(prompt.len().saturating_sub(1));
        if shared < self.tokens.len() {
            self.tokens.truncate(shared);
            self.state = None;
        }
        shared
    }

    /// Computes the next tokens of the sequence in chunks, asking before each whether to go on.
    pub(super) fn extend<B>(
        &mut self,
        model: &Model,
        tokens: &[u32],
        mut go_on: impl FnMut() -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>, EngineError> {
        for chunk in tokens.chunks(CHUNK) {
            if let ControlFlow::Break(reason) = go_on() {
                return Ok(ControlFlow::Break(reason));
            }
            let from = self.tokens.len();
            if from + chunk.len() > self.memory.cells() {
                return Err(EngineError::PromptTooLong {
                    tokens: from + chunk.len(),
                    context: self.memory.cells(),
                });
            }
            let rows: Vec<Row> = chunk
                .iter()
                .zip(from..)
                .map(|(token, at)| Row {
                    token: *token,
                    position: at,
                    cell: at,
                    visible: std::iter::once(0..at + 1).collect(),
                })
                .collect();
            self.state = None;
            let state = model.forward(&mut self.memory, &rows, &[rows.len() - 1])?;
            self.tokens.extend_from_slice(chunk);
            self.state = Some(state);
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The final state of the last token.
    pub(super) fn state(&self) -> Result<&[f32], EngineError> {
        self.state
            .as_deref()
            .ok_or_else(|| EngineError::Internal("no state has been computed".into()))
    }

    /// Computes rows beside the sequence, in the cells after it; they are forgotten when it grows.
    pub(super) fn try_rows(
        &mut self,
        model: &Model,
        rows: &[Row],
    ) -> Result<Vec<f32>, EngineError> {
        let all: Vec<usize> = (0..rows.len()).collect();
        model.forward(&mut self.memory, rows, &all)
    }
}
