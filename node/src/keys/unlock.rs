//! The unlock secret: what opens every key file of a node.
//!
//! It lies in a file of its own, 64 hex digits, that nobody but its owner may read; keep it on
//! another disk or in a credential of the service manager, and a stolen data directory is sealed.

use core::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::atomic_file;

/// Permission bits of group and others.
pub(super) const GROUP_AND_OTHERS: u32 = 0o077;
/// Most bytes read of an unlock file: 64 digits, an end of line, and no room for another file
/// given by mistake.
const UNLOCK_FILE_BYTES_MAX: u64 = 80;
/// Separates the keys made of this secret from any other use of the same bytes.
const KEY_FILE_CONTEXT: &str = "piao-node/1 key-file";

/// 32 secret bytes. Erased from memory when dropped; never shown.
#[derive(Clone)]
pub struct UnlockSecret(Zeroizing<[u8; 32]>);

/// Why an unlock file was not used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnlockError {
    /// It can not be read or written.
    #[error("unlock file {}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than its owner may use it.
    #[error(
        "unlock file {path} can be read by others (mode {mode:04o}): run `chmod 600 {path}`",
        path = path.display()
    )]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// There is none, and the keys open with nothing else.
    #[error(
        "unlock file {} is missing: put back a copy of it, or name the right one with --unlock-file; \
         the keys of this node open with nothing else",
        .0.display()
    )]
    Missing(PathBuf),
    /// It does not hold 64 hex digits.
    #[error(
        "unlock file {} does not hold 64 hex digits: put back a copy of it",
        .0.display()
    )]
    Malformed(PathBuf),
    /// The system has no randomness to give.
    #[error("no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
}

impl UnlockSecret {
    /// Makes a new secret.
    ///
    /// # Errors
    /// [`UnlockError::Randomness`].
    pub fn random() -> Result<Self, UnlockError> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut())?;
        Ok(Self(bytes))
    }

    /// Takes given bytes, for a network made of a seed.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads a secret, if nobody but the file's owner could.
    ///
    /// # Errors
    /// [`UnlockError::Exposed`] before a byte is read; [`UnlockError::Missing`],
    /// [`UnlockError::Malformed`],
    /// [`UnlockError::Io`].
    pub fn read(path: &Path) -> Result<Self, UnlockError> {
        let io_error = |source| UnlockError::Io {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => UnlockError::Missing(path.to_owned()),
            _ => io_error(source),
        })?;
        // Of the open file, not of the path: the two could differ.
        let mode = file.metadata().map_err(io_error)?.mode() & 0o7777;
        if mode & GROUP_AND_OTHERS != 0 {
            return Err(UnlockError::Exposed {
                path: path.to_owned(),
                mode,
            });
        }
        let mut text = Zeroizing::new(Vec::with_capacity(128));
        file.take(UNLOCK_FILE_BYTES_MAX)
            .read_to_end(&mut text)
            .map_err(io_error)?;
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim_ascii(), bytes.as_mut())
            .map_err(|_source| UnlockError::Malformed(path.to_owned()))?;
        Ok(Self(bytes))
    }

    /// Writes the secret to a new file with mode 0600, durable when this returns.
    ///
    /// # Errors
    /// [`UnlockError::Io`], also when the path is taken.
    pub fn write_new(&self, path: &Path) -> Result<(), UnlockError> {
        let mut text = Zeroizing::new(hex::encode(self.0.as_ref()));
        text.push('\n');
        atomic_file::write_new(path, text.as_bytes()).map_err(|source| UnlockError::Io {
            path: path.to_owned(),
            source,
        })
    }

    /// The key that seals key files.
    pub(super) fn sealing_key(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(blake3::derive_key(KEY_FILE_CONTEXT, self.0.as_ref()))
    }
}

impl fmt::Debug for UnlockSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnlockSecret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn what_was_written_is_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("unlock");
        let secret = UnlockSecret::random().unwrap();
        secret.write_new(&path).unwrap();
        let read = UnlockSecret::read(&path).unwrap();
        assert_eq!(read.sealing_key(), secret.sealing_key());
        assert_ne!(
            read.sealing_key(),
            UnlockSecret::random().unwrap().sealing_key()
        );
    }

    #[test]
    fn refuses_a_file_that_others_may_read_and_names_the_cure() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("unlock");
        UnlockSecret::from_bytes([1; 32]).write_new(&path).unwrap();
        for mode in [0o604, 0o640, 0o620, 0o601] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let line = UnlockSecret::read(&path).unwrap_err().to_string();
            assert!(line.contains(&format!("chmod 600 {}", path.display())));
            assert!(!line.contains('\n'));
        }
    }

    #[test]
    fn refuses_anything_but_64_hex_digits() {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("empty", String::new()),
            ("short", "ab".repeat(31)),
            ("long", "ab".repeat(33)),
            ("very-long", "ab".repeat(500)),
            ("word", "zz".repeat(32)),
        ] {
            let path = dir.path().join(name);
            atomic_file::write_new(&path, text.as_bytes()).unwrap();
            let error = UnlockSecret::read(&path).unwrap_err();
            assert!(matches!(error, UnlockError::Malformed(_)), "{name}");
        }
    }

    #[test]
    fn a_debug_print_shows_no_secret() {
        let shown = format!("{:?}", UnlockSecret::from_bytes([0xab; 32]));
        assert_eq!(shown, "UnlockSecret");
    }
}
