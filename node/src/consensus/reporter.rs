//! Puts what validators did wrong on chain: keeps the evidence, reports it, and reports again until a
//! block holds it.
//!
//! Guards: evidence is durable before it is told; whoever else reports the same, the chain holds it
//! once; a node without a vote keeps and shows what it saw, and leaves the report to those who vote.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use piao_chain::limits::MISBEHAVIOUR_AGE_MAX;
use piao_chain::signature::{KeyId, SecretKey};
use piao_chain::transaction::{
    Payload, ReportMisbehaviour, SUITE, SignedTransaction, TransactionBody, VERSION,
};
use piao_engine::Misconduct;
use tokio::sync::mpsc;

use super::evidence::{EvidenceStore, report_of};
use crate::ledger::ChainView;
use crate::mempool::Admission;

/// How often what is not on chain is reported again.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// How long a report may wait for a block: one that found none is made anew.
const VALID_FOR_MS: u64 = 10 * 60 * 1000;
/// Findings of the engine that may wait to be written down.
const FINDINGS_MAX: usize = 64;
/// Reports handed to the pool at once.
const REPORTS_AT_ONCE_MAX: usize = 16;

/// One thing the engine found: who, and the proof.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// Who.
    pub validator: KeyId,
    /// The proof.
    pub misconduct: Misconduct,
}

/// What this node knows of misbehaviour.
#[derive(Debug)]
pub struct Reporter {
    chain: Arc<ChainView>,
    admission: Arc<Admission>,
    store: Mutex<EvidenceStore>,
}

impl Reporter {
    /// Opens the evidence of a data directory.
    #[must_use]
    pub fn open(data: &Path, chain: Arc<ChainView>, admission: Arc<Admission>) -> Self {
        Self {
            chain,
            admission,
            store: Mutex::new(EvidenceStore::open(data)),
        }
    }

    /// Where the host leaves what the engine found.
    #[must_use]
    pub fn channel() -> (mpsc::Sender<Found>, mpsc::Receiver<Found>) {
        mpsc::channel(FINDINGS_MAX)
    }

    /// Everything this node saw, oldest first.
    #[must_use]
    pub fn seen(&self) -> Vec<ReportMisbehaviour> {
        self.store().reports().to_vec()
    }

    /// Writes down and reports until nobody finds anything any more. Reports are signed by the first
    /// of these keys that votes.
    pub async fn run(self: Arc<Self>, keys: Vec<SecretKey>, mut found: mpsc::Receiver<Found>) {
        let mut ticks = tokio::time::interval(REPORT_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let keys = Arc::new(keys);
        loop {
            tokio::select! {
                one = found.recv() => match one {
                    Some(one) => self.beside(move |reporter| reporter.keep(&one)).await,
                    None => return,
                },
                _ = ticks.tick() => {
                    let keys = Arc::clone(&keys);
                    self.beside(move |reporter| reporter.report(&keys)).await;
                }
            }
        }
    }

    /// Runs what touches the disk or checks signatures off the tasks of the runtime.
    async fn beside(self: &Arc<Self>, work: impl FnOnce(&Self) + Send + 'static) {
        let reporter = Arc::clone(self);
        if let Err(error) = tokio::task::spawn_blocking(move || work(&reporter)).await {
            tracing::error!(%error, "misbehaviour could not be written down");
        }
    }

    fn keep(&self, found: &Found) {
        let sets = self.chain.known_sets();
        let key = |id: &KeyId| {
            let mut members = sets.iter().filter_map(|set| set.get(id));
            members.next().map(|member| member.public_key)
        };
        let Some(report) = report_of(&found.validator, &found.misconduct, &key) else {
            return;
        };
        if !report.holds(self.chain.chain_id()) {
            tracing::error!(validator = %found.validator, "the engine's evidence does not hold");
            return;
        }
        let (height, round) = (report.height, report.round);
        let offence = report.evidence.offence().as_str();
        match self.store().add(report) {
            Ok(true) => tracing::warn!(
                validator = %found.validator, height, round, offence,
                "a validator signed two contradicting messages: evidence is kept and reported"
            ),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "evidence could not be kept"),
        }
    }

    /// Reports what is not on chain and can still be judged.
    fn report(&self, keys: &[SecretKey]) {
        let (height, set, time_ms) = {
            let tip = self.chain.tip();
            let height = tip.header.height.saturating_add(1);
            (height, Arc::clone(&tip.validators), tip.header.time_ms)
        };
        let votes = |key: &&SecretKey| set.get(&key.public_key().id()).is_some();
        let Some(key) = keys.iter().find(votes) else {
            return;
        };
        let now_ms = self.chain.clock().now().ms().max(time_ms);
        let due = |one: &ReportMisbehaviour| {
            let age = height.checked_sub(one.height);
            age.is_some_and(|age| age <= MISBEHAVIOUR_AGE_MAX) && !self.is_on_chain(one)
        };
        let due: Vec<_> = self.seen().into_iter().filter(due).collect();
        for report in due.into_iter().take(REPORTS_AT_ONCE_MAX) {
            let Some(transaction) = self.signed(report, key, now_ms) else {
                continue;
            };
            // What is in the pool already, of this node, keeps its place; what the chain refuses
            // (reported by another a moment ago) is looked at again at the next turn.
            if let Err(faults) = self.admission.admit(transaction, false) {
                tracing::debug!(?faults, "a report of misbehaviour found no place now");
            }
        }
    }

    /// Whether the chain names the validator at that height.
    pub(crate) fn is_on_chain(&self, report: &ReportMisbehaviour) -> bool {
        let known = self.chain.misbehaviour(report.height);
        known.is_ok_and(|list| list.names(&report.validator.id()))
    }

    fn signed(
        &self,
        report: ReportMisbehaviour,
        key: &SecretKey,
        now_ms: u64,
    ) -> Option<SignedTransaction> {
        let me = key.public_key().id();
        let body = TransactionBody {
            version: VERSION,
            suite: SUITE,
            chain_id: *self.chain.chain_id(),
            account: 0,
            signers: vec![me],
            idem: report.idem(&me),
            valid_until_ms: now_ms.saturating_add(VALID_FOR_MS),
            fee_max_fen: 0,
            flags: 0,
            payload: Payload::ReportMisbehaviour(Box::new(report)),
        };
        SignedTransaction::sign(body, &[key]).ok()
    }

    fn store(&self) -> MutexGuard<'_, EvidenceStore> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
