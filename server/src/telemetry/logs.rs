//! Log lines go to standard error: JSON for machines, text on a terminal.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{LogFormat, LogSettings};

/// Starts logging. A second call changes nothing; a filter that does not parse is reported and `info` taken.
pub fn init(settings: &LogSettings) {
    let (filter, complaint) = match EnvFilter::try_new(&settings.filter) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new("info"), Some(error)),
    };
    // It dumps what is sent, the key to a model's server included, at `trace`; no filter may ask for that.
    let filter = match "ureq_proto::util=off".parse() {
        Ok(never) => filter.add_directive(never),
        Err(_) => filter,
    };
    let json = match settings.format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !std::io::stderr().is_terminal(),
    };
    let registry = tracing_subscriber::registry().with(filter);
    let started = if json {
        let layer = fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .with_writer(std::io::stderr);
        registry.with(layer).try_init()
    } else {
        let layer = fmt::layer()
            .with_writer(std::io::stderr)
            .with_ansi(std::io::stderr().is_terminal());
        registry.with(layer).try_init()
    };
    if let (Ok(()), Some(error)) = (started, complaint) {
        tracing::warn!(filter = settings.filter, %error, "the log filter does not parse, taking `info`");
    }
}
