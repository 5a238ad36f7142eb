//! Plain chat with a language model: its own words, bound to no evidence.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{HttpResponse, http::StatusCode, web};
use bytes::Bytes;
use engine::{Event, LanguageModel};
use schemas::{ErrorClass, chat::Choice};
use tokio::sync::{mpsc, oneshot};

use super::{
    choices::{self, Tally},
    params::Checked,
    wire::{self, Envelope},
};
use crate::{
    http::sse, models::Named, pools::Cancel, problem::ApiError, state::AppState, telemetry::metrics,
};

const PATIENCE: Duration = Duration::from_secs(30);
const FRAMES: usize = 256;

/// Chats, whole or streamed.
pub(super) async fn chat(
    state: &web::Data<AppState>,
    language: &Named<dyn LanguageModel>,
    checked: Checked,
) -> Result<HttpResponse, ApiError> {
    let envelope = Envelope::new(&checked.model);
    let model = Arc::clone(&language.model);
    let deadline = state.request_deadline();
    if checked.stream {
        return stream(state, model, checked, envelope, deadline).await;
    }
    let cancel = Cancel::new();
    let watched = cancel.clone();
    let (choices, tally) = state
        .pools
        .chats
        .run(cancel, deadline, move || {
            whole(&*model, checked, deadline, &watched)
        })
        .await?;
    Ok(HttpResponse::build(StatusCode::OK).json(envelope.completion(choices, tally.usage())))
}

/// Generates all choices to their ends.
fn whole(
    model: &dyn LanguageModel,
    checked: Checked,
    deadline: Instant,
    cancel: &Cancel,
) -> Result<(Vec<Choice>, Tally), ApiError> {
    let began = Instant::now();
    let asked = checked.logprobs.is_some();
    let generations = choices::begin(model, checked, deadline)?;
    let mut texts = vec![(String::new(), Vec::new(), ""); generations.len()];
    let mut tally = Tally::default();
    choices::follow(generations, |index, event| {
        let (text, tokens, finish) = &mut texts[index as usize];
        match event {
            Event::Token(token) => tokens.push(token),
            Event::Text(more) => text.push_str(&more),
            Event::Done(done) => *finish = tally.add(&done)?,
        }
        still_there(!cancel.is_cancelled())
    })?;
    tally.count("plain", began.elapsed());
    let choices = (0u32..).zip(texts).map(|(index, (text, tokens, finish))| {
        let logprobs = asked.then(|| wire::logprobs(tokens));
        wire::choice(index, text, finish, logprobs)
    });
    Ok((choices.collect(), tally))
}

/// Streams all choices beside each other. What keeps them from beginning, such as a model with too much to do, is an
/// answer of its own and no part of a stream.
async fn stream(
    state: &web::Data<AppState>,
    model: Arc<dyn LanguageModel>,
    checked: Checked,
    envelope: Envelope,
    deadline: Instant,
) -> Result<HttpResponse, ApiError> {
    let cancel = Cancel::new();
    let guard = cancel.on_drop();
    let (sender, receiver) = mpsc::channel(FRAMES);
    let (begun, beginning) = oneshot::channel();
    let include_usage = checked.include_usage;
    let asked = checked.logprobs.is_some();
    state.pools.chats.spawn(move || {
        let began = Instant::now();
        let generations = match choices::begin(&*model, checked, deadline) {
            Ok(generations) => generations,
            Err(error) => {
                // A caller that is gone needs no answer.
                let _ = begun.send(Err(error));
                return;
            }
        };
        if begun.send(Ok(())).is_err() {
            return;
        }
        let push = |frame: Bytes| {
            let pushed =
                !cancel.is_cancelled() && sse::push(&sender, frame, Instant::now() + PATIENCE);
            still_there(pushed)
        };
        let mut tokens = vec![Vec::new(); generations.len()];
        let mut tally = Tally::default();
        let mut openings = 0..generations.len() as u32;
        let outcome = openings
            .try_for_each(|index| push(envelope.opening(index)))
            .and_then(|()| {
                choices::follow(generations, |index, event| {
                    let waiting = &mut tokens[index as usize];
                    let mut logprobs = || asked.then(|| wire::logprobs(std::mem::take(waiting)));
                    match event {
                        Event::Token(token) => {
                            waiting.push(token);
                            Ok(())
                        }
                        Event::Text(text) => push(envelope.text(index, &text, logprobs())),
                        Event::Done(done) => {
                            let finish = tally.add(&done)?;
                            let rest = logprobs().filter(|rest| rest.content != Some(Vec::new()));
                            push(envelope.closing(index, finish, rest))
                        }
                    }
                })
            });
        match outcome {
            Ok(()) => {
                tally.count("plain", began.elapsed());
                if include_usage && push(envelope.usage(tally.usage())).is_err() {
                    return;
                }
                let _ = push(sse::DONE);
            }
            Err(error) if error.class() == ErrorClass::Cancelled => {}
            Err(error) => {
                tracing::warn!(%error, "plain chat failed in mid-stream");
                let _ = push(wire::failure(&error));
            }
        }
    })?;
    beginning
        .await
        .unwrap_or_else(|_| Err(ApiError::internal("the request's work was lost")))?;
    Ok(sse::head().streaming(sse::Frames::new(receiver, Some(guard))))
}

fn still_there(there: bool) -> Result<(), ApiError> {
    if there {
        Ok(())
    } else {
        Err(ApiError::new(ErrorClass::Cancelled, "the caller has gone"))
    }
}

impl Tally {
    fn count(&self, status: &'static str, took: Duration) {
        let usage = self.usage();
        metrics::answer(status, took, usage.prompt_tokens, usage.completion_tokens);
    }
}
