//! A member of the network as it introduces itself to the others: public keys and addresses.

use std::path::Path;

use libp2p::PeerId;
use libp2p::identity::Keypair;
use piao_chain::digest::ChainId;
use piao_chain::signature::{KeyId, PublicKey, Purpose, SecretKey, Signature};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::error::NetworkError;
use super::files::read_required;

/// Version of the file.
const MEMBER_VERSION: u32 = 1;
/// Members of a network, at most: as many as validators and merchants' nodes may stand in one list.
pub(crate) const MEMBERS_MAX: usize = 1024;
/// Characters of a name.
const MONIKER_CHARS_MAX: usize = 64;

/// What an operator gives the others: `member.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Version of the file.
    pub version: u32,
    /// Name for people.
    pub moniker: String,
    /// Who it is to its peers: follows from its network key.
    pub peer_id: String,
    /// Where its consensus listens, a multiaddr without peer id.
    pub consensus: String,
    /// Where its transaction gossip listens, a multiaddr without peer id.
    pub gossip: String,
    /// The key it votes with, hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validator_key: Option<String>,
    /// Its signature that it holds that key, hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validator_proof: Option<String>,
    /// A key of the authority, hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority_key: Option<String>,
    /// The key for checkpoint notes, hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_key: Option<String>,
}

/// The chain id that keys are proven under before there is a chain.
const NO_CHAIN: ChainId = ChainId([0; 32]);

impl Member {
    /// An introduction without keys.
    pub(super) fn new(moniker: &str, peer_id: &PeerId, consensus: &str, gossip: &str) -> Self {
        Self {
            version: MEMBER_VERSION,
            moniker: moniker.to_owned(),
            peer_id: peer_id.to_string(),
            consensus: consensus.to_owned(),
            gossip: gossip.to_owned(),
            validator_key: None,
            validator_proof: None,
            authority_key: None,
            log_key: None,
        }
    }

    /// Adds the key it votes with, and that it holds it.
    pub(super) fn with_validator(mut self, key: &SecretKey) -> Self {
        self.validator_key = Some(hex::encode(key.public_key().as_bytes()));
        self.validator_proof = Some(hex::encode(key.prove_possession(&NO_CHAIN).0));
        self
    }

    /// Adds the keys of an authority.
    pub(super) fn with_authority(mut self, authority: &SecretKey, log: &SecretKey) -> Self {
        self.authority_key = Some(hex::encode(authority.public_key().as_bytes()));
        self.log_key = Some(hex::encode(log.public_key().as_bytes()));
        self
    }

    /// Reads one and checks what can be checked alone.
    ///
    /// # Errors
    /// [`NetworkError::Unreadable`], [`NetworkError::NotHolder`], [`NetworkError::Io`].
    pub fn read(path: &Path) -> Result<Self, NetworkError> {
        let bytes = read_required(path)?;
        let member: Self = serde_json::from_slice(&bytes)
            .map_err(|error| NetworkError::unreadable(path, &error))?;
        member
            .check()
            .map_err(|what| NetworkError::unreadable(path, &what))?;
        member.check_possession()?;
        Ok(member)
    }

    /// Every field is what it should be.
    fn check(&self) -> Result<(), String> {
        if self.version != MEMBER_VERSION {
            return Err(format!("version {} is not known", self.version));
        }
        let chars = self.moniker.chars().count();
        let plain = self.moniker.chars().all(|one| !one.is_control());
        if chars == 0 || chars > MONIKER_CHARS_MAX || !plain {
            return Err(format!("a moniker has 1 to {MONIKER_CHARS_MAX} characters"));
        }
        self.peer().ok_or("peer_id is none")?;
        for (name, address) in [("consensus", &self.consensus), ("gossip", &self.gossip)] {
            if !is_tcp_address(address) {
                return Err(format!(
                    "{name} is not /ip4/ADDRESS/tcp/PORT or /ip6/…: {address}"
                ));
            }
        }
        for (name, key) in [
            ("validator_key", &self.validator_key),
            ("authority_key", &self.authority_key),
            ("log_key", &self.log_key),
        ] {
            if let Some(text) = key {
                public_key(text).ok_or_else(|| format!("{name} is no public key"))?;
            }
        }
        Ok(())
    }

    fn check_possession(&self) -> Result<(), NetworkError> {
        let Some(key) = self.validator() else {
            return Ok(());
        };
        let proof = self.validator_proof.as_deref().and_then(signature);
        let holds = proof.is_some_and(|proof| {
            key.verify(Purpose::KeyPossession, &NO_CHAIN, key.as_bytes(), &proof)
        });
        if holds {
            Ok(())
        } else {
            Err(NetworkError::NotHolder(self.moniker.clone()))
        }
    }

    /// The key it votes with.
    #[must_use]
    pub fn validator(&self) -> Option<PublicKey> {
        self.validator_key.as_deref().and_then(public_key)
    }

    /// The key of the authority it holds.
    #[must_use]
    pub fn authority(&self) -> Option<PublicKey> {
        self.authority_key.as_deref().and_then(public_key)
    }

    /// The log key it holds.
    #[must_use]
    pub fn log(&self) -> Option<PublicKey> {
        self.log_key.as_deref().and_then(public_key)
    }

    /// Who it is to its peers.
    #[must_use]
    pub fn peer(&self) -> Option<PeerId> {
        self.peer_id.parse().ok()
    }
}

/// The members of a network: `members.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberList {
    /// Everybody, in the order they were named.
    pub members: Vec<Member>,
}

impl MemberList {
    /// Makes a list and checks that its members differ.
    ///
    /// # Errors
    /// [`NetworkError::Members`].
    pub fn new(members: Vec<Member>) -> Result<Self, NetworkError> {
        let list = Self { members };
        list.check().map_err(NetworkError::Members)?;
        Ok(list)
    }

    /// Reads a list.
    ///
    /// # Errors
    /// [`NetworkError::Unreadable`], [`NetworkError::Io`].
    pub fn read(path: &Path) -> Result<Self, NetworkError> {
        let bytes = read_required(path)?;
        let list: Self = serde_json::from_slice(&bytes)
            .map_err(|error| NetworkError::unreadable(path, &error))?;
        let check = list.members.iter().try_for_each(Member::check);
        check
            .and_then(|()| list.check())
            .map_err(|what| NetworkError::unreadable(path, &what))?;
        Ok(list)
    }

    fn check(&self) -> Result<(), String> {
        if self.members.len() > MEMBERS_MAX {
            return Err(format!("at most {MEMBERS_MAX} members"));
        }
        let mut seen = std::collections::BTreeSet::new();
        for member in &self.members {
            let keys = [
                Some(format!("peer id {}", member.peer_id)),
                member
                    .validator()
                    .map(|key| format!("validator key {}", key.id())),
            ];
            for key in keys.into_iter().flatten() {
                if !seen.insert(key.clone()) {
                    return Err(format!("{key} is named twice"));
                }
            }
        }
        Ok(())
    }

    /// Who votes with a key.
    #[must_use]
    pub fn with_validator(&self, id: &KeyId) -> Option<&Member> {
        let mut members = self.members.iter();
        members.find(|member| member.validator().is_some_and(|key| key.id() == *id))
    }

    /// Who a peer is.
    #[must_use]
    pub fn with_peer(&self, peer: &PeerId) -> Option<&Member> {
        let mut members = self.members.iter();
        members.find(|member| member.peer().as_ref() == Some(peer))
    }
}

/// The peer id that follows from the seed of a network key.
///
/// # Panics
/// Never: any 32 bytes are the seed of a key.
#[must_use]
pub fn network_peer_id(seed: &[u8; 32]) -> PeerId {
    network_keypair(seed).public().to_peer_id()
}

/// The key pair that follows from the seed of a network key.
pub(crate) fn network_keypair(seed: &[u8; 32]) -> Keypair {
    let mut copy = Zeroizing::new(*seed);
    Keypair::ed25519_from_bytes(copy.as_mut_slice()).expect("any 32 bytes are the seed of a key")
}

/// Whether an address is `/ip4/…/tcp/…` or `/ip6/…/tcp/…`: names are looked up by libraries with
/// open advisories, and are not needed.
fn is_tcp_address(text: &str) -> bool {
    use libp2p::multiaddr::{Multiaddr, Protocol};
    let Ok(address) = text.parse::<Multiaddr>() else {
        return false;
    };
    let mut parts = address.iter();
    let ip = matches!(parts.next(), Some(Protocol::Ip4(_) | Protocol::Ip6(_)));
    ip && matches!(parts.next(), Some(Protocol::Tcp(_))) && parts.next().is_none()
}

pub(crate) fn public_key(text: &str) -> Option<PublicKey> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    PublicKey::from_bytes(&bytes).ok()
}

pub(crate) fn signature(text: &str) -> Option<Signature> {
    let mut bytes = [0; 64];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(Signature(bytes))
}
