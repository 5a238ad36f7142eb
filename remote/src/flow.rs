//! A generation from its place in the queue to its end.

use std::sync::Arc;

use engine::{Completion, EngineError, Event, FinishReason, Generation};
use schemas::ErrorClass;
use ureq::BodyReader;

use crate::client::{Client, Due};
use crate::fault;
use crate::gate::{Entry, Permit, Ticket};
use crate::request::Call;
use crate::stream::{Stream, Terms};

/// A generation that waits, or runs.
pub(crate) enum Flow {
    /// It has not been sent yet.
    Waiting(Box<Waiting>),
    /// The server answers.
    Running(Box<Stream<BodyReader<'static>>>),
    /// It is over before it has begun.
    Over,
}

/// What is to be sent, and the place in the queue.
pub(crate) struct Waiting {
    client: Arc<Client>,
    call: Call,
    terms: Terms,
    ticket: Ticket,
}

impl Flow {
    /// Sends a request that has leave.
    pub(crate) fn begin(
        client: &Arc<Client>,
        call: Call,
        terms: Terms,
        entry: Entry,
    ) -> Result<Generation, EngineError> {
        let due = terms.due;
        match entry {
            Entry::Queued(ticket) => Ok(Generation::new(Flow::Waiting(Box::new(Waiting {
                client: Arc::clone(client),
                call,
                terms,
                ticket,
            })))),
            Entry::Open(permit) => match open(client, &call, terms, permit) {
                Ok(stream) => Ok(Generation::new(Flow::Running(Box::new(stream)))),
                Err(_) if due.is_past() => Ok(nothing(FinishReason::Deadline)),
                Err(error) => Err(error),
            },
        }
    }
}

fn open(
    client: &Client,
    call: &Call,
    mut terms: Terms,
    permit: Permit,
) -> Result<Stream<BodyReader<'static>>, EngineError> {
    let response = client.stream(call.path, &call.body, terms.due)?;
    terms.permit = Some(permit);
    Ok(Stream::new(response.into_body().into_reader(), terms))
}

/// Leave, once there is some.
pub(crate) fn wait(entry: Entry, due: Due) -> Result<Permit, EngineError> {
    match entry {
        Entry::Open(permit) => Ok(permit),
        Entry::Queued(ticket) => ticket.wait(due.at).ok_or_else(|| {
            let what = "was busy with other requests for all the time allowed";
            fault::remote(ErrorClass::Overloaded, what)
        }),
    }
}

fn send(waiting: Waiting) -> Result<Stream<BodyReader<'static>>, EngineError> {
    let permit = wait(Entry::Queued(waiting.ticket), waiting.terms.due)?;
    open(&waiting.client, &waiting.call, waiting.terms, permit)
}

impl Iterator for Flow {
    type Item = Result<Event, EngineError>;

    fn next(&mut self) -> Option<Self::Item> {
        match std::mem::replace(self, Flow::Over) {
            Flow::Over => return None,
            Flow::Running(stream) => *self = Flow::Running(stream),
            Flow::Waiting(waiting) => {
                let due = waiting.terms.due;
                match send(*waiting) {
                    Ok(stream) => *self = Flow::Running(Box::new(stream)),
                    Err(_) if due.is_past() => {
                        return Some(Ok(Event::Done(empty(FinishReason::Deadline))));
                    }
                    Err(error) => return Some(Err(error)),
                }
            }
        }
        match self {
            Flow::Running(stream) => stream.next(),
            Flow::Waiting(_) | Flow::Over => None,
        }
    }
}

/// A generation that ends without any text.
pub(crate) fn nothing(finish_reason: FinishReason) -> Generation {
    Generation::new(std::iter::once(Ok(Event::Done(empty(finish_reason)))))
}

fn empty(finish_reason: FinishReason) -> Completion {
    Completion {
        finish_reason,
        prompt_tokens: 0,
        completion_tokens: 0,
        cached_tokens: 0,
        drafted_tokens: 0,
    }
}
