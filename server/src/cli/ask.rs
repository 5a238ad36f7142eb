//! `almanac ask`.

use std::{
    io::{BufRead, BufReader},
    ops::ControlFlow,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use answer::{Answerer, Question};
use clap::Args;
use retriever::rank::Without;
use schemas::{
    Grounding,
    chat::{ChatChunk, Usage},
    grounding::Citation,
};
use serde_json::{Value, json};

use super::{
    Common, Failure,
    client::Client,
    output,
    target::{Local, Target},
};
use crate::{models, proofs::bundle};

const EXAMPLES: &str = "\
Examples:
  almanac ask world \"Which countries border Laos?\"
  almanac ask world \"What is the capital of Chad?\" --json
  almanac ask world \"Who is the mayor of Quito?\" --explain
  almanac ask world \"Who borders Laos?\" --proof laos.json";

/// Ask a question.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Ask {
    /// Print JSON.
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// The knowledge base.
    name: String,
    /// The question.
    question: String,
    /// Show how the answer was found.
    #[arg(long)]
    explain: bool,
    /// Word the answer without the language model.
    #[arg(long)]
    no_model: bool,
    /// Let the language model answer from its own memory where the knowledge base cannot.
    #[arg(long)]
    allow_ungrounded: bool,
    /// Write what proves the answer to a file, for `almanac proofs verify` or any SPARQL engine.
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    /// Seconds allowed.
    #[arg(long, default_value_t = 60)]
    timeout: u64,
}

impl Ask {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        if self.question.trim().is_empty() {
            return Err(Failure::invalid("the question is empty"));
        }
        let (content, grounding, usage) = match Target::open(common)? {
            Target::Local(local) => self.local(&local, common)?,
            Target::Remote(client) => self.remote(&client, common)?,
        };
        if common.json {
            output::json(&json!({"content": content, "grounding": grounding, "usage": usage}))?;
        } else {
            output::line("")?;
            if let Some(grounding) = &grounding {
                describe(grounding, self.explain)?;
            }
        }
        match (&self.proof, &grounding) {
            (Some(path), Some(grounding)) => self.write_proof(path, &content, grounding),
            (Some(_), None) => Err(Failure::failed("the answer carries no grounding")),
            (None, _) => Ok(()),
        }
    }

    /// The answer itself has been printed by now: without a proof for it the command fails all the same.
    fn write_proof(
        &self,
        path: &Path,
        content: &str,
        grounding: &Grounding,
    ) -> Result<(), Failure> {
        let bundle = bundle::seal(&self.question, content, grounding)?;
        let mut text = serde_json::to_string_pretty(&bundle)?;
        text.push('\n');
        std::fs::write(path, text).map_err(|e| Failure::from(e).about(&path.display().to_string()))
    }

    fn local(
        &self,
        local: &Local,
        common: &Common,
    ) -> Result<(String, Option<Grounding>, Usage), Failure> {
        let shelf = local.shelf(&self.name)?;
        let mut found = models::find(&local.settings)?;
        if self.no_model {
            found.language = None;
        }
        let loaded = models::load(&local.settings, &found)?;
        let answerer = Answerer::new(loaded.for_answers());
        let question = Question {
            text: self.question.clone(),
            history: Vec::new(),
            explain: self.explain,
            allow_ungrounded: self.allow_ungrounded,
            use_model: !self.no_model,
            deadline: Instant::now() + Duration::from_secs(self.timeout),
            without: Without::default(),
        };
        let mut sink = |text: &str| {
            if !common.json && output::piece(text).is_err() {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        };
        let answer = answerer.answer(shelf.name(), &shelf.view(), &question, &mut sink)?;
        Ok((answer.content, Some(answer.grounding), answer.usage))
    }

    fn remote(
        &self,
        client: &Client,
        common: &Common,
    ) -> Result<(String, Option<Grounding>, Usage), Failure> {
        let mut almanac =
            json!({"explain": self.explain, "allow_ungrounded": self.allow_ungrounded});
        if self.no_model {
            almanac["model"] = "none".into();
        }
        let body = json!({
            "model": self.name,
            "messages": [{"role": "user", "content": self.question}],
            "stream": true,
            "stream_options": {"include_usage": true},
            "temperature": 0,
            "almanac": almanac,
        });
        let reader = client.post_stream(
            "/v1/chat/completions",
            &[],
            "application/json",
            "text/event-stream",
            &body.to_string(),
        )?;
        let (mut content, mut grounding, mut usage) = (String::new(), None, Usage::default());
        for line in BufReader::new(reader).lines() {
            let line = line?;
            let Some(data) = line.strip_prefix("data: ").filter(|d| *d != "[DONE]") else {
                continue;
            };
            let value: Value = serde_json::from_str(data)?;
            if let Some(error) = value.pointer("/error/message").and_then(Value::as_str) {
                return Err(Failure::failed(error));
            }
            let chunk: ChatChunk = serde_json::from_value(value)?;
            if let Some(told) = chunk.usage {
                usage = told;
            }
            for choice in chunk.choices {
                if let Some(text) = choice.delta.content {
                    if !common.json {
                        output::piece(&text)?;
                    }
                    content.push_str(&text);
                }
                grounding = grounding.or(choice.delta.grounding);
            }
        }
        Ok((content, grounding, usage))
    }
}

/// Citations on standard output; how the answer was found on standard error.
fn describe(grounding: &Grounding, explain: bool) -> Result<(), Failure> {
    if !grounding.citations.is_empty() {
        output::line("")?;
    }
    for citation in &grounding.citations {
        match citation {
            Citation::Fact {
                id, text, subject, ..
            } => {
                output::line(format!("[{id}] {text}  <{}>", subject.value))?;
            }
            Citation::Passage {
                id,
                document,
                title,
                text,
                ..
            } => {
                output::line(format!(
                    "[{id}] {}: {text}",
                    title.as_ref().unwrap_or(document)
                ))?;
            }
        }
    }
    let reason = grounding
        .reason
        .and_then(|r| serde_json::to_value(r).ok())
        .and_then(|r| r.as_str().map(|r| format!(" ({})", r.replace('_', " "))))
        .unwrap_or_default();
    let status = serde_json::to_value(grounding.status)?;
    eprintln!(
        "{}{reason}, confidence {:.2}, revision {}",
        status.as_str().unwrap_or_default(),
        grounding.confidence,
        grounding.revision
    );
    if explain {
        if let Some(sparql) = &grounding.sparql {
            eprintln!("{sparql}");
        }
        if let Some(explanation) = &grounding.explanation {
            eprintln!("{}", serde_json::to_string_pretty(explanation)?);
        }
    }
    Ok(())
}
