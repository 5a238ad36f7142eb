//! `almanac check`.

use clap::Args;
use schemas::{jobs::Job, knowledge_base::CheckReport};

use super::{
    Common, Failure,
    load::follow,
    output::{self, Progress, grouped},
    target::{Target, segment},
};

/// Compare a knowledge base's journal, store and index. Exits with 1 when they disagree.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  almanac check world")]
pub(super) struct Check {
    /// Print JSON.
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// The knowledge base.
    name: String,
}

impl Check {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        let progress = Progress::new(&self.name);
        let report: CheckReport = match Target::open(common)? {
            Target::Local(local) => local.shelf(&self.name)?.check(&progress)?,
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
