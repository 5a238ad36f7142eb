//! Settings in layers: defaults < `almanac.toml` < environment (`ALMANAC_...`) < flags.

mod layers;
mod limits;
mod log;
mod models;
mod remote;
mod show;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use layers::{ConfigError, Layered, load};
pub use limits::Limits;
pub use log::{LogFormat, LogSettings};
pub use models::ModelSettings;
pub use remote::{ApiKey, RemoteSettings};
pub use show::{Shown, show};

/// All settings, one small struct for each concern.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address and port to listen on, `127.0.0.1:8080` unless told; port 0 takes a free one.
    pub listen: String,
    /// The data folder: knowledge bases, keys, jobs.
    pub data: PathBuf,
    /// A file whose content is accepted as a key with the role `admin`; for containers.
    pub admin_key_file: Option<PathBuf>,
    /// Which models to load.
    pub models: ModelSettings,
    /// Bounds on size, time and number.
    pub limits: Limits,
    /// How to log.
    pub log: LogSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            data: PathBuf::from("almanac-data"),
            admin_key_file: None,
            models: ModelSettings::default(),
            limits: Limits::default(),
            log: LogSettings::default(),
        }
    }
}
