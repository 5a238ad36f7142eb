//! Compares a question's words with the names of predicates.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::RetrieverError;
use crate::catalog::{Catalog, Phrase, Predicate, cosine};
use crate::question::Question;
use crate::retrieve::Encoder;
use crate::text;

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

/// Compares one question with predicates, and remembers what it computed.
pub struct Matcher<'a> {
    question: &'a Question,
    catalog: &'a Catalog,
    encoder: Option<&'a dyn Encoder>,
    /// Vectors of the question without the words of some spans, by these.
    masked: HashMap<Vec<Range<usize>>, Vec<Arc<[f32]>>>,
    names: HashMap<usize, Vec<Arc<[f32]>>>,
}

// Cosines of MiniLM for a question and the name of a predicate lie mostly between these: unrelated pairs
// below the first, paraphrases above the second.
const UNRELATED: f64 = 0.18;
const PARAPHRASE: f64 = 0.68;

impl<'a> Matcher<'a> {
    /// Prepares to compare a question with the predicates of a knowledge base.
    pub fn new(
        question: &'a Question,
        catalog: &'a Catalog,
        encoder: Option<&'a dyn Encoder>,
    ) -> Self {
        Self {
            question,
            catalog,
            encoder,
            masked: HashMap::new(),
            names: HashMap::new(),
        }
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
        let mut best = self.lexical(&predicate.names, used);
        best.score = best.lexical;
        let semantic = self.semantic(number, predicate, hidden)?;
        let meaning = 0.92 * semantic;
        if meaning > best.score {
            best.score = 0.9 * meaning + 0.1 * best.score;
            // Meaning is compared as a whole: it accounts for every common word, but only where it is close.
            for (at, explains) in best.explains.iter_mut().enumerate() {
                let token = &self.question.tokens[at];
                let name = token.capital && at > 0;
                if !(used[at] || name) {
                    *explains = explains.max(meaning * meaning);
                }
            }
        } else {
            best.score += 0.05 * meaning * (1.0 - best.score);
        }
        Ok(best)
    }

    /// How well words alone fit the best of some names.
    pub fn lexical(&self, names: &[Phrase], used: &[bool]) -> Match {
        let tokens = &self.question.tokens;
        let mut best = Match {
            explains: vec![0.0; tokens.len()],
            ..Match::default()
        };
        for name in names {
            let mut explains = vec![0.0_f64; tokens.len()];
            let (mut matched, mut total) = (0.0, 0.0);
            for word in &name.tokens {
                let function = text::is_function_word(&word.text);
                let weight = if function {
                    0.25
                } else {
                    (word.text.chars().count() as f64).sqrt()
                };
                total += weight;
                let likeness = tokens
                    .iter()
                    .enumerate()
                    .filter(|(at, token)| {
                        !used[*at]
                            && (!function || token.text == word.text)
                            && (function || !text::is_function_word(&token.text))
                    })
                    .map(|(at, token)| {
                        (
                            text::word_likeness(&token.text, &token.stem, &word.text, &word.stem),
                            at,
                        )
                    })
                    .max_by(|a, b| a.0.total_cmp(&b.0));
                if let Some((likeness, at)) = likeness.filter(|(likeness, _)| *likeness > 0.0) {
                    matched += weight * likeness;
                    explains[at] = explains[at].max(likeness);
                }
            }
            let score = if total > 0.0 { matched / total } else { 0.0 };
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
        best
    }

    fn semantic(
        &mut self,
        number: usize,
        predicate: &Predicate,
        hidden: &[Range<usize>],
    ) -> Result<f64, RetrieverError> {
        let Some(encoder) = self.encoder else {
            return Ok(0.0);
        };
        if !self.masked.contains_key(hidden) {
            let texts = self.without(hidden);
            let texts: Vec<&str> = texts
                .iter()
                .map(String::as_str)
                .filter(|t| !t.is_empty())
                .collect();
            let vectors = encoder.encode(&texts)?.into_iter().map(Arc::from).collect();
            self.masked.insert(hidden.to_vec(), vectors);
        }
        if !self.names.contains_key(&number) {
            let texts: Vec<&str> = predicate
                .names
                .iter()
                .take(8)
                .map(|name| name.text.as_str())
                .collect();
            self.names
                .insert(number, self.catalog.vectors().of(&texts, encoder)?);
        }
        let best = self.masked[hidden]
            .iter()
            .flat_map(|question| {
                self.names[&number]
                    .iter()
                    .map(move |name| cosine(question, name))
            })
            .fold(0.0, f64::max);
        Ok(((best - UNRELATED) / (PARAPHRASE - UNRELATED)).clamp(0.0, 1.0))
    }

    /// The question without some spans: as a sentence, and as its content words alone.
    fn without(&self, hidden: &[Range<usize>]) -> [String; 2] {
        let question = self.question;
        let words = |keep: &dyn Fn(usize) -> bool| {
            let kept: Vec<&str> = (0..question.tokens.len())
                .filter(|at| !hidden.iter().any(|span| span.contains(at)) && keep(*at))
                .map(|at| &question.text[question.tokens[at].start..question.tokens[at].end])
                .collect();
            kept.join(" ")
        };
        [words(&|_| true), words(&|at| question.is_content(at))]
    }
}
