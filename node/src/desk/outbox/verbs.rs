//! What a merchant does with a request: try again, correct, give up.
//!
//! Guards: nothing is given up or corrected while what was signed may still become final; a
//! corrected request keeps its order and its tries.

use std::sync::Arc;

use piao_api::backend::{Refusal, RequestAct};
use piao_api::wire;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::invoice::Draft;
use piao_chain::time::BlockTime;

use super::super::Desk;
use super::super::ask::Ask;
use super::super::elsewhere::Done;
use super::super::in_flight::{AccountKey, Claim, Turn};
use super::super::index::Entry;
use super::super::outcome::Standing;
use super::super::store::StepKind;
use super::keep::Synced;
use super::stage::{Stage, passes};

impl Desk {
    /// Does something with a request and says where it stands then.
    ///
    /// # Errors
    /// As [`piao_api::backend::Backend::act`].
    pub async fn act(
        self: &Arc<Self>,
        key: AccountKey,
        act: RequestAct,
    ) -> Result<wire::RequestView, Refusal> {
        match act {
            RequestAct::Retry => self.retry(&key).await?,
            RequestAct::Cancel => self.cancel(&key).await?,
            RequestAct::Reissue(draft) => self.reissue(&key, *draft).await?,
        }
        self.request_view(&key)
    }

    /// Tries it at once; one that failed or was given up is taken up again.
    async fn retry(self: &Arc<Self>, key: &AccountKey) -> Result<(), Refusal> {
        {
            let _claim = self.claimed(key).await?;
            let entry = self.entry(key)?;
            let is_over = matches!(entry.stage, Stage::Failed(_) | Stage::Cancelled);
            if is_over && matches!(self.standing(key.0, &entry)?, Standing::Never(_)) {
                self.step(key, &entry, StepKind::Retried, Synced::Yes)
                    .await?;
            }
        }
        self.forward(key, true).await;
        Ok(())
    }

    /// Gives it up while nothing of it may become final.
    async fn cancel(self: &Arc<Self>, key: &AccountKey) -> Result<(), Refusal> {
        let _claim = self.claimed(key).await?;
        let entry = self.entry(key)?;
        if entry.stage == Stage::Cancelled {
            return Ok(());
        }
        self.refuse_unless_over(key, &entry)?;
        self.step(key, &entry, StepKind::Cancelled, Synced::Yes)
            .await?;
        // What the other party was asked is taken back by the outbox.
        self.jobs.nudge();
        Ok(())
    }

    /// Goes on with a corrected draft of the same order.
    async fn reissue(self: &Arc<Self>, key: &AccountKey, draft: Draft) -> Result<(), Refusal> {
        let _claim = self.claimed(key).await?;
        let entry = self.entry(key)?;
        self.refuse_unless_over(key, &entry)?;
        let ask = self.of_same_order(&entry, draft)?;
        // What was answered before was not an answer to this.
        let entry = if entry.is_open() {
            entry
        } else {
            self.step(key, &entry, StepKind::Withdrawn, Synced::Yes)
                .await?;
            self.entry(key)?
        };
        match self.accept_alone(key, &ask, Some(entry.clone())).await {
            Ok(Done::Here) => Ok(()),
            Ok(Done::Elsewhere(place)) => self.note_final(key, &entry, place),
            Err(refusal) if passes(&refusal.faults) => {
                self.keep(key, &ask, Some(&entry), &refusal).await
            }
            Err(refusal) => Err(refusal),
        }
    }

    /// The key for this caller alone.
    async fn claimed(&self, key: &AccountKey) -> Result<Claim<'_>, Refusal> {
        loop {
            match self.in_flight.claim(key.clone()) {
                Turn::Mine(claim) => return Ok(claim),
                Turn::Wait(mut done) => drop(done.changed().await),
                Turn::Crowded => return Err(Refusal::of(FailureCode::InFlight)),
            }
        }
    }

    /// Refuses while something signed is final or may become so; says until when.
    fn refuse_unless_over(&self, key: &AccountKey, entry: &Entry) -> Result<(), Refusal> {
        match self.standing(key.0, entry)? {
            Standing::Never(_) => Ok(()),
            Standing::Final(_) => Err(Refusal::new(Fault::at(
                FailureCode::DuplicateOrder,
                "/order_ref",
            ))),
            Standing::Possible => {
                let until = BlockTime::from_ms(entry.valid_until_ms);
                let fault = Fault::new(FailureCode::InFlight)
                    .got("a signed attempt that may still become final")
                    .not_before(until);
                Err(Refusal::new(fault))
            }
        }
    }

    /// The corrected draft with the order of the first one, which it must not change: another order
    /// is another request. What asks for no invoice has no draft to correct.
    fn of_same_order(&self, entry: &Entry, mut draft: Draft) -> Result<Ask, Refusal> {
        let Some(ask) = self.ask_of(entry.seq)? else {
            return Err(Refusal::of(FailureCode::ResourceNotFound));
        };
        let Some(first) = ask.draft() else {
            let fault = Fault::new(FailureCode::ParameterInvalid);
            return Err(Refusal::new(fault.expected("a request for an invoice")));
        };
        let same = |pointer: &str, was: &Option<String>, is: &Option<String>| {
            if is.is_none() || is == was {
                return Ok(());
            }
            let expected = was.clone().unwrap_or_else(|| "none".to_owned());
            let fault = Fault::at(FailureCode::ParameterInvalid, pointer)
                .got(is.clone().unwrap_or_default())
                .expected(expected);
            Err(Refusal::new(fault))
        };
        same("/order_ref", &first.order_ref, &draft.order_ref)?;
        same("/order_part", &first.order_part, &draft.order_part)?;
        draft.order_ref.clone_from(&first.order_ref);
        draft.order_part.clone_from(&first.order_part);
        let corrected = ask.with_draft(draft);
        corrected.ok_or_else(|| Refusal::of(FailureCode::Internal))
    }
}
