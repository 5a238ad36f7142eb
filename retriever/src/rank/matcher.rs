//! Compares a question's words with the names of predicates.

mod adjusted;
mod meaning;
mod nouns;
mod ways;
mod words;

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

pub(crate) use adjusted::{leads_to, tells_a_reason};
pub use nouns::Nouns;
use words::Likeness;
pub(crate) use words::is_quantity;

use crate::RetrieverError;
use crate::catalog::{Catalog, Phrase, Predicate, cosine};
use crate::graph::Way;
use crate::question::{Form, Question};
use crate::rank::without::{Signal, Without};
use crate::retrieve::Encoder;
use crate::thesaurus;

/// How well a predicate fits the question.
#[derive(Clone, Debug, Default)]
pub struct Match {
    /// From 0 to 1.
    pub score: f64,
    /// The part of it that words alone give.
    pub lexical: f64,
    /// How far each token is accounted for, from 0 to 1.
    pub explains: Vec<f64>,
}

impl Match {
    /// Nothing that speaks for a predicate, in a question of so many words.
    pub fn none(count: usize) -> Self {
        Self {
            explains: vec![0.0; count],
            ..Self::default()
        }
    }

    /// Takes the better of two ways of comparing, and what either accounts for.
    pub fn improve(&mut self, other: &Self) {
        self.score = self.score.max(other.score);
        for (own, other) in self.explains.iter_mut().zip(&other.explains) {
            *own = own.max(*other);
        }
    }
}

/// Compares one question with predicates, and remembers what it computed.
pub struct Matcher<'a> {
    question: &'a Question,
    catalog: &'a Catalog,
    encoder: Option<&'a dyn Encoder>,
    /// Vectors of the question without the words of some spans, by these.
    masked: HashMap<Vec<Range<usize>>, Vec<Arc<[f32]>>>,
    /// Vectors of some of its words, by these.
    phrases: HashMap<Vec<usize>, Arc<[f32]>>,
    names: HashMap<usize, Vec<Arc<[f32]>>>,
    likeness: Likeness<'a>,
    /// Vectors of the content words, each alone.
    words: Option<Vec<Option<Arc<[f32]>>>>,
    /// How close each word is to each predicate in meaning.
    meanings: HashMap<usize, Rc<[f64]>>,
    /// How close each word is to an average predicate.
    usual: Option<Rc<[f64]>>,
    kinds: HashMap<(usize, Way), Rc<[f64]>>,
    /// Whether kinds are told by profiles.
    by_profile: bool,
    relational: Option<Rc<[f64]>>,
    nouns: Nouns,
}

// Cosines of MiniLM for a question and the name of a predicate lie mostly between these: unrelated pairs
// below the first, paraphrases above the second.
const UNRELATED: f64 = 0.18;
const PARAPHRASE: f64 = 0.68;
// For single words the cosines are higher and less telling; what is above a word's usual one counts.
const WORD_UNRELATED: f64 = 0.14;
const WORD_PARAPHRASE: f64 = 0.54;
// For a noun and the predicates that things of its kind have.
const OTHER_KIND: f64 = 0.16;
const SAME_KIND: f64 = 0.44;
/// A word that is this like a word of some predicate's name most likely asks for that predicate.
pub(crate) const RELATIONAL: f64 = 0.55;
/// Predicates that an average is taken of.
const AVERAGED: usize = 200;

impl<'a> Matcher<'a> {
    /// Prepares to compare a question with the predicates of a knowledge base.
    pub fn new(
        question: &'a Question,
        catalog: &'a Catalog,
        encoder: Option<&'a dyn Encoder>,
        nouns: Nouns,
    ) -> Self {
        Self {
            question,
            catalog,
            encoder,
            masked: HashMap::new(),
            phrases: HashMap::new(),
            names: HashMap::new(),
            likeness: Likeness::new(question),
            words: None,
            meanings: HashMap::new(),
            usual: None,
            kinds: HashMap::new(),
            by_profile: true,
            relational: None,
            nouns,
        }
    }

    /// The predicates that the question is compared with.
    pub fn catalog(&self) -> &'a Catalog {
        self.catalog
    }

    /// Compares without some signals.
    pub(crate) fn leave_out(&mut self, without: Without) {
        self.by_profile = !without.has(Signal::Kinds);
        self.likeness.by_thesaurus = !without.has(Signal::Thesaurus);
    }

    /// How well a predicate fits the question outside of the tokens that mentions use. The `hidden` spans,
    /// such as the chief mention, are taken out before meanings are compared.
    pub fn score(
        &mut self,
        number: usize,
        used: &[bool],
        hidden: &[Range<usize>],
    ) -> Result<Match, RetrieverError> {
        let catalog = self.catalog;
        let predicate = &catalog.predicates()[number];
        let weights = self.noun_weights(number)?;
        let mut best = self.lexical(&predicate.names, used, &weights);
        best.score = best.lexical;
        let semantic = self.semantic(number, predicate, hidden, &weights)?;
        let meaning = 0.92 * semantic;
        if meaning > best.score {
            best.score = 0.9 * meaning + 0.1 * best.score;
            // Meaning is compared as a whole: it accounts for every common word, but only where it is close, and
            // hardly for words that name another predicate.
            let relational = self.relational()?;
            for (at, explains) in best.explains.iter_mut().enumerate() {
                let token = &self.question.tokens[at];
                let name = token.capital && at > 0;
                // "Also" and "together" are for the structure of a reading to account for.
                if !(used[at] || name || self.question.sharing[at]) {
                    let elsewhere = (relational[at] >= RELATIONAL
                        || self.nouns.named.contains(&at))
                        && *explains < 0.5;
                    let share = if elsewhere { 0.3 } else { 1.0 };
                    *explains = explains.max(share * meaning * meaning);
                }
            }
        } else {
            best.score += 0.05 * meaning * (1.0 - best.score);
        }
        self.adjust(number, used, &mut best);
        Ok(best)
    }

    /// How well words alone fit the best of some names.
    fn lexical(&mut self, names: &[Phrase], used: &[bool], weights: &[f64]) -> Match {
        let count = self.question.tokens.len();
        let mut best = Match::none(count);
        let mut said = Vec::with_capacity(names.len());
        for name in names {
            let mut explains = vec![0.0_f64; count];
            let (mut matched, mut total) = (0.0, 0.0);
            let words = name.tokens.iter().zip(&name.weights);
            for (word, weight) in words.skip(counted_from(self.question, name)) {
                total += weight;
                let likeness = self.likeness.of(word);
                let found = (0..count)
                    .filter(|at| !used[*at])
                    .map(|at| (weights[at] * likeness[at], at))
                    .max_by(|a, b| a.0.total_cmp(&b.0));
                if let Some((likeness, at)) = found.filter(|(likeness, _)| *likeness > 0.0) {
                    matched += weight * likeness;
                    explains[at] = explains[at].max(likeness);
                }
            }
            let mut score = if total > 0.0 { matched / total } else { 0.0 };
            if score >= best.lexical && score > 0.0 {
                score *= self.qualified(name, used);
            }
            said.push(explains.clone());
            let explained = |e: &[f64]| e.iter().sum::<f64>();
            // Of two names that fit as well, the one that accounts for more of the question.
            if score > best.lexical
                || (score == best.lexical && explained(&explains) > explained(&best.explains))
            {
                best = Match {
                    score,
                    lexical: score,
                    explains,
                };
            }
        }
        // A longer name accounts for further words: "what | position | did she | play" of "position played on team".
        let longer = |explains: &Vec<f64>| {
            let mut pairs = explains.iter().zip(&best.explains);
            pairs.all(|(longer, own)| longer >= own)
        };
        // And so does another one for what says the same again: "the | player | who | played for".
        let again = |at: usize, own: &[f64]| {
            let stem = &self.question.tokens[at].stem;
            let mut tokens = self.question.tokens.iter().zip(own);
            tokens.any(|(token, explained)| *explained >= GOOD && token.stem == *stem)
        };
        let own = best.explains.clone();
        let all: Vec<bool> = said.iter().map(longer).collect();
        for (explains, longer) in said.iter().zip(all) {
            for (at, explained) in explains.iter().enumerate() {
                if longer || (*explained >= GOOD && again(at, &own)) {
                    best.explains[at] = best.explains[at].max(*explained);
                }
            }
        }
        best
    }

    /// How well a predicate fits some of the question's words, each taken alone: for questions that name several
    /// predicates, of which each has words of its own. `near` orders words that fit as well: the lowest first;
    /// `beside` says whether two words can belong to one name.
    pub fn local(
        &mut self,
        number: usize,
        used: &[bool],
        near: &dyn Fn(usize) -> usize,
        beside: &dyn Fn(usize, usize) -> bool,
    ) -> Result<Match, RetrieverError> {
        let catalog = self.catalog;
        let count = self.question.tokens.len();
        let weights = self.noun_weights(number)?;
        let mut best = Match::none(count);
        for name in &catalog.predicates()[number].names {
            let mut explains = vec![0.0_f64; count];
            let (mut matched, mut total, mut most) = (0.0, 0.0, 0.0_f64);
            let heaviest = name.weights.iter().copied().fold(0.0, f64::max);
            // The word that fits best is the anchor; the others of the name must stand by it.
            let from = counted_from(self.question, name);
            let mut words: Vec<(usize, f64)> = (from..name.tokens.len())
                .map(|n| {
                    let likeness = self.likeness.of(&name.tokens[n]);
                    let free = (0..count).filter(|at| !used[*at]);
                    let best = free
                        .map(|at| weights[at] * likeness[at])
                        .fold(0.0, f64::max);
                    (n, best * name.weights[n])
                })
                .collect();
            words.sort_by(|a, b| b.1.total_cmp(&a.1));
            let mut anchor = None;
            for &(n, _) in &words {
                let weight = name.weights[n];
                total += weight;
                let likeness: Vec<f64> = self
                    .likeness
                    .of(&name.tokens[n])
                    .iter()
                    .zip(&weights)
                    .map(|(like, weight)| like * weight)
                    .collect();
                let found = (0..count)
                    .filter(|at| !used[*at] && likeness[*at] > 0.0)
                    .filter(|at| anchor.is_none_or(|anchor| beside(anchor, *at)))
                    .map(|at| (likeness[at].min(GOOD) - distant(near(at)), at))
                    .max_by(|a, b| a.0.total_cmp(&b.0));
                if let Some((_, at)) = found {
                    anchor = anchor.or(Some(at));
                    matched += weight * likeness[at];
                    most = most.max(likeness[at] * weight / heaviest);
                    explains[at] = explains[at].max(likeness[at]);
                }
            }
            let score = if total > 0.0 {
                // Of a long name, one word tells less.
                let share = if words.len() > 3 { 0.65 } else { 0.5 };
                share * matched / total + (1.0 - share) * most
            } else {
                0.0
            };
            if score <= best.score {
                continue;
            }
            let score = score * self.qualified(name, used);
            if score > best.score {
                best = Match {
                    score,
                    lexical: score,
                    explains,
                };
            }
        }
        let meanings = self.meanings(number)?;
        // What is written as a name asks for its bearer, whatever it means.
        let closest = (0..count)
            .filter(|at| !used[*at] && (*at == 0 || !self.question.tokens[*at].capital))
            .map(|at| (weights[at] * meanings[at], at))
            .max_by(|a, b| (a.0 - distant(near(a.1))).total_cmp(&(b.0 - distant(near(b.1)))));
        if let Some((meaning, at)) = closest
            && 0.85 * meaning > best.score
        {
            best.score = 0.85 * meaning;
            best.explains.fill(0.0);
            best.explains[at] = meaning;
        }
        self.adjust(number, used, &mut best);
        Ok(best)
    }

    /// How far each word is one for the kind of thing at an end of a predicate's facts: at the object's where it is
    /// read forward, else at the subject's.
    pub fn kind_words(&mut self, number: usize, way: Way) -> Result<Rc<[f64]>, RetrieverError> {
        if let Some(known) = self.kinds.get(&(number, way)) {
            return Ok(Rc::clone(known));
        }
        let catalog = self.catalog;
        let predicate = &catalog.predicates()[number];
        let count = self.question.tokens.len();
        let mut found = vec![0.0_f64; count];
        // What "starred actors" leads to is an actor.
        let (forward, inverse) = predicate.names_by_side();
        let names = match way {
            Way::Forward => forward,
            Way::Inverse => inverse,
        };
        for word in names.iter().flat_map(|name| &name.tokens[..name.head]) {
            let likeness = self.likeness.of(word);
            for (at, found) in found.iter_mut().enumerate() {
                // A filmmaker is a maker, and no film.
                if !thesaurus::begins_with(&word.text, &self.question.tokens[at].text) {
                    *found = found.max(0.9 * likeness[at]);
                }
            }
        }
        let profile = match way {
            Way::Forward => &predicate.profiles[1],
            Way::Inverse => &predicate.profiles[0],
        };
        // A number or a date is a value, and of no kind that others tell.
        let value = way == Way::Forward && (predicate.is_numeric() || predicate.is_temporal());
        let told = self.by_profile && !profile.is_empty() && !value;
        if let Some(encoder) = self.encoder.filter(|_| told) {
            let profile = catalog.vectors().of(&[profile.as_str()], encoder)?;
            for (word, found) in self.words()?.iter().zip(&mut found) {
                if let (Some(word), Some(profile)) = (word, profile.first()) {
                    let close = (cosine(word, profile) - OTHER_KIND) / (SAME_KIND - OTHER_KIND);
                    *found = found.max(close.clamp(0.0, 0.9));
                }
            }
        }
        for at in self.other_members(predicate) {
            found[at] = 0.0;
        }
        let found: Rc<[f64]> = found.into();
        self.kinds.insert((number, way), Rc::clone(&found));
        Ok(found)
    }

    /// How like each token is to the closest word of any predicate's name.
    pub fn relational(&mut self) -> Result<Rc<[f64]>, RetrieverError> {
        if let Some(known) = &self.relational {
            return Ok(Rc::clone(known));
        }
        let catalog = self.catalog;
        let mut found = vec![0.0_f64; self.question.tokens.len()];
        for (number, predicate) in catalog.predicates().iter().enumerate() {
            let weights = self.noun_weights(number)?;
            for word in predicate.names.iter().flat_map(|name| &name.tokens) {
                let likeness = self.likeness.of(word);
                for (at, found) in found.iter_mut().enumerate() {
                    *found = found.max(weights[at] * likeness[at]);
                }
            }
        }
        let found: Rc<[f64]> = found.into();
        self.relational = Some(Rc::clone(&found));
        Ok(found)
    }

    /// How close each content word is to a predicate in meaning, from 0 to 1, beyond how close it is to any.
    fn meanings(&mut self, number: usize) -> Result<Rc<[f64]>, RetrieverError> {
        if let Some(known) = self.meanings.get(&number) {
            return Ok(Rc::clone(known));
        }
        let usual = self.usual()?;
        let close = self.closeness(number)?;
        let found: Rc<[f64]> = close
            .iter()
            .zip(usual.iter())
            .map(|(close, usual)| {
                let above = close - 0.5 * usual - WORD_UNRELATED;
                (above / (WORD_PARAPHRASE - WORD_UNRELATED)).clamp(0.0, 1.0)
            })
            .collect();
        self.meanings.insert(number, Rc::clone(&found));
        Ok(found)
    }

    fn usual(&mut self) -> Result<Rc<[f64]>, RetrieverError> {
        if let Some(known) = &self.usual {
            return Ok(Rc::clone(known));
        }
        let averaged = self.catalog.predicates().len().min(AVERAGED);
        let mut sums = vec![0.0; self.question.tokens.len()];
        for number in 0..averaged {
            for (sum, close) in sums.iter_mut().zip(self.closeness(number)?) {
                *sum += close / averaged as f64;
            }
        }
        let usual: Rc<[f64]> = sums.into();
        self.usual = Some(Rc::clone(&usual));
        Ok(usual)
    }

    fn closeness(&mut self, number: usize) -> Result<Vec<f64>, RetrieverError> {
        let Some(encoder) = self.encoder else {
            return Ok(vec![0.0; self.question.tokens.len()]);
        };
        self.embed_names(number, encoder)?;
        self.words()?;
        let (names, words) = (&self.names[&number], self.words.as_deref().unwrap_or(&[]));
        Ok(words
            .iter()
            .map(|word| {
                let of =
                    |word: &Arc<[f32]>| names.iter().map(|n| cosine(word, n)).fold(0.0, f64::max);
                word.as_ref().map_or(0.0, of)
            })
            .collect())
    }

    /// Vectors of the words that carry content.
    fn words(&mut self) -> Result<&[Option<Arc<[f32]>>], RetrieverError> {
        if self.words.is_none() {
            let question = self.question;
            let count = question.tokens.len();
            let mut words = vec![None; count];
            if let Some(encoder) = self.encoder {
                // A number is close to whatever has to do with numbers: "2012" to "year".
                let content: Vec<usize> = (0..count)
                    .filter(|at| question.is_content(*at) && !question.tokens[*at].is_number())
                    .collect();
                let texts: Vec<&str> = content
                    .iter()
                    .map(|at| question.tokens[*at].text.as_str())
                    .collect();
                let vectors = self.catalog.vectors().of(&texts, encoder)?;
                for (at, vector) in content.into_iter().zip(vectors) {
                    words[at] = Some(vector);
                }
            }
            self.words = Some(words);
        }
        Ok(self.words.as_deref().unwrap_or(&[]))
    }
}

/// What is left of how well a predicate fits by a noun that it cannot be meant by.
const ANOTHER: f64 = 0.3;

/// How well a predicate fits an adjective that stands for a property, by words for the property, the likelier ones first.
pub(crate) fn implied(predicate: &Predicate, property: &[&str]) -> Option<f64> {
    let place = property.iter().position(|word| predicate.is_called(word))?;
    Some(IMPLIED - LESS_LIKELY * place as f64)
}

/// What the likeliest word for a property is worth, and how much less each next one.
const IMPLIED: f64 = 0.9;
const LESS_LIKELY: f64 = 0.04;

/// Words at least this like are told apart by their distance alone: "the films directed by the director of".
const GOOD: f64 = 0.8;

/// What a word loses by its distance: of two that fit about as well, the nearer one is meant.
fn distant(words: usize) -> f64 {
    0.04 * words.min(8) as f64
}
/// Where the words of a name begin that a question which counts has for it: "how many | episodes" asks for the "number of
/// episodes".
fn counted_from(question: &Question, name: &Phrase) -> usize {
    let counts = matches!(question.form, Form::Count | Form::Calculate(_))
        || question.threshold.is_some()
        || question.superlative.is_some()
        || question.comparative.is_some();
    name.counted_from().filter(|_| counts).unwrap_or(0)
}
