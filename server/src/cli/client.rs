//! A client of a running server.

use std::{io::Read, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use ureq::{
    Agent, Body, RequestBuilder, SendBody,
    http::Response,
    typestate::{WithBody, WithoutBody},
};

use super::Failure;

/// Bytes of a JSON answer that are read.
const MAX_ANSWER: u64 = 256 << 20;

/// A server and the key to it.
pub(super) struct Client {
    agent: Agent,
    base: String,
    key: Option<String>,
}

impl Client {
    /// A client of the server at a URL.
    pub(super) fn new(url: &str, key: Option<String>) -> Result<Self, Failure> {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(Failure::usage(format!(
                "`{url}` is no http:// or https:// URL"
            )));
        }
        let agent: Agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .user_agent(concat!("almanac/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        Ok(Self {
            agent,
            base: url.trim_end_matches('/').to_owned(),
            key,
        })
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn authorized<T>(&self, request: RequestBuilder<T>) -> RequestBuilder<T> {
        match &self.key {
            Some(key) => request.header("authorization", format!("Bearer {key}")),
            None => request,
        }
    }

    /// A GET whose answer is JSON.
    pub(super) fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, Failure> {
        let request = self
            .get_request(path, query)
            .header("accept", "application/json");
        read(self.checked(request.call())?)
    }

    /// A GET whose answer is read as it comes.
    pub(super) fn get_stream(
        &self,
        path: &str,
        query: &[(&str, &str)],
        accept: Option<&str>,
    ) -> Result<impl Read + use<>, Failure> {
        let mut request = self.get_request(path, query);
        if let Some(accept) = accept {
            request = request.header("accept", accept);
        }
        Ok(self
            .checked(request.call())?
            .into_body()
            .into_with_config()
            .limit(u64::MAX)
            .reader())
    }

    fn get_request(&self, path: &str, query: &[(&str, &str)]) -> RequestBuilder<WithoutBody> {
        let request = self
            .agent
            .get(self.url(path))
            .query_pairs(query.iter().copied());
        self.authorized(request)
    }

    /// A POST of JSON whose answer is JSON.
    pub(super) fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        let request = self.authorized(self.agent.post(self.url(path)));
        read(self.checked(request.send_json(body))?)
    }

    /// A POST of text whose answer is read as it comes.
    pub(super) fn post_stream(
        &self,
        path: &str,
        query: &[(&str, &str)],
        content_type: &str,
        accept: &str,
        body: &str,
    ) -> Result<impl Read + use<>, Failure> {
        let request = self
            .authorized(self.agent.post(self.url(path)))
            .query_pairs(query.iter().copied())
            .header("content-type", content_type)
            .header("accept", accept);
        Ok(self
            .checked(request.send(body))?
            .into_body()
            .into_with_config()
            .limit(u64::MAX)
            .reader())
    }

    /// A POST of what a reader yields, to be done as a job; the answer is the job.
    pub(super) fn post_job<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        content: Option<(&str, &mut dyn Read)>,
    ) -> Result<T, Failure> {
        let request: RequestBuilder<WithBody> = self
            .authorized(self.agent.post(self.url(path)))
            .query_pairs(query.iter().copied())
            .header("prefer", "respond-async");
        let sent = match content {
            Some((kind, mut reader)) => request
                .header("content-type", kind)
                .send(SendBody::from_reader(&mut reader)),
            None => request.send_empty(),
        };
        read(self.checked(sent)?)
    }

    /// A DELETE.
    pub(super) fn delete(&self, path: &str) -> Result<(), Failure> {
        let request = self.authorized(self.agent.delete(self.url(path)));
        self.checked(request.call()).map(drop)
    }

    fn checked(
        &self,
        sent: Result<Response<Body>, ureq::Error>,
    ) -> Result<Response<Body>, Failure> {
        let mut response = sent.map_err(|e| {
            Failure::unavailable(format!(
                "the server at {} cannot be reached: {e}",
                self.base
            ))
        })?;
        let status = response.status().as_u16();
        if status < 400 {
            return Ok(response);
        }
        let text = response
            .body_mut()
            .with_config()
            .limit(64 << 10)
            .lossy_utf8(true)
            .read_to_string()
            .unwrap_or_default();
        Err(Failure::from_status(status, describe(status, &text)))
    }
}

fn read<T: DeserializeOwned>(mut response: Response<Body>) -> Result<T, Failure> {
    response
        .body_mut()
        .with_config()
        .limit(MAX_ANSWER)
        .read_json()
        .map_err(|e| Failure::failed(format!("the server's answer cannot be read: {e}")))
}

/// What a problem, or OpenAI's error object, says.
fn describe(status: u16, text: &str) -> String {
    let body: Value = serde_json::from_str(text).unwrap_or(Value::Null);
    let told = body
        .get("detail")
        .or_else(|| body.pointer("/error/message"))
        .and_then(Value::as_str);
    match told {
        Some(told) if status == 401 || status == 403 => {
            format!("{told} (pass it with --key or ALMANAC_KEY)")
        }
        Some(told) => told.to_owned(),
        None => format!("the server answered with status {status}"),
    }
}
