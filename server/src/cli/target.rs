//! What a command works on: a data folder that it opens itself, or a running server.

use std::sync::Arc;

use retriever::{Library, LibraryOptions, Shelf};

use super::{Common, Failure, client::Client};
use crate::{config::Settings, data_folder};

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
    _folder: data_folder::Shared,
}

impl Local {
    /// A knowledge base.
    pub(super) fn shelf(&self, name: &str) -> Result<Arc<Shelf>, Failure> {
        Ok(self.library.get(&name.parse()?)?)
    }

    /// Closes the knowledge bases and goes on keeping others off the folder.
    pub(super) fn close(self) -> impl Sized {
        drop(self.library);
        self._folder
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
        let folder = data_folder::share(data)?;
        let library = Library::open(data, LibraryOptions::default())?;
        Ok(Self::Local(Box::new(Local {
            library,
            settings,
            _folder: folder,
        })))
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
