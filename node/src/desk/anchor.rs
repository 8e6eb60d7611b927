//! Requests whose refusal is to be provable: the chain keeps it in a block (SPEC 5.2).
//!
//! Guards: what a block holds of such a request is its end; the desk signs nothing more for it until
//! its merchant asks, so a refusal is kept, and paid for, once.

use piao_api::backend::Refusal;
use piao_chain::digest::TransactionId;
use piao_chain::failure::FailureCode;
use piao_chain::invoice::Draft;
use piao_chain::transaction::{FLAG_ANCHOR_FAILURE, SignedTransaction};

use super::Desk;
use super::compose::Signed;
use super::correct::VALID_FOR_MS;
use super::in_flight::AccountKey;
use super::index::Entry;
use super::outbox::{Stage, Synced};
use super::store::StepKind;
use crate::ledger::Place;

/// How far block time may be from the clock that wrote down when an attempt was made.
const CLOCK_MARGIN_MS: u64 = 60 * 1000;

/// Blocks looked through for an attempt, at most.
const BLOCKS_MAX: u64 = 100_000;

impl Desk {
    /// Signs an attempt that goes out though the state of the chain speaks against it.
    ///
    /// # Errors
    /// Every fault of the draft itself: such a transaction could stand in no block.
    pub(super) fn sign_anchored(
        &self,
        key: &AccountKey,
        draft: &Draft,
        attempt: u32,
    ) -> Result<Signed, Refusal> {
        let internal = || Refusal::of(FailureCode::Internal);
        let merchant = self.merchant_or_refuse(key.0)?;
        let (found, _state_faults, composed) = self.judge(merchant, draft, &key.1, attempt)?;
        if let Some(refusal) = Refusal::sorted(found.faults) {
            return Err(refusal);
        }
        let mut composed = composed.ok_or_else(internal)?;
        let mut body = composed.transaction.body().clone();
        body.flags |= FLAG_ANCHOR_FAILURE;
        let signer = merchant.signing_key(&self.chain);
        // A block in between may have put another key in the place of the one it was composed with.
        body.signers = vec![signer.public_key().id()];
        let sealed = SignedTransaction::sign(body, &[signer]);
        composed.transaction = sealed.map_err(|error| Refusal::of(error.code))?;
        Ok(composed.into())
    }

    /// What a request has come to that a block refused; `None` while it may go on.
    pub(super) fn anchored_end(
        &self,
        account: u32,
        entry: &Entry,
    ) -> Result<Option<FailureCode>, Refusal> {
        if !entry.anchored {
            return Ok(None);
        }
        match &entry.stage {
            Stage::Signed => {
                let failed = self.anchored_failure(account, entry)?;
                Ok(failed.map(|(_place, code)| code))
            }
            // Refused at the door after another try it may be tried again.
            Stage::Failed(codes) => {
                let is_signed = entry.tries.last().is_some_and(|last| last.txid.is_some());
                Ok(codes.first().copied().filter(|_code| is_signed))
            }
            Stage::Waiting { .. } | Stage::Cancelled => Ok(None),
        }
    }

    /// The same of the request of a key.
    pub(super) fn is_anchored_end(&self, key: &AccountKey) -> Result<bool, Refusal> {
        let entry = self.entry(key)?;
        Ok(self.anchored_end(key.0, &entry)?.is_some())
    }

    /// Records that a block refused a request; whether one did.
    pub(super) async fn end_anchored(&self, key: &AccountKey, entry: &Entry) -> bool {
        if entry.stage != Stage::Signed {
            return false;
        }
        let Ok(Some((_place, code))) = self.anchored_failure(key.0, entry) else {
            return false;
        };
        let codes = vec![code.number()];
        let step = self.step(key, entry, StepKind::Failed { codes }, Synced::Yes);
        if let Err(refusal) = step.await {
            // It is found again by the next pass.
            tracing::warn!(code = %refusal.code(), "a refusal in a block is not recorded yet");
        }
        true
    }

    /// Where the block stands that refused the last attempt of a request that was signed.
    ///
    /// # Errors
    /// [`FailureCode::ResourceNotFound`] where no block holds a refusal of it.
    pub(crate) fn refusal_of_request(
        &self,
        owns: &dyn Fn(u32) -> bool,
        id: &str,
    ) -> Result<Place, Refusal> {
        let key = self.key_of_request(owns, id)?;
        let entry = self.entry(&key)?;
        let none = || {
            let refusal = Refusal::of(FailureCode::ResourceNotFound);
            refusal.detail("no block holds a refusal of this request")
        };
        let failed = self.anchored_failure(key.0, &entry)?;
        failed.map(|(place, _code)| place).ok_or_else(none)
    }

    /// Where the last attempt that was signed failed, and why.
    fn anchored_failure(
        &self,
        account: u32,
        entry: &Entry,
    ) -> Result<Option<(Place, FailureCode)>, Refusal> {
        let present = entry.txid.map(|txid| (txid, entry.at_ms));
        let earlier = entry.tries.iter().rev();
        let mut earlier = earlier.filter_map(|one| Some((one.txid?, one.at_ms)));
        let Some((txid, at_ms)) = present.or_else(|| earlier.next()) else {
            return Ok(None);
        };
        let Some(place) = self.place_of_attempt(account, &txid, at_ms)? else {
            return Ok(None);
        };
        let code = self.failure_at(place)?;
        Ok(code.map(|code| (place, code)))
    }

    /// Where an attempt stands that was made at a time. The chain remembers replay guards for as long
    /// as their windows; afterwards the blocks of that window are read.
    fn place_of_attempt(
        &self,
        account: u32,
        txid: &TransactionId,
        at_ms: u64,
    ) -> Result<Option<Place>, Refusal> {
        if let Some(place) = self.chain.place_of(txid) {
            return Ok(Some(place));
        }
        let reader = self.chain.reader();
        let (from_ms, until_ms) = (
            at_ms.saturating_sub(CLOCK_MARGIN_MS),
            at_ms.saturating_add(VALID_FOR_MS + CLOCK_MARGIN_MS),
        );
        let tip = self.chain.height();
        let (mut first, mut above) = (1, tip.saturating_add(1));
        while first < above {
            let middle = first + (above - first) / 2;
            if reader
                .time_ms(middle)
                .is_some_and(|time_ms| time_ms < from_ms)
            {
                first = middle + 1;
            } else {
                above = middle;
            }
        }
        for height in (first..=tip).take(usize::try_from(BLOCKS_MAX).unwrap_or(usize::MAX)) {
            if reader
                .time_ms(height)
                .is_some_and(|time_ms| time_ms > until_ms)
            {
                return Ok(None);
            }
            let committed = self.block_at(height)?;
            let mut all = (0u32..).zip(&committed.block.transactions);
            let found =
                all.find(|(_index, one)| one.body().account == account && one.id() == *txid);
            if let Some((index, _one)) = found {
                return Ok(Some(Place { height, index }));
            }
        }
        Ok(None)
    }
}
