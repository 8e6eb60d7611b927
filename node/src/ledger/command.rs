//! What the writer is asked to do, and where to ask it.

use std::sync::mpsc;

use bytes::Bytes;
use piao_chain::certificate::CommitCertificate;
use piao_chain::digest::BlockId;
use piao_chain::signature::KeyId;
use piao_engine::{Answer, BodySource, BuiltBlock, Checked, UndecidedBlock};

/// Commands that may wait for the writer; consensus asks one thing at a time, so few ever do.
const COMMANDS_MAX: usize = 256;

/// What the writer is asked to do.
#[derive(Debug)]
pub enum Command {
    /// Build a block for a round.
    Build {
        /// Height.
        height: u64,
        /// Round.
        round: u32,
        /// The block, synced.
        reply: Answer<Option<BuiltBlock>>,
    },
    /// Check somebody's block.
    Check {
        /// Height.
        height: u64,
        /// Round.
        round: u32,
        /// Round in which it was found good before.
        valid_round: Option<u32>,
        /// Proposer of the round.
        proposer: KeyId,
        /// The body.
        body: Bytes,
        /// How it came here.
        source: BodySource,
        /// The verdict.
        reply: Answer<Checked>,
    },
    /// Which bodies of a round are here?
    Undecided {
        /// Height.
        height: u64,
        /// Round.
        round: u32,
        /// Those.
        reply: Answer<Vec<UndecidedBlock>>,
    },
    /// A body by id.
    Body {
        /// Height.
        height: u64,
        /// Id.
        block_id: BlockId,
        /// The body.
        reply: Answer<Option<Bytes>>,
    },
    /// A block is decided.
    Commit {
        /// Proof of it.
        certificate: CommitCertificate,
        /// Told after the sync.
        reply: Answer<()>,
    },
    /// Flush and end.
    Stop,
}

/// Where commands go.
#[derive(Clone, Debug)]
pub struct LedgerHandle {
    commands: mpsc::SyncSender<Command>,
}

impl LedgerHandle {
    /// Hands a command over. A dropped reply tells the asker that the writer has ended.
    pub fn send(&self, command: Command) {
        // The asker sees its reply channel close; there is nobody else to tell.
        drop(self.commands.send(command));
    }
}

/// A handle and the inbox it leads to.
pub(super) fn channel() -> (LedgerHandle, mpsc::Receiver<Command>) {
    let (commands, inbox) = mpsc::sync_channel(COMMANDS_MAX);
    (LedgerHandle { commands }, inbox)
}
