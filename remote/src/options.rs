//! What is to be known of a server before it is asked.

use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// How a server is told to bind a text to a finite list of alternatives. What it cannot be told is checked
/// afterwards, whichever way is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guide {
    /// Not at all; every server takes such requests.
    #[default]
    None,
    /// By a field `grammar` in GBNF, as llama.cpp's servers take it.
    Grammar,
    /// By a field `structured_outputs`, as vLLM takes it from 0.12 on.
    StructuredOutputs,
    /// By a field `guided_choice`, as earlier vLLM takes it.
    GuidedChoice,
}

/// A server, and how to deal with it.
#[derive(Clone, Debug)]
pub struct RemoteOptions {
    /// Where its API begins, such as `http://127.0.0.1:8000/v1`.
    pub url: String,
    /// Which of its models to use; none takes the only one.
    pub model: Option<String>,
    /// The key that it asks for.
    pub api_key: Option<SecretString>,
    /// Tokens of context; 0 means what the server tells.
    pub context: usize,
    /// How it is told of constraints.
    pub guide: Guide,
    /// Requests that may run at once, at least 1.
    pub at_once: usize,
    /// Requests that may wait for one of these to end; one more is refused as overloaded.
    pub queue: usize,
    /// Time in which a connection must stand.
    pub connect: Duration,
    /// Longest silence of the server, before its answer and within it.
    pub idle: Duration,
    /// Time that a request may take in all where it names no deadline.
    pub longest: Duration,
}

impl RemoteOptions {
    /// The server at a URL, with the defaults of everything else.
    pub fn new(url: impl Into<String>) -> Self {
        RemoteOptions {
            url: url.into(),
            model: None,
            api_key: None,
            context: 0,
            guide: Guide::None,
            at_once: 8,
            queue: 64,
            connect: Duration::from_secs(5),
            idle: Duration::from_secs(60),
            longest: Duration::from_secs(600),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_not_shown() {
        let options = RemoteOptions {
            api_key: Some("sesame".into()),
            ..RemoteOptions::new("http://127.0.0.1:1/v1")
        };
        assert!(!format!("{options:?}").contains("sesame"));
    }
}
