//! `/kb/{name}/sparql`: the SPARQL 1.1 Protocol for queries, with content negotiation and a service description.

use std::time::Instant;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use kg_store::{
    CheckedQuery, Dataset, ParseLimits, QueryForm, QueryLimits, ResultFormat,
    rdf::{GraphName, NamedNode},
};
use schemas::{ErrorClass, Problem};

use super::{rdf_body::graph_iri, sparql_service};
use crate::{
    auth::{Caller, Role},
    http::{REVISION, body, negotiation, percent::decodes_to_utf8, stream::streamed},
    pools::Cancel,
    problem::ApiError,
    state::AppState,
};

/// Graphs that one request may list.
const MAX_GRAPHS: usize = 1_024;

/// Parameters in which common clients repeat what `Accept` says.
const IGNORED: [&str; 3] = ["format", "output", "results"];

/// What the protocol's parameters say.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    query: Option<String>,
    default_graphs: Vec<String>,
    named_graphs: Vec<String>,
    timeout_ms: Option<u64>,
    update: bool,
}

impl Asked {
    fn add(&mut self, text: &str) -> Result<(), ApiError> {
        if !decodes_to_utf8(text) {
            return Err(ApiError::invalid(
                "the parameters do not decode to valid UTF-8",
            ));
        }
        let pairs = web::Query::<Vec<(String, String)>>::from_query(text)
            .map_err(|e| ApiError::invalid(format!("the parameters cannot be read: {e}")))?;
        for (name, value) in pairs.into_inner() {
            match name.as_str() {
                "query" if self.query.is_some() => {
                    return Err(
                        ApiError::invalid("`query` came more than once").with_param("query")
                    );
                }
                "query" => self.query = Some(value),
                "update" => self.update = true,
                "default-graph-uri" => self.default_graphs.push(graph_iri(&value)?),
                "named-graph-uri" => self.named_graphs.push(graph_iri(&value)?),
                "timeout" => {
                    let ms = value.parse().ok().filter(|ms| *ms > 0).ok_or_else(|| {
                        ApiError::invalid("`timeout` must be a whole number of milliseconds")
                            .with_param("timeout")
                    })?;
                    self.timeout_ms = Some(ms);
                }
                name if IGNORED.contains(&name) => {}
                other => {
                    let other = body::clip(other);
                    return Err(ApiError::invalid(format!(
                        "the parameter `{other}` is not known here"
                    ))
                    .with_param(other));
                }
            }
        }
        if self.default_graphs.len() + self.named_graphs.len() > MAX_GRAPHS {
            return Err(ApiError::new(
                ErrorClass::TooLarge,
                format!("more than {MAX_GRAPHS} graphs are listed"),
            ));
        }
        Ok(())
    }

    fn dataset(&self) -> Dataset {
        if self.default_graphs.is_empty() && self.named_graphs.is_empty() {
            return Dataset::Plain;
        }
        // `graph_iri` has checked them.
        let node = |iri: &String| NamedNode::new_unchecked(iri.clone());
        Dataset::Explicit {
            default: self
                .default_graphs
                .iter()
                .map(|iri| GraphName::NamedNode(node(iri)))
                .collect(),
            named: self
                .named_graphs
                .iter()
                .map(|iri| node(iri).into())
                .collect(),
        }
    }
}

/// Answers a query; without one, describes the service.
#[utoipa::path(get, path = "/kb/{name}/sparql", operation_id = "sparql_get", tag = "sparql",
    params(("name" = String, Path), ("query" = Option<String>, Query, description = "SPARQL 1.1; without it the service describes itself"),
        ("default-graph-uri" = Option<Vec<String>>, Query), ("named-graph-uri" = Option<Vec<String>>, Query),
        ("timeout" = Option<u64>, Query, description = "milliseconds; the server's own bound holds all the same")),
    responses((status = 200, description = "The result", content_type = "application/sparql-results+json"),
        (status = 400, description = "The problem names line and column", body = Problem),
        (status = 406, body = Problem), (status = 408, description = "The deadline passed", body = Problem)))]
pub(crate) async fn get(
    state: web::Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    name: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let mut asked = Asked::default();
    asked.add(request.query_string())?;
    if asked.update {
        return Err(ApiError::method_not_allowed("POST"));
    }
    answer(&state, &caller, &request, &name, asked).await
}

/// Answers a query that is sent as a form or as `application/sparql-query`.
#[utoipa::path(post, path = "/kb/{name}/sparql", operation_id = "sparql_post", tag = "sparql", params(("name" = String, Path)),
    request_body(content = String, content_type = "application/sparql-query"),
    responses((status = 200, description = "The result", content_type = "application/sparql-results+json"),
        (status = 400, body = Problem), (status = 408, body = Problem), (status = 415, body = Problem),
        (status = 501, description = "SPARQL Update is not served yet", body = Problem)))]
pub(crate) async fn post(
    state: web::Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    name: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let kind = body::media_type(&request);
    let mut asked = Asked::default();
    asked.add(request.query_string())?;
    match kind.as_deref() {
        Some("application/sparql-update") => asked.update = true,
        Some("application/x-www-form-urlencoded") => {
            let text = utf8(body::read(&request, payload, state.small_body()).await?)?;
            asked.add(&text)?;
        }
        Some("application/sparql-query") => {
            let text = utf8(body::read(&request, payload, state.small_body()).await?)?;
            if asked.query.replace(text).is_some() {
                return Err(ApiError::invalid(
                    "the query came both in the body and in the query string",
                )
                .with_param("query"));
            }
        }
        other => {
            return Err(ApiError::new(
                ErrorClass::Unsupported,
                format!(
                    "`{}` is not taken here; send application/sparql-query or a form",
                    body::clip(other.unwrap_or("no Content-Type"))
                ),
            ));
        }
    }
    if asked.update {
        state.visible(&caller, &name, Role::Write)?;
        return Err(ApiError::new(
            ErrorClass::Unsupported,
            "SPARQL Update is not served yet; use the graph store",
        )
        .with_status(StatusCode::NOT_IMPLEMENTED));
    }
    if asked.query.is_none() {
        return Err(ApiError::invalid("the parameter `query` is missing").with_param("query"));
    }
    answer(&state, &caller, &request, &name, asked).await
}

fn utf8(bytes: bytes::Bytes) -> Result<String, ApiError> {
    String::from_utf8(bytes.to_vec()).map_err(|_| ApiError::invalid("the body is not valid UTF-8"))
}

async fn answer(
    state: &web::Data<AppState>,
    caller: &Caller,
    request: &HttpRequest,
    name: &str,
    mut asked: Asked,
) -> Result<HttpResponse, ApiError> {
    let limits = &state.settings.limits;
    let deadline = Instant::now() + limits.sparql_time(asked.timeout_ms);
    let describes = asked.query.is_none();
    let endpoint = {
        let info = request.connection_info();
        format!("{}://{}{}", info.scheme(), info.host(), request.path())
    };
    let text = match asked.query.take() {
        Some(text) => text,
        None => sparql_service::description(&endpoint),
    };
    let dataset = asked.dataset();
    let parse = ParseLimits {
        max_bytes: usize::try_from(limits.small_body_bytes).unwrap_or(usize::MAX),
        ..ParseLimits::default()
    };
    let (shared, who, kb) = (state.clone(), caller.clone(), name.to_owned());
    let (view, query) = state
        .pools
        .queries
        .run(Cancel::new(), deadline, move || {
            let view = shared.shelf(&who, &kb, Role::Read)?.view();
            Ok((view, CheckedQuery::parse(&text, dataset, &parse)?))
        })
        .await?;
    let offers = offers(query.form());
    let kinds: Vec<&str> = offers.iter().map(|(kind, _)| *kind).collect();
    let accept = negotiation::accept(request);
    let chosen = negotiation::choose(accept.as_deref(), &kinds)
        .ok_or_else(|| negotiation::not_acceptable(&kinds))?;
    let (kind, format) = offers[chosen];
    let mut head = HttpResponse::Ok();
    head.content_type(kind)
        .insert_header((REVISION, view.revision().to_string()))
        .insert_header(("vary", "accept"));
    if describes {
        head.insert_header(("allow", "GET, POST"));
    }
    let bounds = QueryLimits {
        max_rows: usize::try_from(limits.sparql_rows).unwrap_or(usize::MAX),
        max_bytes: usize::try_from(limits.sparql_bytes).unwrap_or(usize::MAX),
        ..QueryLimits::within(deadline.saturating_duration_since(Instant::now()))
    };
    streamed(
        &state.pools.queries,
        deadline,
        head,
        move |writer, cancel| {
            let bounds = QueryLimits {
                cancel: Some(cancel.flag()),
                ..bounds
            };
            view.snapshot()
                .query_to_writer(&query, format, &bounds, &mut *writer)?;
            writer
                .flush()
                .map_err(|e| ApiError::internal(e.to_string()))
        },
    )
    .await
}

/// What a query's result can be written as, in the server's order of preference.
fn offers(form: QueryForm) -> &'static [(&'static str, ResultFormat)] {
    use kg_store::RdfSyntax::{JsonLd, NTriples, RdfXml, Turtle};
    match form {
        QueryForm::Select | QueryForm::Ask => &[
            ("application/sparql-results+json", ResultFormat::Json),
            ("application/sparql-results+xml", ResultFormat::Xml),
            ("text/csv", ResultFormat::Csv),
            ("text/tab-separated-values", ResultFormat::Tsv),
            ("application/json", ResultFormat::Json),
            ("application/xml", ResultFormat::Xml),
        ],
        QueryForm::Construct | QueryForm::Describe => &[
            ("text/turtle", ResultFormat::Rdf(Turtle)),
            ("application/n-triples", ResultFormat::Rdf(NTriples)),
            ("application/rdf+xml", ResultFormat::Rdf(RdfXml)),
            ("application/ld+json", ResultFormat::Rdf(JsonLd)),
            ("application/x-turtle", ResultFormat::Rdf(Turtle)),
            ("text/plain", ResultFormat::Rdf(NTriples)),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_and_bounded() {
        let mut asked = Asked::default();
        asked
            .add("query=ASK%20%7B%7D&default-graph-uri=http://a.example/1&default-graph-uri=http://a.example/2&timeout=50&format=json")
            .unwrap();
        assert_eq!(asked.query.as_deref(), Some("ASK {}"));
        assert_eq!(asked.default_graphs.len(), 2);
        assert_eq!(asked.timeout_ms, Some(50));
        assert!(
            matches!(asked.dataset(), Dataset::Explicit { default, named } if default.len() == 2 && named.is_empty())
        );
        for bad in [
            "query=a&query=b",
            "timeout=0",
            "timeout=x",
            "default-graph-uri=relative",
            "query=%FF",
            "query=ASK%7B%7D&limit=5",
        ] {
            assert!(Asked::default().add(bad).is_err(), "{bad}");
        }
    }
}
