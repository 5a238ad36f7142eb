//! The forward pass over a batch of rows.

use std::ops::Range;

use rayon::prelude::*;

use super::{Config, KvMemory, Model};
use crate::EngineError;
use crate::kernels::{self, Heads};

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

/// Rows times visible cells below which attention is not worth sharing out.
const SMALL_ATTENTION: usize = 256;

impl Model {
    /// Computes a batch, writing keys and values to `kv`; returns the normed final states of the wanted rows,
    /// `width` numbers each.
    pub(crate) fn forward(
        &self,
        kv: &mut KvMemory,
        rows: &[Row],
        wanted: &[usize],
    ) -> Result<Vec<f32>, EngineError> {
        let config = &self.config;
        let width = config.width;
        let tokens: Vec<u32> = rows.iter().map(|row| row.token).collect();
        if tokens.iter().any(|id| *id as usize >= config.vocabulary) {
            return Err(EngineError::invalid("a token beyond the vocabulary"));
        }
        let turns: Vec<Vec<f32>> = rows.iter().map(|row| self.turns(row.position)).collect();
        let mut state = self.embedding.rows(&tokens, width)?;
        let mut normed = vec![0.0; state.len()];
        let mut mixed = vec![0.0; rows.len() * config.heads * config.head_size];
        let (mut projected, mut update) = (Vec::new(), Vec::new());

        for (index, layer) in self.layers.iter().enumerate() {
            let memory = kv.layer(index);
            norm_rows(&state, &layer.attention_norm, config, &mut normed);
            layer.qkv.forward(&normed, &mut projected)?;
            let cells = memory.keys.len() / (config.kv_heads * config.head_size);
            for ((row, turns), projected) in rows
                .iter()
                .zip(&turns)
                .zip(projected.chunks_mut(layer.qkv.outputs()))
            {
                turn_and_store(config, row, turns, projected, memory, cells);
            }
            self.attention(rows, &projected, memory, cells, &mut mixed);
            layer.attention_output.forward(&mixed, &mut update)?;
            kernels::add(&mut state, &update);

            norm_rows(&state, &layer.feed_forward_norm, config, &mut normed);
            layer.gate_up.forward(&normed, &mut projected)?;
            let mut gated = Vec::with_capacity(rows.len() * config.hidden);
            for row in projected.chunks_mut(2 * config.hidden) {
                let (gate, up) = row.split_at_mut(config.hidden);
                kernels::silu_multiply(gate, up);
                gated.extend_from_slice(gate);
            }
            layer.down.forward(&gated, &mut update)?;
            kernels::add(&mut state, &update);
        }

        let mut out = vec![0.0; wanted.len() * width];
        for (index, out) in wanted.iter().zip(out.chunks_mut(width)) {
            let state = &state[index * width..][..width];
            kernels::rms_norm(state, &self.output_norm, config.norm_epsilon, out);
        }
        Ok(out)
    }

    /// The logits of the whole vocabulary for each final state.
    pub(crate) fn logits(&self, states: &[f32]) -> Result<Vec<f32>, EngineError> {
        let mut out = Vec::new();
        self.output.forward(states, &mut out)?;
        Ok(out)
    }

    /// The logits of some tokens for one final state, in the order of the ids.
    pub(crate) fn logits_of(&self, state: &[f32], ids: &[u32]) -> Result<Vec<f32>, EngineError> {
        self.output.select(state, ids)
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
        let seen: usize = rows
            .iter()
            .flat_map(|row| row.visible.iter().map(|range| range.len()))
            .sum();
        if seen < SMALL_ATTENTION {
            let mut scratch = Vec::new();
            out.chunks_mut(group)
                .enumerate()
                .for_each(|item| one(&mut scratch, item));
        } else {
            out.par_chunks_mut(group)
                .enumerate()
                .for_each_init(Vec::new, one);
        }
    }
}

fn norm_rows(state: &[f32], weight: &[f32], config: &Config, out: &mut [f32]) {
    for (row, out) in state.chunks(config.width).zip(out.chunks_mut(config.width)) {
        kernels::rms_norm(row, weight, config.norm_epsilon, out);
    }
}

/// Turns a row's queries and keys by its position; puts its keys and values into its cell.
fn turn_and_store(
    config: &Config,
    row: &Row,
    turns: &[f32],
    projected: &mut [f32],
    memory: &mut super::kv::Layer,
    cells: usize,
) {
    let size = config.head_size;
    let turned = (config.heads + config.kv_heads) * size;
    for head in projected[..turned].chunks_mut(size) {
        kernels::rotate(head, turns);
    }
    let keys = &projected[config.heads * size..turned];
    let values = &projected[turned..];
    for head in 0..config.kv_heads {
        let to = (head * cells + row.cell) * size;
        memory.keys[to..to + size].copy_from_slice(&keys[head * size..][..size]);
        memory.values[to..to + size].copy_from_slice(&values[head * size..][..size]);
    }
}
