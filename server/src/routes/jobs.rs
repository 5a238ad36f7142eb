//! `/jobs`: long work, watched and cancelled.

use actix_web::{HttpRequest, HttpResponse, web};
use schemas::{
    Problem,
    jobs::{Job, JobList},
};
use serde::Deserialize;
use tokio::sync::mpsc;
use utoipa::IntoParams;

use crate::{
    auth::{Caller, Role},
    http::sse,
    pools::Cancel,
    problem::ApiError,
    state::AppState,
};

/// How soon a stream of events notices that the server is stopping.
const STOP_CHECK: std::time::Duration = std::time::Duration::from_millis(500);

/// How many jobs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct JobsQuery {
    /// 1 to 1,000, 100 unless told.
    limit: Option<usize>,
}

/// The newest jobs on the knowledge bases that the caller may see.
#[utoipa::path(get, path = "/jobs", operation_id = "list_jobs", tag = "jobs", params(JobsQuery), responses((status = 200, body = JobList)))]
pub(crate) async fn list(
    state: web::Data<AppState>,
    caller: Caller,
    query: web::Query<JobsQuery>,
) -> Result<HttpResponse, ApiError> {
    caller.allow(Role::Read)?;
    let limit = query.limit.unwrap_or(100);
    if !(1..=1_000).contains(&limit) {
        return Err(ApiError::invalid("`limit` must be 1 to 1000").with_param("limit"));
    }
    let mut items = state.jobs.list(usize::MAX);
    items.retain(|job| caller.sees(&job.knowledge_base));
    items.truncate(limit);
    Ok(HttpResponse::Ok().json(JobList { items }))
}

fn no_job() -> ApiError {
    ApiError::not_found("there is no such job")
}

fn visible(state: &AppState, caller: &Caller, id: &str) -> Result<Job, ApiError> {
    state
        .jobs
        .get(id)
        .filter(|job| caller.sees(&job.knowledge_base))
        .ok_or_else(no_job)
}

/// A job.
#[utoipa::path(get, path = "/jobs/{id}", operation_id = "get_job", tag = "jobs", params(("id" = String, Path)),
    responses((status = 200, body = Job), (status = 404, body = Problem)))]
pub(crate) async fn get(
    state: web::Data<AppState>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    caller.allow(Role::Read)?;
    Ok(HttpResponse::Ok().json(visible(&state, &caller, &id)?))
}

/// Asks a job to stop. One that has ended, or is past its commit, stays as it is.
#[utoipa::path(delete, path = "/jobs/{id}", operation_id = "cancel_job", tag = "jobs", params(("id" = String, Path)),
    responses((status = 202, description = "The job as it is now", body = Job), (status = 404, body = Problem)))]
pub(crate) async fn cancel(
    state: web::Data<AppState>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    visible(&state, &caller, &id)?;
    caller.allow(Role::Write)?;
    let shared = state.clone();
    let job = state
        .pools
        .queries
        .run(Cancel::new(), state.request_deadline(), move || {
            shared.jobs.cancel(&id)?.ok_or_else(no_job)
        })
        .await?;
    Ok(HttpResponse::Accepted().json(job))
}

/// Follows a job: events `progress` and, last, `end`, each with the whole job. `Last-Event-ID` continues.
#[utoipa::path(get, path = "/jobs/{id}/events", operation_id = "job_events", tag = "jobs",
    params(("id" = String, Path), ("Last-Event-ID" = Option<u64>, Header)),
    responses((status = 200, description = "Server-sent events", content_type = "text/event-stream"), (status = 404, body = Problem)))]
pub(crate) async fn events(
    state: web::Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    caller.allow(Role::Read)?;
    visible(&state, &caller, &id)?;
    let mut after = request
        .headers()
        .get("last-event-id")
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.parse::<u64>().ok())
        .unwrap_or(0);
    let (sender, receiver) = mpsc::channel(16);
    actix_web::rt::spawn(async move {
        loop {
            // Subscribed before the events are read, so that none falls in between.
            let Some((events, mut changed)) = state.jobs.events(&id, after) else {
                return;
            };
            let seen = *changed.borrow_and_update();
            for (version, job) in events {
                let end = job.state.is_final();
                let name = if end { "end" } else { "progress" };
                if sender.send(sse::event(version, name, &job)).await.is_err() {
                    return;
                }
                after = version;
                if end {
                    return;
                }
            }
            if after < seen {
                continue;
            }
            // A job that had ended before `Last-Event-ID` has nothing more to say.
            if state.jobs.get(&id).is_none_or(|job| job.state.is_final()) {
                return;
            }
            tokio::select! {
                told = changed.changed() => if told.is_err() { return },
                () = sender.closed() => return,
                // Wakes up now and then to see whether the server is stopping.
                () = tokio::time::sleep(STOP_CHECK) => {}
            }
            if state.stopping.load(std::sync::atomic::Ordering::Relaxed) {
                return;
            }
        }
    });
    Ok(sse::head().streaming(sse::Frames::new(receiver, None)))
}
