//! Where the chain stands, who validates it, and whether this node is ready.

use serde::{Deserialize, Serialize};

/// Reply of `GET /v1/chain`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ChainStatus {
    /// Digest of the genesis, 64 hex digits.
    pub chain_id: String,
    /// `test` or `production`.
    pub network: String,
    /// Height of the tip.
    pub height: u64,
    /// Id of the tip.
    pub block_id: String,
    /// Time of the tip.
    pub time: String,
    /// Connected peers.
    pub peers: u32,
    /// Whether this node is catching up.
    pub syncing: bool,
    /// Height that the other members say they have reached; this node's own when it is level.
    #[serde(default)]
    pub network_height: u64,
    /// Validators in the current set.
    pub validators: u32,
}

/// Reply of `GET /v1/validators`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ValidatorSet {
    /// Height whose blocks this set decides.
    pub height: u64,
    /// Hash of the set, 64 hex digits.
    pub valset_hash: String,
    /// Sum of all voting power.
    pub total_power: u64,
    /// The members.
    pub data: Vec<Validator>,
    /// The set that follows, when one is named already.
    #[serde(default)]
    pub next: Option<NextValidatorSet>,
    /// Validators that signed two contradicting messages, as far as this node knows; newest height
    /// first.
    #[serde(default)]
    pub misbehaviour: Vec<Misbehaviour>,
}

/// A validator set that decides from a height on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct NextValidatorSet {
    /// First height it decides.
    pub from_height: u64,
    /// Hash of the set, 64 hex digits.
    pub valset_hash: String,
    /// Sum of all voting power.
    pub total_power: u64,
    /// The members.
    pub data: Vec<Validator>,
}

/// What a validator did wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Misbehaviour {
    /// Address of the validator.
    pub validator: String,
    /// Height it signed twice at.
    pub height: u64,
    /// Round of that height.
    pub round: u32,
    /// What it signed twice: `prevotes`, `precommits` or `proposals`.
    pub offence: String,
    /// Height of the block with the report; null while none has it.
    pub reported_at: Option<u64>,
}

/// A validator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Validator {
    /// Address: the key's id, 32 hex digits.
    pub address: String,
    /// Ed25519 public key, 64 hex digits.
    pub key: String,
    /// Voting power.
    pub power: u64,
}

/// What everybody may know of an invoice: what the chain holds in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PublicInvoice {
    /// Number, 20 digits.
    pub number: String,
    /// Account of the seller.
    pub account: u32,
    /// The seller's gapless count.
    pub counter: u64,
    /// `general` or `special`.
    pub kind: String,
    /// Day of issue, `YYYY-MM-DD`.
    pub issued_on: String,
    /// Sums, yuan.
    pub totals: super::Totals,
    /// Transaction that issued it.
    pub txid: String,
    /// Height of its block.
    pub height: u64,
    /// Time of its block.
    pub final_at: String,
}

/// Reply of `GET /readyz?verbose`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Readiness {
    /// Whether the node can issue now: every check is ok.
    pub ready: bool,
    /// What was looked at.
    pub checks: Vec<ReadinessCheck>,
}

/// One thing readiness depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ReadinessCheck {
    /// What was looked at, for instance `synced`.
    pub name: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was found, in one line.
    pub detail: String,
}
