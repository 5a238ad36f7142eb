//! The outermost layer of each request: writes error bodies, adds the common headers, measures, logs once.

use std::time::{Duration, Instant};

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};
use schemas::ErrorClass;

use super::{
    drain::SharedBody,
    percent::decodes_to_utf8,
    request_id::{self, RequestId},
};
use crate::{problem::ApiError, state::AppState, telemetry::metrics};

/// Runs the rest of the application and finishes its response.
///
/// An error leaves here as a problem or, under `/v1`, as OpenAI's error object, whoever raised it: a handler,
/// an extractor, or the framework.
pub async fn edge(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = Instant::now();
    let id = request
        .extensions()
        .get::<RequestId>()
        .map(|id| id.0.clone());
    let method = request.method().clone();
    let path = request.path().to_owned();
    let body = SharedBody::take(&mut request);
    let mut response = if let Err(error) = admitted(&request).await {
        request.into_response(HttpResponse::from_error(error))
    } else {
        // Routing turns every error into a response; the request may not be cloned before it.
        next.call(request).await?.map_into_boxed_body()
    };
    // A response made from an error remembers it.
    let mut message = None;
    if let Some(error) = response.response().error() {
        let told = error
            .as_error::<ApiError>()
            .cloned()
            .unwrap_or_else(|| from_framework(response.status(), &error.to_string()));
        message = Some(told.message().to_owned());
        body.drain().await;
        let rendered = told.response(&path, id.clone());
        response = response.into_response(rendered);
    }
    if let Some(value) = id.as_deref().and_then(|id| HeaderValue::from_str(id).ok()) {
        let headers = response.headers_mut();
        headers.insert(HeaderName::from_static(request_id::HEADER), value);
        headers.insert(
            HeaderName::from_static("x-content-type-options"),
            HeaderValue::from_static("nosniff"),
        );
    }
    let route = response
        .request()
        .match_pattern()
        .unwrap_or_else(|| "unmatched".to_owned());
    let status = response.status();
    let elapsed = began.elapsed();
    metrics::request(method.as_str(), &route, status.as_u16(), elapsed);
    let ms = elapsed.as_secs_f64() * 1e3;
    let status_code = status.as_u16();
    match message {
        Some(error) if status.is_server_error() => {
            tracing::error!(route, status = status_code, ms, error, "request failed");
        }
        Some(error) => tracing::info!(route, status = status_code, ms, error, "request refused"),
        None if is_probe(&route) => {
            tracing::debug!(route, status = status_code, ms, "request served");
        }
        None => tracing::info!(route, status = status_code, ms, "request served"),
    }
    Ok(response)
}

/// Whether a request goes to its handler at all.
async fn admitted(request: &ServiceRequest) -> Result<(), ApiError> {
    if !decodes_to_utf8(request.uri().path()) || !decodes_to_utf8(request.query_string()) {
        return Err(ApiError::invalid("the URL does not decode to valid UTF-8"));
    }
    opened(request).await
}

/// While knowledge bases are being opened, requests that need one wait a while and are then told to come back:
/// none of them may hold a thread of a pool for as long as an index needs to catch up.
async fn opened(request: &ServiceRequest) -> Result<(), ApiError> {
    const LONGEST: Duration = Duration::from_secs(5);
    const STEP: Duration = Duration::from_millis(10);
    let path = request.path();
    let needs = path.starts_with("/v1/") || path == "/kb" || path.starts_with("/kb/");
    let Some(state) = request.app_data::<web::Data<AppState>>().filter(|_| needs) else {
        return Ok(());
    };
    let until = Instant::now() + LONGEST;
    loop {
        match state.is_open() {
            Err(error) if Instant::now() >= until => return Err(error),
            Err(_) => tokio::time::sleep(STEP).await,
            Ok(()) => return Ok(()),
        }
    }
}

fn is_probe(route: &str) -> bool {
    matches!(route, "/livez" | "/readyz" | "/metrics")
}

/// The framework's own failures (a body that is no JSON, a query string of the wrong shape) in our words.
fn from_framework(status: StatusCode, message: &str) -> ApiError {
    let class = match status {
        StatusCode::NOT_FOUND => ErrorClass::NotFound,
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::URI_TOO_LONG => ErrorClass::TooLarge,
        status if status.is_client_error() => ErrorClass::Invalid,
        _ => ErrorClass::Internal,
    };
    let bounded: String = message.chars().take(400).collect();
    ApiError::new(class, bounded).with_status(status)
}
