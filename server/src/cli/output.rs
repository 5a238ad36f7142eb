//! Results on standard output; progress on standard error, as a bar on a terminal and as plain lines elsewhere.

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};
use kg_store::Watch;
use parking_lot::Mutex;
use serde::Serialize;

use super::Failure;

/// Writes a line to standard output.
pub(super) fn line(text: impl AsRef<str>) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_ref().as_bytes())?;
    out.write_all(b"\n")?;
    Ok(())
}

/// Writes text to standard output as it is, at once.
pub(super) fn piece(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Writes a value as JSON to standard output.
pub(super) fn json(value: &impl Serialize) -> Result<(), Failure> {
    line(serde_json::to_string_pretty(value)?)
}

/// A number with its thousands apart.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Shows the progress of one piece of long work.
pub(super) struct Progress {
    name: String,
    bar: Option<ProgressBar>,
    last: Mutex<Option<(String, Instant)>>,
}

impl Progress {
    /// Begins; `name` says what is worked on.
    pub(super) fn new(name: &str) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self {
            name: name.to_owned(),
            bar,
            last: Mutex::new(None),
        }
    }

    /// Tells how far a phase is.
    pub(super) fn show(&self, phase: &str, done: u64, total: Option<u64>) {
        let Some(bar) = &self.bar else {
            return self.plain(phase, done, total);
        };
        // A template that does not parse would only cost the bar's looks.
        let style = match total {
            Some(total) => {
                bar.set_length(total);
                ProgressStyle::with_template("{msg} [{bar:30}] {human_pos}/{human_len} {eta}")
            }
            None => ProgressStyle::with_template("{spinner} {msg} {human_pos} ({per_sec})"),
        };
        let mut last = self.last.lock();
        if last.as_ref().is_none_or(|(p, _)| p != phase) {
            if let Ok(style) = style {
                bar.set_style(style);
            }
            bar.set_message(format!("{}: {phase}", self.name));
            *last = Some((phase.to_owned(), Instant::now()));
        }
        bar.set_position(done);
    }

    /// A line at the start of each phase and every five seconds.
    fn plain(&self, phase: &str, done: u64, total: Option<u64>) {
        let mut last = self.last.lock();
        let due = last
            .as_ref()
            .is_none_or(|(p, at)| p != phase || at.elapsed() > Duration::from_secs(5));
        if !due {
            return;
        }
        *last = Some((phase.to_owned(), Instant::now()));
        let of = total.map_or_else(String::new, |t| format!(" of {}", grouped(t)));
        eprintln!("{}: {phase} {}{of}", self.name, grouped(done));
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Watch for Progress {
    fn progress(&self, phase: &'static str, done: u64, total: Option<u64>) {
        self.show(phase, done, total);
    }

    // Ctrl-C ends the process, and the journal makes that safe.
    fn cancelled(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (12_345_678, "12,345,678"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
