//! What else tells how well a predicate fits than its own names.

use super::{Match, Matcher, implied};
use crate::catalog::Predicate;

/// What is left of how well a predicate fits that says again what another one says.
const AGAIN: f64 = 0.95;
/// The same for one that says it in texts, where the other one leads to things, numbers or days.
const ROUGH: f64 = 0.8;
/// How well a predicate that tells reasons fits "why".
const REASON: f64 = 0.9;

impl Matcher<'_> {
    /// Takes a predicate for one that a word asks for as a measure or a reason: "how tall", "why". One that says again what another one says
    /// goes behind it.
    pub(super) fn adjust(&self, number: usize, used: &[bool], fit: &mut Match) {
        let predicate = &self.catalog.predicates()[number];
        self.tell_members_apart(predicate, used, fit);
        let worth = match (predicate.duplicate, predicate.rough) {
            (_, true) => ROUGH,
            (true, false) => AGAIN,
            (false, false) => 1.0,
        };
        fit.score *= worth;
        fit.lexical *= worth;
        if let Some(at) = self.question.wants_reason.filter(|at| !used[*at])
            && tells_a_reason(predicate)
        {
            fit.score = fit.score.max(REASON);
            fit.lexical = fit.lexical.max(REASON);
            fit.explains[at] = fit.explains[at].max(REASON);
        }
        let Some((at, property)) = self.question.measured.filter(|(at, _)| !used[*at]) else {
            return;
        };
        let numeric = predicate.is_numeric() || !predicate.through.is_empty();
        if let Some(score) = implied(predicate, property).filter(|_| numeric) {
            fit.score = fit.score.max(score);
            fit.lexical = fit.lexical.max(score);
            fit.explains[at] = fit.explains[at].max(score);
        }
    }
}

/// Whether a predicate is called by a word for what something is done or happens for.
pub(crate) fn tells_a_reason(predicate: &Predicate) -> bool {
    const REASONS: [&str; 10] = [
        "reason",
        "motivation",
        "motive",
        "cause",
        "purpose",
        "rationale",
        "justification",
        "ground",
        "explanation",
        "aim",
    ];
    let (direct, _) = predicate.names_by_side();
    let heads = direct.iter().filter_map(|name| name.head_word());
    let mut stems = heads.map(|head| head.stem.as_str());
    !predicate.is_numeric()
        && !predicate.is_temporal()
        && stems.any(|stem| {
            REASONS
                .iter()
                .any(|reason| crate::text::stem(reason) == stem)
        })
}
