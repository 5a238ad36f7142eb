//! Answers from passages, where no fact answers.
//!
//! An answer is a span of a passage, word for word, of at most eight words, and its citation is the sentence that it
//! stands in. No language model has a say in it ([adr/0010](../../docs/adr/0010-answers-from-passages.md)). Where no span is
//! sure enough, there is no answer.

use std::time::Instant;

use retriever::index::PassageMatch;
use retriever::question::{Form, Question as Read};
use retriever::retrieve::Encoder;
use retriever::{ReadView, Retrieval, RetrieverError, text};
use schemas::Term;
use schemas::grounding::{Citation, Reason, TermKind};
use serde_json::{Value, json};

use crate::check::{self, Evidence};
use crate::passage::{self, Asked, Span, Text};

/// An entity whose name fits the question this well is meant by it, slips of the keyboard included.
const NAMED: f64 = 0.85;
/// Passages that are read for one question.
const MOST_PASSAGES: usize = 40;
/// Spans that are weighed against each other.
const MOST_SPANS: usize = 12;
/// An answer is at least this sure.
const LEAST_SCORE: f64 = 0.12;

/// An answer from a passage.
pub(crate) struct FromText {
    /// The answer's text, with its marker.
    pub(crate) content: String,
    /// The span.
    pub(crate) answer: Term,
    /// Its sentence.
    pub(crate) citation: Citation,
    /// How sure it is, from 0 to 1.
    pub(crate) confidence: f64,
}

/// What helps to find an answer in passages.
pub(crate) struct Reader<'a> {
    pub(crate) view: &'a ReadView,
    pub(crate) encoder: Option<&'a dyn Encoder>,
    pub(crate) deadline: Instant,
}

/// What was found, and how.
#[derive(Default)]
pub(crate) struct Reading {
    /// The answer, where one is sure enough.
    pub(crate) found: Option<FromText>,
    /// The spans that were weighed, for those who ask.
    pub(crate) explanation: Value,
}

impl Reader<'_> {
    /// Looks for the answer to a question that no fact answers.
    pub(crate) fn read(
        &self,
        retrieval: &Retrieval,
        reason: Reason,
    ) -> Result<Reading, RetrieverError> {
        let question = &retrieval.question;
        if reason == Reason::Deadline
            || !is_readable(question)
            || self.view.snapshot().document_count()? == 0
        {
            return Ok(Reading::default());
        }
        let names = names(retrieval);
        let asked = Asked::read(&question.text, &names);
        let mut query = question.text.clone();
        for name in names.iter().flat_map(|name| name.iter().skip(1)) {
            query.push(' ');
            query.push_str(name);
        }
        let passages = self
            .view
            .passages(&query, MOST_PASSAGES, None, self.deadline)?;
        let texts: Vec<Text<'_>> = passages
            .iter()
            .map(|p| Text {
                title: p.title.as_deref(),
                text: &p.text,
                first: p.start == 0,
            })
            .collect();
        let mut near = |sentences: &[&str]| self.near(&question.text, sentences);
        let mut spans = passage::spans(&question.text, &asked, &texts, MOST_SPANS, &mut near)?;
        let years = required(question);
        spans.retain(|span| {
            let sentence = text::tokens(&passages[span.passage].text[span.sentence.clone()]);
            years
                .iter()
                .all(|year| sentence.iter().any(|t| t.text == *year))
        });
        let explanation = explanation(&passages, &spans);
        let best = spans.first().filter(|best| best.score >= LEAST_SCORE);
        let found = match best {
            Some(best) => self.say(&question.text, &passages[best.passage], best)?,
            None => None,
        };
        Ok(Reading { found, explanation })
    }

    /// How near the meaning of each sentence is to that of the question; nothing without an encoder.
    fn near(&self, question: &str, sentences: &[&str]) -> Result<Option<Vec<f64>>, RetrieverError> {
        let Some(encoder) = self.encoder.filter(|_| Instant::now() < self.deadline) else {
            return Ok(None);
        };
        let Some(own) = encoder.encode(&[question])?.pop() else {
            return Ok(None);
        };
        let vectors = encoder.encode(sentences)?;
        let product = |other: &Vec<f32>| own.iter().zip(other).map(|(x, y)| f64::from(x * y)).sum();
        Ok(Some(vectors.iter().map(product).collect()))
    }

    /// The answer in words, if these pass the check that all answers pass.
    fn say(
        &self,
        question: &str,
        passage: &PassageMatch,
        span: &Span,
    ) -> Result<Option<FromText>, RetrieverError> {
        let answer = Term {
            kind: TermKind::Literal,
            value: passage.text[span.span.clone()].to_owned(),
            datatype: None,
            language: None,
            label: None,
        };
        let sentence = &passage.text[span.sentence.clone()];
        let rows = [vec![answer.clone()]];
        let evidence = Evidence {
            question,
            rows: &rows,
            facts: &[],
            labels: &[],
            negative: false,
        };
        if !check::holds(&answer.value, &evidence) || !sentence.contains(&answer.value) {
            return Ok(None);
        }
        let start = passage.start + passage.text[..span.sentence.start].chars().count();
        let document = self.view.snapshot().document(&passage.document)?;
        let citation = Citation::Passage {
            id: 1,
            document: passage.document.clone(),
            title: passage.title.clone(),
            url: document.and_then(|document| document.url),
            text: sentence.to_owned(),
            start,
            end: start + sentence.chars().count(),
        };
        Ok(Some(FromText {
            content: format!("{} [1]", answer.value),
            answer,
            citation,
            confidence: span.score.clamp(0.0, 1.0),
        }))
    }
}

/// Whether a passage can answer a question of this form at all: one that names things, and says nothing against.
fn is_readable(question: &Read) -> bool {
    let decided = question
        .tokens
        .iter()
        .zip(&question.decisive)
        .any(|(token, decisive)| {
            *decisive && !token.text.bytes().all(|b| b.is_ascii_digit()) && !token.capital
        });
    matches!(question.form, Form::Select | Form::Count) && question.threshold.is_none() && !decided
}

/// Years and other numbers of the question outside its names: the sentence must say them too.
fn required(question: &Read) -> Vec<String> {
    let decisive = question.tokens.iter().zip(&question.decisive);
    let mut required: Vec<String> = decisive
        .filter(|(token, decisive)| {
            **decisive && token.text.len() == 4 && token.text.bytes().all(|b| b.is_ascii_digit())
        })
        .map(|(token, _)| token.text.clone())
        .collect();
    if let Some(superlative) = &question.superlative {
        required.extend(
            question.tokens[superlative.span.clone()]
                .iter()
                .map(|t| t.text.clone()),
        );
    }
    required
}

/// What the knowledge base knows by name in a question: as it is written there, and its other names.
fn names(retrieval: &Retrieval) -> Vec<Vec<String>> {
    retrieval
        .mentions
        .iter()
        .filter_map(|mention| {
            let best = mention.candidates.first().filter(|c| c.fit >= NAMED)?;
            let written = retrieval.question.written(&mention.span).to_owned();
            Some(
                std::iter::once(written)
                    .chain(best.entity.names().map(str::to_owned))
                    .collect(),
            )
        })
        .collect()
}

fn explanation(passages: &[PassageMatch], spans: &[Span]) -> Value {
    let spans: Vec<Value> = spans
        .iter()
        .map(|span| {
            let passage = &passages[span.passage];
            let text = &passage.text[span.span.clone()];
            json!({"text": text, "document": passage.document, "score": span.score})
        })
        .collect();
    json!({ "spans": spans })
}
