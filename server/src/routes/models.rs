//! `GET /v1/models`: knowledge bases, language models and embedders, as OpenAI lists models.

use actix_web::{HttpResponse, web};
use schemas::{
    error::OpenAiErrorBody,
    models::{Model, ModelKind, ModelList},
};

use crate::{
    auth::{Caller, Role},
    pools::Cancel,
    problem::ApiError,
    state::AppState,
};

fn model(id: &str, created: i64, kind: ModelKind) -> Model {
    Model {
        id: id.to_owned(),
        object: "model".to_owned(),
        created,
        owned_by: "almanac".to_owned(),
        kind,
    }
}

async fn visible(state: &web::Data<AppState>, caller: &Caller) -> Result<Vec<Model>, ApiError> {
    caller.allow(Role::Read)?;
    let library = state.library.clone();
    let names = state
        .pools
        .queries
        .run(Cancel::new(), state.request_deadline(), move || {
            Ok(library.list()?)
        })
        .await?;
    let since = state.started_unix;
    let mut list: Vec<Model> = names
        .iter()
        .filter(|name| caller.sees(name.as_str()))
        .map(|name| model(name.as_str(), since, ModelKind::KnowledgeBase))
        .collect();
    if let Some(language) = &state.models.language {
        list.push(model(&language.id, since, ModelKind::LanguageModel));
    }
    if let Some(embedder) = &state.models.embedder {
        list.push(model(&embedder.id, since, ModelKind::Embedder));
    }
    Ok(list)
}

/// All models that the caller may use.
#[utoipa::path(get, path = "/v1/models", operation_id = "list_models", tag = "openai",
    responses((status = 200, body = ModelList), (status = 401, body = OpenAiErrorBody)))]
pub(crate) async fn list(
    state: web::Data<AppState>,
    caller: Caller,
) -> Result<HttpResponse, ApiError> {
    let data = visible(&state, &caller).await?;
    Ok(HttpResponse::Ok().json(ModelList {
        object: "list".to_owned(),
        data,
    }))
}

/// One model.
#[utoipa::path(get, path = "/v1/models/{id}", operation_id = "get_model", tag = "openai", params(("id" = String, Path)),
    responses((status = 200, body = Model), (status = 404, description = "`model_not_found`", body = OpenAiErrorBody)))]
pub(crate) async fn one(
    state: web::Data<AppState>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let found = visible(&state, &caller)
        .await?
        .into_iter()
        .find(|m| m.id == *id);
    found
        .map(|m| HttpResponse::Ok().json(m))
        .ok_or_else(|| super::chat::model_not_found(&id))
}
