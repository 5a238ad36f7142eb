//! `almanac load`.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use clap::Args;
use kg_store::{LoadOptions, RdfInput, RdfSyntax};
use schemas::{
    jobs::{Job, JobState},
    knowledge_base::Commit,
};
use serde::Serialize;

use super::{
    Common, Failure,
    client::Client,
    kb,
    output::{self, Progress, grouped},
    target::{Local, Target, segment},
};
use crate::jobs::graph_name;

const EXAMPLES: &str = "\
Examples:
  almanac load world countries.ttl cities.nt.gz --create
  curl -s https://example.org/data.ttl | almanac load world - --format ttl
  almanac load world ontology.owl --graph https://example.org/graphs/ontology

Each file is loaded whole or not at all; an error names the file, the line and the column. A file that is loaded
again replaces what it brought before, since its name is its source; --source gives another name.";

/// Load RDF files into a knowledge base: each whole, or not at all.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Load {
    /// Print JSON.
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// The knowledge base.
    name: String,
    /// Turtle, N-Triples, N-Quads, TriG, RDF/XML, JSON-LD or N3, also .gz or .zst; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The graph of triples that name none [default: the default graph].
    #[arg(long, value_name = "IRI")]
    graph: Option<String>,
    /// The source's name, for one file [default: the file's name].
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// The syntax, where the file's name does not tell: ttl, nt, nq, trig, rdf, jsonld, n3.
    #[arg(long, value_name = "SYNTAX")]
    format: Option<String>,
    /// Make the knowledge base if it is not there.
    #[arg(long)]
    create: bool,
}

/// What one file did.
#[derive(Serialize)]
struct Loaded {
    file: String,
    #[serde(flatten)]
    commit: Commit,
    seconds: f64,
}

impl Load {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        if self.source.is_some() && self.files.len() > 1 {
            return Err(Failure::usage(
                "--source names one file's source; load the files one by one",
            ));
        }
        let syntax = self
            .format
            .as_deref()
            .map(|f| {
                RdfSyntax::from_extension(f)
                    .ok_or_else(|| Failure::usage(format!("`{f}` is no RDF syntax known here")))
            })
            .transpose()?;
        let target = Target::open(common)?;
        if self.create {
            self.ensure(&target)?;
        }
        let mut loaded = Vec::new();
        for file in &self.files {
            let began = Instant::now();
            let shown = if is_stdin(file) {
                "standard input".to_owned()
            } else {
                file.display().to_string()
            };
            let progress = Progress::new(&shown);
            let commit = match &target {
                Target::Local(local) => self.load_local(local, file, syntax, &progress),
                Target::Remote(client) => self.load_remote(client, file, syntax, &progress),
            }
            .map_err(|failure| failure.about(&name_of(file)))?;
            progress.finish();
            let done = Loaded {
                file: shown,
                commit,
                seconds: began.elapsed().as_secs_f64(),
            };
            if !common.json {
                let rate = done.commit.added as f64 / done.seconds.max(1e-9);
                output::line(format!(
                    "{}: {} quads added, {} removed, revision {} ({:.1} s, {} quads/s)",
                    done.file,
                    grouped(done.commit.added),
                    grouped(done.commit.removed),
                    done.commit.revision,
                    done.seconds,
                    grouped(rate as u64)
                ))?;
            }
            loaded.push(done);
        }
        if common.json {
            output::json(&loaded)
        } else {
            Ok(())
        }
    }

    /// Makes the knowledge base unless it is there.
    fn ensure(&self, target: &Target) -> Result<(), Failure> {
        let there = match target {
            Target::Local(local) => local
                .library
                .list()?
                .iter()
                .any(|n| n.as_str() == self.name),
            Target::Remote(client) => {
                let path = format!("/kb/{}", segment(&self.name));
                match client.get::<serde_json::Value>(&path, &[]) {
                    Ok(_) => true,
                    Err(failure) if failure.code == 3 => false,
                    Err(failure) => return Err(failure),
                }
            }
        };
        if there {
            Ok(())
        } else {
            kb::create(target, &self.name).map(drop)
        }
    }

    fn source_of(&self, file: &Path) -> Option<String> {
        self.source
            .clone()
            .or_else(|| (!is_stdin(file)).then(|| name_of(file)))
    }

    fn load_local(
        &self,
        local: &Local,
        file: &Path,
        syntax: Option<RdfSyntax>,
        progress: &Progress,
    ) -> Result<Commit, Failure> {
        let shelf = local.shelf(&self.name)?;
        let input = match (is_stdin(file), syntax) {
            (true, Some(syntax)) => {
                RdfInput::new(BufReader::new(io::stdin()), "standard input", syntax)
            }
            (true, None) => {
                return Err(Failure::usage(
                    "--format must name the syntax of standard input",
                ));
            }
            (false, None) => RdfInput::from_path(file)?,
            (false, Some(syntax)) => {
                let opened = File::open(file)
                    .map_err(|e| Failure::from(e).about(&file.display().to_string()))?;
                let size_hint = opened.metadata().ok().map(|m| m.len());
                RdfInput {
                    size_hint,
                    ..RdfInput::new(BufReader::new(opened), name_of(file), syntax)
                }
            }
        };
        let options = LoadOptions {
            graph: graph_name(self.graph.as_deref())?,
            source: self.source_of(file),
        };
        Ok(shelf.load(input, &options, progress)?)
    }

    fn load_remote(
        &self,
        client: &Client,
        file: &Path,
        syntax: Option<RdfSyntax>,
        progress: &Progress,
    ) -> Result<Commit, Failure> {
        let syntax = match syntax {
            Some(syntax) => syntax,
            None if is_stdin(file) => {
                return Err(Failure::usage(
                    "--format must name the syntax of standard input",
                ));
            }
            None => RdfInput::from_path(file)?.format,
        };
        let (reader, total): (Box<dyn Read>, _) = if is_stdin(file) {
            (Box::new(io::stdin()), None)
        } else {
            let opened = File::open(file)
                .map_err(|e| Failure::from(e).about(&file.display().to_string()))?;
            let total = opened.metadata().ok().map(|m| m.len());
            (Box::new(opened), total)
        };
        let mut reader = Counting {
            inner: reader,
            done: 0,
            total,
            progress,
        };
        let source = self.source_of(file);
        let mut query = Vec::new();
        if let Some(source) = &source {
            query.push(("source", source.as_str()));
        }
        if let Some(graph) = &self.graph {
            query.push(("graph", graph.as_str()));
        }
        let path = format!("/kb/{}/load", segment(&self.name));
        let job: Job = client.post_job(&path, &query, Some((syntax.media_type(), &mut reader)))?;
        let result = follow(client, job, progress)?;
        Ok(serde_json::from_value(result)?)
    }
}

/// Waits for a job of a server; its result, or its error.
pub(super) fn follow(
    client: &Client,
    mut job: Job,
    progress: &Progress,
) -> Result<serde_json::Value, Failure> {
    let path = format!("/jobs/{}", job.id);
    let mut pause = Duration::from_millis(20);
    while !job.state.is_final() {
        progress.show(
            if job.state == JobState::Queued {
                "queued"
            } else {
                &job.progress.phase
            },
            job.progress.done,
            job.progress.total,
        );
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(500));
        job = client.get(&path, &[])?;
    }
    match (job.state, job.error) {
        (JobState::Succeeded, _) => Ok(job.result.unwrap_or_default()),
        (JobState::Cancelled, _) => Err(Failure::failed(
            "the job was cancelled; nothing was changed",
        )),
        (_, Some(problem)) => Err(Failure::from_status(problem.status, problem.detail)),
        (_, None) => Err(Failure::failed("the job failed")),
    }
}

fn is_stdin(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn name_of(file: &Path) -> String {
    if is_stdin(file) {
        return "standard input".to_owned();
    }
    file.file_name().map_or_else(
        || file.display().to_string(),
        |n| n.to_string_lossy().into_owned(),
    )
}

/// Shows how much of a file has been sent.
struct Counting<'a> {
    inner: Box<dyn Read>,
    done: u64,
    total: Option<u64>,
    progress: &'a Progress,
}

impl Read for Counting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.done += read as u64;
        self.progress.show("send", self.done, self.total);
        Ok(read)
    }
}
