//! Where recent transactions stand: a bounded memory by id.
//!
//! Older ones are found through their invoice's number or their block's height.

use std::collections::{HashMap, VecDeque};

use piao_chain::digest::TransactionId;

/// Transactions remembered.
const RECENT_MAX: usize = 65_536;

/// A place in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Height of the block.
    pub height: u64,
    /// Index in the block, from 0.
    pub index: u32,
}

/// The last transactions by id.
#[derive(Debug, Default)]
pub(super) struct Recent {
    places: HashMap<TransactionId, Place>,
    oldest_first: VecDeque<TransactionId>,
}

impl Recent {
    pub(super) fn add(&mut self, id: TransactionId, place: Place) {
        if self.places.insert(id, place).is_none() {
            self.oldest_first.push_back(id);
        }
        if self.oldest_first.len() > RECENT_MAX
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.places.remove(&oldest);
        }
    }

    pub(super) fn get(&self, id: &TransactionId) -> Option<Place> {
        self.places.get(id).copied()
    }
}
