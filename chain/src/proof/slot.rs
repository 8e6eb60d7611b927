//! What stands in a slot, proven against a state root (SPEC 7.3).

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::state::{Leaf, Slot, SlotTree, TREE_DEPTH, empty_at_level, leaf_digest};

/// The path of a slot. Siblings equal to the empty constant of their level are in the bitmap and
/// must not be in the list: there is one proof for one slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotProof {
    /// Bit `l` is set when the sibling at level `l` is empty. Bits from [`TREE_DEPTH`] up are 0.
    pub empty: u64,
    /// The other siblings, from the leaf up.
    pub siblings: Vec<Digest>,
}

impl SlotProof {
    /// The proof of a slot in a tree.
    #[must_use]
    pub fn of(tree: &SlotTree, slot: Slot) -> Self {
        let mut empty = 0u64;
        let mut siblings = Vec::new();
        for (level, sibling) in (0u8..).zip(tree.siblings(slot)) {
            if sibling == empty_at_level(level) {
                empty |= 1u64 << level;
            } else {
                siblings.push(sibling);
            }
        }
        Self { empty, siblings }
    }

    /// The state root that this leaf, or its absence, leads to; `None` when the proof is not in
    /// its one shape.
    #[must_use]
    pub fn root(&self, slot: Slot, leaf: Option<&Leaf>) -> Option<Digest> {
        if self.empty >> TREE_DEPTH != 0 {
            return None;
        }
        let mut listed = self.siblings.iter();
        let mut digest = leaf.map_or_else(|| empty_at_level(0), |leaf| leaf_digest(slot, leaf));
        for level in 0..TREE_DEPTH {
            let constant = empty_at_level(level);
            let sibling = if (self.empty >> level) & 1 == 1 {
                constant
            } else {
                *listed.next().filter(|sibling| **sibling != constant)?
            };
            digest = if (slot.as_u64() >> level) & 1 == 0 {
                crate::state::tree_node(&digest, &sibling)
            } else {
                crate::state::tree_node(&sibling, &digest)
            };
        }
        listed.next().is_none().then_some(digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{SlotKind, Totals};

    fn leaf(count: u64) -> Leaf {
        Leaf::Totals(Totals {
            issued_count: count,
            ..Totals::default()
        })
    }

    fn tree() -> (SlotTree, Vec<(Slot, Leaf)>) {
        let leaves: Vec<(Slot, Leaf)> = [0, 1, 2, 7, 4000]
            .into_iter()
            .map(|index| (Slot::new(SlotKind::Invoice, index).unwrap(), leaf(index)))
            .collect();
        (
            SlotTree::build(leaves.iter().map(|(slot, leaf)| (*slot, leaf))),
            leaves,
        )
    }

    #[test]
    fn proves_what_is_there_and_what_is_not() {
        let (tree, leaves) = tree();
        for (slot, leaf) in &leaves {
            let proof = SlotProof::of(&tree, *slot);
            assert_eq!(proof.root(*slot, Some(leaf)), Some(tree.root()));
            assert_ne!(proof.root(*slot, None), Some(tree.root()));
        }
        let absent = Slot::new(SlotKind::Invoice, 3).unwrap();
        let proof = SlotProof::of(&tree, absent);
        assert_eq!(proof.root(absent, None), Some(tree.root()));
    }

    #[test]
    fn the_empty_proof_of_another_slot_proves_nothing_here() {
        let (tree, leaves) = tree();
        let absent = Slot::new(SlotKind::Invoice, 3).unwrap();
        let proof = SlotProof::of(&tree, absent);
        for (slot, _leaf) in &leaves {
            assert_ne!(proof.root(*slot, None), Some(tree.root()));
        }
    }

    #[test]
    fn refuses_an_empty_sibling_written_out_and_surplus_siblings() {
        let (tree, leaves) = tree();
        let (slot, leaf) = &leaves[0];
        let mut long = SlotProof::of(&tree, *slot);
        long.siblings.push([1; 32]);
        assert_eq!(long.root(*slot, Some(leaf)), None);

        let mut spelled = SlotProof::of(&tree, *slot);
        let level = spelled.empty.trailing_zeros();
        let at = (level - (spelled.empty & ((1 << level) - 1)).count_ones()) as usize;
        spelled.empty &= !(1 << level);
        spelled
            .siblings
            .insert(at, empty_at_level(u8::try_from(level).unwrap()));
        assert_eq!(spelled.root(*slot, Some(leaf)), None);

        let mut high = SlotProof::of(&tree, *slot);
        high.empty |= 1 << 40;
        assert_eq!(high.root(*slot, Some(leaf)), None);
    }
}
