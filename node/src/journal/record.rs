//! Records: what stands between two checks in a segment.
//!
//! Frame: `length u32 || kind u8 || height u64 || payload || check`, big-endian, where
//! `check = H("journal", check before || kind || height || payload)[..16]`. The check before stands
//! in the 16 bytes in front of the frame, so every record can be checked alone, and a record in
//! another place, or after another record, does not hold.

use piao_chain::block::Header;
use piao_chain::certificate::CommitCertificate;
use piao_chain::codec;
use piao_chain::digest::{BlockId, Hasher, Tag, truncate};
use piao_chain::limits::BLOCK_BYTES_CEILING;
use piao_chain::outcome::Outcome;
use piao_chain::signature::KeyId;
use serde::{Deserialize, Serialize};

/// The running check of a segment.
pub(super) type Check = [u8; 16];

/// Bytes of a check.
pub(super) const CHECK_BYTES: usize = 16;

/// Bytes in front of a payload.
pub(super) const HEAD_BYTES: usize = 13;

/// Bytes of a frame beside its payload.
pub(super) const FRAME_BYTES: usize = HEAD_BYTES + CHECK_BYTES;

/// Bytes of a payload: a body at its ceiling with its proposal, or the outcomes of one.
pub(super) const PAYLOAD_BYTES_MAX: usize = BLOCK_BYTES_CEILING + 1024;

/// Bytes of an encoded [`Header`]: all its fields are of fixed size.
pub(super) const HEADER_BYTES: usize = 326;

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A proposal was received or made; with the body when it was not known before.
    Proposed = 1,
    /// A block was decided.
    Decided = 2,
}

impl Kind {
    pub(super) fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Proposed),
            2 => Some(Self::Decided),
            _ => None,
        }
    }
}

/// A proposal as the consensus application must find it again after a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Height proposed for.
    pub height: u64,
    /// Round proposed in.
    pub round: u32,
    /// Round in which a quorum prevoted the block before.
    pub valid_round: Option<u32>,
    /// Who proposed it in this round.
    pub proposer: KeyId,
    /// Whether execution found the block valid.
    pub valid: bool,
    /// The block.
    pub block_id: BlockId,
}

/// Where the record stands that holds a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// Number of the segment, from 1.
    pub(super) segment: u32,
    /// Byte at which the frame starts.
    pub(super) offset: u32,
}

/// First part of a `proposed` payload: round, valid round (−1 for none), proposer, valid, block,
/// whether the body follows. The body follows as it is.
type ProposedHead = (u32, i64, KeyId, bool, BlockId, bool);

/// Bytes of an encoded [`ProposedHead`].
const PROPOSED_HEAD_BYTES: usize = 4 + 8 + 16 + 1 + 32 + 1;

/// A `proposed` payload.
pub(super) struct Proposed<'a> {
    pub(super) proposal: Proposal,
    pub(super) body: Option<&'a [u8]>,
}

/// A `decided` payload.
pub(super) type Decided = (BlockId, Place, Vec<Outcome>, CommitCertificate);

/// The head of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Bytes of the payload; 0 marks the end of the records.
    pub(super) length: u32,
    /// A [`Kind`], or damage.
    pub(super) kind: u8,
    /// Height the record speaks of.
    pub(super) height: u64,
}

impl Head {
    pub(super) fn parse(bytes: &[u8; HEAD_BYTES]) -> Self {
        let [a, b, c, d, kind, height @ ..] = *bytes;
        Self {
            length: u32::from_be_bytes([a, b, c, d]),
            kind,
            height: u64::from_be_bytes(height),
        }
    }

    /// The payload's length when it is one a record can have.
    pub(super) fn payload_bytes(&self) -> Option<usize> {
        let length = usize::try_from(self.length).ok()?;
        (1..=PAYLOAD_BYTES_MAX).contains(&length).then_some(length)
    }
}

/// The check of a record that follows `previous`.
pub(super) fn check_of(previous: &Check, kind: u8, height: u64, payload: &[u8]) -> Check {
    let hasher = Hasher::new(Tag::Journal)
        .with(previous)
        .with(&[kind])
        .with(&height.to_be_bytes())
        .with(payload);
    truncate(&hasher.finish())
}

/// Writes a frame into `out`, which is cleared first; gives its check.
pub(super) fn write_frame(
    out: &mut Vec<u8>,
    previous: &Check,
    kind: Kind,
    height: u64,
    payload: &[&[u8]],
) -> Check {
    out.clear();
    let length: usize = payload.iter().map(|part| part.len()).sum();
    let length = u32::try_from(length).expect("payloads are bounded before they are framed");
    out.extend_from_slice(&length.to_be_bytes());
    out.push(kind as u8);
    out.extend_from_slice(&height.to_be_bytes());
    for part in payload {
        out.extend_from_slice(part);
    }
    let check = check_of(previous, kind as u8, height, &out[HEAD_BYTES..]);
    out.extend_from_slice(&check);
    check
}

/// The first part of a `proposed` payload.
pub(super) fn encode_proposed_head(proposal: &Proposal, has_body: bool) -> Vec<u8> {
    let head: ProposedHead = (
        proposal.round,
        proposal.valid_round.map_or(-1, i64::from),
        proposal.proposer,
        proposal.valid,
        proposal.block_id,
        has_body,
    );
    codec::encode(&head)
}

/// Reads a `proposed` payload.
pub(super) fn decode_proposed(height: u64, payload: &[u8]) -> Option<Proposed<'_>> {
    let (head, body) = payload.split_at_checked(PROPOSED_HEAD_BYTES)?;
    let (round, valid_round, proposer, valid, block_id, has_body): ProposedHead =
        codec::decode(head).ok()?;
    if !has_body && !body.is_empty() {
        return None;
    }
    let valid_round = match valid_round {
        -1 => None,
        round => Some(u32::try_from(round).ok()?),
    };
    let proposal = Proposal {
        height,
        round,
        valid_round,
        proposer,
        valid,
        block_id,
    };
    Some(Proposed {
        proposal,
        body: has_body.then_some(body),
    })
}

/// A `decided` payload.
pub(super) fn encode_decided(
    block_id: &BlockId,
    body: Place,
    outcomes: &[Outcome],
    certificate: &CommitCertificate,
) -> Vec<u8> {
    codec::encode(&(block_id, body, outcomes, certificate))
}

/// Reads a `decided` payload.
pub(super) fn decode_decided(payload: &[u8]) -> Option<Decided> {
    codec::decode(payload).ok()
}

/// The header at the start of a body, when it is the one that `block_id` names.
pub(super) fn header_of(body: &[u8], block_id: &BlockId) -> Option<Header> {
    let header: Header = codec::decode(body.get(..HEADER_BYTES)?).ok()?;
    (header.id() == *block_id).then_some(header)
}

#[cfg(test)]
mod tests {
    use super::*;
    use piao_chain::testing::TestNet;

    fn proposal() -> Proposal {
        Proposal {
            height: 9,
            round: 2,
            valid_round: Some(1),
            proposer: KeyId([7; 16]),
            valid: true,
            block_id: BlockId([3; 32]),
        }
    }

    #[test]
    fn a_proposal_comes_back_with_and_without_its_body() {
        for body in [None, Some(&b"body"[..])] {
            let mut payload = encode_proposed_head(&proposal(), body.is_some());
            assert_eq!(payload.len(), PROPOSED_HEAD_BYTES);
            payload.extend_from_slice(body.unwrap_or_default());
            let read = decode_proposed(9, &payload).unwrap();
            assert_eq!((read.proposal, read.body), (proposal(), body));
        }
    }

    #[test]
    fn a_record_holds_only_behind_the_one_it_was_written_behind() {
        let mut frame = Vec::new();
        let check = write_frame(&mut frame, &[1; 16], Kind::Decided, 5, &[b"ab", b"c"]);
        assert_eq!(frame.len(), FRAME_BYTES + 3);
        assert_eq!(check, check_of(&[1; 16], 2, 5, b"abc"));
        assert_ne!(check, check_of(&[2; 16], 2, 5, b"abc"));
        assert_ne!(check, check_of(&[1; 16], 2, 6, b"abc"));
        assert_ne!(check, check_of(&[1; 16], 1, 5, b"abc"));
    }

    #[test]
    fn a_header_has_the_size_that_bodies_are_cut_at() {
        let net = TestNet::with_merchant(1);
        let block = &net.blocks[0].block;
        assert_eq!(codec::encode(&block.header).len(), HEADER_BYTES);
        let id = block.header.id();
        assert_eq!(
            header_of(&block.encode(), &id).as_ref(),
            Some(&block.header)
        );
        assert_eq!(header_of(&block.encode(), &BlockId([0; 32])), None);
    }
}
