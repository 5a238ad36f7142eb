//! Which way a question reads the facts of a predicate, where phrases of the predicate tell.

use std::ops::Range;

use super::Matcher;
use crate::catalog::Phrase;
use crate::graph::Way;

/// Names of one side must fit this well, and lead those of the other by this much, to tell the side.
const LEAST: f64 = 0.6;
const CLEARLY: f64 = 0.15;
/// Words that are explained this far belong to the name that fits.
const EXPLAINED: f64 = 0.5;

impl Matcher<'_> {
    /// The way in which the question asks an entity, named by `span`, for the facts of a predicate. None where the
    /// predicate has no phrases for the object's side, or where the words fit both sides about as well.
    pub fn told_way(&mut self, number: usize, used: &[bool], span: &Range<usize>) -> Option<Way> {
        let catalog = self.catalog;
        let (names, inverse) = catalog.predicates()[number].names_by_side();
        if inverse.is_empty() {
            return None;
        }
        let weights = vec![1.0; used.len()];
        let mut fit = |names: &[Phrase]| self.lexical(names, used, &weights);
        let (direct, inverse) = (fit(names), fit(inverse));
        if direct.score >= LEAST && direct.score >= inverse.score + CLEARLY {
            return Some(Way::Forward);
        }
        let clear = inverse.score >= LEAST && inverse.score >= direct.score + CLEARLY;
        let at = (0..used.len())
            .rev()
            .find(|at| inverse.explains[*at] >= EXPLAINED && self.question.is_content(*at))?;
        (clear && !self.turned(at, span)).then_some(Way::Inverse)
    }

    /// Whether a word is turned from the side that it speaks for: "who wrote Dune", "who is she the daughter of" and
    /// "by whom was it written" ask for what "wrote" and "daughter" are said of.
    fn turned(&self, at: usize, span: &Range<usize>) -> bool {
        let tokens = &self.question.tokens;
        let word = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
        let preposition = |word: &str| matches!(word, "of" | "by" | "to" | "for" | "from");
        let stranded = at + 2 == tokens.len() && preposition(word(at + 1));
        let by_whom = (0..tokens.len())
            .any(|at| word(at) == "by" && matches!(word(at + 1), "whom" | "who" | "which"));
        // Its own object follows a verb without a word between but an article, or a noun for its kind.
        let object = at < span.start
            && (at + 1..span.start)
                .all(|at| matches!(word(at), "the" | "a" | "an") || self.question.is_content(at));
        stranded || by_whom || object
    }
}
