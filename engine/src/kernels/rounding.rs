//! Rounds weights to signed bytes, 32 to a scale.

use super::half::{half, nearest};
use super::{Isa, Quantization, Tiles};

/// Weights that share a scale.
const BLOCK: usize = 32;

/// Rounds row-major weights; none if the columns are no multiple of 32 or a weight is too large for a
/// half-precision scale.
pub(crate) fn round_weights(weights: &[f32], columns: usize, isa: Isa) -> Option<Tiles> {
    if !columns.is_multiple_of(BLOCK) {
        return None;
    }
    let blocks = weights.as_chunks::<BLOCK>().0;
    // As ggml lays out its Q8_0: a block's scale in half precision, then its numbers.
    let mut out = Vec::with_capacity(blocks.len() * (2 + BLOCK));
    for block in blocks {
        let most = block
            .iter()
            .fold(0f32, |most, weight| most.max(weight.abs()));
        let bits = nearest(most / 127.0).to_le_bytes();
        let scale = half(bits);
        if !scale.is_finite() {
            return None;
        }
        // Of the scale as it is kept, so that its own rounding does not add to that of the numbers.
        let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        out.extend_from_slice(&bits);
        out.extend(block.iter().map(|weight| {
            let number = (weight * inverse).round_ties_even().clamp(-127.0, 127.0);
            (number as i8).to_le_bytes()[0]
        }));
    }
    Tiles::new(Quantization::Q8_0, columns, &out, isa)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_weight_is_off_by_half_a_step_at_most(
            weights in prop::collection::vec(-2f32..2.0, 128),
            size in -3i32..4,
        ) {
            let weights: Vec<f32> = weights.iter().map(|weight| weight * 10f32.powi(size)).collect();
            let tiles = round_weights(&weights, 64, Isa::best()).unwrap();
            for (row, weights) in weights.chunks(64).enumerate() {
                let mut kept = Vec::new();
                tiles.widen(row, &mut kept);
                for (kept, weights) in kept.chunks(BLOCK).zip(weights.chunks(BLOCK)) {
                    let most = weights.iter().fold(0f32, |most, weight| most.max(weight.abs()));
                    for (kept, weight) in kept.iter().zip(weights) {
                        // Half a step, and what the largest may lose to a scale that was rounded down.
                        prop_assert!((kept - weight).abs() <= most * (0.5 / 127.0 + 1.0 / 2048.0));
                    }
                }
            }
        }
    }

    #[test]
    fn what_has_no_scale_is_refused() {
        assert!(round_weights(&[1.0; 48], 48, Isa::best()).is_none());
        assert!(round_weights(&[1e9; 32], 32, Isa::best()).is_none());
        let zeros = round_weights(&[0.0; 32], 32, Isa::best()).unwrap();
        let mut kept = Vec::new();
        zeros.widen(0, &mut kept);
        assert_eq!(kept, [0.0; 32]);
    }
}
