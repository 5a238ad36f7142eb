//! `/kb/{name}/search`, `/entity`, `/link`: evidence without generation.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use retriever::ReadView;
use schemas::{
    Problem,
    search::{EntityDescription, LinkResponse, LinkedEntity, SearchResponse},
};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::{
    auth::{Caller, Role},
    http::REVISION,
    pools::Cancel,
    problem::ApiError,
    state::AppState,
};

const DEFAULT_LIMIT: usize = 10;
const MAX_LIMIT: usize = 100;

/// What to search for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchQuery {
    /// Words or a question.
    q: String,
    /// Hits of each kind, 1 to 100, 10 unless told.
    limit: Option<usize>,
}

/// A text of a query string within the bound of a question.
fn text(state: &AppState, name: &'static str, value: &str) -> Result<String, ApiError> {
    let longest = state.settings.limits.question_chars;
    if value.trim().is_empty() || value.chars().count() > longest {
        return Err(
            ApiError::invalid(format!("`{name}` must have 1 to {longest} characters"))
                .with_param(name),
        );
    }
    Ok(value.to_owned())
}

async fn read<T, F>(
    state: &web::Data<AppState>,
    caller: Caller,
    name: &str,
    work: F,
) -> Result<HttpResponse, ApiError>
where
    T: Serialize + Send + 'static,
    F: FnOnce(&ReadView) -> Result<T, ApiError> + Send + 'static,
{
    let (shared, name) = (state.clone(), name.to_owned());
    let (revision, found) = state
        .pools
        .queries
        .run(Cancel::new(), state.request_deadline(), move || {
            let view = shared.shelf(&caller, &name, Role::Read)?.view();
            Ok((view.revision(), work(&view)?))
        })
        .await?;
    Ok(HttpResponse::Ok()
        .insert_header((REVISION, revision.to_string()))
        .json(found))
}

/// Entities, facts and passages with scores, for callers with a model of their own.
#[utoipa::path(get, path = "/kb/{name}/search", tag = "search", params(("name" = String, Path), SearchQuery),
    responses((status = 200, body = SearchResponse), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn search(
    state: web::Data<AppState>,
    caller: Caller,
    name: web::Path<String>,
    query: web::Query<SearchQuery>,
) -> Result<HttpResponse, ApiError> {
    let q = text(&state, "q", &query.q)?;
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(
            ApiError::invalid(format!("`limit` must be 1 to {MAX_LIMIT}")).with_param("limit"),
        );
    }
    let answerer = Arc::clone(&state.answerer);
    let deadline = state.request_deadline();
    read(&state, caller, &name, move |view| {
        Ok(answerer.search(view, &q, limit, deadline)?)
    })
    .await
}

/// Which entity.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntityQuery {
    /// The entity's IRI.
    iri: String,
}

/// What is known of an entity.
#[utoipa::path(get, path = "/kb/{name}/entity", tag = "search", params(("name" = String, Path), EntityQuery),
    responses((status = 200, body = EntityDescription), (status = 404, body = Problem)))]
pub(crate) async fn entity(
    state: web::Data<AppState>,
    caller: Caller,
    name: web::Path<String>,
    query: web::Query<EntityQuery>,
) -> Result<HttpResponse, ApiError> {
    let iri = text(&state, "iri", &query.iri)?;
    kg_store::rdf::NamedNode::new(iri.as_str()).map_err(|e| {
        ApiError::invalid(format!("`iri` is no absolute IRI: {e}")).with_param("iri")
    })?;
    read(&state, caller, &name, move |view| {
        view.entity(&iri)?
            .ok_or_else(|| ApiError::not_found("nothing is known of this entity"))
    })
    .await
}

/// A question to link.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkQuery {
    /// The question.
    q: String,
}

/// The entities that a question mentions, best first.
#[utoipa::path(get, path = "/kb/{name}/link", tag = "search", params(("name" = String, Path), LinkQuery),
    responses((status = 200, body = LinkResponse), (status = 404, body = Problem)))]
pub(crate) async fn link(
    state: web::Data<AppState>,
    caller: Caller,
    name: web::Path<String>,
    query: web::Query<LinkQuery>,
) -> Result<HttpResponse, ApiError> {
    let q = text(&state, "q", &query.q)?;
    read(&state, caller, &name, move |view| {
        let items = linked(view, &q)?;
        Ok(LinkResponse {
            revision: view.revision(),
            items,
        })
    })
    .await
}

/// The retriever's links in the form that travels.
pub(crate) fn linked(view: &ReadView, question: &str) -> Result<Vec<LinkedEntity>, ApiError> {
    Ok(view
        .link(question)?
        .into_iter()
        .map(|l| LinkedEntity {
            start: characters(question, l.start),
            end: characters(question, l.end),
            iri: l.iri,
            label: l.label,
            score: l.score,
        })
        .collect())
}

/// Offsets travel in characters; within a process they count bytes.
fn characters(text: &str, bytes: usize) -> usize {
    text.char_indices()
        .take_while(|(at, _)| *at < bytes)
        .count()
}
