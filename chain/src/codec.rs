//! The canonical encoding (SPEC 2): exactly one byte string for each value.
//!
//! Big-endian fixed-width integers, enum tag `u32`, length `u64`, `Option` one byte, arrays bare.
//! The wire format is ours; bincode is an implementation of it, and this is the only file that
//! names it. A decoded value is encoded again and compared, so no second spelling is accepted.

use bincode::config::{BigEndian, Configuration, Fixint, Limit};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Upper bound of anything decoded through this module, in bytes: a block body at its ceiling.
/// Callers with tighter bounds check the length before they call.
const DECODE_BYTES_MAX: usize = crate::limits::BLOCK_BYTES_CEILING + 64 * 1024;

const CONFIG: Configuration<BigEndian, Fixint, Limit<DECODE_BYTES_MAX>> =
    bincode::config::standard()
        .with_big_endian()
        .with_fixed_int_encoding()
        .with_limit::<DECODE_BYTES_MAX>();

/// Why bytes were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// The bytes end early, a tag is unknown, or a value is out of its range.
    #[error("malformed encoding")]
    Malformed,
    /// Bytes are left over after the value.
    #[error("{0} bytes after the end of the value")]
    Trailing(usize),
    /// The value has another, canonical encoding.
    #[error("encoding is not canonical")]
    NotCanonical,
    /// More bytes than the caller's bound.
    #[error("{got} bytes where at most {max} are allowed")]
    TooLong {
        /// Bytes given.
        got: usize,
        /// Bytes allowed.
        max: usize,
    },
}

/// Encodes a value canonically.
///
/// # Panics
/// Never for the types of this workspace: they hold no maps and no sequences of unknown length,
/// and writing to memory does not fail.
#[must_use]
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    bincode::serde::encode_to_vec(value, CONFIG.with_no_limit())
        .expect("canonical types always encode to memory")
}

/// Decodes a value that was encoded canonically, and nothing else.
///
/// # Errors
/// [`CodecError`]; see its variants.
pub fn decode<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    let (value, used): (T, usize) = bincode::serde::decode_from_slice(bytes, CONFIG)
        .map_err(|_source| CodecError::Malformed)?;
    if used != bytes.len() {
        return Err(CodecError::Trailing(bytes.len().saturating_sub(used)));
    }
    if encode(&value) != bytes {
        return Err(CodecError::NotCanonical);
    }
    Ok(value)
}

/// [`decode`] with a bound on the length, checked first.
///
/// # Errors
/// [`CodecError`]; see its variants.
pub fn decode_bounded<T: Serialize + DeserializeOwned>(
    bytes: &[u8],
    max: usize,
) -> Result<T, CodecError> {
    if bytes.len() > max {
        return Err(CodecError::TooLong {
            got: bytes.len(),
            max,
        });
    }
    decode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    enum Shape {
        Dot,
        Box { side: u16, tag: Option<[u8; 2]> },
    }

    #[test]
    fn layout_is_the_one_of_the_specification() {
        let value = Shape::Box {
            side: 7,
            tag: Some([1, 2]),
        };
        assert_eq!(encode(&value), [0, 0, 0, 1, 0, 7, 1, 1, 2]);
        assert_eq!(encode(&vec![5u8, 6]), [0, 0, 0, 0, 0, 0, 0, 2, 5, 6]);
        assert_eq!(encode(&Shape::Dot), [0, 0, 0, 0]);
    }

    #[test]
    fn refuses_trailing_bytes_unknown_tags_and_bad_booleans() {
        assert_eq!(decode::<u16>(&[0, 1, 2]), Err(CodecError::Trailing(1)));
        assert_eq!(decode::<Shape>(&[0, 0, 0, 9]), Err(CodecError::Malformed));
        assert_eq!(decode::<bool>(&[2]), Err(CodecError::Malformed));
        assert_eq!(decode::<Option<u8>>(&[2, 0]), Err(CodecError::Malformed));
    }

    #[test]
    fn refuses_a_length_that_promises_more_than_there_is() {
        let bomb = [0xff; 16];
        assert_eq!(decode::<Vec<u64>>(&bomb), Err(CodecError::Malformed));
    }

    #[test]
    fn refuses_more_bytes_than_the_bound() {
        assert_eq!(
            decode_bounded::<u16>(&[0, 1], 1),
            Err(CodecError::TooLong { got: 2, max: 1 })
        );
    }
}
