//! A completion as it comes from the server.

use std::collections::VecDeque;
use std::io::{self, Read};

use engine::{Completion, EngineError, Event, FinishReason};
use secrecy::SecretString;

use crate::bound::{Bound, Walk};
use crate::chunk::{self, End, Piece, Refusal, Usage};
use crate::client::Due;
use crate::fault;
use crate::gate::Permit;
use crate::sse::{SseEvent, SseFault, SseParser};

/// Bytes of a whole stream; some 200 come with each token.
const MAX_STREAM: usize = 128 << 20;
/// Bytes of a text that is to be JSON.
const MAX_JSON: usize = 8 << 20;
/// Bytes that are read at once.
const READ: usize = 16 << 10;

/// What a text must be, since the server may not have kept to it.
pub(crate) enum Expected {
    /// Anything.
    Anything,
    /// JSON, perhaps an object.
    Json { object: bool, text: String },
    /// A text of a constraint's language.
    Bound(Box<Bound>),
}

/// What is to be known of a completion before it comes.
pub(crate) struct Terms {
    /// What the text must be.
    pub(crate) expected: Expected,
    /// Whether the likelihoods of its tokens were asked for.
    pub(crate) likelihoods: bool,
    /// When it must have ended.
    pub(crate) due: Due,
    /// The key, to keep it out of messages.
    pub(crate) key: Option<SecretString>,
    /// Leave to run, given back once the text is over.
    pub(crate) permit: Option<Permit>,
}

/// The events of one completion, read from the connection by whoever iterates: what is not asked for waits at the
/// server. Dropping it closes the connection, by which the server knows that nobody listens.
pub(crate) struct Stream<R> {
    source: R,
    /// On the heap, since threads that iterate may have small stacks.
    buffer: Box<[u8]>,
    terms: Terms,
    parser: SseParser,
    received: VecDeque<SseEvent>,
    ready: VecDeque<Event>,
    /// How the text ended, once it has; its cost may still come.
    end: Option<FinishReason>,
    usage: Option<Usage>,
    /// Pieces of text that came: about as many as tokens, where the server does not count these.
    pieces: usize,
    bytes: usize,
    over: bool,
}

impl<R: Read> Stream<R> {
    /// Reads a completion from the body of an answer.
    pub(crate) fn new(source: R, terms: Terms) -> Stream<R> {
        Stream {
            source,
            buffer: vec![0; READ].into(),
            terms,
            parser: SseParser::default(),
            received: VecDeque::new(),
            ready: VecDeque::new(),
            end: None,
            usage: None,
            pieces: 0,
            bytes: 0,
            over: false,
        }
    }

    fn advance(&mut self) -> Result<(), EngineError> {
        if self.end.is_none() && self.terms.due.is_past() {
            self.end = Some(FinishReason::Deadline);
            return self.conclude();
        }
        match self.received.pop_front() {
            Some(event) => self.take(event),
            None => self.read(),
        }
    }

    fn read(&mut self) -> Result<(), EngineError> {
        let count = match self.source.read(&mut self.buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            // The text is there; only what it cost may be missing.
            Ok(0) | Err(_) if self.end.is_some() => return self.conclude(),
            // The next round sees that it has passed.
            Err(_) if self.terms.due.is_past() => return Ok(()),
            Err(error) => return Err(fault::broken(error.into())),
            Ok(0) => {
                return Err(fault::nonsense(
                    "ended its answer before the text had ended",
                ));
            }
            Ok(count) => count,
        };
        self.bytes += count;
        let received = &mut self.received;
        let pushed = self.parser.push(&self.buffer[..count], &mut |event| {
            received.push_back(event);
        });
        match pushed {
            Err(SseFault::TooLong) => return Err(fault::nonsense("sent a line without end")),
            Err(SseFault::NotText) => return Err(fault::nonsense("sent what is no text")),
            Ok(()) if self.bytes > MAX_STREAM => {
                return Err(fault::nonsense("sent more than is read"));
            }
            Ok(()) => {}
        }
        Ok(())
    }

    fn take(&mut self, event: SseEvent) -> Result<(), EngineError> {
        if event.data.trim() == "[DONE]" {
            return self.conclude();
        }
        let failed = event.name == "error";
        match chunk::read(&event.data) {
            Err(Refusal::Failure(code, words)) => Err(self.failure(code, &words)),
            _ if failed => Err(self.failure(None, &event.data)),
            Err(Refusal::Malformed) => Err(fault::nonsense("sent an event that is malformed")),
            Ok(piece) => self.add(piece),
        }
    }

    fn failure(&self, code: Option<u16>, words: &str) -> EngineError {
        let key = self.terms.key.as_ref();
        match code {
            Some(code @ 400..600) => fault::told(code, words, key),
            _ => fault::nonsense(format!("failed: {}", fault::clean(words, key))),
        }
    }

    fn add(&mut self, piece: Piece) -> Result<(), EngineError> {
        self.usage = piece.usage.or(self.usage);
        if self.end.is_some() {
            return Ok(());
        }
        let told = !piece.tokens.is_empty();
        if self.terms.likelihoods {
            self.ready
                .extend(piece.tokens.into_iter().map(Event::Token));
        }
        if !piece.text.is_empty() {
            if self.terms.likelihoods && !told {
                return Err(EngineError::NotOffered("likelihoods of tokens".into()));
            }
            self.pieces += 1;
            if self.say(piece.text)? {
                self.end = Some(FinishReason::Stop);
                // What would follow is nothing that anybody wants, so that its cost is not waited for.
                return self.conclude();
            }
        }
        match piece.end {
            Some(End::Finished(reason)) => self.end = Some(reason),
            Some(End::Failed) => return Err(fault::nonsense("failed while it generated")),
            None => {}
        }
        Ok(())
    }

    /// Hands text on, or keeps it until it is known to be what is expected; whether it is complete.
    fn say(&mut self, more: String) -> Result<bool, EngineError> {
        match &mut self.terms.expected {
            Expected::Anything => {}
            Expected::Json { text, .. } => {
                if text.len() + more.len() > MAX_JSON {
                    return Err(fault::nonsense("sent more than is read"));
                }
                text.push_str(&more);
            }
            Expected::Bound(bound) => {
                return match bound.push(&more) {
                    Walk::Open => Ok(false),
                    Walk::Complete => Ok(true),
                    Walk::Outside => Err(EngineError::Violated),
                };
            }
        }
        self.ready.push_back(Event::Text(more));
        Ok(false)
    }

    fn conclude(&mut self) -> Result<(), EngineError> {
        let finish_reason = self.end.unwrap_or(FinishReason::Stop);
        let whole = finish_reason == FinishReason::Stop;
        match std::mem::replace(&mut self.terms.expected, Expected::Anything) {
            Expected::Anything => {}
            Expected::Json { object, text } => {
                if whole && !is_json(&text, object) {
                    return Err(EngineError::Violated);
                }
            }
            Expected::Bound(bound) => {
                let (text, complete) = bound.finish();
                if whole && !complete {
                    return Err(EngineError::Violated);
                }
                if !text.is_empty() {
                    self.ready.push_back(Event::Text(text));
                }
            }
        }
        self.over = true;
        let usage = self.usage.unwrap_or_default();
        self.ready.push_back(Event::Done(Completion {
            finish_reason,
            prompt_tokens: usage.prompt_tokens,
            completion_tokens: match self.usage {
                Some(usage) => usage.completion_tokens,
                None => self.pieces,
            },
            cached_tokens: usage.cached(),
            drafted_tokens: 0,
        }));
        Ok(())
    }
}

fn is_json(text: &str, object: bool) -> bool {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(value) => value.is_object() || !object,
        Err(_) => false,
    }
}

impl<R: Read> Iterator for Stream<R> {
    type Item = Result<Event, EngineError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(Ok(event));
            }
            if self.over {
                drop(self.terms.permit.take());
                return None;
            }
            if let Err(error) = self.advance() {
                self.over = true;
                return Some(Err(error));
            }
        }
    }
}

#[cfg(test)]
mod tests;
