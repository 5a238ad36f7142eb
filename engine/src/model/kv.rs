//! The memory of keys and values, allocated once.

use super::Config;

/// Keys and values of all layers for a fixed number of cells.
pub(crate) struct KvMemory {
    layers: Vec<Layer>,
    cells: usize,
}

/// One layer's keys and values: for each key-value head, all its cells one after another.
pub(super) struct Layer {
    pub(super) keys: Vec<f32>,
    pub(super) values: Vec<f32>,
}

impl KvMemory {
    /// Memory for this many cells, zeroed.
    pub(crate) fn new(config: &Config, cells: usize) -> KvMemory {
        let size = config.kv_heads * config.head_size * cells;
        KvMemory {
            layers: (0..config.layers)
                .map(|_| Layer {
                    keys: vec![0.0; size],
                    values: vec![0.0; size],
                })
                .collect(),
            cells,
        }
    }

    /// Number of cells.
    pub(crate) fn cells(&self) -> usize {
        self.cells
    }

    pub(super) fn layer(&mut self, layer: usize) -> &mut Layer {
        &mut self.layers[layer]
    }
}
