//! `/kb/{name}/documents`: the corpus.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use schemas::{
    Object, Problem,
    documents::{Document, DocumentList, DocumentOutcome, DocumentOutcomes, DocumentSummary},
    jobs::Job,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    dataset::existing,
    writes::{RequestWatch, Write},
};
use crate::{
    auth::{Caller, Role},
    http::{REVISION, body, reply::Reply},
    jobs::{Work, check_document},
    pools::Cancel,
    problem::ApiError,
    state::AppState,
};

/// Documents of one JSON array; NDJSON holds more.
const MAX_ARRAY: usize = 10_000;

/// Puts documents: one JSON object, an array of them (all or none), or NDJSON with an outcome for each line.
#[utoipa::path(post, path = "/kb/{name}/documents", operation_id = "post_documents", tag = "documents", params(("name" = String, Path)),
    request_body(content = Document, content_type = "application/json", description = "or an array, or `application/x-ndjson`"),
    responses((status = 200, description = "What became of each", body = DocumentOutcomes),
        (status = 207, description = "NDJSON of which some lines were refused", body = DocumentOutcomes),
        (status = 202, description = "NDJSON, queued with `Prefer: respond-async`", body = Job),
        (status = 400, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem)))]
pub(crate) async fn post(
    state: web::Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    name: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let kb = existing(&state, &caller, &name, Role::Write).await?;
    let kind = body::media_type(&request);
    if matches!(
        kind.as_deref(),
        Some("application/x-ndjson" | "application/ndjson" | "application/jsonl")
    ) {
        if request.headers().contains_key("content-encoding") {
            return Err(ApiError::new(
                schemas::ErrorClass::Unsupported,
                "NDJSON is taken without content encoding",
            ));
        }
        let spooled = body::spool(
            &request,
            payload,
            state.documents_body(),
            state.jobs.spool(),
        )
        .await?;
        return Write {
            state: &state,
            caller: &caller,
            request: &request,
            kb,
            work: Work::Documents,
            body: Some(spooled),
        }
        .run(|_, outcome| {
            let refused = outcome
                .body
                .get("refused")
                .and_then(serde_json::Value::as_u64);
            let status = if refused == Some(0) {
                StatusCode::OK
            } else {
                StatusCode::MULTI_STATUS
            };
            Ok(Reply::json(status, &outcome.body)?.at(outcome.revision))
        })
        .await;
    }
    let (sent, bytes) =
        body::json::<serde_json::Value>(&request, payload, state.documents_body()).await?;
    let documents: Vec<Document> = match sent {
        array @ serde_json::Value::Array(_) => {
            serde_json::from_value::<Vec<Object<Document>>>(array)
                .map(|objects| objects.into_iter().map(|object| object.0).collect())
        }
        one => serde_json::from_value::<Object<Document>>(one).map(|object| vec![object.0]),
    }
    .map_err(|e| body::unexpected(&e))?;
    if documents.len() > MAX_ARRAY {
        return Err(ApiError::new(
            schemas::ErrorClass::TooLarge,
            format!("an array holds at most {MAX_ARRAY} documents; send NDJSON"),
        ));
    }
    for (index, document) in documents.iter().enumerate() {
        check_document(document)
            .map_err(|e| ApiError::invalid(format!("document {index}: {e}")))?;
    }
    let write = store(&state, kb, documents);
    state
        .idempotency
        .once(
            state.jobs.table(),
            &caller,
            &request,
            &blake3::hash(&bytes),
            write,
        )
        .await
}

async fn store(
    state: &web::Data<AppState>,
    kb: schemas::KbName,
    documents: Vec<Document>,
) -> Result<Reply, ApiError> {
    let shared = state.clone();
    let cancel = Cancel::new();
    let watch = RequestWatch(cancel.clone());
    let outcomes = state
        .pools
        .writes
        .run(cancel, state.request_deadline(), move || {
            let shelf = shared.open(&kb)?;
            let ids: Vec<String> = documents.iter().map(|d| d.id.clone()).collect();
            if ids.is_empty() {
                let revision = shelf.view().revision();
                return Ok(DocumentOutcomes {
                    revision,
                    accepted: 0,
                    refused: 0,
                    items: Vec::new(),
                });
            }
            let (commit, created) = shelf.put_documents(documents, &watch)?;
            let items: Vec<DocumentOutcome> = ids
                .into_iter()
                .zip(created)
                .map(|(id, new)| DocumentOutcome {
                    line: None,
                    id: Some(id),
                    status: if new { 201 } else { 200 },
                    error: None,
                })
                .collect();
            Ok(DocumentOutcomes {
                revision: commit.revision,
                accepted: items.len() as u64,
                refused: 0,
                items,
            })
        })
        .await?;
    Ok(Reply::json(StatusCode::OK, &outcomes)?.at(outcomes.revision))
}

/// A page of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// The id after which the page begins.
    after: Option<String>,
    /// Documents of one page, 1 to 1,000, 100 unless told.
    limit: Option<usize>,
}

/// Lists documents by id.
#[utoipa::path(get, path = "/kb/{name}/documents", operation_id = "list_documents", tag = "documents", params(("name" = String, Path), ListQuery),
    responses((status = 200, body = DocumentList), (status = 404, body = Problem)))]
pub(crate) async fn list(
    state: web::Data<AppState>,
    caller: Caller,
    name: web::Path<String>,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, ApiError> {
    let limit = query.limit.unwrap_or(100);
    if !(1..=1_000).contains(&limit) {
        return Err(ApiError::invalid("`limit` must be 1 to 1000").with_param("limit"));
    }
    let after = query.into_inner().after;
    let shared = state.clone();
    let (revision, list) = state
        .pools
        .queries
        .run(Cancel::new(), state.request_deadline(), move || {
            let view = shared.shelf(&caller, &name, Role::Read)?.view();
            let snapshot = view.snapshot();
            let mut page = snapshot.documents(after.as_deref(), limit + 1)?;
            let more = page.len() > limit;
            page.truncate(limit);
            let next = if more {
                page.last().map(|d| d.id.clone())
            } else {
                None
            };
            let items = page
                .into_iter()
                .map(|d| DocumentSummary {
                    id: d.id,
                    title: d.title,
                    characters: d.text.chars().count() as u64,
                })
                .collect();
            Ok((
                view.revision(),
                DocumentList {
                    items,
                    next,
                    total: snapshot.document_count()?,
                },
            ))
        })
        .await?;
    Ok(HttpResponse::Ok()
        .insert_header((REVISION, revision.to_string()))
        .json(list))
}

/// A document with its text.
#[utoipa::path(get, path = "/kb/{name}/documents/{id}", operation_id = "get_document", tag = "documents", params(("name" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Document), (status = 404, body = Problem)))]
pub(crate) async fn get_one(
    state: web::Data<AppState>,
    caller: Caller,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let (name, id) = path.into_inner();
    let shared = state.clone();
    let (revision, document) = state
        .pools
        .queries
        .run(Cancel::new(), state.request_deadline(), move || {
            let view = shared.shelf(&caller, &name, Role::Read)?.view();
            let document = view.snapshot().document(&id)?;
            Ok((view.revision(), document.ok_or_else(no_document)?))
        })
        .await?;
    Ok(HttpResponse::Ok()
        .insert_header((REVISION, revision.to_string()))
        .json(document))
}

fn no_document() -> ApiError {
    ApiError::not_found("there is no such document")
}

/// Puts one document. The body's `id` may be left out; if it is there it must be that of the path.
#[utoipa::path(put, path = "/kb/{name}/documents/{id}", operation_id = "put_document", tag = "documents", params(("name" = String, Path), ("id" = String, Path)),
    request_body = Document,
    responses((status = 200, description = "Replaced", body = DocumentOutcomes), (status = 201, description = "New", body = DocumentOutcomes),
        (status = 400, body = Problem)))]
pub(crate) async fn put_one(
    state: web::Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let (name, id) = path.into_inner();
    let kb = existing(&state, &caller, &name, Role::Write).await?;
    let (mut value, bytes) =
        body::json::<serde_json::Value>(&request, payload, state.documents_body()).await?;
    if let Some(fields) = value.as_object_mut() {
        let given = fields.entry("id").or_insert_with(|| id.clone().into());
        if given.as_str() != Some(&id) {
            return Err(
                ApiError::invalid("the body's `id` is not that of the path").with_param("id")
            );
        }
    }
    let Object(document) =
        serde_json::from_value::<Object<Document>>(value).map_err(|e| body::unexpected(&e))?;
    check_document(&document).map_err(ApiError::invalid)?;
    let write = async {
        let mut reply = store(&state, kb, vec![document]).await?;
        let new = reply
            .body
            .as_ref()
            .and_then(|b| b.pointer("/items/0/status"))
            .and_then(serde_json::Value::as_u64);
        if new == Some(201) {
            reply.status = 201;
        }
        Ok(reply)
    };
    state
        .idempotency
        .once(
            state.jobs.table(),
            &caller,
            &request,
            &blake3::hash(&bytes),
            write,
        )
        .await
}

/// Deletes a document.
#[utoipa::path(delete, path = "/kb/{name}/documents/{id}", operation_id = "delete_document", tag = "documents", params(("name" = String, Path), ("id" = String, Path)),
    responses((status = 204, description = "Gone"), (status = 404, body = Problem)))]
pub(crate) async fn delete_one(
    state: web::Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let (name, id) = path.into_inner();
    let kb = existing(&state, &caller, &name, Role::Write).await?;
    let shared = state.clone();
    let write = async {
        let cancel = Cancel::new();
        let watch = RequestWatch(cancel.clone());
        let commit = state
            .pools
            .writes
            .run(cancel, state.request_deadline(), move || {
                let (commit, deleted) = shared.open(&kb)?.delete_documents(&[id], &watch)?;
                if deleted == 0 {
                    Err(no_document())
                } else {
                    Ok(commit)
                }
            })
            .await?;
        Ok(Reply::empty(StatusCode::NO_CONTENT).at(commit.revision))
    };
    state
        .idempotency
        .once(
            state.jobs.table(),
            &caller,
            &request,
            &blake3::hash(b""),
            write,
        )
        .await
}
