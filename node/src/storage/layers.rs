//! Blocks that are decided but not yet in sled: what readers see in front of it.
//!
//! Changes are merged into generations, each small enough for one transaction. A read looks at the
//! generations from the newest to the oldest and then into sled, so it finds what the last
//! committed block left.

use std::collections::VecDeque;
use std::sync::Arc;

use piao_chain::state::StateDelta;

use super::store::Tip;
use super::tables::record_count;

/// Changes of one or several blocks that go into the store together.
#[derive(Debug)]
pub(super) struct Generation {
    pub(super) tip: Tip,
    pub(super) blocks: u64,
    pub(super) delta: StateDelta,
}

/// All changes that are not in the store.
#[derive(Debug, Default)]
pub(super) struct Layers {
    /// Being written.
    flushing: Option<Arc<Generation>>,
    /// To be written, oldest first.
    waiting: VecDeque<Generation>,
}

impl Layers {
    /// Adds the changes of a block: to the newest generation while both together are at most
    /// `records_max` records, else as a new one.
    pub(super) fn push(&mut self, tip: Tip, delta: StateDelta, records_max: usize) {
        let more = record_count(&delta);
        match self.waiting.back_mut() {
            Some(newest) if record_count(&newest.delta).saturating_add(more) <= records_max => {
                newest.tip = tip;
                newest.blocks = newest.blocks.saturating_add(1);
                newest.delta.extend(delta);
            }
            _ => self.waiting.push_back(Generation {
                tip,
                blocks: 1,
                delta,
            }),
        }
    }

    /// Takes the oldest generation for writing; reads see it until [`Self::finish`].
    pub(super) fn start(&mut self) -> Option<Arc<Generation>> {
        let oldest = self.waiting.pop_front().map(Arc::new);
        self.flushing.clone_from(&oldest);
        oldest
    }

    /// Drops the generation that was written.
    pub(super) fn finish(&mut self) {
        self.flushing = None;
    }

    /// The newest answer that `find` gives for a delta.
    pub(super) fn find<T>(&self, find: impl Fn(&StateDelta) -> Option<T>) -> Option<T> {
        let flushing = self.flushing.iter().map(|generation| &generation.delta);
        self.waiting
            .iter()
            .rev()
            .map(|generation| &generation.delta)
            .chain(flushing)
            .find_map(find)
    }

    /// The block whose changes are the newest here.
    pub(super) fn tip(&self) -> Option<Tip> {
        let flushing = self.flushing.as_deref();
        self.waiting
            .back()
            .or(flushing)
            .map(|generation| generation.tip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piao_chain::digest::BlockId;

    fn delta(order: u8, index: u64) -> StateDelta {
        let mut delta = StateDelta::default();
        delta.orders.insert([order; 32], index);
        delta
    }

    fn tip(height: u64) -> Tip {
        Tip {
            height,
            block_id: BlockId([7; 32]),
            time_ms: height,
        }
    }

    fn order(layers: &Layers, order: u8) -> Option<u64> {
        layers.find(|delta| delta.orders.get(&[order; 32]).copied())
    }

    #[test]
    fn the_newest_change_is_seen_while_older_ones_are_written() {
        let mut layers = Layers::default();
        layers.push(tip(1), delta(1, 10), 1);
        layers.push(tip(2), delta(1, 20), 1);
        assert_eq!(order(&layers, 1), Some(20));
        let oldest = layers.start().unwrap();
        assert_eq!((oldest.tip.height, oldest.blocks), (1, 1));
        layers.push(tip(3), delta(2, 30), 1);
        assert_eq!((order(&layers, 1), order(&layers, 2)), (Some(20), Some(30)));
        layers.finish();
        layers.start().unwrap();
        assert_eq!(order(&layers, 1), Some(20));
        layers.finish();
        assert_eq!(order(&layers, 1), None);
        assert_eq!(layers.tip(), Some(tip(3)));
    }

    #[test]
    fn small_blocks_share_a_generation_up_to_the_bound() {
        let mut layers = Layers::default();
        for height in 1..=5u8 {
            layers.push(tip(height.into()), delta(height, 1), 2);
        }
        let blocks: Vec<u64> = std::iter::from_fn(|| layers.start())
            .map(|generation| generation.blocks)
            .collect();
        assert_eq!(blocks, [2, 2, 1]);
        assert!(layers.start().is_none());
    }
}
