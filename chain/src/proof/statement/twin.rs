//! The JSON twin of a statement (SPEC 7.11.5): one hex string for each record.
//!
//! Guards: as for the twin of a proof, it converts to exactly one binary file and back; a member that
//! its version does not have is refused, as every other reader of the same text refuses it.

use serde::{Deserialize, Serialize};

use super::super::file::{ProofError, frame};
use super::super::object::object_only;
use super::super::twin::push_hex;
use super::absence::AbsenceProof;
use super::completeness::{Anchor, CompletenessProof};
use super::{ABSENCE_VERSION, COMPLETENESS_VERSION, CertifiedHeader, record};
use crate::codec;
use crate::transaction::SUITE;

/// A statement as JSON members. Every value but `version` and `suite` is lower-case hex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
#[expect(
    missing_docs,
    reason = "each member holds the record of the same name, see SPEC 7.11.1"
)]
pub struct StatementTwin {
    /// 2 for a number that is not issued, 3 for a list.
    pub version: u8,
    /// Cryptographic suite.
    pub suite: u8,
    pub header: String,
    pub certificate: String,
    pub validators: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
}

object_only!(StatementTwin);

impl StatementTwin {
    /// What both kinds share.
    fn of_certified(version: u8, at: &CertifiedHeader) -> Self {
        let hex = |bytes: Vec<u8>| hex::encode(bytes);
        Self {
            version,
            suite: SUITE,
            header: hex(codec::encode(&at.header)),
            certificate: hex(codec::encode(&at.certificate)),
            validators: hex(codec::encode(&at.validators)),
            links: (!at.links.is_empty()).then(|| hex(codec::encode(&at.links))),
            number: None,
            totals: None,
            instead: None,
            list: None,
            account: None,
            issued: None,
            first: None,
        }
    }

    /// Renders a file that shows a number not to be issued.
    #[must_use]
    pub fn of_absence(proof: &AbsenceProof) -> Self {
        let instead = proof.instead.as_ref();
        Self {
            number: Some(hex::encode(codec::encode(&proof.number))),
            totals: Some(hex::encode(codec::encode(&proof.totals))),
            instead: instead.map(|instead| hex::encode(codec::encode(instead))),
            ..Self::of_certified(ABSENCE_VERSION, &proof.at)
        }
    }

    /// Renders a list.
    #[must_use]
    pub fn of_completeness(proof: &CompletenessProof) -> Self {
        let list = (proof.account, proof.from, proof.before, &proof.listed);
        let (account, issued) = match &proof.anchor {
            Anchor::Account(account) => (Some(hex::encode(codec::encode(account))), None),
            Anchor::Issued(issued) => (None, Some(hex::encode(codec::encode(issued)))),
        };
        Self {
            list: Some(hex::encode(codec::encode(&list))),
            account,
            issued,
            first: proof
                .first
                .as_ref()
                .map(|first| hex::encode(codec::encode(first))),
            ..Self::of_certified(COMPLETENESS_VERSION, &proof.at)
        }
    }

    /// Renders the file of a statement of either kind.
    ///
    /// # Errors
    /// [`ProofError`]: the bytes are no such file.
    pub fn of_file(bytes: &[u8]) -> Result<Self, ProofError> {
        match super::verdict::version_of(bytes) {
            Some(COMPLETENESS_VERSION) => {
                CompletenessProof::decode(bytes).map(|proof| Self::of_completeness(&proof))
            }
            _ => AbsenceProof::decode(bytes).map(|proof| Self::of_absence(&proof)),
        }
    }

    /// The one binary file that the twin stands for. Whether that file is a statement is asked by
    /// [`super::verify_statement`].
    ///
    /// # Errors
    /// [`ProofError::UnknownVersion`] for one that is not 2 or 3, [`ProofError::UnknownRecord`] for a
    /// member that the version does not have, [`ProofError::MissingRecord`] without one that it must
    /// have; [`ProofError::NotAProof`] for a value that is not lower-case hex,
    /// [`ProofError::TooLarge`].
    pub fn to_file(&self) -> Result<Vec<u8>, ProofError> {
        let is_absence = match self.version {
            ABSENCE_VERSION => true,
            COMPLETENESS_VERSION => false,
            other => return Err(ProofError::UnknownVersion(other)),
        };
        // Type, value, whether it is of a version 2 alone (`Some(true)`), and whether it must be there.
        let records = [
            (record::HEADER, Some(&self.header), None, true),
            (record::CERTIFICATE, Some(&self.certificate), None, true),
            (record::VALIDATORS, Some(&self.validators), None, true),
            (record::LINKS, self.links.as_ref(), None, false),
            (record::NUMBER, self.number.as_ref(), Some(true), true),
            (record::TOTALS, self.totals.as_ref(), Some(true), true),
            (record::INSTEAD, self.instead.as_ref(), Some(true), false),
            (record::LIST, self.list.as_ref(), Some(false), true),
            (record::ACCOUNT, self.account.as_ref(), Some(false), false),
            (record::ISSUED, self.issued.as_ref(), Some(false), false),
            (record::FIRST, self.first.as_ref(), Some(false), false),
        ];
        let mut body = Vec::new();
        for (kind, text, of_absence, required) in records {
            let is_mine = of_absence.is_none_or(|of_absence| of_absence == is_absence);
            match text {
                Some(text) if is_mine => push_hex(&mut body, kind, text)?,
                Some(_) => return Err(ProofError::UnknownRecord(kind)),
                None if is_mine && required => return Err(ProofError::MissingRecord(kind)),
                None => {}
            }
        }
        Ok(frame(self.version, self.suite, &body))
    }
}
