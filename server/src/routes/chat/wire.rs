//! Builds completions and chunks.

use bytes::Bytes;
use schemas::{
    Grounding,
    chat::{AssistantMessage, ChatChunk, ChatCompletion, Choice, ChunkChoice, Delta, Usage},
};
use uuid::Uuid;

use super::annotations::annotations;
use crate::{auth::now_ms, http::sse, problem::ApiError};

/// What all chunks of an answer share.
#[derive(Clone)]
pub(super) struct Envelope {
    id: String,
    created: i64,
    model: String,
}

impl Envelope {
    pub(super) fn new(model: &str) -> Self {
        Self {
            id: format!("chatcmpl-{}", Uuid::now_v7().simple()),
            created: now_ms() / 1000,
            model: model.to_owned(),
        }
    }

    /// A whole answer.
    pub(super) fn completion(
        self,
        content: String,
        grounding: Option<Grounding>,
        finish_reason: &str,
        usage: Usage,
    ) -> ChatCompletion {
        let annotations = grounding
            .as_ref()
            .map(|g| annotations(&content, &g.citations))
            .unwrap_or_default();
        ChatCompletion {
            id: self.id,
            object: "chat.completion".to_owned(),
            created: self.created,
            model: self.model,
            choices: vec![Choice {
                index: 0,
                message: AssistantMessage {
                    role: "assistant".to_owned(),
                    content: Some(content),
                    refusal: None,
                    annotations,
                    grounding,
                },
                finish_reason: finish_reason.to_owned(),
                logprobs: None,
            }],
            usage,
        }
    }

    /// The first chunk.
    pub(super) fn opening(&self) -> Bytes {
        let role = Some("assistant".to_owned());
        self.chunk(
            Delta {
                role,
                content: Some(String::new()),
                ..Delta::default()
            },
            None,
        )
    }

    /// More text.
    pub(super) fn text(&self, text: &str) -> Bytes {
        self.chunk(
            Delta {
                content: Some(text.to_owned()),
                ..Delta::default()
            },
            None,
        )
    }

    /// The chunk that carries `finish_reason` and, this once, the grounding.
    pub(super) fn closing(
        &self,
        content: &str,
        grounding: Option<Grounding>,
        finish_reason: &str,
    ) -> Bytes {
        let annotations = grounding
            .as_ref()
            .map(|g| annotations(content, &g.citations))
            .unwrap_or_default();
        self.chunk(
            Delta {
                annotations,
                grounding,
                ..Delta::default()
            },
            Some(finish_reason),
        )
    }

    /// The chunk that carries the usage and no choice.
    pub(super) fn usage(&self, usage: Usage) -> Bytes {
        sse::data(&self.envelope(Vec::new(), Some(usage)))
    }

    fn chunk(&self, delta: Delta, finish_reason: Option<&str>) -> Bytes {
        let choice = ChunkChoice {
            index: 0,
            delta,
            finish_reason: finish_reason.map(str::to_owned),
        };
        sse::data(&self.envelope(vec![choice], None))
    }

    fn envelope(&self, choices: Vec<ChunkChoice>, usage: Option<Usage>) -> ChatChunk {
        ChatChunk {
            id: self.id.clone(),
            object: "chat.completion.chunk".to_owned(),
            created: self.created,
            model: self.model.clone(),
            choices,
            usage,
        }
    }
}

/// The frame of a failure in mid-stream.
pub(super) fn failure(error: &ApiError) -> Bytes {
    sse::data(&error.openai())
}
