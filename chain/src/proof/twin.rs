//! The JSON twin of a proof file (SPEC 7.5): one hex string for each record.
//!
//! It converts to exactly one binary file and back, and is a rendering: never hashed, never signed.

use serde::{Deserialize, Serialize};

use super::file::{Proof, ProofError, frame, push_record, record};
use super::object::object_only;
use crate::limits::PROOF_BYTES_MAX;
use crate::transaction::{SUITE, VERSION};

/// A proof as JSON members. Every value but `version` and `suite` is lower-case hex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
#[expect(
    missing_docs,
    reason = "each member holds the record of the same name, see Proof"
)]
pub struct ProofTwin {
    /// Version of the format.
    pub version: u8,
    /// Cryptographic suite.
    pub suite: u8,
    pub transaction: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    pub outcome: String,
    pub inclusion: String,
    pub header: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<String>,
    pub certificate: String,
    pub validators: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<String>,
    pub key: String,
    pub status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclosed: Option<String>,
}

object_only!(ProofTwin);

impl ProofTwin {
    /// Renders a proof.
    #[must_use]
    pub fn of(proof: &Proof) -> Self {
        use crate::codec::encode;
        let hex = |bytes: Vec<u8>| hex::encode(bytes);
        Self {
            version: VERSION,
            suite: SUITE,
            transaction: hex(proof.transaction.encode()),
            part: (proof.part != 0).then(|| hex(encode(&proof.part))),
            outcome: hex(encode(&proof.outcome)),
            inclusion: hex(encode(&(proof.index, &proof.path))),
            header: hex(encode(&proof.header)),
            latest: proof.latest.as_ref().map(|latest| hex(encode(latest))),
            certificate: hex(encode(&proof.certificate)),
            validators: hex(encode(&proof.validators)),
            links: (!proof.links.is_empty()).then(|| hex(encode(&proof.links))),
            key: hex(encode(&proof.key)),
            status: hex(encode(&proof.status)),
            card: proof.card.as_ref().map(|card| hex(encode(card))),
            disclosed: (!proof.disclosed.is_empty()).then(|| hex(encode(&proof.disclosed))),
        }
    }

    /// The one binary file that the twin stands for. Whether that file is a proof is asked by
    /// [`Proof::decode`].
    ///
    /// # Errors
    /// [`ProofError::NotAProof`] for a value that is not lower-case hex,
    /// [`ProofError::TooLarge`].
    pub fn to_file(&self) -> Result<Vec<u8>, ProofError> {
        let mut body = Vec::new();
        let records = [
            (record::TRANSACTION, Some(&self.transaction)),
            (record::PART, self.part.as_ref()),
            (record::OUTCOME, Some(&self.outcome)),
            (record::INCLUSION, Some(&self.inclusion)),
            (record::HEADER, Some(&self.header)),
            (record::LATEST, self.latest.as_ref()),
            (record::CERTIFICATE, Some(&self.certificate)),
            (record::VALIDATORS, Some(&self.validators)),
            (record::LINKS, self.links.as_ref()),
            (record::KEY, Some(&self.key)),
            (record::STATUS, Some(&self.status)),
            (record::CARD, self.card.as_ref()),
            (record::DISCLOSED, self.disclosed.as_ref()),
        ];
        for (kind, text) in records {
            let Some(text) = text else { continue };
            push_hex(&mut body, kind, text)?;
        }
        Ok(frame(self.version, self.suite, &body))
    }
}

/// Adds the record whose value a member spells.
pub(super) fn push_hex(body: &mut Vec<u8>, kind: u16, text: &str) -> Result<(), ProofError> {
    if text.len() > PROOF_BYTES_MAX.saturating_mul(2) {
        return Err(ProofError::TooLarge(text.len() / 2));
    }
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(ProofError::NotAProof);
    }
    let value = hex::decode(text).map_err(|_source| ProofError::NotAProof)?;
    push_record(body, kind, &value);
    Ok(())
}
