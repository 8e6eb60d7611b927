//! The slot tree: fixed depth 40, one digest for everything that is true now (SPEC 6.3).
//!
//! Leaf `H("state-leaf", u64 slot || leaf)`, node `H("state-node", l || r)`, an empty leaf is 32
//! zero bytes and every empty level above is hashed once into a constant. Inner nodes are a cache:
//! they are made again from the leaves at start.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{Leaf, Slot, SlotKind};
use crate::digest::{Digest, Hasher, Tag};

/// Levels between a leaf and the root.
pub const TREE_DEPTH: u8 = 40;

/// Digests of empty subtrees, by level; level 0 is an empty leaf.
static EMPTY: LazyLock<Vec<Digest>> = LazyLock::new(|| {
    let mut levels = vec![[0; 32]];
    for _level in 0..TREE_DEPTH {
        let below = levels.last().copied().unwrap_or_default();
        levels.push(node(&below, &below));
    }
    levels
});

/// The digest of an empty subtree of this height.
#[must_use]
pub fn empty_at_level(level: u8) -> Digest {
    EMPTY.get(usize::from(level)).copied().unwrap_or_default()
}

/// The digest of a leaf in its slot.
#[must_use]
pub fn leaf_digest(slot: Slot, leaf: &Leaf) -> Digest {
    Hasher::new(Tag::StateLeaf)
        .with(&slot.as_u64().to_be_bytes())
        .with(&leaf.encode())
        .finish()
}

/// The digest of an inner node.
pub(crate) fn node(left: &Digest, right: &Digest) -> Digest {
    Hasher::new(Tag::StateNode).with(left).with(right).finish()
}

/// Where a node stands: its level (0 = leaves) and its index in the level.
type Position = (u8, u64);

/// Nodes that a block changes, and the root they give. Applied when the block is decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeChange {
    nodes: BTreeMap<Position, Digest>,
    root: Digest,
}

impl TreeChange {
    /// The root after the change.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.root
    }
}

/// Inner nodes and leaf digests of the state.
#[derive(Clone, Debug, Default)]
pub struct SlotTree {
    nodes: BTreeMap<Position, Digest>,
}

impl SlotTree {
    /// Builds the tree of a whole state.
    pub fn build<'a>(leaves: impl Iterator<Item = (Slot, &'a Leaf)>) -> Self {
        let mut tree = Self::default();
        let change =
            tree.change_digests(leaves.map(|(slot, leaf)| (slot, leaf_digest(slot, leaf))));
        tree.apply(change);
        tree
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.at((TREE_DEPTH, 0))
    }

    /// Hashes what a block's leaves change, without changing the tree. Each touched node is
    /// hashed once.
    pub fn change<'a>(&self, leaves: impl Iterator<Item = (Slot, &'a Leaf)>) -> TreeChange {
        self.change_digests(leaves.map(|(slot, leaf)| (slot, leaf_digest(slot, leaf))))
    }

    /// Lays a change over the tree.
    pub fn apply(&mut self, change: TreeChange) {
        self.nodes.extend(change.nodes);
    }

    /// The siblings of a slot's path, from the leaf up: [`TREE_DEPTH`] of them.
    #[must_use]
    pub fn siblings(&self, slot: Slot) -> Vec<Digest> {
        (0..TREE_DEPTH)
            .map(|level| self.at((level, (slot.as_u64() >> level) ^ 1)))
            .collect()
    }

    /// The highest slot of a kind that has a leaf, with an index below this one.
    #[must_use]
    pub fn last_below(&self, kind: SlotKind, index: u64) -> Option<Slot> {
        let first = Slot::new(kind, 0)?.as_u64();
        let end = first.checked_add(index)?;
        let mut leaves = self.nodes.range((0, first)..(0, end));
        let ((_level, number), _digest) = leaves.next_back()?;
        Slot::from_u64(*number).filter(|slot| slot.kind() == kind)
    }

    fn change_digests(&self, leaves: impl Iterator<Item = (Slot, Digest)>) -> TreeChange {
        let mut nodes = BTreeMap::new();
        let mut level: BTreeMap<u64, Digest> = leaves
            .map(|(slot, digest)| (slot.as_u64(), digest))
            .collect();
        for height in 0..TREE_DEPTH {
            let mut above = BTreeMap::new();
            for (index, digest) in &level {
                let parent = index >> 1;
                if above.contains_key(&parent) {
                    continue;
                }
                let sibling = index ^ 1;
                let other = level
                    .get(&sibling)
                    .copied()
                    .unwrap_or_else(|| self.at((height, sibling)));
                let (left, right) = if index & 1 == 0 {
                    (digest, &other)
                } else {
                    (&other, digest)
                };
                above.insert(parent, node(left, right));
            }
            nodes.extend(
                level
                    .into_iter()
                    .map(|(index, digest)| ((height, index), digest)),
            );
            level = above;
        }
        let root = level.get(&0).copied().unwrap_or_else(|| self.root());
        nodes.insert((TREE_DEPTH, 0), root);
        TreeChange { nodes, root }
    }

    fn at(&self, position: Position) -> Digest {
        self.nodes
            .get(&position)
            .copied()
            .unwrap_or_else(|| empty_at_level(position.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{SlotKind, Totals};

    /// The whole tree hashed again from the definition: the oracle.
    fn naive(leaves: &BTreeMap<u64, Digest>, level: u8, index: u64) -> Digest {
        let low = index << level;
        let high = low + (1 << level);
        if leaves.range(low..high).next().is_none() {
            return empty_at_level(level);
        }
        if level == 0 {
            return leaves[&index];
        }
        node(
            &naive(leaves, level - 1, index << 1),
            &naive(leaves, level - 1, (index << 1) | 1),
        )
    }

    fn leaf(count: u64) -> Leaf {
        Leaf::Totals(Totals {
            issued_count: count,
            ..Totals::default()
        })
    }

    #[test]
    fn an_empty_tree_has_the_constant_root() {
        assert_eq!(SlotTree::default().root(), empty_at_level(TREE_DEPTH));
    }

    #[test]
    fn roots_equal_the_naive_recomputation_however_the_changes_are_batched() {
        let slots: Vec<Slot> = [1u64, 2, 3, 900, (1 << 36) - 1]
            .into_iter()
            .flat_map(|index| {
                [SlotKind::Account, SlotKind::Invoice, SlotKind::Counter]
                    .map(|kind| Slot::new(kind, index).unwrap())
            })
            .collect();
        let mut known = BTreeMap::new();
        let mut one_by_one = SlotTree::default();
        for (count, slot) in slots.iter().enumerate() {
            let leaf = leaf(count as u64);
            known.insert(slot.as_u64(), leaf_digest(*slot, &leaf));
            let change = one_by_one.change([(*slot, &leaf)].into_iter());
            one_by_one.apply(change);
            assert_eq!(one_by_one.root(), naive(&known, TREE_DEPTH, 0));
        }
        let leaves: Vec<_> = (0..slots.len() as u64).map(leaf).collect();
        let at_once = SlotTree::build(slots.iter().copied().zip(&leaves));
        assert_eq!(at_once.root(), one_by_one.root());
    }

    #[test]
    fn a_change_leaves_the_tree_as_it_was_until_it_is_applied() {
        let mut tree = SlotTree::default();
        let before = tree.root();
        let change = tree.change([(Slot::TOTALS, &leaf(1))].into_iter());
        assert_eq!(tree.root(), before);
        let after = change.root();
        tree.apply(change);
        assert_eq!(tree.root(), after);
        assert_ne!(before, after);
    }
}
