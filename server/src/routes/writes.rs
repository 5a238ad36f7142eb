//! What all long writes share: waiting for them, or `Prefer: respond-async` and a job.

use std::path::Path;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use kg_store::Watch;
use schemas::KbName;

use crate::{
    auth::Caller,
    http::{body::Spooled, reply::Reply},
    jobs::{Outcome, Work},
    pools::Cancel,
    problem::ApiError,
    state::AppState,
};

/// A write whose client may leave: the work stops unless it is committed already.
pub(super) struct RequestWatch(pub(super) Cancel);

impl Watch for RequestWatch {
    fn progress(&self, _: &'static str, _: u64, _: Option<u64>) {}

    fn cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// Whether the client asks not to be kept waiting (RFC 7240).
fn wants_async(request: &HttpRequest) -> bool {
    request
        .headers()
        .get_all("prefer")
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split([',', ';']))
        .any(|p| p.trim().eq_ignore_ascii_case("respond-async"))
}

/// A write on its way.
pub(super) struct Write<'a> {
    pub(super) state: &'a web::Data<AppState>,
    pub(super) caller: &'a Caller,
    pub(super) request: &'a HttpRequest,
    pub(super) kb: KbName,
    pub(super) work: Work,
    pub(super) body: Option<Spooled>,
}

impl Write<'_> {
    /// Runs the work, or queues it; once for each `Idempotency-Key`. `reply` words the outcome.
    pub(super) async fn run<F>(self, reply: F) -> Result<HttpResponse, ApiError>
    where
        F: FnOnce(&AppState, Outcome) -> Result<Reply, ApiError>,
    {
        let Write {
            state,
            caller,
            request,
            kb,
            work,
            body,
        } = self;
        let hash = body.as_ref().map_or_else(|| blake3::hash(b""), |b| b.hash);
        let write = async move {
            if wants_async(request) {
                return queue(state, kb, work, body).await;
            }
            let outcome = wait(state, kb, work, body).await?;
            reply(state, outcome)
        };
        state
            .idempotency
            .once(state.jobs.table(), caller, request, &hash, write)
            .await
    }
}

async fn queue(
    state: &web::Data<AppState>,
    kb: KbName,
    work: Work,
    body: Option<Spooled>,
) -> Result<Reply, ApiError> {
    let shared = state.clone();
    let (revision, job) = state
        .pools
        .writes
        .run(Cancel::new(), state.request_deadline(), move || {
            // It must exist now: a job that can only fail is a bad answer.
            let revision = shared.open(&kb)?.view().revision();
            let path = body
                .map(Spooled::keep)
                .transpose()
                .map_err(|e| crate::http::body::storage(&e))?;
            let job = shared
                .jobs
                .submit(&kb, work, path.clone())
                .inspect_err(|_| {
                    if let Some(path) = path {
                        let _ = std::fs::remove_file(path);
                    }
                })?;
            Ok((revision, job))
        })
        .await?;
    // The revision that the job will start from: what it brings is not there yet.
    Ok(Reply::json(StatusCode::ACCEPTED, &job)?
        .at(revision)
        .located(format!("/jobs/{}", job.id)))
}

async fn wait(
    state: &web::Data<AppState>,
    kb: KbName,
    work: Work,
    body: Option<Spooled>,
) -> Result<Outcome, ApiError> {
    let cancel = Cancel::new();
    let watch = RequestWatch(cancel.clone());
    let shared = state.clone();
    state
        .pools
        .writes
        .run(cancel, state.request_deadline(), move || {
            let shelf = shared.open(&kb)?;
            let decoded = shared.settings.limits.rdf_decoded_bytes;
            work.run(
                &shelf,
                body.as_ref().map(|b: &Spooled| -> &Path { b.path() }),
                decoded,
                &watch,
            )
        })
        .await
}
