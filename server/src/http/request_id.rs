//! Ids of requests: the client's own, if it is sane, else a fresh one.

use actix_web::{HttpMessage, HttpRequest, dev::ServiceRequest};
use tracing_actix_web::RootSpanBuilder;
use uuid::Uuid;

/// The header that carries an id, in requests and responses.
pub const HEADER: &str = "x-request-id";

/// The id of a request, kept among its extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

impl RequestId {
    /// The id of a request, if the edge has seen it.
    pub fn of(request: &HttpRequest) -> Option<String> {
        request
            .extensions()
            .get::<RequestId>()
            .map(|id| id.0.clone())
    }
}

/// Accepts 1 to 128 of letters, digits and `-_.:/+=`: nothing that could forge a log line or a header.
fn choose(sent: Option<&str>) -> String {
    let sane = |text: &&str| {
        (1..=128).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.:/+=".contains(&b))
    };
    match sent.filter(sane) {
        Some(text) => text.to_owned(),
        None => Uuid::now_v7().to_string(),
    }
}

/// Gives each request its id and the span in which all its log lines stand.
pub struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> tracing::Span {
        let sent = request.headers().get(HEADER).and_then(|v| v.to_str().ok());
        let id = choose(sent);
        let span = tracing::info_span!(
            "request",
            request_id = %id,
            method = %request.method(),
            path = %request.path().chars().take(200).collect::<String>(),
        );
        request.extensions_mut().insert(RequestId(id));
        span
    }

    // `edge` writes the line about the outcome, with the route and the time.
    fn on_request_end<B: actix_web::body::MessageBody>(
        _: tracing::Span,
        _: &Result<actix_web::dev::ServiceResponse<B>, actix_web::Error>,
    ) {
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sane_id_is_kept_and_any_other_replaced() {
        assert_eq!(choose(Some("abc-1.2:3")), "abc-1.2:3");
        for bad in [None, Some(""), Some("a b"), Some("a\nb"), Some("é")] {
            assert_eq!(Uuid::parse_str(&choose(bad)).unwrap().get_version_num(), 7);
        }
        assert_ne!(choose(Some(&"x".repeat(129))).len(), 129);
    }
}
