//! With AVX2, FMA and F16C: the product of eight rows of weights with up to four of activations, and the rounding of
//! activations.

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::activations::{BLOCK, Panel, PanelMut, Record};
use super::format::Format;
use super::tiles::Layout;

/// Rows in a tile.
pub(super) const LANES: usize = 8;

/// The products of a panel of `T` rows of activations with the rows of a tile.
#[target_feature(enable = "avx2,fma,f16c")]
pub(super) fn multiply<F: Format, const T: usize>(
    tile: &[u8],
    panel: Panel<'_>,
) -> [[f32; LANES]; T] {
    let layout = const { Layout::of(F::FORMAT, LANES) };
    let groups = BLOCK / F::FORMAT.group();
    // What is read below.
    assert!(tile.len() == panel.blocks * layout.record && panel.is_whole::<T>());

    let mut totals = [_mm256_setzero_ps(); T];
    for at in 0..panel.blocks {
        // SAFETY: record `at` lies within `tile` and within the panel, by the assertion above; loads are of
        // unaligned kind.
        unsafe {
            let weights = tile.as_ptr().add(at * layout.record);
            let record = panel.record::<T>(at);
            let scales = weights.add(layout.numbers);
            for group in 0..groups {
                let sums = if F::FORMAT.in_nibbles() {
                    nibbles(weights, record)
                } else if groups == 2 {
                    bytes::<4, T>(weights.add(group * LANES * 16), record, group * 16)
                } else {
                    bytes::<8, T>(weights, record, 0)
                };
                let scales = scales.add(group * layout.group);
                for t in 0..T {
                    let mut sum = sums[t];
                    let centre = i32::from(F::FORMAT.centre());
                    if centre != 0 {
                        let halves = panel.halves.get_unchecked(at * T + t).sums;
                        let all = if groups == 1 {
                            halves[0] + halves[1]
                        } else {
                            halves[group]
                        };
                        sum = _mm256_sub_epi32(sum, _mm256_set1_epi32(centre * all));
                    }
                    let scaled = if groups == 1 {
                        record.scaled_sum(t)
                    } else {
                        panel.halves.get_unchecked(at * T + t).scaled[group]
                    };
                    totals[t] = add::<F>(totals[t], sum, scales, record.scale(t), scaled);
                }
            }
        }
    }
    let mut out = [[0.0; LANES]; T];
    for (out, total) in out.iter_mut().zip(totals) {
        // SAFETY: there is room for eight floats.
        unsafe { _mm256_storeu_ps(out.as_mut_ptr(), total) };
    }
    out
}

/// Sums over 32 columns of weights in nibbles.
///
/// # Safety
/// `weights` must have 128 bytes, and the record must be one.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn nibbles<const T: usize>(weights: *const u8, record: Record<T>) -> [__m256i; T] {
    let mask = _mm256_set1_epi8(15);
    let mut sums = [_mm256_setzero_si256(); T];
    for pair in 0..4 {
        // SAFETY: within the 128 bytes.
        let both = unsafe { _mm256_loadu_si256(weights.add(pair * 32).cast()) };
        let low = _mm256_and_si256(both, mask);
        let high = _mm256_and_si256(_mm256_srli_epi16::<4>(both), mask);
        for (t, sum) in sums.iter_mut().enumerate() {
            // SAFETY: within the 32 activations.
            let (first, last) = unsafe { (record.four(t, pair * 8), record.four(t, pair * 8 + 4)) };
            // Pairs of products, at most 2 · 15 · 127, eight of which fit in 16 bits.
            let first = _mm256_maddubs_epi16(low, _mm256_set1_epi32(first));
            let last = _mm256_maddubs_epi16(high, _mm256_set1_epi32(last));
            *sum = _mm256_add_epi16(_mm256_add_epi16(*sum, first), last);
        }
    }
    for sum in &mut sums {
        *sum = _mm256_madd_epi16(*sum, _mm256_set1_epi16(1));
    }
    sums
}

/// Sums over `Q` times four columns of weights in signed bytes, those of activations from one on.
///
/// # Safety
/// `weights` must have `Q` times 32 bytes, and the record as many columns.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn bytes<const Q: usize, const T: usize>(
    weights: *const u8,
    record: Record<T>,
    from: usize,
) -> [__m256i; T] {
    let ones = _mm256_set1_epi16(1);
    let mut sums = [_mm256_setzero_si256(); T];
    for quad in 0..Q {
        // SAFETY: within the weights.
        let weights = unsafe { _mm256_loadu_si256(weights.add(quad * 32).cast()) };
        // The instruction wants its first factor without a sign, which goes to the other: never -128.
        let magnitudes = _mm256_abs_epi8(weights);
        for (t, sum) in sums.iter_mut().enumerate() {
            // SAFETY: within the activations.
            let four = _mm256_set1_epi32(unsafe { record.four(t, from + quad * 4) });
            // Pairs of products, at most 2 · 128 · 127, fit in 16 bits.
            let pairs = _mm256_maddubs_epi16(magnitudes, _mm256_sign_epi8(four, weights));
            *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(pairs, ones));
        }
    }
    sums
}

/// `total + sum · scales · scale + offsets · scaled`.
///
/// # Safety
/// There must be scales, and offsets after them, for eight rows.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn add<F: Format>(
    total: __m256,
    sum: __m256i,
    scales: *const u8,
    scale: f32,
    scaled: f32,
) -> __m256 {
    let load = |at: *const u8| {
        // SAFETY: there are eight of them.
        unsafe {
            if F::FORMAT.has_half_scales() {
                _mm256_cvtph_ps(_mm_loadu_si128(at.cast()))
            } else {
                _mm256_loadu_ps(at.cast())
            }
        }
    };
    let factor = _mm256_mul_ps(load(scales), _mm256_set1_ps(scale));
    let mut total = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum), factor, total);
    if F::FORMAT.has_offsets() {
        // SAFETY: the offsets follow the scales.
        let offsets = load(unsafe { scales.add(const { Layout::of(F::FORMAT, LANES).factors }) });
        total = _mm256_fmadd_ps(offsets, _mm256_set1_ps(scaled), total);
    }
    total
}

/// Rounds a row of activations as `activations::round_portably` does, to the same bits.
#[target_feature(enable = "avx2,fma,f16c")]
pub(super) fn round(x: &[[f32; BLOCK]], row: usize, panel: &mut PanelMut<'_>) {
    let sign = _mm256_set1_ps(-0.0);
    let limit = _mm256_set1_ps(127.0);
    for (block, x) in x.iter().enumerate() {
        let mut parts = [_mm256_setzero_ps(); 4];
        let mut largest = _mm256_setzero_ps();
        for (part, x) in parts.iter_mut().zip(x.as_chunks::<8>().0) {
            // SAFETY: there are eight floats.
            *part = unsafe { _mm256_loadu_ps(x.as_ptr()) };
            // The second operand comes out where the first is not a number.
            largest = _mm256_max_ps(_mm256_andnot_ps(sign, *part), largest);
        }
        let most = most(largest);
        let scale = most / 127.0;
        let inverse = _mm256_set1_ps(if most > 0.0 { 127.0 / most } else { 0.0 });
        let mut whole = [_mm256_setzero_si256(); 4];
        for (whole, part) in whole.iter_mut().zip(parts) {
            let scaled = _mm256_min_ps(limit, _mm256_mul_ps(part, inverse));
            // Also what is not a number becomes one.
            let scaled = _mm256_max_ps(scaled, _mm256_xor_ps(limit, sign));
            *whole = _mm256_cvtps_epi32(scaled);
        }
        let halves = [
            total(_mm256_add_epi32(whole[0], whole[1])),
            total(_mm256_add_epi32(whole[2], whole[3])),
        ];
        // Packing goes by halves of the vectors: groups of four come out as 0, 2, 4, 6, 1, 3, 5, 7.
        let packed = _mm256_packs_epi16(
            _mm256_packs_epi32(whole[0], whole[1]),
            _mm256_packs_epi32(whole[2], whole[3]),
        );
        let order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
        let packed = _mm256_permutevar8x32_epi32(packed, order);
        let mut numbers = [0; BLOCK];
        // SAFETY: there is room for 32 bytes.
        unsafe { _mm256_storeu_si256(numbers.as_mut_ptr().cast(), packed) };
        panel.put((row, block), &numbers, scale, halves);
    }
}

/// The largest of eight floats, all of them numbers.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn most(all: __m256) -> f32 {
    let four = _mm_max_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps::<1>(all));
    let two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    let one = _mm_max_ss(two, _mm_movehdup_ps(two));
    _mm_cvtss_f32(one)
}

/// The sum of eight whole numbers.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn total(all: __m256i) -> i32 {
    let four = _mm_add_epi32(
        _mm256_castsi256_si128(all),
        _mm256_extracti128_si256::<1>(all),
    );
    let two = _mm_add_epi32(four, _mm_unpackhi_epi64(four, four));
    let one = _mm_add_epi32(two, _mm_shuffle_epi32::<1>(two));
    _mm_cvtsi128_si32(one)
}
