//! The state that blocks commit to: the slot tree, and the indexes execution needs (SPEC 6).
//!
//! The log says what happened; the tree says what is true now.

mod delta;
mod issue_limits;
mod leaf;
mod memory;
mod misbehaviour;
mod rule_sets;
mod slot;
mod tree;
pub(crate) mod validators;
mod view;
mod working;

pub use delta::{IdemRecord, StateDelta};
pub use issue_limits::{AccountLimits, IssueLimits, QuotaStatus};
pub use leaf::{
    Account, AccountStatus, Fees, InvoiceLeaf, KeyLeaf, KeyList, KeyRole, Leaf, LeafError, Params,
    Totals,
};
pub use memory::MemoryState;
pub use misbehaviour::{Misbehaviour, MisbehaviourList, Offence};
pub use rule_sets::{RuleSetSchedule, ScheduleError};
pub use slot::{Slot, SlotKind};
pub(crate) use tree::node as tree_node;
pub use tree::{SlotTree, TREE_DEPTH, TreeChange, empty_at_level, leaf_digest};
pub use validators::{ScheduledSet, set_changes, validators_at};
pub use view::{StateUnavailable, StateView};
pub use working::Working;
