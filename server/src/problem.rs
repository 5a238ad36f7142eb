//! Failures on their way to a client: one error type for all handlers, one table from error class to status.
//!
//! A handler returns [`ApiError`]; `http::edge` writes its body, as a problem (RFC 9457) or, under `/v1`, as
//! OpenAI's error object, and logs it once.

use std::{borrow::Cow, fmt};

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use schemas::{
    ErrorClass, Problem,
    error::{OpenAiError, OpenAiErrorBody},
};

/// Seconds after which a refused request may be tried again.
const RETRY_AFTER: u32 = 1;

/// The one table from error class to status.
pub fn status_of(class: ErrorClass) -> StatusCode {
    match class {
        ErrorClass::Invalid => StatusCode::BAD_REQUEST,
        ErrorClass::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorClass::Forbidden => StatusCode::FORBIDDEN,
        ErrorClass::NotFound => StatusCode::NOT_FOUND,
        ErrorClass::Conflict => StatusCode::CONFLICT,
        ErrorClass::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorClass::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorClass::Overloaded => StatusCode::TOO_MANY_REQUESTS,
        // The request asked for more than its time allows: the same request would fail again, so no 5xx.
        ErrorClass::Timeout => StatusCode::REQUEST_TIMEOUT,
        ErrorClass::Cancelled | ErrorClass::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorClass::Upstream => StatusCode::BAD_GATEWAY,
        ErrorClass::UpstreamTimeout => StatusCode::GATEWAY_TIMEOUT,
        ErrorClass::InsufficientStorage => StatusCode::INSUFFICIENT_STORAGE,
        ErrorClass::Corrupt | ErrorClass::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Where in a source a failure lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// The file or source.
    pub source: Option<String>,
    /// From 1.
    pub line: Option<u64>,
    /// In characters, from 1.
    pub column: Option<u64>,
}

/// A failure that a client is told of.
#[derive(Clone, Debug)]
pub struct ApiError {
    class: ErrorClass,
    message: Cow<'static, str>,
    status: Option<StatusCode>,
    param: Option<Cow<'static, str>>,
    code: Option<&'static str>,
    // Boxed, because few errors have one and all pay for its room.
    location: Option<Box<Location>>,
    allow: Option<&'static str>,
}

impl ApiError {
    /// A failure of a class, in words for the client.
    pub fn new(class: ErrorClass, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            class,
            message: message.into(),
            status: None,
            param: None,
            code: None,
            location: None,
            allow: None,
        }
    }

    /// A malformed request.
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorClass::Invalid, message)
    }

    /// What the request names is not there.
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorClass::NotFound, message)
    }

    /// A failure of our own; the message is for the log as much as for the client.
    pub fn internal(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorClass::Internal, message)
    }

    /// The same failure in other words.
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.message = message.into();
        self
    }

    /// A status that says more than the class's own.
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// The request's parameter that is at fault.
    pub fn with_param(mut self, param: impl Into<Cow<'static, str>>) -> Self {
        self.param = Some(param.into());
        self
    }

    /// A code that a program can test.
    pub fn with_code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// Where in a source the failure lies.
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(Box::new(location));
        self
    }

    /// 405 with the methods that are allowed.
    pub fn method_not_allowed(allow: &'static str) -> Self {
        let mut error = Self::invalid(format!("this resource allows {allow}"))
            .with_status(StatusCode::METHOD_NOT_ALLOWED);
        error.allow = Some(allow);
        error
    }

    /// The error's class.
    pub fn class(&self) -> ErrorClass {
        self.class
    }

    /// The words for the client.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The status: the class's, unless one was named.
    pub fn status(&self) -> StatusCode {
        self.status.unwrap_or_else(|| status_of(self.class))
    }

    /// The body for paths outside `/v1`.
    pub fn problem(&self, request_id: Option<String>) -> Problem {
        let status = self.status();
        let location = self.location.as_deref().cloned().unwrap_or_default();
        Problem {
            kind: "about:blank".to_owned(),
            title: status.canonical_reason().unwrap_or("error").to_owned(),
            status: status.as_u16(),
            detail: self.message.to_string(),
            source: location.source,
            line: location.line,
            column: location.column,
            request_id,
        }
    }

    /// The body under `/v1`, and in a stream that fails midway.
    pub fn openai(&self) -> OpenAiErrorBody {
        let kind = match self.status().as_u16() {
            401 => "authentication_error",
            403 => "permission_error",
            429 => "rate_limit_error",
            500.. => "server_error",
            _ => "invalid_request_error",
        };
        OpenAiErrorBody {
            error: OpenAiError {
                message: self.message.to_string(),
                kind: kind.to_owned(),
                param: self.param.as_deref().map(str::to_owned),
                code: self.code.map(str::to_owned).or_else(|| self.default_code()),
            },
        }
    }

    fn default_code(&self) -> Option<String> {
        let code = match self.class {
            ErrorClass::Unauthenticated => "invalid_api_key",
            ErrorClass::Overloaded => "overloaded",
            ErrorClass::Timeout => "timeout",
            ErrorClass::TooLarge => "request_too_large",
            _ => return None,
        };
        Some(code.to_owned())
    }

    /// The response for a path, with the headers that its status asks for.
    pub fn response(&self, path: &str, request_id: Option<String>) -> HttpResponse {
        let status = self.status();
        let mut response = HttpResponse::build(status);
        match status {
            StatusCode::UNAUTHORIZED => {
                response.append_header((header::WWW_AUTHENTICATE, "Bearer realm=\"almanac\""));
                response.append_header((header::WWW_AUTHENTICATE, "Basic realm=\"almanac\""));
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                response.insert_header((header::RETRY_AFTER, RETRY_AFTER.to_string()));
            }
            _ => {}
        }
        if let Some(allow) = self.allow {
            response.insert_header((header::ALLOW, allow));
        }
        if is_openai(path) {
            response.json(self.openai())
        } else {
            let body = serde_json::to_vec(&self.problem(request_id)).unwrap_or_default();
            response.content_type("application/problem+json").body(body)
        }
    }
}

/// Whether a path speaks OpenAI's error language.
pub fn is_openai(path: &str) -> bool {
    path == "/v1" || path.starts_with("/v1/")
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ApiError {}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    // Only reached when `http::edge` is not in the way, as in a unit test.
    fn error_response(&self) -> HttpResponse {
        self.response("/", None)
    }
}

impl From<schemas::ids::InvalidKbName> for ApiError {
    fn from(error: schemas::ids::InvalidKbName) -> Self {
        Self::invalid(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_class_but_our_own_failures_is_a_500() {
        use ErrorClass::*;
        let expected = [
            (Invalid, 400),
            (Unauthenticated, 401),
            (Forbidden, 403),
            (NotFound, 404),
            (Conflict, 409),
            (TooLarge, 413),
            (Unsupported, 415),
            (Overloaded, 429),
            (Timeout, 408),
            (Cancelled, 503),
            (Unavailable, 503),
            (Upstream, 502),
            (UpstreamTimeout, 504),
            (InsufficientStorage, 507),
            (Corrupt, 500),
            (Internal, 500),
        ];
        for (class, status) in expected {
            assert_eq!(status_of(class).as_u16(), status, "{class:?}");
        }
    }

    #[test]
    fn the_path_chooses_the_body() {
        let error = ApiError::invalid("`n` must be 1").with_param("n");
        let openai = error.response("/v1/chat/completions", None);
        let kind = |r: &HttpResponse| r.headers().get(header::CONTENT_TYPE).cloned().unwrap();
        assert_eq!(kind(&openai), "application/json");
        let problem = error.response("/kb/x", Some("r1".to_owned()));
        assert_eq!(kind(&problem), "application/problem+json");
        assert_eq!(error.openai().error.param.as_deref(), Some("n"));
        assert!(!is_openai("/v1x"));
    }

    #[test]
    fn a_401_says_which_credentials_it_takes() {
        let response = ApiError::new(ErrorClass::Unauthenticated, "no key").response("/kb", None);
        let schemes: Vec<_> = response
            .headers()
            .get_all(header::WWW_AUTHENTICATE)
            .collect();
        assert_eq!(schemes.len(), 2);
    }
}
