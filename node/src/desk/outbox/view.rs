//! A request as the contract shows it, and lists of them.

use piao_api::backend::{Cut, Refusal};
use piao_api::wire;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;

use super::super::Desk;
use super::super::ask::Ask;
use super::super::in_flight::AccountKey;
use super::super::index::Entry;
use super::super::outcome::Standing;
use super::stage::{Stage, Try, waits_for};
use crate::backend::time_text;

/// After this long without a block what was handed in is not known to be on its way.
const SILENCE_MS_MAX: u64 = 10_000;

/// Where a request stands, in the contract's words.
struct Now {
    state: wire::RequestState,
    chance: wire::Chance,
    waiting_for: Option<wire::WaitingFor>,
    codes: Vec<FailureCode>,
    not_before_ms: u64,
}

impl Now {
    fn of(state: wire::RequestState, chance: wire::Chance) -> Self {
        Self {
            state,
            chance,
            waiting_for: None,
            codes: Vec::new(),
            not_before_ms: 0,
        }
    }
}

impl Desk {
    /// A request as the contract shows it.
    pub(in crate::desk) fn request_view(
        &self,
        key: &AccountKey,
    ) -> Result<wire::RequestView, Refusal> {
        let entry = self.entry(key)?;
        let standing = self.standing(key.0, &entry)?;
        // Asking may have found where it stands.
        let entry = self.entry(key)?;
        let ask = self.ask_of(entry.seq)?;
        let draft = ask.as_ref().and_then(Ask::draft);
        let now = self.now_of(&entry, &standing);
        let (number, height, updated_ms) = match &standing {
            Standing::Final(place) => {
                let issued = self.invoice_at(*place)?.document;
                let block_ms = self.chain.reader().time_ms(place.height);
                let at_ms = block_ms.unwrap_or(entry.at_ms).max(entry.at_ms);
                (Some(issued.number), Some(place.height), at_ms)
            }
            _ => (None, None, entry.at_ms),
        };
        let id = hex::encode(entry.id);
        let is_possible = now.chance == wire::Chance::Possible && entry.txid.is_some();
        let mut attempts: Vec<_> = entry.tries.iter().map(attempt_of).collect();
        if !matches!(entry.stage, Stage::Cancelled) {
            attempts.push(wire::Attempt {
                code: now.codes.first().map(|code| code.code().to_owned()),
                ..attempt_of(&entry.present())
            });
        }
        let next_action = match now.state {
            wire::RequestState::Unknown => Some(FailureCode::ConfirmTimeout.next_action()),
            _ => now.codes.first().map(|code| code.next_action()),
        };
        Ok(wire::RequestView {
            links: wire::RequestLinks::of(&id, number.as_deref()),
            id,
            account: key.0,
            idempotency_key: key.1.clone(),
            order_ref: draft.and_then(|draft| draft.order_ref.clone()),
            state: now.state,
            waiting_for: now.waiting_for,
            chance: now.chance,
            possible_until: is_possible.then(|| time_text(entry.valid_until_ms)),
            number,
            txid: entry.txid.map(|txid| txid.to_string()),
            height,
            attempts,
            failures: failures_of(&now.codes),
            not_before: (now.not_before_ms > 0).then(|| time_text(now.not_before_ms)),
            confirmation: self.confirmation_view(&entry, ask.as_ref())?,
            next_action: next_action.map(str::to_owned),
            created_at: time_text(entry.created_at_ms),
            updated_at: time_text(updated_ms),
        })
    }

    fn now_of(&self, entry: &Entry, standing: &Standing) -> Now {
        use wire::{Chance, RequestState, WaitingFor};
        let open = |code: FailureCode, not_before_ms: u64| Now {
            waiting_for: Some(waits_for(code).unwrap_or(WaitingFor::Network)),
            codes: vec![code],
            not_before_ms,
            ..Now::of(RequestState::Waiting, Chance::Possible)
        };
        match (standing, &entry.stage) {
            (Standing::Final(_), _) => Now::of(RequestState::Final, Chance::Issued),
            (_, Stage::Cancelled) => Now::of(RequestState::Cancelled, Chance::NotIssued),
            (_, Stage::Failed(codes)) => Now {
                codes: codes.clone(),
                ..Now::of(RequestState::Failed, Chance::NotIssued)
            },
            (
                _,
                Stage::Waiting {
                    code,
                    not_before_ms,
                },
            ) => open(*code, *not_before_ms),
            (Standing::Never(code), Stage::Signed) => open(*code, 0),
            (Standing::Possible, Stage::Signed) => self.now_of_signed(entry),
        }
    }

    /// What is signed and neither final nor past its window.
    fn now_of_signed(&self, entry: &Entry) -> Now {
        use wire::{Chance, RequestState};
        let is_in_pool = entry
            .txid
            .is_some_and(|txid| self.admission.pool().contains(&txid));
        if is_in_pool {
            let tip_ms = self.chain.tip().header.time_ms;
            let now_ms = self.chain.clock().now().ms();
            let silent_ms = now_ms.saturating_sub(tip_ms.max(entry.at_ms));
            let state = if silent_ms > SILENCE_MS_MAX {
                RequestState::Unknown
            } else {
                RequestState::Submitted
            };
            return Now::of(state, Chance::Possible);
        }
        match entry.dropped.and_then(FailureCode::from_number) {
            None => Now::of(RequestState::Unknown, Chance::Possible),
            Some(code) => {
                let waiting_for = waits_for(code);
                let state = match waiting_for {
                    Some(_) => RequestState::Waiting,
                    None => RequestState::Failed,
                };
                Now {
                    waiting_for,
                    codes: vec![code],
                    ..Now::of(state, Chance::Possible)
                }
            }
        }
    }

    /// Requests of an account, the last one touched first.
    ///
    /// # Errors
    /// [`FailureCode::ParameterInvalid`] for a foreign cursor.
    pub fn requests(
        &self,
        account: u32,
        state: Option<wire::RequestState>,
        cut: &Cut,
    ) -> Result<wire::Page<wire::RequestView>, Refusal> {
        self.page(account, cut, |key| {
            let view = self.request_view(key)?;
            let is_wanted = state.is_none_or(|state| state == view.state);
            Ok(is_wanted.then_some(view))
        })
    }
}

fn attempt_of(one: &Try) -> wire::Attempt {
    wire::Attempt {
        attempt: one.attempt,
        at: time_text(one.at_ms),
        txid: one.txid.map(|txid| txid.to_string()),
        code: one.code.map(|code| code.code().to_owned()),
    }
}

fn failures_of(codes: &[FailureCode]) -> Vec<wire::Failure> {
    codes
        .iter()
        .map(|code| wire::Failure::from_fault(&Fault::new(*code), None))
        .collect()
}
