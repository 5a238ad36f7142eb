//! A language model that another server runs.

use std::{fmt, path::PathBuf};

use remote::Guide;
use secrecy::{ExposeSecret, SecretString};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};

/// A server that speaks OpenAI's API, and its model. `models.context`, `models.slots` and `models.queue` hold for it
/// too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RemoteSettings {
    /// Where its API begins, such as `http://127.0.0.1:8000/v1`; without it there is no such model.
    pub url: Option<String>,
    /// The model's name there; its only one unless told.
    pub model: Option<String>,
    /// The key that the server asks for.
    pub api_key: Option<ApiKey>,
    /// A file that holds the key, instead; for containers.
    pub api_key_file: Option<PathBuf>,
    /// How the server is told to choose among sentences: `none`, `grammar` (llama.cpp), `structured_outputs` or
    /// `guided_choice` (vLLM).
    pub guide: Guide,
    /// Longest silence of the server, in milliseconds.
    pub idle_ms: u64,
}

impl Default for RemoteSettings {
    fn default() -> Self {
        Self {
            url: None,
            model: None,
            api_key: None,
            api_key_file: None,
            guide: Guide::None,
            idle_ms: 60_000,
        }
    }
}

/// A key that is read from settings and never shown.
#[derive(Clone)]
pub struct ApiKey(SecretString);

impl ApiKey {
    /// The key, for the one who needs it.
    pub fn secret(&self) -> &SecretString {
        &self.0
    }
}

impl From<String> for ApiKey {
    fn from(key: String) -> Self {
        Self(key.into())
    }
}

impl PartialEq for ApiKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl Eq for ApiKey {}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(***)")
    }
}

impl Serialize for ApiKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

impl<'de> Deserialize<'de> for ApiKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeyVisitor)
    }
}

struct KeyVisitor;

/// What is no text, said without repeating it, as the usual message would. A variable whose value looks like a number
/// is taken for one.
fn no_text<T, E: Error>() -> Result<T, E> {
    Err(E::custom("a key is a text; put it in quotation marks"))
}

impl Visitor<'_> for KeyVisitor {
    type Value = ApiKey;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<ApiKey, E> {
        Ok(ApiKey::from(key.to_owned()))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<ApiKey, E> {
        no_text()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<ApiKey, E> {
        no_text()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<ApiKey, E> {
        no_text()
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<ApiKey, E> {
        no_text()
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<ApiKey, E> {
        no_text()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<ApiKey, E> {
        no_text()
    }

    fn visit_char<E: Error>(self, key: char) -> Result<ApiKey, E> {
        Ok(ApiKey::from(key.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{load, show};

    #[test]
    fn the_key_is_read_and_not_shown() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("almanac.toml");
        let text = "[models.remote]\nurl = \"http://127.0.0.1:8000/v1\"\napi_key = \"sesame-open\"\nguide = \"grammar\"\n";
        std::fs::write(&file, text).unwrap();
        let layered = load(Some(&file), &[]).unwrap();
        let remote = &layered.settings.models.remote;
        let key = remote.api_key.as_ref().unwrap();
        assert_eq!(key.secret().expose_secret(), "sesame-open");
        assert_eq!(remote.guide, Guide::Grammar);
        let shown = show(&layered);
        let entry = |key: &str| shown.iter().find(|s| s.key == key).unwrap();
        assert_eq!(entry("models.remote.api_key").value, "***");
        assert!(entry("models.remote.url").origin.ends_with("almanac.toml"));
        assert_eq!(entry("models.remote.idle_ms").origin, "default");
        let debugged = format!("{:?}", layered.settings);
        assert!(!debugged.contains("sesame"), "{debugged}");
    }

    #[test]
    fn what_is_no_key_is_not_repeated() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("almanac.toml");
        for value in [
            "8642097",
            "true",
            "864.2097",
            "[\"8642097\"]",
            "{ a = \"8642097\" }",
        ] {
            std::fs::write(&file, format!("[models.remote]\napi_key = {value}\n")).unwrap();
            let error = load(Some(&file), &[]).err().unwrap().to_string();
            assert!(
                error.contains("api_key") && !error.contains("864"),
                "{error}"
            );
        }
    }
}
