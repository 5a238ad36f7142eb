//! The memory of keys and values, allocated once, in blocks of 16 cells.

use super::Config;
use crate::EngineError;
use crate::kernels::{Blocks, CELLS, KeysValues, KvFormat, padded};

/// Keys and values of all layers for a fixed number of blocks.
///
/// A block's keys and values lie together for each layer and head, in the layout that attention wants: see
/// [`attend`](crate::kernels::attend).
pub(crate) struct KvMemory {
    /// A block of a layer's is one head's part of a block.
    layers: Vec<KeysValues>,
    blocks: usize,
    heads: usize,
    head_size: usize,
}

impl KvMemory {
    /// Memory for this many blocks, zeroed; an error where the machine has not so much.
    pub(crate) fn new(
        config: &Config,
        blocks: usize,
        format: KvFormat,
    ) -> Result<KvMemory, EngineError> {
        let numbers = [
            CELLS,
            padded(config.head_size),
            config.kv_heads,
            2,
            config.layers,
        ];
        let bytes = numbers
            .iter()
            .try_fold(format.bytes(), |bytes, count| bytes.checked_mul(*count))
            .and_then(|block| block.checked_mul(blocks));
        // Asked for as a whole and given back: the parts below could be had one by one, and fail when they are filled.
        let there = bytes.is_some_and(|bytes| Vec::<u8>::new().try_reserve_exact(bytes).is_ok());
        if !there {
            return Err(EngineError::invalid(format!(
                "there is no memory for the keys and values of {} tokens: fewer slots or a smaller context may do",
                blocks.saturating_mul(CELLS)
            )));
        }
        let layer = |_| KeysValues::new(format, blocks * config.kv_heads, config.head_size);
        Ok(KvMemory {
            layers: (0..config.layers).map(layer).collect(),
            blocks,
            heads: config.kv_heads,
            head_size: config.head_size,
        })
    }

    /// Number of blocks.
    pub(crate) fn blocks(&self) -> usize {
        self.blocks
    }

    /// Copies a block to another one.
    pub(crate) fn copy(&mut self, from: u32, to: u32) {
        let heads = self.heads;
        let (from, to) = (from as usize * heads, to as usize * heads);
        for layer in &mut self.layers {
            layer.copy(from, to, heads);
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
        let layer = &mut self.layers[layer];
        let heads = keys
            .chunks(self.head_size)
            .zip(values.chunks(self.head_size));
        for (head, (keys, values)) in (block as usize * self.heads..).zip(heads) {
            layer.put((head, cell), keys, values);
        }
    }

    /// What one head of a layer holds of a sequence's blocks.
    pub(super) fn head<'a>(&'a self, layer: usize, head: usize, table: &'a [u32]) -> Head<'a> {
        Head {
            layer: &self.layers[layer],
            heads: self.heads,
            head,
            table,
        }
    }
}

/// One head of a sequence's blocks.
pub(super) struct Head<'a> {
    layer: &'a KeysValues,
    heads: usize,
    head: usize,
    table: &'a [u32],
}

impl Head<'_> {
    fn at(&self, index: usize) -> usize {
        self.table[index] as usize * self.heads + self.head
    }
}

impl Blocks for Head<'_> {
    fn keys(&self, index: usize, out: &mut [f32]) {
        self.layer.keys(self.at(index), out);
    }

    fn values(&self, index: usize, out: &mut [f32]) {
        self.layer.values(self.at(index), out);
    }
}
