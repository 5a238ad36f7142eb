//! Plain chat with a language model: its own words, bound to no evidence.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{HttpResponse, http::StatusCode, web};
use bytes::Bytes;
use engine::{Event, FinishReason, GenerateRequest, LanguageModel, Prompt};
use schemas::{ErrorClass, chat::Usage};
use tokio::sync::mpsc;

use super::{
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
    let (streamed, include_usage) = (checked.stream, checked.include_usage);
    let cancel = Cancel::new();
    let watched = cancel.clone();
    if !streamed {
        let (text, finish, usage) = state
            .pools
            .answers
            .run(cancel, deadline, move || {
                let mut text = String::new();
                let (finish, usage) = generate(&*model, checked, deadline, &mut |piece| {
                    text.push_str(piece);
                    !watched.is_cancelled()
                })?;
                Ok((text, finish, usage))
            })
            .await?;
        return Ok(HttpResponse::build(StatusCode::OK)
            .json(envelope.completion(text, None, finish, usage)));
    }
    let guard = cancel.on_drop();
    let (sender, receiver) = mpsc::channel(FRAMES);
    state.pools.answers.spawn(move || {
        let push = |frame: Bytes| sse::push(&sender, frame, Instant::now() + PATIENCE);
        if cancel.is_cancelled() || !push(envelope.opening()) {
            return;
        }
        let mut sink = |piece: &str| !cancel.is_cancelled() && push(envelope.text(piece));
        match generate(&*model, checked, deadline, &mut sink) {
            Ok((finish, usage)) => {
                push(envelope.closing("", None, finish));
                if include_usage {
                    push(envelope.usage(usage));
                }
                push(sse::DONE);
            }
            Err(_) if cancel.is_cancelled() => {}
            Err(error) => {
                tracing::warn!(%error, "plain chat failed in mid-stream");
                push(wire::failure(&error));
            }
        }
    })?;
    Ok(sse::head().streaming(sse::Frames::new(receiver, Some(guard))))
}

/// Generates until the model is done or `sink` says no; dropping the generation frees its slot.
fn generate(
    model: &dyn LanguageModel,
    checked: Checked,
    deadline: Instant,
    sink: &mut dyn FnMut(&str) -> bool,
) -> Result<(&'static str, Usage), ApiError> {
    let began = Instant::now();
    let prompt = Prompt::Chat(checked.turns);
    let request = GenerateRequest {
        max_tokens: checked.max_tokens.map_or(usize::MAX, |most| most as usize),
        sampling: checked.sampling,
        stop: checked.stop,
        logit_bias: checked.logit_bias,
        deadline: Some(deadline),
        ..GenerateRequest::new(prompt)
    };
    let generation = model.generate(request).map_err(|e| match e {
        engine::EngineError::PromptTooLong { .. } => {
            ApiError::new(ErrorClass::TooLarge, e.to_string())
                .with_status(StatusCode::BAD_REQUEST)
                .with_code("context_length_exceeded")
                .with_param("messages")
        }
        other => other.into(),
    })?;
    for event in generation {
        match event? {
            Event::Text(text) => {
                if !sink(&text) {
                    return Err(ApiError::new(ErrorClass::Cancelled, "the caller has gone"));
                }
            }
            Event::Done(done) => {
                let finish = match done.finish_reason {
                    FinishReason::Stop => "stop",
                    FinishReason::Length | FinishReason::Deadline => "length",
                    FinishReason::Cancelled => {
                        return Err(ApiError::new(
                            ErrorClass::Unavailable,
                            "the engine is closing",
                        ));
                    }
                };
                let (prompt, completion) =
                    (done.prompt_tokens as u64, done.completion_tokens as u64);
                metrics::answer("plain", began.elapsed(), prompt, completion);
                let usage = Usage {
                    prompt_tokens: prompt,
                    completion_tokens: completion,
                    total_tokens: prompt + completion,
                };
                return Ok((finish, usage));
            }
        }
    }
    Err(ApiError::internal(
        "the generation ended without an outcome",
    ))
}
