//! Products of activations with weights of a few bits each, by whole numbers.
//!
//! Weights are laid out once, when a model loads ([`Tiles`]); activations are rounded to signed bytes, 32 to a
//! scale ([`Activations`]). Within a block the sums are of whole numbers and therefore exact; blocks are added
//! up from first to last by fused multiply-adds, one lane per output. So each output has the same bits whatever
//! it is computed beside, and on every machine.

mod activations;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod format;
mod portable;
mod selftest;
#[cfg(test)]
mod tests;
mod tiles;

use std::ops::Range;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

pub(crate) use activations::Activations;
pub(crate) use format::Quantization;
#[cfg(target_arch = "x86_64")]
use format::{Format, with_format};
pub(crate) use tiles::Tiles;

/// The most rows that a tile may have.
const MOST_LANES: usize = 16;

/// Instructions to compute with. All give the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Isa {
    /// Those of every machine: slow.
    Portable,
    /// With FMA and F16C.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// With BW and VNNI.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Isa {
    /// The best that this machine has, of those that compute here what the definition says: a processor, or
    /// whatever pretends to be one, that has an instruction wrong must not make a model talk nonsense.
    pub(crate) fn best() -> Isa {
        static BEST: OnceLock<Isa> = OnceLock::new();
        *BEST.get_or_init(|| {
            let good = |isa: &Isa| {
                let agrees = selftest::agrees(*isa);
                if !agrees {
                    tracing::error!(
                        ?isa,
                        "these instructions compute wrongly here; they are not used"
                    );
                }
                agrees
            };
            let found = Isa::available().into_iter().find(good);
            found.unwrap_or(Isa::Portable)
        })
    }

    /// All that this machine has, the best first.
    pub fn available() -> Vec<Isa> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if has_avx512() {
                all.push(Isa::Avx512);
            }
            if has_avx2() {
                all.push(Isa::Avx2);
            }
        }
        all.push(Isa::Portable);
        all
    }

    /// As options name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Isa::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => "avx512",
        }
    }

    /// Rows in a tile.
    pub(super) fn lanes(self) -> usize {
        match self {
            Isa::Portable => portable::LANES,
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => avx2::LANES,
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => avx512::LANES,
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("fma")
        && is_x86_feature_detected!("f16c")
}

#[cfg(target_arch = "x86_64")]
fn has_avx512() -> bool {
    has_avx2()
        && is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vnni")
}

/// The products of all rows of activations with some rows of weights, which begin with a tile; `out` has, for
/// each row of activations, room for just these.
pub(super) fn multiply(
    weights: &Tiles,
    rows: Range<usize>,
    x: &Activations,
    out: &mut [&mut [f32]],
) {
    assert!(weights.columns == x.columns && out.len() == x.rows());
    let lanes = weights.isa.lanes();
    assert!(rows.start.is_multiple_of(lanes) && rows.end <= weights.rows);
    let tiles = rows.start / lanes..rows.end.div_ceil(lanes);
    match weights.isa {
        Isa::Portable => {
            let mut lanes = [0.0; portable::LANES];
            for (at, tile) in tiles.enumerate() {
                let mut out = out.iter_mut();
                for panel in x.panels() {
                    for (row, out) in out.by_ref().take(panel.rows).enumerate() {
                        portable::multiply(weights, tile, panel, row, &mut lanes);
                        put(out, at, &lanes);
                    }
                }
            }
        }
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => {
            assert!(has_avx2());
            with_format!(weights.format, avx2_strip(weights, tiles, x, out));
        }
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => {
            assert!(has_avx512());
            with_format!(weights.format, avx512_strip(weights, tiles, x, out));
        }
    }
}

/// The product of one row of activations with one of weights.
pub(super) fn row(weights: &Tiles, row: usize, x: &Activations) -> f32 {
    let lanes = weights.isa.lanes();
    let from = row / lanes * lanes;
    let mut out = [0.0; MOST_LANES];
    let to = (from + lanes).min(weights.rows);
    multiply(weights, from..to, x, &mut [&mut out[..to - from]]);
    out[row - from]
}

/// Puts the products of the `at`-th tile in their place, leaving out those of rows that are not there.
#[inline(always)]
fn put<const LANES: usize>(out: &mut [f32], at: usize, lanes: &[f32; LANES]) {
    let from = at * LANES;
    match out.get_mut(from..from + LANES) {
        Some(whole) => whole.copy_from_slice(lanes),
        None => {
            let rest = &mut out[from..];
            rest.copy_from_slice(&lanes[..rest.len()]);
        }
    }
}

/// Defines the loop over tiles and panels of activations for one set of instructions.
#[cfg(target_arch = "x86_64")]
macro_rules! strip {
    ($name:ident, $kernel:ident, $($rows:literal)*) => {
        fn $name<F: Format>(
            weights: &Tiles,
            tiles: Range<usize>,
            x: &Activations,
            out: &mut [&mut [f32]],
        ) {
            for (at, tile) in tiles.enumerate() {
                let records = weights.tile(tile);
                let mut out = &mut *out;
                for panel in x.panels() {
                    match panel.rows {
                        $($rows => {
                            #[allow(unsafe_code)]
                            // SAFETY: the caller has seen that the processor has these instructions.
                            let lanes = unsafe { $kernel::multiply::<F, $rows>(records, panel) };
                            for (out, lanes) in out.iter_mut().zip(&lanes) {
                                put(out, at, lanes);
                            }
                        })*
                        rows => unreachable!("a panel of {rows} rows"),
                    }
                    out = &mut out[panel.rows..];
                }
            }
        }
    };
}
#[cfg(target_arch = "x86_64")]
strip!(avx2_strip, avx2, 1 2 3 4 5 6);
#[cfg(target_arch = "x86_64")]
strip!(avx512_strip, avx512, 1 2 3 4 5 6);
