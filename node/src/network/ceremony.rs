//! How strangers' machines come to be one network: each makes its own keys and introduces itself,
//! one puts the introductions together, the authority signs, each takes the result over.
//!
//! Guards: no secret leaves the machine it was made on; nothing made is ever made again.

use std::path::{Path, PathBuf};

use piao_chain::codec;
use piao_chain::digest::{Hasher, Tag};
use piao_chain::genesis::{Genesis, GenesisParams, Network};
use piao_chain::limits::{BLOCK_BYTES_MAX, FAILURES_PER_ACCOUNT_PER_DAY};
use piao_chain::proof::{EnvelopeSignature, TrustRootBody, TrustRootEnvelope};
use piao_chain::signature::{PublicKey, SecretKey};
use piao_chain::state::Fees;
use piao_chain::tax::RuleSet;
use piao_chain::transaction::{SUITE, VERSION};
use piao_chain::validator::{Validator, ValidatorSet};

use super::error::NetworkError;
use super::files::{
    API_KEY_FILE, FIRST_START_FILE, GENESIS_FILE, MEMBERS_FILE, NetworkFiles, TRUST_ROOT_FILE,
    exists, read_required, write,
};
use super::member::{Member, MemberList, network_peer_id};
use super::role::{NodeRecord, Role};
use crate::clock::Clock;
use crate::keys::{Keyring, UnlockSecret};

/// File in which a node introduces itself.
pub const MEMBER_FILE: &str = "member.json";

/// What a new node is made of.
#[derive(Clone, Debug)]
pub struct Init {
    /// The data directory.
    pub data: PathBuf,
    /// The unlock secret's file.
    pub unlock_path: PathBuf,
    /// Name for people.
    pub moniker: String,
    /// What it is for.
    pub roles: Vec<Role>,
    /// Where its consensus is reached, a multiaddr.
    pub consensus: String,
    /// Where its gossip is reached, a multiaddr.
    pub gossip: String,
    /// Keys that follow from a number; for tests.
    pub seed: Option<u64>,
}

/// Makes the keys of a new node and its introduction; returns the introduction's file.
///
/// # Errors
/// [`NetworkError::NotEmpty`] when there is a node already, and what can't be written.
pub fn init(init: &Init) -> Result<PathBuf, NetworkError> {
    let data = &init.data;
    std::fs::create_dir_all(data).map_err(|source| NetworkError::io(data, source))?;
    let member_file = data.join(MEMBER_FILE);
    // The introduction is written last: without one, an init that was cut off is taken up again.
    if exists(&data.join(GENESIS_FILE))? || exists(&member_file)? {
        return Err(NetworkError::NotEmpty(data.clone()));
    }
    if !exists(&init.unlock_path)? {
        UnlockSecret::random()?.write_new(&init.unlock_path)?;
    }
    let keyring = Keyring::create(&data.join("keys"), &UnlockSecret::read(&init.unlock_path)?)?;
    let record = NodeRecord::new(&init.moniker, &init.roles);
    make_keys(&keyring, &record, init.seed)?;
    record.check_keys(&keyring)?;
    make_api_key(data, init.seed)?;
    record.write(data)?;
    // These keys have never signed. Whoever puts keys back from a copy has no such mark.
    write(&data.join(FIRST_START_FILE), b"", 0o644)?;
    let peer_id = network_peer_id(&*keyring.load_bytes("network")?);
    let mut member = Member::new(&init.moniker, &peer_id, &init.consensus, &init.gossip);
    if record.has(Role::Validator) {
        member = member.with_validator(&keyring.load("validator")?);
    }
    if record.has(Role::Authority) {
        member = member.with_authority(&keyring.load("authority")?, &keyring.load("log")?);
    }
    write_json(&member_file, &member)?;
    Member::read(&member_file)?;
    Ok(member_file)
}

/// What a network is made of.
#[derive(Clone, Debug)]
pub struct Create {
    /// Files of the introductions.
    pub members: Vec<PathBuf>,
    /// Where the network's files are written.
    pub out: PathBuf,
    /// Test or production.
    pub network: Network,
    /// Authority signatures needed.
    pub threshold: u8,
    /// Fees from the first block on.
    pub fees: Fees,
    /// Channel digit of invoice numbers, 0–9.
    pub channel: u8,
    /// Makes two networks of the same members different; random without it.
    pub seed: Option<u64>,
}

/// Puts introductions together: genesis, the list of members, and a trust root to be signed.
///
/// # Errors
/// [`NetworkError`]; nothing is written then.
pub fn create(create: &Create, clock: &Clock) -> Result<Genesis, NetworkError> {
    let members: Result<Vec<_>, _> = create
        .members
        .iter()
        .map(|file| Member::read(file))
        .collect();
    let members = MemberList::new(members?)?;
    let out = &create.out;
    std::fs::create_dir_all(out).map_err(|source| NetworkError::io(out, source))?;
    if exists(&out.join(GENESIS_FILE))? {
        return Err(NetworkError::NotEmpty(out.clone()));
    }
    let validators = members.members.iter().filter_map(Member::validator);
    let validators = validators.map(|public_key| Validator {
        public_key,
        power: 1,
    });
    let mut authority_keys: Vec<PublicKey> = members
        .members
        .iter()
        .filter_map(Member::authority)
        .collect();
    authority_keys.sort_by_key(PublicKey::id);
    let log_key = members.members.iter().find_map(Member::log);
    let log_key = log_key.ok_or_else(|| {
        NetworkError::Members("none holds a key of the authority (`piaod init --authority`)".into())
    })?;
    let genesis = Genesis {
        version: VERSION,
        suite: SUITE,
        network: create.network,
        time_ms: clock.now().ms(),
        channel: create.channel,
        threshold: create.threshold,
        authority_keys,
        log_key,
        validators: ValidatorSet::sorted(validators.collect())?,
        params: GenesisParams {
            block_bytes_max: u32::try_from(BLOCK_BYTES_MAX).unwrap_or(u32::MAX),
            fees: create.fees,
            failures_per_account_per_day: FAILURES_PER_ACCOUNT_PER_DAY,
            rule_set: RuleSet::CURRENT.id,
        },
        nonce: secret("nonce", create.seed)?,
    };
    genesis
        .check()
        .map_err(|error| NetworkError::Members(error.to_string()))?;
    write_json(&out.join(MEMBERS_FILE), &members)?;
    let unsigned = TrustRootBody::of_genesis(&genesis).sign(&[]);
    write_json(&out.join(TRUST_ROOT_FILE), &unsigned)?;
    write(&out.join(GENESIS_FILE), &codec::encode(&genesis), 0o644)?;
    Ok(genesis)
}

/// Adds members to a network's list, or puts new introductions in the place of old ones of the same
/// network key; how many there are then.
///
/// # Errors
/// [`NetworkError`]; the list is as it was then.
pub fn admit(network: &Path, members: &[PathBuf]) -> Result<usize, NetworkError> {
    let path = network.join(MEMBERS_FILE);
    let mut all = MemberList::read(&path)?.members;
    for file in members {
        let new = Member::read(file)?;
        match all.iter_mut().find(|known| known.peer_id == new.peer_id) {
            Some(known) => *known = new,
            None => all.push(new),
        }
    }
    let list = MemberList::new(all)?;
    write_json(&path, &list)?;
    Ok(list.members.len())
}

/// Adds the signature of the authority's key in a data directory to a network's trust root; how
/// many it has, and how many it needs.
///
/// # Errors
/// [`NetworkError::NotAuthority`] when the key is not one of genesis.
pub fn sign(data: &Path, unlock_path: &Path, network: &Path) -> Result<(usize, u8), NetworkError> {
    let keyring = Keyring::open(&data.join("keys"), &UnlockSecret::read(unlock_path)?)?;
    let authority = keyring.load("authority")?;
    let genesis = read_genesis(network)?;
    if !genesis.authority_keys.contains(&authority.public_key()) {
        let id = authority.public_key().id().to_string();
        return Err(NetworkError::NotAuthority(id));
    }
    let path = network.join(TRUST_ROOT_FILE);
    let mut envelope: TrustRootEnvelope = serde_json::from_slice(&read_required(&path)?)
        .map_err(|error| NetworkError::unreadable(&path, &error))?;
    let signed = TrustRootBody::of_genesis(&genesis).sign(&[&authority]);
    if envelope.body != signed.body {
        return Err(NetworkError::unreadable(&path, &"it is of another network"));
    }
    add(&mut envelope.signatures, signed.signatures);
    write_json(&path, &envelope)?;
    Ok((envelope.signatures.len(), genesis.threshold))
}

/// Adds signatures, one a key, ascending by key.
fn add(signatures: &mut Vec<EnvelopeSignature>, more: Vec<EnvelopeSignature>) {
    signatures.retain(|known| more.iter().all(|new| new.key_id != known.key_id));
    signatures.extend(more);
    signatures.sort_by(|a, b| a.key_id.cmp(&b.key_id));
}

/// Takes a network over into a node's data directory.
///
/// # Errors
/// [`NetworkError`]: no node there, one of another network, a trust root that is not signed, a
/// validator key that the members don't know.
pub fn join(data: &Path, unlock_path: &Path, network: &Path) -> Result<NetworkFiles, NetworkError> {
    if !exists(&data.join(MEMBER_FILE))? {
        return Err(NetworkError::NoNode(data.to_owned()));
    }
    let genesis = read_genesis(network)?;
    if exists(&data.join(GENESIS_FILE))? {
        let ours = read_genesis(data)?.chain_id();
        if ours != genesis.chain_id() {
            return Err(NetworkError::OtherNetwork {
                data: data.to_owned(),
                ours: ours.to_string(),
                theirs: genesis.chain_id().to_string(),
            });
        }
    }
    // Everything is checked where it lies before the first byte is copied.
    MemberList::read(&network.join(MEMBERS_FILE))?;
    super::files::check_trust_root(network, &genesis)?;
    for name in [MEMBERS_FILE, TRUST_ROOT_FILE, GENESIS_FILE] {
        write(
            &data.join(name),
            &read_required(&network.join(name))?,
            0o644,
        )?;
    }
    NetworkFiles::open(data, unlock_path)
}

pub(crate) fn read_genesis(folder: &Path) -> Result<Genesis, NetworkError> {
    let path = folder.join(GENESIS_FILE);
    let bytes = read_required(&path)?;
    Genesis::decode(&bytes).map_err(|source| NetworkError::Genesis { path, source })
}

/// Makes every key of a record that is not there yet: an init that was cut off is taken up where
/// it ended.
pub(crate) fn make_keys(
    keyring: &Keyring,
    record: &NodeRecord,
    seed: Option<u64>,
) -> Result<(), NetworkError> {
    let later = record.later_keys();
    for name in record.signing_keys().into_iter().chain(later) {
        if !keyring.contains(name)? {
            keyring.store(name, &SecretKey::from_seed(&secret(name, seed)?))?;
        }
    }
    for name in record.secrets() {
        if !keyring.contains(name)? {
            keyring.store_bytes(name, &secret(name, seed)?)?;
        }
    }
    Ok(())
}

/// Makes the key that the API asks for, once.
pub(crate) fn make_api_key(data: &Path, seed: Option<u64>) -> Result<(), NetworkError> {
    let path = data.join(API_KEY_FILE);
    if exists(&path)? {
        return Ok(());
    }
    write(
        &path,
        hex::encode(secret("api-key", seed)?).as_bytes(),
        0o600,
    )
}

/// 32 bytes: random, or following from the seed and a name.
pub(crate) fn secret(name: &str, seed: Option<u64>) -> Result<[u8; 32], NetworkError> {
    let mut bytes = [0; 32];
    match seed {
        Some(seed) => {
            let hasher = Hasher::new(Tag::Dev).with(&seed.to_be_bytes());
            bytes = hasher.with_prefixed(name.as_bytes()).finish();
        }
        None => getrandom::fill(&mut bytes).map_err(NetworkError::Randomness)?,
    }
    Ok(bytes)
}

fn write_json<T: serde::Serialize>(path: &Path, value: &T) -> Result<(), NetworkError> {
    write(path, serde_json::to_string_pretty(value)?.as_bytes(), 0o644)
}
