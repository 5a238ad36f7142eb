//! The command line.
//!
//! Results go to standard output, everything else to standard error. Exit codes: 0 done, 1 failed, 2 wrong usage,
//! 3 not found, 4 invalid input, 5 unavailable or locked.

mod args;
mod ask;
mod check;
mod client;
mod config;
mod dump;
mod eval;
mod failure;
mod kb;
mod key;
mod load;
mod model;
mod output;
mod proofs;
mod search;
mod serve;
mod sparql;
mod target;

use std::{ffi::OsString, process::ExitCode};

use clap::{Arg, CommandFactory, FromArgMatches, Parser, Subcommand};

pub use args::Common;
pub use failure::Failure;

const EXAMPLES: &str = "\
Examples:
  almanac load world countries.ttl --create      load a file into a new knowledge base
  almanac ask world \"What is the capital of Chad?\"
  almanac serve                                  serve all knowledge bases at http://127.0.0.1:8080
  almanac ask world \"Who borders Laos?\" --url http://127.0.0.1:8080

Every command works on a data folder (--data, ALMANAC_DATA, else ./almanac-data)
or, with --url or ALMANAC_URL, on a running server.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 invalid input, 5 unavailable or locked.";

/// Answers questions from knowledge bases, and proves what it says.
#[derive(Debug, Parser)]
#[command(name = "almanac", version, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve knowledge bases over HTTP.
    Serve(serve::Serve),
    /// Create, list, describe and delete knowledge bases.
    Kb(kb::Kb),
    /// Load RDF files into a knowledge base: each whole, or not at all.
    Load(load::Load),
    /// Write a knowledge base, or one of its graphs, as RDF to standard output.
    Dump(dump::Dump),
    /// Ask a question.
    Ask(ask::Ask),
    /// Search for entities, facts and passages.
    Search(search::Search),
    /// Run a SPARQL query.
    Sparql(sparql::Sparql),
    /// Verify proofs of answers.
    Proofs(proofs::Proofs),
    /// Measure how well a knowledge base answers a set of questions.
    Eval(eval::Eval),
    /// Compare a knowledge base's journal, store and index.
    Check(check::Check),
    /// Create, list and revoke API keys.
    Key(key::Key),
    /// List and check the models.
    Model(model::Model),
    /// Show the settings in force and where each comes from.
    Config(config::Config),
}

impl Command {
    /// Whether the result is to be JSON.
    fn json(&self) -> bool {
        match self {
            Self::Kb(command) => command.json,
            Self::Load(command) => command.json,
            Self::Ask(command) => command.json,
            Self::Search(command) => command.json,
            Self::Sparql(command) => command.json,
            Self::Proofs(command) => command.json,
            Self::Check(command) => command.json,
            Self::Key(command) => command.json,
            Self::Model(command) => command.json,
            Self::Config(command) => command.json,
            // These have no such flag, or one of their own that names a file.
            Self::Serve(_) | Self::Dump(_) | Self::Eval(_) => false,
        }
    }
}

/// The command line. Two commands work on a data folder only: there, the flags for a server are not shown.
fn command() -> clap::Command {
    let mut command = Cli::command();
    for name in ["serve", "key"] {
        command = command.mut_subcommand(name, |command| {
            let hidden = |name: &'static str| Arg::new(name).long(name).global(true).hide(true);
            command.args([hidden("url"), hidden("key")])
        });
    }
    command
}

/// Runs the command line and returns its exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let parsed = command()
        .try_get_matches_from(arguments)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors, and go to standard output.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() {
                failure::USAGE
            } else {
                0
            });
        }
    };
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.tell();
            ExitCode::from(failure.code)
        }
    }
}

fn dispatch(cli: Cli) -> Result<(), Failure> {
    let mut common = cli.common;
    common.json = cli.command.json();
    match cli.command {
        Command::Serve(command) => command.run(&common),
        Command::Kb(command) => command.run(&common),
        Command::Load(command) => command.run(&common),
        Command::Dump(command) => command.run(&common),
        Command::Ask(command) => command.run(&common),
        Command::Search(command) => command.run(&common),
        Command::Sparql(command) => command.run(&common),
        Command::Proofs(command) => command.run(&common),
        Command::Eval(command) => command.run(&common),
        Command::Check(command) => command.run(&common),
        Command::Key(command) => command.run(&common),
        Command::Model(command) => command.run(&common),
        Command::Config(command) => command.run(&common),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn flags_that_a_command_refuses_are_not_shown_and_still_read() {
        for words in [&["serve"][..], &["key"], &["key", "list"]] {
            let with = |more: &'static str| {
                let arguments = ["almanac"].iter().chain(words).chain([&more]);
                command().try_get_matches_from(arguments)
            };
            let text = with("--help").unwrap_err().to_string();
            assert!(!text.contains("--url") && text.contains("--data"), "{text}");
            // `key` alone is no whole command.
            if words != ["key"] {
                let matches = with("--url=http://127.0.0.1:1").unwrap();
                let cli = Cli::from_arg_matches(&matches).unwrap();
                assert!(cli.common.url.is_some(), "{words:?}");
            }
        }
        let kept = command()
            .try_get_matches_from(["almanac", "load", "--help"])
            .unwrap_err();
        assert!(kept.to_string().contains("--url"));
    }
}
