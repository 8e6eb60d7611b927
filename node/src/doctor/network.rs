//! Unlock secret, keys, genesis, trust root.

use std::path::{Path, PathBuf};

use piao_chain::genesis::Genesis;
use piao_chain::proof::{TrustRoot, TrustRootEnvelope};
use piao_chain::signature::{KeyId, SecretKey};
use zeroize::Zeroizing;

use super::finding::{Finding, Severity, WayOut};
use super::language::Text;
use crate::config::Settings;
use crate::keys::{KeyFileError, Keyring, KeyringError, UnlockError, UnlockSecret};
use crate::merchants::key_names;
use crate::network::{MEMBERS_FILE, MemberList, NodeRecord, RECORD_FILE};

/// What the rest of the examination rests on.
#[derive(Default)]
pub(super) struct Network {
    pub(super) genesis: Option<Genesis>,
    /// The key this node votes with.
    pub(super) me: Option<KeyId>,
    /// What the desk's documents are sealed with.
    pub(super) master: Option<Zeroizing<[u8; 32]>>,
}

pub(super) fn examine(settings: &Settings, findings: &mut Vec<Finding>) -> Network {
    let mut network = Network {
        genesis: genesis(&settings.data.join("genesis"), findings),
        ..Network::default()
    };
    let record = record(settings, findings);
    if let (Some(keyring), Some(record)) = (keyring(settings, findings), record) {
        keys(settings, (&keyring, &record), &mut network, findings);
    }
    if let Some(genesis) = &network.genesis {
        trust_root(&settings.data.join("trust-root.json"), genesis, findings);
        if network
            .me
            .is_some_and(|me| genesis.validators.get(&me).is_none() && !is_member(settings, &me))
        {
            let what = Text::new(
                "the validator key is neither one of genesis nor a member's: this node does not vote",
                "验证者密钥既不在创世文件中，也不属于任何成员：本节点不参与投票",
            );
            let file = settings.data.join("keys").join("validator.key");
            let finding = Finding::new(Severity::Damage, "keys", what).file(&file);
            findings.push(finding.way(WayOut::PutBack(vec![file])));
        }
    }
    network
}

/// Whether the list of members names a validator key: it may have got its vote later.
fn is_member(settings: &Settings, me: &KeyId) -> bool {
    let members = MemberList::read(&settings.data.join(MEMBERS_FILE));
    members.is_ok_and(|list| list.with_validator(me).is_some())
}

fn genesis(path: &Path, findings: &mut Vec<Finding>) -> Option<Genesis> {
    let what = match std::fs::read(path) {
        Ok(bytes) => match Genesis::decode(&bytes) {
            Ok(genesis) => return Some(genesis),
            Err(error) => Text::new(
                format!("it is damaged: {error}"),
                format!("已损坏：{error}"),
            ),
        },
        Err(error) => Text::new(
            format!("it can't be read: {error}"),
            format!("无法读取：{error}"),
        ),
    };
    let finding = Finding::new(Severity::Damage, "genesis", what).file(path);
    findings.push(finding.way(WayOut::PutBack(vec![path.to_owned()])));
    None
}

fn record(settings: &Settings, findings: &mut Vec<Finding>) -> Option<NodeRecord> {
    match NodeRecord::read(&settings.data) {
        Ok(record) => Some(record),
        Err(error) => {
            let path = settings.data.join(RECORD_FILE);
            let what = Text::new(error.to_string(), format!("无法读取：{error}"));
            let finding = Finding::new(Severity::Damage, "node", what).file(&path);
            findings.push(finding.way(WayOut::PutBack(vec![path])));
            None
        }
    }
}

fn keyring(settings: &Settings, findings: &mut Vec<Finding>) -> Option<Keyring> {
    let path = settings.unlock_path();
    let finding = |what| Finding::new(Severity::Damage, "keys", what).file(&path);
    let put_back = || WayOut::PutBack(vec![path.clone()]);
    match UnlockSecret::read(&path) {
        Ok(unlock) => match Keyring::open(&settings.data.join("keys"), &unlock) {
            Ok(keyring) => return Some(keyring),
            Err(error) => {
                let keys = settings.data.join("keys");
                let what = Text::new(
                    format!("the keys can't be read: {error}"),
                    format!("无法读取密钥：{error}"),
                );
                findings.push(
                    Finding::new(Severity::Damage, "keys", what)
                        .file(&keys)
                        .way(WayOut::PutBack(vec![keys.clone()])),
                );
            }
        },
        Err(UnlockError::Exposed { mode, .. }) => {
            let what = Text::new(
                format!("it can be read by others (mode {mode:04o})"),
                format!("其他用户可读（权限 {mode:04o}）"),
            );
            findings.push(finding(what).way(WayOut::Chmod(path.clone())));
        }
        Err(error) => {
            let what = Text::new(
                format!("the unlock secret can't be used: {error}"),
                format!("解锁密钥不可用：{error}"),
            );
            findings.push(finding(what).way(put_back()).way(WayOut::Unlock));
        }
    }
    None
}

/// A key that does not open.
struct Closed {
    name: String,
    error: KeyringError,
}

impl Closed {
    fn of(name: &str, error: KeyringError) -> Self {
        Self {
            name: name.to_owned(),
            error,
        }
    }
}

/// Opens every key of the merchants who applied here; how many open.
fn merchants(data: &Path, keyring: &Keyring, closed: &mut Vec<Closed>) -> usize {
    // A folder that can't be read is said by a start.
    let Ok((keys, secrets)) = key_names(data) else {
        return 0;
    };
    let mut opened = 0usize;
    let of_keys = keys.into_iter().map(|name| {
        let error = keyring.load(&name).err();
        (name, error)
    });
    let of_secrets = secrets.into_iter().map(|name| {
        let error = keyring.load_bytes(&name).err();
        (name, error)
    });
    for (name, error) in of_keys.chain(of_secrets) {
        match error {
            None => opened = opened.saturating_add(1),
            Some(error) => closed.push(Closed { name, error }),
        }
    }
    opened
}

fn keys(
    settings: &Settings,
    (keyring, record): (&Keyring, &NodeRecord),
    network: &mut Network,
    findings: &mut Vec<Finding>,
) {
    let mut closed = Vec::new();
    let mut opened = 0usize;
    for name in record.signing_keys() {
        match keyring.load(name) {
            Ok(key) => {
                opened += 1;
                note_validator(name, &key, network);
            }
            Err(error) => closed.push(Closed::of(name, error)),
        }
    }
    for name in record.later_keys() {
        match keyring.load(name) {
            // One that is not there is made at the next start.
            Ok(_) | Err(KeyringError::NotFound { .. }) => {}
            Err(error) => closed.push(Closed::of(name, error)),
        }
    }
    for name in record.secrets() {
        match keyring.load_bytes(name) {
            Ok(secret) => {
                opened += 1;
                if name == "desk-master" {
                    network.master = Some(secret);
                }
            }
            Err(error) => closed.push(Closed::of(name, error)),
        }
    }
    opened += merchants(&settings.data, keyring, &mut closed);
    let is_sealed = |closed: &Closed| {
        matches!(
            closed.error,
            KeyringError::Unusable {
                source: KeyFileError::Sealed,
                ..
            }
        )
    };
    if opened == 0 && closed.iter().all(is_sealed) {
        let path = settings.unlock_path();
        let what = Text::new(
            "no key opens with this secret: it is another one, or was changed",
            "此密钥打不开任何密钥文件：它不是原来的，或已被改动",
        );
        let finding = Finding::new(Severity::Damage, "keys", what).file(&path);
        findings.push(
            finding
                .way(WayOut::PutBack(vec![path.clone()]))
                .way(WayOut::Unlock),
        );
        return;
    }
    let dir = settings.data.join("keys");
    findings.extend(closed.into_iter().map(|closed| of_key(&dir, closed)));
}

fn note_validator(name: &str, key: &SecretKey, network: &mut Network) {
    if name == "validator" {
        network.me = Some(key.public_key().id());
    }
}

fn of_key(dir: &Path, closed: Closed) -> Finding {
    let file: PathBuf = dir.join(format!("{}.key", closed.name));
    let (what, way) = match closed.error {
        KeyringError::Exposed { mode, .. } => (
            Text::new(
                format!("it can be read by others (mode {mode:04o})"),
                format!("其他用户可读（权限 {mode:04o}）"),
            ),
            WayOut::Chmod(file.clone()),
        ),
        KeyringError::NotFound { .. } => (
            Text::new("the key is missing", "密钥缺失"),
            WayOut::PutBack(vec![file.clone()]),
        ),
        KeyringError::Unusable { source, .. } => (
            Text::new(
                format!("the key does not open: {source}"),
                format!("密钥打不开：{source}"),
            ),
            WayOut::PutBack(vec![file.clone()]),
        ),
        error => (
            Text::new(
                format!("the key can't be read: {error}"),
                format!("无法读取密钥：{error}"),
            ),
            WayOut::PutBack(vec![file.clone()]),
        ),
    };
    Finding::new(Severity::Damage, "keys", what)
        .file(&file)
        .way(way)
}

/// It is written anew at every start, but somebody may hand it out meanwhile.
fn trust_root(path: &Path, genesis: &Genesis, findings: &mut Vec<Finding>) {
    let read = std::fs::read(path).ok();
    let holds = read.is_some_and(|bytes| {
        let envelope: Option<TrustRootEnvelope> = serde_json::from_slice(&bytes).ok();
        let root = envelope.and_then(|envelope| TrustRoot::open(&envelope).ok());
        root.is_some_and(|root| *root.chain_id() == genesis.chain_id())
    });
    if !holds {
        let what = Text::new(
            "it is not the trust root of this network",
            "它不是本网络的信任根",
        );
        let finding = Finding::new(Severity::Warning, "genesis", what).file(path);
        findings.push(finding.way(WayOut::Start));
    }
}
