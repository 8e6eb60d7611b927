//! The history of block ids as a growing RFC 6962 tree (SPEC 7.2).
//!
//! Keeps the digests of every full subtree, 64 bytes a block, so that roots and paths over any
//! earlier size cost a walk and no rehashing of the whole chain.

use super::merkle::{HistoryTree, TreeHash};
use crate::digest::{BlockId, Digest};

/// Block ids 0..size, as a tree.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// `levels[l][i]` covers leaves `i << l` to `(i + 1) << l`, full subtrees only.
    levels: Vec<Vec<Digest>>,
}

impl History {
    /// How many block ids it holds.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// Adds the next block id.
    pub fn push(&mut self, block_id: &BlockId) {
        let mut digest = HistoryTree::leaf(&block_id.0);
        for level in 0.. {
            if self.levels.len() <= level {
                self.levels.push(Vec::new());
            }
            let Some(row) = self.levels.get_mut(level) else {
                return;
            };
            row.push(digest);
            // An even count closes a pair, which makes a node one level up.
            match row.as_slice() {
                [.., left, right] if row.len() % 2 == 0 => digest = HistoryTree::node(left, right),
                _ => return,
            }
        }
    }

    /// The root over the first `size` ids; `None` when there are fewer.
    #[must_use]
    pub fn root_at(&self, size: u64) -> Option<Digest> {
        if size > self.size() {
            return None;
        }
        if size == 0 {
            return Some(HistoryTree::empty());
        }
        self.range(0, size)
    }

    /// The root over all ids.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.root_at(self.size()).unwrap_or_else(HistoryTree::empty)
    }

    /// The inclusion path of block `height` in the tree over the first `size` ids.
    #[must_use]
    pub fn path(&self, height: u64, size: u64) -> Option<Vec<Digest>> {
        if height >= size || size > self.size() {
            return None;
        }
        let (mut low, mut high) = (0, size);
        let mut path = Vec::new();
        while high.saturating_sub(low) > 1 {
            let middle = low.saturating_add(left_size(high.saturating_sub(low)));
            if height < middle {
                path.push(self.range(middle, high)?);
                high = middle;
            } else {
                path.push(self.range(low, middle)?);
                low = middle;
            }
        }
        path.reverse();
        Some(path)
    }

    /// The digest over `low..high`, where `low` is a multiple of the subtree's size.
    pub(crate) fn range(&self, low: u64, high: u64) -> Option<Digest> {
        let size = high.checked_sub(low)?;
        if size.is_power_of_two() {
            let level = size.ilog2();
            let index = usize::try_from(low >> level).ok()?;
            return self
                .levels
                .get(usize::try_from(level).ok()?)?
                .get(index)
                .copied();
        }
        let middle = low.checked_add(left_size(size))?;
        Some(HistoryTree::node(
            &self.range(low, middle)?,
            &self.range(middle, high)?,
        ))
    }
}

/// The largest power of two below a size of two or more.
fn left_size(size: u64) -> u64 {
    size.saturating_sub(1)
        .checked_ilog2()
        .map_or(0, |log| 1 << log)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::merkle;

    #[test]
    fn agrees_with_the_plain_tree_at_every_size() {
        let ids: Vec<BlockId> = (0..70u8).map(|n| BlockId([n; 32])).collect();
        let leaves: Vec<Digest> = ids.iter().map(|id| HistoryTree::leaf(&id.0)).collect();
        let mut history = History::default();
        assert_eq!(history.root(), HistoryTree::empty());
        for id in &ids {
            history.push(id);
        }
        for size in 1..=ids.len() {
            let plain = merkle::root::<HistoryTree>(&leaves[..size]);
            assert_eq!(history.root_at(size as u64), Some(plain));
            for index in 0..size {
                let expected = merkle::path::<HistoryTree>(&leaves[..size], index);
                assert_eq!(history.path(index as u64, size as u64), expected);
            }
        }
        assert_eq!(history.root_at(71), None);
        assert_eq!(history.path(3, 3), None);
    }
}
