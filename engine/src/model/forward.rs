//! The forward pass over a batch of rows.

use super::architecture::{Activation, Pairing};
use super::attention::Pieces;
use super::weights::Layer;
use super::{KvMemory, Model};
use crate::EngineError;
use crate::kernels::{self, Activations, CELLS};

/// Tokens to compute together.
#[derive(Debug, Default)]
pub(crate) struct Batch<'a> {
    /// Those of one sequence side by side, in the order of their positions.
    pub(crate) rows: Vec<Row>,
    /// The blocks of each sequence: cell `n` is the one of its position `n`.
    pub(crate) tables: Vec<&'a [u32]>,
}

/// One token to compute. It sees the cells of its sequence up to its own position, those that earlier rows of
/// the batch fill among them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) token: u32,
    /// Its place in its sequence.
    pub(crate) position: usize,
    /// The index of its sequence's table.
    pub(crate) sequence: usize,
}

impl<'a> Batch<'a> {
    /// Adds tokens of a sequence, whose first has this position.
    pub(crate) fn push(&mut self, tokens: &[u32], from: usize, table: &'a [u32]) {
        let sequence = self.tables.len();
        self.tables.push(table);
        let rows = tokens.iter().zip(from..).map(|(token, position)| Row {
            token: *token,
            position,
            sequence,
        });
        self.rows.extend(rows);
    }

    /// Adds tokens that follow those of the sequence added last.
    pub(crate) fn extend(&mut self, tokens: &[u32]) {
        let Some(Row {
            position, sequence, ..
        }) = self.rows.last().copied()
        else {
            return;
        };
        let rows = tokens.iter().zip(position + 1..);
        self.rows.extend(rows.map(|(token, position)| Row {
            token: *token,
            position,
            sequence,
        }));
    }
}

/// Rows that a thread takes at once where each is treated by itself.
const SHARE: usize = 8;

impl Model {
    /// Computes a batch, writing keys and values to `kv`; returns the normed final states of the wanted rows,
    /// `width` numbers each.
    pub(crate) fn forward(
        &self,
        kv: &mut KvMemory,
        batch: &Batch<'_>,
        wanted: &[usize],
    ) -> Result<Vec<f32>, EngineError> {
        let rows = batch.rows.as_slice();
        let (config, team) = (&self.config, &self.team);
        let width = config.width;
        let tokens: Vec<u32> = rows.iter().map(|row| row.token).collect();
        if tokens.iter().any(|id| *id as usize >= config.vocabulary) {
            return Err(EngineError::invalid("a token beyond the vocabulary"));
        }
        let turns = |frequencies: &[f64]| -> Vec<Vec<f32>> {
            rows.iter()
                .map(|row| self.turns(frequencies, row.position))
                .collect()
        };
        let turns_all = turns(&self.frequencies.all);
        let turns_local = config.local.map(|_| turns(&self.frequencies.local));
        let mut state = self.embedding.rows(&tokens, width);
        if config.scales.embedding != 1.0 {
            kernels::scale(&mut state, config.scales.embedding);
        }
        let mut normed = vec![0.0; state.len()];
        let mut mixed = vec![0.0; rows.len() * config.heads * config.head_size];
        let mut gated = vec![0.0; rows.len() * config.hidden];
        let (mut projected, mut update) = (Vec::new(), vec![0.0; state.len()]);
        let (mut rounded, mut pieces) = (Activations::default(), Pieces::default());

        // The norm of what is to be added next.
        let mut after = None;
        for (index, layer) in self.layers.iter().enumerate() {
            let norms = (after, layer.attention_norm.as_slice());
            self.add_and_norm(&mut state, &mut update, norms, &mut normed);
            layer
                .qkv
                .forward(team, &normed, &mut rounded, &mut projected);
            let turns = match (&turns_local, config.window(index)) {
                (Some(turns), Some(_)) => turns,
                _ => &turns_all,
            };
            self.turn(layer, turns, &mut projected);
            self.store(kv, index, batch, &projected);
            self.attend((&*kv, index), batch, &projected, &mut mixed, &mut pieces);
            let output = &layer.attention_output;
            output.forward(team, &mixed, &mut rounded, &mut update);

            let norms = (
                layer.attention_update_norm.as_deref(),
                layer.feed_forward_norm.as_slice(),
            );
            self.add_and_norm(&mut state, &mut update, norms, &mut normed);
            layer
                .gate_up
                .forward(team, &normed, &mut rounded, &mut projected);
            self.gate(&projected, &mut gated);
            layer.down.forward(team, &gated, &mut rounded, &mut update);
            after = layer.feed_forward_update_norm.as_deref();
        }

        let mut out = vec![0.0; wanted.len() * width];
        for (index, out) in wanted.iter().zip(out.chunks_mut(width)) {
            let row = index * width..(index + 1) * width;
            self.add(&mut state[row.clone()], &mut update[row.clone()], after);
            kernels::rms_norm(&state[row], &self.output_norm, config.norm_epsilon, out);
        }
        Ok(out)
    }

    /// The logits of the whole vocabulary for each final state.
    pub(crate) fn logits(&self, states: &[f32]) -> Vec<f32> {
        let (mut out, mut rounded) = (Vec::new(), Activations::default());
        self.output
            .forward(&self.team, states, &mut rounded, &mut out);
        out
    }

    /// The logits of some tokens for one final state, in the order of the ids.
    pub(crate) fn logits_of(&self, state: &[f32], ids: &[u32]) -> Result<Vec<f32>, EngineError> {
        let mut rounded = Activations::default();
        self.output.select(&self.team, state, &mut rounded, ids)
    }

    /// Adds what a part of a layer computed to a row's state.
    fn add(&self, state: &mut [f32], update: &mut [f32], norm: Option<&[f32]>) {
        if let Some(weight) = norm {
            kernels::rms_norm_in_place(update, weight, self.config.norm_epsilon);
        }
        if self.config.scales.residual != 1.0 {
            kernels::scale(update, self.config.scales.residual);
        }
        kernels::add(state, update);
    }

    /// Adds what a part of a layer computed to the state, and norms it for the next part. The norms are those of
    /// what is added, if there is one, and of the sum.
    fn add_and_norm(
        &self,
        state: &mut [f32],
        update: &mut [f32],
        norms: (Option<&[f32]>, &[f32]),
        normed: &mut [f32],
    ) {
        let width = self.config.width;
        let epsilon = self.config.norm_epsilon;
        let mut shares: Vec<_> = state
            .chunks_mut(SHARE * width)
            .zip(update.chunks_mut(SHARE * width))
            .zip(normed.chunks_mut(SHARE * width))
            .collect();
        self.team
            .for_each(&mut shares, |_, ((state, update), normed)| {
                let rows = state.chunks_mut(width).zip(update.chunks_mut(width));
                for ((state, update), normed) in rows.zip(normed.chunks_mut(width)) {
                    self.add(state, update, norms.0);
                    kernels::rms_norm(state, norms.1, epsilon, normed);
                }
            });
    }

    /// Each row's gate, through the activation, times what it gates.
    fn gate(&self, projected: &[f32], gated: &mut [f32]) {
        let hidden = self.config.hidden;
        let mut shares: Vec<_> = projected
            .chunks(SHARE * 2 * hidden)
            .zip(gated.chunks_mut(SHARE * hidden))
            .collect();
        let apply = match self.config.architecture.activation() {
            Activation::Silu => kernels::silu_multiply,
            Activation::Gelu => kernels::gelu_multiply,
        };
        self.team.for_each(&mut shares, |_, (projected, gated)| {
            for (row, out) in projected.chunks(2 * hidden).zip(gated.chunks_mut(hidden)) {
                let (gate, up) = row.split_at(hidden);
                apply(gate, up, out);
            }
        });
    }

    /// Cosine and sine of each pair's angle at a position, as the architecture's pairing wants them: alternating,
    /// or all cosines before all sines.
    fn turns(&self, frequencies: &[f64], position: usize) -> Vec<f32> {
        let pairs = frequencies
            .iter()
            .map(|frequency| (position as f64 * frequency).sin_cos());
        match self.config.architecture.pairing() {
            Pairing::Neighbours => pairs
                .flat_map(|(sin, cos)| [cos as f32, sin as f32])
                .collect(),
            Pairing::Halves => {
                let (sines, cosines): (Vec<f32>, Vec<f32>) =
                    pairs.map(|(sin, cos)| (sin as f32, cos as f32)).unzip();
                [cosines, sines].concat()
            }
        }
    }

    /// Norms the queries and keys of each row where the architecture does, and turns them by its position.
    fn turn(&self, layer: &Layer, turns: &[Vec<f32>], projected: &mut [f32]) {
        let config = &self.config;
        let outputs = layer.qkv.outputs();
        let turned = (config.heads + config.kv_heads) * config.head_size;
        let rotate = match config.architecture.pairing() {
            Pairing::Neighbours => kernels::rotate_neighbours,
            Pairing::Halves => kernels::rotate_halves,
        };
        let mut shares: Vec<_> = projected
            .chunks_mut(SHARE * outputs)
            .zip(turns.chunks(SHARE))
            .collect();
        self.team.for_each(&mut shares, |_, (projected, turns)| {
            for (row, turns) in projected.chunks_mut(outputs).zip(turns.iter()) {
                let heads = row[..turned].chunks_mut(config.head_size);
                for (index, head) in heads.enumerate() {
                    let norm = if index < config.heads {
                        &layer.query_norm
                    } else {
                        &layer.key_norm
                    };
                    if let Some(weight) = norm {
                        kernels::rms_norm_in_place(head, weight, config.norm_epsilon);
                    }
                    rotate(head, turns);
                }
            }
        });
    }

    /// Puts the keys and values of each row into its cell.
    fn store(&self, kv: &mut KvMemory, layer: usize, batch: &Batch<'_>, projected: &[f32]) {
        let config = &self.config;
        let outputs = self.layers[0].qkv.outputs();
        let keys = config.heads * config.head_size;
        let values = keys + config.kv_heads * config.head_size;
        for (row, projected) in batch.rows.iter().zip(projected.chunks(outputs)) {
            let block = batch.tables[row.sequence][row.position / CELLS];
            let cell = (block, row.position % CELLS);
            kv.put(layer, cell, &projected[keys..values], &projected[values..]);
        }
    }
}
