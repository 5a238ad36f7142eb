//! The folder of a knowledge base: its files, its version and its lock.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{StoreError, StoreOptions};

/// The version of the layout that this build writes and reads.
const FORMAT_VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Format {
    /// Version of the folder as a whole.
    version: u32,
    /// Version of the journal's segments.
    journal: u32,
}

/// Names the files of a knowledge base.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.root.join("journal")
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.root.join("store")
    }

    /// The checkpoint lies inside `store/`, so that it is copied, restored and deleted with what it speaks
    /// of.
    pub(crate) fn checkpoint(&self) -> PathBuf {
        self.store().join("CHECKPOINT")
    }

    pub(crate) fn docs(&self) -> PathBuf {
        self.root.join("docs")
    }

    pub(crate) fn documents(&self) -> PathBuf {
        self.docs().join("documents.redb")
    }

    fn format(&self) -> PathBuf {
        self.root.join("format.json")
    }

    fn lock_file(&self) -> PathBuf {
        self.root.join("LOCK")
    }

    /// Makes the folders of a new knowledge base. `format.json` comes last: without it the folder is not
    /// one yet, and creating it again is allowed.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is a knowledge base, or something else that is not ours.
    pub(crate) fn create(&self) -> Result<(), StoreError> {
        if self.format().exists() {
            return Err(StoreError::Conflict(format!(
                "{} already holds a knowledge base",
                self.root.display()
            )));
        }
        if self.root.exists() {
            let ours = ["LOCK", "journal", "store", "docs"];
            for entry in read_dir(&self.root)? {
                let name = entry
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned())
                    .unwrap_or_default();
                if !ours.contains(&name.as_str()) {
                    return Err(StoreError::Conflict(format!(
                        "{} is not empty",
                        self.root.display()
                    )));
                }
            }
            if self.journal().exists() && !read_dir(&self.journal())?.is_empty() {
                return Err(StoreError::Conflict(format!(
                    "{} has a journal but no format.json",
                    self.root.display()
                )));
            }
        }
        self.make_folders()?;
        let format = Format {
            version: FORMAT_VERSION,
            journal: crate::journal::SEGMENT_VERSION,
        };
        write_durably(&self.format(), &to_json(&format)?)?;
        if let Some(parent) = self.root.parent() {
            sync_dir(parent)?;
        }
        Ok(())
    }

    /// Makes what a restored or damaged folder may lack: store and documents follow from the journal.
    pub(crate) fn make_folders(&self) -> Result<(), StoreError> {
        for dir in [self.root.clone(), self.journal(), self.store(), self.docs()] {
            fs::create_dir_all(&dir).map_err(|error| StoreError::io(&dir, error))?;
        }
        sync_dir(&self.root)
    }

    /// Fails unless the folder is a knowledge base that this build understands.
    pub(crate) fn check_format(&self) -> Result<(), StoreError> {
        let path = self.format();
        if !path.exists() {
            return Err(StoreError::NotFound(format!(
                "a knowledge base at {}",
                self.root.display()
            )));
        }
        let text = fs::read(&path).map_err(|error| StoreError::io(&path, error))?;
        let format: Format = serde_json::from_slice(&text)
            .map_err(|error| StoreError::corrupt(&path, error.to_string()))?;
        if format.version > FORMAT_VERSION || format.journal > crate::journal::SEGMENT_VERSION {
            return Err(StoreError::Unsupported(format!(
                "{}: written by a newer version (layout {}, journal {}); this one reads {FORMAT_VERSION} and {}",
                path.display(),
                format.version,
                format.journal,
                crate::journal::SEGMENT_VERSION
            )));
        }
        Ok(())
    }

    /// Takes the folder for this process, until the returned guard is dropped or the process dies.
    ///
    /// # Errors
    /// [`StoreError::Locked`], naming the owner.
    pub(crate) fn lock(&self, options: &StoreOptions) -> Result<FolderLock, StoreError> {
        let path = self.lock_file();
        let io = |error| StoreError::io(&path, error);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // The owner may be writing it just now: what cannot be read is left unsaid.
                let _ = file.take(4096).read_to_string(&mut text);
                return Err(StoreError::Locked {
                    owner: describe_owner(&text),
                });
            }
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        let owner = Owner {
            pid: std::process::id(),
            url: options.owner_url.clone(),
        };
        file.set_len(0).map_err(io)?;
        file.seek(SeekFrom::Start(0)).map_err(io)?;
        file.write_all(&to_json(&owner)?).map_err(io)?;
        Ok(FolderLock { _file: file })
    }
}

#[derive(Serialize, Deserialize)]
struct Owner {
    pid: u32,
    url: Option<String>,
}

fn describe_owner(text: &str) -> String {
    match serde_json::from_str::<Owner>(text) {
        Ok(Owner {
            pid,
            url: Some(url),
        }) => format!("process {pid}, serving it at {url}"),
        Ok(Owner { pid, url: None }) => format!("process {pid}"),
        Err(_) => "another process".to_owned(),
    }
}

/// Holds the folder. The lock goes with the file handle, so that no stale lock survives a killed process.
pub(crate) struct FolderLock {
    _file: File,
}

pub(crate) fn to_json(value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(value).map_err(|error| StoreError::Internal(error.to_string()))
}

/// The paths in a folder, in no order.
pub(crate) fn read_dir(dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let io = |error| StoreError::io(dir, error);
    fs::read_dir(dir)
        .map_err(io)?
        .map(|entry| Ok(entry.map_err(io)?.path()))
        .collect()
}

/// Makes renames in a folder outlive a power cut.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), StoreError> {
    let dir = if dir.as_os_str().is_empty() {
        Path::new(".")
    } else {
        dir
    };
    File::open(dir)
        .and_then(|handle| handle.sync_all())
        .map_err(|error| StoreError::io(dir, error))
}

/// Replaces a small file: after a crash it has its old content or the new one, never a mixture.
pub(crate) fn write_durably(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    let temporary = path.with_extension("tmp");
    let result = File::create(&temporary)
        .and_then(|mut file| {
            file.write_all(content)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&temporary, path));
    if let Err(error) = result {
        let _ = fs::remove_file(&temporary);
        return Err(StoreError::io(path, error));
    }
    match path.parent() {
        Some(parent) => sync_dir(parent),
        None => Ok(()),
    }
}
