//! `almanac eval`.

mod asker;
mod run;

use std::path::PathBuf;

use clap::Args;

use super::{Common, Failure, output};
use crate::eval::questions;

const EXAMPLES: &str = "\
Examples:
  almanac eval --kb popqa --questions questions.jsonl.gz
  almanac eval --kb popqa --questions questions.jsonl.gz --sample 50 --seed 1 --closed-book --free-rag
  almanac eval --kb popqa --questions questions.jsonl.gz --mistakes 20 --json report.json

Each line of the file is {\"id\", \"question\", \"answers\": [...]}. A right answer matches a label, an alias or the IRI of
an answer, whatever its case, width and spacing; numbers match at a relative 1e-6.";

/// Measure how well a knowledge base answers a set of questions.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Eval {
    /// The knowledge base.
    #[arg(long, value_name = "NAME")]
    kb: String,
    /// Questions, one JSON object a line, plain or .gz.
    #[arg(long, value_name = "FILE")]
    questions: PathBuf,
    /// Ask only this many, drawn by --seed.
    #[arg(long, value_name = "N")]
    sample: Option<usize>,
    /// The seed of the sample and of the intervals.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Also ask the language model alone.
    #[arg(long)]
    closed_book: bool,
    /// Also ask the language model with the eight best facts before its eyes.
    #[arg(long)]
    free_rag: bool,
    /// Only the baselines that are named: do not measure the answers.
    #[arg(long)]
    baselines_only: bool,
    /// Word answers without the language model.
    #[arg(long)]
    no_model: bool,
    /// Write the report as JSON; `-` is standard output.
    #[arg(long, value_name = "OUT")]
    json: Option<PathBuf>,
    /// Show this many questions that were not answered rightly.
    #[arg(long, default_value_t = 0, value_name = "N")]
    mistakes: usize,
    /// Questions asked at the same time.
    #[arg(long, default_value_t = 2, value_name = "N")]
    threads: usize,
}

impl Eval {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        if !(1..=64).contains(&self.threads) {
            return Err(Failure::usage("--threads must be 1 to 64"));
        }
        let file = self.questions.display().to_string();
        let all = questions::read(&self.questions).map_err(|error| match error {
            questions::QuestionError::Io(error) => Failure::from(error).about(&file),
            error => Failure::invalid(format!("{file}: {error}")),
        })?;
        let asked = questions::sample(all, self.sample, self.seed);
        let report = run::measure(&self, &asked, common)?;
        match &self.json {
            Some(path) if path.as_os_str() == "-" => output::json(&report),
            Some(path) => {
                let text = serde_json::to_string_pretty(&report)?;
                std::fs::write(path, text)
                    .map_err(|e| Failure::from(e).about(&path.display().to_string()))?;
                output::line(report.table())
            }
            None => output::line(report.table()),
        }
    }
}
