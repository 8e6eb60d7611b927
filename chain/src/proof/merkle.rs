//! Merkle trees over lists, in the shape of RFC 6962 and 9162 (SPEC 7.1).
//!
//! No leaf is duplicated. Directions come from index and size, never from the proof, and a path's
//! length must be exact: what is not bound by the root cannot be in a proof.

use sha2::Digest as _;

use crate::digest::{Digest, Hasher, Tag, hash};

/// How a tree hashes: which domain its nodes are in.
pub trait TreeHash {
    /// The digest of two subtrees.
    fn node(left: &Digest, right: &Digest) -> Digest;
    /// The digest of no leaves at all.
    fn empty() -> Digest;
}

/// The tree of a block's transactions and outcomes.
#[derive(Clone, Copy, Debug)]
pub struct TransactionTree;

impl TreeHash for TransactionTree {
    fn node(left: &Digest, right: &Digest) -> Digest {
        Hasher::new(Tag::TxNode).with(left).with(right).finish()
    }
    fn empty() -> Digest {
        hash(Tag::TxEmpty, b"")
    }
}

/// The tree of a document's fields.
#[derive(Clone, Copy, Debug)]
pub struct FieldTree;

impl TreeHash for FieldTree {
    fn node(left: &Digest, right: &Digest) -> Digest {
        Hasher::new(Tag::FieldNode).with(left).with(right).finish()
    }
    fn empty() -> Digest {
        hash(Tag::FieldNode, b"")
    }
}

/// The tree of block ids: SHA-256 exactly as RFC 6962, so that the chain is a transparency log.
#[derive(Clone, Copy, Debug)]
pub struct HistoryTree;

impl HistoryTree {
    /// The leaf of a block id: `SHA-256(0x00 || id)`.
    #[must_use]
    pub fn leaf(block_id: &Digest) -> Digest {
        sha2::Sha256::new()
            .chain_update([0])
            .chain_update(block_id)
            .finalize()
            .into()
    }
}

impl TreeHash for HistoryTree {
    fn node(left: &Digest, right: &Digest) -> Digest {
        sha2::Sha256::new()
            .chain_update([1])
            .chain_update(left)
            .chain_update(right)
            .finalize()
            .into()
    }
    fn empty() -> Digest {
        sha2::Sha256::digest(b"").into()
    }
}

/// The root over leaves in order.
#[must_use]
pub fn root<H: TreeHash>(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => H::empty(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(left_size(leaves.len()));
            H::node(&root::<H>(left), &root::<H>(right))
        }
    }
}

/// The inclusion path of a leaf, from the leaf up; `None` when there is no such leaf.
#[must_use]
pub fn path<H: TreeHash>(leaves: &[Digest], index: usize) -> Option<Vec<Digest>> {
    if index >= leaves.len() {
        return None;
    }
    if leaves.len() == 1 {
        return Some(Vec::new());
    }
    let (left, right) = leaves.split_at(left_size(leaves.len()));
    let (mut below, other) = match index.checked_sub(left.len()) {
        None => (path::<H>(left, index)?, root::<H>(right)),
        Some(within) => (path::<H>(right, within)?, root::<H>(left)),
    };
    below.push(other);
    Some(below)
}

/// The root that a leaf and its path lead to; `None` when index, size and length do not agree.
#[must_use]
pub fn root_of_path<H: TreeHash>(
    leaf: &Digest,
    index: u64,
    size: u64,
    path: &[Digest],
) -> Option<Digest> {
    let mut last = size.checked_sub(1)?;
    let mut at = index;
    if at > last {
        return None;
    }
    let mut digest = *leaf;
    for sibling in path {
        if last == 0 {
            return None;
        }
        // RFC 9162, 2.1.3.2: the right edge of a tree that is not full skips levels.
        if at & 1 == 1 || at == last {
            digest = H::node(sibling, &digest);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            digest = H::node(&digest, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(digest)
}

/// The largest power of two below the number of leaves; asked only for two leaves and more.
fn left_size(leaves: usize) -> usize {
    leaves
        .saturating_sub(1)
        .checked_ilog2()
        .map_or(0, |log| 1 << log)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: usize) -> Vec<Digest> {
        (0u8..)
            .take(count)
            .map(|n| HistoryTree::leaf(&[n; 32]))
            .collect()
    }

    #[test]
    fn known_roots_of_rfc_6962() {
        // The empty tree and the seven inputs of the test vectors of certificate transparency.
        assert_eq!(
            hex::encode(HistoryTree::empty()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        let inputs = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        ];
        let leaves: Vec<Digest> = inputs
            .iter()
            .map(|input| {
                sha2::Sha256::new()
                    .chain_update([0])
                    .chain_update(hex::decode(input).unwrap())
                    .finalize()
                    .into()
            })
            .collect();
        for (size, expected) in roots.iter().enumerate() {
            assert_eq!(
                hex::encode(root::<HistoryTree>(&leaves[..=size])),
                *expected
            );
        }
    }

    #[test]
    fn every_path_leads_to_the_root_and_no_other_does() {
        for size in 1..=33 {
            let leaves = leaves(size);
            let root = root::<HistoryTree>(&leaves);
            for index in 0..size {
                let siblings = path::<HistoryTree>(&leaves, index).unwrap();
                let of = |at: u64, size: u64, path: &[Digest]| {
                    root_of_path::<HistoryTree>(&leaves[index], at, size, path)
                };
                assert_eq!(of(index as u64, size as u64, &siblings), Some(root));
                let other = (index as u64 + 1) % size as u64;
                if size > 1 {
                    assert_ne!(of(other, size as u64, &siblings), Some(root));
                }
                let mut long = siblings.clone();
                long.push([0; 32]);
                assert_ne!(of(index as u64, size as u64, &long), Some(root));
                if !siblings.is_empty() {
                    assert_ne!(of(index as u64, size as u64, &siblings[1..]), Some(root));
                }
            }
            assert_eq!(path::<HistoryTree>(&leaves, size), None);
        }
    }

    #[test]
    fn an_inner_node_is_not_a_leaf() {
        let leaves = leaves(4);
        let inner = HistoryTree::node(&leaves[0], &leaves[1]);
        let other = HistoryTree::node(&leaves[2], &leaves[3]);
        // The node hashes to the root over two, but a leaf of the list carries the leaf prefix.
        assert_eq!(
            root_of_path::<HistoryTree>(&inner, 0, 2, &[other]),
            Some(root::<HistoryTree>(&leaves))
        );
        assert_eq!(root_of_path::<HistoryTree>(&inner, 0, 4, &[other]), None);
    }
}
