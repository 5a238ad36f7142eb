//! Chooses the next token from logits.
//!
//! The steps and their order are llama.cpp's: logit biases; the penalty on repetition, then those on frequency and
//! presence; `top_k`, `top_p`, `min_p`, each over what the one before has left; the temperature last. What is cut
//! off does not depend on the temperature, so that a high one mixes likely tokens and lets no unlikely ones in. At
//! temperature 0 the likeliest token is taken after the penalties, and the other steps could change nothing.

use std::collections::{HashMap, HashSet, VecDeque};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{EngineError, Sampling};

/// The choices of one step: ids and their logits, side by side.
pub(crate) struct Choices<'a> {
    /// The id of each logit, ascending, or nothing where the index is the id.
    pub(crate) ids: Option<&'a [u32]>,
    pub(crate) logits: &'a mut [f32],
}

impl Choices<'_> {
    pub(crate) fn id(&self, index: usize) -> u32 {
        self.ids.map_or(index as u32, |ids| ids[index])
    }

    pub(crate) fn index(&self, id: u32) -> Option<usize> {
        match self.ids {
            None => Some(id as usize).filter(|index| *index < self.logits.len()),
            Some(ids) => ids.binary_search(&id).ok(),
        }
    }
}

/// Tokens at the end of prompt and completion together in which `repetition_penalty` looks for repeats: llama.cpp's
/// default.
const REPETITION_WINDOW: usize = 64;

/// One request's way of choosing, with its own source of chance and memory of what it chose.
pub(crate) struct Sampler {
    sampling: Sampling,
    bias: Vec<(u32, f32)>,
    /// How often each token stands in the completion.
    counts: HashMap<u32, u32>,
    /// The last tokens of prompt and completion; none where repetition costs nothing.
    recent: VecDeque<u32>,
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
        if !(0.0..=1.0).contains(&sampling.min_p) {
            return Err(EngineError::invalid("min_p must lie between 0 and 1"));
        }
        if !sampling.presence_penalty.is_finite() || !sampling.frequency_penalty.is_finite() {
            return Err(EngineError::invalid("penalties must be finite"));
        }
        if !(sampling.repetition_penalty.is_finite() && sampling.repetition_penalty > 0.0) {
            return Err(EngineError::invalid(
                "repetition_penalty must be more than 0",
            ));
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
            recent: VecDeque::new(),
            random,
        })
    }

    /// Notes the prompt, for the penalty on repetition.
    pub(crate) fn read(&mut self, prompt: &[u32]) {
        let last = prompt.len().saturating_sub(REPETITION_WINDOW);
        prompt[last..].iter().for_each(|token| self.recall(*token));
    }

    /// Notes a token of the completion, for the penalties.
    pub(crate) fn note(&mut self, token: u32) {
        *self.counts.entry(token).or_insert(0) += 1;
        self.recall(token);
    }

    fn recall(&mut self, token: u32) {
        if self.sampling.repetition_penalty == 1.0 {
            return;
        }
        if self.recent.len() == REPETITION_WINDOW {
            self.recent.pop_front();
        }
        self.recent.push_back(token);
    }

    /// Chooses one of the ids; none only where there is no choice at all.
    pub(crate) fn choose(&mut self, mut choices: Choices<'_>) -> Option<u32> {
        for (id, bias) in &self.bias {
            if let Some(index) = choices.index(*id) {
                choices.logits[index] += bias;
            }
        }
        self.penalise(&mut choices);
        let index = if self.sampling.temperature == 0.0 {
            likeliest(choices.logits)?
        } else {
            self.draw(choices.logits)?
        };
        Some(choices.id(index))
    }

    fn penalise(&self, choices: &mut Choices<'_>) {
        let repeated: HashSet<u32> = self.recent.iter().copied().collect();
        for id in repeated {
            if let Some(index) = choices.index(id) {
                let logit = &mut choices.logits[index];
                // Down in either case: dividing a negative logit would lift it.
                *logit = if *logit > 0.0 {
                    *logit / self.sampling.repetition_penalty
                } else {
                    *logit * self.sampling.repetition_penalty
                };
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
        let weigh = |index: &usize, temperature: f32| {
            f64::from((logits[*index] - best) / temperature).exp()
        };
        if self.sampling.top_p < 1.0 {
            order.sort_unstable_by(by_logit);
            let total: f64 = order.iter().map(|index| weigh(index, 1.0)).sum();
            let enough = total * f64::from(self.sampling.top_p);
            let mut sum = 0.0;
            let kept = order
                .iter()
                .take_while(|index| {
                    let needed = sum < enough;
                    sum += weigh(index, 1.0);
                    needed
                })
                .count();
            order.truncate(kept.max(1));
        } else {
            order.sort_unstable();
        }
        if self.sampling.min_p > 0.0 {
            let least = best + self.sampling.min_p.ln();
            // The best one stays, also where the sum rounds up.
            order.retain(|index| logits[*index] >= least || logits[*index] == best);
        }
        let weights: Vec<f64> = order
            .iter()
            .map(|index| weigh(index, self.sampling.temperature))
            .collect();
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
    fn repetition_costs_once_and_only_within_the_window() {
        let sampling = Sampling {
            repetition_penalty: 2.0,
            ..Sampling::default()
        };
        let mut sampler = sampler(sampling);
        sampler.read(&[0, 1, 1]);
        sampler.note(2);
        let mut logits = [4.0, -4.0, 1.0, 3.0];
        assert_eq!(sampler.choose(all(&mut logits)), Some(3));
        assert_eq!(logits, [2.0, -8.0, 0.5, 3.0]);
        for _ in 0..REPETITION_WINDOW {
            sampler.note(3);
        }
        let mut logits = [4.0, -4.0, 1.0, 3.0];
        assert_eq!(sampler.choose(all(&mut logits)), Some(0));
        assert_eq!(logits, [4.0, -4.0, 1.0, 1.5]);
    }

    #[test]
    fn the_temperature_lets_nothing_in_that_was_cut_off() {
        let mut sampler = sampler(Sampling {
            temperature: 50.0,
            top_p: 0.9,
            seed: Some(1),
            ..Sampling::default()
        });
        // At this temperature alone all three are about as likely.
        for _ in 0..200 {
            assert_eq!(sampler.choose(all(&mut [8.0, 1.0, 0.0])), Some(0));
        }
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
            Sampling {
                min_p: -0.1,
                ..Sampling::default()
            },
            Sampling {
                repetition_penalty: 0.0,
                ..Sampling::default()
            },
            Sampling {
                repetition_penalty: f32::INFINITY,
                ..Sampling::default()
            },
        ] {
            assert!(Sampler::new(sampling, Vec::new()).is_err());
        }
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
        fn the_choice_lies_within_all_bounds(
            logits in prop::collection::vec(-8.0f32..8.0, 1..40),
            top_k in 0usize..10,
            top_p in 0.0f32..=1.0,
            min_p in 0.0f32..=1.0,
            temperature in 0.1f32..2.0,
            seed in any::<u64>(),
        ) {
            let sampling = Sampling { temperature, top_p, top_k, min_p, seed: Some(seed), ..Sampling::default() };
            let chosen = sampler(sampling.clone()).choose(all(&mut logits.clone())).unwrap() as usize;
            let again = sampler(sampling).choose(all(&mut logits.clone())).unwrap() as usize;
            prop_assert_eq!(chosen, again);
            let better: Vec<f32> = logits.iter().copied().filter(|logit| *logit > logits[chosen]).collect();
            if top_k > 0 {
                prop_assert!(better.len() < top_k);
            }
            let weigh = |logit: f32| f64::from(logit).exp();
            let mass: f64 = better.iter().map(|logit| weigh(*logit)).sum();
            let total: f64 = logits.iter().map(|logit| weigh(*logit)).sum();
            // What is likelier than the choice must not have been enough without it.
            if !better.is_empty() {
                prop_assert!(mass <= total * f64::from(top_p) * (1.0 + 1e-5) + 1e-9);
            }
            let best = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            prop_assert!(weigh(logits[chosen] - best) >= f64::from(min_p) * (1.0 - 1e-5));
        }

        #[test]
        fn whatever_is_allowed_can_be_chosen(
            logits in prop::collection::vec(-1.0f32..1.0, 2..6),
            min_p in 0.0f32..=1.0,
        ) {
            let best = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let mut sampler = sampler(Sampling { temperature: 1.0, min_p, seed: Some(5), ..Sampling::default() });
            let mut seen = vec![false; logits.len()];
            for _ in 0..2000 {
                seen[sampler.choose(all(&mut logits.clone())).unwrap() as usize] = true;
            }
            for (logit, seen) in logits.iter().zip(seen) {
                // The least likely that may come does so once in forty times or more.
                if f64::from(logit - best).exp() > f64::from(min_p) * (1.0 + 1e-5) {
                    prop_assert!(seen);
                }
            }
        }

        #[test]
        fn a_penalty_on_repetition_lowers_what_is_repeated_and_nothing_else(
            logits in prop::collection::vec(-8.0f32..8.0, 1..20),
            recent in prop::collection::vec(0u32..25, 0..100),
            penalty in 1.01f32..3.0,
        ) {
            let mut sampler = sampler(Sampling { repetition_penalty: penalty, ..Sampling::default() });
            sampler.read(&recent);
            let mut lowered = logits.clone();
            sampler.choose(all(&mut lowered));
            let last = &recent[recent.len().saturating_sub(REPETITION_WINDOW)..];
            for (id, (before, after)) in (0u32..).zip(logits.iter().zip(&lowered)) {
                if last.contains(&id) && *before != 0.0 {
                    prop_assert!(after < before);
                } else {
                    prop_assert_eq!(after, before);
                }
            }
        }
    }
}
