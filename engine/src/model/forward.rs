//! The forward pass over a batch of rows.

use std::ops::Range;

use super::{Config, KvMemory, Model};
use crate::EngineError;
use crate::kernels::{self, Activations, Heads};

/// One token to compute. Rows of a batch may belong to different sequences: what a row sees is up to it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) token: u32,
    /// Its place in its sequence, which turns its queries and keys.
    pub(crate) position: usize,
    /// The cell that takes its key and value; no other row of the batch has it.
    pub(crate) cell: usize,
    /// The cells that it sees, itself among them; a cell that the batch fills must belong to an earlier row.
    pub(crate) visible: Vec<Range<usize>>,
}

/// Rows that a thread takes at once where each is treated by itself.
const SHARE: usize = 8;

impl Model {
    /// Computes a batch, writing keys and values to `kv`; returns the normed final states of the wanted rows,
    /// `width` numbers each.
    pub(crate) fn forward(
        &self,
        kv: &mut KvMemory,
        rows: &[Row],
        wanted: &[usize],
    ) -> Result<Vec<f32>, EngineError> {
        let (config, team) = (&self.config, &self.team);
        let width = config.width;
        let tokens: Vec<u32> = rows.iter().map(|row| row.token).collect();
        if tokens.iter().any(|id| *id as usize >= config.vocabulary) {
            return Err(EngineError::invalid("a token beyond the vocabulary"));
        }
        let turns: Vec<Vec<f32>> = rows.iter().map(|row| self.turns(row.position)).collect();
        let mut state = self.embedding.rows(&tokens, width);
        let mut normed = vec![0.0; state.len()];
        let mut mixed = vec![0.0; rows.len() * config.heads * config.head_size];
        let mut gated = vec![0.0; rows.len() * config.hidden];
        let (mut projected, mut update) = (Vec::new(), vec![0.0; state.len()]);
        let mut rounded = Activations::default();

        for (index, layer) in self.layers.iter().enumerate() {
            self.add_and_norm(&mut state, &update, &layer.attention_norm, &mut normed);
            layer
                .qkv
                .forward(team, &normed, &mut rounded, &mut projected);
            let memory = kv.layer(index);
            let cells = memory.keys.len() / (config.kv_heads * config.head_size);
            self.turn_and_store(rows, &turns, &mut projected, memory, cells);
            self.attention(rows, &projected, memory, cells, &mut mixed);
            let output = &layer.attention_output;
            output.forward(team, &mixed, &mut rounded, &mut update);

            self.add_and_norm(&mut state, &update, &layer.feed_forward_norm, &mut normed);
            layer
                .gate_up
                .forward(team, &normed, &mut rounded, &mut projected);
            self.gate(&projected, &mut gated);
            layer.down.forward(team, &gated, &mut rounded, &mut update);
        }

        let mut out = vec![0.0; wanted.len() * width];
        for (index, out) in wanted.iter().zip(out.chunks_mut(width)) {
            let row = index * width..(index + 1) * width;
            kernels::add(&mut state[row.clone()], &update[row.clone()]);
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

    /// Adds what a layer computed to the state, and norms it for the next one.
    fn add_and_norm(&self, state: &mut [f32], update: &[f32], weight: &[f32], normed: &mut [f32]) {
        let width = self.config.width;
        let epsilon = self.config.norm_epsilon;
        let mut shares: Vec<_> = state
            .chunks_mut(SHARE * width)
            .zip(update.chunks(SHARE * width))
            .zip(normed.chunks_mut(SHARE * width))
            .collect();
        self.team
            .for_each(&mut shares, |_, ((state, update), normed)| {
                let rows = state.chunks_mut(width).zip(update.chunks(width));
                for ((state, update), normed) in rows.zip(normed.chunks_mut(width)) {
                    kernels::add(state, update);
                    kernels::rms_norm(state, weight, epsilon, normed);
                }
            });
    }

    /// Each row's gate, through the SiLU, times what it gates.
    fn gate(&self, projected: &[f32], gated: &mut [f32]) {
        let hidden = self.config.hidden;
        let mut shares: Vec<_> = projected
            .chunks(SHARE * 2 * hidden)
            .zip(gated.chunks_mut(SHARE * hidden))
            .collect();
        self.team.for_each(&mut shares, |_, (projected, gated)| {
            for (row, out) in projected.chunks(2 * hidden).zip(gated.chunks_mut(hidden)) {
                let (gate, up) = row.split_at(hidden);
                kernels::silu_multiply(gate, up, out);
            }
        });
    }

    /// Cosine and sine of each pair's angle at a position.
    fn turns(&self, position: usize) -> Vec<f32> {
        self.frequencies
            .iter()
            .flat_map(|frequency| {
                let (sin, cos) = (position as f64 * frequency).sin_cos();
                [cos as f32, sin as f32]
            })
            .collect()
    }

    fn attention(
        &self,
        rows: &[Row],
        projected: &[f32],
        memory: &super::kv::Layer,
        cells: usize,
        out: &mut [f32],
    ) {
        let Config {
            heads,
            kv_heads,
            head_size,
            ..
        } = self.config;
        let group = heads / kv_heads * head_size;
        let step = self.layers[0].qkv.outputs();
        let one = |scratch: &mut Vec<f32>, (index, out): (usize, &mut [f32])| {
            let (row, head) = (index / kv_heads, index % kv_heads);
            let queries = &projected[row * step..][..heads * head_size];
            let from = head * cells * head_size;
            let attended = Heads {
                queries: &queries[head * group..][..group],
                keys: &memory.keys[from..from + cells * head_size],
                values: &memory.values[from..from + cells * head_size],
                size: head_size,
                visible: &rows[row].visible,
            };
            kernels::attend(&attended, out, scratch);
        };
        let mut items: Vec<&mut [f32]> = out.chunks_mut(group).collect();
        let (chunk, mut shares): (usize, Vec<_>) = {
            let chunk = items.len().div_ceil(4 * self.team.threads()).max(1);
            (chunk, items.chunks_mut(chunk).collect())
        };
        self.team.for_each(&mut shares, |share, items| {
            let mut scratch = Vec::new();
            for (at, out) in items.iter_mut().enumerate() {
                one(&mut scratch, (share * chunk + at, out));
            }
        });
    }

    /// Turns the queries and keys of each row by its position; puts its keys and values into its cell.
    fn turn_and_store(
        &self,
        rows: &[Row],
        turns: &[Vec<f32>],
        projected: &mut [f32],
        memory: &mut super::kv::Layer,
        cells: usize,
    ) {
        let config = &self.config;
        let outputs = self.layers[0].qkv.outputs();
        let size = config.head_size;
        let turned = (config.heads + config.kv_heads) * size;
        let mut shares: Vec<_> = projected
            .chunks_mut(SHARE * outputs)
            .zip(turns.chunks(SHARE))
            .collect();
        self.team.for_each(&mut shares, |_, (projected, turns)| {
            for (row, turns) in projected.chunks_mut(outputs).zip(turns.iter()) {
                for head in row[..turned].chunks_mut(size) {
                    kernels::rotate(head, turns);
                }
            }
        });
        for (row, projected) in rows.iter().zip(projected.chunks(outputs)) {
            let keys = &projected[config.heads * size..turned];
            let values = &projected[turned..];
            for head in 0..config.kv_heads {
                let to = (head * cells + row.cell) * size;
                memory.keys[to..to + size].copy_from_slice(&keys[head * size..][..size]);
                memory.values[to..to + size].copy_from_slice(&values[head * size..][..size]);
            }
        }
    }
}
