//! HTTP with one server: where it is, the key to it, and how long to wait for it.

use std::io::Read;
use std::time::{Duration, Instant};

use engine::EngineError;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;
use ureq::{Agent, Body, http::Response};

use crate::RemoteOptions;
use crate::fault;

/// Bytes of an answer that is no success.
const MAX_FAILURE: u64 = 64 << 10;
/// Bytes of an answer that is read as a whole: the likelihoods of a long text.
const MAX_ANSWER: u64 = 16 << 20;

/// Speaks with one server.
pub(crate) struct Client {
    agent: Agent,
    base: String,
    key: Option<SecretString>,
    longest: Duration,
}

/// When a request must have ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Due {
    /// The moment.
    pub(crate) at: Instant,
    /// Whether the request itself names it.
    asked: bool,
}

impl Due {
    /// Whether the deadline that the request names has passed.
    pub(crate) fn is_past(&self) -> bool {
        self.asked && Instant::now() >= self.at
    }
}

impl Client {
    /// Checks the URL and the key; nothing is sent yet.
    pub(crate) fn new(options: &RemoteOptions) -> Result<Client, EngineError> {
        let base = checked(&options.url)?;
        if let Some(key) = &options.api_key {
            let key = key.expose_secret();
            if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(EngineError::Invalid(
                    "the key to the model's server must be printable ASCII without spaces".into(),
                ));
            }
        }
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            // The key goes to the server that was named, and to no other.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .accept_encoding("identity")
            .user_agent(concat!("almanac/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(options.connect))
            .timeout_per_read(Some(options.idle))
            .timeout_per_write(Some(options.idle))
            // A connection for each request: one that was kept may be closed by the server as it is used again,
            // and a request that generates cannot be sent twice.
            .max_idle_connections(0)
            .build()
            .new_agent();
        Ok(Client {
            agent,
            base,
            key: options.api_key.clone(),
            longest: options.longest,
        })
    }

    /// The server's address.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The key, to keep it out of messages.
    pub(crate) fn key(&self) -> Option<&SecretString> {
        self.key.as_ref()
    }

    /// When a request with this deadline must have ended.
    pub(crate) fn due(&self, deadline: Option<Instant>) -> Due {
        let latest = Instant::now() + self.longest;
        match deadline {
            Some(at) if at <= latest => Due { at, asked: true },
            _ => Due {
                at: latest,
                asked: false,
            },
        }
    }

    /// What a path answers with, as JSON.
    pub(crate) fn get(&self, path: &str, due: Due) -> Result<Value, EngineError> {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(value) = self.authorization() {
            request = request.header("authorization", value.expose_secret());
        }
        let request = request
            .config()
            .timeout_global(Some(left(due)))
            .build()
            .header("accept", "application/json");
        whole(self.success(request.call())?)
    }

    /// What a path answers a request with, as JSON.
    pub(crate) fn post(
        &self,
        path: &str,
        body: &impl Serialize,
        due: Due,
    ) -> Result<Value, EngineError> {
        whole(self.send(path, body, "application/json", due)?)
    }

    /// What a path answers a request with, as events that are read as they come.
    pub(crate) fn stream(
        &self,
        path: &str,
        body: &impl Serialize,
        due: Due,
    ) -> Result<Response<Body>, EngineError> {
        let response = self.send(path, body, "text/event-stream", due)?;
        match response.body().mime_type() {
            Some("text/event-stream") => Ok(response),
            _ => Err(fault::nonsense(
                "answered with something other than a stream",
            )),
        }
    }

    fn send(
        &self,
        path: &str,
        body: &impl Serialize,
        accept: &str,
        due: Due,
    ) -> Result<Response<Body>, EngineError> {
        let mut request = self.agent.post(format!("{}{path}", self.base));
        if let Some(value) = self.authorization() {
            request = request.header("authorization", value.expose_secret());
        }
        let request = request
            .config()
            .timeout_global(Some(left(due)))
            .build()
            .header("accept", accept);
        self.success(request.send_json(body))
    }

    fn authorization(&self) -> Option<SecretString> {
        let key = self.key.as_ref()?;
        Some(format!("Bearer {}", key.expose_secret()).into())
    }

    fn success(
        &self,
        sent: Result<Response<Body>, ureq::Error>,
    ) -> Result<Response<Body>, EngineError> {
        let response = sent.map_err(fault::broken)?;
        let status = response.status().as_u16();
        if (200..300).contains(&status) {
            return Ok(response);
        }
        let mut body = Vec::new();
        // What can be read of the reasons; the status alone says enough.
        let _ = response
            .into_body()
            .into_reader()
            .take(MAX_FAILURE)
            .read_to_end(&mut body);
        Err(fault::status(status, &body, self.key.as_ref()))
    }
}

/// Time that is left; never nothing, which would mean no bound.
fn left(due: Due) -> Duration {
    due.at
        .saturating_duration_since(Instant::now())
        .max(Duration::from_millis(1))
}

fn whole(response: Response<Body>) -> Result<Value, EngineError> {
    let mut bytes = Vec::new();
    response
        .into_body()
        .into_reader()
        .take(MAX_ANSWER)
        .read_to_end(&mut bytes)
        .map_err(|error| fault::broken(error.into()))?;
    serde_json::from_slice(&bytes).map_err(|_| fault::nonsense("answered with what is no JSON"))
}

/// The URL without a slash at its end. One with a user's name or password in it is refused: it would be shown
/// where the settings are.
fn checked(url: &str) -> Result<String, EngineError> {
    let wrong = |why: &str| EngineError::Invalid(format!("the URL of the model's server {why}"));
    let url = url.trim().trim_end_matches('/');
    let Some(rest) = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"))
    else {
        return Err(wrong("must begin with http:// or https://"));
    };
    let host = rest.split('/').next().unwrap_or_default();
    if rest.contains('@') {
        return Err(wrong("must not hold a user or password"));
    }
    if rest.contains(['?', '#']) {
        return Err(wrong("must not hold a query or fragment"));
    }
    if host.is_empty() || url.parse::<ureq::http::Uri>().is_err() {
        return Err(wrong("is malformed"));
    }
    Ok(url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_checked() {
        for good in [
            "http://127.0.0.1:8000/v1",
            "http://127.0.0.1:8000/v1/",
            "https://models.example/v1",
            "http://[::1]:1",
        ] {
            assert!(checked(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "models.example/v1",
            "ftp://models.example",
            "http://",
            "http:///v1",
            "http://user:hunter2@models.example/v1",
            "http://models.example/v1?key=hunter2",
            "http://models.example/v1#x",
            "http://models example/v1",
        ] {
            let error = checked(bad)
                .err()
                .map(|e| e.to_string())
                .unwrap_or_default();
            assert!(
                !error.is_empty() && !error.contains("hunter2"),
                "{bad}: {error}"
            );
        }
    }

    #[test]
    fn a_key_that_no_header_can_carry_is_refused_without_being_told() {
        for key in ["", "a b", "sesame\n", "schlüssel"] {
            let options = RemoteOptions {
                api_key: Some(key.into()),
                ..RemoteOptions::new("http://127.0.0.1:1/v1")
            };
            let error = Client::new(&options).err().unwrap().to_string();
            assert!(!error.contains("sesame"), "{error}");
        }
    }

    #[test]
    fn a_deadline_counts_only_within_the_longest_time() {
        let client = Client::new(&RemoteOptions {
            longest: Duration::from_secs(1),
            ..RemoteOptions::new("http://127.0.0.1:1/v1")
        })
        .unwrap();
        let now = Instant::now();
        assert!(client.due(Some(now)).is_past());
        assert!(!client.due(Some(now + Duration::from_secs(60))).asked);
        assert!(!client.due(None).is_past());
    }
}
