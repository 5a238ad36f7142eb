//! What a server's failures are to whoever asked us.

use std::io;

use engine::EngineError;
use schemas::ErrorClass;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::chunk::{self, Refusal};

/// Characters of a server's words that are passed on.
const MOST_WORDS: usize = 300;

/// An error of a server.
pub(crate) fn remote(class: ErrorClass, what: impl Into<String>) -> EngineError {
    EngineError::Remote {
        class,
        what: what.into(),
    }
}

/// A server that says what makes no sense.
pub(crate) fn nonsense(what: impl Into<String>) -> EngineError {
    remote(ErrorClass::Upstream, what)
}

/// An exchange that did not come about, or broke off.
pub(crate) fn broken(error: ureq::Error) -> EngineError {
    use ureq::Error;
    match error {
        Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => remote(
            ErrorClass::Unavailable,
            "cannot be reached: no connection in the time allowed",
        ),
        Error::Timeout(_) => remote(ErrorClass::UpstreamTimeout, "did not answer in time"),
        Error::HostNotFound => remote(
            ErrorClass::Unavailable,
            "cannot be reached: there is no such host",
        ),
        Error::ConnectionFailed => remote(ErrorClass::Unavailable, "cannot be reached"),
        Error::Io(error) if cut(&error) => nonsense("closed the connection in mid-answer"),
        Error::Io(error) => remote(
            ErrorClass::Unavailable,
            format!("cannot be reached: {error}"),
        ),
        // Neither names a header's value, so that the key is in none of them.
        error => nonsense(format!("cannot be understood: {error}")),
    }
}

fn cut(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(
        error.kind(),
        BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof
    )
}

/// An answer that is no success: its status and the beginning of its body.
pub(crate) fn status(status: u16, body: &[u8], key: Option<&SecretString>) -> EngineError {
    let value: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let words = match chunk::failure(&value) {
        Some(Refusal::Failure(_, words)) => words,
        // FastAPI's form.
        _ => value
            .get("detail")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
    };
    if let Some(error) = too_long(&value, &words) {
        return error;
    }
    told(status, &words, key)
}

/// A failure with a status and a server's words for it.
pub(crate) fn told(status: u16, words: &str, key: Option<&SecretString>) -> EngineError {
    let (class, what) = match status {
        400 | 422 => (ErrorClass::Invalid, "refused the request".to_owned()),
        // What is wrong with the key is between the administrator and the server.
        401 | 403 => return nonsense("refused our key: see `models.remote.api_key`"),
        404 => (
            ErrorClass::Upstream,
            "does not know the model or the path".to_owned(),
        ),
        408 | 504 => (
            ErrorClass::UpstreamTimeout,
            "did not answer in time".to_owned(),
        ),
        413 => (
            ErrorClass::TooLarge,
            "refused the request as too large".to_owned(),
        ),
        429 => (
            ErrorClass::Overloaded,
            "has too many requests already".to_owned(),
        ),
        503 => (ErrorClass::Unavailable, "is not ready".to_owned()),
        300..400 => {
            return nonsense(format!(
                "answered with a redirection ({status}), which is not followed"
            ));
        }
        other => (ErrorClass::Upstream, format!("failed with status {other}")),
    };
    match clean(words, key) {
        words if words.is_empty() => remote(class, what),
        words => remote(class, format!("{what}: {words}")),
    }
}

/// A server's words, as far as they may be passed on: on one line, not long, and without the key, should the
/// server repeat it.
pub(crate) fn clean(words: &str, key: Option<&SecretString>) -> String {
    let mut words = words.to_owned();
    if let Some(key) = key.map(ExposeSecret::expose_secret)
        && !key.is_empty()
    {
        words = words.replace(key, "[key]");
    }
    let line: String = words
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let line = line.trim();
    match line.char_indices().nth(MOST_WORDS) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}

/// A prompt that is longer than the context, if this is what the server says: each has its own way.
fn too_long(value: &Value, words: &str) -> Option<EngineError> {
    let error = value.get("error").unwrap_or(value);
    let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = |name: &str| {
        let number = error.get(name).and_then(Value::as_u64)?;
        usize::try_from(number).ok()
    };
    // llama.cpp's server names both numbers.
    if let (Some(tokens), Some(context)) = (number("n_prompt_tokens"), number("n_ctx")) {
        return Some(EngineError::PromptTooLong { tokens, context });
    }
    let said =
        text("code") == "context_length_exceeded" || words.contains("maximum context length");
    // Of OpenAI's sentence: the context, all that was asked for, and in brackets the prompt's share of it.
    let numbers: Vec<usize> = words
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect();
    match (said, numbers.as_slice()) {
        (true, [context, _, prompt, ..]) => Some(EngineError::PromptTooLong {
            tokens: *prompt,
            context: *context,
        }),
        (true, [context, all]) => Some(EngineError::PromptTooLong {
            tokens: *all,
            context: *context,
        }),
        (true, _) => Some(remote(
            ErrorClass::TooLarge,
            "holds the prompt to be too long",
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_class() {
        use ErrorClass::*;
        for (code, class) in [
            (302, Upstream),
            (400, Invalid),
            (401, Upstream),
            (403, Upstream),
            (404, Upstream),
            (408, UpstreamTimeout),
            (413, TooLarge),
            (422, Invalid),
            (429, Overloaded),
            (500, Upstream),
            (502, Upstream),
            (503, Unavailable),
            (504, UpstreamTimeout),
            (999, Upstream),
        ] {
            assert_eq!(status(code, b"", None).class(), class, "{code}");
        }
    }

    #[test]
    fn a_servers_words_are_passed_on_within_bounds_and_without_the_key() {
        let key: SecretString = "sesame".into();
        let said = |code: u16, body: &str| status(code, body.as_bytes(), Some(&key)).to_string();
        assert_eq!(
            said(400, r#"{"error":{"message":"no\nsesame"}}"#),
            "the model's server refused the request: no [key]"
        );
        assert_eq!(
            said(503, r#"{"detail":"loading"}"#),
            "the model's server is not ready: loading"
        );
        assert!(!said(401, r#"{"error":{"message":"bad key: sesame"}}"#).contains("sesame"));
        let long = format!(r#"{{"error":{{"message":"{}"}}}}"#, "é".repeat(2000));
        assert!(said(500, &long).chars().count() < 400);
        assert!(said(500, "<html>").ends_with("failed with status 500"));
    }

    #[test]
    fn long_prompts_are_known_as_such() {
        for (body, tokens, context) in [
            (
                r#"{"error":{"code":400,"type":"exceed_context_size_error","message":"x","n_prompt_tokens":4476,"n_ctx":4096}}"#,
                4476,
                4096,
            ),
            (
                r#"{"error":{"code":"context_length_exceeded","message":"This model's maximum context length is 2048 tokens. However, you requested 3016 tokens (3000 in the messages, 16 in the completion)."}}"#,
                3000,
                2048,
            ),
            (
                r#"{"object":"error","message":"This model's maximum context length is 128 tokens, but 500 were given","code":400}"#,
                500,
                128,
            ),
        ] {
            let error = status(400, body.as_bytes(), None);
            let EngineError::PromptTooLong {
                tokens: t,
                context: c,
            } = error
            else {
                panic!("{error}");
            };
            assert_eq!((t, c), (tokens, context));
        }
    }
}
