//! Raw signed transactions from outside.

use std::sync::Arc;
use std::time::Duration;

use piao_api::backend::{Refusal, Wait};
use piao_api::wire;
use piao_chain::failure::FailureCode;
use piao_chain::transaction::SignedTransaction;

use super::blocks::transaction;
use super::render::outcome_of;
use crate::ledger::{ChainView, Settled};
use crate::mempool::Admission;

/// Admits a transaction and waits for its outcome.
pub(super) async fn submit(
    chain: &Arc<ChainView>,
    admission: &Admission,
    bytes: &[u8],
    wait: Wait,
) -> Result<wire::Outcome, Refusal> {
    let decoded = SignedTransaction::decode(bytes).map_err(|error| Refusal::of(error.code))?;
    let id = decoded.id();
    if chain.place_of(&id).is_some() {
        return transaction(chain, &id);
    }
    let watch = chain.finality().watch(id);
    if let Err(faults) = admission.admit(decoded.clone(), false) {
        // It may have become final between the two questions.
        if chain.place_of(&id).is_some() {
            return transaction(chain, &id);
        }
        return Err(Refusal::sorted(faults).unwrap_or_else(|| Refusal::of(FailureCode::Internal)));
    }
    let limit = match wait {
        Wait::Final(limit) => limit,
        Wait::Accepted => Duration::ZERO,
    };
    let Some(watch) = watch else {
        return Ok(wire::Outcome::unknown(id.to_string()));
    };
    match tokio::time::timeout(limit, watch).await {
        Ok(Ok(Settled::Final(settled))) => Ok(outcome_of(&decoded, &settled)),
        Ok(Ok(Settled::Dropped(fault))) => Err(Refusal::new(fault)),
        Ok(Err(_)) | Err(_) => Ok(wire::Outcome::unknown(id.to_string())),
    }
}
