//! `POST /v1/embeddings`.

use actix_web::{HttpRequest, HttpResponse, web};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use schemas::{
    embeddings::{Embedding, EmbeddingRequest, EmbeddingResponse, EmbeddingUsage, Input, Vector},
    error::OpenAiErrorBody,
};

use crate::{
    auth::{Caller, Role},
    http::body,
    pools::Cancel,
    problem::ApiError,
    state::AppState,
};

/// Texts of one request, as OpenAI bounds them.
const MAX_TEXTS: usize = 2_048;
/// Characters of one text; the model reads only the first few hundred tokens anyway.
const MAX_CHARS: usize = 32 << 10;
/// Texts that the model sees at once; between batches a request whose client has gone is dropped.
const BATCH: usize = 32;

/// Embeds texts.
#[utoipa::path(post, path = "/v1/embeddings", operation_id = "embeddings", tag = "openai", request_body = EmbeddingRequest,
    responses((status = 200, body = EmbeddingResponse), (status = 400, body = OpenAiErrorBody),
        (status = 404, description = "`model_not_found`", body = OpenAiErrorBody)))]
pub(crate) async fn embeddings(
    state: web::Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    caller.allow(Role::Read)?;
    // Vectors of many texts need more room than a question.
    let mut limits = state.small_body();
    limits.bytes = limits.bytes.max(4 << 20);
    let (asked, _) = body::json_object::<EmbeddingRequest>(&request, payload, limits).await?;
    let Some(embedder) = state
        .models
        .embedder
        .as_ref()
        .filter(|m| m.id == asked.model)
    else {
        return Err(super::chat::model_not_found(&asked.model));
    };
    let model = embedder.model.clone();
    let base64 = match asked.encoding_format.as_deref() {
        None | Some("float") => false,
        Some("base64") => true,
        Some(_) => {
            return Err(
                ApiError::invalid("'encoding_format' must be 'float' or 'base64'")
                    .with_param("encoding_format"),
            );
        }
    };
    if asked.dimensions.is_some_and(|d| d != model.dimensions()) {
        return Err(ApiError::invalid(format!(
            "this model has {} dimensions and no other",
            model.dimensions()
        ))
        .with_param("dimensions"));
    }
    let texts = match asked.input {
        Input::One(text) => vec![text],
        Input::Many(texts) => texts,
    };
    check(&texts)?;
    let deadline = state.request_deadline();
    let cancel = Cancel::new();
    let watched = cancel.clone();
    let (vectors, tokens) = state
        .pools
        .answers
        .run(cancel, deadline, move || {
            let mut vectors = Vec::with_capacity(texts.len());
            let mut tokens = 0;
            for batch in texts.chunks(BATCH) {
                if watched.is_cancelled() || std::time::Instant::now() >= deadline {
                    return Err(ApiError::new(
                        schemas::ErrorClass::Timeout,
                        "the time allowed ran out",
                    ));
                }
                let batch: Vec<&str> = batch.iter().map(String::as_str).collect();
                for text in &batch {
                    tokens += model.count_tokens(text) as u64;
                }
                vectors.extend(model.embed(&batch)?);
            }
            Ok((vectors, tokens))
        })
        .await?;
    let data = vectors
        .into_iter()
        .enumerate()
        .map(|(index, vector)| Embedding {
            object: "embedding".to_owned(),
            index,
            embedding: if base64 {
                let bytes: Vec<u8> = vector.iter().flat_map(|f| f.to_le_bytes()).collect();
                Vector::Base64(STANDARD.encode(bytes))
            } else {
                Vector::Floats(vector)
            },
        })
        .collect();
    Ok(HttpResponse::Ok().json(EmbeddingResponse {
        object: "list".to_owned(),
        data,
        model: asked.model,
        usage: EmbeddingUsage {
            prompt_tokens: tokens,
            total_tokens: tokens,
        },
    }))
}

fn check(texts: &[String]) -> Result<(), ApiError> {
    let wrong = |why: String| Err(ApiError::invalid(why).with_param("input"));
    if texts.is_empty() || texts.len() > MAX_TEXTS {
        return wrong(format!("'input' must hold 1 to {MAX_TEXTS} texts"));
    }
    if texts.iter().any(String::is_empty) {
        return wrong("'input' must not hold an empty text".to_owned());
    }
    if texts.iter().any(|t| t.chars().count() > MAX_CHARS) {
        return wrong(format!(
            "a text of 'input' is longer than {MAX_CHARS} characters"
        ));
    }
    Ok(())
}
