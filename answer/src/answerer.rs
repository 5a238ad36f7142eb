//! The way of a question through this crate.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::{ChatTurn, Embedder, Event, GenerateRequest, LanguageModel, Prompt};
use retriever::rank::{Signal, Without};
use retriever::retrieve::{Found, Outcome};
use retriever::{Encoder, ReadView, Retrieval, RetrieveOptions, RetrieverError};
use schemas::chat::Usage;
use schemas::grounding::{Reason, Timings};
use schemas::{Grounding, KbName, Status};

use crate::check::{self, Evidence};
use crate::conversation::{self, Understood};
use crate::encoder::Encoding;
use crate::from_text::{FromText, Reader, Reading};
use crate::wording::{Content, as_sentence};
use crate::{AnswerError, cite, explain, realise, shown, small_talk};

/// The models that help to answer; each may be absent.
#[derive(Clone, Default)]
pub struct Models {
    /// Words answers.
    pub language: Option<Arc<dyn LanguageModel>>,
    /// Compares meanings.
    pub embedder: Option<Arc<Embedder>>,
}

/// A question with how it is to be answered.
#[derive(Clone, Debug)]
pub struct Question {
    /// The question.
    pub text: String,
    /// The turns before it.
    pub history: Vec<ChatTurn>,
    /// Whether to say how the answer was found.
    pub explain: bool,
    /// Whether the model may answer from its own memory where the knowledge base cannot.
    pub allow_ungrounded: bool,
    /// Whether the model words the answer.
    pub use_model: bool,
    /// When the answer is due.
    pub deadline: Instant,
    /// Signals of the ranking that do not count, in an experiment.
    pub without: Without,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The text, with markers.
    pub content: String,
    /// What it rests on.
    pub grounding: Grounding,
    /// Tokens that the language model read and wrote.
    pub usage: Usage,
}

/// Answers questions from knowledge bases.
#[derive(Clone, Default)]
pub struct Answerer {
    pub(crate) models: Models,
}

/// Text that leaves sentence by sentence.
type Sink<'a> = &'a mut dyn FnMut(&str) -> ControlFlow<()>;

/// Tokens of a reply that is not bound to evidence, and of one to a greeting.
const UNGROUNDED_TOKENS: usize = 160;
const SMALL_TALK_TOKENS: usize = 40;
/// Keeps a small model that is not bound to anything from saying one thing over and over.
const UNGROUNDED_PENALTY: f32 = 0.4;
/// The model must leave this much of the time for the rest.
const RESERVE: Duration = Duration::from_millis(200);

impl Answerer {
    /// Answers with the help of these models.
    pub fn new(models: Models) -> Self {
        Self { models }
    }

    /// Answers a question. Blocks; the text goes to `sink` as it is ready, and is in the answer as a whole.
    ///
    /// # Errors
    /// [`AnswerError::Gone`] once the sink says that nobody listens any more.
    pub fn answer(
        &self,
        kb: &KbName,
        view: &ReadView,
        question: &Question,
        sink: Sink<'_>,
    ) -> Result<Answer, AnswerError> {
        if small_talk::is_small_talk(&question.text) {
            // Earlier turns would only tempt the model to say more of what they are about.
            let alone = Question {
                history: Vec::new(),
                ..question.clone()
            };
            let (content, usage) = self.speak_freely(&alone, SMALL_TALK_TOKENS, sink)?;
            return Ok(Answer {
                content,
                grounding: empty(kb, view, Status::Ungrounded, None),
                usage,
            });
        }
        if let Some(answer) = self.answer_several(kb, view, question)? {
            send(sink, &answer.content)?;
            return Ok(answer);
        }
        self.answer_one(kb, view, question, sink)
    }

    /// Answers what is one question, or is read as one.
    pub(crate) fn answer_one(
        &self,
        kb: &KbName,
        view: &ReadView,
        question: &Question,
        sink: Sink<'_>,
    ) -> Result<Answer, AnswerError> {
        let encoding = self.models.embedder.as_deref().map(Encoding);
        let encoder = encoding
            .as_ref()
            .filter(|_| !question.without.has(Signal::Embeddings))
            .map(|e| e as &dyn Encoder);
        let began = Instant::now();
        let mut ask = |understood: Understood| {
            let options = RetrieveOptions {
                encoder,
                deadline: question.deadline,
                given: understood.given.clone(),
                frame: understood.frame.clone(),
                without: question.without,
            };
            let retrieval = view.retrieve(&understood.text, &options)?;
            let reading = match &retrieval.outcome {
                Outcome::Unanswered(reason) => Reader {
                    view,
                    encoder,
                    deadline: question
                        .deadline
                        .checked_sub(RESERVE)
                        .unwrap_or(question.deadline),
                }
                .read(&retrieval, *reason)?,
                _ => Reading::default(),
            };
            Ok(conversation::Found {
                understood,
                retrieval,
                reading,
            })
        };
        // Going back leaves half of the time for the question itself.
        let until = began + question.deadline.saturating_duration_since(began) / 2;
        let found = conversation::find(view, &question.text, &question.history, until, &mut ask)?;
        let (retrieval, reading) = (found.retrieval, found.reading);
        let told = found.understood.told.clone();
        let in_full = Question {
            text: found.understood.text,
            ..question.clone()
        };
        let mut answer = match &retrieval.outcome {
            Outcome::Unanswered(_) if let Some(read) = reading.found => {
                Self::say_read(kb, view, read, sink)?
            }
            Outcome::Answered(found) => self.say(kb, view, &in_full, &retrieval, found, sink)?,
            Outcome::KnownEmpty(found) => Self::say_none(kb, view, (&retrieval, found), sink)?,
            Outcome::Unanswered(_)
                if question.allow_ungrounded && self.models.language.is_some() =>
            {
                let (content, usage) = self.speak_freely(question, UNGROUNDED_TOKENS, sink)?;
                Answer {
                    content,
                    grounding: empty(kb, view, Status::Ungrounded, None),
                    usage,
                }
            }
            Outcome::Unanswered(reason) => {
                let content = abstention(kb, *reason);
                send(sink, &content)?;
                Answer {
                    content,
                    grounding: empty(kb, view, Status::Abstained, Some(*reason)),
                    usage: Usage::default(),
                }
            }
        };
        let [link, plan, query] = retrieval.times.map(milliseconds);
        answer.grounding.timings_ms = Timings {
            link,
            plan,
            query,
            ..answer.grounding.timings_ms
        };
        if question.explain {
            let passages = reading.explanation;
            let in_full = told
                .as_deref()
                .or((in_full.text != question.text).then_some(in_full.text.as_str()));
            answer.grounding.explanation = Some(explain::explanation(
                &retrieval,
                view.catalog().conventions(),
                in_full,
                passages,
            ));
        }
        Ok(answer)
    }

    fn say(
        &self,
        kb: &KbName,
        view: &ReadView,
        question: &Question,
        retrieval: &Retrieval,
        found: &Found,
        sink: Sink<'_>,
    ) -> Result<Answer, AnswerError> {
        let began = Instant::now();
        let rows = shown::rows(view, found)?;
        let graph = &found.reading.graph;
        let content = Content {
            view,
            graph,
            rows: &rows,
            facts: &found.facts,
        };
        let worded = content.answered()?;
        let labels = shown::labels(view, graph)?;
        let negative = shown::is_negative(graph, &rows);
        let evidence = Evidence {
            question: &question.text,
            rows: &rows,
            facts: &found.facts,
            labels: &labels,
            negative,
        };
        let (sentence, usage) = self.word(question, found, &worded.sentences, &evidence);
        let marked = cite::mark(&sentence, &worded.answers, &found.facts, &graph.names());
        let marked = as_sentence(&marked);
        send(sink, &marked)?;
        let mut text = marked;
        let status = if retrieval.alternatives.is_empty() {
            Status::Grounded
        } else {
            Status::Ambiguous
        };
        if status == Status::Ambiguous {
            let more = format!(" {}", shown::reading_taken(view, retrieval, found)?);
            send(sink, &more)?;
            text.push_str(&more);
        }
        let alternatives = retrieval
            .alternatives
            .iter()
            .map(|other| shown::alternative(view, retrieval, other))
            .collect::<Result<Vec<_>, RetrieverError>>()?;
        let grounding = Grounding {
            answers: rows.iter().filter_map(|row| row.first().cloned()).collect(),
            columns: shown::columns(graph, found),
            rows,
            alternatives,
            citations: cite::citations(&found.facts),
            sparql: Some(found.executed.sparql.clone()),
            confidence: retrieval.confidence(found),
            timings_ms: Timings {
                word: milliseconds(began.elapsed()),
                ..Timings::default()
            },
            ..empty(kb, view, status, None)
        };
        Ok(Answer {
            content: text,
            grounding,
            usage,
        })
    }

    /// The model's wording, when it is there and passes the check; else the plainest one.
    fn word(
        &self,
        question: &Question,
        found: &Found,
        wordings: &[String],
        evidence: &Evidence<'_>,
    ) -> (String, Usage) {
        let plain = wordings.first().cloned().unwrap_or_default();
        let Some(model) = self
            .models
            .language
            .as_deref()
            .filter(|_| question.use_model)
        else {
            return (plain, Usage::default());
        };
        // What does not pass the check is not even offered.
        let passing: Vec<String> = wordings
            .iter()
            .filter(|w| check::holds(w, evidence))
            .cloned()
            .collect();
        let deadline = question
            .deadline
            .checked_sub(RESERVE)
            .unwrap_or(question.deadline);
        match realise::choose(model, &question.text, &found.facts, &passing, deadline) {
            Ok((text, usage)) if passing.contains(&text) && check::holds(&text, evidence) => {
                (text, usage)
            }
            Ok((_, usage)) => (plain, usage),
            Err(error) => {
                // The answer does not depend on the model: its failure costs nothing but style.
                tracing::warn!(%error, "the model could not word an answer");
                (plain, Usage::default())
            }
        }
    }

    fn say_read(
        kb: &KbName,
        view: &ReadView,
        read: FromText,
        sink: Sink<'_>,
    ) -> Result<Answer, AnswerError> {
        send(sink, &read.content)?;
        let grounding = Grounding {
            answers: vec![read.answer.clone()],
            columns: vec!["answer".to_owned()],
            rows: vec![vec![read.answer]],
            citations: vec![read.citation],
            confidence: read.confidence,
            ..empty(kb, view, Status::Grounded, None)
        };
        Ok(Answer {
            content: read.content,
            grounding,
            usage: Usage::default(),
        })
    }

    fn say_none(
        kb: &KbName,
        view: &ReadView,
        (retrieval, found): (&Retrieval, &Found),
        sink: Sink<'_>,
    ) -> Result<Answer, AnswerError> {
        let content = Content {
            view,
            graph: &found.reading.graph,
            rows: &[],
            facts: &found.facts,
        };
        let text = as_sentence(&cite::mark(&content.none()?, &[], &found.facts, &[]));
        send(sink, &text)?;
        let grounding = Grounding {
            columns: shown::columns(&found.reading.graph, found),
            citations: cite::citations(&found.facts),
            sparql: Some(found.executed.sparql.clone()),
            confidence: retrieval.confidence(found),
            ..empty(kb, view, Status::None, None)
        };
        Ok(Answer {
            content: text,
            grounding,
            usage: Usage::default(),
        })
    }

    fn speak_freely(
        &self,
        question: &Question,
        max_tokens: usize,
        sink: Sink<'_>,
    ) -> Result<(String, Usage), AnswerError> {
        let Some(model) = self
            .models
            .language
            .as_deref()
            .filter(|_| question.use_model)
        else {
            let text = "Hello. Ask me about what this knowledge base holds.".to_owned();
            send(sink, &text)?;
            return Ok((text, Usage::default()));
        };
        let mut turns = question.history.clone();
        turns.push(ChatTurn {
            role: "user".to_owned(),
            content: question.text.clone(),
        });
        let mut request = GenerateRequest::new(Prompt::Chat(turns));
        request.max_tokens = max_tokens;
        request.sampling.frequency_penalty = UNGROUNDED_PENALTY;
        request.deadline = question.deadline.checked_sub(RESERVE);
        let (mut text, mut usage) = (String::new(), Usage::default());
        for event in model.generate(request)? {
            match event? {
                Event::Token(_) => {}
                Event::Text(more) => {
                    send(sink, &more)?;
                    text.push_str(&more);
                }
                Event::Done(completion) => {
                    usage.prompt_tokens = completion.prompt_tokens as u64;
                    usage.completion_tokens = completion.completion_tokens as u64;
                    usage.total_tokens = usage.prompt_tokens + usage.completion_tokens;
                }
            }
        }
        Ok((text, usage))
    }
}

fn send(sink: Sink<'_>, text: &str) -> Result<(), AnswerError> {
    match sink(text) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(AnswerError::Gone),
    }
}

fn abstention(kb: &KbName, reason: Reason) -> String {
    let why = match reason {
        Reason::NoEntity => {
            format!("nothing that the question names is in the knowledge base `{kb}`")
        }
        Reason::NoFact => format!("the knowledge base `{kb}` does not hold this"),
        Reason::LowConfidence => {
            format!("no reading of the question fits the knowledge base `{kb}` well enough")
        }
        Reason::NotUnderstood => {
            format!("a part of the question could not be read as one about `{kb}`")
        }
        Reason::EmptyKnowledgeBase => format!("the knowledge base `{kb}` is empty"),
        Reason::Deadline => "the time allowed ran out".to_owned(),
    };
    format!("I don't know: {why}.")
}

fn empty(kb: &KbName, view: &ReadView, status: Status, reason: Option<Reason>) -> Grounding {
    Grounding {
        knowledge_base: kb.to_string(),
        revision: view.revision(),
        status,
        reason,
        answers: Vec::new(),
        columns: Vec::new(),
        rows: Vec::new(),
        alternatives: Vec::new(),
        citations: Vec::new(),
        sparql: None,
        confidence: 0.0,
        timings_ms: Timings::default(),
        explanation: None,
    }
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
