//! Proofs that the holders of new keys hold them, as changes of sets carry them (SPEC 4.2.7).

use super::TransactionError;
use super::register_merchant::check_possession;
use crate::digest::ChainId;
use crate::failure::FailureCode;
use crate::signature::{KeyId, PublicKey, Signature};

/// A key's name and its proof.
pub type Possession = (KeyId, Signature);

/// Proofs are strictly ascending, each of one of the keys, and hold.
pub(super) fn check_proofs(
    proofs: &[Possession],
    key: &dyn Fn(&KeyId) -> Option<PublicKey>,
    chain_id: &ChainId,
) -> Result<(), TransactionError> {
    let ascending = proofs
        .iter()
        .zip(proofs.iter().skip(1))
        .all(|(a, b)| a.0 < b.0);
    if !ascending || proofs.iter().any(|(id, _proof)| key(id).is_none()) {
        return Err(FailureCode::TransactionMalformed.into());
    }
    for (id, proof) in proofs {
        let key = key(id).ok_or(FailureCode::TransactionMalformed)?;
        check_possession(&key, proof, chain_id)?;
    }
    Ok(())
}

/// How many keys are neither known nor proven.
pub(super) fn unproven(
    keys: &mut dyn Iterator<Item = KeyId>,
    proofs: &[Possession],
    is_known: &dyn Fn(&KeyId) -> bool,
) -> usize {
    keys.filter(|id| !is_known(id) && !proofs.iter().any(|(proven, _proof)| proven == id))
        .count()
}
