//! What somebody is, by a noun for a value: "who was a physicist", "both an actor and a politician".

use std::ops::Range;

use super::Step;
use crate::graph::Way;
use crate::propose::Proposer;

/// How well the fact fits by which most things have such a value, whatever it is called.
const IS_ONE: f64 = 0.6;
/// Things that have it at the least.
const SEVERAL: u64 = 2;

/// Takes the commonest fact that things have with a value for the one that is meant where the question says that somebody is one.
pub(super) fn says(p: &Proposer<'_>, span: &Range<usize>, steps: &mut [Step]) {
    if !is_one(p, span) {
        return;
    }
    let inverse = |step: &&mut Step| step.way == Way::Inverse && step.facts >= SEVERAL;
    let commonest = steps
        .iter_mut()
        .filter(inverse)
        .max_by_key(|step| step.facts);
    if let Some(step) = commonest {
        step.fit.score = step.fit.score.max(IS_ONE);
        step.fit.lexical = step.fit.lexical.max(IS_ONE);
    }
}

/// Whether a noun in small letters stands behind "a" or "an", and that behind what says that something is one.
fn is_one(p: &Proposer<'_>, span: &Range<usize>) -> bool {
    let tokens = &p.question.tokens;
    let word = |back: usize| {
        let at = span.start.checked_sub(back)?;
        Some(tokens[at].text.as_str())
    };
    let article = matches!(word(1), Some("a" | "an"));
    let copula = matches!(
        word(2),
        Some(
            "is" | "was" | "are" | "were" | "be" | "been" | "both" | "and" | "or" | "also" | "not"
        )
    );
    article && copula && tokens[span.clone()].iter().all(|token| !token.capital)
}
