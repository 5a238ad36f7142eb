//! Nouns for kinds of things, which hardly name predicates.

use super::words::classifies;
use super::{ANOTHER, Match, Matcher, counted_from};
use crate::RetrieverError;
use crate::catalog::{Phrase, Predicate};
use crate::graph::Way;
use crate::question::may_mean;
use crate::text;
use crate::thesaurus;

/// A noun this close to what else is said of things is one for their kind.
const OWN_KIND: f64 = 0.5;
/// A word this like one of the head of a predicate's name names the predicate.
const HEAD: f64 = 0.5;
/// A word this like a noun is that noun.
const THAT_NOUN: f64 = 0.95;
/// What the name of a predicate counts for where another word qualifies its noun.
const QUALIFIED: f64 = 0.6;
/// What a noun beside a name counts for as a word for a predicate.
const APPOSED: f64 = 0.2;

/// Nouns of a question that hardly name predicates.
#[derive(Clone, Debug, Default)]
pub struct Nouns {
    /// Those that say what kind of thing the answer or a named thing is: "which films", "the film Alien".
    pub kinds: Vec<usize>,
    /// Those that say nothing but of what kind a named thing is.
    pub apposed: Vec<usize>,
    /// Those that are names of things as well, and of no class: "human", "bronze".
    pub named: Vec<usize>,
}

impl Matcher<'_> {
    /// How much each word counts for a predicate: a noun for the kind of thing that has it hardly names it, as "film"
    /// does not name the predicate "kind of film" of a film.
    pub(super) fn noun_weights(&mut self, number: usize) -> Result<Vec<f64>, RetrieverError> {
        let mut weights = vec![1.0; self.question.tokens.len()];
        if !self.nouns.kinds.is_empty() {
            let kinds = self.kind_words(number, Way::Inverse)?;
            let heads = self.heads(number);
            for at in self.nouns.kinds.clone() {
                let own = kinds[at] >= OWN_KIND || self.is_of_a_kind(number, at);
                // But one that asks for the facts from the object's side does.
                if own && heads[at] < HEAD && !self.asks_inversely(number, at) {
                    weights[at] = 0.4;
                }
            }
        }
        for &at in &self.nouns.apposed {
            weights[at] = APPOSED;
        }
        Ok(weights)
    }

    /// What a name counts for of which the question has the chief noun, but another word before it: a "melting point" is
    /// no "boiling point".
    pub(super) fn qualified(&mut self, name: &Phrase, used: &[bool]) -> f64 {
        let words = &name.tokens[..name.head];
        let [.., modifier, noun] = words else {
            return 1.0;
        };
        let (nouns, own) = (self.likeness.of(noun), self.likeness.of(modifier));
        if text::is_function_word(&modifier.text) || own.iter().any(|like| *like >= HEAD) {
            return 1.0;
        }
        let noun = (1..used.len()).find(|at| !used[*at] && nouns[*at] >= THAT_NOUN);
        let Some(before) = noun.map(|at| at - 1) else {
            return 1.0;
        };
        let mut like = 0.0_f64;
        for word in words {
            like = like.max(self.likeness.of(word)[before]);
        }
        let other = self.question.is_content(before) && !used[before] && like < HEAD;
        if other { QUALIFIED } else { 1.0 }
    }

    /// The tokens that are nouns for members of a family of whom a predicate does not tell.
    pub(super) fn other_members(&self, predicate: &Predicate) -> impl Iterator<Item = usize> {
        let meant = |noun: &str| {
            let mut words = predicate.names.iter().flat_map(|name| &name.tokens);
            words.any(|word| may_mean(noun, &word.text))
        };
        let others = self
            .question
            .members
            .iter()
            .filter(move |(_, noun)| !meant(noun));
        others.map(|(at, _)| *at)
    }

    /// Takes back what such a noun accounts for.
    pub(super) fn tell_members_apart(&self, predicate: &Predicate, used: &[bool], fit: &mut Match) {
        let most = fit.explains.iter().copied().fold(0.0, f64::max);
        for at in self.other_members(predicate) {
            if used[at] || fit.explains[at] == 0.0 {
                continue;
            }
            if fit.explains[at] >= most {
                fit.score *= ANOTHER;
                fit.lexical *= ANOTHER;
            }
            fit.explains[at] = 0.0;
        }
    }

    /// Whether a token is only a word for that of which a predicate tells the kind, as "film" is of the "kind of film", and not the
    /// one after a word for kinds: "what kind of film".
    fn is_of_a_kind(&mut self, number: usize, at: usize) -> bool {
        let asked = (0..at)
            .rev()
            .take(2)
            .any(|before| self.question.is_kind(before));
        let catalog = self.catalog;
        let (direct, _) = catalog.predicates()[number].names_by_side();
        let mut of_kinds = direct.iter().filter(|name| {
            let head = name.head_word().map(|word| word.text.as_str());
            head.is_some_and(classifies) && name.head < name.tokens.len()
        });
        !asked
            && of_kinds.any(|name| {
                let mut words = name.tokens[name.head..].iter();
                words.any(|word| self.likeness.of(word)[at] >= HEAD)
            })
    }

    /// How like each token is to a word of the head of a predicate's name.
    fn heads(&mut self, number: usize) -> Vec<f64> {
        let catalog = self.catalog;
        let mut found = vec![0.0_f64; self.question.tokens.len()];
        let names = catalog.predicates()[number].names.iter();
        // "How many accidents" asks for the "number of accidents".
        let head = |name: &'_ Phrase| match counted_from(self.question, name) {
            0 => 0..name.head,
            from => from..name.tokens.len(),
        };
        for word in names.flat_map(|name| &name.tokens[head(name)]) {
            let likeness = self.likeness.of(word);
            for (at, found) in found.iter_mut().enumerate() {
                if !thesaurus::begins_with(&word.text, &self.question.tokens[at].text) {
                    *found = found.max(likeness[at]);
                }
            }
        }
        found
    }
}
