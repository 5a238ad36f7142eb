//! All knowledge bases of a data folder.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kg_store::StoreOptions;
use parking_lot::Mutex;
use schemas::KbName;

use crate::{RetrieverError, Shelf};

/// How knowledge bases are opened.
#[derive(Clone, Debug, Default)]
pub struct LibraryOptions {
    /// Passed on to each store.
    pub store: StoreOptions,
}

/// The knowledge bases under `DATA/kb`. Each is opened when first asked for and stays open.
pub struct Library {
    root: PathBuf,
    options: LibraryOptions,
    // Held while a knowledge base is opened or deleted: both are rare, and two openings of one folder would
    // compete for its lock.
    open: Mutex<HashMap<KbName, Arc<Shelf>>>,
}

/// Knowledge bases under way to deletion are moved to names that no knowledge base can have.
const DELETED: &str = ".deleted-";

impl Library {
    /// Opens the library of a data folder, which is made if it is missing.
    pub fn open(data: &Path, options: LibraryOptions) -> Result<Self, RetrieverError> {
        let root = data.join("kb");
        fs::create_dir_all(&root).map_err(RetrieverError::io(&root))?;
        for entry in fs::read_dir(&root)
            .map_err(RetrieverError::io(&root))?
            .flatten()
        {
            if entry.file_name().to_string_lossy().starts_with(DELETED) {
                // A deletion that was cut short is finished.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        Ok(Self {
            root,
            options,
            open: Mutex::default(),
        })
    }

    /// Makes an empty knowledge base.
    pub fn create(&self, name: &KbName) -> Result<Arc<Shelf>, RetrieverError> {
        let mut open = self.open.lock();
        let dir = self.root.join(name.as_str());
        if dir.exists() {
            return Err(RetrieverError::KnowledgeBaseExists(name.clone()));
        }
        let shelf = Arc::new(Shelf::create(name.clone(), &dir, &self.options)?);
        open.insert(name.clone(), Arc::clone(&shelf));
        Ok(shelf)
    }

    /// The knowledge base of this name.
    pub fn get(&self, name: &KbName) -> Result<Arc<Shelf>, RetrieverError> {
        let mut open = self.open.lock();
        if let Some(shelf) = open.get(name) {
            return Ok(Arc::clone(shelf));
        }
        let dir = self.root.join(name.as_str());
        if !dir.is_dir() {
            return Err(RetrieverError::UnknownKnowledgeBase(name.clone()));
        }
        let shelf = Arc::new(Shelf::open(name.clone(), &dir, &self.options)?);
        open.insert(name.clone(), Arc::clone(&shelf));
        Ok(shelf)
    }

    /// The names of all knowledge bases, in alphabetical order.
    pub fn list(&self) -> Result<Vec<KbName>, RetrieverError> {
        let entries = fs::read_dir(&self.root).map_err(RetrieverError::io(&self.root))?;
        let mut names: Vec<KbName> = entries
            .flatten()
            .filter(|entry| entry.path().is_dir())
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect();
        names.sort();
        Ok(names)
    }

    /// Deletes a knowledge base with all that it holds. Requests that read it at this moment finish on
    /// files that are already out of sight.
    pub fn delete(&self, name: &KbName) -> Result<(), RetrieverError> {
        let mut open = self.open.lock();
        let dir = self.root.join(name.as_str());
        if !dir.is_dir() {
            return Err(RetrieverError::UnknownKnowledgeBase(name.clone()));
        }
        if !open.contains_key(name) {
            // Opening takes the folder's lock: what another process serves is not deleted under it.
            open.insert(
                name.clone(),
                Arc::new(Shelf::open(name.clone(), &dir, &self.options)?),
            );
        }
        let shelf = open.remove(name);
        let aside = self
            .root
            .join(format!("{DELETED}{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&aside);
        fs::rename(&dir, &aside).map_err(RetrieverError::io(&dir))?;
        drop(shelf);
        fs::remove_dir_all(&aside).map_err(RetrieverError::io(&aside))
    }
}
