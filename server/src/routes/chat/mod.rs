//! `POST /v1/chat/completions`: a question to a knowledge base, or plain chat with a language model.

mod annotations;
mod choices;
mod knowledge;
mod messages;
mod params;
mod plain;
mod ranges;
mod wire;

use actix_web::{HttpRequest, HttpResponse, web};
use schemas::{
    ErrorClass,
    chat::{ChatCompletion, ChatRequest},
    error::OpenAiErrorBody,
};

use crate::{auth::Caller, http::body, problem::ApiError, state::AppState};

/// Answers a question, whole or as a stream of events.
#[utoipa::path(
    post, path = "/v1/chat/completions", operation_id = "chat_completions", tag = "openai", request_body = ChatRequest,
    responses(
        (status = 200, description = "The answer; with `stream`, `chat.completion.chunk` events and `[DONE]`",
            body = ChatCompletion, headers(("Almanac-Revision" = u64, description = "the revision that was read"))),
        (status = 400, description = "A parameter is malformed or not supported; `param` names it", body = OpenAiErrorBody),
        (status = 401, description = "No valid key", body = OpenAiErrorBody),
        (status = 404, description = "`model_not_found`", body = OpenAiErrorBody),
        (status = 409, description = "`min_revision` is not reached yet", body = OpenAiErrorBody),
        (status = 429, description = "Too many requests are under way; see `Retry-After`", body = OpenAiErrorBody),
    )
)]
pub(crate) async fn completions(
    state: web::Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let (body, _) = body::json_object::<ChatRequest>(&request, payload, state.small_body()).await?;
    let checked = params::check(body, state.settings.limits.question_chars)?;
    if let Some(language) = state
        .models
        .language
        .as_ref()
        .filter(|m| m.id == checked.model)
    {
        return plain::chat(&state, language, checked).await;
    }
    if state.models.holds(&checked.model) {
        return Err(ApiError::invalid(format!(
            "`{}` is an embedding model; it cannot chat",
            checked.model
        ))
        .with_param("model")
        .with_code("model_not_supported"));
    }
    knowledge::answer(&state, &caller, checked).await
}

/// 404 as OpenAI's clients expect it.
pub(in crate::routes) fn model_not_found(model: &str) -> ApiError {
    ApiError::new(
        ErrorClass::NotFound,
        format!(
            "the model `{}` does not exist or you do not have access to it",
            body::clip(model)
        ),
    )
    .with_param("model")
    .with_code("model_not_found")
}
