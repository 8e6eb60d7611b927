//! The layout of a segment, written down a second time from its description in the journal's files,
//! so that a mistake of one side shows.

use piao_chain::codec;
use piao_chain::digest::{ChainId, Hasher, Tag, hash, truncate};

use crate::net::TIP;

/// Magic, version, chain id, number, check of the segment before, check.
pub(super) const HEADER_BYTES: usize = 8 + 1 + 32 + 4 + 16 + 16;
/// Length, kind and height stand before a payload.
pub(super) const HEAD_BYTES: usize = 4 + 1 + 8;
pub(super) const CHECK_BYTES: usize = 16;
/// The longest payload: a block body at its ceiling and its proposal.
const PAYLOAD_BYTES_MAX: usize = 1024 * 1024 + 1024;

pub(super) fn chain_id() -> ChainId {
    TIP.genesis.chain_id()
}

/// Bytes of the header and of the records behind it whose checks hold; 0 without a good header.
pub(super) fn held_bytes(segment: &[u8]) -> usize {
    let Some(header) = segment.get(..HEADER_BYTES) else {
        return 0;
    };
    let (genuine, mut check) = header_of(&chain_id());
    if header != genuine {
        return 0;
    }
    let mut at = HEADER_BYTES;
    while let Some((end, next)) = record_at(segment, at, &check) {
        (at, check) = (end, next);
    }
    at
}

/// End and check of the record at a byte, when it holds.
fn record_at(segment: &[u8], at: usize, previous: &[u8; 16]) -> Option<(usize, [u8; 16])> {
    let (length, rest) = segment.get(at..)?.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    if length == 0 || length > PAYLOAD_BYTES_MAX {
        return None;
    }
    let checked = rest.get(..HEAD_BYTES - 4 + length)?;
    let stored = rest.get(checked.len()..checked.len() + CHECK_BYTES)?;
    let check = check_of(previous, checked);
    let is_known = matches!(checked.first(), Some(1 | 2));
    (stored == check && is_known).then_some((at + HEAD_BYTES + length + CHECK_BYTES, check))
}

fn check_of(previous: &[u8; 16], kind_height_payload: &[u8]) -> [u8; 16] {
    let hasher = Hasher::new(Tag::Journal).with(previous);
    truncate(&hasher.with(kind_height_payload).finish())
}

pub(super) fn header_of(chain_id: &ChainId) -> (Vec<u8>, [u8; 16]) {
    let mut bytes = codec::encode(&(*b"PIAOBLKS", 1_u8, *chain_id, 1_u32, [0_u8; 16]));
    let check = truncate(&hash(Tag::Journal, &bytes));
    bytes.extend_from_slice(&check);
    (bytes, check)
}

/// Takes `length u16 || kind u8 || height u64 || payload` again and again and gives each a check
/// that holds, so that arbitrary payloads reach what is behind the checks.
pub(super) fn framed(mut plan: &[u8]) -> Vec<u8> {
    let (mut segment, mut check) = header_of(&chain_id());
    while let Some((length, rest)) = plan.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length));
        let Some((checked, after)) = rest.split_at_checked(HEAD_BYTES - 4 + length) else {
            break;
        };
        plan = after;
        segment.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        segment.extend_from_slice(checked);
        check = check_of(&check, checked);
        segment.extend_from_slice(&check);
    }
    // What is left over stands behind the records as it is.
    segment.extend_from_slice(plan);
    segment
}
