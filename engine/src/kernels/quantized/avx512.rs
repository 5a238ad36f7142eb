//! The product with AVX-512 and VNNI: sixteen rows of weights against a panel of activations.

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::activations::{BLOCK, Panel, Record};
use super::format::Format;
use super::tiles::Layout;

/// Rows in a tile.
pub(super) const LANES: usize = 16;

/// As in [`super::avx2::multiply`].
#[target_feature(enable = "avx512f,avx512bw,avx512vnni,avx2,fma,f16c")]
pub(super) fn multiply<F: Format, const T: usize>(
    tile: &[u8],
    panel: Panel<'_>,
) -> [[f32; LANES]; T] {
    let layout = const { Layout::of(F::FORMAT, LANES) };
    let groups = BLOCK / F::FORMAT.group();
    // What is read below.
    assert!(tile.len() == panel.blocks * layout.record && panel.is_whole::<T>());
    // Signed bytes are made unsigned, as the instruction wants its first factor, by adding 128.
    let centre = if F::FORMAT.in_nibbles() {
        i32::from(F::FORMAT.centre())
    } else {
        128
    };

    let mut totals = [_mm512_setzero_ps(); T];
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
                    let halves = panel.halves.get_unchecked(at * T + t);
                    let (all, scaled) = if groups == 1 {
                        (halves.sums[0] + halves.sums[1], record.scaled_sum(t))
                    } else {
                        (halves.sums[group], halves.scaled[group])
                    };
                    let mut sum = sums[t];
                    if centre != 0 {
                        sum = _mm512_sub_epi32(sum, _mm512_set1_epi32(centre * all));
                    }
                    totals[t] = add::<F>(totals[t], sum, scales, record.scale(t), scaled);
                }
            }
        }
    }
    let mut out = [[0.0; LANES]; T];
    for (out, total) in out.iter_mut().zip(totals) {
        // SAFETY: there is room for sixteen floats.
        unsafe { _mm512_storeu_ps(out.as_mut_ptr(), total) };
    }
    out
}

/// Sums over 32 columns of weights in nibbles.
///
/// # Safety
/// `weights` must have 256 bytes, and the record must be one.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni,avx2,fma,f16c")]
unsafe fn nibbles<const T: usize>(weights: *const u8, record: Record<T>) -> [__m512i; T] {
    let mask = _mm512_set1_epi8(15);
    let mut sums = [_mm512_setzero_si512(); T];
    for pair in 0..4 {
        // SAFETY: within the 256 bytes.
        let both = unsafe { _mm512_loadu_si512(weights.add(pair * 64).cast()) };
        let low = _mm512_and_si512(both, mask);
        let high = _mm512_and_si512(_mm512_srli_epi16::<4>(both), mask);
        for (t, sum) in sums.iter_mut().enumerate() {
            // SAFETY: within the 32 activations.
            let (first, last) = unsafe { (record.four(t, pair * 8), record.four(t, pair * 8 + 4)) };
            *sum = _mm512_dpbusd_epi32(*sum, low, _mm512_set1_epi32(first));
            *sum = _mm512_dpbusd_epi32(*sum, high, _mm512_set1_epi32(last));
        }
    }
    sums
}

/// Sums over `Q` times four columns of weights in signed bytes, 128 added to each.
///
/// # Safety
/// `weights` must have `Q` times 64 bytes, and the record as many columns from `from` on.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni,avx2,fma,f16c")]
unsafe fn bytes<const Q: usize, const T: usize>(
    weights: *const u8,
    record: Record<T>,
    from: usize,
) -> [__m512i; T] {
    let flip = _mm512_set1_epi8(-128);
    let mut sums = [_mm512_setzero_si512(); T];
    for quad in 0..Q {
        // SAFETY: within the weights.
        let signed = unsafe { _mm512_loadu_si512(weights.add(quad * 64).cast()) };
        let unsigned = _mm512_xor_si512(signed, flip);
        for (t, sum) in sums.iter_mut().enumerate() {
            // SAFETY: within the activations.
            let four = unsafe { record.four(t, from + quad * 4) };
            *sum = _mm512_dpbusd_epi32(*sum, unsigned, _mm512_set1_epi32(four));
        }
    }
    sums
}

/// `total + sum · scales · scale + offsets · scaled`.
///
/// # Safety
/// There must be scales, and offsets after them, for sixteen rows.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni,avx2,fma,f16c")]
unsafe fn add<F: Format>(
    total: __m512,
    sum: __m512i,
    scales: *const u8,
    scale: f32,
    scaled: f32,
) -> __m512 {
    let load = |at: *const u8| {
        // SAFETY: there are sixteen of them.
        unsafe {
            if F::FORMAT.has_half_scales() {
                _mm512_cvtph_ps(_mm256_loadu_si256(at.cast()))
            } else {
                _mm512_loadu_ps(at.cast())
            }
        }
    };
    let factor = _mm512_mul_ps(load(scales), _mm512_set1_ps(scale));
    let mut total = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum), factor, total);
    if F::FORMAT.has_offsets() {
        // SAFETY: the offsets follow the scales.
        let offsets = load(unsafe { scales.add(const { Layout::of(F::FORMAT, LANES).factors }) });
        total = _mm512_fmadd_ps(offsets, _mm512_set1_ps(scaled), total);
    }
    total
}
