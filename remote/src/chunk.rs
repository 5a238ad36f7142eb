//! One event of a completion's stream: what it adds to the text, why the text ends, what it cost.

use engine::{FinishReason, TokenLogprob};
use serde::Deserialize;
use serde_json::Value;

/// What one event says.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Piece {
    /// More text.
    pub(crate) text: String,
    /// How likely its tokens were, where the server tells.
    pub(crate) tokens: Vec<TokenLogprob>,
    /// Why the text ends here.
    pub(crate) end: Option<End>,
    /// What it cost.
    pub(crate) usage: Option<Usage>,
}

/// Why a server ends a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// For a reason that callers know.
    Finished(FinishReason),
    /// It failed.
    Failed,
}

/// Why an event is no piece of a completion.
#[derive(Debug, PartialEq)]
pub(crate) enum Refusal {
    /// It is not what the API describes.
    Malformed,
    /// The server tells of a failure: its code, if it is a number, and its words.
    Failure(Option<u16>, String),
}

/// Tokens, as a server counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Usage {
    /// Those of the prompt.
    pub(crate) prompt_tokens: usize,
    /// Those of the text.
    pub(crate) completion_tokens: usize,
    prompt_tokens_details: Option<Details>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Details {
    cached_tokens: Option<usize>,
}

impl Usage {
    /// Tokens of the prompt that cost nothing.
    pub(crate) fn cached(&self) -> usize {
        self.prompt_tokens_details
            .and_then(|details| details.cached_tokens)
            .unwrap_or(0)
    }
}

#[derive(Deserialize)]
struct Chunk {
    choices: Option<Vec<Choice>>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    index: u64,
    /// Of a chat.
    delta: Option<Delta>,
    /// Of a plain completion.
    text: Option<String>,
    finish_reason: Option<String>,
    logprobs: Option<Logprobs>,
}

#[derive(Deserialize)]
struct Delta {
    content: Option<String>,
}

#[derive(Deserialize)]
struct Logprobs {
    content: Option<Vec<Likely>>,
}

#[derive(Deserialize)]
struct Likely {
    token: String,
    logprob: Option<f32>,
    bytes: Option<Vec<u8>>,
    #[serde(default)]
    top_logprobs: Vec<Likely>,
}

impl Likely {
    fn told(self) -> TokenLogprob {
        TokenLogprob {
            token: None,
            bytes: self.bytes.unwrap_or_else(|| self.token.clone().into()),
            text: self.token,
            // JSON has no infinity; servers write `null`, or a very small number.
            log_probability: self.logprob.unwrap_or(f32::NEG_INFINITY),
            top: self.top_logprobs.into_iter().map(Likely::told).collect(),
        }
    }
}

/// Reads an event's data. One with neither choices nor usage says nothing, which is no fault.
pub(crate) fn read(data: &str) -> Result<Piece, Refusal> {
    let value: Value = serde_json::from_str(data).map_err(|_| Refusal::Malformed)?;
    if let Some(failure) = failure(&value) {
        return Err(failure);
    }
    let chunk: Chunk = serde_json::from_value(value).map_err(|_| Refusal::Malformed)?;
    let mut piece = Piece {
        usage: chunk.usage,
        ..Piece::default()
    };
    // Only one choice is ever asked for.
    let choices = chunk.choices.unwrap_or_default();
    let Some(choice) = choices.into_iter().find(|choice| choice.index == 0) else {
        return Ok(piece);
    };
    let content = choice.delta.and_then(|delta| delta.content);
    piece.text = content.or(choice.text).unwrap_or_default();
    let likely = choice.logprobs.and_then(|told| told.content);
    piece.tokens = likely.into_iter().flatten().map(Likely::told).collect();
    piece.end = choice.finish_reason.as_deref().map(end_of);
    Ok(piece)
}

fn end_of(reason: &str) -> End {
    match reason {
        "length" => End::Finished(FinishReason::Length),
        "abort" | "cancelled" => End::Finished(FinishReason::Cancelled),
        "error" => End::Failed,
        // `stop`, and what only requests with tools or filters meet.
        _ => End::Finished(FinishReason::Stop),
    }
}

/// A server's account of a failure, whether in an answer or within a stream: OpenAI's object, or one of the
/// forms that servers had before.
pub(crate) fn failure(value: &Value) -> Option<Refusal> {
    let error = match value.get("error") {
        Some(Value::Null) | None if value.get("object")?.as_str()? == "error" => value,
        Some(Value::Null) | None => return None,
        Some(error) => error,
    };
    let code = error.get("code").and_then(Value::as_u64);
    let words = error.get("message").unwrap_or(error);
    let words = words
        .as_str()
        .map_or_else(|| words.to_string(), str::to_owned);
    Some(Refusal::Failure(
        code.and_then(|code| u16::try_from(code).ok()),
        words,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(data: &str) -> String {
        read(data).unwrap().text
    }

    #[test]
    fn chats_and_completions_are_read_alike() {
        assert_eq!(
            text(r#"{"choices":[{"index":0,"delta":{"content":"a"}}]}"#),
            "a"
        );
        assert_eq!(text(r#"{"choices":[{"index":0,"text":"b"}]}"#), "b");
        assert_eq!(
            text(r#"{"choices":[{"delta":{"role":"assistant","content":null}}]}"#),
            ""
        );
        assert_eq!(text(r#"{"choices":[{"index":1,"text":"other"}]}"#), "");
        assert_eq!(text(r#"{"choices":[]}"#), "");
        assert_eq!(text("{}"), "");
    }

    #[test]
    fn the_end_has_a_reason() {
        let end = |reason: &str| {
            let data = format!(r#"{{"choices":[{{"delta":{{}},"finish_reason":"{reason}"}}]}}"#);
            read(&data).unwrap().end.unwrap()
        };
        assert_eq!(end("stop"), End::Finished(FinishReason::Stop));
        assert_eq!(end("length"), End::Finished(FinishReason::Length));
        assert_eq!(end("abort"), End::Finished(FinishReason::Cancelled));
        assert_eq!(end("content_filter"), End::Finished(FinishReason::Stop));
        assert_eq!(end("error"), End::Failed);
        let open = r#"{"choices":[{"delta":{},"finish_reason":null}]}"#;
        assert_eq!(read(open).unwrap().end, None);
    }

    #[test]
    fn usage_is_read_as_far_as_it_is_told() {
        let usage = |data: &str| read(data).unwrap().usage.unwrap();
        let whole = usage(
            r#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,
                "prompt_tokens_details":{"cached_tokens":4}}}"#,
        );
        let told = (whole.prompt_tokens, whole.completion_tokens, whole.cached());
        assert_eq!(told, (5, 2, 4));
        let part = usage(r#"{"usage":{"prompt_tokens":5,"prompt_tokens_details":null}}"#);
        assert_eq!((part.completion_tokens, part.cached()), (0, 0));
        assert_eq!(read(r#"{"choices":[],"usage":null}"#).unwrap().usage, None);
    }

    #[test]
    fn likelihoods_come_with_their_tokens() {
        let data = r#"{"choices":[{"delta":{"content":"é"},"logprobs":{"content":[
            {"token":"é","logprob":-0.5,"bytes":[195,169],"top_logprobs":[{"token":"e","logprob":null}]}]}}]}"#;
        let tokens = read(data).unwrap().tokens;
        assert_eq!(tokens[0].bytes, "é".as_bytes());
        assert_eq!(tokens[0].log_probability, -0.5);
        assert_eq!(tokens[0].top[0].text, "e");
        assert_eq!(tokens[0].top[0].log_probability, f32::NEG_INFINITY);
    }

    #[test]
    fn failures_are_told_from_nonsense() {
        for (data, code, words) in [
            (
                r#"{"error":{"message":"full","code":429}}"#,
                Some(429),
                "full",
            ),
            (r#"{"error":{"message":"bad","code":"x"}}"#, None, "bad"),
            (r#"{"error":"plain"}"#, None, "plain"),
            (
                r#"{"object":"error","message":"old","code":400}"#,
                Some(400),
                "old",
            ),
            (r#"{"error":7}"#, None, "7"),
        ] {
            assert_eq!(
                read(data),
                Err(Refusal::Failure(code, words.into())),
                "{data}"
            );
        }
        let good = r#"{"error":null,"object":"chat.completion.chunk","choices":[]}"#;
        assert!(read(good).is_ok());
        for data in [
            "",
            "[DONE",
            "[]",
            "7",
            r#"{"choices":7}"#,
            r#"{"choices":[{"text":7}]}"#,
        ] {
            assert_eq!(read(data), Err(Refusal::Malformed), "{data}");
        }
    }
}
