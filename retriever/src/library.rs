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
    // The map is locked for a look-up only. A slot is locked while its knowledge base is opened or deleted, so
    // that two openings of one folder do not compete for its lock, and others need not wait.
    slots: Mutex<HashMap<KbName, Slot>>,
}

/// Where a knowledge base is, once it is open.
type Slot = Arc<Mutex<Option<Arc<Shelf>>>>;

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
            slots: Mutex::default(),
        })
    }

    /// Makes an empty knowledge base.
    pub fn create(&self, name: &KbName) -> Result<Arc<Shelf>, RetrieverError> {
        let slot = self.slot(name);
        let mut place = slot.lock();
        let dir = self.root.join(name.as_str());
        if dir.exists() {
            return Err(RetrieverError::KnowledgeBaseExists(name.clone()));
        }
        let shelf = Arc::new(Shelf::create(name.clone(), &dir, &self.options)?);
        *place = Some(Arc::clone(&shelf));
        Ok(shelf)
    }

    /// The knowledge base of this name. Waits while it is being opened; others are not waited for.
    pub fn get(&self, name: &KbName) -> Result<Arc<Shelf>, RetrieverError> {
        let dir = self.existing(name)?;
        let slot = self.slot(name);
        let mut place = slot.lock();
        self.opened(name, &dir, &mut place)
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
        let dir = self.existing(name)?;
        let slot = self.slot(name);
        let mut place = slot.lock();
        // Opening takes the folder's lock: what another process serves is not deleted under it.
        let shelf = self.opened(name, &dir, &mut place)?;
        *place = None;
        let aside = self
            .root
            .join(format!("{DELETED}{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&aside);
        fs::rename(&dir, &aside).map_err(RetrieverError::io(&dir))?;
        drop(shelf);
        fs::remove_dir_all(&aside).map_err(RetrieverError::io(&aside))
    }

    /// The folder of a knowledge base that exists. Asked before a slot is made, so that names of nothing leave
    /// no trace.
    fn existing(&self, name: &KbName) -> Result<PathBuf, RetrieverError> {
        let dir = self.root.join(name.as_str());
        if dir.is_dir() {
            Ok(dir)
        } else {
            Err(RetrieverError::UnknownKnowledgeBase(name.clone()))
        }
    }

    fn slot(&self, name: &KbName) -> Slot {
        Arc::clone(self.slots.lock().entry(name.clone()).or_default())
    }

    fn opened(
        &self,
        name: &KbName,
        dir: &Path,
        place: &mut Option<Arc<Shelf>>,
    ) -> Result<Arc<Shelf>, RetrieverError> {
        if let Some(shelf) = place {
            return Ok(Arc::clone(shelf));
        }
        // It may have been deleted while this call waited for its slot.
        self.existing(name)?;
        let shelf = Arc::new(Shelf::open(name.clone(), dir, &self.options)?);
        *place = Some(Arc::clone(&shelf));
        Ok(shelf)
    }
}
