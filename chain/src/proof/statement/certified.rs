//! The block that a statement speaks for.

use super::super::decided::Decided;
use super::super::file::{ProofError, Records};
use super::super::links::SetLink;
use super::record;
use crate::block::Header;
use crate::certificate::CommitCertificate;
use crate::codec;
use crate::limits::LINKS_MAX;
use crate::validator::ValidatorSet;

/// Header M and who signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertifiedHeader {
    /// Header M.
    pub header: Header,
    /// Its certificate.
    pub certificate: CommitCertificate,
    /// The set that signed it.
    pub validators: ValidatorSet,
    /// The changes that led to that set; at most [`LINKS_MAX`].
    pub links: Vec<SetLink>,
}

impl CertifiedHeader {
    /// Its records, which stand first in a file.
    pub(super) fn records(&self) -> [(u16, Option<Vec<u8>>); 4] {
        let links = (!self.links.is_empty()).then(|| codec::encode(&self.links));
        [
            (record::HEADER, Some(codec::encode(&self.header))),
            (record::CERTIFICATE, Some(codec::encode(&self.certificate))),
            (record::VALIDATORS, Some(codec::encode(&self.validators))),
            (record::LINKS, links),
        ]
    }

    /// Reads its records.
    pub(super) fn read(records: &mut Records<'_>) -> Result<Self, ProofError> {
        let header = records.need_decoded(record::HEADER)?;
        let certificate = records.need_decoded(record::CERTIFICATE)?;
        let validators = records.need_decoded(record::VALIDATORS)?;
        let links: Option<Vec<SetLink>> = records.take_decoded(record::LINKS)?;
        let counted = |links: &Vec<SetLink>| (1..=LINKS_MAX).contains(&links.len());
        if !links.as_ref().is_none_or(counted) {
            return Err(ProofError::Order(record::LINKS));
        }
        Ok(Self {
            header,
            certificate,
            validators,
            links: links.unwrap_or_default(),
        })
    }
}

impl Decided for CertifiedHeader {
    fn as_of(&self) -> &Header {
        &self.header
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
