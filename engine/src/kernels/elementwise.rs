//! Operations on single rows of activations.

use pulp::{Simd, WithSimd};

use super::dispatch;

/// Adds `more` to `row`.
pub(crate) fn add(row: &mut [f32], more: &[f32]) {
    for (value, more) in row.iter_mut().zip(more) {
        *value += more;
    }
}

/// Multiplies a row by a number.
pub(crate) fn scale(row: &mut [f32], factor: f32) {
    for value in row {
        *value *= factor;
    }
}

/// Scales a row to a root mean square of 1, then by `weight`, into `out`.
pub(crate) fn rms_norm(row: &[f32], weight: &[f32], epsilon: f32, out: &mut [f32]) {
    dispatch(RmsNorm {
        row,
        weight,
        epsilon,
        out,
    });
}

/// Scales a row to a root mean square of 1, then by `weight`.
pub(crate) fn rms_norm_in_place(row: &mut [f32], weight: &[f32], epsilon: f32) {
    let factor = rms_factor(row, epsilon);
    for (value, weight) in row.iter_mut().zip(weight) {
        *value = *value * factor * weight;
    }
}

struct RmsNorm<'a> {
    row: &'a [f32],
    weight: &'a [f32],
    epsilon: f32,
    out: &'a mut [f32],
}

impl WithSimd for RmsNorm<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let factor = rms_factor(self.row, self.epsilon);
        for ((out, value), weight) in self.out.iter_mut().zip(self.row).zip(self.weight) {
            *out = value * factor * weight;
        }
    }
}

/// What a row is to be multiplied by for a root mean square of 1.
#[inline(always)]
fn rms_factor(row: &[f32], epsilon: f32) -> f32 {
    // In double precision the order of the sum does not matter to the result's last bits.
    let mut squares = [0f64; 8];
    let (chunks, rest) = row.as_chunks::<8>();
    for chunk in chunks {
        for lane in 0..8 {
            squares[lane] += f64::from(chunk[lane] * chunk[lane]);
        }
    }
    for (square, value) in squares.iter_mut().zip(rest) {
        *square += f64::from(value * value);
    }
    let mean = (squares.iter().sum::<f64>() / row.len() as f64) as f32;
    1.0 / (mean + epsilon).sqrt()
}

/// Rotates neighbouring pairs of a head's first dimensions by the angles whose cosines and sines alternate in
/// `turns`; dimensions beyond them stay.
pub(crate) fn rotate_neighbours(head: &mut [f32], turns: &[f32]) {
    for (pair, turn) in head
        .as_chunks_mut::<2>()
        .0
        .iter_mut()
        .zip(turns.as_chunks::<2>().0)
    {
        let ([x, y], [cos, sin]) = (*pair, *turn);
        *pair = [x * cos - y * sin, x * sin + y * cos];
    }
}

/// Rotates each of the first dimensions with its like in the second half by the angles of which `turns` has first
/// the cosines, then the sines; dimensions beyond them stay.
pub(crate) fn rotate_halves(head: &mut [f32], turns: &[f32]) {
    let pairs = turns.len() / 2;
    let (cosines, sines) = turns.split_at(pairs);
    let (first, second) = head.split_at_mut(pairs);
    let turns = cosines.iter().zip(sines);
    for ((x, y), (cos, sin)) in first.iter_mut().zip(second).zip(turns) {
        (*x, *y) = (*x * cos - *y * sin, *x * sin + *y * cos);
    }
}

/// `out[i] := gate[i] · sigmoid(gate[i]) · up[i]`.
pub(crate) fn silu_multiply(gate: &[f32], up: &[f32], out: &mut [f32]) {
    dispatch(SiluMultiply { gate, up, out });
}

struct SiluMultiply<'a> {
    gate: &'a [f32],
    up: &'a [f32],
    out: &'a mut [f32],
}

impl WithSimd for SiluMultiply<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        for ((gate, up), out) in self.gate.iter().zip(self.up).zip(self.out) {
            let decay = exp_negative::<S>(-gate.abs());
            let over = if *gate < 0.0 { decay } else { 1.0 };
            *out = *gate * (over / (1.0 + decay)) * up;
        }
    }
}

/// `out[i] := gelu(gate[i]) · up[i]`, by the approximation `x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))`
/// (Hendrycks and Gimpel 2016).
pub(crate) fn gelu_multiply(gate: &[f32], up: &[f32], out: &mut [f32]) {
    dispatch(GeluMultiply { gate, up, out });
}

struct GeluMultiply<'a> {
    gate: &'a [f32],
    up: &'a [f32],
    out: &'a mut [f32],
}

impl WithSimd for GeluMultiply<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        const TWICE_ROOT: f32 = 1.595_769;
        for ((gate, up), out) in self.gate.iter().zip(self.up).zip(self.out) {
            // (1 + tanh z) / 2 is the sigmoid of 2z.
            let twice = TWICE_ROOT * (gate + 0.044_715 * gate * gate * gate);
            let decay = exp_negative::<S>(-twice.abs());
            let over = if twice < 0.0 { decay } else { 1.0 };
            *out = *gate * (over / (1.0 + decay)) * up;
        }
    }
}

/// `e^x` for `x ≤ 0`, within 3 units in the last place; 0 far below.
///
/// Without branches or calls, so that the compiler turns a loop of it into vector instructions, of which `S` is the
/// kind.
#[inline(always)]
pub(super) fn exp_negative<S: Simd>(x: f32) -> f32 {
    /// With vectors go fused multiplications, which are slow where the processor has none.
    #[inline(always)]
    fn multiply_add<S: Simd>(a: f32, b: f32, c: f32) -> f32 {
        if S::F32_LANES > 1 {
            a.mul_add(b, c)
        } else {
            a * b + c
        }
    }

    /// Adding this rounds to a whole number, which then sits in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let x = if x < -87.0 { -87.0 } else { x };
    let shifted = multiply_add::<S>(x, std::f32::consts::LOG2_E, ROUND);
    let whole = shifted - ROUND;
    // ln 2 in two parts, the first with trailing zeros, so that the product with `whole` is exact.
    let rest = multiply_add::<S>(whole, -0.693_359_4, x);
    let rest = multiply_add::<S>(whole, 2.121_944_4e-4, rest);
    let mut sum = 1.0 / 5040.0;
    for coefficient in [
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ] {
        sum = multiply_add::<S>(sum, rest, coefficient);
    }
    let exponent = shifted
        .to_bits()
        .wrapping_sub(ROUND.to_bits())
        .wrapping_add(127)
        << 23;
    let power = sum * f32::from_bits(exponent);
    if x <= -87.0 { 0.0 } else { power }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Exponential(f32);

    impl WithSimd for Exponential {
        type Output = f32;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _simd: S) -> f32 {
            exp_negative::<S>(self.0)
        }
    }

    #[test]
    fn the_exponential_is_close() {
        for exponential in [exp_negative::<pulp::Scalar>, |x| dispatch(Exponential(x))] {
            for step in 0..200_000 {
                let x = -(step as f32) * 4.3e-4;
                let (got, expected) = (f64::from(exponential(x)), f64::from(x).exp());
                assert!(
                    (got - expected).abs() <= expected * 4e-7,
                    "{x}: {got} {expected}"
                );
            }
            assert_eq!(exponential(0.0), 1.0);
            assert_eq!(exponential(f32::NEG_INFINITY), 0.0);
        }
    }

    #[test]
    fn silu_is_right_at_both_ends() {
        let gate = [0.0, 1.0, -1.0, 50.0, -50.0, 100.0, -100.0];
        let expected = gate.map(|x: f32| {
            let x = f64::from(x);
            (2.0 * x / (1.0 + (-x).exp())) as f32
        });
        let mut out = [0.0; 7];
        silu_multiply(&gate, &[2.0; 7], &mut out);
        for (got, expected) in out.iter().zip(expected) {
            assert!(
                (got - expected).abs() <= 1e-6 * expected.abs().max(1e-3),
                "{got} {expected}"
            );
        }
    }

    #[test]
    fn gelu_is_right_at_both_ends() {
        let gate = [0.0, 1.0, -1.0, 0.3, -2.5, 50.0, -50.0];
        let expected = gate.map(|x: f32| {
            let x = f64::from(x);
            let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x * x * x);
            (x * (1.0 + inner.tanh())) as f32
        });
        let mut out = [0.0; 7];
        gelu_multiply(&gate, &[2.0; 7], &mut out);
        for (got, expected) in out.iter().zip(expected) {
            assert!((got - expected).abs() <= 1e-6, "{got} {expected}");
        }
    }

    #[test]
    fn a_quarter_turn_swaps_the_pair() {
        let mut head = [1.0, 2.0, 3.0];
        rotate_neighbours(&mut head, &[0.0, 1.0]);
        assert_eq!(head, [-2.0, 1.0, 3.0]);
        let mut head = [1.0, 2.0, 3.0, 4.0, 5.0];
        rotate_halves(&mut head, &[0.0, 1.0, 1.0, 0.0]);
        assert_eq!(head, [-3.0, 2.0, 1.0, 4.0, 5.0]);
    }

    #[test]
    fn norms_have_unit_mean_square() {
        let mut out = [0.0; 2];
        rms_norm(&[3.0, 4.0], &[1.0, 2.0], 0.0, &mut out);
        let scale = 12.5f32.sqrt();
        assert!((out[0] - 3.0 / scale).abs() < 1e-6);
        assert!((out[1] - 8.0 / scale).abs() < 1e-6);
    }
}
