//! Products of weights in bytes with activations in 16 bits, by whole numbers.
//!
//! For small models, whose results suffer where activations are rounded to bytes as well: a number that is thirty
//! times as large as its neighbours leaves these only a few steps. Two products of 16 bits are one instruction with
//! AVX2, as are two of bytes of either sign, so that the better activations cost nothing.
//!
//! Weights have a scale for every 64 in a row, activations one for each row. Within a block the sums are of whole
//! numbers and therefore exact; blocks are added up from first to last by fused multiply-adds, one lane per output.
//! So each output has the same bits whatever it is computed beside, and on every machine.

// Closures, as iterators take them, are compiled without the wide vectors.
#![allow(clippy::needless_range_loop)]
#![allow(unsafe_code)]

mod shorts;

use std::ops::Range;
use std::sync::OnceLock;

use super::Team;
use super::dense::LANES;
use super::matmul::share_outputs;
use shorts::Pairs;
pub(crate) use shorts::Shorts;

/// Columns that share a scale.
const BLOCK: usize = 64;
/// Rows of activations that meet a panel at once: with AVX2, twelve sums, two vectors of weights and one of
/// activations.
const MOST: usize = 6;
/// The largest magnitudes of weights and activations. A block's sum is below `2²⁹`.
const LARGEST_WEIGHT: f32 = 127.0;
const LARGEST: f32 = 32_767.0;

/// A block of columns of 16 rows.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
struct Record {
    /// For each two columns, both numbers of the first row, of the second, and so on.
    numbers: [[i8; 2 * LANES]; BLOCK / 2],
    scales: [f32; LANES],
}

/// A weight matrix. Columns beyond a multiple of 64 are filled up with zeros.
#[derive(Debug)]
pub(crate) struct Bytes {
    rows: usize,
    columns: usize,
    /// Panel by panel of rows; within these, block by block of columns.
    records: Vec<Record>,
}

impl Bytes {
    /// Rounds row-major weights, which must be finite.
    pub(crate) fn new(weights: &[f32], columns: usize) -> Bytes {
        assert!(columns > 0 && weights.len().is_multiple_of(columns));
        let rows = weights.len() / columns;
        let blocks = columns.div_ceil(BLOCK);
        let empty = Record {
            numbers: [[0; 2 * LANES]; BLOCK / 2],
            scales: [0.0; LANES],
        };
        let mut records = vec![empty; rows.div_ceil(LANES) * blocks];
        for (row, weights) in weights.chunks(columns).enumerate() {
            let (panel, lane) = (row / LANES, row % LANES);
            let records = &mut records[panel * blocks..][..blocks];
            for (record, weights) in records.iter_mut().zip(weights.chunks(BLOCK)) {
                let most = largest(weights);
                let inverse = inverse(most, LARGEST_WEIGHT);
                record.scales[lane] = most / LARGEST_WEIGHT;
                for (column, weight) in weights.iter().enumerate() {
                    let number = round(*weight, inverse, LARGEST_WEIGHT) as i8;
                    record.numbers[column / 2][lane * 2 + column % 2] = number;
                }
            }
        }
        Bytes {
            rows,
            columns,
            records,
        }
    }

    /// `out[i][j] = x[i] · weights[j]`, row-major.
    pub(crate) fn multiply(&self, team: &Team, x: &Shorts, out: &mut [f32]) {
        assert_eq!(x.columns, self.columns);
        let rows = x.scales.len();
        share_outputs(
            team,
            (rows, self.columns, self.rows),
            out,
            |outputs, out| {
                self.multiply_some(outputs, x, out, Kernel::best());
            },
        );
    }

    /// The products with some rows of weights, which begin with a panel; `out` has, for each row of activations, room
    /// for just these.
    fn multiply_some(
        &self,
        outputs: Range<usize>,
        x: &Shorts,
        out: &mut [&mut [f32]],
        kernel: Kernel,
    ) {
        assert!(outputs.start.is_multiple_of(LANES) && outputs.end <= self.rows);
        let blocks = self.columns.div_ceil(BLOCK);
        for from in outputs.clone().step_by(LANES) {
            let records = &self.records[from / LANES * blocks..][..blocks];
            let place = from - outputs.start..(from + LANES).min(outputs.end) - outputs.start;
            // Groups of about the same size: a small one at the end would leave the multipliers waiting for sums.
            let groups = out.len().div_ceil(MOST);
            let mut row = 0;
            for group in 0..groups {
                let size = (out.len() - row).div_ceil(groups - group);
                let out = &mut out[row..row + size];
                match size {
                    1 => group_of::<1>(records, x, row, place.clone(), out, kernel),
                    2 => group_of::<2>(records, x, row, place.clone(), out, kernel),
                    3 => group_of::<3>(records, x, row, place.clone(), out, kernel),
                    4 => group_of::<4>(records, x, row, place.clone(), out, kernel),
                    5 => group_of::<5>(records, x, row, place.clone(), out, kernel),
                    _ => group_of::<6>(records, x, row, place.clone(), out, kernel),
                }
                row += size;
            }
        }
    }
}

/// Multiplies the records of a panel with `T` rows of activations.
#[inline(always)]
fn group_of<const T: usize>(
    records: &[Record],
    x: &Shorts,
    row: usize,
    place: Range<usize>,
    out: &mut [&mut [f32]],
    kernel: Kernel,
) {
    let mut numbers: [&[Pairs]; T] = [&[]; T];
    let blocks = records.len();
    for t in 0..T {
        numbers[t] = &x.numbers[(row + t) * blocks..][..blocks];
    }
    let mut totals = [[0.0; LANES]; T];
    match kernel {
        Kernel::Portable => portable(records, numbers, &mut totals),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: there is such a value only where the processor has these instructions.
        Kernel::Avx2 => unsafe { avx2::multiply(records, numbers, &mut totals) },
    }
    for t in 0..T {
        let scale = x.scales[row + t];
        let out = &mut out[t][place.clone()];
        match out.as_mut_array::<LANES>() {
            Some(whole) => {
                for lane in 0..LANES {
                    whole[lane] = totals[t][lane] * scale;
                }
            }
            None => {
                for (out, total) in out.iter_mut().zip(&totals[t]) {
                    *out = total * scale;
                }
            }
        }
    }
}

/// The definition of the product, for machines without a kernel of their own and as reference for the others.
fn portable<const T: usize>(records: &[Record], x: [&[Pairs]; T], totals: &mut [[f32; LANES]; T]) {
    for (block, record) in records.iter().enumerate() {
        for t in 0..T {
            let mut sums = [0i32; LANES];
            for (weights, [first, second]) in record.numbers.iter().zip(&x[t][block].0) {
                for lane in 0..LANES {
                    sums[lane] += i32::from(weights[lane * 2]) * i32::from(*first)
                        + i32::from(weights[lane * 2 + 1]) * i32::from(*second);
                }
            }
            for lane in 0..LANES {
                let total = &mut totals[t][lane];
                *total = (sums[lane] as f32).mul_add(record.scales[lane], *total);
            }
        }
    }
}

/// Instructions to compute with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kernel {
    Portable,
    /// With FMA. Made only where the processor has both.
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl Kernel {
    /// All that this machine has, the best last.
    fn available() -> Vec<Kernel> {
        let mut all = vec![Kernel::Portable];
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            all.push(Kernel::Avx2);
        }
        all
    }

    /// The best that computes here what the definition says.
    fn best() -> Kernel {
        static BEST: OnceLock<Kernel> = OnceLock::new();
        *BEST.get_or_init(|| {
            let good = |kernel: &Kernel| {
                let agrees = kernel.product() == Kernel::Portable.product();
                if !agrees {
                    tracing::error!(
                        ?kernel,
                        "these instructions compute wrongly here; they are not used"
                    );
                }
                agrees
            };
            let found = Kernel::available().into_iter().rev().find(good);
            found.unwrap_or(Kernel::Portable)
        })
    }

    /// A small product, with a group of each size.
    fn product(self) -> Vec<f32> {
        const COLUMNS: usize = 100;
        let noise = |count: usize| -> Vec<f32> {
            let numbers = (0..count).map(|at| (at as f32 * 0.7).sin() * (1 + at % 5) as f32);
            numbers.collect()
        };
        let weights = Bytes::new(&noise(19 * COLUMNS), COLUMNS);
        let mut out = Vec::new();
        for rows in 1..=MOST {
            let mut x = Shorts::default();
            x.set(&noise(rows * COLUMNS), COLUMNS);
            let mut product = vec![f32::NAN; rows * 19];
            let mut slices: Vec<&mut [f32]> = product.chunks_mut(19).collect();
            weights.multiply_some(0..19, &x, &mut slices, self);
            out.append(&mut product);
        }
        out
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;

    use super::{LANES, Pairs, Record};

    /// Adds to `totals` the products of a panel with `T` rows of activations.
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn multiply<const T: usize>(
        records: &[Record],
        x: [&[Pairs]; T],
        totals: &mut [[f32; LANES]; T],
    ) {
        for (block, record) in records.iter().enumerate() {
            let mut pairs: [&Pairs; T] = [&Pairs::ZERO; T];
            for t in 0..T {
                pairs[t] = &x[t][block];
            }
            let mut sums = [[_mm256_setzero_si256(); 2]; T];
            for (at, weights) in record.numbers.iter().enumerate() {
                // SAFETY: a line has twice sixteen bytes; loads are of unaligned kind.
                let (first, last) = unsafe {
                    let from = weights.as_ptr();
                    (
                        _mm256_cvtepi8_epi16(_mm_loadu_si128(from.cast())),
                        _mm256_cvtepi8_epi16(_mm_loadu_si128(from.add(16).cast())),
                    )
                };
                for t in 0..T {
                    let [a, b] = pairs[t].0[at];
                    let both = u32::from(a as u16) | u32::from(b as u16) << 16;
                    let both = _mm256_set1_epi32(both as i32);
                    sums[t][0] = _mm256_add_epi32(sums[t][0], _mm256_madd_epi16(first, both));
                    sums[t][1] = _mm256_add_epi32(sums[t][1], _mm256_madd_epi16(last, both));
                }
            }
            for half in 0..2 {
                // SAFETY: there are twice eight of them, also in each of the totals.
                let scales = unsafe { _mm256_loadu_ps(record.scales.as_ptr().add(half * 8)) };
                for t in 0..T {
                    let sums = _mm256_cvtepi32_ps(sums[t][half]);
                    // SAFETY: see above.
                    unsafe {
                        let total = totals[t].as_mut_ptr().add(half * 8);
                        let sum = _mm256_fmadd_ps(sums, scales, _mm256_loadu_ps(total));
                        _mm256_storeu_ps(total, sum);
                    }
                }
            }
        }
    }
}

/// The largest magnitude, of those that are numbers.
#[inline(always)]
fn largest(numbers: &[f32]) -> f32 {
    let more = |most: f32, number: &f32| {
        let magnitude = number.abs();
        if magnitude > most { magnitude } else { most }
    };
    let (chunks, rest) = numbers.as_chunks::<8>();
    let mut lanes = [0f32; 8];
    for chunk in chunks {
        for lane in 0..8 {
            lanes[lane] = more(lanes[lane], &chunk[lane]);
        }
    }
    lanes.iter().chain(rest).fold(0.0, more)
}

/// What a number is multiplied by before it is rounded; 0 where all are 0, or as good as 0.
#[inline(always)]
fn inverse(most: f32, steps: f32) -> f32 {
    if most > f32::MIN_POSITIVE * steps {
        steps / most
    } else {
        0.0
    }
}

/// The nearest whole number, half to even, within the steps there are.
#[inline(always)]
fn round(x: f32, inverse: f32, steps: f32) -> i32 {
    /// Adding this rounds to a whole number, which then sits in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let scaled = x * inverse;
    let scaled = if scaled > steps { steps } else { scaled };
    // Also what is not a number becomes one.
    let scaled = if scaled > -steps { scaled } else { -steps };
    ((scaled + ROUND).to_bits() as i32) - (ROUND.to_bits() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn noise(count: usize, seed: usize) -> Vec<f32> {
        (0..count)
            .map(|index| ((index * 7919 + seed * 104_729) as f32 * 0.37).sin())
            .collect()
    }

    fn product(x: &Shorts, w: &Bytes, outputs: Range<usize>, kernel: Kernel) -> Vec<f32> {
        let mut out = vec![f32::NAN; x.scales.len() * outputs.len()];
        let mut slices: Vec<&mut [f32]> = out.chunks_mut(outputs.len()).collect();
        w.multiply_some(outputs, x, &mut slices, kernel);
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]

        #[test]
        fn every_shape_agrees_with_the_definition(
            rows in 1usize..20,
            columns in 1usize..400,
            outputs in 1usize..60,
            seed in 0usize..1000,
        ) {
            let team = Team::new(2).unwrap();
            let (x, w) = (noise(rows * columns, seed), noise(outputs * columns, seed + 1));
            let bytes = Bytes::new(&w, columns);
            let mut shorts = Shorts::default();
            // Memory that was used before does not show.
            shorts.round(&team, &noise(7 * 100, seed), 100);
            shorts.round(&team, &x, columns);
            let mut out = vec![f32::NAN; rows * outputs];
            bytes.multiply(&team, &shorts, &mut out);
            prop_assert_eq!(&product(&shorts, &bytes, 0..outputs, Kernel::Portable), &out);
            for (x, out) in x.chunks(columns).zip(out.chunks(outputs)) {
                for (w, out) in w.chunks(columns).zip(out) {
                    let exact: f64 = x.iter().zip(w).map(|(x, w)| f64::from(*x) * f64::from(*w)).sum();
                    let bound = 0.005 * (columns as f64).sqrt().max(2.0) * 2.0;
                    prop_assert!((f64::from(*out) - exact).abs() < bound, "{} {}", out, exact);
                }
                // Alone, and from the middle on, each has the same bits.
                shorts.round(&team, x, columns);
                prop_assert_eq!(&product(&shorts, &bytes, 0..outputs, Kernel::best()), out);
                let from = outputs / 2 / LANES * LANES;
                prop_assert_eq!(&product(&shorts, &bytes, from..outputs, Kernel::best())[..], &out[from..]);
            }
        }
    }

    #[test]
    fn all_that_this_machine_has_agree() {
        for kernel in Kernel::available() {
            assert_eq!(kernel.product(), Kernel::Portable.product(), "{kernel:?}");
        }
    }

    #[test]
    fn extremes_do_not_overflow() {
        let team = Team::new(1).unwrap();
        let columns = 128;
        for (x, w) in [
            (1.0, -1.0),
            (-3e38, -3e38),
            (1e-44, 1e30),
            (f32::NAN, 1.0),
            (f32::INFINITY, 1.0),
        ] {
            let bytes = Bytes::new(&vec![w; 16 * columns], columns);
            let mut shorts = Shorts::default();
            shorts.round(&team, &vec![x; columns], columns);
            let fast = product(&shorts, &bytes, 0..16, Kernel::best());
            let slow = product(&shorts, &bytes, 0..16, Kernel::Portable);
            let bits = |of: &[f32]| of.iter().map(|x| x.to_bits()).collect::<Vec<u32>>();
            assert_eq!(bits(&fast), bits(&slow), "{x} {w}");
            if x == 1.0 {
                assert!((fast[0] + 128.0).abs() < 1e-3, "{}", fast[0]);
            }
        }
    }
}
