//! `almanac sparql`.

use std::{
    io::{self, BufWriter, Read, Write},
    time::Duration,
};

use clap::Args;
use kg_store::{
    CheckedQuery, Dataset, ParseLimits, QueryForm, QueryLimits, RdfSyntax, ResultFormat,
};

use super::{
    Common, Failure,
    target::{Target, segment},
};

const EXAMPLES: &str = "\
Examples:
  almanac sparql world 'PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
                        SELECT ?s ?name WHERE { ?s rdfs:label ?name } LIMIT 5'
  almanac sparql world @query.rq --format csv
  echo 'ASK { ?s ?p ?o }' | almanac sparql world -";

/// Run a SPARQL query.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Sparql {
    /// Print JSON.
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// The knowledge base.
    name: String,
    /// The query, `@FILE`, or `-` for standard input.
    query: String,
    /// tsv, csv, json or xml for tables; ttl, nt, rdf or jsonld for graphs.
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// Seconds allowed.
    #[arg(long, default_value_t = 30.0)]
    timeout: f64,
}

impl Sparql {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        let text = self.text()?;
        // Parsed here as well when a server runs it: the form decides what can be asked for.
        let query = CheckedQuery::parse(&text, Dataset::Plain, &ParseLimits::default())?;
        let format = self.result_format(query.form(), common.json)?;
        let time = Duration::try_from_secs_f64(self.timeout)
            .ok()
            .filter(|t| !t.is_zero())
            .ok_or_else(|| Failure::usage("--timeout must be a positive number of seconds"))?;
        let mut out = BufWriter::new(io::stdout().lock());
        match Target::open(common)? {
            Target::Local(local) => {
                let view = local.shelf(&self.name)?.view();
                let limits = QueryLimits {
                    max_rows: usize::MAX,
                    max_bytes: usize::MAX,
                    ..QueryLimits::within(time)
                };
                view.snapshot()
                    .query_to_writer(&query, format, &limits, &mut out)?;
            }
            Target::Remote(client) => {
                let ms = time.as_millis().max(1).to_string();
                let path = format!("/kb/{}/sparql", segment(&self.name));
                let mut reader = client.post_stream(
                    &path,
                    &[("timeout", &ms)],
                    "application/sparql-query",
                    format.media_type(),
                    &text,
                )?;
                io::copy(&mut reader, &mut out)?;
            }
        }
        let bare = matches!(
            format,
            ResultFormat::Json | ResultFormat::Rdf(RdfSyntax::JsonLd)
        );
        if bare || query.form() == QueryForm::Ask {
            out.write_all(b"\n")?;
        }
        out.flush()?;
        Ok(())
    }

    fn text(&self) -> Result<String, Failure> {
        if self.query == "-" {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text)?;
            return Ok(text);
        }
        match self.query.strip_prefix('@') {
            Some(file) => std::fs::read_to_string(file).map_err(|e| Failure::from(e).about(file)),
            None => Ok(self.query.clone()),
        }
    }

    fn result_format(&self, form: QueryForm, json: bool) -> Result<ResultFormat, Failure> {
        let table = matches!(form, QueryForm::Select | QueryForm::Ask);
        let name = self.format.as_deref().unwrap_or(match (table, json) {
            (true, false) => "tsv",
            (true, true) => "json",
            (false, false) => "ttl",
            (false, true) => "jsonld",
        });
        let found = if table {
            match name {
                "tsv" => Some(ResultFormat::Tsv),
                "csv" => Some(ResultFormat::Csv),
                "json" => Some(ResultFormat::Json),
                "xml" => Some(ResultFormat::Xml),
                _ => None,
            }
        } else {
            RdfSyntax::from_extension(name).map(ResultFormat::Rdf)
        };
        found.ok_or_else(|| {
            Failure::usage(format!(
                "the result of this query cannot be written as `{name}`"
            ))
        })
    }
}
