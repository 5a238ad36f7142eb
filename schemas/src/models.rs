//! OpenAI's list of models: knowledge bases, language models and embedders share one namespace.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One model.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Model {
    /// What goes into a request's `model`.
    pub id: String,
    /// `model`.
    pub object: String,
    /// Unix time in seconds.
    pub created: i64,
    /// `almanac`.
    pub owned_by: String,
    /// What it is.
    pub kind: ModelKind,
}

/// What a model id stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// Answers from its facts and documents.
    KnowledgeBase,
    /// Chats plainly.
    LanguageModel,
    /// Embeds texts.
    Embedder,
}

/// The answer of `GET /v1/models`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct ModelList {
    /// `list`.
    pub object: String,
    /// All models that the caller may use.
    pub data: Vec<Model>,
}
