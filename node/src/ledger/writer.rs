//! The one thread that builds, checks and commits blocks.
//!
//! Guards: nothing is executed twice (what was executed for a vote is applied when decided),
//! nothing is final before its record is synced, and a body is synced before anybody votes on it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc;

use bytes::Bytes;
use piao_chain::block::Block;
use piao_chain::certificate::CommitCertificate;
use piao_chain::digest::BlockId;
use piao_chain::execute::{
    Basis, BlockError, BuildLimits, Built, Executed, Parent, Proposer, build_block, verify_block,
};
use piao_chain::failure::FailureCode;
use piao_chain::limits::{BLOCK_TIME_SKEW_MS, BLOCK_TIME_STEP_MS};
use piao_chain::signature::KeyId;
use piao_chain::state::validators_at;
use piao_engine::{Answer, BodySource, BuiltBlock, Checked, UndecidedBlock};

use super::command::{Command, LedgerHandle, channel};
use super::finality::{FinalOutcome, Settled};
use super::recent::Place;
use super::refused::refused;
use super::tip::Tip;
use super::view::ChainView;
use crate::journal::{BlockJournal, JournalError, Proposal};
use crate::mempool::{Admission, skipped_fault};
use crate::storage::StateCache;

/// Executed blocks kept per height: consensus discards a few when rounds change.
const EXECUTED_MAX: usize = 16;

/// Transactions of one block at most.
const BLOCK_TRANSACTIONS_MAX: usize = 4_096;

/// What the writer works with.
#[derive(Debug)]
pub struct LedgerParts {
    /// The read side.
    pub chain: Arc<ChainView>,
    /// The mempool.
    pub admission: Arc<Admission>,
    /// The journal.
    pub journal: BlockJournal,
    /// This node's validator key id.
    pub me: KeyId,
}

/// Starts the writer. Its thread ends with an error when nothing more may be promised.
///
/// # Errors
/// When the thread can't be started.
pub fn start(
    parts: LedgerParts,
) -> std::io::Result<(
    LedgerHandle,
    std::thread::JoinHandle<Result<(), LedgerError>>,
)> {
    let (handle, inbox) = channel();
    let thread = std::thread::Builder::new()
        .name("ledger".into())
        .spawn(move || Writer::new(parts).run(&inbox))?;
    Ok((handle, thread))
}

/// Why the writer stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The journal could not be written: nothing more can be promised.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The state could not be read or kept.
    #[error("state: {0}")]
    State(String),
    /// A decided block is not valid here: this software and the network disagree.
    #[error("decided block {height} is not valid on this node: {reason}")]
    Diverged {
        /// Its height.
        height: u64,
        /// Why.
        reason: String,
    },
}

struct Writer {
    parts: LedgerParts,
    executed: BTreeMap<BlockId, (Block, Executed)>,
    /// Why blocks of this height are not valid here: named if the others decide one of them.
    refused: BTreeMap<BlockId, String>,
}

impl Writer {
    fn new(parts: LedgerParts) -> Self {
        Self {
            parts,
            executed: BTreeMap::new(),
            refused: BTreeMap::new(),
        }
    }

    fn run(mut self, inbox: &mpsc::Receiver<Command>) -> Result<(), LedgerError> {
        while let Ok(command) = inbox.recv() {
            match command {
                Command::Build {
                    height,
                    round,
                    reply,
                } => answer(reply, self.build(height, round)?),
                Command::Check {
                    height,
                    round,
                    valid_round,
                    proposer,
                    body,
                    source,
                    reply,
                } => {
                    let proposal = Proposed {
                        height,
                        round,
                        valid_round,
                        proposer,
                        source,
                    };
                    answer(reply, self.check(&proposal, &body)?);
                }
                Command::Undecided {
                    height,
                    round,
                    reply,
                } => answer(reply, self.undecided(height, round)),
                Command::Body {
                    height,
                    block_id,
                    reply,
                } => answer(reply, self.body(height, &block_id)?),
                Command::Commit { certificate, reply } => {
                    self.commit(certificate)?;
                    answer(reply, ());
                }
                Command::Stop => break,
            }
        }
        Ok(())
    }

    /// The same block for the same height and round, also after a restart: another one would be
    /// a double proposal.
    fn build(&mut self, height: u64, round: u32) -> Result<Option<BuiltBlock>, LedgerError> {
        if let Some(earlier) = self.built_before(height, round)? {
            return Ok(Some(earlier));
        }
        let Some(built) = self.assemble(height)? else {
            return Ok(None);
        };
        for (id, reason) in &built.skipped {
            self.parts.admission.withdraw(id);
            let settled = Settled::Dropped(skipped_fault(reason));
            self.parts.chain.finality().settle(id, &settled);
        }
        let body = built.block.encode();
        let proposal = Proposal {
            height,
            round,
            valid_round: None,
            proposer: self.parts.me,
            valid: true,
            block_id: built.id,
        };
        crash_point!("ledger.built");
        if !self.kept(&proposal, &body)? {
            return Ok(None);
        }
        self.keep(built.id, built.block, built.executed);
        Ok(Some(BuiltBlock {
            block_id: built.id,
            body: Bytes::from(body),
        }))
    }

    fn built_before(&self, height: u64, round: u32) -> Result<Option<BuiltBlock>, LedgerError> {
        let me = self.parts.me;
        let proposals = self.parts.journal.undecided(height);
        let earlier = proposals
            .into_iter()
            .find(|one| one.proposer == me && one.round == round && one.valid_round.is_none());
        let Some(earlier) = earlier else {
            return Ok(None);
        };
        let body = self.parts.journal.body(height, &earlier.block_id)?;
        Ok(body.map(|body| BuiltBlock {
            block_id: earlier.block_id,
            body: Bytes::from(body),
        }))
    }

    /// Executes what waits, oldest first, into a block on the tip.
    fn assemble(&self, height: u64) -> Result<Option<Built>, LedgerError> {
        let LedgerParts {
            chain,
            admission,
            me,
            ..
        } = &self.parts;
        let bytes_max = usize::try_from(chain.params().block_bytes_max).unwrap_or(usize::MAX);
        let candidates = admission.pool().candidates(bytes_max);
        let tip = chain.tip();
        if tip.header.height.saturating_add(1) != height {
            tracing::warn!(
                height,
                tip = tip.header.height,
                "asked to build off the tip"
            );
            return Ok(None);
        }
        let proposer = Proposer {
            id: *me,
            clock_ms: chain.clock().now().ms(),
        };
        let limits = BuildLimits {
            bytes_max,
            transactions_max: BLOCK_TRANSACTIONS_MAX,
        };
        build_block(
            &basis(chain, &tip),
            proposer,
            &mut candidates.into_iter(),
            limits,
            admission.checked(),
        )
        .map(Some)
        .map_err(|why| LedgerError::State(why.0))
    }

    fn check(&mut self, proposed: &Proposed, body: &Bytes) -> Result<Checked, LedgerError> {
        let Ok(block) = Block::decode(body) else {
            return Ok(Checked::Malformed);
        };
        let block_id = block.header.id();
        let valid = self.clock_agrees(proposed, &block);
        // The id is the header's. That the transactions are those it commits to shows when they
        // are executed, so until then the body must not be kept under that name.
        let is_whole = match self.executed.get(&block_id) {
            Some((known, _executed)) => known.transactions == block.transactions,
            None => self.execute(block_id, block)?.is_none(),
        };
        if !is_whole {
            let valid = false;
            return Ok(Checked::Block { block_id, valid });
        }
        let proposal = Proposal {
            height: proposed.height,
            round: proposed.round,
            valid_round: proposed.valid_round,
            proposer: proposed.proposer,
            valid,
            block_id,
        };
        if !self.kept(&proposal, body)? {
            return Ok(Checked::Unavailable);
        }
        Ok(Checked::Block { block_id, valid })
    }

    /// Syncs a body; `false` when the journal refuses it and is as it was. What others propose
    /// (a height long past, a body too large) or a full disk must not end this thread.
    fn kept(&mut self, proposal: &Proposal, body: &[u8]) -> Result<bool, LedgerError> {
        match self.parts.journal.append_proposed(proposal, body) {
            Ok(()) => Ok(true),
            Err(error) if error.is_refusal() => {
                tracing::warn!(height = proposal.height, %error, "a proposed block was not kept");
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// SPEC 4.3: asked of first proposals only, never of re-proposals, sync or replay.
    fn clock_agrees(&self, proposed: &Proposed, block: &Block) -> bool {
        if proposed.source == BodySource::Synced || proposed.valid_round.is_some() {
            return true;
        }
        let now_ms = self.parts.chain.clock().now().ms();
        let parent_ms = self.parts.chain.tip().header.time_ms;
        let time_ms = block.header.time_ms;
        time_ms.abs_diff(now_ms) <= BLOCK_TIME_SKEW_MS
            || time_ms == parent_ms.saturating_add(BLOCK_TIME_STEP_MS)
    }

    /// Executes a block on the tip and keeps what came of it, or says why it is not valid there.
    fn execute(&mut self, block_id: BlockId, block: Block) -> Result<Option<String>, LedgerError> {
        let chain = Arc::clone(&self.parts.chain);
        let checked = self.parts.admission.checked();
        checked.check_ahead(&block.transactions, |one| chain.keys_of(one));
        let result = {
            let tip = chain.tip();
            verify_block(&basis(&chain, &tip), &block, self.parts.admission.checked())
        };
        match result {
            Ok(executed) => {
                self.keep(block_id, block, executed);
                Ok(None)
            }
            Err(BlockError::Unavailable(why)) => Err(LedgerError::State(why.0)),
            Err(error) => {
                let reason = refused(&error);
                tracing::warn!(%block_id, %reason, "block refused");
                while self.refused.len() >= EXECUTED_MAX {
                    self.refused.pop_first();
                }
                self.refused.insert(block_id, reason.clone());
                Ok(Some(reason))
            }
        }
    }

    fn keep(&mut self, block_id: BlockId, block: Block, executed: Executed) {
        while self.executed.len() >= EXECUTED_MAX {
            self.executed.pop_first();
        }
        self.executed.insert(block_id, (block, executed));
    }

    fn undecided(&self, height: u64, round: u32) -> Vec<UndecidedBlock> {
        self.parts
            .journal
            .undecided(height)
            .into_iter()
            .filter(|one| one.round == round)
            .map(|one| UndecidedBlock {
                block_id: one.block_id,
                proposer: one.proposer,
                valid_round: one.valid_round,
                valid: one.valid,
            })
            .collect()
    }

    fn body(&self, height: u64, block_id: &BlockId) -> Result<Option<Bytes>, LedgerError> {
        Ok(self.parts.journal.body(height, block_id)?.map(Bytes::from))
    }

    /// Journal, sync, then everything that others see, then whoever waits.
    fn commit(&mut self, certificate: CommitCertificate) -> Result<(), LedgerError> {
        let (height, block_id) = (certificate.height, certificate.block_id);
        let diverged = |reason: &str| LedgerError::Diverged {
            height,
            reason: reason.to_owned(),
        };
        if !self.executed.contains_key(&block_id) {
            // After a crash between vote and decision the body is in the journal alone.
            let body = self.parts.journal.body(height, &block_id)?;
            let body = body.ok_or_else(|| match self.refused.get(&block_id) {
                Some(reason) => diverged(reason),
                None => diverged("its body is not here"),
            })?;
            let block = Block::decode(&body).map_err(|_source| diverged("it does not decode"))?;
            if let Some(reason) = self.execute(block_id, block)? {
                return Err(diverged(&reason));
            }
        }
        let Some((block, executed)) = self.executed.remove(&block_id) else {
            return Err(diverged("it was not executed"));
        };
        self.executed.clear();
        self.refused.clear();
        crash_point!("ledger.decided");
        let started = std::time::Instant::now();
        self.parts
            .journal
            .append_decided(&block_id, &executed.outcomes, &certificate)?;
        crate::metrics::block_committed(block.transactions.len(), started.elapsed());
        self.publish(&block, executed, certificate)?;
        Ok(())
    }

    fn publish(
        &self,
        block: &Block,
        executed: Executed,
        certificate: CommitCertificate,
    ) -> Result<(), LedgerError> {
        let chain = &self.parts.chain;
        let (height, block_id) = (block.header.height, certificate.block_id);
        let Executed {
            outcomes,
            delta,
            tree,
        } = executed;
        let stored = crate::storage::Tip {
            height,
            block_id,
            time_ms: block.header.time_ms,
        };
        let (mut kept, mut next) = (Ok(()), Ok(()));
        chain.advance(|tip| {
            kept = chain.cache().commit(stored, delta);
            tip.tree.apply(tree);
            tip.history.push(&block_id);
            tip.header = block.header.clone();
            tip.id = block_id;
            tip.certificate = Some(certificate);
            tip.decided_by = Arc::clone(&tip.validators);
            if kept.is_ok() && block.header.next_valset_hash != block.header.valset_hash {
                let genesis = &chain.genesis().validators;
                next = validators_at(chain.cache(), genesis, height.saturating_add(1)).map(|set| {
                    tip.validators = Arc::new(set);
                });
            }
        });
        kept.map_err(|error| LedgerError::State(error.to_string()))?;
        next.map_err(|why| LedgerError::State(why.0))?;
        crash_point!("ledger.advanced");
        chain.remember(height, block);
        chain.note_reports(block, &outcomes);
        let mut pool = self.parts.admission.pool();
        for transaction in &block.transactions {
            pool.remove(&transaction.id());
        }
        let expired = pool.expired(block.header.time_ms);
        for id in &expired {
            pool.remove(id);
        }
        drop(pool);
        crash_point!("ledger.before-told");
        self.settle(block_id, block, outcomes, &expired);
        chain.tell_height(height);
        crash_point!("ledger.told");
        Ok(())
    }

    fn settle(
        &self,
        block_id: BlockId,
        block: &Block,
        outcomes: Vec<piao_chain::outcome::Outcome>,
        expired: &[piao_chain::digest::TransactionId],
    ) {
        let finality = self.parts.chain.finality();
        if finality.is_idle() {
            return;
        }
        for ((index, transaction), outcome) in (0u32..).zip(&block.transactions).zip(outcomes) {
            let settled = FinalOutcome {
                place: Place {
                    height: block.header.height,
                    index,
                },
                block_id,
                time_ms: block.header.time_ms,
                outcome,
            };
            finality.settle(&transaction.id(), &Settled::Final(Box::new(settled)));
        }
        for id in expired {
            let code = FailureCode::TransactionWindow;
            let fault = piao_chain::fault::Fault::new(code);
            finality.settle(id, &Settled::Dropped(fault));
        }
    }
}

/// A block put forward by somebody.
struct Proposed {
    height: u64,
    round: u32,
    valid_round: Option<u32>,
    proposer: KeyId,
    source: BodySource,
}

/// Answers the engine. When it has hung up it is stopping, and nobody is left to tell.
fn answer<T>(reply: Answer<T>, value: T) {
    reply.send(value).ok();
}

/// What the next block is executed on.
fn basis<'a>(chain: &'a ChainView, tip: &'a Tip) -> Basis<'a, StateCache> {
    Basis {
        view: chain.cache(),
        tree: &tip.tree,
        parent: Parent {
            header: &tip.header,
            id: tip.id,
            hist_root: tip.history.root(),
            validators: &tip.validators,
        },
    }
}
