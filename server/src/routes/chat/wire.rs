//! Builds completions and chunks.

use bytes::Bytes;
use schemas::{
    Grounding,
    chat::{
        AssistantMessage, ChatChunk, ChatCompletion, Choice, ChunkChoice, Delta, Logprobs,
        TokenLogprob, TopLogprob, Usage,
    },
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
    pub(super) fn completion(self, choices: Vec<Choice>, usage: Usage) -> ChatCompletion {
        ChatCompletion {
            id: self.id,
            object: "chat.completion".to_owned(),
            created: self.created,
            model: self.model,
            choices,
            usage,
        }
    }

    /// The first chunk of a choice.
    pub(super) fn opening(&self, index: u32) -> Bytes {
        let delta = Delta {
            role: Some("assistant".to_owned()),
            content: Some(String::new()),
            ..Delta::default()
        };
        self.chunk(index, delta, None, None)
    }

    /// More text of a choice, and how likely the tokens were that begin in it.
    pub(super) fn text(&self, index: u32, text: &str, logprobs: Option<Logprobs>) -> Bytes {
        let delta = Delta {
            content: Some(text.to_owned()),
            ..Delta::default()
        };
        self.chunk(index, delta, logprobs, None)
    }

    /// The chunk that carries a choice's `finish_reason`.
    pub(super) fn closing(
        &self,
        index: u32,
        finish_reason: &str,
        logprobs: Option<Logprobs>,
    ) -> Bytes {
        self.chunk(index, Delta::default(), logprobs, Some(finish_reason))
    }

    /// The same for an answer from a knowledge base: with its grounding, this once.
    pub(super) fn grounded(&self, content: &str, grounding: Grounding) -> Bytes {
        let delta = Delta {
            annotations: annotations(content, &grounding.citations),
            grounding: Some(grounding),
            ..Delta::default()
        };
        self.chunk(0, delta, None, Some("stop"))
    }

    /// The chunk that carries the usage and no choice.
    pub(super) fn usage(&self, usage: Usage) -> Bytes {
        sse::data(&self.envelope(Vec::new(), Some(usage)))
    }

    fn chunk(
        &self,
        index: u32,
        delta: Delta,
        logprobs: Option<Logprobs>,
        finish_reason: Option<&str>,
    ) -> Bytes {
        let choice = ChunkChoice {
            index,
            delta,
            logprobs,
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

/// The one choice of an answer from a knowledge base.
pub(super) fn grounded(content: String, grounding: Grounding) -> Choice {
    let mut choice = choice(0, content, "stop", None);
    choice.message.annotations = annotations(
        choice.message.content.as_deref().unwrap_or_default(),
        &grounding.citations,
    );
    choice.message.grounding = Some(grounding);
    choice
}

/// A choice of a whole answer in a model's own words.
pub(super) fn choice(
    index: u32,
    content: String,
    finish_reason: &str,
    logprobs: Option<Logprobs>,
) -> Choice {
    Choice {
        index,
        message: AssistantMessage {
            role: "assistant".to_owned(),
            content: Some(content),
            refusal: None,
            annotations: Vec::new(),
            grounding: None,
        },
        finish_reason: finish_reason.to_owned(),
        logprobs,
    }
}

/// How likely some tokens were.
pub(super) fn logprobs(tokens: Vec<engine::TokenLogprob>) -> Logprobs {
    let content = tokens.into_iter().map(|mut token| {
        let top = std::mem::take(&mut token.top);
        let of = alternative(token);
        TokenLogprob {
            token: of.token,
            logprob: of.logprob,
            bytes: of.bytes,
            top_logprobs: top.into_iter().map(alternative).collect(),
        }
    });
    Logprobs {
        content: Some(content.collect()),
        refusal: None,
    }
}

/// OpenAI's number for what is next to impossible; JSON has none for the logarithm of 0.
const LEAST: f32 = -9999.0;

fn alternative(token: engine::TokenLogprob) -> TopLogprob {
    TopLogprob {
        token: token.text,
        logprob: token.log_probability.max(LEAST),
        bytes: Some(token.bytes).filter(|bytes| !bytes.is_empty()),
    }
}

/// The frame of a failure in mid-stream.
pub(super) fn failure(error: &ApiError) -> Bytes {
    sse::data(&error.openai())
}
