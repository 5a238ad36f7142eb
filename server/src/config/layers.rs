//! Merges the layers and remembers where each value came from.

use std::path::{Path, PathBuf};

use figment::{
    Figment, Metadata, Profile, Provider,
    providers::{Env, Format, Serialized, Toml},
    value::{Dict, Map, Value},
};
use thiserror::Error;

use super::Settings;

/// Why the settings could not be read.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file that `--config` names is not there.
    #[error("configuration file `{}` does not exist", .0.display())]
    NoFile(PathBuf),
    /// A value is malformed or unknown.
    #[error("configuration: {0}")]
    Invalid(Box<figment::Error>),
}

impl From<figment::Error> for ConfigError {
    fn from(error: figment::Error) -> Self {
        Self::Invalid(Box::new(error))
    }
}

/// Settings and their origins.
pub struct Layered {
    /// The merged values.
    pub settings: Settings,
    pub(super) figment: Figment,
}

/// Values given as flags: dotted path and value.
struct Flags<'a>(&'a [(&'static str, Value)]);

impl Provider for Flags<'_> {
    fn metadata(&self) -> Metadata {
        Metadata::named("command-line flag")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let mut dict = Dict::new();
        for (path, value) in self.0 {
            match path.split_once('.') {
                None => {
                    dict.insert((*path).to_owned(), value.clone());
                }
                Some((section, key)) => {
                    let entry = dict
                        .entry(section.to_owned())
                        .or_insert_with(|| Value::from(Dict::new()));
                    if let Value::Dict(_, inner) = entry {
                        inner.insert(key.to_owned(), value.clone());
                    }
                }
            }
        }
        Ok(Profile::Default.collect(dict))
    }
}

const SECTIONS: [&str; 3] = ["models", "limits", "log"];
/// Sections within sections.
const INNER: [(&str, &str); 1] = [("models", "remote")];
const PLAIN: [&str; 3] = ["listen", "data", "admin_key_file"];

/// `ALMANAC_LIMITS_QUEUE` becomes `limits.queue`, and `ALMANAC_MODELS_REMOTE_URL` becomes `models.remote.url`;
/// `ALMANAC_MODELS` alone is `models.folder`. Variables of the client (`ALMANAC_URL`, `ALMANAC_KEY`) and unknown ones
/// are none of ours.
fn environment() -> Env {
    Env::prefixed("ALMANAC_").filter_map(|key| {
        let key = key.as_str().to_ascii_lowercase();
        if PLAIN.contains(&key.as_str()) {
            return Some(key.into());
        }
        if key == "models" {
            return Some("models.folder".into());
        }
        let (section, rest) = key.split_once('_')?;
        if !SECTIONS.contains(&section) {
            return None;
        }
        let inner = rest
            .split_once('_')
            .filter(|(inner, _)| INNER.contains(&(section, *inner)));
        Some(match inner {
            Some((inner, rest)) => format!("{section}.{inner}.{rest}").into(),
            None => format!("{section}.{rest}").into(),
        })
    })
}

/// Merges defaults, file, environment and flags.
///
/// The file is the one named, which must exist, or `almanac.toml` in the data folder, which need not. Relative
/// paths are relative to the working directory.
pub fn load(file: Option<&Path>, flags: &[(&'static str, Value)]) -> Result<Layered, ConfigError> {
    let defaults = Serialized::defaults(Settings::default());
    let file = match file {
        Some(path) if !path.is_file() => return Err(ConfigError::NoFile(path.to_owned())),
        Some(path) => path.to_owned(),
        None => {
            // The folder itself may come from the environment or a flag, never from the file within it.
            let early = Figment::from(&defaults)
                .merge(environment())
                .merge(Flags(flags));
            early.extract_inner::<PathBuf>("data")?.join("almanac.toml")
        }
    };
    let mut figment = Figment::from(defaults);
    if file.is_file() {
        figment = figment.merge(Toml::file_exact(&file));
    }
    let figment = figment.merge(environment()).merge(Flags(flags));
    let settings = figment.extract::<Settings>()?;
    Ok(Layered { settings, figment })
}
