//! What a node is for, and the keys it therefore must have.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::NetworkError;
use super::files::{read, write};
use crate::dev::people;
use crate::keys::Keyring;

/// File of a node's own record, in its data directory.
pub(crate) const RECORD_FILE: &str = "node.json";
/// Version of that file.
const RECORD_VERSION: u32 = 1;

/// Secrets of every node: who it is to its peers, and what its documents are sealed with.
const SECRETS_OF_ALL: [&str; 2] = ["network", "desk-master"];

/// What a node is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Votes at heights whose set has its key.
    Validator,
    /// Holds a key of the authority and the log key.
    Authority,
    /// Issues for the sample merchants, on test networks.
    SampleMerchants,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Validator, Self::Authority, Self::SampleMerchants];

    fn signing_keys(self) -> Vec<&'static str> {
        match self {
            Self::Validator => vec!["validator"],
            Self::Authority => vec!["authority", "log"],
            Self::SampleMerchants => people().map(|person| person.key_name).to_vec(),
        }
    }

    /// Signing keys that may be made later: networks of earlier versions have none, and who lost
    /// one binds another.
    fn later_keys(self) -> Vec<&'static str> {
        match self {
            Self::Validator | Self::Authority => Vec::new(),
            Self::SampleMerchants => people().map(|person| person.admin_name).to_vec(),
        }
    }

    fn secrets(self) -> Vec<&'static str> {
        match self {
            Self::Validator | Self::Authority => Vec::new(),
            Self::SampleMerchants => people().map(|person| person.secret_name).to_vec(),
        }
    }
}

/// What a node knows of itself. A data directory without one is a development network's, whose
/// node has every role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeRecord {
    /// Version of the file.
    pub version: u32,
    /// Name for people, in logs and lists.
    pub moniker: String,
    /// What it is for.
    pub roles: Vec<Role>,
}

impl NodeRecord {
    /// A record of this version.
    #[must_use]
    pub fn new(moniker: &str, roles: &[Role]) -> Self {
        Self {
            version: RECORD_VERSION,
            moniker: moniker.to_owned(),
            roles: roles.to_vec(),
        }
    }

    /// The record in a data directory.
    ///
    /// # Errors
    /// [`NetworkError::Io`], [`NetworkError::Unreadable`].
    pub fn read(data: &Path) -> Result<Self, NetworkError> {
        let path = data.join(RECORD_FILE);
        let Some(bytes) = read(&path)? else {
            return Ok(Self::new("dev", &Role::ALL));
        };
        let record: Self = serde_json::from_slice(&bytes)
            .map_err(|error| NetworkError::unreadable(&path, &error))?;
        if record.version != RECORD_VERSION {
            let what = format!("version {} is not known", record.version);
            return Err(NetworkError::unreadable(&path, &what));
        }
        Ok(record)
    }

    /// Writes the record durably.
    ///
    /// # Errors
    /// [`NetworkError::Io`], [`NetworkError::Json`].
    pub fn write(&self, data: &Path) -> Result<(), NetworkError> {
        let text = serde_json::to_string_pretty(self)?;
        write(&data.join(RECORD_FILE), text.as_bytes(), 0o644)
    }

    /// Whether the node has a role.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Names of the signing keys the node must have.
    #[must_use]
    pub fn signing_keys(&self) -> Vec<&'static str> {
        let all = self.roles.iter();
        all.flat_map(|role| role.signing_keys()).collect()
    }

    /// Names of the signing keys that are made when they are not there.
    #[must_use]
    pub fn later_keys(&self) -> Vec<&'static str> {
        let all = self.roles.iter();
        all.flat_map(|role| role.later_keys()).collect()
    }

    /// Names of its other secrets.
    #[must_use]
    pub fn secrets(&self) -> Vec<&'static str> {
        let of_roles = self.roles.iter().flat_map(|role| role.secrets());
        SECRETS_OF_ALL.into_iter().chain(of_roles).collect()
    }

    /// Opens every key: one that is damaged is refused now, not when it is needed.
    ///
    /// # Errors
    /// [`NetworkError::Keyring`].
    pub fn check_keys(&self, keyring: &Keyring) -> Result<(), NetworkError> {
        for name in self.signing_keys() {
            keyring.load(name)?;
        }
        for name in self.secrets() {
            keyring.load_bytes(name)?;
        }
        Ok(())
    }
}
