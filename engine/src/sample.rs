//! Chooses the next token from logits.

use std::collections::HashMap;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{EngineError, Sampling};

/// The choices of one step: ids and their logits, side by side.
pub(crate) struct Choices<'a> {
    /// The id of each logit, or nothing where the index is the id.
    pub(crate) ids: Option<&'a [u32]>,
    pub(crate) logits: &'a mut [f32],
}

impl Choices<'_> {
    fn id(&self, index: usize) -> u32 {
        self.ids.map_or(index as u32, |ids| ids[index])
    }

    fn index(&self, id: u32) -> Option<usize> {
        match self.ids {
            None => Some(id as usize).filter(|index| *index < self.logits.len()),
            Some(ids) => ids.iter().position(|other| *other == id),
        }
    }
}

/// One request's way of choosing, with its own source of chance and memory of what it chose.
pub(crate) struct Sampler {
    sampling: Sampling,
    bias: Vec<(u32, f32)>,
    counts: HashMap<u32, u32>,
    random: ChaCha8Rng,
}

impl Sampler {
    /// Refuses parameters that are not numbers or out of bounds.
    pub(crate) fn new(sampling: Sampling, bias: Vec<(u32, f32)>) -> Result<Sampler, EngineError> {
        if !(sampling.temperature.is_finite() && sampling.temperature >= 0.0) {
            return Err(EngineError::invalid("temperature must be 0 or more"));
        }
        if !(0.0..=1.0).contains(&sampling.top_p) {
            return Err(EngineError::invalid("top_p must lie between 0 and 1"));
        }
        if !sampling.presence_penalty.is_finite() || !sampling.frequency_penalty.is_finite() {
            return Err(EngineError::invalid("penalties must be finite"));
        }
        if bias.iter().any(|(_, bias)| !bias.is_finite()) {
            return Err(EngineError::invalid("logit biases must be finite"));
        }
        let random = match sampling.seed {
            Some(seed) => ChaCha8Rng::seed_from_u64(seed),
            None => ChaCha8Rng::from_os_rng(),
        };
        Ok(Sampler {
            sampling,
            bias,
            counts: HashMap::new(),
            random,
        })
    }

    /// Notes a token of the completion, for the penalties.
    pub(crate) fn note(&mut self, token: u32) {
        *self.counts.entry(token).or_insert(0) += 1;
    }

    /// Chooses one of the ids; none only where there is no choice at all.
    pub(crate) fn choose(&mut self, choices: Choices<'_>) -> Option<u32> {
        for (id, bias) in &self.bias {
            if let Some(index) = choices.index(*id) {
                choices.logits[index] += bias;
            }
        }
        if self.sampling.presence_penalty != 0.0 || self.sampling.frequency_penalty != 0.0 {
            for (id, count) in &self.counts {
                if let Some(index) = choices.index(*id) {
                    choices.logits[index] -= self.sampling.presence_penalty
                        + self.sampling.frequency_penalty * *count as f32;
                }
            }
        }
        let index = if self.sampling.temperature == 0.0 {
            likeliest(choices.logits)?
        } else {
            self.draw(choices.logits)?
        };
        Some(choices.id(index))
    }

    fn draw(&mut self, logits: &[f32]) -> Option<usize> {
        let mut order: Vec<usize> = (0..logits.len()).collect();
        // By index where logits are equal, so that a seed means the same everywhere.
        let by_logit = |a: &usize, b: &usize| logits[*b].total_cmp(&logits[*a]).then(a.cmp(b));
        if self.sampling.top_k > 0 && self.sampling.top_k < order.len() {
            order.select_nth_unstable_by(self.sampling.top_k - 1, by_logit);
            order.truncate(self.sampling.top_k);
        }
        let best = logits[*order.iter().min_by(|a, b| by_logit(a, b))?];
        let weigh =
            |index: &usize| f64::from((logits[*index] - best) / self.sampling.temperature).exp();
        if self.sampling.top_p < 1.0 {
            order.sort_unstable_by(by_logit);
            let total: f64 = order.iter().map(weigh).sum();
            let enough = total * f64::from(self.sampling.top_p);
            let mut sum = 0.0;
            let kept = order
                .iter()
                .take_while(|index| {
                    let needed = sum < enough;
                    sum += weigh(index);
                    needed
                })
                .count();
            order.truncate(kept.max(1));
        } else {
            order.sort_unstable();
        }
        let weights: Vec<f64> = order.iter().map(weigh).collect();
        let mut left = self.random.random::<f64>() * weights.iter().sum::<f64>();
        for (index, weight) in order.iter().zip(&weights) {
            left -= weight;
            if left < 0.0 {
                return Some(*index);
            }
        }
        // Rounding may leave a crumb at the very end.
        order
            .iter()
            .zip(&weights)
            .rev()
            .find(|(_, weight)| **weight > 0.0)
            .map(|(index, _)| *index)
    }
}

/// The index of the largest logit, the first of equals.
fn likeliest(logits: &[f32]) -> Option<usize> {
    let mut best = None;
    for (index, logit) in logits.iter().enumerate() {
        if best.is_none_or(|(_, other)| *logit > other) {
            best = Some((index, *logit));
        }
    }
    best.map(|(index, _)| index)
}

/// The logarithm of a token's probability under these logits, nats.
pub(crate) fn log_probability(logits: &[f32], token: u32) -> f32 {
    let best = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits
        .iter()
        .map(|logit| f64::from(logit - best).exp())
        .sum();
    (f64::from(logits[token as usize] - best) - sum.ln()) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sampler(sampling: Sampling) -> Sampler {
        Sampler::new(sampling, Vec::new()).unwrap()
    }

    fn all(logits: &mut [f32]) -> Choices<'_> {
        Choices { ids: None, logits }
    }

    #[test]
    fn greedy_takes_the_first_of_the_largest() {
        let mut greedy = sampler(Sampling::default());
        assert_eq!(greedy.choose(all(&mut [1.0, 3.0, 3.0])), Some(1));
        assert_eq!(greedy.choose(all(&mut [])), None);
    }

    #[test]
    fn ids_are_those_of_the_choices() {
        let mut greedy = sampler(Sampling::default());
        let choices = Choices {
            ids: Some(&[7, 9]),
            logits: &mut [0.0, 1.0],
        };
        assert_eq!(greedy.choose(choices), Some(9));
    }

    #[test]
    fn penalties_and_biases_count() {
        let sampling = Sampling {
            frequency_penalty: 1.0,
            presence_penalty: 0.5,
            ..Sampling::default()
        };
        let mut sampler = Sampler::new(sampling, vec![(2, 0.25)]).unwrap();
        sampler.note(0);
        sampler.note(0);
        let mut logits = [3.0, 0.0, 0.5];
        assert_eq!(sampler.choose(all(&mut logits)), Some(2));
        assert_eq!(logits, [0.5, 0.0, 0.75]);
    }

    #[test]
    fn nonsense_is_refused() {
        for sampling in [
            Sampling {
                temperature: f32::NAN,
                ..Sampling::default()
            },
            Sampling {
                temperature: -1.0,
                ..Sampling::default()
            },
            Sampling {
                top_p: 1.5,
                ..Sampling::default()
            },
        ] {
            assert!(Sampler::new(sampling, Vec::new()).is_err());
        }
    }

    #[test]
    fn log_probabilities_sum_to_one() {
        let logits = [0.5, -1.0, 2.0];
        let sum: f32 = (0..3).map(|id| log_probability(&logits, id).exp()).sum();
        assert!((sum - 1.0).abs() < 1e-6);
    }

    #[test]
    fn frequencies_follow_the_probabilities() {
        let mut sampler = sampler(Sampling {
            temperature: 1.0,
            seed: Some(3),
            ..Sampling::default()
        });
        let logits = [0.0, 3f32.ln()];
        let ones = (0..4000)
            .filter(|_| sampler.choose(all(&mut logits.clone())) == Some(1))
            .count();
        assert!((2850..3150).contains(&ones), "{ones}");
    }

    proptest! {
        #[test]
        fn the_choice_lies_within_top_k_and_top_p(
            logits in prop::collection::vec(-8.0f32..8.0, 1..40),
            top_k in 0usize..10,
            top_p in 0.0f32..=1.0,
            temperature in 0.1f32..2.0,
            seed in any::<u64>(),
        ) {
            let sampling = Sampling { temperature, top_p, top_k, seed: Some(seed), ..Sampling::default() };
            let chosen = sampler(sampling.clone()).choose(all(&mut logits.clone())).unwrap() as usize;
            let again = sampler(sampling).choose(all(&mut logits.clone())).unwrap() as usize;
            prop_assert_eq!(chosen, again);
            let better: Vec<f32> = logits.iter().copied().filter(|logit| *logit > logits[chosen]).collect();
            if top_k > 0 {
                prop_assert!(better.len() < top_k);
            }
            let weigh = |logit: f32| f64::from(logit / temperature).exp();
            let mass: f64 = better.iter().map(|logit| weigh(*logit)).sum();
            let total: f64 = logits.iter().map(|logit| weigh(*logit)).sum();
            // What is likelier than the choice must not have been enough without it.
            if !better.is_empty() {
                prop_assert!(mass <= total * f64::from(top_p) * (1.0 + 1e-5) + 1e-9);
            }
        }
    }
}
