//! Who has the data folder: one server, or any number of commands.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What `server.json` tells: where a server that has the folder can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerFile {
    /// The address to use with `--url`.
    pub url: String,
    /// The process.
    pub pid: u32,
}

impl ServerFile {
    /// The path within a data folder.
    pub fn path(data: &Path) -> PathBuf {
        data.join("server.json")
    }

    /// What a data folder's file says, if there is one.
    pub fn read(data: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(Self::path(data)).ok()?).ok()
    }
}

/// Why the data folder cannot be had.
#[derive(Debug, Error)]
pub enum FolderError {
    /// A server has it.
    #[error(
        "the data folder `{}` is in use by process {}; pass --url {} to work through it",
        data.display(), server.pid, server.url
    )]
    Served {
        /// The folder.
        data: PathBuf,
        /// Where to ask instead.
        server: ServerFile,
    },
    /// A server that is about to tell its address, or, for a server, commands have it.
    #[error("the data folder `{}` is in use by another almanac process", .0.display())]
    InUse(PathBuf),
    /// The file system failed.
    #[error("data folder: `{}`: {error}", path.display())]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// The data folder of one server. The lock goes with the process, however it ends.
#[derive(Debug)]
pub struct Exclusive {
    _file: File,
    server_file: PathBuf,
}

impl Drop for Exclusive {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.server_file);
    }
}

/// The data folder together with other commands.
#[derive(Debug)]
pub struct Shared {
    _file: File,
}

/// Takes the folder for a server and tells its address in `server.json`.
pub fn take(data: &Path, url: &str) -> Result<Exclusive, FolderError> {
    let file = open(data)?;
    held(data, file.try_lock())?;
    let server_file = ServerFile::path(data);
    let told = ServerFile {
        url: url.to_owned(),
        pid: std::process::id(),
    };
    let fresh = data.join("server.json.new");
    serde_json::to_vec(&told)
        .map_err(io::Error::from)
        .and_then(|text| fs::write(&fresh, text))
        .and_then(|()| fs::rename(&fresh, &server_file))
        .map_err(|error| FolderError::Io {
            path: server_file.clone(),
            error,
        })?;
    Ok(Exclusive {
        _file: file,
        server_file,
    })
}

/// Takes the folder for a command, which other commands do not mind and a server does.
pub fn share(data: &Path) -> Result<Shared, FolderError> {
    let file = open(data)?;
    held(data, file.try_lock_shared())?;
    Ok(Shared { _file: file })
}

fn open(data: &Path) -> Result<File, FolderError> {
    let path = data.join("server.lock");
    fs::create_dir_all(data)
        .and_then(|()| {
            File::options()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)
        })
        .map_err(|error| FolderError::Io { path, error })
}

fn held(data: &Path, lock: Result<(), TryLockError>) -> Result<(), FolderError> {
    match lock {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(match ServerFile::read(data) {
            Some(server) => FolderError::Served {
                data: data.to_owned(),
                server,
            },
            None => FolderError::InUse(data.to_owned()),
        }),
        Err(TryLockError::Error(error)) => Err(FolderError::Io {
            path: data.to_owned(),
            error,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_it_alone_and_commands_have_it_together() {
        let dir = tempfile::tempdir().unwrap();
        let one = share(dir.path()).unwrap();
        let two = share(dir.path()).unwrap();
        assert!(matches!(
            take(dir.path(), "http://x"),
            Err(FolderError::InUse(_))
        ));
        drop((one, two));
        let server = take(dir.path(), "http://x").unwrap();
        let refused = share(dir.path()).unwrap_err();
        assert!(refused.to_string().contains("--url http://x"), "{refused}");
        assert!(ServerFile::read(dir.path()).is_some());
        drop(server);
        assert!(ServerFile::read(dir.path()).is_none());
        share(dir.path()).unwrap();
    }
}
