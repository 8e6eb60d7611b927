//! The file that shows a request to be refused (SPEC 7.12.1): the records of a proof without those that
//! speak of an invoice.

use super::super::decided::Decided;
use super::super::file::{KeyProof, Latest, ProofError, Records, frame, push_record, record};
use super::super::included::Included;
use super::super::links::SetLink;
use super::REFUSAL_VERSION;
use crate::block::Header;
use crate::certificate::CommitCertificate;
use crate::codec::{self, CodecError};
use crate::digest::Digest;
use crate::limits::LINKS_MAX;
use crate::outcome::Outcome;
use crate::transaction::{SUITE, SignedTransaction};
use crate::validator::ValidatorSet;

/// A decoded file. Nothing in it is believed before [`super::verify_refusal`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalProof {
    /// The transaction with its signatures.
    pub transaction: SignedTransaction,
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
    /// The changes that led to that set; at most [`LINKS_MAX`].
    pub links: Vec<SetLink>,
    /// The signing key at M.
    pub key: KeyProof,
}

impl RefusalProof {
    /// The header whose state and certificate the file speaks for.
    #[must_use]
    pub fn as_of(&self) -> &Header {
        let latest = self.latest.as_ref();
        latest.map_or(&self.header, |latest| &latest.header)
    }

    /// The file's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let links = (!self.links.is_empty()).then(|| codec::encode(&self.links));
        let place = codec::encode(&(self.index, &self.path));
        let records = [
            (record::TRANSACTION, Some(self.transaction.encode())),
            (record::OUTCOME, Some(codec::encode(&self.outcome))),
            (record::INCLUSION, Some(place)),
            (record::HEADER, Some(codec::encode(&self.header))),
            (record::LATEST, self.latest.as_ref().map(codec::encode)),
            (record::CERTIFICATE, Some(codec::encode(&self.certificate))),
            (record::VALIDATORS, Some(codec::encode(&self.validators))),
            (record::LINKS, links),
            (record::KEY, Some(codec::encode(&self.key))),
        ];
        let mut body = Vec::new();
        for (kind, value) in records {
            if let Some(value) = value {
                push_record(&mut body, kind, &value);
            }
        }
        frame(REFUSAL_VERSION, SUITE, &body)
    }

    /// Decodes a file strictly.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, ProofError> {
        let mut records = Records::open(bytes, REFUSAL_VERSION)?;
        let transaction = records.need(record::TRANSACTION)?;
        let transaction = SignedTransaction::decode(transaction)
            .map_err(|_code| ProofError::Malformed(record::TRANSACTION, CodecError::Malformed))?;
        let outcome = records.need_decoded(record::OUTCOME)?;
        let (index, path) = records.need_decoded(record::INCLUSION)?;
        let header = records.need_decoded(record::HEADER)?;
        let latest = records.take_decoded(record::LATEST)?;
        let certificate = records.need_decoded(record::CERTIFICATE)?;
        let validators = records.need_decoded(record::VALIDATORS)?;
        let links: Option<Vec<SetLink>> = records.take_decoded(record::LINKS)?;
        let key = records.need_decoded(record::KEY)?;
        let counted = |links: &Vec<SetLink>| (1..=LINKS_MAX).contains(&links.len());
        if !links.as_ref().is_none_or(counted) {
            return Err(ProofError::Order(record::LINKS));
        }
        records.close()?;
        Ok(Self {
            transaction,
            outcome,
            index,
            path,
            header,
            latest,
            certificate,
            validators,
            links: links.unwrap_or_default(),
            key,
        })
    }

    pub(super) fn included(&self) -> Included<'_> {
        Included {
            transaction: &self.transaction,
            outcome: &self.outcome,
            index: self.index,
            path: &self.path,
            header: &self.header,
            latest: self.latest.as_ref(),
            key: &self.key,
        }
    }
}

impl Decided for RefusalProof {
    fn as_of(&self) -> &Header {
        self.as_of()
    }

    fn certificate(&self) -> &CommitCertificate {
        &self.certificate
    }

    fn validators(&self) -> &ValidatorSet {
        &self.validators
    }

    fn links(&self) -> &[SetLink] {
        &self.links
    }
}
