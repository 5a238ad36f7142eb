//! Answers from passages, where no fact answers.
//!
//! An answer is a span of a passage, word for word, of at most eight words, and its citation is the sentence that it
//! stands in. The language model, where there is one, says which of the spans is the likeliest answer; it adds nothing
//! to them. Where no span is sure enough, there is no answer.

use std::time::{Duration, Instant};

use engine::{EngineError, LanguageModel, Prompt};
use retriever::index::PassageMatch;
use retriever::question::{Form, Question as Read};
use retriever::retrieve::Encoder;
use retriever::{ReadView, Retrieval, RetrieverError, text};
use schemas::Term;
use schemas::chat::Usage;
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
/// Spans that the language model is asked about.
const MOST_ASKED: usize = 6;
/// An answer is at least this sure.
const LEAST_SCORE: f64 = 0.12;
/// A span is worth asking the model about from this share of the best one's score on.
const IN_REACH: f64 = 0.5;
/// What the model's preference counts: a span that it finds this many nats a token less likely than the likeliest
/// loses half of its score.
const HALF_LIFE: f64 = 6.0;
/// Time that must be left for the language model to be asked.
const MODEL_TIME: Duration = Duration::from_secs(2);

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
    pub(crate) model: Option<&'a dyn LanguageModel>,
    pub(crate) deadline: Instant,
}

/// What was found, and how.
#[derive(Default)]
pub(crate) struct Reading {
    /// The answer, where one is sure enough.
    pub(crate) found: Option<FromText>,
    /// The spans that were weighed, for those who ask.
    pub(crate) explanation: Value,
    /// Tokens that the model read.
    pub(crate) usage: Usage,
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
        let (likelihoods, tokens) = self.likelihoods(&question.text, &passages, &spans);
        let usage = Usage {
            prompt_tokens: tokens,
            total_tokens: tokens,
            ..Usage::default()
        };
        let weighed = weigh(&spans, &likelihoods);
        let explanation = explanation(&passages, &spans, &likelihoods, &weighed);
        let best =
            (0..spans.len()).max_by(|a, b| weighed[*a].total_cmp(&weighed[*b]).then(b.cmp(a)));
        let Some(best) = best.filter(|best| weighed[*best] >= LEAST_SCORE) else {
            return Ok(Reading {
                found: None,
                explanation,
                usage,
            });
        };
        let found = self.say(
            &question.text,
            &passages[spans[best].passage],
            &spans[best],
            weighed[best],
        )?;
        Ok(Reading {
            found,
            explanation,
            usage,
        })
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

    /// How likely the model finds each of the best spans after its sentence and the question, nats for each token.
    fn likelihoods(
        &self,
        question: &str,
        passages: &[PassageMatch],
        spans: &[Span],
    ) -> (Vec<Option<f64>>, u64) {
        let mut found = vec![None; spans.len()];
        let mut read = 0;
        let Some(model) = self
            .model
            .filter(|_| Instant::now() + MODEL_TIME < self.deadline)
        else {
            return (found, read);
        };
        let least = spans.first().map_or(0.0, |best| best.score * IN_REACH);
        let close: Vec<usize> = (0..spans.len().min(MOST_ASKED))
            .filter(|at| spans[*at].score >= least)
            .collect();
        if close.len() < 2 {
            return (found, read);
        }
        let mut done = vec![false; close.len()];
        for first in 0..close.len() {
            if done[first] || Instant::now() + MODEL_TIME >= self.deadline {
                continue;
            }
            // The spans of one sentence are asked about together.
            let own = &spans[close[first]];
            let same: Vec<usize> = (first..close.len())
                .filter(|at| {
                    let other = &spans[close[*at]];
                    (other.passage, &other.sentence) == (own.passage, &own.sentence)
                })
                .collect();
            same.iter().for_each(|at| done[*at] = true);
            let passage = &passages[own.passage];
            let asked = ask(
                model,
                question,
                passage,
                own,
                same.iter().map(|at| &spans[close[*at]]),
            );
            match asked {
                Ok((values, tokens)) => {
                    read += tokens;
                    for (at, value) in same.iter().zip(values) {
                        found[close[*at]] = Some(value);
                    }
                }
                Err(error) => {
                    // The answer does not depend on the model.
                    tracing::debug!(%error, "the model could not weigh the spans of a passage");
                    return (vec![None; spans.len()], read);
                }
            }
        }
        (found, read)
    }

    /// The answer in words, if these pass the check that all answers pass.
    fn say(
        &self,
        question: &str,
        passage: &PassageMatch,
        span: &Span,
        score: f64,
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
            confidence: score.clamp(0.0, 1.0),
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

/// Asks the model how likely spans of one sentence are, for each of their tokens.
fn ask<'a>(
    model: &dyn LanguageModel,
    question: &str,
    passage: &PassageMatch,
    span: &Span,
    spans: impl Iterator<Item = &'a Span>,
) -> Result<(Vec<f64>, u64), EngineError> {
    let title = passage.title.as_deref().unwrap_or_default();
    let sentence = &passage.text[span.sentence.clone()];
    let prefix = format!("{title}: {sentence}\n\nQuestion: {question}\nAnswer:");
    let continuations: Vec<String> = spans
        .map(|span| format!(" {}\n", &passage.text[span.span.clone()]))
        .collect();
    let read = model.encode(&prefix).len() as u64;
    let scores = model.score(&Prompt::Text(prefix), &continuations)?;
    let values = scores
        .iter()
        .map(|score| f64::from(score.log_likelihood) / score.tokens.max(1) as f64)
        .collect();
    Ok((values, read))
}

/// The scores of spans with what the model finds.
fn weigh(spans: &[Span], likelihoods: &[Option<f64>]) -> Vec<f64> {
    let most = likelihoods
        .iter()
        .flatten()
        .copied()
        .fold(f64::NEG_INFINITY, f64::max);
    spans
        .iter()
        .zip(likelihoods)
        .map(|(span, likelihood)| match likelihood {
            Some(value) => span.score * 0.5f64.powf((most - value) / HALF_LIFE),
            None => span.score,
        })
        .collect()
}

fn explanation(
    passages: &[PassageMatch],
    spans: &[Span],
    likelihoods: &[Option<f64>],
    weighed: &[f64],
) -> Value {
    let spans: Vec<Value> = spans
        .iter()
        .enumerate()
        .map(|(at, span)| {
            let passage = &passages[span.passage];
            json!({
                "text": &passage.text[span.span.clone()],
                "document": passage.document,
                "fit": span.score,
                "likelihood": likelihoods[at],
                "score": weighed[at],
            })
        })
        .collect();
    json!({ "spans": spans })
}
