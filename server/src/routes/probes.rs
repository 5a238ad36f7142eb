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
    responses((status = 200, description = "ready; a line for each knowledge base that does not open"), (status = 503, body = Problem)))]
pub(crate) async fn readyz(state: web::Data<AppState>) -> Result<HttpResponse, ApiError> {
    state.is_ready()?;
    let mut body = "ready\n".to_owned();
    // Others are served all the same, so that this is no reason to take the server out of service.
    for name in state.faulty() {
        body.push_str(&format!("does not open: {name}\n"));
    }
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(body))
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
    let language = state.models.language.as_ref();
    if let Some(activity) = language.and_then(|named| named.model.activity()) {
        gauges::engine(activity);
    }
    gauges::process(state.started.elapsed());
    let shared = state.clone();
    let revisions = state
        .pools
        .queries
        .run(Cancel::new(), state.request_deadline(), move || {
            let mut revisions = Vec::new();
            let names = shared.library.list()?;
            // One whose folder was taken away is no longer faulty.
            shared.faulty.lock().retain(|name| names.contains(name));
            let faulty = shared.faulty();
            for name in names {
                // One that does not open has no revision to show, and is counted below. To try again at every
                // scrape could cost as much as to rebuild its store.
                if !faulty.contains(&name)
                    && let Ok(shelf) = shared.open(&name)
                {
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
    gauges::faults(state.faulty().len());
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
