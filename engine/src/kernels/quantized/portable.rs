//! The definition of the product, for machines without a kernel of their own and as reference for the others.

use super::activations::{Activations, BLOCK};
use super::tiles::{Layout, Tiles};

/// Rows in a tile.
pub(super) const LANES: usize = 8;

/// The products of a row of activations with the rows of a tile, written to `out`, a number per lane.
pub(super) fn multiply(weights: &Tiles, tile: usize, x: &Activations, row: usize, out: &mut [f32]) {
    let format = weights.format;
    let layout = Layout::of(format, weights.isa.lanes());
    let numbers = &x.numbers[row * x.columns..][..x.columns];
    let blocks = &x.blocks[row * (x.columns / BLOCK)..][..x.columns / BLOCK];
    let records = weights.tile(tile).chunks_exact(layout.record);
    out.fill(0.0);
    for ((record, numbers), block) in records.zip(numbers.as_chunks::<BLOCK>().0).zip(blocks) {
        for (group, numbers) in numbers.chunks(format.group()).enumerate() {
            let from = group * format.group();
            let factors = &record[layout.numbers + group * layout.group..][..layout.group];
            let (_, scaled) = block.sums(BLOCK / format.group(), group);
            for (lane, out) in out.iter_mut().enumerate() {
                let mut sum = 0i32;
                for (number, column) in numbers.iter().zip(from..) {
                    let weight = layout.weight(format, record, lane, column);
                    sum += i32::from(*number) * i32::from(weight);
                }
                let factor = weights.factor(factors, lane) * block.scale;
                *out = (sum as f32).mul_add(factor, *out);
                if format.has_offsets() {
                    let offset = weights.factor(&factors[layout.factors..], lane);
                    *out = offset.mul_add(scaled, *out);
                }
            }
        }
    }
}
