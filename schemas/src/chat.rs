//! OpenAI's chat completions, with Almanac's additions in one object.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::grounding::Grounding;

/// The body of `POST /v1/chat/completions`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ChatRequest {
    /// A knowledge base, or a language model to chat with plainly.
    pub model: String,
    /// The conversation; the last user message is the question.
    #[serde(deserialize_with = "crate::object::each")]
    pub messages: Vec<ChatMessage>,
    /// Answer as server-sent events.
    #[serde(default)]
    pub stream: Option<bool>,
    /// What a stream carries besides the text.
    #[serde(default, deserialize_with = "crate::object::optional")]
    pub stream_options: Option<StreamOptions>,
    /// 0 is greedy.
    #[serde(default)]
    pub temperature: Option<f32>,
    /// Nucleus sampling.
    #[serde(default)]
    pub top_p: Option<f32>,
    /// Bound on the tokens generated.
    #[serde(default)]
    pub max_tokens: Option<u32>,
    /// The newer name of `max_tokens`.
    #[serde(default)]
    pub max_completion_tokens: Option<u32>,
    /// The same seed gives the same text.
    #[serde(default)]
    pub seed: Option<i64>,
    /// Text at which generation ends.
    #[serde(default)]
    pub stop: Option<Stop>,
    /// Added to the logits of the tokens named.
    #[serde(default)]
    pub logit_bias: Option<BTreeMap<String, f32>>,
    /// Lowers the odds of tokens that have appeared.
    #[serde(default)]
    pub presence_penalty: Option<f32>,
    /// Lowers the odds of tokens by how often they have appeared.
    #[serde(default)]
    pub frequency_penalty: Option<f32>,
    /// Keeps this many of the likeliest tokens; 0 and -1 keep all.
    #[serde(default)]
    pub top_k: Option<i64>,
    /// Keeps the tokens that are at least this many times as likely as the likeliest one.
    #[serde(default)]
    pub min_p: Option<f32>,
    /// Lowers the odds of tokens that have appeared lately, in the question or the answer; 1 changes nothing.
    #[serde(default)]
    pub repetition_penalty: Option<f32>,
    /// Number of choices: up to 8 of a language model, 1 of a knowledge base.
    #[serde(default)]
    pub n: Option<u32>,
    /// Tell how likely each token was.
    #[serde(default)]
    pub logprobs: Option<bool>,
    /// With `logprobs`: tell this many of the likeliest tokens in its place, at most 20.
    #[serde(default)]
    pub top_logprobs: Option<u32>,
    /// The form of the answer.
    #[serde(default, deserialize_with = "crate::object::optional")]
    pub response_format: Option<ResponseFormat>,
    /// An id of the end user; accepted and ignored.
    #[serde(default)]
    pub user: Option<String>,
    /// Almanac's own options.
    #[serde(default, deserialize_with = "crate::object::optional")]
    pub almanac: Option<AlmanacOptions>,
    /// Any other parameter, to be ignored or refused by name.
    #[serde(flatten)]
    #[schema(ignore)]
    pub other: BTreeMap<String, serde_json::Value>,
}

/// Almanac's own options of a chat request.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AlmanacOptions {
    /// Add `explanation` to the grounding: mentions, candidates, scores.
    pub explain: bool,
    /// Let the language model answer from its own memory where the knowledge base cannot.
    pub allow_ungrounded: bool,
    /// The language model that words the answer; by default the server's.
    pub model: Option<String>,
    /// Answer from this revision or a later one.
    pub min_revision: Option<u64>,
}

/// One or several stop strings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(untagged, expecting = "`stop` must be a string or an array of strings")]
pub enum Stop {
    /// One.
    One(String),
    /// Up to four.
    Many(Vec<String>),
}

/// The form of an answer.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct ResponseFormat {
    /// `text`, `json_object` or `json_schema`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The schema of a `json_schema`.
    #[serde(default, deserialize_with = "crate::object::optional")]
    pub json_schema: Option<JsonSchemaFormat>,
}

/// A schema that an answer must satisfy.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct JsonSchemaFormat {
    /// The schema's name; ignored.
    pub name: String,
    /// What it is for; ignored.
    #[serde(default)]
    pub description: Option<String>,
    /// The JSON schema.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub schema: Option<serde_json::Value>,
    /// Ignored: a schema always binds.
    #[serde(default)]
    pub strict: Option<bool>,
}

/// What a stream carries besides the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct StreamOptions {
    /// Send a last chunk with the usage.
    #[serde(default)]
    pub include_usage: Option<bool>,
}

/// A message of the conversation.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct ChatMessage {
    /// `system`, `developer`, `user`, `assistant` or `tool`.
    pub role: String,
    /// The text.
    #[serde(default)]
    pub content: Option<Content>,
}

/// A message's text, whole or in parts.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(
    untagged,
    expecting = "`content` must be a string or an array of parts"
)]
pub enum Content {
    /// Plain text.
    Text(String),
    /// Parts, of which only text parts are supported.
    #[serde(deserialize_with = "crate::object::each")]
    Parts(Vec<ContentPart>),
}

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct ContentPart {
    /// Only `text` is supported.
    #[serde(rename = "type")]
    pub kind: String,
    /// The text of a text part.
    #[serde(default)]
    pub text: Option<String>,
}

/// A whole answer.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct ChatCompletion {
    /// `chatcmpl-...`.
    pub id: String,
    /// `chat.completion`.
    pub object: String,
    /// Unix time in seconds.
    pub created: i64,
    /// The model that was asked.
    pub model: String,
    /// As many as were asked for.
    pub choices: Vec<Choice>,
    /// Tokens read and written.
    pub usage: Usage,
}

/// A choice of a whole answer.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Choice {
    /// From 0.
    pub index: u32,
    /// The answer.
    pub message: AssistantMessage,
    /// `stop` or `length`.
    pub finish_reason: String,
    /// How likely the tokens were, if asked for.
    pub logprobs: Option<Logprobs>,
}

/// How likely the tokens of a text were.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Logprobs {
    /// The tokens in order.
    pub content: Option<Vec<TokenLogprob>>,
    /// Always null: the answer is never refused in this way.
    pub refusal: Option<Vec<TokenLogprob>>,
}

/// A token and how likely it was.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct TokenLogprob {
    /// The token as text.
    pub token: String,
    /// The natural logarithm of its probability.
    pub logprob: f32,
    /// The bytes that it adds to the text; null in the case of a control token.
    pub bytes: Option<Vec<u8>>,
    /// The likeliest tokens in its place, best first.
    pub top_logprobs: Vec<TopLogprob>,
}

/// A token that might have been chosen.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct TopLogprob {
    /// The token as text.
    pub token: String,
    /// The natural logarithm of its probability.
    pub logprob: f32,
    /// The bytes that it adds to the text; null in the case of a control token.
    pub bytes: Option<Vec<u8>>,
}

/// The answer's message.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct AssistantMessage {
    /// `assistant`.
    pub role: String,
    /// The text, with markers such as `[1]`.
    pub content: Option<String>,
    /// Always null: the answer is never refused in this way.
    pub refusal: Option<String>,
    /// Citations that have a URL, in OpenAI's form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<Annotation>,
    /// Where the answer comes from; absent when a language model was asked plainly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grounding: Option<Grounding>,
}

/// OpenAI's annotation.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Annotation {
    /// `url_citation`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The citation.
    pub url_citation: UrlCitation,
}

/// OpenAI's citation of a URL.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct UrlCitation {
    /// Where in the text the marker begins, in characters.
    pub start_index: usize,
    /// One past the marker's end.
    pub end_index: usize,
    /// The page's title.
    pub title: String,
    /// The page.
    pub url: String,
}

/// Tokens read and written by the language model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Usage {
    /// Tokens read.
    pub prompt_tokens: u64,
    /// Tokens written.
    pub completion_tokens: u64,
    /// Their sum.
    pub total_tokens: u64,
}

/// One event of a streamed answer.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct ChatChunk {
    /// The same in all chunks of an answer.
    pub id: String,
    /// `chat.completion.chunk`.
    pub object: String,
    /// Unix time in seconds.
    pub created: i64,
    /// The model that was asked.
    pub model: String,
    /// One choice, or none in the chunk that carries the usage.
    pub choices: Vec<ChunkChoice>,
    /// Only in the last chunk, when asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

/// A choice of a chunk.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct ChunkChoice {
    /// Which choice it is about, from 0.
    pub index: u32,
    /// What this chunk adds.
    pub delta: Delta,
    /// How likely the tokens were that this chunk's text begins in, if asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<Logprobs>,
    /// Set in the choice's last chunk.
    pub finish_reason: Option<String>,
}

/// What a chunk adds.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Delta {
    /// Only in the first chunk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// More text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Only in the chunk that carries `finish_reason`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<Annotation>,
    /// Only in the chunk that carries `finish_reason`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grounding: Option<Grounding>,
}
