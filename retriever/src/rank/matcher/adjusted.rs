//! What else tells how well a predicate fits than its own names.

use super::{Match, Matcher, implied};
use crate::catalog::Predicate;
use crate::question::Neighbour;
use crate::text;

/// What is left of how well a predicate fits that says again what another one says.
const AGAIN: f64 = 0.95;
/// The same for one that says it in texts, where the other one leads to things, numbers or days.
const ROUGH: f64 = 0.8;
/// How well a predicate that tells reasons fits "why".
const REASON: f64 = 0.9;
/// How well one that tells materials fits "made of".
const MATERIAL: f64 = 0.9;
/// How well one that tells words fits "describe".
const WORDS: f64 = 0.85;

/// How well one that leads to what is next to something fits "what came right after it".
const NEIGHBOUR: f64 = 0.95;

impl Matcher<'_> {
    /// Takes a predicate for one that a word asks for as a measure or a reason: "how tall", "why". One that says again what
    /// another one says goes behind it.
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
        let question = self.question;
        type Tells = fn(&Predicate) -> bool;
        let wanted: [(Option<usize>, Tells, f64); 3] = [
            (question.wants_reason, tells_a_reason, REASON),
            (question.wants_material, tells_a_material, MATERIAL),
            (question.wants_words, tells_words, WORDS),
        ];
        for (at, tells, worth) in wanted {
            if let Some(at) = at.filter(|at| !used[*at])
                && tells(predicate)
            {
                fit.imply(at, worth);
            }
        }
        if let Some((span, neighbour)) = &question.wants_neighbour
            && !used[span.start]
            && leads_to(predicate, *neighbour)
        {
            span.clone().for_each(|at| fit.imply(at, NEIGHBOUR));
        }
        let Some((at, property)) = question.measured.filter(|(at, _)| !used[*at]) else {
            return;
        };
        let numeric = predicate.is_numeric() || !predicate.through.is_empty();
        if let Some(score) = implied(predicate, property).filter(|_| numeric) {
            fit.imply(at, score);
        }
    }
}

/// Whether a predicate leads to what is next to something in order, on one side, by what it is called: "next event", "followed
/// by", "predecessor". It leads from things of a class to others of it.
pub(crate) fn leads_to(predicate: &Predicate, neighbour: Neighbour) -> bool {
    let (domain, range) = (&predicate.domain, &predicate.range);
    let alike =
        domain.is_empty() || range.is_empty() || domain.keys().any(|c| range.contains_key(c));
    let (direct, _) = predicate.names_by_side();
    let mut sides = direct.iter().map(|name| {
        let words = name.tokens.iter().map(|token| token.text.as_str());
        side_of(&words.collect::<Vec<_>>())
    });
    predicate.is_of_things() && alike && sides.any(|side| side == Some(neighbour))
}

/// The side that a name is for.
fn side_of(name: &[&str]) -> Option<Neighbour> {
    match name {
        ["followed" | "succeeded" | "replaced", "by"]
        | ["precedes" | "successor"]
        | ["predecessor", "of" | "to"]
        | ["next" | "following" | "subsequent"]
        | ["next" | "following" | "subsequent", _] => Some(Neighbour::Next),
        ["preceded", "by"]
        | ["follows" | "succeeds" | "replaces" | "predecessor"]
        | ["successor", "of" | "to"]
        | ["previous" | "preceding" | "prior"]
        | ["previous" | "preceding" | "prior", _] => Some(Neighbour::Previous),
        _ => None,
    }
}

impl Match {
    /// Takes a word for one that implies the predicate so far.
    fn imply(&mut self, at: usize, score: f64) {
        self.score = self.score.max(score);
        self.lexical = self.lexical.max(score);
        self.explains[at] = self.explains[at].max(score);
    }
}

/// Whether a predicate is called by a word for what something is made of.
fn tells_a_material(predicate: &Predicate) -> bool {
    const MADE_OF: [&str; 6] = [
        "material",
        "consist",
        "composition",
        "compose",
        "ingredient",
        "fabric",
    ];
    let (direct, _) = predicate.names_by_side();
    let mut words = direct.iter().flat_map(|name| &name.tokens);
    words.any(|word| MADE_OF.iter().any(|made| text::stem(made) == word.stem))
}

/// Whether a predicate is called by a word for words that describe something.
fn tells_words(predicate: &Predicate) -> bool {
    const WORDS: [&str; 7] = [
        "tag",
        "keyword",
        "topic",
        "theme",
        "subject",
        "term",
        "descriptor",
    ];
    is_called(predicate, &WORDS)
}

/// Whether the chief word of a predicate's name is one of some, and what it tells is no number and no day.
fn is_called(predicate: &Predicate, words: &[&str]) -> bool {
    let (direct, _) = predicate.names_by_side();
    let heads = direct.iter().filter_map(|name| name.head_word());
    let mut stems = heads.map(|head| head.stem.as_str());
    !predicate.is_numeric()
        && !predicate.is_temporal()
        && stems.any(|stem| words.iter().any(|word| text::stem(word) == stem))
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
    is_called(predicate, &REASONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_for_one_side() {
        for (name, side) in [
            ("next event", Some(Neighbour::Next)),
            ("followed by", Some(Neighbour::Next)),
            ("predecessor of", Some(Neighbour::Next)),
            ("predecessor", Some(Neighbour::Previous)),
            ("follows", Some(Neighbour::Previous)),
            ("next of kin", None),
            ("owner", None),
        ] {
            let words: Vec<&str> = name.split(' ').collect();
            assert_eq!(side_of(&words), side, "{name}");
        }
    }
}
