//! `almanac check`.

use clap::Args;
use kg_store::{KnowledgeBase, StoreError, StoreOptions, Watch};
use retriever::RetrieverError;
use schemas::{KbName, jobs::Job, knowledge_base::CheckReport};

use super::{
    Common, Failure,
    load::follow,
    output::{self, Progress, grouped},
    target::{Local, Target, segment},
};

/// Compare a knowledge base's journal, store and index. Exits with 1 when they disagree or one is damaged.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  almanac check world")]
pub(super) struct Check {
    /// Print JSON.
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// The knowledge base.
    name: String,
}

/// Checks a knowledge base of a data folder. One whose store is damaged cannot be opened to be compared with
/// its index, and is checked as it lies.
fn check(local: Box<Local>, name: &str, watch: &dyn Watch) -> Result<CheckReport, Failure> {
    let name: KbName = name.parse()?;
    let error = match local.library.get(&name) {
        Ok(shelf) => return Ok(shelf.check(watch)?),
        Err(error) => error,
    };
    let damaged = matches!(
        error,
        RetrieverError::Store(StoreError::Storage(_) | StoreError::Corrupt { .. })
    );
    if !damaged {
        return Err(error.into());
    }
    let dir = local.settings.data.join("kb").join(name.as_str());
    let _folder = local.close();
    let mut report = KnowledgeBase::check_damaged(&dir, StoreOptions::default(), watch)?;
    if report.faults.is_empty() {
        report.faults.push(error.to_string());
    }
    report
        .faults
        .push("the index was not compared: that takes a knowledge base that opens".to_owned());
    Ok(report)
}

impl Check {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        let progress = Progress::new(&self.name);
        let report: CheckReport = match Target::open(common)? {
            Target::Local(local) => check(local, &self.name, &progress)?,
            Target::Remote(client) => {
                let job: Job =
                    client.post_job(&format!("/kb/{}/check", segment(&self.name)), &[], None)?;
                serde_json::from_value(follow(&client, job, &progress)?)?
            }
        };
        progress.finish();
        if common.json {
            output::json(&report)?;
        } else {
            output::line(format!(
                "{}: revision {}, {} segments, {} quads, {} entities, {} documents: {}",
                self.name,
                report.revision,
                grouped(report.segments),
                grouped(report.quads),
                grouped(report.entities),
                grouped(report.documents),
                if report.faults.is_empty() {
                    "all agree"
                } else {
                    "they disagree"
                }
            ))?;
            for fault in &report.faults {
                output::line(format!("  {fault}"))?;
            }
        }
        if report.faults.is_empty() {
            return Ok(());
        }
        Err(Failure::failed(format!(
            "{} faults were found",
            report.faults.len()
        )))
    }
}
