//! Finds and loads the models that the settings name.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use engine::{Embedder, EmbedderOptions, Engine, EngineOptions, LanguageModel};
use serde::Serialize;
use thiserror::Error;

use crate::config::Settings;

/// Why models could not be found or loaded.
#[derive(Debug, Error)]
pub enum ModelError {
    /// The settings name what is not there.
    #[error("model `{}` does not exist", .0.display())]
    Missing(PathBuf),
    /// More than one candidate, and the settings name none.
    #[error("`{}` holds several GGUF files ({list}): name one with `models.language`", folder.display())]
    Ambiguous {
        /// The folder.
        folder: PathBuf,
        /// The candidates.
        list: String,
    },
    /// The engine refused it.
    #[error("model `{}`: {source}", path.display())]
    Engine {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        source: engine::EngineError,
    },
}

/// Where the models are, before any is loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The language model's GGUF file.
    pub language: Option<PathBuf>,
    /// The embedder's folder.
    pub embedder: Option<PathBuf>,
}

/// A model and the id under which clients ask for it.
pub struct Named<T: ?Sized> {
    /// The id.
    pub id: String,
    /// Where it was loaded from.
    pub path: PathBuf,
    /// The model.
    pub model: Arc<T>,
}

/// The loaded models.
#[derive(Default)]
pub struct LoadedModels {
    /// Words answers and chats plainly.
    pub language: Option<Named<dyn LanguageModel>>,
    /// Embeds.
    pub embedder: Option<Named<Embedder>>,
}

impl LoadedModels {
    /// Whether a name is taken by a model.
    pub fn holds(&self, id: &str) -> bool {
        self.language.as_ref().is_some_and(|m| m.id == id)
            || self.embedder.as_ref().is_some_and(|m| m.id == id)
    }

    /// The models as the answer path takes them.
    pub fn for_answers(&self) -> answer::Models {
        answer::Models {
            language: self.language.as_ref().map(|m| Arc::clone(&m.model)),
            embedder: self.embedder.as_ref().map(|m| Arc::clone(&m.model)),
        }
    }
}

/// Looks for the models. What the settings name must exist; what they leave open may be absent.
pub fn find(settings: &Settings) -> Result<Found, ModelError> {
    let models = &settings.models;
    if models.off {
        return Ok(Found::default());
    }
    let named = [&models.folder, &models.language, &models.embedder];
    if let Some(missing) = named.into_iter().flatten().find(|path| !path.exists()) {
        return Err(ModelError::Missing(missing.clone()));
    }
    let folder = models
        .folder
        .clone()
        .unwrap_or_else(|| settings.data.join("models"));
    let language = match &models.language {
        Some(path) => Some(path.clone()),
        None => only_gguf(&folder)?,
    };
    let embedder = models.embedder.clone().or_else(|| embedder_in(&folder));
    Ok(Found { language, embedder })
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .map(|entries| entries.flatten().map(|e| e.path()).collect())
        .unwrap_or_default();
    paths.sort();
    paths
}

fn only_gguf(folder: &Path) -> Result<Option<PathBuf>, ModelError> {
    let is_gguf = |p: &PathBuf| {
        p.extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("gguf"))
    };
    let here: Vec<PathBuf> = entries(folder);
    let mut files: Vec<PathBuf> = here.iter().filter(|p| is_gguf(p)).cloned().collect();
    if files.is_empty() {
        files = here
            .iter()
            .filter(|p| p.is_dir())
            .flat_map(|d| entries(d))
            .filter(is_gguf)
            .collect();
    }
    if files.len() > 1 {
        let list: Vec<String> = files.iter().map(|p| file_name(p)).collect();
        return Err(ModelError::Ambiguous {
            folder: folder.to_owned(),
            list: list.join(", "),
        });
    }
    Ok(files.pop())
}

fn embedder_in(folder: &Path) -> Option<PathBuf> {
    let whole =
        |p: &Path| p.join("model.safetensors").is_file() && p.join("tokenizer.json").is_file();
    if whole(folder) {
        return Some(folder.to_owned());
    }
    entries(folder).into_iter().find(|p| whole(p))
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// An id that a model shares its namespace with: the file's or folder's name in the alphabet of knowledge bases.
pub fn id_of(path: &Path) -> String {
    let name = if path.is_dir() {
        let full = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        file_name(&full)
    } else {
        path.file_stem()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    let id: String = name
        .to_ascii_lowercase()
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '-'
            }
        })
        .skip_while(|c| !c.is_ascii_alphanumeric())
        .take(64)
        .collect();
    if id.is_empty() {
        "model".to_owned()
    } else {
        id
    }
}

/// Loads what was found. This takes a moment: the files are read and checked.
pub fn load(settings: &Settings, found: &Found) -> Result<LoadedModels, ModelError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| ModelError::Engine { path, source }
    };
    let mut models = LoadedModels::default();
    if let Some(path) = &found.language {
        let options = EngineOptions {
            context: settings.models.context,
            slots: settings.models.slots,
            threads: settings.models.threads,
            queue: settings.models.queue,
        };
        let engine = Engine::load(path, options).map_err(failed(path))?;
        models.language = Some(Named {
            id: id_of(path),
            path: path.clone(),
            model: Arc::new(engine),
        });
    }
    if let Some(path) = &found.embedder {
        let options = EmbedderOptions {
            threads: settings.models.threads,
            precision: settings.models.embedder_precision,
            cache_bytes: settings.models.embedder_cache,
        };
        let embedder = Embedder::load_with(path, &options).map_err(failed(path))?;
        models.embedder = Some(Named {
            id: id_of(path),
            path: path.clone(),
            model: Arc::new(embedder),
        });
    }
    Ok(models)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_gguf_file_is_found_and_two_are_ambiguous() {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = Settings {
            data: dir.path().to_owned(),
            ..Settings::default()
        };
        assert_eq!(find(&settings).unwrap(), Found::default());
        let models = dir.path().join("models");
        fs::create_dir_all(models.join("mini")).unwrap();
        fs::write(models.join("A B.Q4_1.gguf"), "x").unwrap();
        fs::write(models.join("mini/model.safetensors"), "x").unwrap();
        fs::write(models.join("mini/tokenizer.json"), "x").unwrap();
        let found = find(&settings).unwrap();
        assert_eq!(id_of(found.language.as_deref().unwrap()), "a-b.q4_1");
        assert_eq!(id_of(found.embedder.as_deref().unwrap()), "mini");
        fs::write(models.join("b.gguf"), "x").unwrap();
        assert!(matches!(find(&settings), Err(ModelError::Ambiguous { .. })));
        settings.models.off = true;
        assert_eq!(find(&settings).unwrap(), Found::default());
        settings.models.off = false;
        settings.models.language = Some(dir.path().join("none.gguf"));
        assert!(matches!(find(&settings), Err(ModelError::Missing(_))));
    }
}
