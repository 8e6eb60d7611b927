//! What there is to judge: everything that was promised and everything that was seen, as plain data.

use std::collections::BTreeMap;
use std::time::Duration;

/// An invoice that was answered with 201.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Acknowledged {
    pub(crate) key: String,
    pub(crate) account: u32,
    pub(crate) number: String,
    pub(crate) counter: u64,
    pub(crate) txid: String,
    pub(crate) height: u64,
    #[serde(skip)]
    pub(crate) fee_fen: i64,
}

/// A block as a node shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BlockSeen {
    pub(crate) id: String,
    pub(crate) parent: String,
    /// Who built it, and who signed it.
    pub(crate) proposer: String,
    pub(crate) signers: Vec<String>,
    /// Transaction and the number it issued.
    pub(crate) issued: Vec<(String, String)>,
}

/// A line of a log that says that a validator broke a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Accusation {
    /// Who; empty when the line does not say.
    pub(crate) validator: String,
    /// The line.
    pub(crate) line: String,
}

/// A validator that was to break the rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct ByzantineSeen {
    pub(crate) name: String,
    /// The id it votes under; empty when it never said.
    pub(crate) id: String,
    pub(crate) is_silent: bool,
    pub(crate) equivocates: bool,
    pub(crate) spoils_blocks: bool,
    /// Second votes and second proposals that it said.
    pub(crate) contradictions: usize,
    /// Ids of the invalid blocks that it proposed.
    pub(crate) spoilt: Vec<String>,
    /// Whether the chain holds evidence against it; `None` when nodes show no such thing.
    pub(crate) is_on_chain: Option<bool>,
}

/// A node that keeps the rules, as it was found after the healing.
#[derive(Clone, Debug, Default)]
pub(crate) struct NodeSeen {
    /// Its number.
    pub(crate) at: usize,
    pub(crate) name: String,
    /// By height, from 1 on.
    pub(crate) blocks: BTreeMap<u64, BlockSeen>,
    pub(crate) minted_fen: i64,
    pub(crate) collected_fen: i64,
    pub(crate) invoices: u64,
    /// Lines of its log that say what none should: panics, and misconduct of others.
    pub(crate) panics: Vec<String>,
    pub(crate) misconduct: Vec<Accusation>,
    /// Blocks that it refused to vote for.
    pub(crate) refused: usize,
    /// Whether it was wiped, and whether it said that it follows before it votes.
    pub(crate) wiped: usize,
    pub(crate) said_it_forgot: usize,
    pub(crate) rss_bytes: u64,
    pub(crate) descriptors: usize,
}

/// An account at the merchant's node.
#[derive(Clone, Debug, Default)]
pub(crate) struct AccountSeen {
    pub(crate) account: u32,
    /// Before the first invoice, with what was credited since.
    pub(crate) credited_fen: i64,
    pub(crate) balance_fen: i64,
    pub(crate) reserved_fen: i64,
    /// The chain's own count of its invoices.
    pub(crate) issued: u64,
    /// Whether it issues.
    pub(crate) is_seller: bool,
}

/// How the chain went on after the healing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recovery {
    /// Until a new height was there; `None` when none was.
    pub(crate) new_height_after: Option<Duration>,
    pub(crate) liveness_within: Duration,
    /// Until all nodes were level; `None` when they were not in time.
    pub(crate) level_after: Option<Duration>,
    /// The height at the end, and the least it had to be.
    pub(crate) height: u64,
    pub(crate) heights: u64,
    /// Calls whose outcome is still unknown, a line each.
    pub(crate) unknown: Vec<String>,
    /// Nodes that did not start, ended by themselves or did not stop, a line each.
    pub(crate) faults: Vec<String>,
}

/// Everything.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) acknowledged: Vec<Acknowledged>,
    /// What the ledger of answers found wrong, a line each.
    pub(crate) contradictions: Vec<String>,
    pub(crate) nodes: Vec<NodeSeen>,
    pub(crate) byzantine: Vec<ByzantineSeen>,
    /// By height: ids that nodes showed at any time.
    pub(crate) history: BTreeMap<u64, Vec<String>>,
    pub(crate) accounts: Vec<AccountSeen>,
    /// Invoices read whole at the merchant's node, and what was wrong with them.
    pub(crate) read: usize,
    pub(crate) torn: Vec<String>,
    /// Proofs verified offline, and what was wrong with them.
    pub(crate) proofs: usize,
    pub(crate) unproved: Vec<String>,
    /// Places in which a canary was found: `None` when there was none to look for.
    pub(crate) leaks: Option<Vec<String>>,
    pub(crate) recovery: Recovery,
}
