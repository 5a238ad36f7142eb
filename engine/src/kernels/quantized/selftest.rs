//! A small product in every format, before a set of instructions is trusted.

use super::{Activations, Isa, Quantization, Tiles, multiply};
use crate::kernels::Team;

const COLUMNS: usize = 256;
/// More than a tile has, and a share of each size of activations.
const ROWS: usize = 19;
const INPUTS: usize = 15;

/// Whether these instructions give the bits of the portable definition.
pub(super) fn agrees(isa: Isa) -> bool {
    let Ok(alone) = Team::new(1) else {
        return false;
    };
    let mut x = Activations::default();
    let values: Vec<f32> = (0..INPUTS * COLUMNS)
        .map(|at| (at as f32 * 0.7).sin() * (1 + at % 5) as f32)
        .collect();
    x.round(&alone, &values, COLUMNS);
    Quantization::ALL.into_iter().all(|format| {
        let size = ROWS * COLUMNS / format.block() * format.bytes();
        // Of either sign, and as halves below 1: whichever bytes are scales, they are finite.
        let bytes: Vec<u8> = (0..size as u32)
            .map(|at| at.wrapping_mul(2_654_435_761) >> 9)
            .map(|hash| ((hash % 0x3b) | ((hash >> 8) & 0x80)) as u8)
            .collect();
        let product = |isa| {
            let weights = Tiles::new(format, COLUMNS, &bytes, isa)?;
            let mut out = vec![f32::NAN; INPUTS * ROWS];
            let mut rows: Vec<&mut [f32]> = out.chunks_mut(ROWS).collect();
            multiply(&weights, 0..ROWS, &x, &mut rows);
            Some(out)
        };
        let (got, expected) = (product(isa), product(Isa::Portable));
        got.is_some() && got == expected
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_this_machine_has_agree() {
        for isa in Isa::available() {
            assert!(agrees(isa), "{isa:?}");
        }
    }
}
