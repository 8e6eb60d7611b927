//! What stands in a slot: identity, which never changes, and value (SPEC 6.2).

use core::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    AccountLimits, Announcements, InvoiceLeaf, IssueLimits, MisbehaviourList, RedProposal,
    RuleSetSchedule, ScheduledSet, Slot, SlotKind,
};
use crate::codec::{self, CodecError};
use crate::digest::InvoiceId;
use crate::signature::{KeyId, PublicKey};
use crate::tax::Taxpayer;
use crate::time::IssueDate;
use crate::transaction::Identity;

/// Whether an account may issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountStatus {
    /// May issue.
    Active,
    /// Blocked by the authority for now.
    Suspended,
    /// Deregistered for good.
    Revoked,
}

/// A merchant's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Whether it may issue.
    pub status: AccountStatus,
    /// General or small-scale taxpayer.
    pub taxpayer: Taxpayer,
    /// Two digits of the invoice number, 0–99.
    pub region: u8,
    /// Fee balance, in fen, never negative.
    pub fee_balance_fen: i64,
    /// What may be invoiced in a calendar month (UTC+8), net of tax, in fen.
    pub month_quota_fen: i64,
    /// The month `quota_used_fen` speaks of, as yyyymm.
    pub quota_month: u32,
    /// Invoiced in that month, in fen.
    pub quota_used_fen: i64,
    /// Invoices issued so far; the last one's counter.
    pub counter: u64,
    /// The last invoice, or [`InvoiceId::NONE`].
    pub last_invoice_id: InvoiceId,
    /// The day `failures` speaks of, days since 1970 in UTC+8.
    pub failures_day: u32,
    /// Failed transactions recorded on that day.
    pub failures: u32,
}

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyRole {
    /// Issue invoices.
    Issue,
    /// Manage keys, answer red letters, handle claims.
    Admin,
}

impl KeyRole {
    /// Its word: `issue`, `admin`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Admin => "admin",
        }
    }
}

/// A key of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyLeaf {
    /// The account it acts for.
    pub account: u32,
    /// What it may do.
    pub role: KeyRole,
    /// First height at which it may sign.
    pub from_height: u64,
    /// First height at which it may no longer sign.
    pub revoked_height: Option<u64>,
    /// Height since which its signatures are disputed.
    pub disputed_since: Option<u64>,
}

/// Fees in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fees {
    /// For an issued invoice, in fen.
    pub issue_fen: u32,
    /// For a recorded failure, in fen.
    pub failure_fen: u32,
}

/// Parameters of the chain; `params_hash` in the header is their digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Params {
    /// Bytes of a block body.
    pub block_bytes_max: u32,
    /// Fees in force now.
    pub fees: Fees,
    /// Fees that come into force, and the height from which on.
    pub fees_next: Option<(u64, Fees)>,
    /// Failed transactions per account and day before the next is inadmissible.
    pub failures_per_account_per_day: u32,
    /// Rule set in force where no other is scheduled ([`RuleSetSchedule`]).
    pub rule_set: u16,
    /// Issuance channel digit of invoice numbers, 0–9.
    pub channel: u8,
    /// Authority signatures needed.
    pub authority_threshold: u8,
    /// Authority keys, ascending by id.
    pub authority: KeyList,
}

/// Public keys, shared by all copies: parameters are read for every transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyList(Arc<[PublicKey]>);

impl From<Vec<PublicKey>> for KeyList {
    fn from(keys: Vec<PublicKey>) -> Self {
        Self(keys.into())
    }
}

impl Deref for KeyList {
    type Target = [PublicKey];

    fn deref(&self) -> &[PublicKey] {
        &self.0
    }
}

/// The bytes of a list.
impl Serialize for KeyList {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for KeyList {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from)
    }
}

/// Totals of the whole chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Fees ever credited, in fen.
    pub minted_fen: i64,
    /// Fees ever collected, in fen. `minted = balances + collected` always.
    pub collected_fen: i64,
    /// Invoices ever issued; the next one's index is one more.
    pub issued_count: u64,
    /// Accounts ever registered.
    pub accounts: u32,
    /// Keys ever bound.
    pub keys: u32,
}

/// A leaf of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaf {
    /// Kind 1.
    Account(Identity, Account),
    /// Kind 2.
    Key(PublicKey, KeyLeaf),
    /// Kind 3.
    Invoice(InvoiceId, InvoiceLeaf),
    /// Kind 5, by the index of the invoice it is to correct.
    RedProposal(InvoiceId, RedProposal),
    /// Kind 6, index 0.
    Params(Params),
    /// Kind 8, index 0.
    Totals(Totals),
    /// Kind 7.
    RuleSets(RuleSetSchedule),
    /// Kind 6, index 1.
    DefaultLimits(IssueLimits),
    /// Kind 8, from index 1 on.
    Limits(AccountLimits),
    /// Kind 6, index 2.
    SetCount(u32),
    /// Kind 6, from index 2^34 on.
    Validators(ScheduledSet),
    /// Kind 6, from index 2^35 on.
    Misbehaviour(MisbehaviourList),
    /// Kind 6, index 3.
    Announcements(Announcements),
}

/// Why bytes are not a leaf of their slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LeafError {
    /// The bytes do not decode.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// This version has no leaf in the slot.
    #[error("no leaf in slot {0:x} in this version")]
    Slot(u64),
}

impl Leaf {
    /// `enc(identity) || enc(value)`: what the leaf's digest is taken over, after the slot.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Account(identity, value) => codec::encode(&(identity, value)),
            Self::Key(identity, value) => codec::encode(&(identity, value)),
            Self::Invoice(identity, value) => codec::encode(&(identity, value)),
            Self::RedProposal(identity, value) => codec::encode(&(identity, value)),
            Self::Params(value) => codec::encode(value),
            Self::Totals(value) => codec::encode(value),
            Self::RuleSets(value) => codec::encode(value),
            Self::DefaultLimits(value) => codec::encode(value),
            Self::Limits(value) => codec::encode(value),
            Self::SetCount(value) => codec::encode(value),
            Self::Validators(value) => codec::encode(value),
            Self::Misbehaviour(value) => codec::encode(value),
            Self::Announcements(value) => codec::encode(value),
        }
    }

    /// Decodes the leaf of a slot.
    ///
    /// # Errors
    /// [`LeafError`].
    pub fn decode(slot: Slot, bytes: &[u8]) -> Result<Self, LeafError> {
        Ok(match slot.kind() {
            SlotKind::Account => {
                let (identity, value) = codec::decode(bytes)?;
                Self::Account(identity, value)
            }
            SlotKind::Key => {
                let (identity, value) = codec::decode(bytes)?;
                Self::Key(identity, value)
            }
            SlotKind::Invoice => {
                let (identity, value) = codec::decode(bytes)?;
                Self::Invoice(identity, value)
            }
            SlotKind::RedLetterProposal => {
                let (identity, value) = codec::decode(bytes)?;
                Self::RedProposal(identity, value)
            }
            SlotKind::Parameter if slot == Slot::PARAMS => Self::Params(codec::decode(bytes)?),
            SlotKind::Parameter if slot == Slot::DEFAULT_LIMITS => {
                Self::DefaultLimits(codec::decode(bytes)?)
            }
            SlotKind::Parameter if slot == Slot::SET_COUNT => Self::SetCount(codec::decode(bytes)?),
            SlotKind::Parameter if slot == Slot::ANNOUNCEMENTS => {
                Self::Announcements(codec::decode(bytes)?)
            }
            SlotKind::Parameter if slot.is_validators() => Self::Validators(codec::decode(bytes)?),
            SlotKind::Parameter if slot.is_misbehaviour() => {
                Self::Misbehaviour(codec::decode(bytes)?)
            }
            SlotKind::Counter if slot == Slot::TOTALS => Self::Totals(codec::decode(bytes)?),
            SlotKind::Counter if u32::try_from(slot.index()).is_ok() => {
                Self::Limits(codec::decode(bytes)?)
            }
            SlotKind::RuleSet => Self::RuleSets(codec::decode(bytes)?),
            SlotKind::Parameter | SlotKind::Counter | SlotKind::Payment => {
                return Err(LeafError::Slot(slot.as_u64()));
            }
        })
    }
}

impl Account {
    /// What was invoiced in the month of a date, in fen.
    #[must_use]
    pub fn quota_used_on(&self, date: IssueDate) -> i64 {
        if self.quota_month == month_of(date) {
            self.quota_used_fen
        } else {
            0
        }
    }

    /// Counts an amount against the quota of the month of a date.
    pub fn use_quota(&mut self, amount_fen: i64, date: IssueDate) {
        self.quota_used_fen = self.quota_used_on(date).saturating_add(amount_fen);
        self.quota_month = month_of(date);
    }
}

impl Account {
    /// Gives back what was used of the quota in the month of a date, at most what was used.
    pub fn give_back_quota(&mut self, amount_fen: i64, date: IssueDate) {
        let used = self.quota_used_on(date);
        self.quota_used_fen = used.saturating_sub(amount_fen).max(0);
        self.quota_month = month_of(date);
    }
}

/// yyyymm; 0 for a day beyond any calendar, which no block has.
fn month_of(date: IssueDate) -> u32 {
    date.month_key().unwrap_or(0)
}

impl Params {
    /// The fees that hold at a height.
    #[must_use]
    pub fn fees_at(&self, height: u64) -> Fees {
        match self.fees_next {
            Some((from, fees)) if height >= from => fees,
            _ => self.fees,
        }
    }

    /// `H("params", enc(params))`.
    #[must_use]
    pub fn hash(&self) -> crate::digest::Digest {
        crate::digest::hash(crate::digest::Tag::Params, &codec::encode(self))
    }

    /// The authority key with this id.
    #[must_use]
    pub fn authority_key(&self, id: &KeyId) -> Option<&PublicKey> {
        self.authority.iter().find(|key| key.id() == *id)
    }
}

impl KeyLeaf {
    /// Whether the key may sign in a block of this height.
    #[must_use]
    pub fn is_active_at(&self, height: u64) -> bool {
        self.from_height <= height && self.revoked_height.is_none_or(|revoked| height < revoked)
    }
}
