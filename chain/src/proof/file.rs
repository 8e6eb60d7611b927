//! The proof file (SPEC 7.4): magic, version, suite, length, then ascending type–length–value
//! records.
//!
//! Every unknown type is refused in version 1: what a verifier does not understand, it must not
//! pass over. Sizes: see SPEC 7.7.

use serde::{Deserialize, Serialize};

use super::cache::VerifierCache;
use super::links::SetLink;
use super::slot::SlotProof;
use crate::block::Header;
use crate::certificate::CommitCertificate;
use crate::codec::{self, CodecError};
use crate::digest::Digest;
use crate::document::DisclosedField;
use crate::limits::{LINKS_MAX, PROOF_BYTES_MAX};
use crate::outcome::Outcome;
use crate::signature::{KeyId, PublicKey, Signature};
use crate::state::{InvoiceLeaf, KeyLeaf};
use crate::transaction::{SUITE, SellerCard, SignedTransaction, VERSION};
use crate::validator::ValidatorSet;

/// First bytes of every proof file. Not text, and spoilt by any text-mode copy.
pub const MAGIC: [u8; 8] = [0x89, b'P', b'I', b'A', b'O', 0x0d, 0x0a, 0x1a];

/// Record types, in file order. 15 and 16 are reserved for related red letters and witness
/// cosignatures; version 1 refuses them as it does all unknown types.
pub(super) mod record {
    pub(crate) const TRANSACTION: u16 = 1;
    pub(crate) const PART: u16 = 2;
    pub(crate) const OUTCOME: u16 = 3;
    pub(crate) const INCLUSION: u16 = 4;
    pub(crate) const HEADER: u16 = 5;
    pub(crate) const LATEST: u16 = 6;
    pub(crate) const CERTIFICATE: u16 = 8;
    pub(crate) const VALIDATORS: u16 = 9;
    pub(crate) const LINKS: u16 = 10;
    pub(crate) const KEY: u16 = 11;
    pub(crate) const STATUS: u16 = 12;
    pub(crate) const CARD: u16 = 13;
    pub(crate) const DISCLOSED: u16 = 14;
}

/// A later header, and the path that leads from the invoice's block to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latest {
    /// Header M, the one the certificate is over.
    pub header: Header,
    /// Path of block N in the history tree of M.
    pub history_path: Vec<Digest>,
}

/// The signing key and what state M says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyProof {
    /// The key.
    pub public_key: PublicKey,
    /// Index of its slot.
    pub index: u32,
    /// Its leaf.
    pub leaf: KeyLeaf,
    /// The path.
    pub path: SlotProof,
}

/// What state M says of the invoice. No leaf means: as issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusProof {
    /// Its leaf, or proven empty.
    pub leaf: Option<InvoiceLeaf>,
    /// The path.
    pub path: SlotProof,
}

/// A seller's name, vouched for by the authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedCard {
    /// The card.
    pub card: SellerCard,
    /// The authority key that signed it.
    pub signer: KeyId,
    /// The signature.
    pub signature: Signature,
}

/// A decoded proof file. Nothing in it is believed before [`super::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The transaction with its signatures.
    pub transaction: SignedTransaction,
    /// Which of the invoices that the transaction issued, from 0: its place among the effects.
    pub part: u32,
    /// What came of it.
    pub outcome: Outcome,
    /// Its place in the block.
    pub index: u32,
    /// Its path to `tx_root`.
    pub path: Vec<Digest>,
    /// Header N of its block.
    pub header: Header,
    /// A later header M; `None` when the certificate is over N itself.
    pub latest: Option<Latest>,
    /// Certificate of M.
    pub certificate: CommitCertificate,
    /// The set that signed it.
    pub validators: ValidatorSet,
    /// The changes that led from the set a verifier knows to that one; at most [`LINKS_MAX`].
    pub links: Vec<SetLink>,
    /// The signing key at M.
    pub key: KeyProof,
    /// The invoice at M.
    pub status: StatusProof,
    /// The seller's name.
    pub card: Option<SignedCard>,
    /// Fields of the document that are shown.
    pub disclosed: Vec<DisclosedField>,
}

/// Why bytes are not a proof file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// No magic at the start, or cut off.
    #[error("not a proof file, or cut off")]
    NotAProof,
    /// Of a version this program does not know.
    #[error("proof version {0} is not known")]
    UnknownVersion(u8),
    /// Of a suite this program does not know.
    #[error("proof suite {0} is not known")]
    UnknownSuite(u8),
    /// A record type this program does not know.
    #[error("proof record type {0} is not known")]
    UnknownRecord(u16),
    /// A record is missing.
    #[error("proof record type {0} is missing")]
    MissingRecord(u16),
    /// Records out of order, one twice, or an empty one that must be absent.
    #[error("proof record type {0} is out of order")]
    Order(u16),
    /// A record's bytes do not decode.
    #[error("proof record type {0} does not decode: {1}")]
    Malformed(u16, CodecError),
    /// More than [`PROOF_BYTES_MAX`].
    #[error("proof of {0} bytes is too large")]
    TooLarge(usize),
}

impl Proof {
    /// The header whose state and certificate the proof speaks for.
    #[must_use]
    pub fn as_of(&self) -> &Header {
        self.latest
            .as_ref()
            .map_or(&self.header, |latest| &latest.header)
    }

    /// The file's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut body = Vec::new();
        let latest = self.latest.as_ref().map(codec::encode);
        let card = self.card.as_ref().map(codec::encode);
        let links = (!self.links.is_empty()).then(|| codec::encode(&self.links));
        let disclosed = (!self.disclosed.is_empty()).then(|| codec::encode(&self.disclosed));
        let records = [
            (record::TRANSACTION, Some(self.transaction.encode())),
            (
                record::PART,
                (self.part != 0).then(|| codec::encode(&self.part)),
            ),
            (record::OUTCOME, Some(codec::encode(&self.outcome))),
            (
                record::INCLUSION,
                Some(codec::encode(&(self.index, &self.path))),
            ),
            (record::HEADER, Some(codec::encode(&self.header))),
            (record::LATEST, latest),
            (record::CERTIFICATE, Some(codec::encode(&self.certificate))),
            (record::VALIDATORS, Some(codec::encode(&self.validators))),
            (record::LINKS, links),
            (record::KEY, Some(codec::encode(&self.key))),
            (record::STATUS, Some(codec::encode(&self.status))),
            (record::CARD, card),
            (record::DISCLOSED, disclosed),
        ];
        for (kind, value) in records {
            if let Some(value) = value {
                push_record(&mut body, kind, &value);
            }
        }
        frame(VERSION, SUITE, &body)
    }

    /// Decodes a proof file strictly: one byte string for each proof.
    ///
    /// # Errors
    /// [`ProofError`]; see its variants.
    pub fn decode(bytes: &[u8]) -> Result<Self, ProofError> {
        Self::decode_with(bytes, &mut VerifierCache::default())
    }

    /// As [`Self::decode`], for one of many.
    pub(super) fn decode_with(bytes: &[u8], cache: &mut VerifierCache) -> Result<Self, ProofError> {
        let mut records = Records::open(bytes, VERSION)?;
        let transaction = records.need(record::TRANSACTION)?;
        let transaction = SignedTransaction::decode(transaction)
            .map_err(|_code| ProofError::Malformed(record::TRANSACTION, CodecError::Malformed))?;
        let part: Option<u32> = records.take_decoded(record::PART)?;
        if part == Some(0) {
            return Err(ProofError::Order(record::PART));
        }
        let outcome = records.need_decoded(record::OUTCOME)?;
        let (index, path) = records.need_decoded(record::INCLUSION)?;
        let header = records.need_decoded(record::HEADER)?;
        let latest = records.take_decoded(record::LATEST)?;
        let certificate = records.need_decoded(record::CERTIFICATE)?;
        let validators = records.need(record::VALIDATORS)?;
        let validators = cache
            .validators(validators, codec::decode)
            .map_err(|error| ProofError::Malformed(record::VALIDATORS, error))?;
        let links: Option<Vec<SetLink>> = records.take_decoded(record::LINKS)?;
        let key = records.need_decoded(record::KEY)?;
        let status = records.need_decoded(record::STATUS)?;
        let card = records.take_decoded(record::CARD)?;
        let disclosed: Option<Vec<DisclosedField>> = records.take_decoded(record::DISCLOSED)?;
        let counted = |links: &Vec<SetLink>| (1..=LINKS_MAX).contains(&links.len());
        if !links.as_ref().is_none_or(counted) {
            return Err(ProofError::Order(record::LINKS));
        }
        if disclosed.as_ref().is_some_and(Vec::is_empty) {
            return Err(ProofError::Order(record::DISCLOSED));
        }
        records.close()?;
        let disclosed = disclosed.unwrap_or_default();
        let proof = Self {
            transaction,
            part: part.unwrap_or(0),
            outcome,
            index,
            path,
            header,
            latest,
            certificate,
            validators,
            links: links.unwrap_or_default(),
            key,
            status,
            card,
            disclosed,
        };
        Ok(proof)
    }
}

/// Magic, version, suite, the length of what follows, and that. With the length a file that was
/// cut off between two records is known to be cut.
pub(super) fn frame(version: u8, suite: u8, body: &[u8]) -> Vec<u8> {
    let mut file = MAGIC.to_vec();
    file.extend_from_slice(&[version, suite]);
    file.extend_from_slice(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
    file.extend_from_slice(body);
    file
}

pub(super) fn push_record(file: &mut Vec<u8>, kind: u16, value: &[u8]) {
    file.extend_from_slice(&kind.to_be_bytes());
    file.extend_from_slice(&u32::try_from(value.len()).unwrap_or(u32::MAX).to_be_bytes());
    file.extend_from_slice(value);
}

/// The records of a file, read in order.
pub(super) struct Records<'a> {
    rest: &'a [u8],
    /// The record read ahead.
    next: Option<(u16, &'a [u8])>,
    /// Lowest type that may still come.
    lowest: u16,
}

impl<'a> Records<'a> {
    /// Opens a file of a version.
    pub(super) fn open(bytes: &'a [u8], wanted: u8) -> Result<Self, ProofError> {
        if bytes.len() > PROOF_BYTES_MAX {
            return Err(ProofError::TooLarge(bytes.len()));
        }
        let rest = bytes.strip_prefix(&MAGIC).ok_or(ProofError::NotAProof)?;
        let (version, rest) = rest.split_first().ok_or(ProofError::NotAProof)?;
        if *version != wanted {
            return Err(ProofError::UnknownVersion(*version));
        }
        let (suite, rest) = rest.split_first().ok_or(ProofError::NotAProof)?;
        if *suite != SUITE {
            return Err(ProofError::UnknownSuite(*suite));
        }
        let (length, rest) = rest.split_first_chunk::<4>().ok_or(ProofError::NotAProof)?;
        if usize::try_from(u32::from_be_bytes(*length)) != Ok(rest.len()) {
            return Err(ProofError::NotAProof);
        }
        let mut records = Self {
            rest,
            next: None,
            lowest: 0,
        };
        records.advance()?;
        Ok(records)
    }

    fn advance(&mut self) -> Result<(), ProofError> {
        if self.rest.is_empty() {
            self.next = None;
            return Ok(());
        }
        let (kind, rest) = self
            .rest
            .split_first_chunk::<2>()
            .ok_or(ProofError::NotAProof)?;
        let (length, rest) = rest.split_first_chunk::<4>().ok_or(ProofError::NotAProof)?;
        let kind = u16::from_be_bytes(*kind);
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        if length > rest.len() {
            return Err(ProofError::NotAProof);
        }
        let (value, rest) = rest.split_at(length);
        if kind < self.lowest {
            return Err(ProofError::Order(kind));
        }
        self.lowest = kind.saturating_add(1);
        self.rest = rest;
        self.next = Some((kind, value));
        Ok(())
    }

    fn take(&mut self, kind: u16) -> Result<Option<&'a [u8]>, ProofError> {
        match self.next {
            Some((found, value)) if found == kind => {
                self.advance()?;
                Ok(Some(value))
            }
            Some((found, _value)) if found < kind => Err(ProofError::UnknownRecord(found)),
            _ => Ok(None),
        }
    }

    pub(super) fn need(&mut self, kind: u16) -> Result<&'a [u8], ProofError> {
        self.take(kind)?.ok_or(ProofError::MissingRecord(kind))
    }

    pub(super) fn take_decoded<T: Serialize + serde::de::DeserializeOwned>(
        &mut self,
        kind: u16,
    ) -> Result<Option<T>, ProofError> {
        let Some(value) = self.take(kind)? else {
            return Ok(None);
        };
        codec::decode(value)
            .map(Some)
            .map_err(|error| ProofError::Malformed(kind, error))
    }

    pub(super) fn need_decoded<T: Serialize + serde::de::DeserializeOwned>(
        &mut self,
        kind: u16,
    ) -> Result<T, ProofError> {
        self.take_decoded(kind)?
            .ok_or(ProofError::MissingRecord(kind))
    }

    pub(super) fn close(&self) -> Result<(), ProofError> {
        match self.next {
            Some((kind, _value)) => Err(ProofError::UnknownRecord(kind)),
            None => Ok(()),
        }
    }
}
