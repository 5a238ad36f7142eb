//! Places in a ranking, of which the first one is the highest: "which team is ranked higher".

use super::Proposer;
use crate::catalog::{Phrase, Predicate};
use crate::question::Direction;

impl Proposer<'_> {
    /// Which end of what a predicate tells is meant: of places in a ranking, the least number is the highest.
    pub(super) fn end_of(&self, predicate: &Predicate, direction: Direction) -> Direction {
        let high = self.question.tokens.iter().any(|token| {
            matches!(
                token.text.as_str(),
                "high"
                    | "higher"
                    | "highest"
                    | "low"
                    | "lower"
                    | "lowest"
                    | "better"
                    | "best"
                    | "worse"
                    | "worst"
                    | "top"
            )
        });
        if high && is_ranking(predicate) {
            direction.turned()
        } else {
            direction
        }
    }
}

/// Whether a predicate tells a place in a ranking.
fn is_ranking(predicate: &Predicate) -> bool {
    let ranks = |name: &Phrase| {
        name.head_word()
            .is_some_and(|head| matches!(head.text.as_str(), "rank" | "ranking" | "rankings"))
    };
    predicate.is_numeric() && predicate.names_by_side().0.iter().any(ranks)
}
