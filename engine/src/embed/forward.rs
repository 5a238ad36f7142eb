//! The pass from tokens to states.

use super::attention;
use super::tokens::Sequence;
use super::weights::{Bert, Layer};
use crate::kernels::{self, Shorts, Team, add_norm};

/// About the numbers that a thread takes at once, of operations on single rows.
const SHARE: usize = 8 * 1024;

/// Memory that passes use one after another.
#[derive(Default)]
pub(super) struct Scratch {
    states: Vec<f32>,
    qkv: Vec<f32>,
    context: Vec<f32>,
    product: Vec<f32>,
    hidden: Vec<f32>,
    rounded: Shorts,
}

impl Bert {
    /// The last layer's states of all tokens, sequence after sequence.
    pub(super) fn forward<'s>(
        &self,
        team: &Team,
        batch: &[Sequence],
        scratch: &'s mut Scratch,
    ) -> &'s [f32] {
        self.look_up(batch, &mut scratch.states);
        let lengths: Vec<usize> = batch.iter().map(Sequence::len).collect();
        for layer in &self.layers {
            self.layer(team, layer, &lengths, scratch);
        }
        &scratch.states
    }

    /// The sum of each token's three embeddings, normed.
    fn look_up(&self, batch: &[Sequence], states: &mut Vec<f32>) {
        let width = self.config.width;
        let row = |matrix: &[f32], index: usize| -> std::ops::Range<usize> {
            debug_assert!((index + 1) * width <= matrix.len());
            index * width..(index + 1) * width
        };
        states.clear();
        for sequence in batch {
            let tokens = sequence.ids().iter().zip(sequence.types());
            for (position, (id, kind)) in tokens.enumerate() {
                let from = states.len();
                states.extend_from_slice(&self.words[row(&self.words, *id as usize)]);
                let kind = &self.types[row(&self.types, *kind as usize)];
                let position = &self.positions[row(&self.positions, position)];
                let norm = self.norm.parameters();
                add_norm(&mut states[from..], kind, position, norm);
            }
        }
    }

    fn layer(&self, team: &Team, layer: &Layer, lengths: &[usize], scratch: &mut Scratch) {
        let width = self.config.width;
        let Scratch {
            states,
            qkv,
            context,
            product,
            hidden,
            rounded,
        } = scratch;
        layer.qkv.multiply(team, states, rounded, qkv);
        each_row(team, qkv, 3 * width, |_, row| {
            kernels::add(row, &layer.qkv.bias);
        });
        // Every element is written below: what is there need not be cleared.
        context.resize(states.len(), 0.0);
        attention::attend(team, qkv, lengths, self.config.heads, context);
        layer
            .attention_output
            .multiply(team, context, rounded, product);
        each_row(team, product, width, |at, row| {
            let before = &states[at * width..][..width];
            let norm = layer.attention_norm.parameters();
            add_norm(row, &layer.attention_output.bias, before, norm);
        });
        std::mem::swap(states, product);

        layer.up.multiply(team, states, rounded, hidden);
        each_row(team, hidden, self.config.hidden, |_, row| {
            kernels::gelu(row, &layer.up.bias);
        });
        layer.down.multiply(team, hidden, rounded, product);
        each_row(team, product, width, |at, row| {
            let before = &states[at * width..][..width];
            add_norm(
                row,
                &layer.down.bias,
                before,
                layer.output_norm.parameters(),
            );
        });
        std::mem::swap(states, product);
    }
}

/// Calls `body` with each row and its index.
fn each_row(team: &Team, rows: &mut [f32], width: usize, body: impl Fn(usize, &mut [f32]) + Sync) {
    let share = (SHARE / width).max(1);
    let mut shares: Vec<&mut [f32]> = rows.chunks_mut(share * width).collect();
    team.for_each(&mut shares, |at, rows| {
        for (within, row) in rows.chunks_mut(width).enumerate() {
            body(at * share + within, row);
        }
    });
}
