//! Single kernels for the benchmarks in `benches/kernels.rs`; no part of the interface.

use crate::kernels::{
    self, Activations, CELLS, Inputs, Isa, KeysValues, KvFormat, Quantization, Queries, Scratch,
    Team, Tiles, Weights,
};

fn noise(count: usize) -> Vec<f32> {
    (0..count).map(|at| (at as f32 * 0.7).sin() * 2.0).collect()
}

/// A product of activations with quantised weights.
pub struct Product {
    team: Team,
    weights: Tiles,
    x: Vec<f32>,
    rounded: Activations,
    out: Vec<f32>,
}

impl Product {
    /// Of `rows` activations with `outputs × columns` weights in a format such as `Q4_1`.
    pub fn new(format: &str, (outputs, columns): (usize, usize), rows: usize) -> Option<Product> {
        let format = Quantization::ALL
            .into_iter()
            .find(|one| format!("{one:?}") == format)?;
        // As halves, too, these bytes are small ordinary numbers.
        let bytes = vec![0x2c; outputs * columns / format.block() * format.bytes()];
        let team = Team::new(0).ok()?;
        let x = noise(rows * columns);
        let mut rounded = Activations::default();
        rounded.round(&team, &x, columns);
        Some(Product {
            weights: Tiles::new(format, columns, &bytes, Isa::best())?,
            team,
            x,
            rounded,
            out: vec![0.0; rows * outputs],
        })
    }

    /// Rounds the activations.
    pub fn round(&mut self) {
        self.rounded
            .round(&self.team, &self.x, self.weights.columns());
    }

    /// Multiplies.
    pub fn multiply(&mut self) {
        let x = Inputs {
            exact: &self.x,
            rounded: &self.rounded,
            columns: self.weights.columns(),
        };
        kernels::matmul(&self.team, x, Weights::Tiles(&self.weights), &mut self.out);
    }
}

/// The attention of some rows' heads to one key-value head, on one thread.
pub struct Attention {
    memory: KeysValues,
    queries: Vec<f32>,
    rows: usize,
    cells: usize,
    size: usize,
    scratch: Scratch,
    out: Vec<f32>,
}

impl Attention {
    /// Of `rows` rows with `heads` heads each to so many cells.
    pub fn new(format: KvFormat, cells: usize, (rows, heads, size): (usize, usize, usize)) -> Self {
        let blocks = cells.div_ceil(CELLS);
        let mut memory = KeysValues::new(format, blocks, size);
        for (cell, row) in noise(cells * size).chunks(size).enumerate() {
            memory.put((cell / CELLS, cell % CELLS), row, row);
        }
        Attention {
            memory,
            queries: noise(rows * heads * size),
            rows,
            cells,
            size,
            scratch: Scratch::default(),
            out: vec![0.0; rows * heads * size],
        }
    }

    /// Attends.
    pub fn attend(&mut self) {
        let row = self.queries.len() / self.rows;
        let rows: Vec<&[f32]> = self.queries.chunks(row).collect();
        let visible = vec![0..self.cells; self.rows];
        let queries = Queries {
            rows: &rows,
            visible: &visible,
            size: self.size,
            scale: 1.0 / (self.size as f32).sqrt(),
        };
        let mut out: Vec<&mut [f32]> = self.out.chunks_mut(row).collect();
        kernels::attend(&queries, &self.memory, &mut out, &mut self.scratch);
    }
}

/// What is done to single rows.
pub struct Row {
    numbers: Vec<f32>,
    more: Vec<f32>,
    out: Vec<f32>,
}

impl Row {
    /// Of this length, which is even.
    pub fn new(length: usize) -> Row {
        Row {
            numbers: noise(length),
            more: noise(length),
            out: vec![0.0; length],
        }
    }

    /// Scales to a root mean square of 1.
    pub fn rms_norm(&mut self) {
        kernels::rms_norm(&self.numbers, &self.more, 1e-5, &mut self.out);
    }

    /// Applies the SwiGLU.
    pub fn silu_multiply(&mut self) {
        kernels::silu_multiply(&self.numbers, &self.more, &mut self.out);
    }

    /// Turns neighbouring dimensions.
    pub fn rotate(&mut self) {
        kernels::rotate_neighbours(&mut self.out, &self.more);
    }
}
