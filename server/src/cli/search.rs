//! `almanac search`.

use std::time::Instant;

use answer::Answerer;
use clap::Args;
use schemas::search::SearchResponse;

use super::{
    Common, Failure, output,
    target::{Target, segment},
};
use crate::models;

/// Search for entities, facts and passages.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  almanac search world \"new york\" --limit 5")]
pub(super) struct Search {
    /// Print JSON.
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// The knowledge base.
    name: String,
    /// Words or a question.
    text: String,
    /// Hits of each kind.
    #[arg(long, default_value_t = 10)]
    limit: usize,
}

impl Search {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        let found: SearchResponse = match Target::open(common)? {
            Target::Local(local) => {
                let view = local.shelf(&self.name)?.view();
                let mut models = models::find(&local.settings)?;
                models.language = None;
                let models = models::load(&local.settings, &models)?;
                let deadline = Instant::now() + local.settings.limits.request_time();
                Answerer::new(models.for_answers())
                    .search(&view, &self.text, self.limit, deadline)?
            }
            Target::Remote(client) => {
                let limit = self.limit.to_string();
                let path = format!("/kb/{}/search", segment(&self.name));
                client.get(&path, &[("q", &self.text), ("limit", &limit)])?
            }
        };
        if common.json {
            return output::json(&found);
        }
        for hit in &found.entities {
            output::line(format!(
                "{:8.3}  {}  <{}>",
                hit.score,
                hit.entity.text(),
                hit.entity.value
            ))?;
        }
        for hit in &found.facts {
            output::line(format!("{:8.3}  {}", hit.score, hit.text))?;
        }
        for hit in &found.passages {
            output::line(format!("{:8.3}  {}: {}", hit.score, hit.document, hit.text))?;
        }
        if found.entities.is_empty() && found.facts.is_empty() && found.passages.is_empty() {
            eprintln!("nothing was found");
        }
        Ok(())
    }
}
