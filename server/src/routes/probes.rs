//! `/livez`, `/readyz`, `/metrics`, `/openapi.json`: open to all, and cheap.

use actix_web::{HttpResponse, web};
use schemas::{Problem, jobs::JobState};

use crate::{
    openapi, pools::Cancel, problem::ApiError, state::AppState, telemetry::metrics as gauges,
};

/// The process lives.
#[utoipa::path(get, path = "/livez", tag = "operation", responses((status = 200, description = "alive")))]
pub(crate) async fn livez() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

/// The server takes requests: all knowledge bases are open and it was not told to stop.
#[utoipa::path(get, path = "/readyz", tag = "operation",
    responses((status = 200, description = "ready"), (status = 503, body = Problem)))]
pub(crate) async fn readyz(state: web::Data<AppState>) -> Result<HttpResponse, ApiError> {
    state.is_ready()?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ready\n"))
}

/// Figures for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operation",
    responses((status = 200, description = "Prometheus text format", content_type = "text/plain")))]
pub(crate) async fn metrics(state: web::Data<AppState>) -> Result<HttpResponse, ApiError> {
    for pool in state.pools.all() {
        gauges::queue(pool.name(), pool.waiting());
    }
    for (state_name, wanted) in [("queued", JobState::Queued), ("running", JobState::Running)] {
        gauges::jobs(state_name, state.jobs.count(wanted));
    }
    gauges::process(state.started.elapsed());
    let shared = state.clone();
    let revisions = state
        .pools
        .queries
        .run(Cancel::new(), state.request_deadline(), move || {
            let mut revisions = Vec::new();
            for name in shared.library.list()? {
                // A knowledge base that does not open has no revision to show; the log has said why.
                if let Ok(shelf) = shared.library.get(&name) {
                    revisions.push((name, shelf.view().revision()));
                }
            }
            Ok(revisions)
        })
        .await;
    // Under load the figures matter most: without the revisions, rather than not at all.
    for (name, revision) in revisions.unwrap_or_default() {
        gauges::revision(name.as_str(), revision);
    }
    let text = state.metrics.render();
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(text))
}

/// The description of this API, OpenAPI 3.1.
pub(crate) async fn openapi() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(openapi::json())
}
