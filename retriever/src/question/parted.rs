//! Questions within questions: "the highest mountain in | the largest country".

use super::Question;
use super::degree::{self, Superlative};

/// A question as two that are asked one within the other.
#[derive(Clone, Debug)]
pub(crate) struct Parted {
    /// The one that is answered first.
    pub(crate) inner: Question,
    /// What is said of the things that it leads to.
    pub(crate) outer: Question,
}

impl Question {
    /// The question as two, where it sets two conditions that need not be said of the same things: the one that stands last,
    /// and the one that stands first.
    pub(crate) fn parted(&self) -> Option<Parted> {
        let first = self.superlative.as_ref();
        let first = first.filter(|order| !order.weak && !self.each)?;
        let second = self.second_order();
        let bound = self.threshold.as_ref().filter(|bound| !bound.weak);
        if second.is_none() && bound.is_none() {
            return None;
        }
        let (mut inner, mut outer) = (self.clone(), self.clone());
        match (second, bound) {
            (Some(second), None) => {
                inner.forget(first);
                outer.forget(&second);
                for at in second.span.clone() {
                    inner.cue[at] = true;
                    inner.decisive[at] = false;
                }
                inner.superlative = Some(second);
                outer.superlative = Some(first.clone());
            }
            (None, Some(bound)) if bound.span.start >= first.span.end => {
                inner.forget(first);
                inner.superlative = None;
                outer.threshold = None;
                outer.further = Vec::new();
            }
            (None, Some(bound)) if bound.span.end <= first.span.start => {
                inner.threshold = None;
                inner.further = Vec::new();
                outer.forget(first);
                outer.superlative = None;
            }
            _ => return None,
        }
        Some(Parted { inner, outer })
    }

    /// Leaves the words of an order out.
    fn forget(&mut self, order: &Superlative) {
        for at in order.span.clone().chain(order.word) {
            self.cue[at] = true;
            self.decisive[at] = false;
        }
    }

    /// Another order behind the first one: "the highest mountain in | the largest | country".
    pub(super) fn second_order(&self) -> Option<Superlative> {
        let first = self.superlative.as_ref()?;
        let from = first.word.map_or(0, |at| at + 1).max(first.span.end);
        let words: Vec<&str> = self.tokens.iter().map(|t| t.text.as_str()).collect();
        degree::superlative(&words, from).filter(|order| !order.weak && !self.cue[order.span.start])
    }
}
