//! `/kb/{name}/load`, `/dump`, `/reindex`, `/check`: a knowledge base as a whole.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use kg_store::{RdfSyntax, rdf::GraphName};
use schemas::{
    Problem,
    jobs::Job,
    knowledge_base::{CheckReport, Commit, KnowledgeBaseInfo},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    rdf_body::{describe, graph_iri},
    writes::Write,
};
use crate::{
    auth::{Caller, Role},
    http::{REVISION, body, negotiation, reply::Reply, stream::streamed},
    jobs::Work,
    pools::Cancel,
    problem::ApiError,
    state::AppState,
};

/// Where a load goes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoadQuery {
    /// The source's name: what an earlier load of the same source brought is replaced.
    source: Option<String>,
    /// The graph of triples that name none.
    graph: Option<String>,
}

/// Loads triples or quads in any RDF syntax, plain, gzip or zstd: whole, or not at all.
#[utoipa::path(post, path = "/kb/{name}/load", tag = "datasets", params(("name" = String, Path), LoadQuery),
    request_body(content = String, content_type = "text/turtle", description = "RDF in any known syntax"),
    responses((status = 200, body = Commit), (status = 202, description = "Queued, with `Prefer: respond-async`", body = Job),
        (status = 400, description = "The problem names source, line and column", body = Problem),
        (status = 413, body = Problem), (status = 415, body = Problem)))]
pub(crate) async fn load(
    state: web::Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    name: web::Path<String>,
    query: web::Query<LoadQuery>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let kb = existing(&state, &caller, &name, Role::Write).await?;
    let graph = query.graph.as_deref().map(graph_iri).transpose()?;
    let rdf = describe(&request, graph.clone(), query.source.as_deref())?;
    let spooled = body::spool(&request, payload, state.rdf_body(), state.jobs.spool()).await?;
    let work = Work::Load {
        body: rdf,
        graph,
        source: query.source.clone(),
    };
    Write {
        state: &state,
        caller: &caller,
        request: &request,
        kb,
        work,
        body: Some(spooled),
    }
    .run(|_, outcome| Ok(Reply::json(StatusCode::OK, &outcome.body)?.at(outcome.revision)))
    .await
}

/// The name of a knowledge base that exists, for a caller with a role: asked before a body is read.
pub(super) async fn existing(
    state: &web::Data<AppState>,
    caller: &Caller,
    name: &str,
    role: Role,
) -> Result<schemas::KbName, ApiError> {
    let (shared, caller, name) = (state.clone(), caller.clone(), name.to_owned());
    state
        .pools
        .queries
        .run(Cancel::new(), state.request_deadline(), move || {
            Ok(shared.shelf(&caller, &name, role)?.name().clone())
        })
        .await
}

/// What to export, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct DumpQuery {
    /// One graph only; `default` for the default graph.
    graph: Option<String>,
    /// `nq`, `trig`, `nt`, `ttl`, `rdf`, `jsonld`; else the `Accept` header decides.
    format: Option<String>,
}

/// Exports the dataset, or one graph, at one revision.
#[utoipa::path(get, path = "/kb/{name}/dump", tag = "datasets", params(("name" = String, Path), DumpQuery),
    responses((status = 200, description = "RDF", content_type = "application/n-quads"), (status = 406, body = Problem)))]
pub(crate) async fn dump(
    state: web::Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    name: web::Path<String>,
    query: web::Query<DumpQuery>,
) -> Result<HttpResponse, ApiError> {
    let graph = match query.graph.as_deref() {
        None => None,
        Some("default") => Some(GraphName::DefaultGraph),
        Some(iri) => Some(crate::jobs::graph_name(Some(&graph_iri(iri)?))?),
    };
    let offers: Vec<RdfSyntax> = [
        RdfSyntax::NQuads,
        RdfSyntax::TriG,
        RdfSyntax::Turtle,
        RdfSyntax::NTriples,
        RdfSyntax::RdfXml,
        RdfSyntax::JsonLd,
    ]
    .into_iter()
    .filter(|s| graph.is_some() || s.holds_graphs())
    .collect();
    let syntax = match query.format.as_deref() {
        Some(format) => RdfSyntax::from_extension(format)
            .filter(|s| offers.contains(s))
            .ok_or_else(|| {
                ApiError::invalid(format!(
                    "format `{}` cannot hold what is asked for",
                    body::clip(format)
                ))
                .with_param("format")
            })?,
        None => {
            let kinds: Vec<&str> = offers.iter().map(|s| s.media_type()).collect();
            let accept = negotiation::accept(&request);
            let chosen = negotiation::choose(accept.as_deref(), &kinds)
                .ok_or_else(|| negotiation::not_acceptable(&kinds))?;
            offers[chosen]
        }
    };
    export(&state, &caller, &name, graph, syntax).await
}

/// Streams a graph or the dataset.
pub(super) async fn export(
    state: &web::Data<AppState>,
    caller: &Caller,
    name: &str,
    graph: Option<GraphName>,
    syntax: RdfSyntax,
) -> Result<HttpResponse, ApiError> {
    let (shared, caller, name) = (state.clone(), caller.clone(), name.to_owned());
    let view = state
        .pools
        .queries
        .run(Cancel::new(), state.request_deadline(), move || {
            Ok(shared.shelf(&caller, &name, Role::Read)?.view())
        })
        .await?;
    if let Some(named) = graph.as_ref().filter(|g| !g.is_default_graph()) {
        let (view, named) = (view.clone(), named.clone());
        let exists = state
            .pools
            .queries
            .run(Cancel::new(), state.request_deadline(), move || {
                Ok(view.snapshot().contains_graph(named.as_ref())?)
            })
            .await?;
        if !exists {
            return Err(ApiError::not_found("there is no such graph"));
        }
    }
    let mut head = HttpResponse::Ok();
    head.content_type(syntax.media_type())
        .insert_header((REVISION, view.revision().to_string()))
        .insert_header(("vary", "accept"));
    let deadline = std::time::Instant::now() + state.settings.limits.export_time();
    streamed(&state.pools.queries, deadline, head, move |writer, _| {
        let graph = graph.as_ref().map(GraphName::as_ref);
        view.snapshot().dump(syntax, graph, &mut *writer)?;
        writer
            .flush()
            .map_err(|e| ApiError::internal(e.to_string()))
    })
    .await
}

/// Builds the index anew while the old one serves.
#[utoipa::path(post, path = "/kb/{name}/reindex", tag = "datasets", params(("name" = String, Path)),
    responses((status = 200, body = KnowledgeBaseInfo), (status = 202, description = "Queued, with `Prefer: respond-async`", body = Job),
        (status = 404, body = Problem)))]
pub(crate) async fn reindex(
    state: web::Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    name: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    whole(&state, &caller, &request, &name, Work::Reindex).await
}

/// Compares the journal with the store and the store with the index. Writes wait meanwhile.
#[utoipa::path(post, path = "/kb/{name}/check", tag = "datasets", params(("name" = String, Path)),
    responses((status = 200, body = CheckReport), (status = 202, description = "Queued, with `Prefer: respond-async`", body = Job),
        (status = 404, body = Problem)))]
pub(crate) async fn check(
    state: web::Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    name: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    whole(&state, &caller, &request, &name, Work::Check).await
}

async fn whole(
    state: &web::Data<AppState>,
    caller: &Caller,
    request: &HttpRequest,
    name: &str,
    work: Work,
) -> Result<HttpResponse, ApiError> {
    let kb = existing(state, caller, name, Role::Write).await?;
    Write {
        state,
        caller,
        request,
        kb,
        work,
        body: None,
    }
    .run(|_, outcome| Ok(Reply::json(StatusCode::OK, &outcome.body)?.at(outcome.revision)))
    .await
}
