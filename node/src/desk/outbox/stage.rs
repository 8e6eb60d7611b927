//! Where a request stands beside the chain, and when it is tried again.

use piao_api::wire::WaitingFor;
use piao_chain::digest::TransactionId;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;

use super::super::index::Entry;
use super::super::store::{Step, StepKind};

/// Tries of one request that are remembered; the first and the latest ones.
const TRIES_MAX: usize = 32;

/// The first pause before another try, in ms.
const PAUSE_MS_FIRST: u64 = 500;

/// The longest pause before another try, in ms.
pub(super) const PAUSE_MS_MAX: u64 = 60_000;

/// Pauses that double; 500 ms seven times doubled is over the longest.
const DOUBLINGS_MAX: u32 = 7;

/// Where a request stands, as far as the chain does not tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::desk) enum Stage {
    /// An attempt is signed: the chain tells the rest.
    Signed,
    /// Nothing that is signed may become final; it goes out when this has ended.
    Waiting {
        /// What stands in its way.
        code: FailureCode,
        /// Not worth a try before, in ms since 1970; 0 when no time is known.
        not_before_ms: u64,
    },
    /// Refused for reasons that do not end by themselves, at least one.
    Failed(Vec<FailureCode>),
    /// Given up by its merchant.
    Cancelled,
}

/// A try that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::desk) struct Try {
    /// Number of the attempt.
    pub(in crate::desk) attempt: u32,
    /// When it began, in ms since 1970.
    pub(in crate::desk) at_ms: u64,
    /// What was signed for it.
    pub(in crate::desk) txid: Option<TransactionId>,
    /// What it ended with.
    pub(in crate::desk) code: Option<FailureCode>,
}

impl Entry {
    /// Number of the attempt that would be signed now.
    pub(in crate::desk) const fn next_attempt(&self) -> u32 {
        if self.txid.is_some() {
            self.attempt.saturating_add(1)
        } else {
            self.attempt
        }
    }

    /// Whether the outbox has to do with it.
    pub(in crate::desk) fn is_open(&self) -> bool {
        let goes_on = matches!(self.stage, Stage::Signed | Stage::Waiting { .. });
        self.place.is_none() && (goes_on || self.is_to_withdraw())
    }

    /// What it waits for.
    pub(super) fn cause(&self) -> Option<WaitingFor> {
        let code = match &self.stage {
            Stage::Waiting { code, .. } => Some(*code),
            _ => self.dropped.and_then(FailureCode::from_number),
        };
        code.and_then(waits_for)
    }

    /// Whether it was given up while what was proposed for it may still stand.
    pub(in crate::desk) fn is_to_withdraw(&self) -> bool {
        self.stage == Stage::Cancelled && self.proposed.is_some()
    }

    /// The present try, as it looks now.
    pub(in crate::desk) fn present(&self) -> Try {
        let code = match &self.stage {
            Stage::Signed => self.dropped.and_then(FailureCode::from_number),
            Stage::Waiting { code, .. } => Some(*code),
            Stage::Failed(codes) => codes.first().copied(),
            Stage::Cancelled => None,
        };
        Try {
            attempt: self.attempt,
            at_ms: self.at_ms,
            txid: self.txid,
            code,
        }
    }

    /// Puts the present try among those that are over. A signed one has ended with its window
    /// unless something else is known.
    pub(in crate::desk) fn end_try(&mut self) {
        let mut ended = self.present();
        if self.txid.is_some() && ended.code.is_none() {
            ended.code = Some(FailureCode::TransactionWindow);
        }
        if self.tries.len() >= TRIES_MAX {
            // The first stays: it tells how it began.
            self.tries.remove(1);
        }
        self.tries.push(ended);
    }

    /// Moves to a stage in which nothing that was signed may become final.
    fn unsigned(&mut self, stage: Stage, at_ms: u64) {
        self.end_try();
        self.attempt = self.next_attempt();
        self.txid = None;
        self.idem = [0; 16];
        self.fee_fen = 0;
        self.valid_until_ms = 0;
        self.dropped = None;
        self.stage = stage;
        self.at_ms = at_ms;
    }

    /// Does what a recorded step says. Told again by every start, so it depends on nothing else.
    pub(in crate::desk) fn apply(&mut self, step: &Step) {
        let code = |number: u16| FailureCode::from_number(number).unwrap_or(FailureCode::Internal);
        let stage = match &step.kind {
            StepKind::Proposed(proposed) => {
                self.proposed = Some(*proposed);
                return;
            }
            StepKind::Withdrawn => {
                self.proposed = None;
                return;
            }
            StepKind::Waiting {
                code: number,
                not_before_ms,
            } => Stage::Waiting {
                code: code(*number),
                not_before_ms: *not_before_ms,
            },
            StepKind::Failed { codes } => {
                // A refusal that a block holds is what the attempt ended with.
                if self.anchored && self.txid.is_some() {
                    self.dropped = codes.first().copied();
                }
                Stage::Failed(codes.iter().copied().map(code).collect())
            }
            StepKind::Cancelled => Stage::Cancelled,
            StepKind::Retried => {
                self.proposed = None;
                Stage::Waiting {
                    code: self
                        .present()
                        .code
                        .unwrap_or(FailureCode::TransactionWindow),
                    not_before_ms: 0,
                }
            }
        };
        self.unsigned(stage, step.at_ms);
    }
}

/// What a request waits for that meets this failure; `None` when it does not end by itself.
pub(in crate::desk) const fn waits_for(code: FailureCode) -> Option<WaitingFor> {
    match code {
        FailureCode::FeeBalanceInsufficient | FailureCode::FeeReserved => Some(WaitingFor::TopUp),
        FailureCode::QuotaMonthExceeded
        | FailureCode::QuotaSuspended
        | FailureCode::DailyCountLimit
        | FailureCode::TaxpayerNotRegistered
        | FailureCode::TaxpayerSuspended => Some(WaitingFor::Limit),
        FailureCode::Maintenance | FailureCode::MaintenanceSoon | FailureCode::ReadOnly => {
            Some(WaitingFor::Maintenance)
        }
        FailureCode::RedConfirmRequired | FailureCode::OriginalUsedForDeduction => {
            Some(WaitingFor::Confirmation)
        }
        FailureCode::NoPeers
        | FailureCode::NotSynced
        | FailureCode::PoolFull
        | FailureCode::StorageFull
        | FailureCode::ConfirmTimeout
        | FailureCode::TransactionWindow
        | FailureCode::RulesetUnknown
        | FailureCode::FeeQuoteStale => Some(WaitingFor::Network),
        _ => None,
    }
}

/// Whether everything that speaks against a request ends by itself.
pub(in crate::desk) fn passes(faults: &[Fault]) -> bool {
    !faults.is_empty() && faults.iter().all(|fault| waits_for(fault.code).is_some())
}

/// How long to pause before another try, in ms: longer each time, within bounds, and differently
/// for each request, so that they do not all come at once.
pub(super) fn pause_ms(tries: u32, seed: u64) -> u64 {
    let whole = PAUSE_MS_FIRST << tries.min(DOUBLINGS_MAX);
    let whole = whole.min(PAUSE_MS_MAX);
    let spread = whole / 2;
    let jitter = mix(seed ^ u64::from(tries)) % spread.max(1);
    whole - spread + jitter
}

/// One step of splitmix64: spreads what is nearly the same far apart.
const fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod stage_tests {
    use super::*;

    #[test]
    fn pauses_grow_stay_within_their_bounds_and_differ() {
        let mut last = 0;
        for tries in 0..40 {
            let pause = pause_ms(tries, 7);
            assert!(
                (PAUSE_MS_FIRST / 2..=PAUSE_MS_MAX).contains(&pause),
                "{pause}"
            );
            if (2..DOUBLINGS_MAX).contains(&tries) {
                assert!(pause * 2 > last, "{tries}: {pause} after {last}");
            }
            last = pause;
        }
        let pauses: std::collections::BTreeSet<_> =
            (0..100).map(|seed| pause_ms(9, seed)).collect();
        assert!(pauses.len() > 90, "they come at different times");
    }

    #[test]
    fn what_is_wrong_with_the_data_does_not_pass() {
        let short = Fault::new(FailureCode::FeeBalanceInsufficient);
        let wrong = Fault::new(FailureCode::LineTaxMismatch);
        assert!(passes(std::slice::from_ref(&short)));
        assert!(!passes(&[short, wrong]));
        assert!(!passes(&[]));
    }
}
