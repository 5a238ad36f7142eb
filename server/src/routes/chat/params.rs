//! Which of OpenAI's parameters are honoured, ignored or refused, and within which ranges.
//!
//! The table for users is in `docs/http-api.md`; the two must agree.

use engine::{ChatTurn, Grammar, Sampling};
use schemas::chat::{AlmanacOptions, ChatRequest, ResponseFormat, Stop};

use super::messages::conversation;
use super::ranges::{below, in_range, unsupported, up_to};
use crate::{http::body::clip, problem::ApiError};

/// Parameters that change nothing here, whatever their value.
const IGNORED: [&str; 11] = [
    "store",
    "metadata",
    "service_tier",
    "parallel_tool_calls",
    "reasoning_effort",
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
    "verbosity",
    "prediction",
    "moderation",
];

/// Entries of `logit_bias`.
const MAX_BIASES: usize = 1_024;
/// Characters of one stop string.
const MAX_STOP: usize = 256;
/// Choices of one request.
const MAX_CHOICES: u32 = 8;
/// Alternatives to each token.
const MAX_TOP_LOGPROBS: u32 = 20;

/// A request whose parameters are within their ranges.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) model: String,
    /// The whole conversation, in the roles that models know.
    pub(super) turns: Vec<ChatTurn>,
    /// Where in `turns` the question is.
    pub(super) question_at: usize,
    pub(super) stream: bool,
    pub(super) include_usage: bool,
    pub(super) sampling: Sampling,
    pub(super) max_tokens: Option<u32>,
    pub(super) stop: Vec<String>,
    pub(super) logit_bias: Vec<(u32, f32)>,
    /// Number of choices, at least 1.
    pub(super) choices: u32,
    /// Alternatives to each token, where it is asked how likely tokens are.
    pub(super) logprobs: Option<usize>,
    /// What the text must be.
    pub(super) grammar: Option<Grammar>,
    pub(super) almanac: AlmanacOptions,
}

impl Checked {
    /// The last user message.
    pub(super) fn question(&self) -> &str {
        &self.turns[self.question_at].content
    }

    /// The turns before it.
    pub(super) fn history(&self) -> &[ChatTurn] {
        &self.turns[..self.question_at]
    }

    /// Refuses what a knowledge base cannot do: its one answer is computed, not decoded, and has its own form.
    pub(super) fn for_knowledge(&self) -> Result<(), ApiError> {
        if self.choices != 1 {
            return Err(unsupported("n", "a knowledge base gives one answer"));
        }
        if self.logprobs.is_some() {
            return Err(unsupported(
                "logprobs",
                "the answer of a knowledge base is computed, not guessed",
            ));
        }
        if self.grammar.is_some() {
            return Err(unsupported(
                "response_format",
                "a knowledge base answers in text; its data are in `grounding`",
            ));
        }
        Ok(())
    }
}

/// Checks all parameters; the first that is at fault is named in the error.
pub(super) fn check(request: ChatRequest, question_chars: usize) -> Result<Checked, ApiError> {
    others(&request)?;
    let sampling = sampling(&request)?;
    let choices = up_to("n", request.n, 1, MAX_CHOICES)?.unwrap_or(1);
    let logprobs = logprobs(&request)?;
    let grammar = grammar(request.response_format)?;
    let stream = request.stream.unwrap_or(false);
    if request.stream_options.is_some() && !stream {
        return Err(
            ApiError::invalid("'stream_options' is only allowed when 'stream' is true")
                .with_param("stream_options"),
        );
    }
    let max_tokens = match (request.max_completion_tokens, request.max_tokens) {
        (Some(0), _) => return Err(below("max_completion_tokens", "1", "0")),
        (None, Some(0)) => return Err(below("max_tokens", "1", "0")),
        (newer, older) => newer.or(older),
    };
    let stop = stops(request.stop)?;
    if grammar.is_some() && !stop.is_empty() {
        // The text would be cut within, and yet count as whole.
        return Err(unsupported(
            "stop",
            "with this 'response_format' the text ends by itself",
        ));
    }
    let logit_bias = biases(request.logit_bias.unwrap_or_default())?;
    let (turns, question_at) = conversation(request.messages, question_chars)?;
    Ok(Checked {
        model: request.model,
        turns,
        question_at,
        stream,
        include_usage: request
            .stream_options
            .and_then(|o| o.include_usage)
            .unwrap_or(false),
        sampling,
        max_tokens,
        stop,
        logit_bias,
        choices,
        logprobs,
        grammar,
        almanac: request.almanac.unwrap_or_default(),
    })
}

/// The parameters that the wire type does not name.
fn others(request: &ChatRequest) -> Result<(), ApiError> {
    for (name, value) in &request.other {
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        let harmless = match name.as_str() {
            _ if empty => known(name),
            name if IGNORED.contains(&name) => true,
            "tools" | "functions" | "audio" | "web_search_options" => false,
            "tool_choice" | "function_call" => matches!(value.as_str(), Some("none" | "auto")),
            "modalities" => value
                .as_array()
                .is_some_and(|m| m.iter().all(|m| m == "text")),
            _ => false,
        };
        if harmless {
            continue;
        }
        if known(name) {
            return Err(unsupported(name, "this value is not supported"));
        }
        let name = clip(name);
        return Err(
            ApiError::invalid(format!("Unrecognized request argument supplied: {name}"))
                .with_param(name)
                .with_code("unknown_parameter"),
        );
    }
    Ok(())
}

fn known(name: &str) -> bool {
    IGNORED.contains(&name)
        || [
            "tools",
            "functions",
            "audio",
            "web_search_options",
            "tool_choice",
            "function_call",
            "modalities",
        ]
        .contains(&name)
}

fn logprobs(request: &ChatRequest) -> Result<Option<usize>, ApiError> {
    let top = up_to("top_logprobs", request.top_logprobs, 0, MAX_TOP_LOGPROBS)?;
    match (request.logprobs, top) {
        (Some(true), top) => Ok(Some(top.unwrap_or(0) as usize)),
        (_, None | Some(0)) => Ok(None),
        _ => Err(
            ApiError::invalid("'top_logprobs' is only allowed when 'logprobs' is true")
                .with_param("top_logprobs"),
        ),
    }
}

fn grammar(format: Option<ResponseFormat>) -> Result<Option<Grammar>, ApiError> {
    let Some(format) = format else {
        return Ok(None);
    };
    match (format.kind.as_str(), format.json_schema) {
        ("text", _) => Ok(None),
        ("json_object", _) => Ok(Some(Grammar::JsonObject)),
        ("json_schema", Some(wanted)) => match wanted.schema {
            Some(schema) => Ok(Some(Grammar::JsonSchema(schema))),
            None => Err(ApiError::invalid("'response_format' has no schema")
                .with_param("response_format.json_schema.schema")),
        },
        ("json_schema", None) => Err(ApiError::invalid("'response_format' has no 'json_schema'")
            .with_param("response_format.json_schema")),
        (other, _) => Err(ApiError::invalid(format!(
            "Invalid value: '{}'. Supported values are: 'text', 'json_object' and 'json_schema'.",
            clip(other)
        ))
        .with_param("response_format.type")
        .with_code("invalid_value")),
    }
}

fn sampling(request: &ChatRequest) -> Result<Sampling, ApiError> {
    let temperature = in_range("temperature", request.temperature, 0.0, 2.0)?;
    let top_p = in_range("top_p", request.top_p, 0.0, 1.0)?;
    let presence = in_range("presence_penalty", request.presence_penalty, -2.0, 2.0)?;
    let frequency = in_range("frequency_penalty", request.frequency_penalty, -2.0, 2.0)?;
    let min_p = in_range("min_p", request.min_p, 0.0, 1.0)?;
    let repetition = in_range("repetition_penalty", request.repetition_penalty, 0.01, 10.0)?;
    let top_k = match request.top_k {
        None | Some(-1) => 0,
        Some(count) => {
            usize::try_from(count).map_err(|_| below("top_k", "-1", &count.to_string()))?
        }
    };
    Ok(Sampling {
        // OpenAI's defaults.
        temperature: temperature.unwrap_or(1.0),
        top_p: top_p.unwrap_or(1.0),
        seed: request.seed.map(i64::cast_unsigned),
        presence_penalty: presence.unwrap_or(0.0),
        frequency_penalty: frequency.unwrap_or(0.0),
        repetition_penalty: repetition.unwrap_or(1.0),
        min_p: min_p.unwrap_or(0.0),
        top_k,
    })
}

fn stops(stop: Option<Stop>) -> Result<Vec<String>, ApiError> {
    let stops = match stop {
        None => Vec::new(),
        Some(Stop::One(one)) => vec![one],
        Some(Stop::Many(many)) => many,
    };
    if stops.len() > 4 {
        return Err(
            ApiError::invalid("Invalid 'stop': at most 4 strings are allowed").with_param("stop"),
        );
    }
    if stops
        .iter()
        .any(|s| s.is_empty() || s.chars().count() > MAX_STOP)
    {
        return Err(ApiError::invalid(format!(
            "Invalid 'stop': each string must have 1 to {MAX_STOP} characters"
        ))
        .with_param("stop"));
    }
    Ok(stops)
}

fn biases(map: std::collections::BTreeMap<String, f32>) -> Result<Vec<(u32, f32)>, ApiError> {
    let wrong = |why: String| {
        ApiError::invalid(format!("Invalid 'logit_bias': {why}")).with_param("logit_bias")
    };
    if map.len() > MAX_BIASES {
        return Err(wrong(format!("at most {MAX_BIASES} tokens are allowed")));
    }
    map.into_iter()
        .map(|(token, bias)| {
            let id = token
                .parse()
                .map_err(|_| wrong(format!("`{}` is no token id", clip(&token))))?;
            if !(-100.0..=100.0).contains(&bias) {
                return Err(wrong(format!("{bias} is not between -100 and 100")));
            }
            Ok((id, bias))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn checked(extra: Value) -> Result<Checked, ApiError> {
        let mut body = json!({"model": "kb", "messages": [{"role": "user", "content": "who?"}]});
        for (key, value) in extra.as_object().unwrap() {
            body[key] = value.clone();
        }
        check(serde_json::from_value(body).unwrap(), 100)
    }

    fn param(extra: Value) -> String {
        checked(extra)
            .unwrap_err()
            .openai()
            .error
            .param
            .unwrap_or_default()
    }

    #[test]
    fn what_cannot_be_done_is_refused_by_name() {
        for (extra, name) in [
            (json!({"n": 0}), "n"),
            (json!({"n": 9}), "n"),
            (json!({"tools": [{}]}), "tools"),
            (json!({"functions": [{}]}), "functions"),
            (json!({"tool_choice": "required"}), "tool_choice"),
            (
                json!({"response_format": {"type": "yaml"}}),
                "response_format.type",
            ),
            (
                json!({"response_format": {"type": "json_schema"}}),
                "response_format.json_schema",
            ),
            (
                json!({"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}}),
                "response_format.json_schema.schema",
            ),
            (
                json!({"response_format": {"type": "json_object"}, "stop": "}"}),
                "stop",
            ),
            (json!({"top_logprobs": 3}), "top_logprobs"),
            (
                json!({"logprobs": true, "top_logprobs": 21}),
                "top_logprobs",
            ),
            (json!({"top_k": -2}), "top_k"),
            (json!({"min_p": 1.5}), "min_p"),
            (json!({"repetition_penalty": 0}), "repetition_penalty"),
            (json!({"audio": {}}), "audio"),
            (json!({"modalities": ["text", "audio"]}), "modalities"),
            (json!({"frobnicate": 1}), "frobnicate"),
            (json!({"temperature": 2.5}), "temperature"),
            (json!({"top_p": -0.1}), "top_p"),
            (json!({"presence_penalty": 3}), "presence_penalty"),
            (json!({"max_tokens": 0}), "max_tokens"),
            (json!({"stop": ["a", "b", "c", "d", "e"]}), "stop"),
            (json!({"stop": ""}), "stop"),
            (json!({"logit_bias": {"x": 1}}), "logit_bias"),
            (json!({"logit_bias": {"1": 101}}), "logit_bias"),
            (
                json!({"stream_options": {"include_usage": true}}),
                "stream_options",
            ),
            (json!({"messages": []}), "messages"),
            (
                json!({"messages": [{"role": "system", "content": "x"}]}),
                "messages",
            ),
            (
                json!({"messages": [{"role": "user", "content": " "}]}),
                "messages[0].content",
            ),
            (
                json!({"messages": [{"role": "robot", "content": "x"}]}),
                "messages[0].role",
            ),
            (
                json!({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}),
                "messages[0].content",
            ),
            (
                json!({"messages": [{"role": "user", "content": "x".repeat(101)}]}),
                "messages[0].content",
            ),
        ] {
            assert_eq!(param(extra.clone()), name, "{extra}");
        }
    }

    #[test]
    fn what_changes_nothing_is_let_through() {
        for extra in [
            json!({"store": true, "metadata": {"a": "b"}, "user": "u", "seed": -1, "service_tier": "auto"}),
            json!({"tools": null, "functions": [], "tool_choice": "none", "logprobs": false, "n": 1}),
            json!({"response_format": {"type": "text"}, "modalities": ["text"], "reasoning_effort": "low"}),
            json!({"temperature": 0, "top_p": 1, "max_completion_tokens": 5, "stop": null}),
        ] {
            assert!(checked(extra.clone()).is_ok(), "{extra}");
        }
        assert!(checked(json!({"frobnicate": null})).is_err());
    }

    #[test]
    fn what_only_a_language_model_can_do_is_refused_for_a_knowledge_base() {
        for (extra, name) in [
            (json!({"n": 2}), "n"),
            (json!({"logprobs": true}), "logprobs"),
            (
                json!({"response_format": {"type": "json_object"}}),
                "response_format",
            ),
        ] {
            let error = checked(extra.clone()).unwrap().for_knowledge().unwrap_err();
            assert_eq!(error.openai().error.param.as_deref(), Some(name), "{extra}");
        }
        assert!(
            checked(json!({"n": 1, "top_k": 5}))
                .unwrap()
                .for_knowledge()
                .is_ok()
        );
    }

    #[test]
    fn what_is_asked_for_is_passed_on() {
        let schema = json!({"type": "object", "properties": {"z": {}, "a": {}}});
        let format = json!({"type": "json_schema", "json_schema": {"name": "x", "strict": true, "schema": schema}});
        let checked = checked(json!({
            "n": 3, "logprobs": true, "top_logprobs": 2, "top_k": -1, "min_p": 0.5, "repetition_penalty": 1.5,
            "response_format": format,
        }))
        .unwrap();
        assert_eq!((checked.choices, checked.logprobs), (3, Some(2)));
        let sampling = &checked.sampling;
        assert_eq!(
            (sampling.top_k, sampling.min_p, sampling.repetition_penalty),
            (0, 0.5, 1.5)
        );
        let Some(Grammar::JsonSchema(passed)) = checked.grammar else {
            panic!("a schema");
        };
        // Members come in the order of the schema, so that must not be lost.
        assert_eq!(passed.to_string(), schema.to_string());
    }

    #[test]
    fn the_question_is_the_last_user_message() {
        let checked = checked(json!({"messages": [
            {"role": "developer", "content": "be brief"},
            {"role": "user", "content": "first"},
            {"role": "assistant", "content": null},
            {"role": "user", "content": [{"type": "text", "text": "sec"}, {"type": "text", "text": "ond"}]},
            {"role": "assistant", "content": "prefill"},
        ]}))
        .unwrap();
        assert_eq!(checked.question(), "second");
        let roles: Vec<_> = checked.history().iter().map(|t| t.role.as_str()).collect();
        assert_eq!(roles, ["system", "user", "assistant"]);
    }
}
