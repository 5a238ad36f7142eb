//! The description of the API, made from the handlers' own annotations.

use std::sync::OnceLock;

use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use crate::routes::{
    chat, dataset, documents, embeddings, graph_store, jobs, knowledge_bases, models, probes,
    proofs, search, sparql,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Almanac",
        description = "An inference server that answers from a knowledge base and proves what it says. \
            Failures are `application/problem+json` (RFC 9457), and OpenAI's error object under `/v1`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    paths(
        chat::completions, embeddings::embeddings, models::list, models::one,
        knowledge_bases::list, knowledge_bases::create, knowledge_bases::info, knowledge_bases::put,
        knowledge_bases::delete,
        sparql::get, sparql::post,
        graph_store::get, graph_store::put, graph_store::post, graph_store::delete,
        dataset::load, dataset::dump, dataset::reindex, dataset::check,
        search::search, search::entity, search::link,
        proofs::verify,
        documents::list, documents::post, documents::get_one, documents::put_one, documents::delete_one,
        jobs::list, jobs::get, jobs::cancel, jobs::events,
        probes::livez, probes::readyz, probes::metrics,
    ),
    modifiers(&Keys),
    security((), ("bearer" = []), ("basic" = [])),
)]
struct Description;

struct Keys;

impl Modify for Keys {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        for (name, scheme, told) in [
            ("bearer", HttpAuthScheme::Bearer, "an API key"),
            (
                "basic",
                HttpAuthScheme::Basic,
                "any user, and an API key as password",
            ),
        ] {
            let scheme = HttpBuilder::new()
                .scheme(scheme)
                .description(Some(told))
                .build();
            components.add_security_scheme(name, SecurityScheme::Http(scheme));
        }
    }
}

/// The description as JSON, OpenAPI 3.1.
pub fn json() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| Description::openapi().to_pretty_json().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_is_what_it_was() {
        let mut value: serde_json::Value = serde_json::from_str(json()).unwrap();
        assert!(value["openapi"].as_str().unwrap().starts_with("3.1"));
        // The version rises with each release and says nothing about the API's shape.
        value["info"]["version"] = "any".into();
        insta::assert_json_snapshot!("openapi", value);
    }
}
