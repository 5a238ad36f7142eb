//! `almanac serve`.

use clap::Args;
use figment::value::Value;

use super::{Common, Failure};
use crate::{
    application::{Application, bind},
    config::LogFormat,
    telemetry::logs,
};

const EXAMPLES: &str = "\
Examples:
  almanac serve                                    this machine only, no keys needed
  almanac serve --listen 127.0.0.1:0               a free port; DIR/server.json tells which
  almanac key create --role read --name app
  almanac serve --listen 0.0.0.0:8080              other machines too: refused while no key exists

The page at / asks questions in a browser. SIGTERM and Ctrl-C let what is under way finish.";

/// Serve knowledge bases over HTTP.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Serve {
    /// Address and port; port 0 takes a free one [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Load no models: answers are computed all the same, and said in plainer words.
    #[arg(long)]
    no_model: bool,
    /// How to log [default: text on a terminal, json elsewhere].
    #[arg(long, value_enum)]
    log_format: Option<LogFormat>,
}

impl Serve {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        if common.url.is_some() {
            return Err(Failure::usage(
                "`serve` works on a data folder, not on --url",
            ));
        }
        let mut flags: Vec<(&'static str, Value)> = Vec::new();
        if let Some(listen) = self.listen {
            flags.push(("listen", listen.into()));
        }
        if self.no_model {
            flags.push(("models.off", true.into()));
        }
        if let Some(format) = self.log_format {
            let name = match format {
                LogFormat::Auto => "auto",
                LogFormat::Json => "json",
                LogFormat::Text => "text",
            };
            flags.push(("log.format", name.into()));
        }
        let settings = common.settings(flags)?.settings;
        logs::init(&settings.log);
        let listener = bind(&settings)?;
        actix_web::rt::System::new().block_on(async {
            let application = Application::build(settings, listener)?;
            application.run().await.map_err(Failure::from)
        })
    }
}
