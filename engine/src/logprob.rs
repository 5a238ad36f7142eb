//! How likely tokens are, and when that is told.

use std::collections::VecDeque;

use crate::TokenLogprob;
use crate::sample::Choices;
use crate::tokenizer::Tokenizer;

/// Alternatives that may be asked for at each token: as many as OpenAI's API has.
pub(crate) const MOST_ALTERNATIVES: usize = 20;

/// The probabilities that logits stand for.
struct Probabilities<'a> {
    logits: &'a [f32],
    best: f32,
    /// The logarithm of the sum of all `exp(logit - best)`.
    sum: f64,
}

impl<'a> Probabilities<'a> {
    fn new(logits: &'a [f32]) -> Probabilities<'a> {
        let best = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f64 = logits
            .iter()
            .map(|logit| f64::from(logit - best).exp())
            .sum();
        Probabilities {
            logits,
            best,
            sum: sum.ln(),
        }
    }

    fn log(&self, index: usize) -> f32 {
        (f64::from(self.logits[index] - self.best) - self.sum) as f32
    }

    /// The likeliest ones, best first; the first of equals.
    fn top(&self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.logits.len()).collect();
        let by_logit = |a: &usize, b: &usize| {
            let (a_logit, b_logit) = (self.logits[*a], self.logits[*b]);
            b_logit.total_cmp(&a_logit).then(a.cmp(b))
        };
        if count < order.len() {
            order.select_nth_unstable_by(count, by_logit);
            order.truncate(count);
        }
        order.sort_unstable_by(by_logit);
        order
    }
}

/// The logarithm of a token's probability under these logits, nats.
pub(crate) fn log_probability(logits: &[f32], token: u32) -> f32 {
    Probabilities::new(logits).log(token as usize)
}

/// What one request is told of its tokens. A token is told of just before the first text to which it contributes,
/// so that none is whose text is held back, or cut away by a stop string; one across the cut, of which a part is
/// given out, is told of whole.
pub(crate) struct Reports {
    alternatives: usize,
    /// Tokens whose text is not out yet, and where in the bytes of the completion each begins.
    waiting: VecDeque<(usize, TokenLogprob)>,
    /// Bytes of the completion so far.
    received: usize,
}

impl Reports {
    pub(crate) fn new(alternatives: usize) -> Reports {
        Reports {
            alternatives,
            waiting: VecDeque::new(),
            received: 0,
        }
    }

    /// The report of a token that was chosen, by the logits as the model gave them.
    pub(crate) fn chosen(
        &self,
        token: u32,
        choices: &Choices<'_>,
        tokenizer: &Tokenizer,
    ) -> TokenLogprob {
        let probabilities = Probabilities::new(choices.logits);
        let of = |index| describe(choices.id(index), probabilities.log(index), tokenizer);
        let mut report = match choices.index(token) {
            Some(index) => of(index),
            None => describe(token, 0.0, tokenizer),
        };
        report.top = probabilities
            .top(self.alternatives)
            .into_iter()
            .map(of)
            .collect();
        report
    }

    /// The report of a token that had no alternative.
    pub(crate) fn forced(&self, token: u32, tokenizer: &Tokenizer) -> TokenLogprob {
        let mut report = describe(token, 0.0, tokenizer);
        if self.alternatives > 0 {
            report.top = vec![report.clone()];
        }
        report
    }

    /// Notes the report of the completion's next token.
    pub(crate) fn push(&mut self, report: TokenLogprob) {
        let from = self.received;
        self.received += report.bytes.len();
        self.waiting.push_back((from, report));
    }

    /// The next token that is to be told of before text that ends at this byte of the completion.
    pub(crate) fn before(&mut self, end: usize) -> Option<TokenLogprob> {
        let due = self.waiting.pop_front_if(|(from, _)| *from < end);
        due.map(|(_, report)| report)
    }
}

fn describe(token: u32, log_probability: f32, tokenizer: &Tokenizer) -> TokenLogprob {
    let bytes = tokenizer.piece(token).to_vec();
    let text = if bytes.is_empty() {
        tokenizer.name(token).unwrap_or_default().to_owned()
    } else {
        String::from_utf8_lossy(&bytes).into_owned()
    };
    TokenLogprob {
        token: Some(token),
        text,
        bytes,
        log_probability,
        top: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn probabilities_sum_to_one() {
        let logits = [0.5, -1.0, 2.0];
        let sum: f32 = (0..3).map(|id| log_probability(&logits, id).exp()).sum();
        assert!((sum - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_token_is_told_of_before_the_first_of_its_text() {
        let mut reports = Reports::new(0);
        let token = |text: &str| TokenLogprob {
            token: None,
            text: text.to_owned(),
            bytes: text.as_bytes().to_vec(),
            log_probability: 0.0,
            top: Vec::new(),
        };
        for text in ["ab", "", "cd", "e"] {
            reports.push(token(text));
        }
        let mut told = |end: usize| -> Vec<String> {
            std::iter::from_fn(|| reports.before(end).map(|report| report.text)).collect()
        };
        assert!(told(0).is_empty());
        assert_eq!(told(1), ["ab"]);
        assert!(told(2).is_empty());
        assert_eq!(told(3), ["", "cd"]);
        assert_eq!(told(usize::MAX), ["e"]);
    }

    proptest! {
        #[test]
        fn the_top_is_the_beginning_of_the_order(
            logits in prop::collection::vec(-8.0f32..8.0, 0..40),
            count in 0usize..10,
        ) {
            let mut order: Vec<usize> = (0..logits.len()).collect();
            order.sort_by(|a, b| logits[*b].total_cmp(&logits[*a]));
            order.truncate(count);
            prop_assert_eq!(Probabilities::new(&logits).top(count), order);
        }
    }
}
