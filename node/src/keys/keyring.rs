//! A directory of key files, by name.

use core::fmt;
use std::fs::{DirBuilder, File};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use piao_chain::signature::SecretKey;
use zeroize::Zeroizing;

use super::atomic_file;
use super::key_file::{KeyFile, KeyFileError, NONCE_BYTES, Purpose};
use super::unlock::{GROUP_AND_OTHERS, UnlockSecret};

/// Longest name of a key, in bytes.
const NAME_BYTES_MAX: usize = 64;
/// Most bytes read of a key file; a real one has about 400.
const KEY_FILE_BYTES_MAX: u64 = 4096;

/// The keys of one node: `NAME.key` in one directory.
///
/// Names are lower-case letters, digits and `-`, for instance `authority`, `validator`,
/// `merchant-1`.
#[derive(Clone)]
pub struct Keyring {
    dir: PathBuf,
    sealing_key: Zeroizing<[u8; 32]>,
}

/// Why a key was not loaded or stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// Not a name a key can have.
    #[error("`{0}` is no name for a key: lower-case letters, digits and `-`, at most 64")]
    Name(String),
    /// There is no such key.
    #[error(
        "no key `{name}` in {dir}: put back a copy of {dir}/{name}.key, it can't be made again",
        dir = dir.display()
    )]
    NotFound {
        /// The name asked for.
        name: String,
        /// Where it was looked for.
        dir: PathBuf,
    },
    /// There is no directory of keys.
    #[error("{} is missing: put back a copy of it, the keys in it can't be made again", .0.display())]
    NoDirectory(PathBuf),
    /// A key of this name is there; it was left as it is.
    #[error("a key `{name}` is already in {}", dir.display())]
    Exists {
        /// The name.
        name: String,
        /// Where.
        dir: PathBuf,
    },
    /// Others than its owner may use the file.
    #[error(
        "key file {path} can be read by others (mode {mode:04o}): run `chmod 600 {path}`",
        path = path.display()
    )]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is there and does not open.
    #[error(
        "key file {}: {source}; put back a copy of that file, or give the secret it was sealed with \
         by --unlock-file",
        path.display()
    )]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: KeyFileError,
    },
    /// It can not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system has no randomness to give.
    #[error("no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
}

impl Keyring {
    /// Opens a directory of keys. The secret is tried when a key is loaded.
    ///
    /// # Errors
    /// [`KeyringError::NoDirectory`], [`KeyringError::Io`].
    pub fn open(dir: &Path, unlock: &UnlockSecret) -> Result<Self, KeyringError> {
        let io_error = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => KeyringError::NoDirectory(dir.to_owned()),
            _ => KeyringError::Io {
                path: dir.to_owned(),
                source,
            },
        };
        if !std::fs::metadata(dir).map_err(io_error)?.is_dir() {
            return Err(io_error(io::ErrorKind::NotADirectory.into()));
        }
        Ok(Self {
            dir: dir.to_owned(),
            sealing_key: unlock.sealing_key(),
        })
    }

    /// Makes the directory, for its owner alone, where it is missing, and opens it.
    ///
    /// # Errors
    /// [`KeyringError::Io`].
    pub fn create(dir: &Path, unlock: &UnlockSecret) -> Result<Self, KeyringError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .and_then(|()| atomic_file::sync_directory_of(dir))
            .map_err(|source| KeyringError::Io {
                path: dir.to_owned(),
                source,
            })?;
        Self::open(dir, unlock)
    }

    /// Whether there is a key of this name; it may still not open.
    ///
    /// # Errors
    /// [`KeyringError::Name`], [`KeyringError::Io`].
    pub fn contains(&self, name: &str) -> Result<bool, KeyringError> {
        let path = self.path(name)?;
        path.try_exists()
            .map_err(|source| KeyringError::Io { path, source })
    }

    /// Loads a signing key.
    ///
    /// # Errors
    /// [`KeyringError`]; see its variants.
    pub fn load(&self, name: &str) -> Result<SecretKey, KeyringError> {
        let (path, file) = self.read(name)?;
        let unusable = |source| KeyringError::Unusable {
            path: path.clone(),
            source,
        };
        let seed = file
            .open(&self.sealing_key, name, Purpose::SigningKey)
            .map_err(unusable)?;
        let key = SecretKey::from_seed(&seed);
        if file.public_key() != Some(*key.public_key().as_bytes()) {
            return Err(unusable(KeyFileError::OtherKey));
        }
        Ok(key)
    }

    /// Stores a signing key under a new name, durable when this returns.
    ///
    /// # Errors
    /// [`KeyringError::Exists`] when the name is taken; [`KeyringError::Name`],
    /// [`KeyringError::Io`], [`KeyringError::Randomness`].
    pub fn store(&self, name: &str, key: &SecretKey) -> Result<(), KeyringError> {
        let public_key = *key.public_key().as_bytes();
        self.write(name, Some(public_key), &key.seed())
    }

    /// Loads a secret that is no signing key.
    ///
    /// # Errors
    /// [`KeyringError`]; see its variants.
    pub fn load_bytes(&self, name: &str) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
        let (path, file) = self.read(name)?;
        file.open(&self.sealing_key, name, Purpose::Secret)
            .map_err(|source| KeyringError::Unusable { path, source })
    }

    /// Stores a secret that is no signing key under a new name, durable when this returns.
    ///
    /// # Errors
    /// As [`Self::store`].
    pub fn store_bytes(&self, name: &str, secret: &[u8; 32]) -> Result<(), KeyringError> {
        self.write(name, None, secret)
    }

    fn write(
        &self,
        name: &str,
        public_key: Option<[u8; 32]>,
        secret: &[u8; 32],
    ) -> Result<(), KeyringError> {
        let path = self.path(name)?;
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce)?;
        let file = KeyFile::seal(&self.sealing_key, nonce, name, public_key, secret);
        atomic_file::write_new(&path, &file.to_json()).map_err(|source| {
            if source.kind() == io::ErrorKind::AlreadyExists {
                KeyringError::Exists {
                    name: name.to_owned(),
                    dir: self.dir.clone(),
                }
            } else {
                KeyringError::Io { path, source }
            }
        })
    }

    fn read(&self, name: &str) -> Result<(PathBuf, KeyFile), KeyringError> {
        let path = self.path(name)?;
        let mut bytes = Vec::new();
        let mut mode = 0;
        let read = File::open(&path).and_then(|file| {
            // Of the open file, not of the path: the two could differ.
            mode = file.metadata()?.mode() & 0o7777;
            file.take(KEY_FILE_BYTES_MAX).read_to_end(&mut bytes)
        });
        if let Err(source) = read {
            return Err(if source.kind() == io::ErrorKind::NotFound {
                KeyringError::NotFound {
                    name: name.to_owned(),
                    dir: self.dir.clone(),
                }
            } else {
                KeyringError::Io { path, source }
            });
        }
        if mode & GROUP_AND_OTHERS != 0 {
            return Err(KeyringError::Exposed { path, mode });
        }
        match KeyFile::from_json(&bytes) {
            Ok(file) => Ok((path, file)),
            Err(source) => Err(KeyringError::Unusable { path, source }),
        }
    }

    /// The file of a name. Names are checked, so no name leads out of the directory.
    fn path(&self, name: &str) -> Result<PathBuf, KeyringError> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.bytes().all(plain) {
            return Err(KeyringError::Name(name.to_owned()));
        }
        Ok(self.dir.join(format!("{name}.key")))
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({})", self.dir.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unlock(byte: u8) -> UnlockSecret {
        UnlockSecret::from_bytes([byte; 32])
    }

    #[test]
    fn a_stored_key_is_loaded_again_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let key = SecretKey::from_seed(&[9; 32]);
        let keyring = Keyring::create(&dir.path().join("keys"), &unlock(1)).unwrap();
        assert!(!keyring.contains("authority").unwrap());
        keyring.store("authority", &key).unwrap();
        keyring.store_bytes("desk-master", &[5; 32]).unwrap();

        let again = Keyring::open(&dir.path().join("keys"), &unlock(1)).unwrap();
        assert!(again.contains("authority").unwrap());
        let loaded = again.load("authority").unwrap();
        assert_eq!(loaded.public_key(), key.public_key());
        assert_eq!(*again.load_bytes("desk-master").unwrap(), [5; 32]);
    }

    #[test]
    fn another_unlock_secret_opens_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let keyring = Keyring::create(dir.path(), &unlock(1)).unwrap();
        keyring.store_bytes("log", &[5; 32]).unwrap();
        let other = Keyring::open(dir.path(), &unlock(2)).unwrap();
        let error = other.load_bytes("log").unwrap_err();
        assert!(error.to_string().contains("unlock secret is another one"));
    }

    #[test]
    fn a_key_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let keyring = Keyring::create(dir.path(), &unlock(1)).unwrap();
        keyring.store_bytes("log", &[5; 32]).unwrap();
        let error = keyring.store_bytes("log", &[6; 32]).unwrap_err();
        assert!(matches!(error, KeyringError::Exists { .. }));
        assert_eq!(*keyring.load_bytes("log").unwrap(), [5; 32]);
    }

    #[test]
    fn a_file_under_another_name_does_not_pass_for_that_key() {
        let dir = tempfile::tempdir().unwrap();
        let keyring = Keyring::create(dir.path(), &unlock(1)).unwrap();
        let key = SecretKey::from_seed(&[9; 32]);
        keyring.store("merchant-1", &key).unwrap();
        std::fs::rename(
            dir.path().join("merchant-1.key"),
            dir.path().join("merchant-2.key"),
        )
        .unwrap();
        assert!(matches!(
            keyring.load("merchant-2").unwrap_err(),
            KeyringError::Unusable {
                source: KeyFileError::OtherKey,
                ..
            }
        ));
    }

    #[test]
    fn a_secret_does_not_pass_for_a_signing_key() {
        let dir = tempfile::tempdir().unwrap();
        let keyring = Keyring::create(dir.path(), &unlock(1)).unwrap();
        keyring.store_bytes("log", &[5; 32]).unwrap();
        assert!(keyring.load("log").is_err());
    }

    #[test]
    fn every_single_byte_change_of_a_key_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let keyring = Keyring::create(dir.path(), &unlock(1)).unwrap();
        let key = SecretKey::from_seed(&[9; 32]);
        keyring.store("log", &key).unwrap();
        let path = dir.path().join("log.key");
        let sound = std::fs::read(&path).unwrap();
        for at in 0..sound.len() {
            let mut changed = sound.clone();
            changed[at] ^= 1;
            std::fs::write(&path, &changed).unwrap();
            // White space may change; the key may not.
            if let Ok(loaded) = keyring.load("log") {
                assert_eq!(loaded.public_key(), key.public_key(), "byte {at}");
                assert!(sound[at].is_ascii_whitespace(), "byte {at}");
            }
        }
    }

    #[test]
    fn refuses_names_that_lead_elsewhere() {
        let dir = tempfile::tempdir().unwrap();
        let keyring = Keyring::create(dir.path(), &unlock(1)).unwrap();
        for name in ["", "../log", "a/b", "A", "a.b", &"a".repeat(65)] {
            let error = keyring.load(name).unwrap_err();
            assert!(matches!(error, KeyringError::Name(_)), "{name}");
        }
        assert!(matches!(
            keyring.load("absent").unwrap_err(),
            KeyringError::NotFound { .. }
        ));
    }

    #[test]
    fn a_debug_print_shows_no_secret() {
        let keyring = Keyring::open(Path::new("/"), &unlock(0xab)).unwrap();
        assert_eq!(format!("{keyring:?}"), "Keyring(/)");
    }
}
