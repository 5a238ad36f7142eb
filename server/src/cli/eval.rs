//! `almanac eval`.

mod answers;
mod asker;
mod run;
mod sizes;

use std::path::PathBuf;

use asker::{Asker, Language, Manner};
use clap::Args;
use retriever::rank::Without;
use serde::Serialize;

use super::{Common, Failure, output, target::Target};
use crate::eval::{
    explanation,
    questions::{self, Question},
};

const EXAMPLES: &str = "\
Examples:
  almanac eval --kb popqa --questions questions.jsonl.gz
  almanac eval --kb popqa --questions questions.jsonl.gz --sample 50 --seed 1 --closed-book --free-rag
  almanac eval --kb popqa --questions questions.jsonl.gz --mistakes 20 --json report.json
  almanac eval --kb popqa --questions questions.jsonl.gz --sample 200 --density
  almanac eval --kb popqa --questions questions.jsonl.gz --no-model --ablate
  almanac eval --kb popqa --questions questions.jsonl.gz --explain q17

Each line of the file is {\"id\", \"question\", \"answers\": [...]}. A right answer matches a label, an alias or the IRI of
an answer, whatever its case, width and spacing; numbers match at a relative 1e-6, \"yes\" and \"no\" the truth values. With
\"status\" (\"abstained\", \"none\", \"ungrounded\") the answer is right when its status is that. With \"operator\", \"nested\" or
\"hops\" the figures are also given for each value of these.";

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
    /// Compare: the language model alone, with facts, the answers, and the answers without a language model; what
    /// each gets right, and its parameters, bytes and time.
    #[arg(long, conflicts_with_all = ["baselines_only", "no_model"])]
    density: bool,
    /// Take the ranking apart: what is right and what is wrong without each of its signals in turn. Asks all questions
    /// nine times more.
    #[arg(long, conflicts_with = "baselines_only")]
    ablate: bool,
    /// Show how the answer to this question of the file is found, and do nothing else.
    #[arg(long, value_name = "ID")]
    explain: Option<String>,
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
        if let Some(id) = &self.explain {
            return self.explain_one(id, &all, common);
        }
        let asked = questions::sample(all, self.sample, self.seed);
        let report = run::measure(&self, &asked, common)?;
        self.write(&report, || report.table())
    }

    fn explain_one(
        &self,
        id: &str,
        questions: &[Question],
        common: &Common,
    ) -> Result<(), Failure> {
        let question = questions.iter().find(|q| q.id == id).ok_or_else(|| {
            Failure::not_found(format!("the file holds no question with the id `{id}`"))
        })?;
        let asker = Asker::new(Target::open(common)?, &self.kb, self.language())?;
        let manner = Manner {
            use_model: !self.no_model,
            explain: true,
            without: Without::default(),
        };
        let grounding = asker.ask(&question.question, manner)?;
        let text = || explanation::readable(question, &grounding);
        self.write(&grounding, text)
    }

    fn language(&self) -> Language {
        if self.closed_book || self.free_rag {
            Language::Needed
        } else if self.no_model {
            Language::Unused
        } else {
            Language::Welcome
        }
    }

    /// A value as JSON where that was asked for, and as text on standard output unless the JSON goes there.
    fn write(&self, value: &impl Serialize, text: impl Fn() -> String) -> Result<(), Failure> {
        match &self.json {
            Some(path) if path.as_os_str() == "-" => return output::json(value),
            Some(path) => {
                let json = serde_json::to_string_pretty(value)?;
                std::fs::write(path, json)
                    .map_err(|e| Failure::from(e).about(&path.display().to_string()))?;
            }
            None => {}
        }
        output::line(text())
    }
}
