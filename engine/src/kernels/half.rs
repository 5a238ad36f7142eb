//! Half-precision numbers, where no instruction reads them.

/// A half-precision number.
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

#[cfg(test)]
mod tests {
    use super::half;

    #[test]
    fn every_half_is_right() {
        for bits in 0..=u16::MAX {
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
            let got = f64::from(half(bits.to_le_bytes()));
            assert!(
                got == expected || (got.is_nan() && expected.is_nan()),
                "{bits:x}"
            );
        }
    }
}
