//! Why a merchant's file is not taken. Each text is one line for the operator.

use std::path::PathBuf;

use crate::keys::KeyringError;
use crate::network::NetworkError;

/// Why a merchant can't apply or be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MerchantError {
    /// The network's files.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// Keys.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// A field is not what it should be.
    #[error("{path}: {what}", path = path.display())]
    Field {
        /// The file, or what stands for it.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// There is an application for this tax id.
    #[error("{} is there already: give it to the authority", .0.display())]
    Exists(PathBuf),
    /// Nobody applied with this tax id here.
    #[error("no merchant applied here with tax id {0}: run `piaod merchant init` first")]
    NotApplied(String),
    /// The authority has not vouched for it.
    #[error("{}: the authority has not vouched for it yet", .0.display())]
    NotVouched(PathBuf),
    /// Its signature is of nobody who may vouch.
    #[error("{}: the signature is not of this network's authority", .0.display())]
    NotOfAuthority(PathBuf),
}
