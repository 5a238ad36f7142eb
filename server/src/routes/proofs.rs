//! `/kb/{name}/proofs/verify`: whether what was answered still holds.

use std::time::Instant;

use actix_web::{HttpRequest, HttpResponse, web};
use kg_store::{ParseLimits, QueryLimits};
use schemas::{
    Problem,
    proofs::{ProofInput, Verification},
};

use crate::{
    auth::{Caller, Role},
    http::{REVISION, body},
    pools::Cancel,
    problem::ApiError,
    proofs::{self, Claim},
    state::AppState,
};

/// Runs a proof's query again and looks for each fact that it cites.
#[utoipa::path(post, path = "/kb/{name}/proofs/verify", operation_id = "verify_proof", tag = "proofs", params(("name" = String, Path)),
    request_body(content = ProofInput, description = "The `grounding` of an answer, or a bundle"),
    responses((status = 200, description = "How the proof stands to the knowledge base now", body = Verification,
            headers(("Almanac-Revision" = u64, description = "the revision that was read"))),
        (status = 400, description = "No proof, a bundle that was altered, or a query that is refused", body = Problem),
        (status = 404, body = Problem), (status = 408, description = "The deadline passed", body = Problem),
        (status = 413, description = "The proof, or what its query yields, is too large", body = Problem)))]
pub(crate) async fn verify(
    state: web::Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    name: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    // Before a large body is read for somebody who may not ask.
    state.visible(&caller, &name, Role::Read)?;
    let (input, _) = body::json_object::<ProofInput>(&request, payload, state.proof_body()).await?;
    let limits = &state.settings.limits;
    let deadline = Instant::now() + limits.sparql_time(None);
    let parse = ParseLimits {
        max_bytes: usize::try_from(limits.small_body_bytes).unwrap_or(usize::MAX),
        ..ParseLimits::default()
    };
    let cancel = Cancel::new();
    let flag = cancel.flag();
    let (shared, name) = (state.clone(), name.into_inner());
    let verification = state
        .pools
        .queries
        .run(cancel, deadline, move || {
            let claim = Claim::try_from(input)?;
            let view = shared.shelf(&caller, &name, Role::Read)?.view();
            let bounds = QueryLimits {
                cancel: Some(flag),
                ..QueryLimits::within(deadline.saturating_duration_since(Instant::now()))
            };
            proofs::verify(&view, &claim, &parse, &bounds)
        })
        .await?;
    Ok(HttpResponse::Ok()
        .insert_header((REVISION, verification.revision.to_string()))
        .json(verification))
}
