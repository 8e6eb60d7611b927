//! What became of a key, in small files beside it: a rotation that is under way, and its end.
//!
//! Guards: where the new key of a rotation lies is on disk before the new key is made, so that a
//! rotation that was cut off goes on with the same one; a key counts as retired only once the chain
//! says so. Neither file holds a secret, and the key file itself is never touched.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::KeystoreError;
use crate::disk;

/// Ending of the file that says which key is to take the place of this one.
const ROTATION: &str = "rotation";
/// Ending of the file that says that a key signs no more.
const RETIRED: &str = "retired";
/// Bytes of such a file, at most.
const MARK_BYTES_MAX: usize = 4 * 1024;

/// A rotation that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotation {
    /// Name of the file of the new key, beside the old one's.
    pub(crate) to: String,
}

/// A key that signs no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retired {
    /// First height at which it may no longer sign.
    pub(crate) height: u64,
    /// Id of the key that took its place; none of a key that was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) replaced_by: Option<String>,
    /// When that was noted here, RFC 3339.
    pub(crate) noted: String,
}

impl Rotation {
    /// The one under way for the key in this file, if there is one.
    ///
    /// # Errors
    /// [`KeystoreError::Io`], [`KeystoreError::NotAKey`] for one that can't be understood.
    pub(crate) fn of(key: &Path) -> Result<Option<Self>, KeystoreError> {
        read(&key.with_extension(ROTATION))
    }

    /// Writes it down, durably, unless there is one.
    ///
    /// # Errors
    /// [`KeystoreError::Exists`], [`KeystoreError::Io`].
    pub(crate) fn begin(&self, key: &Path) -> Result<(), KeystoreError> {
        let path = key.with_extension(ROTATION);
        disk::write_new(&path, &bytes_of(self, &path)?).map_err(|source| {
            if source.kind() == io::ErrorKind::AlreadyExists {
                KeystoreError::Exists(path)
            } else {
                KeystoreError::Io { path, source }
            }
        })
    }

    /// The file of the new key.
    pub(crate) fn target(&self, key: &Path) -> PathBuf {
        key.with_file_name(&self.to)
    }
}

impl Retired {
    /// What is noted of the key in this file.
    ///
    /// # Errors
    /// As [`Rotation::of`].
    pub(crate) fn of(key: &Path) -> Result<Option<Self>, KeystoreError> {
        read(&key.with_extension(RETIRED))
    }

    /// Notes it, durably, and that no rotation is under way any more.
    ///
    /// # Errors
    /// [`KeystoreError::Io`].
    pub(crate) fn note(&self, key: &Path) -> Result<(), KeystoreError> {
        let path = key.with_extension(RETIRED);
        let written = disk::replace(&path, &bytes_of(self, &path)?);
        written.map_err(|source| KeystoreError::Io { path, source })?;
        let rotation = key.with_extension(ROTATION);
        match fs::remove_file(&rotation) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(source) => Err(KeystoreError::Io {
                path: rotation,
                source,
            }),
        }
    }
}

fn bytes_of(mark: &impl Serialize, path: &Path) -> Result<Vec<u8>, KeystoreError> {
    let json = serde_json::to_vec(mark);
    json.map_err(|error| KeystoreError::Io {
        path: path.to_owned(),
        source: io::Error::other(error),
    })
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>, KeystoreError> {
    let bytes = match disk::read_bounded(path, MARK_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            return Err(KeystoreError::Io {
                path: path.to_owned(),
                source,
            });
        }
    };
    let mark = serde_json::from_slice(&bytes);
    mark.map(Some).map_err(|_json| KeystoreError::NotAKey {
        path: path.to_owned(),
        why: "it says nothing that this version understands",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_is_begun_once_and_its_end_takes_it_away() {
        let dir = tempfile::tempdir().unwrap();
        let key = dir.path().join("till.key");
        assert_eq!(Rotation::of(&key).unwrap(), None);
        let to = |name: &str| Rotation {
            to: name.to_owned(),
        };
        to("till-2.key").begin(&key).unwrap();
        assert!(matches!(
            to("till-3.key").begin(&key),
            Err(KeystoreError::Exists(_))
        ));
        let known = Rotation::of(&key).unwrap().unwrap();
        assert_eq!(known.target(&key), dir.path().join("till-2.key"));
        let retired = Retired {
            height: 7,
            replaced_by: Some("ab".repeat(16)),
            noted: String::new(),
        };
        for _again in 0..2 {
            retired.note(&key).unwrap();
            assert_eq!(Retired::of(&key).unwrap(), Some(retired.clone()));
            assert_eq!(Rotation::of(&key).unwrap(), None);
        }
        fs::write(key.with_extension(RETIRED), "{").unwrap();
        assert!(Retired::of(&key).is_err());
    }
}
