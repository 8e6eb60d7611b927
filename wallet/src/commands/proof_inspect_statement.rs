//! `piao proof inspect` of a statement: what stands in it, unjudged.

use piao_chain::proof::ProofError;
use piao_chain::proof::statement::{
    AbsenceProof, Anchor, CertifiedHeader, CompletenessProof, EarlierBlock,
};
use piao_chain::time::BlockTime;
use serde::Serialize;

/// What stands in a statement, as `--json` prints it.
#[derive(Debug, Serialize)]
pub(super) struct StatementInspection {
    /// Always false: nothing of this is believed.
    verified: bool,
    statement: &'static str,
    bytes: usize,
    chain_id: String,
    as_of_height: u64,
    as_of_time: String,
    certificate_round: u32,
    certificate_signers: Vec<String>,
    validators: usize,
    links: usize,
    #[serde(flatten)]
    says: Says,
}

/// What each kind says.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Says {
    Absence {
        number: String,
        issued_count: u64,
        /// Numbers that the transaction in the number's place issued.
        instead: Option<Vec<String>>,
        instead_height: Option<u64>,
    },
    Completeness {
        account: u32,
        from: u64,
        /// Id of the account's invoice before the first one listed.
        before: String,
        listed: Vec<String>,
        /// What shows the end: `account` or `issued`.
        end: &'static str,
        first_height: Option<u64>,
    },
}

/// Reads a statement of either kind.
///
/// # Errors
/// [`ProofError`]: the bytes are none.
pub(super) fn inspect(bytes: &[u8]) -> Result<StatementInspection, ProofError> {
    match AbsenceProof::decode(bytes) {
        Ok(proof) => Ok(of_absence(&proof, bytes.len())),
        Err(ProofError::UnknownVersion(_)) => {
            CompletenessProof::decode(bytes).map(|proof| of_list(&proof, bytes.len()))
        }
        Err(error) => Err(error),
    }
}

fn of_absence(proof: &AbsenceProof, bytes: usize) -> StatementInspection {
    let instead = proof.instead.as_ref();
    let numbers = instead.map(|instead| {
        let effects = instead.place.outcome.effects.iter();
        effects.map(|effect| effect.number.to_string()).collect()
    });
    let says = Says::Absence {
        number: proof.number.to_string(),
        issued_count: proof.totals.totals.issued_count,
        instead: numbers,
        instead_height: instead.map(|instead| height(instead.place.block.as_ref(), &proof.at)),
    };
    inspection("absence", &proof.at, bytes, says)
}

fn of_list(proof: &CompletenessProof, bytes: usize) -> StatementInspection {
    let numbers = proof.listed.iter().map(|one| one.number.to_string());
    let first = proof.first.as_ref();
    let says = Says::Completeness {
        account: proof.account,
        from: proof.from,
        before: proof.before.to_string(),
        listed: numbers.collect(),
        end: match &proof.anchor {
            Anchor::Account(_) => "account",
            Anchor::Issued(_) => "issued",
        },
        first_height: first.map(|first| height(first.block.as_ref(), &proof.at)),
    };
    inspection("completeness", &proof.at, bytes, says)
}

/// The height of a place: that of its block, or of block M.
fn height(block: Option<&EarlierBlock>, at: &CertifiedHeader) -> u64 {
    block.map_or(at.header.height, |block| block.header.height)
}

fn inspection(
    statement: &'static str,
    at: &CertifiedHeader,
    bytes: usize,
    says: Says,
) -> StatementInspection {
    let signers = at.certificate.signatures.iter();
    StatementInspection {
        verified: false,
        statement,
        bytes,
        chain_id: at.header.chain_id.to_string(),
        as_of_height: at.header.height,
        as_of_time: BlockTime::from_ms(at.header.time_ms).to_string(),
        certificate_round: at.certificate.round,
        certificate_signers: signers.map(|(id, _)| id.to_string()).collect(),
        validators: at.validators.members().len(),
        links: at.links.len(),
        says,
    }
}
