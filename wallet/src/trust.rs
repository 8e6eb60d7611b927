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
}

impl TrustError {
    /// The same for people, in both languages.
    #[must_use]
    pub(crate) fn text(&self) -> Text {
        let zh = match self {
            Self::Unreadable { path, source } => format!("信任根 {}：{source}", path.display()),
            Self::NotATrustRoot(path) => format!("{} 不是信任根文件", path.display()),
            Self::Invalid { path, source } => format!("信任根 {} 无效：{source}", path.display()),
        };
        Text::new(self.to_string(), zh)
    }

    /// What to do about it, in both languages.
    #[must_use]
    pub(crate) fn advice(&self) -> Text {
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
    let bytes =
        disk::read_bounded(path, FILE_BYTES_MAX).map_err(|source| TrustError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
    let envelope: TrustRootEnvelope = serde_json::from_slice(&bytes)
        .map_err(|_json| TrustError::NotATrustRoot(path.to_owned()))?;
    TrustRoot::open(&envelope).map_err(|source| TrustError::Invalid {
        path: path.to_owned(),
        source,
    })
}
