//! The state that blocks commit to: the slot tree, and the indexes execution needs (SPEC 6).
//!
//! The log says what happened; the tree says what is true now.

mod announcements;
mod delta;
mod invoice_leaf;
mod issue_limits;
mod issued;
mod leaf;
mod memory;
mod misbehaviour;
mod red_proposal;
mod rule_sets;
mod slot;
mod tree;
pub(crate) mod validators;
mod view;
mod working;

pub use announcements::{Announcement, AnnouncementError, Announcements, MaintenanceReason};
pub use delta::{IdemRecord, StateDelta};
pub use invoice_leaf::{
    InvoiceLeaf, RedMark, USE_DEDUCTED, USE_NONE, USE_NOT_DEDUCTIBLE, USE_REFUND_CLAIMED,
};
pub use issue_limits::{AccountLimits, IssueLimits, QuotaStatus};
pub use issued::IssuedInvoice;
pub use leaf::{
    Account, AccountStatus, Fees, KeyLeaf, KeyList, KeyRole, Leaf, LeafError, Params, Totals,
};
pub use memory::MemoryState;
pub use misbehaviour::{Misbehaviour, MisbehaviourList, Offence};
pub use red_proposal::{ProposalState, RedProposal};
pub use rule_sets::{RuleSetSchedule, ScheduleError};
pub use slot::{Slot, SlotKind};
pub(crate) use tree::node as tree_node;
pub use tree::{SlotTree, TREE_DEPTH, TreeChange, empty_at_level, leaf_digest};
pub use validators::{ScheduledSet, set_changes, validators_at};
pub use view::{StateUnavailable, StateView};
pub use working::Working;
