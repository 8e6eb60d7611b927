//! The trust root (SPEC 7.6): what a verifier must have from a source it trusts.
//!
//! A file of a few hundred bytes, signed by the authority and short enough to compare by its
//! fingerprint, which every verdict shows.

use serde::{Deserialize, Serialize};

use super::object::object_only;
use crate::codec;
use crate::digest::{BlockId, ChainId, Digest, Tag, hash};
use crate::genesis::{Genesis, GenesisError};
use crate::limits::TRUST_ROOT_BYTES_MAX;
use crate::signature::{KeyId, PublicKey, Purpose, SecretKey, Signature};
use crate::time::BlockTime;
use crate::transaction::{SUITE, VERSION};
use crate::validator::ValidatorSet;

/// A checkpoint older than this no longer tells who validates today: 180 days, in ms.
pub const CHECKPOINT_AGE_MS_MAX: u64 = 180 * 24 * 60 * 60 * 1000;

/// A block and the set that validates after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Its height.
    pub height: u64,
    /// Its id.
    pub block_id: BlockId,
    /// Its time, ms since 1970.
    pub time_ms: u64,
    /// The set that votes from here on.
    pub validators: ValidatorSet,
}

/// What the authority signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustRootBody {
    /// [`VERSION`].
    pub version: u8,
    /// [`SUITE`].
    pub suite: u8,
    /// Genesis; gives the chain id and whether this is a test network.
    pub genesis: Genesis,
    /// A block everybody may build on.
    pub checkpoint: Checkpoint,
    /// Authority keys of today, strictly ascending by id.
    pub authority_keys: Vec<PublicKey>,
    /// Signatures needed.
    pub threshold: u8,
    /// Signs checkpoint notes.
    pub log_key: PublicKey,
    /// Not to be used after, ms since 1970.
    pub expires_ms: u64,
    /// The trust root before this one.
    pub previous_fingerprint: Option<Digest>,
}

/// The file: JSON around the binary body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct TrustRootEnvelope {
    /// Always `piao-trust-root`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `test` or `production`; for people, the body decides.
    pub network: String,
    /// For people, the body decides.
    pub chain_id: String,
    /// For people; computed again when read.
    pub fingerprint: String,
    /// The body, hex.
    pub body: String,
    /// Signatures over the body, ascending by key id.
    pub signatures: Vec<EnvelopeSignature>,
}

/// A signature of the envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct EnvelopeSignature {
    /// The authority key's id, hex.
    pub key_id: String,
    /// The signature, hex.
    pub signature: String,
}

object_only!(TrustRootEnvelope, EnvelopeSignature);

/// The word in [`TrustRootEnvelope::kind`].
const KIND: &str = "piao-trust-root";

/// A trust root whose signatures hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustRoot {
    body: TrustRootBody,
    chain_id: ChainId,
    fingerprint: Digest,
}

/// Why a file is not a trust root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustRootError {
    /// Not the JSON of one, or hex that is none.
    #[error("not a trust-root file")]
    NotATrustRoot,
    /// The body does not decode.
    #[error(transparent)]
    Codec(#[from] codec::CodecError),
    /// Its genesis is not one.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// Keys out of order, or a threshold nobody could meet.
    #[error("trust root has no usable set of authority keys")]
    Authority,
    /// Fewer good authority signatures than the threshold, or a bad one.
    #[error("trust root is not signed by its authority")]
    Unsigned,
}

impl TrustRootBody {
    /// A trust root that starts from genesis.
    #[must_use]
    pub fn of_genesis(genesis: &Genesis) -> Self {
        let header = genesis.header();
        Self {
            version: VERSION,
            suite: SUITE,
            checkpoint: Checkpoint {
                height: 0,
                block_id: header.id(),
                time_ms: genesis.time_ms,
                validators: genesis.validators.clone(),
            },
            authority_keys: genesis.authority_keys.clone(),
            threshold: genesis.threshold,
            log_key: genesis.log_key,
            expires_ms: genesis.time_ms.saturating_add(CHECKPOINT_AGE_MS_MAX),
            previous_fingerprint: None,
            genesis: genesis.clone(),
        }
    }

    /// Signs the body and wraps it.
    #[must_use]
    pub fn sign(&self, keys: &[&SecretKey]) -> TrustRootEnvelope {
        let chain_id = self.genesis.chain_id();
        let bytes = codec::encode(self);
        let mut signatures: Vec<EnvelopeSignature> = keys
            .iter()
            .map(|key| EnvelopeSignature {
                key_id: key.public_key().id().to_string(),
                signature: hex::encode(key.sign(Purpose::TrustRoot, &chain_id, &bytes).0),
            })
            .collect();
        signatures.sort_by(|a, b| a.key_id.cmp(&b.key_id));
        TrustRootEnvelope {
            kind: KIND.to_owned(),
            network: self.genesis.network.as_str().to_owned(),
            chain_id: chain_id.to_string(),
            fingerprint: hex::encode(hash(Tag::Fingerprint, &bytes)),
            body: hex::encode(bytes),
            signatures,
        }
    }
}

impl TrustRoot {
    /// Checks an envelope: canonical body, good genesis, enough good signatures.
    ///
    /// # Errors
    /// [`TrustRootError`]; see its variants.
    pub fn open(envelope: &TrustRootEnvelope) -> Result<Self, TrustRootError> {
        if envelope.kind != KIND {
            return Err(TrustRootError::NotATrustRoot);
        }
        let bytes = hex::decode(&envelope.body).map_err(|_source| TrustRootError::NotATrustRoot)?;
        let body: TrustRootBody = codec::decode_bounded(&bytes, TRUST_ROOT_BYTES_MAX)?;
        body.genesis.check()?;
        if body.version != VERSION || body.suite != SUITE {
            return Err(TrustRootError::NotATrustRoot);
        }
        let chain_id = body.genesis.chain_id();
        let keys = &body.authority_keys;
        let ascending = keys
            .iter()
            .zip(keys.iter().skip(1))
            .all(|(a, b)| a.id() < b.id());
        if !ascending || body.threshold == 0 || usize::from(body.threshold) > keys.len() {
            return Err(TrustRootError::Authority);
        }
        check_signatures(envelope, &body, &chain_id, &bytes)?;
        let fingerprint = hash(Tag::Fingerprint, &bytes);
        Ok(Self {
            body,
            chain_id,
            fingerprint,
        })
    }

    /// The signed content.
    #[must_use]
    pub fn body(&self) -> &TrustRootBody {
        &self.body
    }

    /// The network it speaks for.
    #[must_use]
    pub fn chain_id(&self) -> &ChainId {
        &self.chain_id
    }

    /// `H("fingerprint", body)` as hex: what people compare.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        hex::encode(self.fingerprint)
    }

    /// Whether it may no longer be relied on.
    #[must_use]
    pub fn is_stale(&self, now: BlockTime) -> bool {
        let age_ms = now.ms().saturating_sub(self.body.checkpoint.time_ms);
        age_ms > CHECKPOINT_AGE_MS_MAX || now.ms() > self.body.expires_ms
    }

    /// The authority key with this id.
    #[must_use]
    pub fn authority_key(&self, id: &KeyId) -> Option<&PublicKey> {
        self.body.authority_keys.iter().find(|key| key.id() == *id)
    }
}

/// Every signature must be good, by distinct authority keys, and enough of them.
fn check_signatures(
    envelope: &TrustRootEnvelope,
    body: &TrustRootBody,
    chain_id: &ChainId,
    bytes: &[u8],
) -> Result<(), TrustRootError> {
    let listed = &envelope.signatures;
    let distinct = listed
        .iter()
        .zip(listed.iter().skip(1))
        .all(|(a, b)| a.key_id < b.key_id);
    if !distinct || listed.len() < usize::from(body.threshold) {
        return Err(TrustRootError::Unsigned);
    }
    for one in listed {
        let key = body
            .authority_keys
            .iter()
            .find(|key| key.id().to_string() == one.key_id);
        let mut signature = [0; 64];
        hex::decode_to_slice(&one.signature, &mut signature)
            .map_err(|_source| TrustRootError::NotATrustRoot)?;
        let good = key.is_some_and(|key| {
            key.verify(Purpose::TrustRoot, chain_id, bytes, &Signature(signature))
        });
        if !good {
            return Err(TrustRootError::Unsigned);
        }
    }
    Ok(())
}
