//! The resources of the API, one file each.

pub(crate) mod chat;
pub(crate) mod dataset;
pub(crate) mod documents;
pub(crate) mod embeddings;
pub(crate) mod graph_store;
pub(crate) mod jobs;
pub(crate) mod knowledge_bases;
pub(crate) mod models;
mod page;
pub(crate) mod probes;
pub(crate) mod proofs;
mod rdf_body;
pub(crate) mod search;
pub(crate) mod sparql;
mod sparql_service;
mod writes;

use actix_web::{HttpRequest, Resource, web};

use crate::{http::body::clip, problem::ApiError};

/// A resource that answers other methods with 405 and `Allow`.
fn resource(path: &str, allow: &'static str) -> Resource {
    web::resource(path).default_service(web::to(move || async move {
        Err::<&str, _>(ApiError::method_not_allowed(allow))
    }))
}

/// What is wrong with a query string, in words that name the parameter.
fn query_fault(message: &str) -> ApiError {
    let message = message
        .strip_prefix("Query deserialize error: ")
        .unwrap_or(message);
    let named = |kind: &str| {
        let rest = message.strip_prefix(kind)?.strip_prefix(" field `")?;
        rest.split_once('`')
    };
    if let Some((name, _)) = named("missing") {
        return ApiError::invalid(format!("the parameter `{name}` is missing"))
            .with_param(name.to_owned());
    }
    if let Some((name, rest)) = named("unknown") {
        let name = clip(name);
        return ApiError::invalid(format!("the parameter `{name}` is not known here{rest}"))
            .with_param(name);
    }
    ApiError::invalid(format!("the query string is not as expected: {message}"))
}

/// All routes.
pub fn configure(config: &mut web::ServiceConfig) {
    // Handlers read bodies themselves; query strings of the wrong shape are a plain 400.
    let query = web::QueryConfig::default()
        .error_handler(|error, _| query_fault(&error.to_string()).into());
    config.app_data(query);
    openai(config);
    knowledge(config);
    config
        .service(resource("/jobs", "GET").route(web::get().to(jobs::list)))
        .service(
            resource("/jobs/{id}", "GET, DELETE")
                .route(web::get().to(jobs::get))
                .route(web::delete().to(jobs::cancel)),
        )
        .service(resource("/jobs/{id}/events", "GET").route(web::get().to(jobs::events)))
        .service(
            resource("/livez", "GET, HEAD")
                .route(web::get().to(probes::livez))
                .route(web::head().to(probes::livez)),
        )
        .service(
            resource("/readyz", "GET, HEAD")
                .route(web::get().to(probes::readyz))
                .route(web::head().to(probes::readyz)),
        )
        .service(resource("/metrics", "GET").route(web::get().to(probes::metrics)))
        .service(resource("/openapi.json", "GET").route(web::get().to(probes::openapi)))
        .service(resource("/", "GET").route(web::get().to(page::page)))
        .service(resource("/page.js", "GET").route(web::get().to(page::script)))
        .service(resource("/page.css", "GET").route(web::get().to(page::style)))
        .default_service(web::to(|request: HttpRequest| async move {
            let path: String = request.path().chars().take(200).collect();
            Err::<&str, _>(ApiError::not_found(format!("there is nothing at `{path}`")))
        }));
}

fn openai(config: &mut web::ServiceConfig) {
    config
        .service(resource("/v1/chat/completions", "POST").route(web::post().to(chat::completions)))
        .service(resource("/v1/embeddings", "POST").route(web::post().to(embeddings::embeddings)))
        .service(resource("/v1/models", "GET").route(web::get().to(models::list)))
        .service(resource("/v1/models/{id}", "GET").route(web::get().to(models::one)));
}

fn knowledge(config: &mut web::ServiceConfig) {
    config
        .service(
            resource("/kb", "GET, POST")
                .route(web::get().to(knowledge_bases::list))
                .route(web::post().to(knowledge_bases::create)),
        )
        .service(
            resource("/kb/{name}", "GET, PUT, DELETE")
                .route(web::get().to(knowledge_bases::info))
                .route(web::put().to(knowledge_bases::put))
                .route(web::delete().to(knowledge_bases::delete)),
        )
        .service(
            resource("/kb/{name}/sparql", "GET, POST")
                .route(web::get().to(sparql::get))
                .route(web::post().to(sparql::post)),
        )
        .service(
            resource("/kb/{name}/rdf-graph-store", "GET, HEAD, PUT, POST, DELETE")
                .route(web::get().to(graph_store::get))
                .route(web::head().to(graph_store::head))
                .route(web::put().to(graph_store::put))
                .route(web::post().to(graph_store::post))
                .route(web::delete().to(graph_store::delete)),
        )
        .service(resource("/kb/{name}/load", "POST").route(web::post().to(dataset::load)))
        .service(resource("/kb/{name}/dump", "GET").route(web::get().to(dataset::dump)))
        .service(resource("/kb/{name}/reindex", "POST").route(web::post().to(dataset::reindex)))
        .service(resource("/kb/{name}/check", "POST").route(web::post().to(dataset::check)))
        .service(resource("/kb/{name}/search", "GET").route(web::get().to(search::search)))
        .service(resource("/kb/{name}/entity", "GET").route(web::get().to(search::entity)))
        .service(resource("/kb/{name}/link", "GET").route(web::get().to(search::link)))
        .service(resource("/kb/{name}/proofs/verify", "POST").route(web::post().to(proofs::verify)))
        .service(
            resource("/kb/{name}/documents", "GET, POST")
                .route(web::get().to(documents::list))
                .route(web::post().to(documents::post)),
        )
        .service(
            resource("/kb/{name}/documents/{id:.+}", "GET, PUT, DELETE")
                .route(web::get().to(documents::get_one))
                .route(web::put().to(documents::put_one))
                .route(web::delete().to(documents::delete_one)),
        );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_string_s_fault_names_the_parameter() {
        let said = |message: &str| query_fault(message).message().to_owned();
        assert_eq!(
            said("Query deserialize error: missing field `q`"),
            "the parameter `q` is missing"
        );
        assert_eq!(
            said("Query deserialize error: unknown field `x`, expected `q` or `limit`"),
            "the parameter `x` is not known here, expected `q` or `limit`"
        );
        assert!(said("Query deserialize error: invalid digit").ends_with(": invalid digit"));
    }
}
