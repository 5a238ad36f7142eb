//! The memory of keys and values, allocated once, in blocks of 16 cells.

use super::Config;
use crate::kernels::{self, CELLS};

/// Keys and values of all layers for a fixed number of blocks.
///
/// A block's keys and values lie together for each layer and head, in the layout that attention wants: see
/// [`kernels::attend`].
pub(crate) struct KvMemory {
    layers: Vec<Layer>,
    blocks: usize,
    shape: Shape,
}

/// One layer's keys and values.
pub(super) struct Layer {
    keys: Vec<u16>,
    values: Vec<u16>,
}

#[derive(Clone, Copy)]
struct Shape {
    heads: usize,
    size: usize,
    /// Numbers of a head in a cell, those that fill it up included.
    stride: usize,
}

impl Shape {
    /// Where the part of a block that belongs to a head begins.
    fn at(self, block: u32, head: usize) -> usize {
        (block as usize * self.heads + head) * CELLS * self.stride
    }

    /// Numbers of a block, of all its heads.
    fn block(self) -> usize {
        self.heads * CELLS * self.stride
    }
}

impl KvMemory {
    /// Memory for this many blocks, zeroed.
    pub(crate) fn new(config: &Config, blocks: usize) -> KvMemory {
        let shape = Shape {
            heads: config.kv_heads,
            size: config.head_size,
            stride: kernels::padded(config.head_size),
        };
        let layer = |_| Layer {
            keys: vec![0; blocks * shape.block()],
            values: vec![0; blocks * shape.block()],
        };
        KvMemory {
            layers: (0..config.layers).map(layer).collect(),
            blocks,
            shape,
        }
    }

    /// Number of blocks.
    pub(crate) fn blocks(&self) -> usize {
        self.blocks
    }

    /// Copies a block to another one.
    pub(crate) fn copy(&mut self, from: u32, to: u32) {
        let size = self.shape.block();
        let (from, to) = (self.shape.at(from, 0), self.shape.at(to, 0));
        for layer in &mut self.layers {
            layer.keys.copy_within(from..from + size, to);
            layer.values.copy_within(from..from + size, to);
        }
    }

    /// Puts a row's keys and values, of all heads one after another, into a cell of a layer.
    pub(super) fn put(
        &mut self,
        layer: usize,
        (block, cell): (u32, usize),
        keys: &[f32],
        values: &[f32],
    ) {
        let shape = self.shape;
        let layer = &mut self.layers[layer];
        let mut narrow = [0; kernels::MOST_HEAD];
        let narrow = &mut narrow[..shape.size];
        let heads = keys.chunks(shape.size).zip(values.chunks(shape.size));
        for (head, (keys, values)) in heads.enumerate() {
            let at = shape.at(block, head);
            kernels::narrow(keys, narrow);
            let cells = layer.keys[at + cell..].iter_mut().step_by(CELLS);
            for (to, number) in cells.zip(narrow.iter()) {
                *to = *number;
            }
            let to = at + cell * shape.stride;
            kernels::narrow(values, &mut layer.values[to..to + shape.size]);
        }
    }

    /// What one head of a layer holds of a sequence's blocks.
    pub(super) fn head<'a>(&'a self, layer: usize, head: usize, table: &'a [u32]) -> Head<'a> {
        Head {
            layer: &self.layers[layer],
            shape: self.shape,
            head,
            table,
        }
    }
}

/// One head of a sequence's blocks.
pub(super) struct Head<'a> {
    layer: &'a Layer,
    shape: Shape,
    head: usize,
    table: &'a [u32],
}

impl kernels::Blocks for Head<'_> {
    fn keys(&self, index: usize) -> &[u16] {
        &self.layer.keys[self.shape.at(self.table[index], self.head)..][..CELLS * self.shape.stride]
    }

    fn values(&self, index: usize) -> &[u16] {
        &self.layer.values[self.shape.at(self.table[index], self.head)..]
            [..CELLS * self.shape.stride]
    }
}
