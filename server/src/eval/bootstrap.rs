//! 95 % intervals by the bootstrap.

use rand::{Rng, SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize};

/// Resamples.
const RESAMPLES: usize = 1_000;

/// A mean and its 95 % interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The mean.
    pub value: f64,
    /// The 2.5th percentile of the resampled means.
    pub low: f64,
    /// The 97.5th.
    pub high: f64,
}

/// The mean of values and its interval; the same seed gives the same interval.
pub fn figure(values: &[f64], seed: u64) -> Figure {
    if values.is_empty() {
        return Figure::default();
    }
    let n = values.len();
    let value = values.iter().sum::<f64>() / n as f64;
    let mut random = StdRng::seed_from_u64(seed);
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            (0..n)
                .map(|_| values[random.random_range(0..n)])
                .sum::<f64>()
                / n as f64
        })
        .collect();
    means.sort_by(f64::total_cmp);
    Figure {
        value,
        low: means[RESAMPLES / 40],
        high: means[RESAMPLES - 1 - RESAMPLES / 40],
    }
}

/// The value below which a share of the values lies.
pub fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len() as f64 * share) as usize;
    sorted
        .get(at.min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_holds_its_mean_and_repeats_with_its_seed() {
        let values: Vec<f64> = (0..200).map(|i| f64::from(i % 4 == 0)).collect();
        let a = figure(&values, 1);
        assert_eq!(a.value, 0.25);
        assert!(a.low < 0.25 && 0.25 < a.high && a.high - a.low < 0.2);
        assert_eq!(a, figure(&values, 1));
        let sure = figure(&[1.0; 10], 1);
        assert_eq!((sure.low, sure.high), (1.0, 1.0));
        assert_eq!(percentile(&[3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(percentile(&[], 0.5), 0.0);
    }
}
