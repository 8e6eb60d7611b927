//! What the engine asks of the node, and what the node owes for each answer.
//!
//! Requests come over one channel, in the order in which the engine needs them, and each is
//! answered through its own oneshot. The host may work on several at a time, but must *receive*
//! without pause: while it parks [`HostRequest::Next`], other requests keep coming. Dropping an
//! answer, or the receiving end, means that the host is gone, and the engine stops.
//!
//! # Correctness
//! The engine's write-ahead log keeps block ids only, so a body must be durable *before* the host
//! answers with its id in [`Build`](HostRequest::Build) or [`Check`](HostRequest::Check). A block
//! is executed after its parent: `Commit` of a height always comes before `Check` of the next.

use std::time::Duration;

use bytes::Bytes;
use piao_chain::certificate::CommitCertificate;
use piao_chain::digest::BlockId;
use piao_chain::signature::{KeyId, Signature};
use piao_chain::validator::ValidatorSet;
use piao_chain::vote::{Proposal, Vote};
use tokio::sync::oneshot;

/// Answers one request.
pub type Answer<T> = oneshot::Sender<T>;

/// The height to work on next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeightStart {
    /// The height after the last committed one.
    pub height: u64,
    /// Who votes at this height.
    pub validators: ValidatorSet,
    /// Least time between the start of this height and the start of the next; a batching knob,
    /// 20 ms or more makes sense. `None` starts the next height as soon as this one is decided.
    pub target_time: Option<Duration>,
}

/// A body the host already holds for a height that is not decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UndecidedBlock {
    /// Its id.
    pub block_id: BlockId,
    /// The proposer given in the `Check`, or this node's key id for a block it built.
    pub proposer: KeyId,
    /// The `valid_round` given in the `Check`; `None` for a block this node built.
    pub valid_round: Option<u32>,
    /// The verdict given then. A clock verdict of "no" may be kept as it was.
    pub valid: bool,
}

/// A block this node built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltBlock {
    /// Its id.
    pub block_id: BlockId,
    /// Its encoded body, at most `block_bytes_max` bytes.
    pub body: Bytes,
}

/// How a body came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodySource {
    /// Proposed in a round that is running: a vote depends on the verdict, and on a first proposal
    /// (no `valid_round`) the clock rule applies.
    Proposed,
    /// Decided by others and certified: the clock rule does not apply.
    Synced,
}

/// The verdict on a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// Decoded, and durable if `valid`. An invalid proposal gets a nil vote.
    Block {
        /// The id computed from the body.
        block_id: BlockId,
        /// Whether it may follow our tip.
        valid: bool,
    },
    /// Not a block at all: the peer that sent it is at fault.
    Malformed,
    /// This node cannot judge it now (disk, restart); nobody is at fault.
    Unavailable,
}

/// Proof that a validator signed two different things where it may sign one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misconduct {
    /// Two votes of one kind, height and round.
    DoubleVote {
        /// The vote seen first, with its signature.
        first: (Vote, Signature),
        /// The contradicting one.
        second: (Vote, Signature),
    },
    /// Two proposals of one height and round.
    DoubleProposal {
        /// The proposal seen first, with its signature.
        first: (Proposal, Signature),
        /// The contradicting one.
        second: (Proposal, Signature),
    },
}

/// One question or notice to the host.
#[derive(Debug)]
pub enum HostRequest {
    /// Where to start: the height after the journal's tip. Asked once.
    Start {
        /// Answered at once.
        reply: Answer<HeightStart>,
    },
    /// A round begins; which bodies does the host hold for it already? They are there after a
    /// crash, or none. Consensus stands still until the answer.
    Undecided {
        /// Height of the round.
        height: u64,
        /// The round.
        round: u32,
        /// Bodies first checked or built in this height and round.
        reply: Answer<Vec<UndecidedBlock>>,
    },
    /// This node's turn: build a block.
    ///
    /// The host gives the *same* block for the same height and round, also after a restart:
    /// another one would be a double proposal. It may answer `None` when it cannot build; the
    /// round then times out.
    Build {
        /// Height to build for.
        height: u64,
        /// Round to build for.
        round: u32,
        /// After this time the round has been given up.
        within: Duration,
        /// The block, its body durable.
        reply: Answer<Option<BuiltBlock>>,
    },
    /// A complete body: its proposer was checked against the set and signed it (`Proposed`), or a
    /// certificate for its height was verified (`Synced`). The same body may come again.
    Check {
        /// Height it is for, always the one that is running.
        height: u64,
        /// Round it was proposed or decided in.
        round: u32,
        /// Round in which a quorum prevoted it before; `None` on a first proposal.
        valid_round: Option<u32>,
        /// Proposer of `round`; on a first proposal this is the builder in the header.
        proposer: KeyId,
        /// The encoded body, at most `block_bytes_max` bytes when `Proposed`.
        body: Bytes,
        /// How it came here.
        source: BodySource,
        /// The verdict, the body durable.
        reply: Answer<Checked>,
    },
    /// An undecided body to stream once more: our turn again, or our turn when we fell over.
    Body {
        /// Height it is for.
        height: u64,
        /// Its id.
        block_id: BlockId,
        /// The body, if the host has it.
        reply: Answer<Option<Bytes>>,
    },
    /// A block is decided. The host executes and journals it and answers after its fsync.
    ///
    /// If the body is missing the host holds the answer and fetches the body by id from peers.
    Commit {
        /// Proof of the decision, signers ascending; `CommitCertificate::verify` accepts it.
        certificate: CommitCertificate,
        /// Answered when the block is durable.
        reply: Answer<()>,
    },
    /// The committed height is over; which is next? Always comes after the answer to its `Commit`.
    ///
    /// A validator of the next height may *park* this answer until there is something to decide:
    /// a transaction, a [`PeerAhead`](Self::PeerAhead), or a heartbeat that is due. Everybody else
    /// answers at once. Heights go up by one; there is no way to repeat one.
    Next {
        /// The height that is over.
        height: u64,
        /// Where to go on: `height + 1`.
        reply: Answer<HeightStart>,
    },
    /// Somebody works on this height already, proven by a validator's signature or by a synced
    /// block: a parked `Next` must be answered now. Comes only while `Next` is unanswered.
    PeerAhead {
        /// A height above the last committed one.
        height: u64,
    },
    /// Blocks for a peer that fell behind.
    DecidedBlocks {
        /// First height asked for, inclusive.
        from: u64,
        /// Last height asked for, inclusive; at most [`SYNC_BATCH_MAX`](crate::SYNC_BATCH_MAX) heights.
        to: u64,
        /// Bodies and certificates from `from` upwards without a gap, as many as the host has.
        reply: Answer<Vec<(Bytes, CommitCertificate)>>,
    },
    /// The lowest height the host can serve through `DecidedBlocks`; 1 without pruning.
    HistoryMin {
        /// Answered at once.
        reply: Answer<u64>,
    },
    /// A validator broke the rules; for the log and for a report on chain.
    Misbehaviour {
        /// Height at the end of which it was noticed.
        height: u64,
        /// Who.
        validator: KeyId,
        /// The proof.
        misconduct: Misconduct,
    },
}
