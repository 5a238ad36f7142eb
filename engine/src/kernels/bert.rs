//! Operations on rows of activations that BERT has and language models of today have not.

use pulp::{Simd, WithSimd};

use super::dispatch;
use super::elementwise::exp_negative;

/// Adds `bias` and what the row was before its layer, `before`; scales the sum to mean 0 and variance 1, then by
/// `weight`, and adds `offset`.
pub(crate) fn add_norm(row: &mut [f32], bias: &[f32], before: &[f32], norm: Norm<'_>) {
    dispatch(AddNorm {
        row,
        bias,
        before,
        norm,
    });
}

/// What a layer norm learnt.
#[derive(Clone, Copy)]
pub(crate) struct Norm<'a> {
    pub(crate) weight: &'a [f32],
    pub(crate) offset: &'a [f32],
    pub(crate) epsilon: f32,
}

struct AddNorm<'a> {
    row: &'a mut [f32],
    bias: &'a [f32],
    before: &'a [f32],
    norm: Norm<'a>,
}

impl WithSimd for AddNorm<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let row = self.row;
        for ((value, bias), before) in row.iter_mut().zip(self.bias).zip(self.before) {
            *value += bias + before;
        }
        let count = row.len() as f64;
        // In double precision, so that a large mean costs no digits.
        let mean = sum(row, |value| value) / count;
        let variance = sum(row, |value| (value - mean) * (value - mean)) / count;
        let scale = (1.0 / (variance + f64::from(self.norm.epsilon)).sqrt()) as f32;
        let mean = mean as f32;
        let norm = self.norm.weight.iter().zip(self.norm.offset);
        for (value, (weight, offset)) in row.iter_mut().zip(norm) {
            *value = (*value - mean) * scale * weight + offset;
        }
    }
}

/// The sum over a row, in eight parts.
#[inline(always)]
fn sum(row: &[f32], of: impl Fn(f64) -> f64) -> f64 {
    let mut sums = [0f64; 8];
    let (chunks, rest) = row.as_chunks::<8>();
    for chunk in chunks {
        for lane in 0..8 {
            sums[lane] += of(f64::from(chunk[lane]));
        }
    }
    for (sum, value) in sums.iter_mut().zip(rest) {
        *sum += of(f64::from(*value));
    }
    sums.iter().sum()
}

/// Adds `bias`, then multiplies each number by the probability that a standard normal one is below it.
pub(crate) fn gelu(row: &mut [f32], bias: &[f32]) {
    dispatch(Gelu { row, bias });
}

struct Gelu<'a> {
    row: &'a mut [f32],
    bias: &'a [f32],
}

impl WithSimd for Gelu<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        for (value, bias) in self.row.iter_mut().zip(self.bias) {
            let x = *value + bias;
            let tail = normal_tail::<S>(x.abs());
            *value = x * if x < 0.0 { tail } else { 1.0 - tail };
        }
    }
}

/// The probability that a standard normal number is above `x ≥ 0`, within 2e-7.
///
/// Abramowitz and Stegun's formula 7.1.26 for the error function, whose own error is at most 1.5e-7, halved.
#[inline(always)]
fn normal_tail<S: Simd>(x: f32) -> f32 {
    let t = 1.0 / (1.0 + (0.327_591_1 * std::f32::consts::FRAC_1_SQRT_2) * x);
    let mut sum = 1.061_405_4;
    for coefficient in [-1.453_152_1, 1.421_413_8, -0.284_496_72, 0.254_829_6] {
        sum = sum * t + coefficient;
    }
    0.5 * sum * t * exp_negative::<S>(-0.5 * x * x)
}

/// Scales a row, and replaces each number by its power of e over the sum of all of these.
pub(crate) fn softmax(row: &mut [f32], scale: f32) {
    dispatch(Softmax { row, scale });
}

struct Softmax<'a> {
    row: &'a mut [f32],
    scale: f32,
}

impl WithSimd for Softmax<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let (chunks, rest) = self.row.as_chunks_mut::<8>();
        let mut largest = [f32::NEG_INFINITY; 8];
        for chunk in &*chunks {
            for lane in 0..8 {
                let number = chunk[lane];
                largest[lane] = if number > largest[lane] {
                    number
                } else {
                    largest[lane]
                };
            }
        }
        let all = largest.iter().chain(&*rest);
        let most = all.fold(f32::NEG_INFINITY, |most, number| most.max(*number));
        let mut sums = [0f32; 8];
        for chunk in &mut *chunks {
            for lane in 0..8 {
                let power = exp_negative::<S>((chunk[lane] - most) * self.scale);
                chunk[lane] = power;
                sums[lane] += power;
            }
        }
        for (number, sum) in rest.iter_mut().zip(&mut sums) {
            *number = exp_negative::<S>((*number - most) * self.scale);
            *sum += *number;
        }
        let inverse = 1.0 / sums.iter().sum::<f32>();
        for number in self.row {
            *number *= inverse;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The probability that a standard normal number is below `x`, by the series about 0.
    fn normal(x: f64) -> f64 {
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            term *= -x * x / (2.0 * f64::from(n));
            sum += term / f64::from(2 * n + 1);
        }
        0.5 + sum / (2.0 * std::f64::consts::PI).sqrt()
    }

    #[test]
    fn gelu_is_close() {
        let mut worst = 0f64;
        for step in -60_000..=60_000 {
            let x = step as f32 * 1e-4;
            let mut row = [x - 0.5];
            gelu(&mut row, &[0.5]);
            let x = f64::from(x - 0.5 + 0.5);
            worst = worst.max((f64::from(row[0]) - x * normal(x)).abs());
        }
        assert!(worst < 6e-7, "{worst:e}");
        let mut ends = [0.0, 30.0, -30.0, 1e30, -1e30];
        gelu(&mut ends, &[0.0; 5]);
        assert_eq!(ends, [0.0, 30.0, 0.0, 1e30, 0.0]);
    }

    #[test]
    fn a_norm_has_mean_0_and_variance_1() {
        for length in [1, 2, 7, 8, 384, 389] {
            let mut row: Vec<f32> = (0..length).map(|at| (at as f32 * 0.7).sin()).collect();
            let before: Vec<f32> = (0..length).map(|at| 1000.0 + at as f32).collect();
            let exact: Vec<f64> = row
                .iter()
                .zip(&before)
                .map(|(row, before)| f64::from(*row + (0.25 + before)))
                .collect();
            let (weight, offset) = (vec![2.0; length], vec![3.0; length]);
            let norm = Norm {
                weight: &weight,
                offset: &offset,
                epsilon: 1e-12,
            };
            add_norm(&mut row, &vec![0.25; length], &before, norm);
            let mean = exact.iter().sum::<f64>() / length as f64;
            let squares = exact.iter().map(|value| (value - mean).powi(2));
            let scale = 1.0 / (squares.sum::<f64>() / length as f64 + 1e-12).sqrt();
            for (got, exact) in row.iter().zip(exact) {
                let expected = (exact - mean) * scale * 2.0 + 3.0;
                assert!((f64::from(*got) - expected).abs() < 1e-3, "{length}");
            }
        }
    }

    #[test]
    fn shares_add_up_to_one() {
        for length in [1, 5, 8, 13, 200] {
            let mut row: Vec<f32> = (0..length)
                .map(|at| (at as f32 * 0.7).sin() * 9.0)
                .collect();
            let exact: Vec<f64> = row.iter().map(|x| (f64::from(*x) * 0.5).exp()).collect();
            let total: f64 = exact.iter().sum();
            softmax(&mut row, 0.5);
            for (got, exact) in row.iter().zip(exact) {
                assert!((f64::from(*got) - exact / total).abs() < 1e-6, "{length}");
            }
        }
    }
}
