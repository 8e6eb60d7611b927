//! The envelope: who signs what, for which network, until when (SPEC 4.1).
//!
//! There is no account nonce: a till must be able to have a hundred invoices in flight. Replay is
//! guarded by `idem`, unique per account within the validity window.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Payload;
use crate::codec::{self, CodecError};
use crate::digest::{ChainId, Digest, Hasher, Tag, TransactionId, hash};
use crate::failure::FailureCode;
use crate::limits::{SIGNERS_MAX, TX_BYTES_MAX};
use crate::signature::{KeyId, PublicKey, Purpose, SecretKey, Signature};

/// Version of transactions, blocks and proofs this crate speaks.
pub const VERSION: u8 = 1;

/// Cryptographic suite: Ed25519-strict and BLAKE3. Fixed by genesis, never negotiated.
pub const SUITE: u8 = 1;

/// Flag: keep the refusal in a block when the transaction fails, so that it becomes provable.
pub const FLAG_ANCHOR_FAILURE: u8 = 0x01;

/// Every flag that has a meaning in this version.
const FLAGS_KNOWN: u8 = FLAG_ANCHOR_FAILURE;

/// The replay guard: unique per account until `valid_until_ms`.
pub type Idem = [u8; 16];

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionBody {
    /// [`VERSION`].
    pub version: u8,
    /// [`SUITE`].
    pub suite: u8,
    /// The network it is for.
    pub chain_id: ChainId,
    /// The account that acts; 0 is the authority.
    pub account: u32,
    /// Signing keys, 1 to [`SIGNERS_MAX`], ascending.
    pub signers: Vec<KeyId>,
    /// Replay guard.
    pub idem: Idem,
    /// Last block time at which it may be included, in ms since 1970.
    pub valid_until_ms: u64,
    /// The highest fee the sender agrees to, in fen.
    pub fee_max_fen: u32,
    /// Bit set; see [`FLAG_ANCHOR_FAILURE`]. Unknown bits are refused.
    pub flags: u8,
    /// What it asks for.
    pub payload: Payload,
}

/// How a signed transaction stands on the wire: the body as bytes, so that its id and signatures
/// are computed over the very bytes that were sent, and then the signatures.
#[derive(Serialize)]
struct WireRef<'a> {
    #[serde(with = "serde_bytes")]
    body: &'a [u8],
    sigs: &'a [Signature],
}

/// [`WireRef`] as it is read.
#[derive(Serialize, Deserialize)]
struct Wire {
    #[serde(with = "serde_bytes")]
    body: Vec<u8>,
    sigs: Vec<Signature>,
}

/// A decoded transaction together with the bytes it came as. Not yet checked or verified.
///
/// A clone shares the bytes: one transaction passes through admission, mempool, block and
/// execution, and is copied nowhere on that way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedTransaction(Arc<Parts>);

#[derive(Debug, PartialEq, Eq)]
struct Parts {
    body: TransactionBody,
    body_bytes: Vec<u8>,
    signatures: Vec<Signature>,
    id: TransactionId,
}

/// Why a transaction is not admissible, before any state is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", .code.code(), .code.en())]
pub struct TransactionError {
    /// The catalogued reason.
    pub code: FailureCode,
}

impl From<FailureCode> for TransactionError {
    fn from(code: FailureCode) -> Self {
        Self { code }
    }
}

impl From<CodecError> for TransactionError {
    fn from(_source: CodecError) -> Self {
        Self {
            code: FailureCode::TransactionMalformed,
        }
    }
}

impl SignedTransaction {
    /// Signs a body with the keys it names, in the order it names them.
    ///
    /// # Errors
    /// [`FailureCode::KeyUnknown`] when a named signer's key is not among `keys`.
    pub fn sign(body: TransactionBody, keys: &[&SecretKey]) -> Result<Self, TransactionError> {
        let body_bytes = codec::encode(&body);
        let mut signatures = Vec::with_capacity(body.signers.len());
        for signer in &body.signers {
            let key = keys
                .iter()
                .find(|key| key.public_key().id() == *signer)
                .ok_or(FailureCode::KeyUnknown)?;
            signatures.push(key.sign(Purpose::Transaction, &body.chain_id, &body_bytes));
        }
        let id = TransactionId(hash(Tag::TxId, &body_bytes));
        Ok(Self(Arc::new(Parts {
            body,
            body_bytes,
            signatures,
            id,
        })))
    }

    /// Decodes the bytes of one transaction.
    ///
    /// # Errors
    /// [`FailureCode::TransactionMalformed`] when the bytes are not canonical or too many.
    pub fn decode(bytes: &[u8]) -> Result<Self, TransactionError> {
        if bytes.len() > TX_BYTES_MAX {
            return Err(FailureCode::TransactionMalformed.into());
        }
        let wire: Wire = codec::decode(bytes)?;
        Self::from_parts(wire.body, wire.sigs)
    }

    /// Decodes a body and joins it with its signatures.
    ///
    /// # Errors
    /// [`FailureCode::TransactionMalformed`].
    pub fn from_parts(
        body_bytes: Vec<u8>,
        signatures: Vec<Signature>,
    ) -> Result<Self, TransactionError> {
        let body = codec::decode_bounded(&body_bytes, TX_BYTES_MAX)?;
        let id = TransactionId(hash(Tag::TxId, &body_bytes));
        Ok(Self(Arc::new(Parts {
            body,
            body_bytes,
            signatures,
            id,
        })))
    }

    /// The canonical bytes, as posted and as they stand in a block.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Length of [`SignedTransaction::encode`] without making it, in bytes.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        let signatures = self.0.signatures.len().saturating_mul(64);
        self.0
            .body_bytes
            .len()
            .saturating_add(signatures)
            .saturating_add(16)
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &TransactionBody {
        &self.0.body
    }

    /// The body's bytes: what is signed.
    #[must_use]
    pub fn body_bytes(&self) -> &[u8] {
        &self.0.body_bytes
    }

    /// One signature for each signer, in their order.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.0.signatures
    }

    /// The transaction's name.
    #[must_use]
    pub fn id(&self) -> TransactionId {
        self.0.id
    }

    /// `H("sigs", enc(sigs))`, which the block's root binds beside the id.
    #[must_use]
    pub fn signatures_digest(&self) -> Digest {
        hash(Tag::Sigs, &codec::encode(&self.0.signatures))
    }

    /// The name under which a signature check may be remembered: body *and* signatures. Never the
    /// id alone, which would let other signatures pass as checked.
    #[must_use]
    pub fn checked_digest(&self) -> Digest {
        let hasher = Hasher::new(Tag::TxChecked).with(&self.0.body_bytes);
        self.0
            .signatures
            .iter()
            .fold(hasher, |hasher, one| hasher.with(&one.0))
            .finish()
    }

    /// Everything that can be judged without state, but the signatures (SPEC 5.1).
    ///
    /// # Errors
    /// The first reason, in the order of SPEC 5.1.
    pub fn check(&self, chain_id: &ChainId) -> Result<(), TransactionError> {
        let body = &self.0.body;
        if body.version != VERSION || body.suite != SUITE {
            return Err(FailureCode::ProtocolUnsupported.into());
        }
        if body.chain_id != *chain_id {
            return Err(FailureCode::ChainIdMismatch.into());
        }
        let ascending = body
            .signers
            .iter()
            .zip(body.signers.iter().skip(1))
            .all(|(a, b)| a < b);
        let counted = (1..=SIGNERS_MAX).contains(&body.signers.len());
        let merchant = body.account != 0;
        if !ascending
            || !counted
            || body.signers.len() != self.0.signatures.len()
            || (merchant && body.signers.len() != 1)
            || body.flags & !FLAGS_KNOWN != 0
        {
            return Err(FailureCode::TransactionMalformed.into());
        }
        body.payload.check(body)
    }

    /// Checks every signature against the keys of the signers, in their order.
    #[must_use]
    pub fn verify_signatures(&self, keys: &[PublicKey]) -> bool {
        keys.len() == self.0.signatures.len()
            && keys.len() == self.0.body.signers.len()
            && keys
                .iter()
                .zip(&self.0.body.signers)
                .all(|(key, id)| key.id() == *id)
            && keys.iter().zip(&self.0.signatures).all(|(key, signature)| {
                key.verify(
                    Purpose::Transaction,
                    &self.0.body.chain_id,
                    &self.0.body_bytes,
                    signature,
                )
            })
    }
}

impl Serialize for SignedTransaction {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        WireRef {
            body: &self.0.body_bytes,
            sigs: &self.0.signatures,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SignedTransaction {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        Self::from_parts(wire.body, wire.sigs).map_err(serde::de::Error::custom)
    }
}
