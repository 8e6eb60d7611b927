//! The files of a development network: made on first start, read back ever after.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use piao_chain::codec;
use piao_chain::digest::{Hasher, Tag};
use piao_chain::genesis::{Genesis, GenesisError, GenesisParams, Network};
use piao_chain::limits::{BLOCK_BYTES_MAX, FAILURES_PER_ACCOUNT_PER_DAY};
use piao_chain::proof::TrustRootBody;
use piao_chain::signature::SecretKey;
use piao_chain::state::Fees;
use piao_chain::tax::RuleSet;
use piao_chain::transaction::{SUITE, VERSION};
use piao_chain::validator::{Validator, ValidatorSet, ValidatorSetError};

use super::people::people;
use crate::clock::Clock;
use crate::keys::{Keyring, KeyringError, UnlockError, UnlockSecret};

/// Fee for an issued invoice, in fen.
const ISSUE_FEE_FEN: u32 = 10;
/// Fee for a recorded failure, in fen.
const FAILURE_FEE_FEN: u32 = 0;
/// Channel digit of invoice numbers.
const CHANNEL: u8 = 7;

/// Names of the keys that are not a person's.
const NODE_KEYS: [&str; 3] = ["authority", "log", "validator"];
/// Names of the secrets that are not a person's.
const NODE_SECRETS: [&str; 2] = ["network", "desk-master"];

/// A development network on disk.
#[derive(Debug)]
pub struct DevNetwork {
    /// Genesis.
    pub genesis: Genesis,
    /// Every key.
    pub keyring: Keyring,
    /// What the API asks for.
    pub api_key: String,
    /// The trust root as JSON text, signed at this start.
    pub trust_root: String,
}

/// Why a development network can't be made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DevError {
    /// Keys.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The unlock secret.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// Genesis is gone, and blocks that follow from it are here.
    #[error(
        "{path} is missing, but there are blocks that follow from it: put back a copy of it",
        path = .0.display()
    )]
    GenesisMissing(PathBuf),
    /// Genesis does not decode.
    #[error("{path}: {source}; put back a copy of it", path = path.display())]
    Genesis {
        /// The file.
        path: PathBuf,
        /// Why.
        source: GenesisError,
    },
    /// A file can't be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Its own validators are no set.
    #[error(transparent)]
    Validators(#[from] ValidatorSetError),
    /// The system has no randomness to give.
    #[error("the system gives no randomness: {0}")]
    Randomness(getrandom::Error),
    /// JSON could not be written.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// Reads a development network from a data directory, or makes it there.
///
/// # Errors
/// [`DevError`]; see its variants.
pub fn prepare(
    data: &Path,
    unlock_path: &Path,
    seed: Option<u64>,
    clock: &Clock,
) -> Result<DevNetwork, DevError> {
    std::fs::create_dir_all(data).map_err(|source| io(data, source))?;
    let is_made = exists(&data.join("genesis"))?;
    if !is_made && exists(&data.join("blocks"))? {
        return Err(DevError::GenesisMissing(data.join("genesis")));
    }
    // Genesis is written last. Once it is there nothing secret is made again: a new key in place of
    // a lost one would sign what nobody accepts.
    if !is_made && !exists(unlock_path)? {
        UnlockSecret::random()?.write_new(unlock_path)?;
    }
    let unlock = UnlockSecret::read(unlock_path)?;
    let keyring = if is_made {
        Keyring::open(&data.join("keys"), &unlock)?
    } else {
        let keyring = Keyring::create(&data.join("keys"), &unlock)?;
        make_keys(&keyring, seed)?;
        keyring
    };
    check_keys(&keyring)?;
    let genesis = genesis(data, &keyring, seed, clock)?;
    let api_key = api_key(data, seed)?;
    let trust_root = trust_root(data, &genesis, &keyring)?;
    Ok(DevNetwork {
        genesis,
        keyring,
        api_key,
        trust_root,
    })
}

fn exists(path: &Path) -> Result<bool, DevError> {
    path.try_exists().map_err(|source| io(path, source))
}

/// Names of the signing keys of a node.
pub(crate) fn signing_keys() -> impl Iterator<Item = &'static str> {
    let everybody = people().map(|person| person.key_name);
    NODE_KEYS.into_iter().chain(everybody)
}

/// Names of its other secrets.
pub(crate) fn secrets() -> impl Iterator<Item = &'static str> {
    let everybody = people().map(|person| person.secret_name);
    NODE_SECRETS.into_iter().chain(everybody)
}

/// Opens every key: one that is damaged is refused now, not when it is needed.
fn check_keys(keyring: &Keyring) -> Result<(), DevError> {
    for name in signing_keys() {
        keyring.load(name)?;
    }
    for name in secrets() {
        keyring.load_bytes(name)?;
    }
    Ok(())
}

/// Makes every key that is not there yet: a start that was cut off is taken up where it ended.
fn make_keys(keyring: &Keyring, seed: Option<u64>) -> Result<(), DevError> {
    for name in signing_keys() {
        if !keyring.contains(name)? {
            keyring.store(name, &SecretKey::from_seed(&secret(name, seed)?))?;
        }
    }
    for name in secrets() {
        if !keyring.contains(name)? {
            keyring.store_bytes(name, &secret(name, seed)?)?;
        }
    }
    Ok(())
}

/// 32 bytes: random, or following from the seed and a name.
fn secret(name: &str, seed: Option<u64>) -> Result<[u8; 32], DevError> {
    let mut bytes = [0; 32];
    match seed {
        Some(seed) => {
            let hasher = Hasher::new(Tag::Dev).with(&seed.to_be_bytes());
            bytes = hasher.with_prefixed(name.as_bytes()).finish();
        }
        None => getrandom::fill(&mut bytes).map_err(DevError::Randomness)?,
    }
    Ok(bytes)
}

fn genesis(
    data: &Path,
    keyring: &Keyring,
    seed: Option<u64>,
    clock: &Clock,
) -> Result<Genesis, DevError> {
    let path = data.join("genesis");
    match std::fs::read(&path) {
        Ok(bytes) => Genesis::decode(&bytes).map_err(|source| DevError::Genesis { path, source }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let validator = Validator {
                public_key: keyring.load("validator")?.public_key(),
                power: 1,
            };
            let genesis = Genesis {
                version: VERSION,
                suite: SUITE,
                network: Network::Test,
                time_ms: clock.now().ms(),
                channel: CHANNEL,
                threshold: 1,
                authority_keys: vec![keyring.load("authority")?.public_key()],
                log_key: keyring.load("log")?.public_key(),
                validators: ValidatorSet::sorted(vec![validator])?,
                params: GenesisParams {
                    block_bytes_max: u32::try_from(BLOCK_BYTES_MAX).unwrap_or(u32::MAX),
                    fees: Fees {
                        issue_fen: ISSUE_FEE_FEN,
                        failure_fen: FAILURE_FEE_FEN,
                    },
                    failures_per_account_per_day: FAILURES_PER_ACCOUNT_PER_DAY,
                    rule_set: RuleSet::CURRENT.id,
                },
                nonce: secret("nonce", seed)?,
            };
            write(&path, &codec::encode(&genesis), 0o644)?;
            Ok(genesis)
        }
        Err(source) => Err(io(&path, source)),
    }
}

fn api_key(data: &Path, seed: Option<u64>) -> Result<String, DevError> {
    let path = data.join("api-key");
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text.trim().to_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = hex::encode(secret("api-key", seed)?);
            write(&path, key.as_bytes(), 0o600)?;
            Ok(key)
        }
        Err(source) => Err(io(&path, source)),
    }
}

/// Signed anew at every start; the body follows from genesis alone, so its fingerprint stays.
fn trust_root(data: &Path, genesis: &Genesis, keyring: &Keyring) -> Result<String, DevError> {
    let authority = keyring.load("authority")?;
    let envelope = TrustRootBody::of_genesis(genesis).sign(&[&authority]);
    let text = serde_json::to_string_pretty(&envelope)?;
    write(&data.join("trust-root.json"), text.as_bytes(), 0o644)?;
    Ok(text)
}

/// Writes a whole file durably: beside its place, synced, then moved there.
fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), DevError> {
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
        match path.parent() {
            Some(folder) => std::fs::File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    })();
    written.map_err(|source| io(path, source))
}

fn io(path: &Path, source: std::io::Error) -> DevError {
    DevError::Io {
        path: path.to_owned(),
        source,
    }
}
