//! What all commands take.

use std::path::PathBuf;

use clap::Args;
use figment::value::Value;

use super::Failure;
use crate::config::{self, Layered};

/// What all commands take.
#[derive(Debug, Default, Args)]
pub struct Common {
    /// The data folder [env: ALMANAC_DATA, else ./almanac-data].
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// A running server to work on, instead of a data folder [env: ALMANAC_URL].
    #[arg(long, global = true, value_name = "URL", conflicts_with = "data")]
    pub url: Option<String>,
    /// The API key for --url [env: ALMANAC_KEY].
    #[arg(long, global = true, value_name = "KEY", hide_env_values = true)]
    pub key: Option<String>,
    /// The configuration file [default: DIR/almanac.toml, if it is there].
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The folder with the models [env: ALMANAC_MODELS, else DIR/models].
    #[arg(long, global = true, value_name = "DIR")]
    pub models: Option<PathBuf>,
    /// Print JSON; each command that can has the flag `--json` and sets this.
    #[arg(skip)]
    pub json: bool,
}

impl Common {
    /// The settings, with these flags and a command's own as the topmost layer.
    pub fn settings(&self, mut flags: Vec<(&'static str, Value)>) -> Result<Layered, Failure> {
        let path = |path: &PathBuf| Value::from(path.to_string_lossy().into_owned());
        if let Some(data) = &self.data {
            flags.push(("data", path(data)));
        }
        if let Some(models) = &self.models {
            flags.push(("models.folder", path(models)));
        }
        Ok(config::load(self.config.as_deref(), &flags)?)
    }

    /// The server to work on, if one is named: a flag beats the environment, and `--data` beats `ALMANAC_URL`.
    pub fn server(&self) -> Option<String> {
        if self.url.is_some() || self.data.is_some() {
            return self.url.clone();
        }
        std::env::var("ALMANAC_URL")
            .ok()
            .filter(|url| !url.is_empty())
    }

    /// The API key for a server.
    pub fn api_key(&self) -> Option<String> {
        self.key
            .clone()
            .or_else(|| std::env::var("ALMANAC_KEY").ok())
            .filter(|key| !key.is_empty())
    }
}
