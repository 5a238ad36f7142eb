//! Finds and loads the models that the settings name.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use engine::{Embedder, EmbedderOptions, Engine, EngineOptions, LanguageModel};
use remote::{RemoteModel, RemoteOptions};
use secrecy::SecretString;
use serde::Serialize;
use thiserror::Error;

use crate::config::{RemoteSettings, Settings};

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
    /// Two language models.
    #[error(
        "`models.language` and `models.remote.url` name two language models: leave one of them out"
    )]
    Two,
    /// Two keys.
    #[error(
        "`models.remote.api_key` and `models.remote.api_key_file` name two keys: leave one of them out"
    )]
    TwoKeys,
    /// The file with the key cannot be read.
    #[error("key file `{}`: {source}", path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What happened.
        source: std::io::Error,
    },
    /// The server that runs the language model is not to be had.
    #[error("model at `{url}`: {source}")]
    Remote {
        /// Its address.
        url: String,
        /// What is wrong.
        source: engine::EngineError,
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

/// Where a language model is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A GGUF file.
    File(PathBuf),
    /// A server.
    Server(Box<RemoteSettings>),
}

/// Where the models are, before any is loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The language model.
    pub language: Option<Place>,
    /// The embedder's folder.
    pub embedder: Option<PathBuf>,
}

/// A model and the id under which clients ask for it.
pub struct Named<T: ?Sized> {
    /// The id.
    pub id: String,
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
    let language = match (&models.language, &models.remote.url) {
        (Some(_), Some(_)) => return Err(ModelError::Two),
        (None, Some(_)) => Some(Place::Server(Box::new(models.remote.clone()))),
        (Some(path), None) => Some(Place::File(path.clone())),
        (None, None) => only_gguf(&folder)?.map(Place::File),
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
    id_of_name(&name)
}

/// The id of a model that has a name, such as `org/Model-7B`.
pub fn id_of_name(name: &str) -> String {
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
    let language: Option<Named<dyn LanguageModel>> = match &found.language {
        None => None,
        Some(Place::File(path)) => {
            let options = EngineOptions {
                context: settings.models.context,
                slots: settings.models.slots,
                threads: settings.models.threads,
                queue: settings.models.queue,
                kv: settings.models.kv,
                isa: settings.models.instructions,
                lookup: settings.models.lookup,
            };
            let engine = Engine::load(path, options).map_err(failed(path))?;
            Some(Named {
                id: id_of(path),
                model: Arc::new(engine),
            })
        }
        Some(Place::Server(remote)) => Some(connect(settings, remote)?),
    };
    let mut models = LoadedModels {
        language,
        embedder: None,
    };
    if let Some(path) = &found.embedder {
        let options = EmbedderOptions {
            threads: settings.models.threads,
            precision: settings.models.embedder_precision,
            cache_bytes: settings.models.embedder_cache,
        };
        let embedder = Embedder::load_with(path, &options).map_err(failed(path))?;
        models.embedder = Some(Named {
            id: id_of(path),
            model: Arc::new(embedder),
        });
    }
    Ok(models)
}

fn connect(
    settings: &Settings,
    remote: &RemoteSettings,
) -> Result<Named<dyn LanguageModel>, ModelError> {
    let url = remote.url.clone().unwrap_or_default();
    let options = RemoteOptions {
        model: remote.model.clone(),
        api_key: key(remote)?,
        context: settings.models.context,
        guide: remote.guide,
        at_once: settings.models.slots,
        queue: settings.models.queue,
        idle: Duration::from_millis(remote.idle_ms.max(1)),
        ..RemoteOptions::new(url.clone())
    };
    let model = RemoteModel::connect(options).map_err(|source| ModelError::Remote {
        url: shown(&url),
        source,
    })?;
    Ok(Named {
        id: id_of_name(model.name()),
        model: Arc::new(model),
    })
}

/// A URL as far as it may be shown. One with a password in it is refused, but not before somebody has written it.
pub fn shown(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((_, host)) => format!("...@{host}"),
        None => url.to_owned(),
    }
}

/// The key to a server: told, or in a file.
fn key(remote: &RemoteSettings) -> Result<Option<SecretString>, ModelError> {
    match (&remote.api_key, &remote.api_key_file) {
        (Some(_), Some(_)) => Err(ModelError::TwoKeys),
        (Some(key), None) => Ok(Some(key.secret().clone())),
        (None, None) => Ok(None),
        (None, Some(path)) => {
            let text = fs::read_to_string(path).map_err(|source| ModelError::KeyFile {
                path: path.clone(),
                source,
            })?;
            Ok(Some(text.trim().into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_model_behind_a_server_takes_the_place_of_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = Settings {
            data: dir.path().to_owned(),
            ..Settings::default()
        };
        fs::create_dir_all(dir.path().join("models")).unwrap();
        let file = dir.path().join("models/a.gguf");
        fs::write(&file, "x").unwrap();
        settings.models.remote.url = Some("http://127.0.0.1:1/v1".to_owned());
        let found = find(&settings).unwrap();
        assert!(matches!(&found.language, Some(Place::Server(_))));
        let error = load(&settings, &found).err().unwrap().to_string();
        assert!(
            error.contains("127.0.0.1:1") && error.contains("reached"),
            "{error}"
        );
        settings.models.language = Some(file);
        assert!(matches!(find(&settings), Err(ModelError::Two)));
    }

    #[test]
    fn the_key_is_told_or_in_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("key");
        fs::write(&file, "sesame-open\n").unwrap();
        let mut remote = RemoteSettings::default();
        assert!(key(&remote).unwrap().is_none());
        remote.api_key_file = Some(file.clone());
        assert_eq!(
            key(&remote).unwrap().unwrap().expose_secret(),
            "sesame-open"
        );
        remote.api_key = Some("other".to_owned().into());
        assert!(matches!(key(&remote), Err(ModelError::TwoKeys)));
        remote.api_key = None;
        fs::remove_file(&file).unwrap();
        assert!(matches!(key(&remote), Err(ModelError::KeyFile { .. })));
    }

    #[test]
    fn ids_come_from_names() {
        assert_eq!(id_of_name("org/Model 7B"), "org-model-7b");
        assert_eq!(id_of_name("/"), "model");
        assert_eq!(shown("http://user:word@host/v1"), "...@host/v1");
    }

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
        let Some(Place::File(language)) = &found.language else {
            panic!("{found:?}");
        };
        assert_eq!(id_of(language), "a-b.q4_1");
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
