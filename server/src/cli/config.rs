//! `almanac config`.

use clap::{Args, Subcommand};

use super::{Common, Failure, output};
use crate::config::show;

/// Show the settings in force and where each comes from.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ALMANAC_LIMITS_QUEUE=8 almanac config show\n\nLayers, each over the one before: defaults, almanac.toml, environment (ALMANAC_...), flags."
)]
pub(super) struct Config {
    /// Print JSON.
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print each value and its origin.
    Show,
}

impl Config {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        let Action::Show = self.action;
        let layered = common.settings(Vec::new())?;
        let shown = show(&layered);
        if common.json {
            return output::json(&shown);
        }
        let width = shown.iter().map(|s| s.key.len()).max().unwrap_or(0);
        for setting in shown {
            output::line(format!(
                "{:width$} = {}  ({})",
                setting.key, setting.value, setting.origin
            ))?;
        }
        Ok(())
    }
}
