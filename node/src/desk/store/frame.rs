//! One record on disk: `length u32 | kind u8 | seq u64 | bytes | check 16`.
//!
//! `check = H("desk", previous check || kind || seq || bytes)[..16]`, so each record vouches for
//! every record before it. Numbers are big-endian.

use piao_chain::digest::{Hasher, Tag, truncate};

use super::record::Seq;

/// Bytes before a record's content.
pub(super) const HEAD_BYTES: usize = 4 + 1 + 8;

/// Bytes of a check.
pub(super) const CHECK_BYTES: usize = 16;

/// Most bytes of one record's content: a document of 200 lines with its draft and transaction has
/// about a fifth of that.
pub(super) const RECORD_BYTES_MAX: usize = 1024 * 1024;

/// Vouches for a record and all before it.
pub(super) type Check = [u8; CHECK_BYTES];

/// What stands before a record's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Bytes of the content.
    pub(super) length: usize,
    pub(super) kind: u8,
    pub(super) seq: Seq,
}

impl Head {
    /// Reads a head. `None` when the length is more than any record has.
    pub(super) fn parse(bytes: &[u8; HEAD_BYTES]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (&kind, rest) = rest.split_first()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let seq = Seq::from_be_bytes(rest.try_into().ok()?);
        (length <= RECORD_BYTES_MAX).then_some(Self { length, kind, seq })
    }

    /// Bytes of the whole record on disk.
    pub(super) const fn frame_bytes(&self) -> usize {
        HEAD_BYTES + self.length + CHECK_BYTES
    }
}

/// The check of a record.
pub(super) fn check(previous: &Check, kind: u8, seq: Seq, bytes: &[u8]) -> Check {
    let digest = Hasher::new(Tag::Desk)
        .with(previous)
        .with(&[kind])
        .with(&seq.to_be_bytes())
        .with(bytes)
        .finish();
    truncate(&digest)
}

/// Adds a record to a buffer and returns its check. The content is within [`RECORD_BYTES_MAX`].
pub(super) fn push(
    buffer: &mut Vec<u8>,
    previous: &Check,
    kind: u8,
    seq: Seq,
    bytes: &[u8],
) -> Check {
    let length = u32::try_from(bytes.len()).expect("records are bounded before they are queued");
    let check = check(previous, kind, seq, bytes);
    buffer.extend_from_slice(&length.to_be_bytes());
    buffer.push(kind);
    buffer.extend_from_slice(&seq.to_be_bytes());
    buffer.extend_from_slice(bytes);
    buffer.extend_from_slice(&check);
    check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_on_disk_stays_as_it_is() {
        let mut buffer = Vec::new();
        let check = push(&mut buffer, &[9; 16], 3, 0x0102, b"ab");
        assert_eq!(
            buffer[..HEAD_BYTES],
            [0, 0, 0, 2, 3, 0, 0, 0, 0, 0, 0, 1, 2]
        );
        assert_eq!(&buffer[HEAD_BYTES..HEAD_BYTES + 2], b"ab");
        assert_eq!(buffer[HEAD_BYTES + 2..], check);
        let hashed = [&[9; 16][..], &[3], &0x0102_u64.to_be_bytes(), b"ab"].concat();
        assert_eq!(check, blake3::derive_key("piao/1 desk", &hashed)[..16]);
    }

    #[test]
    fn a_length_beyond_any_record_is_no_head() {
        assert_eq!(Head::parse(&[0xff; HEAD_BYTES]), None);
    }
}
