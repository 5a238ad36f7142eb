//! `almanac proofs`.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, Subcommand};
use kg_store::{ParseLimits, QueryLimits};
use schemas::{
    Object, Term,
    proofs::{ProofInput, Verdict, Verification},
};

use super::{
    Common, Failure, output,
    target::{Target, segment},
};
use crate::proofs::{self, Claim};

const EXAMPLES: &str = "\
Examples:
  almanac ask world \"Which countries border Laos?\" --proof laos.json
  almanac proofs verify laos.json --kb world

A proof is what `almanac ask --proof` writes, or the `grounding` of an answer as JSON.
Exits with 1 when the proof does not hold any more.";

/// Verify proofs of answers.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Proofs {
    /// Print JSON.
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Run a proof's query again and look for each fact that it cites.
    #[command(after_help = EXAMPLES)]
    Verify {
        /// The proof, or `-` for standard input.
        file: PathBuf,
        /// The knowledge base.
        #[arg(long, value_name = "NAME")]
        kb: String,
        /// Seconds allowed on a data folder; a server has its own bound.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3_600))]
        timeout: u64,
    },
}

impl Proofs {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        let Action::Verify { file, kb, timeout } = self.action;
        let input = read(&file)?;
        let verification = match Target::open(common)? {
            Target::Local(local) => {
                let claim = Claim::try_from(input)?;
                let limits = QueryLimits::within(Duration::from_secs(timeout));
                let view = local.shelf(&kb)?.view();
                proofs::verify(&view, &claim, &ParseLimits::default(), &limits)?
            }
            Target::Remote(client) => {
                let path = format!("/kb/{}/proofs/verify", segment(&kb));
                client.post(&path, &input)?
            }
        };
        if common.json {
            output::json(&verification)?;
        } else {
            describe(&verification)?;
        }
        match verification.verdict {
            Verdict::Holds => Ok(()),
            Verdict::Changed => Err(Failure::failed("the answer has changed")),
            Verdict::Gone => Err(Failure::failed("the answer is gone")),
        }
    }
}

/// A proof from a file, bounded as a request's body is.
fn read(path: &Path) -> Result<ProofInput, Failure> {
    let name = path.display().to_string();
    let failed = |error| Failure::from(error).about(&name);
    let source: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(File::open(path).map_err(failed)?)
    };
    let mut bytes = Vec::new();
    source
        .take(proofs::MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > proofs::MOST_BYTES {
        return Err(Failure::invalid(format!(
            "{name}: the proof exceeds the limit of {} bytes",
            proofs::MOST_BYTES
        )));
    }
    let Object(input) = serde_json::from_slice(&bytes)
        .map_err(|e| Failure::invalid(format!("{name}: this is no proof: {e}")))?;
    Ok(input)
}

fn describe(verification: &Verification) -> Result<(), Failure> {
    let verdict = match verification.verdict {
        Verdict::Holds => "holds",
        Verdict::Changed => "changed",
        Verdict::Gone => "gone",
    };
    let proved = verification
        .proved_at
        .map_or_else(String::new, |at| format!(", proved at {at}"));
    output::line(format!(
        "{verdict} at revision {}{proved}",
        verification.revision
    ))?;
    for row in &verification.added {
        output::line(format!("  added: {}", cells(row)))?;
    }
    for row in &verification.removed {
        output::line(format!("  removed: {}", cells(row)))?;
    }
    for fact in &verification.missing_facts {
        let (subject, predicate, object) = (&fact.subject, &fact.predicate, &fact.object);
        output::line(format!(
            "  missing: {}, {}: {}",
            subject.text(),
            predicate.text(),
            object.text()
        ))?;
    }
    Ok(())
}

fn cells(row: &[Term]) -> String {
    row.iter().map(Term::text).collect::<Vec<_>>().join(", ")
}
