//! The directory of key files.
//!
//! Guards: the directory is 0700 and each file 0600 from its first byte; a file appears whole or
//! not at all and survives a power cut; nothing is ever overwritten.

use std::fs;
use std::path::{Path, PathBuf};

use piao_chain::signature::SecretKey;
use zeroize::Zeroizing;

use super::error::KeystoreError;
use super::file::{FILE_BYTES_MAX, KeyFile};
use crate::disk;

/// Ending of a key file.
const ENDING: &str = "key";
/// Key files a directory is searched for, at most.
pub(crate) const KEYS_MAX: usize = 1000;

/// A key file and where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredKey {
    /// Where.
    pub(crate) path: PathBuf,
    /// What.
    pub(crate) file: KeyFile,
}

/// A directory of key files.
#[derive(Clone, Debug)]
pub(crate) struct Keystore {
    dir: PathBuf,
}

impl Keystore {
    /// The store in this directory, which need not exist yet.
    #[must_use]
    pub(crate) const fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// The path of a new key of this name.
    #[must_use]
    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.{ENDING}"))
    }

    /// Every key file, by name. Other files are passed over, damaged key files are errors.
    ///
    /// # Errors
    /// [`KeystoreError`] of a file that cannot be read or is not a key.
    pub(crate) fn list(&self) -> Result<Vec<StoredKey>, KeystoreError> {
        let entries = match fs::read_dir(&self.dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(io_error(&self.dir, source)),
        };
        let mut paths = Vec::new();
        for entry in entries.take(KEYS_MAX) {
            let path = entry.map_err(|source| io_error(&self.dir, source))?.path();
            if path.extension().is_some_and(|ending| ending == ENDING) {
                paths.push(path);
            }
        }
        paths.sort();
        paths.into_iter().map(|path| Self::read(&path)).collect()
    }

    /// The key of this name, id, or beginning of an id.
    ///
    /// # Errors
    /// [`KeystoreError::NotFound`], [`KeystoreError::Ambiguous`], or as [`Self::list`].
    pub(crate) fn find(&self, name: &str) -> Result<StoredKey, KeystoreError> {
        let mut found: Vec<StoredKey> = self
            .list()?
            .into_iter()
            .filter(|key| {
                let named = key.path.file_stem().is_some_and(|stem| stem == name);
                named || (!name.is_empty() && key.file.id.starts_with(name))
            })
            .collect();
        match (found.pop(), found.is_empty()) {
            (Some(only), true) => Ok(only),
            (None, _) => Err(KeystoreError::NotFound(name.to_owned())),
            (Some(_), false) => Err(KeystoreError::Ambiguous(name.to_owned())),
        }
    }

    /// Reads one key file.
    ///
    /// # Errors
    /// [`KeystoreError::NotFound`], [`KeystoreError::NotAKey`], [`KeystoreError::UnknownVersion`],
    /// [`KeystoreError::Io`].
    pub(crate) fn read(path: &Path) -> Result<StoredKey, KeystoreError> {
        let bytes = disk::read_bounded(path, FILE_BYTES_MAX).map_err(|source| {
            if source.kind() == std::io::ErrorKind::NotFound {
                KeystoreError::NotFound(path.display().to_string())
            } else {
                io_error(path, source)
            }
        })?;
        let file = KeyFile::parse(&bytes, path)?;
        Ok(StoredKey {
            path: path.to_owned(),
            file,
        })
    }

    /// Seals a key into a new file.
    ///
    /// # Errors
    /// [`KeystoreError::Exists`], [`KeystoreError::Derivation`], [`KeystoreError::Io`].
    pub(crate) fn create(
        path: &Path,
        key: &SecretKey,
        passphrase: &Zeroizing<String>,
        created: String,
    ) -> Result<StoredKey, KeystoreError> {
        if path.exists() {
            // Asked before the costly derivation; the write below asks again without a gap.
            return Err(KeystoreError::Exists(path.to_owned()));
        }
        let file = KeyFile::seal(key, passphrase, created)?;
        let mut json = serde_json::to_vec_pretty(&file)
            .map_err(|error| io_error(path, std::io::Error::other(error)))?;
        json.push(b'\n');
        disk::write_new(path, &json).map_err(|source| {
            if source.kind() == std::io::ErrorKind::AlreadyExists {
                KeystoreError::Exists(path.to_owned())
            } else {
                io_error(path, source)
            }
        })?;
        Ok(StoredKey {
            path: path.to_owned(),
            file,
        })
    }
}

impl StoredKey {
    /// Opens the secret, unless others on this machine may read the file.
    ///
    /// # Errors
    /// [`KeystoreError::Exposed`], or as [`KeyFile::open`].
    pub(crate) fn open(&self, passphrase: &Zeroizing<String>) -> Result<SecretKey, KeystoreError> {
        let mode = disk::mode(&self.path).map_err(|source| io_error(&self.path, source))?;
        if mode & 0o077 != 0 {
            return Err(KeystoreError::Exposed {
                path: self.path.clone(),
                mode,
            });
        }
        self.file.open(passphrase)
    }
}

fn io_error(path: &Path, source: std::io::Error) -> KeystoreError {
    KeystoreError::Io {
        path: path.to_owned(),
        source,
    }
}
