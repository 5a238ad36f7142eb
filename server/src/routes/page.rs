//! The page at `/`: asks a question, shows the answer as it comes and its citations as facts that can be
//! followed. One document, one style sheet and one script, all from this server.

use actix_web::{HttpResponse, HttpResponseBuilder};

/// Nothing but our own files, no inline script, nobody's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn head(kind: &str) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .content_type(kind)
        .insert_header(("content-security-policy", POLICY))
        .insert_header(("referrer-policy", "no-referrer"))
        .insert_header(("cache-control", "no-cache"));
    response
}

/// The document.
pub(crate) async fn page() -> HttpResponse {
    head("text/html; charset=utf-8").body(include_str!("page/index.html"))
}

/// The script.
pub(crate) async fn script() -> HttpResponse {
    head("text/javascript; charset=utf-8").body(include_str!("page/page.js"))
}

/// The style sheet.
pub(crate) async fn style() -> HttpResponse {
    head("text/css; charset=utf-8").body(include_str!("page/page.css"))
}
