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
    /// Transaction and the number it issued.
    pub(crate) issued: Vec<(String, String)>,
}

/// A node as it was found after the healing.
#[derive(Clone, Debug, Default)]
pub(crate) struct NodeSeen {
    pub(crate) name: String,
    /// By height, from 1 on.
    pub(crate) blocks: BTreeMap<u64, BlockSeen>,
    pub(crate) minted_fen: i64,
    pub(crate) collected_fen: i64,
    pub(crate) invoices: u64,
    /// Lines of its log that say what none should: panics, and misconduct.
    pub(crate) panics: Vec<String>,
    pub(crate) misconduct: Vec<String>,
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
