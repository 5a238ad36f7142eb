//! Half-precision numbers.

#![allow(unsafe_code)]

/// Widens one.
#[inline(always)]
pub(super) fn half(bytes: [u8; 2]) -> f32 {
    let bits = u32::from(u16::from_le_bytes(bytes));
    // Moved into place, the exponent is too small by the difference of the two biases; subnormal numbers come
    // out right, too.
    let magnitude = f32::from_bits((bits & 0x7fff) << 13) * f32::from_bits((127 + 112) << 23);
    let magnitude = if bits & 0x7c00 == 0x7c00 {
        f32::from_bits(0x7f80_0000 | (bits & 0x3ff) << 13)
    } else {
        magnitude
    };
    f32::from_bits(magnitude.to_bits() | (bits & 0x8000) << 16)
}

/// The nearest one, half to even; numbers too large become infinite.
#[inline(always)]
pub(super) fn nearest(number: f32) -> u16 {
    let bits = number.to_bits();
    let sign = (bits >> 16 & 0x8000) as u16;
    let magnitude = f32::from_bits(bits & 0x7fff_ffff);
    if magnitude.is_nan() {
        return sign | 0x7e00;
    }
    if magnitude >= 65_520.0 {
        return sign | 0x7c00;
    }
    // Adding a power of two whose last place is the half's last place rounds to it.
    let exponent = (magnitude.to_bits() >> 23).max(127 - 14);
    let anchor = f32::from_bits((exponent + 13) << 23);
    let rounded = (magnitude + anchor) - anchor;
    // The inverse of what `half` does, exact for what is a half already.
    let scaled = rounded * f32::from_bits((127 - 112) << 23);
    sign | (scaled.to_bits() >> 13) as u16
}

/// Widens all.
pub(super) fn widen(halves: &[u16], out: &mut [f32]) {
    assert_eq!(halves.len(), out.len());
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("f16c") && is_x86_feature_detected!("avx") {
        // SAFETY: the processor has been asked.
        unsafe { widen_f16c(halves, out) };
        return;
    }
    for (out, half_bits) in out.iter_mut().zip(halves) {
        *out = half(half_bits.to_le_bytes());
    }
}

/// Rounds all to the nearest half-precision numbers.
pub(super) fn narrow(numbers: &[f32], out: &mut [u16]) {
    assert_eq!(numbers.len(), out.len());
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("f16c") && is_x86_feature_detected!("avx") {
        // SAFETY: the processor has been asked.
        unsafe { narrow_f16c(numbers, out) };
        return;
    }
    for (out, number) in out.iter_mut().zip(numbers) {
        *out = nearest(*number);
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx,f16c")]
fn widen_f16c(halves: &[u16], out: &mut [f32]) {
    use std::arch::x86_64::{_mm_loadu_si128, _mm256_cvtph_ps, _mm256_storeu_ps};
    let (halves, rest) = halves.as_chunks::<8>();
    let (out, rest_out) = out.as_chunks_mut::<8>();
    for (halves, out) in halves.iter().zip(out) {
        // SAFETY: each has eight numbers.
        unsafe {
            let wide = _mm256_cvtph_ps(_mm_loadu_si128(halves.as_ptr().cast()));
            _mm256_storeu_ps(out.as_mut_ptr(), wide);
        }
    }
    for (out, half_bits) in rest_out.iter_mut().zip(rest) {
        *out = half(half_bits.to_le_bytes());
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx,f16c")]
fn narrow_f16c(numbers: &[f32], out: &mut [u16]) {
    use std::arch::x86_64::{
        _MM_FROUND_TO_NEAREST_INT, _mm_storeu_si128, _mm256_cvtps_ph, _mm256_loadu_ps,
    };
    let (numbers, rest) = numbers.as_chunks::<8>();
    let (out, rest_out) = out.as_chunks_mut::<8>();
    for (numbers, out) in numbers.iter().zip(out) {
        // SAFETY: each has eight numbers.
        unsafe {
            let wide = _mm256_loadu_ps(numbers.as_ptr());
            let narrow = _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(wide);
            _mm_storeu_si128(out.as_mut_ptr().cast(), narrow);
        }
    }
    for (out, number) in rest_out.iter_mut().zip(rest) {
        *out = nearest(*number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_half_is_right() {
        let all: Vec<u16> = (0..=u16::MAX).collect();
        let mut wide = vec![0.0; all.len()];
        widen(&all, &mut wide);
        for (bits, wide) in all.iter().zip(wide) {
            let exponent = i32::from(bits >> 10 & 31);
            let fraction = f64::from(bits & 0x3ff) / 1024.0;
            let magnitude = match exponent {
                0 => fraction * 2f64.powi(-14),
                31 if fraction == 0.0 => f64::INFINITY,
                31 => f64::NAN,
                _ => (1.0 + fraction) * 2f64.powi(exponent - 15),
            };
            let expected = if bits & 0x8000 == 0 {
                magnitude
            } else {
                -magnitude
            };
            for got in [half(bits.to_le_bytes()), wide] {
                let got = f64::from(got);
                let same = got == expected || (got.is_nan() && expected.is_nan());
                assert!(same, "{bits:x}");
            }
            if !expected.is_nan() {
                assert_eq!(nearest(wide), *bits);
            }
        }
    }

    proptest! {
        #[test]
        fn rounding_is_to_the_nearest(bits in any::<[u32; 9]>()) {
            let numbers = bits.map(f32::from_bits).map(|n| if n.is_nan() { 0.0 } else { n });
            let mut halves = [0; 9];
            narrow(&numbers, &mut halves);
            for (number, bits) in numbers.iter().zip(halves) {
                prop_assert_eq!(nearest(*number), bits);
                let got = half(bits.to_le_bytes());
                if got.is_finite() {
                    for other in [bits.wrapping_sub(1), bits.wrapping_add(1)] {
                        let other = half(other.to_le_bytes());
                        let farther = (other - number).abs() >= (got - number).abs();
                        prop_assert!(farther || !other.is_finite());
                    }
                } else {
                    prop_assert!(number.abs() >= 65_520.0);
                }
            }
        }

        #[test]
        fn numbers_of_common_size_are_rounded_alike(numbers in prop::collection::vec(-70_000f32..70_000.0, 1..40)) {
            let mut halves = vec![0; numbers.len()];
            narrow(&numbers, &mut halves);
            let expected: Vec<u16> = numbers.iter().map(|number| nearest(*number)).collect();
            prop_assert_eq!(halves, expected);
        }
    }
}
