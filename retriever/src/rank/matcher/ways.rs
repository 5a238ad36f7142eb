//! Which way a question reads the facts of a predicate, where phrases of the predicate tell.

use std::ops::Range;

use super::{GOOD, Match, Matcher};
use crate::catalog::Phrase;
use crate::graph::Way;

/// Names of one side must fit this well, and lead those of the other by this much, to tell the side.
const LEAST: f64 = 0.6;
const CLEARLY: f64 = 0.15;
/// Words that are explained this far belong to the name that fits.
const EXPLAINED: f64 = 0.5;

impl Matcher<'_> {
    /// The way in which the question asks an entity, named by `span`, for the facts of a predicate. None where the
    /// predicate has no phrases for the object's side, where the words fit both sides about as well, or where they can be
    /// said from either.
    pub fn told_way(&mut self, number: usize, used: &[bool], span: &Range<usize>) -> Option<Way> {
        let (side, fit) = self.clear_side(number, used)?;
        let at = self.head(&fit)?;
        let told = match side {
            Way::Forward => self.is_had(at, span),
            Way::Inverse => !self.is_turned(at, span),
        };
        told.then_some(side)
    }

    /// The same for a fact further out, of which the words that are not used yet are said: "the children of her children".
    pub fn told_way_on(&mut self, number: usize, used: &[bool]) -> Option<Way> {
        let (side, fit) = self.clear_side(number, used)?;
        let at = self.head(&fit);
        let of = |at: usize| self.word(at + 1) == "of";
        // "Who | supplies | the parts of it": a verb with an object of its own.
        let object = |at: usize| {
            let inner = (at + 1..used.len()).find(|next| used[*next]);
            inner.is_some_and(|inner| self.next_to(at + 1, inner))
        };
        let told = match side {
            Way::Inverse => !at.is_some_and(object),
            Way::Forward => at.is_some_and(of),
        };
        told.then_some(side)
    }

    /// The side whose names fit the words clearly better, where a predicate has names for both.
    fn clear_side(&mut self, number: usize, used: &[bool]) -> Option<(Way, Match)> {
        let catalog = self.catalog;
        let (names, inverse) = catalog.predicates()[number].names_by_side();
        if inverse.is_empty() {
            return None;
        }
        let weights = vec![1.0; used.len()];
        let mut fit = |names: &[Phrase]| self.lexical(names, used, &weights);
        let (direct, inverse) = (fit(names), fit(inverse));
        let clear =
            |one: &Match, other: &Match| one.score >= LEAST && one.score >= other.score + CLEARLY;
        if clear(&direct, &inverse) {
            return Some((Way::Forward, direct));
        }
        clear(&inverse, &direct).then_some((Way::Inverse, inverse))
    }

    /// Whether what fits is asked for as something that an entity, named by `span`, has: "the capital of Peru".
    pub fn is_asked_of(&self, fit: &Match, span: &Range<usize>) -> bool {
        self.head(fit).is_some_and(|at| self.is_had(at, span))
    }

    /// Whether a word is one by which a predicate is asked for from the object's side.
    pub(super) fn asks_inversely(&mut self, number: usize, at: usize) -> bool {
        let catalog = self.catalog;
        let (_, inverse) = catalog.predicates()[number].names_by_side();
        let mut words = inverse.iter().flat_map(|name| &name.tokens);
        words.any(|word| self.likeness.of(word)[at] >= GOOD)
    }

    /// The last word of content that belongs to the name that fits.
    fn head(&self, fit: &Match) -> Option<usize> {
        (0..fit.explains.len())
            .rev()
            .find(|at| fit.explains[*at] >= EXPLAINED && self.question.is_content(*at))
    }

    /// A word of the question.
    pub(crate) fn word(&self, at: usize) -> &str {
        let tokens = &self.question.tokens;
        tokens.get(at).map_or("", |token| token.text.as_str())
    }

    /// Whether there is nothing between two words but an article, or nouns for what follows.
    fn next_to(&self, from: usize, to: usize) -> bool {
        (from..to)
            .all(|at| matches!(self.word(at), "the" | "a" | "an") || self.question.is_content(at))
    }

    /// Whether a word names what an entity has: "the teacher of Ilse", "Ilse's teacher".
    fn is_had(&self, at: usize, span: &Range<usize>) -> bool {
        if at < span.start {
            self.word(at + 1) == "of" && self.next_to(at + 2, span.start)
        } else {
            self.word(span.end) == "s" && self.next_to(span.end + 1, at)
        }
    }

    /// Whether a word is turned from the side that it speaks for: "who wrote Dune", "who is she the daughter of" and
    /// "by whom was it written" ask for what "wrote" and "daughter" are said of.
    fn is_turned(&self, at: usize, span: &Range<usize>) -> bool {
        let count = self.question.tokens.len();
        let preposition = |word: &str| matches!(word, "of" | "by" | "to" | "for" | "from");
        let stranded = at + 2 == count && preposition(self.word(at + 1));
        let by_whom = (0..count).any(|at| {
            self.word(at) == "by" && matches!(self.word(at + 1), "whom" | "who" | "which")
        });
        // Its own object follows a verb.
        let object = at < span.start && self.next_to(at + 1, span.start);
        stranded || by_whom || object
    }
}
