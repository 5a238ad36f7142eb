//! How close a question, as a sentence or in a phrase of it, is to the names of predicates in meaning.

use std::ops::Range;
use std::sync::Arc;

use super::{Match, Matcher, PARAPHRASE, UNRELATED};
use crate::RetrieverError;
use crate::catalog::{Predicate, cosine};
use crate::retrieve::Encoder;

impl Matcher<'_> {
    pub(super) fn embed_names(
        &mut self,
        number: usize,
        encoder: &dyn Encoder,
    ) -> Result<(), RetrieverError> {
        if !self.names.contains_key(&number) {
            let names = &self.catalog.predicates()[number].names;
            let texts: Vec<&str> = names
                .iter()
                .take(8)
                .map(|name| name.text.as_str())
                .collect();
            self.names
                .insert(number, self.catalog.vectors().of(&texts, encoder)?);
        }
        Ok(())
    }

    pub(super) fn semantic(
        &mut self,
        number: usize,
        predicate: &Predicate,
        hidden: &[Range<usize>],
        weights: &[f64],
    ) -> Result<f64, RetrieverError> {
        let Some(encoder) = self.encoder.filter(|_| !predicate.names.is_empty()) else {
            return Ok(0.0);
        };
        // Words that hardly name this predicate are left out of the sentence as well.
        let mut hidden = hidden.to_vec();
        let weak = (0..weights.len()).filter(|at| weights[*at] < 1.0);
        hidden.extend(weak.map(|at| at..at + 1));
        if !self.masked.contains_key(&hidden) {
            let texts = self.without(&hidden);
            let texts: Vec<&str> = texts
                .iter()
                .map(String::as_str)
                .filter(|t| !t.is_empty())
                .collect();
            let vectors = encoder.encode(&texts)?.into_iter().map(Arc::from).collect();
            self.masked.insert(hidden.clone(), vectors);
        }
        self.embed_names(number, encoder)?;
        let best = self.masked[&hidden]
            .iter()
            .flat_map(|question| {
                self.names[&number]
                    .iter()
                    .map(move |name| cosine(question, name))
            })
            .fold(0.0, f64::max);
        Ok(((best - UNRELATED) / (PARAPHRASE - UNRELATED)).clamp(0.0, 1.0))
    }

    /// How close some of the question's words, taken as a phrase, are to a predicate in meaning.
    pub fn phrase(&mut self, number: usize, words: &[usize]) -> Result<Match, RetrieverError> {
        let mut found = Match {
            explains: vec![0.0; self.question.tokens.len()],
            ..Match::default()
        };
        let weights = self.noun_weights(number)?;
        let kept: Vec<usize> = words
            .iter()
            .copied()
            .filter(|at| weights[*at] >= 1.0 && !self.question.sharing[*at])
            .collect();
        if kept.iter().all(|at| self.question.tokens[*at].is_number()) {
            return Ok(found);
        }
        let content = kept.iter().any(|at| self.question.is_content(*at));
        let Some(encoder) = self.encoder.filter(|_| content) else {
            return Ok(found);
        };
        if !self.phrases.contains_key(&kept) {
            let text: Vec<&str> = kept
                .iter()
                .map(|at| self.question.written(&(*at..*at + 1)))
                .collect();
            let vectors = encoder.encode(&[&text.join(" ")])?;
            let vector = vectors.into_iter().next().unwrap_or_default();
            self.phrases.insert(kept.clone(), vector.into());
        }
        self.embed_names(number, encoder)?;
        let (phrase, names) = (&self.phrases[&kept], &self.names[&number]);
        let close = names.iter().map(|name| cosine(phrase, name));
        let close = close.fold(0.0, f64::max);
        let meaning = ((close - UNRELATED) / (PARAPHRASE - UNRELATED)).clamp(0.0, 1.0);
        found.score = 0.85 * meaning;
        for at in kept.into_iter().filter(|at| self.question.is_content(*at)) {
            found.explains[at] = meaning;
        }
        Ok(found)
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
