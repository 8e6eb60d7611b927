//! Genesis: what a network is, from its first byte on (SPEC 4.7).

use serde::{Deserialize, Serialize};

use crate::block::Header;
use crate::codec;
use crate::digest::{BlockId, ChainId, Tag, hash};
use crate::limits::{BLOCK_BYTES_CEILING, SIGNERS_MAX};
use crate::proof::merkle::{HistoryTree, TransactionTree, TreeHash as _};
use crate::signature::{KeyId, PublicKey};
use crate::state::{Fees, Leaf, Params, Slot, SlotTree, StateDelta, Totals};
use crate::transaction::{SUITE, VERSION};
use crate::validator::ValidatorSet;

/// What invoices of the network are worth before the law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Network {
    /// Sample invoices only.
    Test,
    /// The real thing.
    Production,
}

impl Network {
    /// The word used in JSON, pages and verdicts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Production => "production",
        }
    }
}

/// The parameters a network starts with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GenesisParams {
    /// Bytes of a block body, at most [`BLOCK_BYTES_CEILING`].
    pub block_bytes_max: u32,
    /// Fees from height 1 on.
    pub fees: Fees,
    /// Failed transactions per account and day before the next is inadmissible.
    pub failures_per_account_per_day: u32,
    /// Rule set in force from height 1 on, until another is activated.
    pub rule_set: u16,
}

/// Everything that tells one network from another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Genesis {
    /// [`VERSION`].
    pub version: u8,
    /// [`SUITE`].
    pub suite: u8,
    /// Test or production.
    pub network: Network,
    /// Time of the genesis header, ms since 1970.
    pub time_ms: u64,
    /// Channel digit of invoice numbers, 0–9.
    pub channel: u8,
    /// Authority signatures needed, 1 to the number of keys.
    pub threshold: u8,
    /// Authority keys, strictly ascending by key id, at most [`SIGNERS_MAX`].
    pub authority_keys: Vec<PublicKey>,
    /// Signs checkpoint notes and nothing else.
    pub log_key: PublicKey,
    /// The first validator set.
    pub validators: ValidatorSet,
    /// The first parameters.
    pub params: GenesisParams,
    /// Makes two networks with equal settings different.
    pub nonce: [u8; 32],
}

/// Why bytes are not a genesis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GenesisError {
    /// Not canonical bytes of one.
    #[error(transparent)]
    Codec(#[from] codec::CodecError),
    /// Of a version or suite this program does not speak.
    #[error("genesis is of version {version}, suite {suite}")]
    Version {
        /// Version found.
        version: u8,
        /// Suite found.
        suite: u8,
    },
    /// A figure out of its range.
    #[error("genesis field {0} is out of range")]
    Range(&'static str),
}

impl Genesis {
    /// Decodes and checks a genesis.
    ///
    /// # Errors
    /// [`GenesisError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, GenesisError> {
        let genesis: Self = codec::decode(bytes)?;
        genesis.check()?;
        Ok(genesis)
    }

    /// Checks the ranges of every field.
    ///
    /// # Errors
    /// [`GenesisError`].
    pub fn check(&self) -> Result<(), GenesisError> {
        if self.version != VERSION || self.suite != SUITE {
            return Err(GenesisError::Version {
                version: self.version,
                suite: self.suite,
            });
        }
        let keys = &self.authority_keys;
        let ascending = keys
            .iter()
            .zip(keys.iter().skip(1))
            .all(|(a, b)| a.id() < b.id());
        if keys.is_empty() || keys.len() > SIGNERS_MAX || !ascending {
            return Err(GenesisError::Range("authority_keys"));
        }
        if self.threshold == 0 || usize::from(self.threshold) > keys.len() {
            return Err(GenesisError::Range("threshold"));
        }
        if self.channel > 9 {
            return Err(GenesisError::Range("channel"));
        }
        let bytes = usize::try_from(self.params.block_bytes_max).unwrap_or(usize::MAX);
        if !(crate::limits::TX_BYTES_MAX..=BLOCK_BYTES_CEILING).contains(&bytes) {
            return Err(GenesisError::Range("params.block_bytes_max"));
        }
        Ok(())
    }

    /// The network's name: `H("chain-id", enc(genesis))`.
    #[must_use]
    pub fn chain_id(&self) -> ChainId {
        ChainId(hash(Tag::ChainId, &codec::encode(self)))
    }

    /// The parameters at height 0.
    #[must_use]
    pub fn initial_params(&self) -> Params {
        Params {
            block_bytes_max: self.params.block_bytes_max,
            fees: self.params.fees,
            fees_next: None,
            failures_per_account_per_day: self.params.failures_per_account_per_day,
            rule_set: self.params.rule_set,
            channel: self.channel,
            authority_threshold: self.threshold,
            authority: self.authority_keys.clone().into(),
        }
    }

    /// The state at height 0.
    #[must_use]
    pub fn initial_state(&self) -> StateDelta {
        let mut state = StateDelta::default();
        state
            .leaves
            .insert(Slot::PARAMS, Leaf::Params(self.initial_params()));
        state
            .leaves
            .insert(Slot::TOTALS, Leaf::Totals(Totals::default()));
        state
    }

    /// The header at height 0. It has no certificate: it is trusted by its chain id.
    #[must_use]
    pub fn header(&self) -> Header {
        let state = self.initial_state();
        let tree = SlotTree::build(state.leaves.iter().map(|(slot, leaf)| (*slot, leaf)));
        let valset_hash = self.validators.hash();
        Header {
            version: VERSION,
            suite: SUITE,
            chain_id: self.chain_id(),
            height: 0,
            time_ms: self.time_ms,
            parent_id: BlockId::NONE,
            hist_root: HistoryTree::empty(),
            tx_count: 0,
            tx_root: TransactionTree::empty(),
            state_root: tree.root(),
            extra_root: [0; 32],
            valset_hash,
            next_valset_hash: valset_hash,
            params_hash: self.initial_params().hash(),
            proposer: KeyId::NONE,
        }
    }
}
