//! Proposal parts: how a block body travels before it is decided.
//!
//! Every part carries the header, so it can be judged alone and in any order; the last one is
//! *sealed*: that round's proposer signs `height || round || block_id` under the tag `part`, which
//! the engine itself does not do. All parts but the last are full. A body up to [`PART_BYTES`] is
//! one part, one gossip message.

use bytes::Bytes;
use piao_chain::digest::{BlockId, ChainId};
use piao_chain::signature::{KeyId, PublicKey, Purpose, SecretKey, Signature};
use piao_chain::vote::part_body;

/// Body bytes in one part. Gossip forwards whole messages, so parts of a large body overlap on the
/// way; smaller ones cost a signature check each.
pub(crate) const PART_BYTES: usize = 128 * 1024;

/// Longest stream id of a peer; ours are 24 bytes.
pub(crate) const STREAM_ID_BYTES_MAX: usize = 32;

/// What all parts of one stream have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PartHeader {
    pub(crate) height: u64,
    pub(crate) round: u32,
    /// Round in which a quorum prevoted this block before, on a re-proposal.
    pub(crate) valid_round: Option<u32>,
    /// The proposer of `round`, who seals the stream.
    pub(crate) proposer: KeyId,
    /// Parts of the stream, at least 1.
    pub(crate) count: u32,
}

/// The proposer's signature over the whole, on the last part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seal {
    pub(crate) block_id: BlockId,
    pub(crate) signature: Signature,
}

impl Seal {
    /// Seals a body for a round in which we are the proposer.
    pub(crate) fn sign(
        key: &SecretKey,
        chain_id: &ChainId,
        height: u64,
        round: u32,
        block_id: BlockId,
    ) -> Self {
        let body = part_body(height, round, &block_id);
        Self {
            block_id,
            signature: key.sign(Purpose::Part, chain_id, &body),
        }
    }

    /// Whether the proposer's key made this seal for the stream.
    pub(crate) fn verify(&self, key: &PublicKey, chain_id: &ChainId, header: &PartHeader) -> bool {
        let body = part_body(header.height, header.round, &self.block_id);
        key.verify(Purpose::Part, chain_id, &body, &self.signature)
    }
}

/// One message of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) header: PartHeader,
    /// Position, `0..header.count`.
    pub(crate) index: u32,
    pub(crate) data: Bytes,
    /// On the last part, and only there.
    pub(crate) seal: Option<Seal>,
}

/// Cuts a body into parts. `header.count` is set here.
pub(crate) fn split(header: PartHeader, seal: Seal, body: &Bytes) -> Vec<Part> {
    let count = parts_of(body.len());
    let header = PartHeader { count, ..header };
    let part = |index: u32| {
        let start = usize::try_from(index)
            .unwrap_or(usize::MAX)
            .saturating_mul(PART_BYTES);
        let end = start.saturating_add(PART_BYTES).min(body.len());
        let last = index.saturating_add(1) == count;
        Part {
            header,
            index,
            data: body.slice(start..end),
            seal: last.then_some(seal),
        }
    };
    (0..count).map(part).collect()
}

/// Parts that a body of this many bytes takes; an empty body takes one.
pub(crate) fn parts_of(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(PART_BYTES).max(1)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CHAIN, secret_keys};

    fn header(proposer: KeyId) -> PartHeader {
        PartHeader {
            height: 7,
            round: 2,
            valid_round: Some(1),
            proposer,
            count: 0,
        }
    }

    #[test]
    fn a_body_is_cut_into_full_parts_and_a_sealed_rest() {
        let key = &secret_keys(1)[0];
        let seal = Seal::sign(key, &CHAIN, 7, 2, BlockId([5; 32]));
        let body = Bytes::from(vec![9; PART_BYTES * 2 + 1]);
        let parts = split(header(key.public_key().id()), seal, &body);
        let lengths: Vec<_> = parts.iter().map(|part| part.data.len()).collect();
        assert_eq!(lengths, [PART_BYTES, PART_BYTES, 1]);
        assert!(parts.iter().all(|part| part.header.count == 3));
        let sealed: Vec<_> = parts.iter().map(|part| part.seal.is_some()).collect();
        assert_eq!(sealed, [false, false, true]);
    }

    #[test]
    fn an_empty_and_an_exactly_full_body_are_one_part() {
        let key = &secret_keys(1)[0];
        let seal = Seal::sign(key, &CHAIN, 7, 2, BlockId([5; 32]));
        for body in [Bytes::new(), Bytes::from(vec![1; PART_BYTES])] {
            let parts = split(header(key.public_key().id()), seal, &body);
            assert_eq!(parts.len(), 1);
            assert_eq!(parts[0].data, body);
        }
    }

    #[test]
    fn a_seal_holds_for_its_key_height_round_and_network_only() {
        let keys = secret_keys(2);
        let (key, other) = (&keys[0], keys[1].public_key());
        let seal = Seal::sign(key, &CHAIN, 7, 2, BlockId([5; 32]));
        let good = header(key.public_key().id());
        let key = key.public_key();
        assert!(seal.verify(&key, &CHAIN, &good));
        assert!(!seal.verify(&other, &CHAIN, &good));
        assert!(!seal.verify(&key, &ChainId([0; 32]), &good));
        assert!(!seal.verify(&key, &CHAIN, &PartHeader { height: 8, ..good }));
        assert!(!seal.verify(&key, &CHAIN, &PartHeader { round: 3, ..good }));
        assert!(
            !Seal {
                block_id: BlockId([6; 32]),
                ..seal
            }
            .verify(&key, &CHAIN, &good)
        );
    }
}
