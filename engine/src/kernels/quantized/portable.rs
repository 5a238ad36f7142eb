//! The definition of the product, for machines without a kernel of their own and as reference for the others.

use super::activations::{BLOCK, Panel};
use super::tiles::{Layout, Tiles};

/// Rows in a tile.
pub(super) const LANES: usize = 8;

/// The products of a row of activations with the rows of a tile, written to `out`, a number per lane.
pub(super) fn multiply(
    weights: &Tiles,
    tile: usize,
    panel: Panel<'_>,
    row: usize,
    out: &mut [f32; LANES],
) {
    let format = weights.format;
    let layout = Layout::of(format, weights.isa.lanes());
    let records = weights.tile(tile).chunks_exact(layout.record);
    out.fill(0.0);
    for (block, record) in records.enumerate() {
        let [scale, scaled_sum] = panel.scales(row, block);
        for group in 0..BLOCK / format.group() {
            let columns = group * format.group()..(group + 1) * format.group();
            let factors = &record[layout.numbers + group * layout.group..][..layout.group];
            let scaled = if format.group() == BLOCK {
                scaled_sum
            } else {
                panel.halves(row, block).scaled[group]
            };
            for (lane, out) in out.iter_mut().enumerate() {
                let mut sum = 0i32;
                for column in columns.clone() {
                    let weight = layout.weight(format, record, lane, column);
                    let number = panel.number(row, block * BLOCK + column);
                    sum += i32::from(number) * i32::from(weight);
                }
                let factor = weights.factor(factors, lane) * scale;
                *out = (sum as f32).mul_add(factor, *out);
                if format.has_offsets() {
                    let offset = weights.factor(&factors[layout.factors..], lane);
                    *out = offset.mul_add(scaled, *out);
                }
            }
        }
    }
}
