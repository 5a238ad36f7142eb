//! `/kb/{name}/rdf-graph-store`: the SPARQL 1.1 Graph Store HTTP Protocol with indirect graph identification.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use kg_store::{RdfSyntax, rdf::GraphName};
use schemas::{Problem, jobs::Job, knowledge_base::Commit};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    dataset::{existing, export},
    rdf_body::{describe, graph_iri},
    writes::Write,
};
use crate::{
    auth::{Caller, Role},
    http::{REVISION, body, negotiation, reply::Reply},
    jobs::{Work, graph_name},
    pools::Cancel,
    problem::ApiError,
    state::AppState,
};

/// Which graph: exactly one of the two.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct GraphQuery {
    /// The graph's IRI.
    graph: Option<String>,
    /// The default graph; the parameter has no value.
    default: Option<String>,
}

impl GraphQuery {
    /// The graph's IRI, or none for the default graph.
    fn target(&self) -> Result<Option<String>, ApiError> {
        match (&self.graph, &self.default) {
            (Some(iri), None) => graph_iri(iri).map(Some),
            (None, Some(_)) => Ok(None),
            _ => Err(
                ApiError::invalid("name one graph: `?graph=IRI` or `?default`").with_param("graph"),
            ),
        }
    }
}

const OFFERS: [RdfSyntax; 6] = [
    RdfSyntax::Turtle,
    RdfSyntax::NTriples,
    RdfSyntax::RdfXml,
    RdfSyntax::JsonLd,
    RdfSyntax::TriG,
    RdfSyntax::NQuads,
];

fn syntax(request: &HttpRequest) -> Result<RdfSyntax, ApiError> {
    let kinds = OFFERS.map(RdfSyntax::media_type);
    let accept = negotiation::accept(request);
    negotiation::choose(accept.as_deref(), &kinds)
        .map(|chosen| OFFERS[chosen])
        .ok_or_else(|| negotiation::not_acceptable(&kinds))
}

/// A graph.
#[utoipa::path(get, path = "/kb/{name}/rdf-graph-store", operation_id = "get_graph", tag = "datasets", params(("name" = String, Path), GraphQuery),
    responses((status = 200, description = "The graph", content_type = "text/turtle"), (status = 404, body = Problem),
        (status = 406, body = Problem)))]
pub(crate) async fn get(
    state: web::Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    name: web::Path<String>,
    query: web::Query<GraphQuery>,
) -> Result<HttpResponse, ApiError> {
    let graph = graph_name(query.target()?.as_deref())?;
    export(&state, &caller, &name, Some(graph), syntax(&request)?).await
}

/// Whether a graph exists, without sending it.
pub(crate) async fn head(
    state: web::Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    name: web::Path<String>,
    query: web::Query<GraphQuery>,
) -> Result<HttpResponse, ApiError> {
    let target = query.target()?;
    let kind = syntax(&request)?.media_type();
    let (there, revision) = exists(&state, &caller, &name, Role::Read, target).await?;
    if !there {
        return Err(ApiError::not_found("there is no such graph"));
    }
    Ok(HttpResponse::Ok()
        .content_type(kind)
        .insert_header((REVISION, revision.to_string()))
        .finish())
}

/// Whether a graph holds anything, and at which revision.
async fn exists(
    state: &web::Data<AppState>,
    caller: &Caller,
    name: &str,
    role: Role,
    target: Option<String>,
) -> Result<(bool, u64), ApiError> {
    let (shared, caller, name) = (state.clone(), caller.clone(), name.to_owned());
    state
        .pools
        .queries
        .run(Cancel::new(), state.request_deadline(), move || {
            let view = shared.shelf(&caller, &name, role)?.view();
            let graph: GraphName = graph_name(target.as_deref())?;
            Ok((
                view.snapshot().contains_graph(graph.as_ref())?,
                view.revision(),
            ))
        })
        .await
}

/// Replaces a graph, which is made if it is not there.
#[utoipa::path(put, path = "/kb/{name}/rdf-graph-store", operation_id = "put_graph", tag = "datasets", params(("name" = String, Path), GraphQuery),
    request_body(content = String, content_type = "text/turtle", description = "RDF in any known syntax"),
    responses((status = 201, description = "The graph is new", body = Commit), (status = 204, description = "The graph was replaced, or the body is empty and no graph is made"),
        (status = 202, description = "Queued, with `Prefer: respond-async`", body = Job),
        (status = 400, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem)))]
pub(crate) async fn put(
    state: web::Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    name: web::Path<String>,
    query: web::Query<GraphQuery>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    write(
        state,
        caller,
        request,
        &name,
        query.target()?,
        payload,
        true,
    )
    .await
}

/// Adds to a graph, which is made if it is not there.
#[utoipa::path(post, path = "/kb/{name}/rdf-graph-store", operation_id = "post_graph", tag = "datasets", params(("name" = String, Path), GraphQuery),
    request_body(content = String, content_type = "text/turtle", description = "RDF in any known syntax"),
    responses((status = 200, description = "Added", body = Commit), (status = 201, description = "The graph is new", body = Commit),
        (status = 202, description = "Queued, with `Prefer: respond-async`", body = Job),
        (status = 400, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem)))]
pub(crate) async fn post(
    state: web::Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    name: web::Path<String>,
    query: web::Query<GraphQuery>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    write(
        state,
        caller,
        request,
        &name,
        query.target()?,
        payload,
        false,
    )
    .await
}

async fn write(
    state: web::Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    name: &str,
    graph: Option<String>,
    payload: web::Payload,
    replace: bool,
) -> Result<HttpResponse, ApiError> {
    let kb = existing(&state, &caller, name, Role::Write).await?;
    // Relative IRIs are resolved against the graph's own, as the protocol says.
    let base = graph.clone().or_else(|| {
        let info = request.connection_info();
        Some(format!(
            "{}://{}{}",
            info.scheme(),
            info.host(),
            request.path()
        ))
    });
    let rdf = describe(&request, base, None)?;
    let spooled = body::spool(&request, payload, state.rdf_body(), state.jobs.spool()).await?;
    let (there, _) = exists(&state, &caller, name, Role::Write, graph.clone()).await?;
    let work = if replace {
        Work::GraphPut { body: rdf, graph }
    } else {
        Work::GraphPost { body: rdf, graph }
    };
    Write {
        state: &state,
        caller: &caller,
        request: &request,
        kb,
        work,
        body: Some(spooled),
    }
    .run(move |_, outcome| {
        // A graph exists while it holds a triple: an empty body makes none.
        let made = !there && outcome.body["added"] != 0;
        let reply = match (made, replace) {
            (true, _) => Reply::json(StatusCode::CREATED, &outcome.body)?,
            (false, true) => Reply::empty(StatusCode::NO_CONTENT),
            (false, false) => Reply::json(StatusCode::OK, &outcome.body)?,
        };
        Ok(reply.at(outcome.revision))
    })
    .await
}

/// Removes a graph.
#[utoipa::path(delete, path = "/kb/{name}/rdf-graph-store", operation_id = "delete_graph", tag = "datasets", params(("name" = String, Path), GraphQuery),
    responses((status = 204, description = "Removed"), (status = 404, body = Problem)))]
pub(crate) async fn delete(
    state: web::Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    name: web::Path<String>,
    query: web::Query<GraphQuery>,
) -> Result<HttpResponse, ApiError> {
    let graph = query.target()?;
    let (there, _) = exists(&state, &caller, &name, Role::Write, graph.clone()).await?;
    if !there {
        return Err(ApiError::not_found("there is no such graph"));
    }
    let kb = existing(&state, &caller, &name, Role::Write).await?;
    Write {
        state: &state,
        caller: &caller,
        request: &request,
        kb,
        work: Work::GraphDelete { graph },
        body: None,
    }
    .run(|_, outcome| Ok(Reply::empty(StatusCode::NO_CONTENT).at(outcome.revision)))
    .await
}
