//! Which validator set decides which height (SPEC 6.2, kind 6, index 2 and from 2^34 on).
//!
//! Guards: every set there ever was has a leaf of its own that never changes, so the state alone
//! tells who decides a height, after a restart, a replay or a sync. A chain whose set never changed
//! has none of these leaves.

use serde::{Deserialize, Serialize};

use super::{Leaf, Slot, StateUnavailable, StateView};
use crate::limits::SETS_JUDGED_MAX;
use crate::validator::ValidatorSet;

/// A set and the first height it decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduledSet {
    /// First height; 0 for the set of genesis.
    pub from_height: u64,
    /// The set.
    pub validators: ValidatorSet,
}

/// How leaves are read: from a view, or from a block under execution.
pub(crate) type ReadLeaf<'a> = &'a dyn Fn(Slot) -> Result<Option<Leaf>, StateUnavailable>;

/// How many sets there are; 0 before the first change.
pub(crate) fn count(read: ReadLeaf<'_>) -> Result<u32, StateUnavailable> {
    Ok(match read(Slot::SET_COUNT)? {
        Some(Leaf::SetCount(count)) => count,
        _ => 0,
    })
}

/// The set with a number below [`count`].
fn numbered(read: ReadLeaf<'_>, number: u32) -> Result<ScheduledSet, StateUnavailable> {
    match read(Slot::validators(number))? {
        Some(Leaf::Validators(set)) => Ok(set),
        _ => Err(StateUnavailable(format!("no validator set {number}"))),
    }
}

/// The newest set, in force or waiting.
pub(crate) fn newest(read: ReadLeaf<'_>) -> Result<Option<ScheduledSet>, StateUnavailable> {
    match count(read)?.checked_sub(1) {
        Some(last) => numbered(read, last).map(Some),
        None => Ok(None),
    }
}

/// What is known of the set that decides a height.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decider {
    /// The set of genesis: none ever followed it.
    Genesis,
    /// This one.
    Set(Box<ValidatorSet>),
    /// One that [`SETS_JUDGED_MAX`] others have followed.
    LongPast,
}

/// Who decides a height, looked for among the newest [`SETS_JUDGED_MAX`] sets.
pub(crate) fn decider(read: ReadLeaf<'_>, height: u64) -> Result<Decider, StateUnavailable> {
    let count = count(read)?;
    if count == 0 {
        return Ok(Decider::Genesis);
    }
    for number in (0..count).rev().take(SETS_JUDGED_MAX) {
        let set = numbered(read, number)?;
        if set.from_height <= height {
            return Ok(Decider::Set(Box::new(set.validators)));
        }
    }
    Ok(Decider::LongPast)
}

/// The set that decides a height which is not long past: of the block after a state, or the one
/// after that.
///
/// # Errors
/// [`StateUnavailable`], also when [`SETS_JUDGED_MAX`] sets follow that of the height.
pub fn validators_at<V: StateView + ?Sized>(
    view: &V,
    genesis: &ValidatorSet,
    height: u64,
) -> Result<ValidatorSet, StateUnavailable> {
    match decider(&|slot| view.leaf(slot), height)? {
        Decider::Genesis => Ok(genesis.clone()),
        Decider::Set(set) => Ok(*set),
        Decider::LongPast => Err(StateUnavailable(format!("no validator set at {height}"))),
    }
}

/// Every set after that of genesis, oldest first: in force, past or waiting.
///
/// # Errors
/// [`StateUnavailable`].
pub fn set_changes<V: StateView + ?Sized>(view: &V) -> Result<Vec<ScheduledSet>, StateUnavailable> {
    let read = |slot| view.leaf(slot);
    let count = count(&read)?;
    (1..count).map(|number| numbered(&read, number)).collect()
}
