//! `almanac model`.

use std::path::Path;

use clap::{Args, Subcommand};
use schemas::models::ModelList;
use serde_json::{Value, json};

use super::{Common, Failure, output, target::Target};
use crate::models::{self, Place, id_of, id_of_name};

/// List and check the models.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  almanac model list --models ./models\n  almanac model check")]
pub(super) struct Model {
    /// Print JSON.
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Which models are found, and how large they are.
    List,
    /// Load them, and tell what they are.
    Check,
}

impl Model {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        if common.server().is_some() {
            let Target::Remote(client) = Target::open(common)? else {
                return Err(Failure::usage("no server is named"));
            };
            let list: ModelList = client.get("/v1/models", &[])?;
            return show(
                common,
                list.data
                    .iter()
                    .map(|m| json!({"id": m.id, "kind": m.kind}))
                    .collect(),
            );
        }
        let settings = common.settings(Vec::new())?.settings;
        let found = models::find(&settings)?;
        if found == models::Found::default() {
            eprintln!("no models are found; name their folder with --models or ALMANAC_MODELS");
        }
        let file = |kind: &str, path: &Path| json!({"id": id_of(path), "kind": kind, "path": path, "bytes": size(path)});
        let mut shown = Vec::new();
        match &found.language {
            None => {}
            Some(Place::File(path)) => shown.push(file("language_model", path)),
            Some(Place::Server(remote)) => {
                // Without a name it is the server's only one, which `check` asks for.
                let id = remote.model.as_deref().map(id_of_name);
                let url = remote.url.as_deref().map(models::shown);
                shown.push(json!({"id": id, "kind": "language_model", "url": url}));
            }
        }
        shown.extend(found.embedder.iter().map(|path| file("embedder", path)));
        if matches!(self.action, Action::Check) {
            let loaded = models::load(&settings, &found)?;
            if let (Some(named), Some(entry)) = (&loaded.language, shown.first_mut()) {
                entry["id"] = named.id.as_str().into();
                entry["model"] = serde_json::to_value(named.model.info())?;
            }
            if let (Some(named), Some(entry)) = (&loaded.embedder, shown.last_mut()) {
                entry["dimensions"] = named.model.dimensions().into();
            }
        }
        show(common, shown)
    }
}

fn size(path: &Path) -> u64 {
    let file = if path.is_dir() {
        path.join("model.safetensors")
    } else {
        path.to_owned()
    };
    std::fs::metadata(file).map_or(0, |m| m.len())
}

fn show(common: &Common, models: Vec<Value>) -> Result<(), Failure> {
    if common.json {
        return output::json(&models);
    }
    for model in models {
        let text = |key: &str| {
            model
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let mut line = format!("{}  {}", text("id"), text("kind"));
        if let Some(bytes) = model.get("bytes").and_then(Value::as_u64) {
            line.push_str(&format!("  {:.1} MB  {}", bytes as f64 / 1e6, text("path")));
        }
        if model.get("url").is_some() {
            line.push_str(&format!("  {}", text("url")));
        }
        if let Some(info) = model.get("model").filter(|_| model.get("url").is_some()) {
            match info["context_length"].as_u64() {
                Some(tokens) if tokens > 0 => line.push_str(&format!("\n  context {tokens}")),
                _ => line.push_str("\n  context unknown: `models.context` can tell it"),
            }
        } else if let Some(info) = model.get("model") {
            line.push_str(&format!(
                "\n  architecture {}, {} parameters, {}, context {}",
                info["architecture"].as_str().unwrap_or("unknown"),
                output::grouped(info["parameters"].as_u64().unwrap_or(0)),
                info["quantization"].as_str().unwrap_or("unknown"),
                info["context_length"]
            ));
        }
        if let Some(dimensions) = model.get("dimensions") {
            line.push_str(&format!("\n  {dimensions} dimensions"));
        }
        output::line(line)?;
    }
    Ok(())
}
