//! What a command works on: a data folder that it opens itself, or a running server.

use std::{
    fs::{self, File, TryLockError},
    path::Path,
    sync::Arc,
};

use retriever::{Library, LibraryOptions, Shelf};

use super::{Common, Failure, client::Client};
use crate::{application::ServerFile, config::Settings};

/// A data folder or a server.
pub(super) enum Target {
    /// A data folder.
    Local(Box<Local>),
    /// A server.
    Remote(Client),
}

/// A data folder that this process has opened.
pub(super) struct Local {
    /// Its knowledge bases.
    pub(super) library: Library,
    /// The settings in force.
    pub(super) settings: Settings,
    _lock: File,
}

impl Local {
    /// A knowledge base.
    pub(super) fn shelf(&self, name: &str) -> Result<Arc<Shelf>, Failure> {
        Ok(self.library.get(&name.parse()?)?)
    }
}

impl Target {
    /// Opens what the flags and the environment name.
    pub(super) fn open(common: &Common) -> Result<Self, Failure> {
        if let Some(url) = common.server() {
            return Ok(Self::Remote(Client::new(&url, common.api_key())?));
        }
        let settings = common.settings(Vec::new())?.settings;
        let data = &settings.data;
        fs::create_dir_all(data)
            .map_err(|e| Failure::from(e).about(&data.display().to_string()))?;
        let lock = share(data)?;
        let library = Library::open(data, LibraryOptions::default())?;
        Ok(Self::Local(Box::new(Local {
            library,
            settings,
            _lock: lock,
        })))
    }
}

/// Takes the folder together with other commands, but not while a server has it.
fn share(data: &Path) -> Result<File, Failure> {
    let path = data.join("server.lock");
    let named = |e: std::io::Error| Failure::from(e).about(&path.display().to_string());
    let file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(named)?;
    match file.try_lock_shared() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Failure::unavailable(match ServerFile::read(data) {
            Some(server) => format!(
                "the data folder `{}` is in use by process {}; pass --url {} to work through it",
                data.display(),
                server.pid,
                server.url
            ),
            None => format!("the data folder `{}` is in use by a server", data.display()),
        })),
        Err(TryLockError::Error(e)) => Err(named(e)),
    }
}

/// Percent-encodes a piece of a path.
pub(super) fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
