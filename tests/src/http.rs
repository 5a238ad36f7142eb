//! An HTTP client that returns every answer as it came, whatever its status.

use std::{
    fmt,
    io::{BufRead, BufReader, Read},
    time::Duration,
};

use serde_json::Value;
use ureq::{Agent, Body, http::Response};

/// Speaks with one server.
#[derive(Clone, Debug)]
pub struct Client {
    base: String,
    agent: Agent,
    authorization: Option<String>,
}

/// A request before it is sent.
pub struct Call<'a> {
    client: &'a Client,
    method: &'a str,
    path: &'a str,
    headers: Vec<(&'a str, String)>,
    body: Option<Vec<u8>>,
}

/// A whole answer.
#[derive(Clone)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The bytes.
    pub body: Vec<u8>,
}

impl Client {
    /// A client for a server's address.
    pub fn new(base: &str) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(300)))
            .build()
            .new_agent();
        Self {
            base: base.trim_end_matches('/').to_owned(),
            agent,
            authorization: None,
        }
    }

    /// The same with an `Authorization` header on each request.
    pub fn authorized(&self, value: &str) -> Self {
        Self {
            authorization: Some(value.to_owned()),
            ..self.clone()
        }
    }

    /// The same with a bearer token.
    pub fn with_key(&self, key: &str) -> Self {
        self.authorized(&format!("Bearer {key}"))
    }

    /// The server's address, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Begins a request.
    pub fn call<'a>(&'a self, method: &'a str, path: &'a str) -> Call<'a> {
        Call {
            client: self,
            method,
            path,
            headers: Vec::new(),
            body: None,
        }
    }

    /// Sends a GET request.
    pub fn get(&self, path: &str) -> Reply {
        self.call("GET", path).send()
    }

    /// Sends a POST request with a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.call("POST", path).json(body).send()
    }

    /// Sends a DELETE request.
    pub fn delete(&self, path: &str) -> Reply {
        self.call("DELETE", path).send()
    }
}

impl<'a> Call<'a> {
    /// Adds a header.
    pub fn header(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sets a body and its media type.
    pub fn body(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.headers.push(("content-type", media_type.to_owned()));
        self.body = Some(body.into());
        self
    }

    /// Sets a JSON body.
    pub fn json(self, value: &Value) -> Self {
        self.body("application/json", value.to_string())
    }

    /// Sends the request and reads the whole answer.
    ///
    /// # Panics
    /// If there is no answer.
    pub fn send(self) -> Reply {
        let what = format!("{} {}", self.method, self.path);
        self.attempt().unwrap_or_else(|e| panic!("{what}: {e}"))
    }

    /// Sends the request and reads the whole answer, or says why there is none.
    pub fn attempt(self) -> Result<Reply, String> {
        let mut response = self.open()?;
        let (status, headers) = head(&response);
        let body = response
            .body_mut()
            .with_config()
            .limit(1 << 30)
            .read_to_vec()
            .map_err(|e| format!("status {status}, but the body broke off: {e}"))?;
        Ok(Reply {
            status,
            headers,
            body,
        })
    }

    /// Sends the request and returns its lines as they arrive.
    ///
    /// # Panics
    /// If there is no answer.
    pub fn lines(self) -> (u16, impl Iterator<Item = std::io::Result<String>>) {
        let what = format!("{} {}", self.method, self.path);
        let response = self.open().unwrap_or_else(|e| panic!("{what}: {e}"));
        let status = response.status().as_u16();
        let reader: Box<dyn Read> = Box::new(response.into_body().into_reader());
        (status, BufReader::new(reader).lines())
    }

    fn open(self) -> Result<Response<Body>, String> {
        let mut request = ureq::http::Request::builder()
            .method(self.method)
            .uri(format!("{}{}", self.client.base, self.path));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(value) = &self.client.authorization {
            request = request.header("authorization", value);
        }
        let agent = &self.client.agent;
        let answer = match self.body {
            Some(body) => agent.run(request.body(body).map_err(|e| e.to_string())?),
            None => agent.run(request.body(()).map_err(|e| e.to_string())?),
        };
        answer.map_err(|e| e.to_string())
    }
}

fn head(response: &Response<Body>) -> (u16, Vec<(String, String)>) {
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    (response.status().as_u16(), headers)
}

impl Reply {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// The media type without parameters.
    pub fn media_type(&self) -> &str {
        let value = self.header("content-type").unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// If it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e} in {self:?}"))
    }

    /// Checks the status and returns the answer.
    ///
    /// # Panics
    /// If it is another, showing the answer.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// Checks that the answer is a problem after RFC 9457 with a status, and returns it.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.media_type(), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], status, "{self:?}");
        for field in ["type", "title", "detail"] {
            assert!(
                problem[field].as_str().is_some_and(|t| !t.is_empty()),
                "no `{field}`: {self:?}"
            );
        }
        assert!(
            self.header("x-request-id").is_some(),
            "no request id: {self:?}"
        );
        problem
    }

    /// Checks that the answer is OpenAI's error object with a status, and returns the object.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn openai_error(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.media_type(), "application/json", "{self:?}");
        let error = self.json()["error"].clone();
        for field in ["message", "type"] {
            assert!(
                error[field].as_str().is_some_and(|t| !t.is_empty()),
                "no `{field}`: {self:?}"
            );
        }
        for field in ["param", "code"] {
            assert!(
                error.get(field).is_some(),
                "SDKs expect `{field}`, be it null: {self:?}"
            );
        }
        error
    }

    /// The data of the server-sent events, in order.
    pub fn events(&self) -> Vec<String> {
        self.text()
            .lines()
            .filter_map(|line| line.strip_prefix("data:"))
            .map(|data| data.trim().to_owned())
            .collect()
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String = self.text().chars().take(2000).collect();
        writeln!(f, "HTTP {}", self.status)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {value}")?;
        }
        write!(f, "\n{text}")
    }
}

/// Percent-encodes a text for use in a query string.
pub fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
