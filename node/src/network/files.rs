//! The files of a network in a data directory: reading them, and writing one durably.

use std::io::Write as _;
use std::path::Path;

use piao_chain::genesis::Genesis;
use piao_chain::proof::{TrustRoot, TrustRootBody, TrustRootEnvelope};

use super::ceremony::make_api_key;
use super::error::NetworkError;
use super::member::MemberList;
use super::role::{NodeRecord, Role};
use crate::keys::atomic_file::sync_directory_of;
use crate::keys::{Keyring, UnlockSecret};

/// File of genesis.
pub const GENESIS_FILE: &str = "genesis";
/// File of the members.
pub const MEMBERS_FILE: &str = "members.json";
/// File of the trust root.
pub const TRUST_ROOT_FILE: &str = "trust-root.json";
/// Mark of a node whose keys were made here and that has never started.
pub const FIRST_START_FILE: &str = "first-start";
/// File of the key that the API asks for.
pub(super) const API_KEY_FILE: &str = "api-key";
/// Folder of the keys.
const KEYS_DIR: &str = "keys";

/// What a node has on disk of its network.
#[derive(Debug)]
pub struct NetworkFiles {
    /// What the node is for.
    pub record: NodeRecord,
    /// Genesis.
    pub genesis: Genesis,
    /// Every key.
    pub keyring: Keyring,
    /// The members, if there are others.
    pub members: MemberList,
    /// What the API asks for.
    pub api_key: String,
    /// The trust root as JSON text.
    pub trust_root: String,
}

impl NetworkFiles {
    /// Reads everything from a data directory, opens every key, and checks that the parts belong
    /// together.
    ///
    /// # Errors
    /// [`NetworkError`]; see its variants.
    pub fn open(data: &Path, unlock_path: &Path) -> Result<Self, NetworkError> {
        let path = data.join(GENESIS_FILE);
        let bytes = match read(&path)? {
            Some(bytes) => bytes,
            None if exists(&data.join("blocks"))? => {
                return Err(NetworkError::GenesisMissing(path));
            }
            None => return Err(NetworkError::NoNode(data.to_owned())),
        };
        let unlock = UnlockSecret::read(unlock_path)?;
        let keyring = Keyring::open(&data.join(KEYS_DIR), &unlock)?;
        let record = NodeRecord::read(data)?;
        record.check_keys(&keyring)?;
        let genesis =
            Genesis::decode(&bytes).map_err(|source| NetworkError::Genesis { path, source })?;
        let members = data.join(MEMBERS_FILE);
        let members = match exists(&members)? {
            true => MemberList::read(&members)?,
            false => MemberList::default(),
        };
        make_api_key(data, None)?;
        // Alone an authority signs anew at every start: the body follows from genesis, so the
        // fingerprint stays.
        if record.has(Role::Authority) && genesis.threshold == 1 {
            let authority = keyring.load("authority")?;
            if !genesis.authority_keys.contains(&authority.public_key()) {
                let what = "it does not name this node's key of the authority";
                return Err(NetworkError::unreadable(&data.join(GENESIS_FILE), &what));
            }
            let envelope = TrustRootBody::of_genesis(&genesis).sign(&[&authority]);
            let text = serde_json::to_string_pretty(&envelope)?;
            write(&data.join(TRUST_ROOT_FILE), text.as_bytes(), 0o644)?;
        }
        let files = Self {
            api_key: read_text(&data.join(API_KEY_FILE))?.trim().to_owned(),
            trust_root: trust_root(data, &genesis)?,
            record,
            genesis,
            keyring,
            members,
        };
        files.check_validator(data)?;
        Ok(files)
    }

    /// A validator's key is one that the others know.
    fn check_validator(&self, data: &Path) -> Result<(), NetworkError> {
        if !self.record.has(Role::Validator) {
            return Ok(());
        }
        let me = self.keyring.load("validator")?.public_key().id();
        let in_genesis = self.genesis.validators.get(&me).is_some();
        if in_genesis || self.members.with_validator(&me).is_some() {
            return Ok(());
        }
        Err(NetworkError::UnknownValidator {
            key: me.to_string(),
            members: data.join(MEMBERS_FILE),
        })
    }
}

/// Refuses a trust root that is not signed or not of this network.
pub(super) fn check_trust_root(folder: &Path, genesis: &Genesis) -> Result<(), NetworkError> {
    trust_root(folder, genesis).map(drop)
}

/// The trust root's text, if it is one of this network.
fn trust_root(data: &Path, genesis: &Genesis) -> Result<String, NetworkError> {
    let path = data.join(TRUST_ROOT_FILE);
    let text = read_text(&path)?;
    let envelope: TrustRootEnvelope =
        serde_json::from_str(&text).map_err(|error| NetworkError::unreadable(&path, &error))?;
    let root = TrustRoot::open(&envelope).map_err(|source| NetworkError::TrustRoot {
        path: path.clone(),
        source,
    })?;
    if root.body().genesis.chain_id() == genesis.chain_id() {
        Ok(text)
    } else {
        Err(NetworkError::unreadable(&path, &"it is of another network"))
    }
}

pub(crate) fn exists(path: &Path) -> Result<bool, NetworkError> {
    path.try_exists()
        .map_err(|source| NetworkError::io(path, source))
}

/// The bytes of a small file; `None` when there is none.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, NetworkError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(NetworkError::io(path, source)),
    }
}

/// The bytes of a small file that must be there.
pub(crate) fn read_required(path: &Path) -> Result<Vec<u8>, NetworkError> {
    let missing = || NetworkError::io(path, std::io::ErrorKind::NotFound.into());
    read(path)?.ok_or_else(missing)
}

fn read_text(path: &Path) -> Result<String, NetworkError> {
    String::from_utf8(read_required(path)?).map_err(|error| NetworkError::unreadable(path, &error))
}

/// Writes a whole file durably: beside its place, synced, then moved there.
pub(crate) fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), NetworkError> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let beside = path.with_extension("new");
    let written = (|| {
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(mode)
            .open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        crash_point!("setup.file-synced");
        std::fs::rename(&beside, path)?;
        crash_point!("setup.file-moved");
        sync_directory_of(path)
    })();
    written.map_err(|source| NetworkError::io(path, source))
}
