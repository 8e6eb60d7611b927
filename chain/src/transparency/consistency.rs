//! That one history continues another: RFC 9162, 2.1.4.

use crate::digest::Digest;
use crate::proof::history::History;
use crate::proof::merkle::{HistoryTree, TreeHash as _};

/// Digests of a path, at most: two for each bit of a size.
const PATH_MAX: usize = 128;

/// The path that shows that the first `from` blocks are a beginning of the first `to`; `None` when
/// there are fewer, or `from` is 0 or above `to`. Empty when both are the same.
#[must_use]
pub fn consistency_path(history: &History, from: u64, to: u64) -> Option<Vec<Digest>> {
    if from == 0 || from > to || to > history.size() {
        return None;
    }
    // From the whole tree down to where the old one ends, with the sides that are not followed.
    let (mut low, mut high, mut is_known) = (0, to, true);
    let mut path = Vec::new();
    loop {
        if from == high {
            if !is_known {
                path.push(history.range(low, high)?);
            }
            path.reverse();
            return Some(path);
        }
        let half = high.saturating_sub(low).checked_sub(1)?.checked_ilog2();
        let middle = low.checked_add(1_u64.checked_shl(half?)?)?;
        if from <= middle {
            path.push(history.range(middle, high)?);
            high = middle;
        } else {
            path.push(history.range(low, middle)?);
            low = middle;
            is_known = false;
        }
    }
}

/// Whether a path shows that the tree of `from` leaves is a beginning of the one of `to` (RFC 9162,
/// 2.1.4.2). A tree of none is a beginning of every tree only by its size, so 0 is refused.
#[must_use]
pub fn is_consistent(
    (from, from_root): (u64, &Digest),
    (to, to_root): (u64, &Digest),
    path: &[Digest],
) -> bool {
    if from == 0 || from > to || path.len() > PATH_MAX {
        return false;
    }
    if from == to {
        return path.is_empty() && from_root == to_root;
    }
    let (mut at, mut last) = (from.wrapping_sub(1), to.wrapping_sub(1));
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let mut rest = path.iter();
    // A full old tree is itself the first node.
    let first = if from.is_power_of_two() {
        Some(from_root)
    } else {
        rest.next()
    };
    let Some(first) = first else {
        return false;
    };
    let (mut old, mut new) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old = HistoryTree::node(sibling, &old);
            new = HistoryTree::node(sibling, &new);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            new = HistoryTree::node(&new, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && old == *from_root && new == *to_root
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::BlockId;

    fn history(size: u8) -> History {
        let mut history = History::default();
        for n in 0..size {
            history.push(&BlockId([n; 32]));
        }
        history
    }

    #[test]
    fn every_beginning_is_shown_and_no_other_is() {
        let history = history(40);
        for to in 1..=40 {
            let to_root = history.root_at(to).unwrap();
            for from in 1..=to {
                let from_root = history.root_at(from).unwrap();
                let path = consistency_path(&history, from, to).unwrap();
                let holds =
                    |path: &[Digest]| is_consistent((from, &from_root), (to, &to_root), path);
                assert!(holds(&path), "{from} of {to}");
                let mut longer = path.clone();
                longer.push([0; 32]);
                assert!(!holds(&longer), "{from} of {to}, longer");
                if let Some((_last, shorter)) = path.split_last() {
                    assert!(!holds(shorter), "{from} of {to}, shorter");
                }
                for at in 0..path.len() {
                    let mut changed = path.clone();
                    changed[at][5] ^= 1;
                    assert!(!holds(&changed), "{from} of {to}, changed at {at}");
                }
                let other = [7; 32];
                assert!(!is_consistent((from, &other), (to, &to_root), &path));
                assert!(!is_consistent((from, &from_root), (to, &other), &path));
            }
        }
        assert_eq!(consistency_path(&history, 0, 5), None);
        assert_eq!(consistency_path(&history, 6, 5), None);
        assert_eq!(consistency_path(&history, 6, 41), None);
    }

    /// Inputs, paths and roots of the test vectors of certificate transparency (RFC 6962 trees over
    /// eight inputs), which this tree shares for inputs of any length.
    #[test]
    fn the_tree_of_ones_own_blocks_has_the_shape_of_rfc_6962() {
        let history = history(8);
        let path = consistency_path(&history, 6, 8).unwrap();
        // From 6 to 8: the node over 4..6, the one over 6..8, the one over 0..4.
        let over = |low, high| history.range(low, high).unwrap();
        assert_eq!(path, [over(4, 6), over(6, 8), over(0, 4)]);
        assert_eq!(consistency_path(&history, 8, 8).unwrap(), [[0; 32]; 0]);
        assert_eq!(consistency_path(&history, 4, 8).unwrap(), [over(4, 8)]);
    }
}
