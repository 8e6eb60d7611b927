//! The trust root: what a verifier has from a source it trusts.
//!
//! Guards: a trust root that was named and cannot be used is an error, never silently none, and
//! never fetched from the node whose proofs are to be judged.

use std::io;
use std::path::{Path, PathBuf};

use piao_chain::limits::TRUST_ROOT_BYTES_MAX;
use piao_chain::proof::{TrustRoot, TrustRootEnvelope, TrustRootError};

use crate::disk;
use crate::language::Text;

/// Bytes of a trust-root file: its body as hex, the signatures and the members around them.
const FILE_BYTES_MAX: usize = 2 * TRUST_ROOT_BYTES_MAX + 16 * 1024;

/// Why there is no trust root.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum TrustError {
    /// The file cannot be read.
    #[error("trust root {}: {source}", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Not the JSON of one.
    #[error("trust root {}: not a trust-root file", .0.display())]
    NotATrustRoot(PathBuf),
    /// Its content does not hold.
    #[error("trust root {}: {source}", .path.display())]
    Invalid {
        /// Which.
        path: PathBuf,
        /// Why.
        source: TrustRootError,
    },
    /// There is none.
    #[error("there is no trust root yet")]
    None,
    /// Too old to be accepted.
    #[error("the trust root is too old")]
    Stale,
    /// The first one, and nobody said its fingerprint.
    #[error("the first trust root is accepted by its fingerprint; this one has {0}")]
    NeedsFingerprint(String),
    /// Another fingerprint than was said.
    #[error("that is another trust root: its fingerprint is {0}")]
    OtherFingerprint(String),
    /// Neither named as successor nor signed by those in use.
    #[error("it does not follow from the trust root in use; its fingerprint is {0}")]
    NotFollowing(String),
}

impl TrustError {
    /// The same for people, in both languages.
    #[must_use]
    pub(crate) fn text(&self) -> Text {
        let zh = match self {
            Self::Unreadable { path, source } => format!("信任根 {}：{source}", path.display()),
            Self::NotATrustRoot(path) => format!("{} 不是信任根文件", path.display()),
            Self::Invalid { path, source } => format!("信任根 {} 无效：{source}", path.display()),
            Self::None => "还没有信任根".to_owned(),
            Self::Stale => "信任根已过期".to_owned(),
            Self::NeedsFingerprint(found) => {
                format!("首个信任根须按指纹采用；此文件的指纹为 {found}")
            }
            Self::OtherFingerprint(found) => format!("不是所说的信任根：其指纹为 {found}"),
            Self::NotFollowing(found) => format!("不能接替现用的信任根；其指纹为 {found}"),
        };
        Text::new(self.to_string(), zh)
    }

    /// What to do about it, in both languages.
    #[must_use]
    pub(crate) fn advice(&self) -> Text {
        if matches!(self, Self::NeedsFingerprint(_) | Self::NotFollowing(_)) {
            return Text::new(
                "compare the fingerprint with a source you trust, then add --fingerprint HEX",
                "请与可信来源核对指纹，然后加上 --fingerprint 指纹",
            );
        }
        Text::new(
            "get the trust root from a source you trust and give it with --trust FILE",
            "请从可信来源取得信任根，用 --trust 文件 给出",
        )
    }
}

/// Loads the trust root that was named, or the default one if there is a file.
///
/// # Errors
/// [`TrustError`]; see its variants.
pub(crate) fn load(
    named: Option<&Path>,
    default: Option<&Path>,
) -> Result<Option<TrustRoot>, TrustError> {
    let path = named.or_else(|| default.filter(|path| path.exists()));
    path.map(read).transpose()
}

fn read(path: &Path) -> Result<TrustRoot, TrustError> {
    let bytes = bytes(path).map_err(|source| TrustError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    open(path, &bytes).map(|(root, _envelope)| root)
}

/// The bytes of a trust-root file.
///
/// # Errors
/// What the system says.
pub(crate) fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    disk::read_bounded(path, FILE_BYTES_MAX)
}

/// Opens the bytes of a trust-root file; `path` is what an error calls it.
///
/// # Errors
/// [`TrustError::NotATrustRoot`], [`TrustError::Invalid`].
pub(crate) fn open(
    path: &Path,
    bytes: &[u8],
) -> Result<(TrustRoot, TrustRootEnvelope), TrustError> {
    let envelope: TrustRootEnvelope = serde_json::from_slice(bytes)
        .map_err(|_json| TrustError::NotATrustRoot(path.to_owned()))?;
    match TrustRoot::open(&envelope) {
        Ok(root) => Ok((root, envelope)),
        Err(source) => Err(TrustError::Invalid {
            path: path.to_owned(),
            source,
        }),
    }
}
