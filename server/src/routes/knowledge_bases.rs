//! `/kb`, `/kb/{name}`: manage knowledge bases.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use schemas::{
    ErrorClass, KbName, Problem,
    knowledge_base::{
        CreateKnowledgeBase, KnowledgeBaseInfo, KnowledgeBaseItem, KnowledgeBaseList,
    },
};

use crate::{
    auth::{Caller, Role},
    http::{REVISION, body, reply::Reply},
    pools::Cancel,
    problem::ApiError,
    state::AppState,
};

/// Lists the knowledge bases that the caller may see. One that does not open has a `fault` in place of counts.
#[utoipa::path(get, path = "/kb", operation_id = "list_knowledge_bases", tag = "knowledge bases",
    responses((status = 200, body = KnowledgeBaseList), (status = 401, body = Problem)))]
pub(crate) async fn list(
    state: web::Data<AppState>,
    caller: Caller,
) -> Result<HttpResponse, ApiError> {
    caller.allow(Role::Read)?;
    let shared = state.clone();
    let list = state
        .pools
        .queries
        .run(Cancel::new(), state.request_deadline(), move || {
            let mut items = Vec::new();
            for name in shared
                .library
                .list()?
                .into_iter()
                .filter(|n| caller.sees(n.as_str()))
            {
                match shared.open(&name) {
                    Ok(shelf) => items.push(shelf.view().info(&name)?.into()),
                    // It was deleted since the names were read.
                    Err(error) if error.class() == ErrorClass::NotFound => {}
                    // One that is damaged must not hide the others.
                    Err(error) => {
                        let fault = error.message().to_owned();
                        items.push(KnowledgeBaseItem::faulty(name, fault));
                    }
                }
            }
            Ok(KnowledgeBaseList { items })
        })
        .await?;
    Ok(HttpResponse::Ok().json(list))
}

/// Makes an empty knowledge base. Needs the role `admin`.
#[utoipa::path(post, path = "/kb", operation_id = "create_knowledge_base", tag = "knowledge bases", request_body = CreateKnowledgeBase,
    responses((status = 201, body = KnowledgeBaseInfo), (status = 400, body = Problem),
        (status = 409, description = "The name is taken", body = Problem)))]
pub(crate) async fn create(
    state: web::Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    caller.allow(Role::Admin)?;
    let (wanted, bytes) =
        body::json_object::<CreateKnowledgeBase>(&request, payload, state.small_body()).await?;
    let name = state.visible(&caller, &wanted.name, Role::Admin)?;
    let make = make(&state, name);
    state
        .idempotency
        .once(
            state.jobs.table(),
            &caller,
            &request,
            &blake3::hash(&bytes),
            make,
        )
        .await
}

/// Makes the knowledge base if it is not there. Needs the role `admin`.
#[utoipa::path(put, path = "/kb/{name}", operation_id = "put_knowledge_base", tag = "knowledge bases", params(("name" = String, Path)),
    responses((status = 200, description = "It was there", body = KnowledgeBaseInfo),
        (status = 201, body = KnowledgeBaseInfo), (status = 400, body = Problem)))]
pub(crate) async fn put(
    state: web::Data<AppState>,
    caller: Caller,
    name: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let parsed = state.visible(&caller, &name, Role::Admin)?;
    match make(&state, parsed).await {
        Ok(reply) => Ok(reply.response(false)),
        Err(e) if e.class() == ErrorClass::Conflict && !state.models.holds(&name) => {
            info_of(&state, &caller, &name).await
        }
        Err(e) => Err(e),
    }
}

async fn make(state: &web::Data<AppState>, name: KbName) -> Result<Reply, ApiError> {
    if state.models.holds(name.as_str()) {
        return Err(ApiError::new(
            ErrorClass::Conflict,
            format!("`{name}` is the id of a model; choose another name"),
        ));
    }
    let library = state.library.clone();
    let location = format!("/kb/{name}");
    // Creation is not cut short when the client leaves: the flag is nobody's.
    let info = state
        .pools
        .writes
        .run(Cancel::new(), state.request_deadline(), move || {
            let shelf = library.create(&name)?;
            Ok(shelf.view().info(&name)?)
        })
        .await?;
    Ok(Reply::json(StatusCode::CREATED, &info)?
        .at(info.revision)
        .located(location))
}

/// What is known of a knowledge base as a whole.
#[utoipa::path(get, path = "/kb/{name}", operation_id = "get_knowledge_base", tag = "knowledge bases", params(("name" = String, Path)),
    responses((status = 200, body = KnowledgeBaseInfo), (status = 404, body = Problem)))]
pub(crate) async fn info(
    state: web::Data<AppState>,
    caller: Caller,
    name: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    info_of(&state, &caller, &name).await
}

async fn info_of(
    state: &web::Data<AppState>,
    caller: &Caller,
    name: &str,
) -> Result<HttpResponse, ApiError> {
    let (shared, caller, name) = (state.clone(), caller.clone(), name.to_owned());
    let info = state
        .pools
        .queries
        .run(Cancel::new(), state.request_deadline(), move || {
            let shelf = shared.shelf(&caller, &name, Role::Read)?;
            Ok(shelf.view().info(shelf.name())?)
        })
        .await?;
    Ok(HttpResponse::Ok()
        .insert_header((REVISION, info.revision.to_string()))
        .json(info))
}

/// Deletes a knowledge base with all that it holds. Needs the role `admin`.
#[utoipa::path(delete, path = "/kb/{name}", operation_id = "delete_knowledge_base", tag = "knowledge bases", params(("name" = String, Path)),
    responses((status = 204, description = "Gone"), (status = 404, body = Problem)))]
pub(crate) async fn delete(
    state: web::Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    name: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let parsed = state.visible(&caller, &name, Role::Admin)?;
    let shared = state.clone();
    let work = async {
        state
            .pools
            .writes
            .run(Cancel::new(), state.request_deadline(), move || {
                shared.library.delete(&parsed)?;
                shared.faulty.lock().remove(&parsed);
                Ok(())
            })
            .await?;
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    };
    state
        .idempotency
        .once(
            state.jobs.table(),
            &caller,
            &request,
            &blake3::hash(b""),
            work,
        )
        .await
}
