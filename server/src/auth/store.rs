//! The keys of a data folder, in `keys.json`.

use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::RwLock;
use schemas::KbName;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::key::{self, KeyRecord, Role, now_ms};

/// Why a key operation failed.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file could not be read or written.
    #[error("keys file `{}`: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What happened.
        source: io::Error,
    },
    /// The file is not what this program writes.
    #[error("keys file `{}` is damaged: {detail}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// The admin key file holds too little.
    #[error("admin key file `{}` must hold at least 20 characters", .0.display())]
    WeakAdminKey(PathBuf),
    /// No such key.
    #[error("there is no key `{0}`")]
    NotFound(String),
    /// The system gave no random bits.
    #[error("no random bits from the system: {0}")]
    Random(String),
}

#[derive(Serialize, Deserialize)]
struct KeyFile {
    version: u32,
    keys: Vec<KeyRecord>,
}

/// What a new key is to be.
pub struct NewKey {
    /// What it is for.
    pub name: String,
    /// What it allows.
    pub role: Role,
    /// When it ends, in Unix milliseconds.
    pub expires_ms: Option<i64>,
    /// The knowledge bases that it reaches; all, when absent.
    pub knowledge_bases: Option<Vec<KbName>>,
}

/// Identifies a version of the file: a rename gives a new inode.
type Stamp = (u64, i64, i64, u64);

#[derive(Default)]
struct Cached {
    stamp: Option<Stamp>,
    keys: Arc<Vec<KeyRecord>>,
}

/// The keys of a data folder. Another process's changes are seen by the next call: the file's stamp is compared
/// at each one, which costs a microsecond.
pub struct KeyStore {
    path: PathBuf,
    admin: Option<blake3::Hash>,
    cached: RwLock<Cached>,
}

impl KeyStore {
    /// Opens the keys of a folder; none exist until one is created. The content of `admin_key_file`, if named,
    /// is accepted as a key with the role `admin`.
    pub fn open(data: &Path, admin_key_file: Option<&Path>) -> Result<Self, KeyError> {
        let admin = match admin_key_file {
            None => None,
            Some(path) => {
                let text: SecretString = fs::read_to_string(path)
                    .map_err(|source| KeyError::Io {
                        path: path.to_owned(),
                        source,
                    })?
                    .trim()
                    .to_owned()
                    .into();
                if text.expose_secret().len() < 20 {
                    return Err(KeyError::WeakAdminKey(path.to_owned()));
                }
                Some(key::hash(text.expose_secret()))
            }
        };
        let store = Self {
            path: data.join("keys.json"),
            admin,
            cached: RwLock::default(),
        };
        store.list()?;
        Ok(store)
    }

    /// All keys, oldest first, without secrets.
    pub fn list(&self) -> Result<Arc<Vec<KeyRecord>>, KeyError> {
        let stamp = match fs::metadata(&self.path) {
            Ok(m) => Some((m.ino(), m.mtime(), m.mtime_nsec(), m.len())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(self.io(source)),
        };
        {
            let cached = self.cached.read();
            if cached.stamp == stamp {
                return Ok(Arc::clone(&cached.keys));
            }
        }
        let keys = Arc::new(if stamp.is_some() {
            self.read()?
        } else {
            Vec::new()
        });
        *self.cached.write() = Cached {
            stamp,
            keys: Arc::clone(&keys),
        };
        Ok(keys)
    }

    /// Whether any credential exists.
    pub fn any(&self) -> Result<bool, KeyError> {
        Ok(self.admin.is_some() || !self.list()?.is_empty())
    }

    /// The record of a key that is valid now. Hashes are compared in constant time.
    pub fn verify(&self, key: &str) -> Result<Option<KeyRecord>, KeyError> {
        let hash = key::hash(key);
        // `blake3::Hash` compares in constant time.
        if self.admin.is_some_and(|admin| admin == hash) {
            return Ok(Some(KeyRecord {
                id: "admin-key-file".to_owned(),
                name: "admin key file".to_owned(),
                role: Role::Admin,
                hash: String::new(),
                created_ms: 0,
                expires_ms: None,
                knowledge_bases: None,
            }));
        }
        let Some(id) = key::id_of(key) else {
            return Ok(None);
        };
        let keys = self.list()?;
        let now = now_ms();
        Ok(keys
            .iter()
            .find(|k| k.id == id)
            .filter(|k| blake3::Hash::from_hex(&k.hash).is_ok_and(|kept| kept == hash))
            .filter(|k| k.expires_ms.is_none_or(|end| now < end))
            .cloned())
    }

    /// Makes a key. The secret is returned once and kept nowhere.
    pub fn create(&self, new: NewKey) -> Result<(KeyRecord, SecretString), KeyError> {
        let (id, secret) = key::generate()?;
        let record = KeyRecord {
            id,
            name: new.name,
            role: new.role,
            hash: key::hash(&secret).to_hex().to_string(),
            created_ms: now_ms(),
            expires_ms: new.expires_ms,
            knowledge_bases: new.knowledge_bases,
        };
        self.change(|keys| {
            keys.push(record.clone());
            Ok(())
        })?;
        Ok((record, secret.into()))
    }

    /// Takes a key away; it is refused from the next request on.
    pub fn revoke(&self, id: &str) -> Result<(), KeyError> {
        self.change(|keys| {
            let before = keys.len();
            keys.retain(|k| k.id != id);
            if keys.len() == before {
                return Err(KeyError::NotFound(id.to_owned()));
            }
            Ok(())
        })
    }

    fn io(&self, source: io::Error) -> KeyError {
        KeyError::Io {
            path: self.path.clone(),
            source,
        }
    }

    fn read(&self) -> Result<Vec<KeyRecord>, KeyError> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(self.io(source)),
        };
        let damaged = |detail: String| KeyError::Damaged {
            path: self.path.clone(),
            detail,
        };
        let file: KeyFile = serde_json::from_slice(&text).map_err(|e| damaged(e.to_string()))?;
        if file.version != 1 {
            return Err(damaged(format!("version {} is not known", file.version)));
        }
        Ok(file.keys)
    }

    /// Reads, changes and replaces the file under a lock, so that two processes cannot lose each other's keys. The
    /// new file is on disk before it takes the old one's name.
    fn change(
        &self,
        change: impl FnOnce(&mut Vec<KeyRecord>) -> Result<(), KeyError>,
    ) -> Result<(), KeyError> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|e| self.io(e))?;
        let lock = File::create(folder.join("keys.lock")).map_err(|e| self.io(e))?;
        lock.lock().map_err(|e| self.io(e))?;
        let mut keys = self.read()?;
        change(&mut keys)?;
        let body = serde_json::to_vec_pretty(&KeyFile { version: 1, keys })
            .map_err(|e| self.io(io::Error::other(e)))?;
        let fresh = self.path.with_extension("json.new");
        let write = || -> io::Result<()> {
            let mut file = fs::OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&fresh)?;
            file.write_all(&body)?;
            file.sync_all()?;
            fs::rename(&fresh, &self.path)?;
            File::open(folder)?.sync_all()
        };
        write().map_err(|e| self.io(e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(role: Role, expires_ms: Option<i64>) -> NewKey {
        NewKey {
            name: "test".to_owned(),
            role,
            expires_ms,
            knowledge_bases: None,
        }
    }

    #[test]
    fn a_key_works_until_it_is_revoked_or_expires() {
        let dir = tempfile::tempdir().unwrap();
        let store = KeyStore::open(dir.path(), None).unwrap();
        assert!(!store.any().unwrap());
        let (record, secret) = store.create(new(Role::Write, None)).unwrap();
        let key = secret.expose_secret();
        // Another store on the same folder, as a running server would be.
        let other = KeyStore::open(dir.path(), None).unwrap();
        assert_eq!(other.verify(key).unwrap().unwrap().role, Role::Write);
        assert!(other.verify(&format!("{key}x")).unwrap().is_none());
        let file = fs::read_to_string(dir.path().join("keys.json")).unwrap();
        // What is secret of it stands at its end, and may hold an underscore itself.
        assert!(!file.contains(&key[key.len() - 16..]));
        store.revoke(&record.id).unwrap();
        assert!(other.verify(key).unwrap().is_none());
        assert!(matches!(
            store.revoke(&record.id),
            Err(KeyError::NotFound(_))
        ));
        let (_, old) = store.create(new(Role::Admin, Some(now_ms() - 1))).unwrap();
        assert!(store.verify(old.expose_secret()).unwrap().is_none());
    }

    #[test]
    fn the_admin_key_file_is_accepted_and_must_not_be_weak() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("admin");
        fs::write(&file, "short\n").unwrap();
        assert!(KeyStore::open(dir.path(), Some(&file)).is_err());
        fs::write(&file, "a-long-enough-admin-secret\n").unwrap();
        let store = KeyStore::open(dir.path(), Some(&file)).unwrap();
        let admin = store.verify("a-long-enough-admin-secret").unwrap().unwrap();
        assert_eq!(admin.role, Role::Admin);
        assert!(store.any().unwrap());
    }
}
