//! Blocks: public rows of the chain.

use serde::{Deserialize, Serialize};

/// A block in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct BlockSummary {
    /// Height; 0 is the genesis header.
    pub height: u64,
    /// Digest of the header, 64 hex digits.
    pub block_id: String,
    /// Time of the block.
    pub time: String,
    /// Transactions in it.
    pub tx_count: u32,
    /// Address of the validator that built it, 32 hex digits.
    pub proposer: String,
}

/// A block with its transactions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Block {
    /// Height; 0 is the genesis header.
    pub height: u64,
    /// Digest of the header, 64 hex digits.
    pub block_id: String,
    /// Id of the block before it.
    pub parent_id: String,
    /// Time of the block.
    pub time: String,
    /// Transactions in it.
    pub tx_count: u32,
    /// Root over transactions and their outcomes.
    pub tx_root: String,
    /// Root of the state after this block.
    pub state_root: String,
    /// Root of the history tree over all earlier block ids.
    pub hist_root: String,
    /// Hash of the validator set that decides this height.
    pub valset_hash: String,
    /// Address of the validator that built it.
    pub proposer: String,
    /// Who signed it; null for height 0.
    pub certificate: Option<CertificateSummary>,
    /// Its transactions, in order.
    pub transactions: Vec<BlockTransaction>,
}

/// A transaction in a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct BlockTransaction {
    /// Index in the block, from 0.
    pub index: u32,
    /// Its digest, 64 hex digits.
    pub txid: String,
    /// Account that sent it; 0 is the authority.
    pub account: u32,
    /// What it does, for instance `issue_invoice`.
    pub action: String,
    /// Failure code; null when it was applied.
    pub code: Option<String>,
    /// Number of the invoice it created.
    pub number: Option<String>,
}

/// Who signed a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct CertificateSummary {
    /// Round of consensus that decided.
    pub round: u32,
    /// Addresses of the validators whose signatures are kept.
    pub signers: Vec<String>,
}
