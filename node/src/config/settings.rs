//! Every setting with its unit and default.

use std::path::PathBuf;

use piao_api::limits::{CALLS_PER_SECOND_MAX, TRANSACTIONS_PER_SECOND_MAX};
use serde::{Deserialize, Serialize};

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Human on a terminal, JSON elsewhere.
    Auto,
    /// For people.
    Human,
    /// One object a line.
    Json,
}

/// The settings of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Folder of journal, state, keys and documents. `./piao-dev` by default.
    pub data: PathBuf,
    /// Where HTTP listens, `ADDR:PORT`; port 0 picks one. `127.0.0.1:8080` by default.
    pub listen: String,
    /// Where consensus listens, a multiaddr; port 0 picks one. Where the node told the members
    /// that it is, else `/ip4/127.0.0.1/tcp/0`.
    pub p2p_listen: Option<String>,
    /// Where transaction gossip listens, likewise.
    pub gossip_listen: Option<String>,
    /// Peers of consensus to stay connected with besides the members, multiaddrs. None by default.
    pub persistent_peers: Vec<String>,
    /// Log filter, as `info` or `piao_node=debug`. `info` by default.
    pub log: String,
    /// `auto`, `human` or `json`. `auto` by default.
    pub log_format: LogFormat,
    /// File with the unlock secret, 0600. `DATA/unlock` by default.
    pub unlock_file: Option<PathBuf>,
    /// Bytes of the state store's cache. 16 MiB by default.
    pub state_cache_bytes: u64,
    /// Transactions that may wait. 10 000 by default: about two seconds of work, 25 MB.
    pub mempool_transactions_max: usize,
    /// Bytes of transactions that may wait. 64 MiB by default.
    pub mempool_bytes_max: usize,
    /// Calls a second of one caller (API key, else address), raw transactions apart; twice as many
    /// at once. 0 sets no limit. 5 000 by default.
    pub calls_per_second_max: u32,
    /// Raw transactions a second of one caller; twice as many at once. 0 sets no limit. 40 000.
    pub transactions_per_second_max: u32,
    /// Bytes that must be free on the disk of `data`: with fewer, no new work is taken until there
    /// are an eighth more. 0 never refuses. 256 MiB by default, enough for all that can wait.
    pub disk_free_bytes_min: u64,
    /// A fee balance that pays for fewer invoices is told of, by the event `balance.low`. 0 tells
    /// only before a refusal. 10 by default.
    pub low_balance_invoices: u64,
    /// Least milliseconds between two blocks; 0 makes them as fast as they are decided. 0.
    pub block_interval_ms: u64,
    /// An idle chain makes a block this often, 1 000 to 60 000 ms. 30 000 by default.
    pub heartbeat_ms: u64,
    /// Milliseconds the node's clock runs ahead, or behind when negative. For tests. 0.
    pub clock_offset_ms: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data: PathBuf::from("piao-dev"),
            listen: "127.0.0.1:8080".to_owned(),
            p2p_listen: None,
            gossip_listen: None,
            persistent_peers: Vec::new(),
            log: "info".to_owned(),
            log_format: LogFormat::Auto,
            unlock_file: None,
            state_cache_bytes: 16 * 1024 * 1024,
            mempool_transactions_max: 10_000,
            mempool_bytes_max: 64 * 1024 * 1024,
            calls_per_second_max: CALLS_PER_SECOND_MAX,
            transactions_per_second_max: TRANSACTIONS_PER_SECOND_MAX,
            disk_free_bytes_min: 256 * 1024 * 1024,
            low_balance_invoices: 10,
            block_interval_ms: 0,
            heartbeat_ms: 30_000,
            clock_offset_ms: 0,
        }
    }
}

impl Settings {
    /// Every key, as it stands in a file.
    pub const KEYS: [&str; 18] = [
        "data",
        "listen",
        "p2p_listen",
        "gossip_listen",
        "persistent_peers",
        "log",
        "log_format",
        "unlock_file",
        "state_cache_bytes",
        "mempool_transactions_max",
        "mempool_bytes_max",
        "calls_per_second_max",
        "transactions_per_second_max",
        "disk_free_bytes_min",
        "low_balance_invoices",
        "block_interval_ms",
        "heartbeat_ms",
        "clock_offset_ms",
    ];

    /// The unlock secret's file.
    #[must_use]
    pub fn unlock_path(&self) -> PathBuf {
        let inside = || self.data.join("unlock");
        self.unlock_file.clone().unwrap_or_else(inside)
    }
}
