//! A question to a knowledge base.

use std::{
    ops::ControlFlow,
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{HttpResponse, http::StatusCode, web};
use answer::{Answer, Answerer, Question};
use bytes::Bytes;
use retriever::{ReadView, rank::Without};
use schemas::{ErrorClass, KbName, Status};
use tokio::sync::mpsc;

use super::{
    model_not_found,
    params::Checked,
    wire::{self, Envelope},
};
use crate::{
    auth::{Caller, Role},
    http::{REVISION, sse},
    pools::Cancel,
    problem::ApiError,
    state::AppState,
    telemetry::metrics,
};

/// Time that a stream's client may take to read what is ready before it counts as gone.
const PATIENCE: Duration = Duration::from_secs(30);
/// Frames under way between the thread that answers and the client.
const FRAMES: usize = 64;

/// Answers, whole or streamed.
pub(super) async fn answer(
    state: &web::Data<AppState>,
    caller: &Caller,
    checked: Checked,
) -> Result<HttpResponse, ApiError> {
    checked.for_knowledge()?;
    let (name, view) = open(state, caller, &checked).await?;
    let revision = view.revision();
    if let Some(wanted) = checked
        .almanac
        .min_revision
        .filter(|wanted| revision < *wanted)
    {
        return Err(ApiError::new(
            ErrorClass::Conflict,
            format!("revision {wanted} is not reached yet; the knowledge base is at {revision}"),
        )
        .with_param("almanac.min_revision")
        .with_code("revision_not_reached"));
    }
    let deadline = state.request_deadline();
    let question = Question {
        text: checked.question().to_owned(),
        history: checked.history().to_vec(),
        explain: checked.almanac.explain,
        allow_ungrounded: checked.almanac.allow_ungrounded,
        use_model: use_model(state, &checked)?,
        deadline,
        without: Without::default(),
    };
    let asked = Asked {
        answerer: Arc::clone(&state.answerer),
        name,
        view,
        question,
    };
    let envelope = Envelope::new(&checked.model);
    if checked.stream {
        return stream(state, asked, envelope, checked.include_usage, revision);
    }
    let cancel = Cancel::new();
    let watched = cancel.clone();
    let answer = state
        .pools
        .answers
        .run(cancel, deadline, move || {
            asked.answer(&mut |_| step(!watched.is_cancelled()))
        })
        .await?;
    Ok(HttpResponse::build(StatusCode::OK)
        .insert_header((REVISION, revision.to_string()))
        .json(envelope.completion(
            vec![wire::grounded(answer.content, answer.grounding)],
            answer.usage,
        )))
}

/// Which model words the answer. `none` switches it off.
fn use_model(state: &AppState, checked: &Checked) -> Result<bool, ApiError> {
    match checked.almanac.model.as_deref() {
        None => Ok(true),
        Some("none") => Ok(false),
        Some(id) if state.models.language.as_ref().is_some_and(|m| m.id == id) => Ok(true),
        Some(id) => {
            let mut error = model_not_found(id);
            error = error.with_param("almanac.model");
            Err(error)
        }
    }
}

/// Takes the view that the whole answer reads. A name that no knowledge base can have is as unknown as any other.
async fn open(
    state: &web::Data<AppState>,
    caller: &Caller,
    checked: &Checked,
) -> Result<(KbName, ReadView), ApiError> {
    let name = state
        .visible(caller, &checked.model, Role::Read)
        .map_err(|e| match e.class() {
            ErrorClass::Invalid | ErrorClass::NotFound => model_not_found(&checked.model),
            _ => e,
        })?;
    let shared = state.clone();
    let wanted = name.clone();
    let view = state
        .pools
        .queries
        .run(Cancel::new(), state.request_deadline(), move || {
            Ok(shared.open(&wanted)?.view())
        })
        .await
        .map_err(|e| match e.class() {
            ErrorClass::NotFound => model_not_found(&checked.model),
            _ => e,
        })?;
    Ok((name, view))
}

struct Asked {
    answerer: Arc<Answerer>,
    name: KbName,
    view: ReadView,
    question: Question,
}

impl Asked {
    fn answer(self, sink: &mut dyn FnMut(&str) -> ControlFlow<()>) -> Result<Answer, ApiError> {
        let began = Instant::now();
        let answer = self
            .answerer
            .answer(&self.name, &self.view, &self.question, sink)?;
        let usage = answer.usage;
        metrics::answer(
            status_name(answer.grounding.status),
            began.elapsed(),
            usage.prompt_tokens,
            usage.completion_tokens,
        );
        Ok(answer)
    }
}

fn step(go_on: bool) -> ControlFlow<()> {
    if go_on {
        ControlFlow::Continue(())
    } else {
        ControlFlow::Break(())
    }
}

fn stream(
    state: &web::Data<AppState>,
    asked: Asked,
    envelope: Envelope,
    include_usage: bool,
    revision: u64,
) -> Result<HttpResponse, ApiError> {
    let cancel = Cancel::new();
    let guard = cancel.on_drop();
    let (sender, receiver) = mpsc::channel(FRAMES);
    state.pools.answers.spawn(move || {
        let push = |frame: Bytes| sse::push(&sender, frame, Instant::now() + PATIENCE);
        if cancel.is_cancelled() || !push(envelope.opening(0)) {
            return;
        }
        let mut sink =
            |text: &str| step(!cancel.is_cancelled() && push(envelope.text(0, text, None)));
        match asked.answer(&mut sink) {
            Ok(answer) => {
                push(envelope.grounded(&answer.content, answer.grounding));
                if include_usage {
                    push(envelope.usage(answer.usage));
                }
                push(sse::DONE);
            }
            Err(_) if cancel.is_cancelled() => {}
            Err(error) => {
                // The head is long gone, so the edge cannot log this.
                tracing::warn!(%error, "an answer failed in mid-stream");
                push(wire::failure(&error));
            }
        }
    })?;
    Ok(sse::head()
        .insert_header((REVISION, revision.to_string()))
        .streaming(sse::Frames::new(receiver, Some(guard))))
}

fn status_name(status: Status) -> &'static str {
    match status {
        Status::Grounded => "grounded",
        Status::Ambiguous => "ambiguous",
        Status::None => "none",
        Status::Abstained => "abstained",
        Status::Ungrounded => "ungrounded",
    }
}
