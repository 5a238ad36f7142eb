//! Nouns for kinds of things, where no class says what a thing is.

use std::collections::HashMap;
use std::ops::Range;

use kg_store::rdf::{NamedNode, Term};

use super::{ClassMention, Proposer};
use crate::RetrieverError;
use crate::catalog::Phrase;
use crate::graph::{Hop, Way};
use crate::link::{Candidate, FIT_ALIAS, FIT_LABEL, Mention};
use crate::rank::{Match, RELATIONAL};
use crate::thesaurus::Word;

/// A class that fits this well is surely meant by a noun.
const SURELY: f64 = 0.9;
/// The class of what a thesaurus or a list of codes holds, which says nothing of what that is.
const CONCEPT: &str = "http://www.w3.org/2004/02/skos/core#Concept";
/// Predicates of an entity by which its kind is told.
const TELLING: usize = 6;

/// Whether a noun only says that what stands before it is a value: "postal | code", "email | address".
fn names_a_value(word: &str) -> bool {
    matches!(
        word,
        "id" | "identifier"
            | "number"
            | "code"
            | "name"
            | "address"
            | "value"
            | "date"
            | "content"
            | "level"
            | "amount"
            | "figure"
    )
}

impl Proposer<'_> {
    /// How far words are nouns for what a candidate is, by its classes or by what is said of it.
    pub(super) fn kind_words_of(
        &mut self,
        candidate: &Candidate,
    ) -> Result<Vec<f64>, RetrieverError> {
        let mut found = self.class_words(|class| self.is_of_class(candidate, class.class));
        let edges = self.edges(&candidate.entity.iri)?;
        let ends = [
            (&edges.outgoing, Way::Inverse),
            (&edges.incoming, Way::Forward),
        ];
        for (edges, way) in ends {
            for &(number, _) in edges.iter().take(TELLING) {
                let words = self.matcher.kind_words(number, way)?;
                for (at, found) in found.iter_mut().enumerate() {
                    *found = found.max(self.as_kind(at, words[at]));
                }
            }
        }
        // A sea is no river, though cities lie at both.
        let told = !candidate.entity.classes.is_empty();
        let of_another = |at: usize| {
            let mut classes = self.classes.iter().filter(|class| class.span.contains(&at));
            let own = |class: &ClassMention| self.is_of_class(candidate, class.class);
            let sure = classes.clone().any(|class| class.fit >= SURELY);
            sure && !classes.any(own)
        };
        // "Horror" says of science fiction what kind of thing it is, but beside it names something else.
        let names_another = |at: usize| {
            let mut names = self.mentions.iter().filter(|m| m.span.contains(&at));
            let another = |m: &Mention| {
                let own = |c: &Candidate| c.entity.iri == candidate.entity.iri;
                m.candidates.iter().any(|c| c.fit >= FIT_LABEL) && !m.candidates.iter().any(own)
            };
            let is_class = self.classes.iter().any(|class| class.span.contains(&at));
            !is_class && names.any(another)
        };
        for (at, found) in found.iter_mut().enumerate() {
            if (told && of_another(at)) || names_another(at) {
                *found = 0.0;
            }
        }
        Ok(found)
    }

    /// Whether a predicate gives no more than the names of things, or their classes, which nobody asks for who asks for these:
    /// "which songs" are no titles of songs.
    pub(super) fn only_names(&self, predicate: usize) -> bool {
        let catalog = self.view.catalog();
        let typing = catalog
            .conventions()
            .is_typing(&catalog.predicates()[predicate].iri);
        let kind = |at: usize| self.question.is_kind(at) && !self.is_of_something(at);
        let heads = || {
            let names = self.view.catalog().predicates()[predicate].names.iter();
            names.filter_map(|name| name.head_word())
        };
        let asked = |at: usize| {
            let token = &self.question.tokens[at];
            let called = matches!(token.text.as_str(), "called" | "named" | "titled");
            let named = !self.question.cue[at] && heads().any(|head| head.stem == token.stem);
            called || (named && !(typing && self.is_of_something(at)))
        };
        let mut words = 0..self.question.tokens.len();
        let names = catalog.predicates()[predicate].naming || (typing && !words.clone().any(kind));
        names && !words.any(asked)
    }

    /// Whether the noun before a word for kinds says of what: a "blood | type" is none of the person.
    pub(super) fn is_of_something(&self, at: usize) -> bool {
        let before = at.checked_sub(1).filter(|at| self.question.is_content(*at));
        before.is_some_and(|before| {
            let word = &self.question.tokens[before].text;
            let class = self
                .classes
                .iter()
                .any(|class| class.span.contains(&before));
            let thing = matches!(word.as_str(), "object" | "entity" | "item" | "thing");
            Word::of(word).is_noun() && !class && !thing
        })
    }

    /// Whether a predicate is named by the noun before the one that is asked for, which makes another thing of it: "the
    /// population | density of".
    pub(super) fn is_other_head(&self, fit: &Match) -> bool {
        let word = |at: usize| self.question.tokens[at].text.as_str();
        let head = self
            .question
            .asked
            .filter(|at| *at > 0 && fit.explains[*at] < 0.6 && !names_a_value(word(*at)));
        head.is_some_and(|at| self.question.is_content(at - 1) && fit.explains[at - 1] >= 0.9)
    }

    /// Whether a predicate is named by a noun for values of which the word before, which is all of another one's name, says
    /// which: "the email | address of".
    pub(super) fn is_value_of_another(&self, fit: &Match) -> bool {
        let words = &self.question.tokens;
        (1..words.len()).any(|at| {
            names_a_value(&words[at].text)
                && fit.explains[at] >= 0.9
                && fit.explains[at - 1] < 0.6
                && self.predicates.contains(&(at - 1..at))
        })
    }

    /// Spends such a noun on the predicate that the word before names.
    pub(super) fn spend_value_noun(&self, fit: &mut Match) {
        for at in 1..fit.explains.len() {
            let named = fit.explains[at - 1] >= 0.9 && self.predicates.contains(&(at - 1..at));
            if named && names_a_value(&self.question.tokens[at].text) {
                fit.explains[at] = 1.0;
            }
        }
    }

    /// Whether the noun for what is asked names what a predicate leads to, which its subjects are not: "which countries border
    /// it" does not ask for what is in it by a predicate that is called "country".
    pub(super) fn asks_for_objects(&self, (number, way): (usize, Way), fit: &Match) -> bool {
        let Some(at) = self
            .question
            .asked
            .filter(|at| way == Way::Inverse && fit.explains[*at] >= SURELY)
        else {
            return false;
        };
        let catalog = self.view.catalog();
        let predicate = &catalog.predicates()[number];
        let noun = &self.question.tokens[at].stem;
        let named = |name: &Phrase| name.head_word().is_some_and(|head| head.stem == *noun);
        let most = |facts: &u64| *facts * 2 >= predicate.facts;
        let mut range = predicate.range.iter().filter(|(_, facts)| most(facts));
        let joins_equals = range.any(|(class, _)| predicate.domain.get(class).is_some_and(most));
        let of_class = |class: &ClassMention| {
            let share = catalog.share(&predicate.domain, predicate.facts, class.class);
            share.is_some_and(|share| share > 0.0)
        };
        predicate.names_by_side().0.iter().any(named)
            && !joins_equals
            && !self.asked_classes().any(of_class)
    }

    /// Whether what names a predicate is one of its values: "her male children" does not ask for their sex.
    pub(super) fn is_a_value(
        &mut self,
        predicate: usize,
        fit: &Match,
    ) -> Result<bool, RetrieverError> {
        let most = fit.explains.iter().copied().fold(0.0, f64::max);
        let mut spans: Vec<Range<usize>> = Vec::new();
        for mention in self.mentions.iter().filter(|m| m.span.len() == 1) {
            let chief = mention.candidates.first();
            let said = fit.explains[mention.span.start] >= most;
            if let Some(candidate) = chief.filter(|c| said && c.fit >= FIT_ALIAS)
                && self.has(&candidate.entity.iri, (predicate, Way::Inverse))?
            {
                spans.push(mention.span.clone());
            }
        }
        let values = self
            .values
            .iter()
            .filter(|value| value.predicate == predicate);
        spans.extend(values.map(|value| value.span.clone()));
        let value = |at: usize| spans.iter().any(|span| span.contains(&at));
        let content = |at: &usize| self.question.is_content(*at) && !value(*at);
        let others = (0..fit.explains.len()).filter(content);
        let others = others.map(|at| fit.explains[at]).fold(0.0, f64::max);
        Ok(most > 0.0
            && (0..fit.explains.len()).any(|at| value(at) && fit.explains[at] == most)
            && others < 0.5 * most)
    }

    /// The classes that the noun for what is asked names.
    pub(super) fn asked_classes(&self) -> impl Iterator<Item = &ClassMention> {
        let asked = self.question.asked;
        let named = move |class: &&ClassMention| asked.is_some_and(|at| class.span.contains(&at));
        self.classes.iter().filter(named)
    }

    /// Whether neither of two classes holds the other.
    pub(super) fn are_apart(&self, a: usize, b: usize) -> bool {
        let catalog = self.view.catalog();
        !catalog.is_within(a, b) && !catalog.is_within(b, a)
    }

    /// Whether the noun for what is asked names a class that neither holds this one nor is held by it.
    pub(super) fn asks_for_another(&self, mention: &ClassMention) -> bool {
        let own = self
            .question
            .asked
            .is_some_and(|at| mention.span.contains(&at));
        let mut named = self.asked_classes().peekable();
        !own && named.peek().is_some()
            && named.all(|class| self.are_apart(class.class, mention.class))
    }

    /// Whether things of a class are no answer to the word that opens the question: no state is a time, and no paper is
    /// somebody.
    pub(super) fn is_no_answer(&self, mention: &ClassMention) -> bool {
        let question = self.question;
        if question.asked.is_some() {
            return false;
        }
        let word = self.view.catalog().classes()[mention.class].noun();
        (question.wants_time && word.as_ref().is_none_or(|word| !word.denotes("time")))
            || (question.wants_someone && word.as_ref().is_some_and(|word| word.is_nobody()))
            || (question.wants_place && word.as_ref().is_some_and(|word| word.is_nowhere()))
    }

    /// What a noun for a kind accounts for: less where it is as good a word for a predicate, which must then be
    /// asked for.
    pub(super) fn as_kind(&self, at: usize, fit: f64) -> f64 {
        let name = self.is_named(at) && !Word::of(&self.question.tokens[at].text).is_known();
        if (at > 0 && self.question.tokens[at].capital) || name {
            // A name is no noun for a kind.
            0.0
        } else if self.relational[at] >= RELATIONAL {
            0.4 * fit
        } else {
            fit
        }
    }

    /// How well some unused word names the kind of thing to which a fact leads.
    pub(super) fn kind_evidence(
        &mut self,
        number: usize,
        way: Way,
        used: &[bool],
    ) -> Result<f64, RetrieverError> {
        let best = self.class_evidence(number, way, used);
        let words = self.matcher.kind_words(number, way)?;
        let named = (0..used.len()).filter(|at| !used[*at]).map(|at| words[at]);
        Ok(named.fold(best, f64::max))
    }

    /// How far a class that the question names, by words not used yet, is one of what a fact leads to.
    pub(super) fn class_evidence(&self, number: usize, way: Way, used: &[bool]) -> f64 {
        let catalog = self.view.catalog();
        let predicate = &catalog.predicates()[number];
        let spread = predicate.classes_at(way);
        let mut best = 0.0_f64;
        for mention in &self.classes {
            let free = mention.span.clone().all(|at| !used[at]);
            let share = catalog.share(spread, predicate.facts, mention.class);
            if free && share.is_some_and(|share| share > 0.0) {
                best = best.max(mention.fit);
            }
        }
        best
    }

    /// Whether things of some classes, of which each is told as often, may be people or groups, as far as that is told.
    pub(super) fn may_be_somebody(&self, spread: &HashMap<usize, u64>) -> bool {
        let catalog = self.view.catalog();
        // Who holds an office is no country.
        let person = self.question.tokens.iter().enumerate().any(|(at, token)| {
            self.question.is_content(at)
                && !token.capital
                && Word::of(&token.text).denotes("person")
        });
        let nobody = |class: usize| {
            if catalog.classes()[class].iri == CONCEPT {
                // Whatever is in a list of codes is one.
                return false;
            }
            catalog.classes()[class].noun().is_some_and(|word| {
                word.is_nobody() || (person && word.is_noun() && !word.denotes("person"))
            })
        };
        let known: u64 = spread.values().sum();
        let others = spread.iter().filter(|(class, _)| nobody(**class));
        known == 0 || others.map(|(_, facts)| facts).sum::<u64>() < known
    }

    /// Whether a mention is called as somebody is: "prime minister of Canada", "UN Secretary-General".
    pub(super) fn is_role(&self, span: &Range<usize>) -> bool {
        let word = |at: usize| self.question.tokens[at].text.as_str();
        let head = span
            .clone()
            .find(|at| word(*at) == "of")
            .unwrap_or(span.end);
        head > span.start && Word::of(word(head - 1)).denotes("person")
    }

    /// Whether what has a fact has no name of its own: a statement, rather than what it is about.
    pub(super) fn is_of_nameless(&self, hop: &Hop) -> Result<bool, RetrieverError> {
        const SAMPLED: usize = 3;
        let predicate = NamedNode::new_unchecked(&hop.predicate);
        let facts = self
            .view
            .snapshot()
            .quads(None, Some(predicate.as_ref()), None, None);
        let mut things = Vec::new();
        for fact in facts.take(SAMPLED) {
            let fact = fact?;
            things.push(match hop.way {
                Way::Forward => fact.subject.into(),
                Way::Inverse => fact.object,
            });
        }
        self.are_nameless(&things)
    }

    /// Whether things have no name of their own: they stand for a statement, or for a value with its unit.
    pub(super) fn are_nameless(&self, things: &[Term]) -> Result<bool, RetrieverError> {
        for thing in things.iter().take(3) {
            let nameless = self.view.is_nameless(thing)?;
            if !nameless {
                return Ok(false);
            }
        }
        Ok(!things.is_empty())
    }

    /// The predicates of a node, named or not, and which way they lead from it.
    pub(super) fn ways_of(&mut self, node: &Term) -> Result<Vec<(usize, Way)>, RetrieverError> {
        const MOST: usize = 200;
        let (view, mut found) = (self.view, Vec::new());
        let mut note = |iri: &NamedNode, way| {
            if let Some(number) = view.catalog().predicate(iri.as_str())
                && !found.contains(&(number, way))
            {
                found.push((number, way));
            }
        };
        let subject = match node {
            Term::NamedNode(node) => Some(node.as_ref().into()),
            Term::BlankNode(node) => Some(node.as_ref().into()),
            _ => None,
        };
        if let Some(subject) = subject {
            for quad in view
                .snapshot()
                .quads(Some(subject), None, None, None)
                .take(MOST)
            {
                note(&quad?.predicate, Way::Forward);
            }
        }
        let object = Some(node.as_ref());
        for quad in view.snapshot().quads(None, None, object, None).take(MOST) {
            note(&quad?.predicate, Way::Inverse);
        }
        super::edges::tell_roles(view, node, &mut found)?;
        Ok(found)
    }
}
