//! What a reading must not leave out: else it would answer another question than the one that was asked.

use std::ops::Range;

use super::Proposer;
use crate::catalog::Catalog;
use crate::link::FIT_DERIVED;
use crate::question::Question;
use crate::text;

/// A word is accounted for when it is explained this far; a decisive one, when it is that very word.
const EXPLAINED: f64 = 0.5;
const CERTAIN: f64 = 0.9;
/// A word that is explained less than this far is left out.
const HARDLY: f64 = 0.5;

impl Proposer<'_> {
    /// Whether a reading passes over a decisive word, over a predicate that the question names in full, or over
    /// something that it mentions by name.
    pub(super) fn leaves_out(&self, used: &[bool], explains: &[&[f64]]) -> bool {
        let explained = |at: usize| {
            let of = explains.iter().filter_map(|e| e.get(at));
            of.copied().fold(0.0, f64::max)
        };
        let decisive = (0..used.len())
            .any(|at| self.question.decisive[at] && !used[at] && explained(at) < CERTAIN);
        // "The Nordic countries" are not all countries.
        let narrower = (0..used.len().saturating_sub(1)).any(|at| {
            let used = used[at] || used[at + 1];
            !used && self.restricts(at) && explained(at) < HARDLY && explained(at + 1) >= EXPLAINED
        });
        decisive
            || narrower
            || self.predicates.iter().any(|span| {
                span.clone()
                    .all(|at| !used[at] && explained(at) < EXPLAINED)
            })
            || self.mentions.iter().any(|mention| {
                let span = &mention.span;
                // Words without capitals are as often words as they are names.
                let by_name = span.clone().all(|at| {
                    at > 0 && (self.question.tokens[at].capital || !self.question.is_content(at))
                });
                // A predicate may have the name in its own.
                let mut told = span.clone().filter(|at| self.question.is_content(*at));
                by_name
                    && !self.says_where(span)
                    && mention.candidates.iter().any(|c| c.fit >= FIT_DERIVED)
                    && span.clone().all(|at| !used[at])
                    && told.any(|at| explained(at) < CERTAIN)
            })
    }
}

impl Proposer<'_> {
    /// Whether a name only says which bearer of the name before it is meant: "Lucan, Dublin".
    fn says_where(&self, span: &Range<usize>) -> bool {
        let question = self.question;
        let Some(before) = span.start.checked_sub(1) else {
            return false;
        };
        let gap = question.tokens[before].end..question.tokens[span.start].start;
        let comma = question.text.get(gap).is_some_and(|gap| gap.contains(','));
        let next = question
            .tokens
            .get(span.end)
            .map(|token| token.text.as_str());
        let named = self.mentions.iter().any(|mention| {
            mention.span.end == span.start
                && mention.candidates.iter().any(|c| c.fit >= FIT_DERIVED)
        });
        comma && named && !matches!(next, Some("and" | "or"))
    }
}

/// The spans of a question that name a predicate in full, by words that carry content. Words derived from a name
/// are other words: who performs is not asked for when it is asked what somebody performs.
pub(super) fn named_predicates(question: &Question, catalog: &Catalog) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let names = catalog.predicates().iter().flat_map(|p| &p.names);
    for name in names.filter(|name| !name.tokens.is_empty()) {
        for (start, window) in question.tokens.windows(name.tokens.len()).enumerate() {
            let span = start..start + window.len();
            let same = window
                .iter()
                .zip(&name.tokens)
                .all(|(a, b)| a.text == b.text || a.text.strip_suffix('s') == Some(&b.text));
            let content = window
                .iter()
                .zip(span.clone())
                .any(|(token, at)| question.is_content(at) && !text::is_function_word(&token.text));
            if same && content && !found.contains(&span) {
                found.push(span);
            }
        }
    }
    found
}
