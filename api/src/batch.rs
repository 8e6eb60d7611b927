//! Several transactions in one body: each behind its length, `u32` big-endian.

use bytes::Bytes;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::limits::TX_BYTES_MAX;

use crate::limits::TRANSACTIONS_PER_BATCH_MAX;
use crate::problem::{ApiError, ApiResult};

/// Bytes of the length before each transaction.
const LENGTH_BYTES: usize = 4;

/// Cuts a batch into its transactions, without copying them; at least one.
pub(crate) fn split(mut bytes: Bytes) -> ApiResult<Vec<Bytes>> {
    let malformed = || {
        let expected = "each transaction behind its length, four bytes, big-endian";
        ApiError::from(Fault::new(FailureCode::BodyMalformed).expected(expected))
    };
    let too_large = |most: usize, what: &str| {
        let expected = format!("at most {most} {what}");
        ApiError::from(Fault::new(FailureCode::BodyTooLarge).expected(expected))
    };
    let mut all = Vec::new();
    while let Some((length, _rest)) = bytes.split_first_chunk::<LENGTH_BYTES>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let end = LENGTH_BYTES.saturating_add(length);
        if length > TX_BYTES_MAX {
            return Err(too_large(TX_BYTES_MAX, "bytes in a transaction"));
        }
        if end > bytes.len() {
            return Err(malformed());
        }
        if all.len() >= TRANSACTIONS_PER_BATCH_MAX {
            return Err(too_large(TRANSACTIONS_PER_BATCH_MAX, "transactions"));
        }
        all.push(bytes.split_to(end).slice(LENGTH_BYTES..));
    }
    if all.is_empty() || !bytes.is_empty() {
        return Err(malformed());
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(parts: &[&[u8]]) -> Bytes {
        let mut bytes = Vec::new();
        for part in parts {
            bytes.extend_from_slice(&u32::try_from(part.len()).unwrap().to_be_bytes());
            bytes.extend_from_slice(part);
        }
        Bytes::from(bytes)
    }

    #[test]
    fn a_batch_is_cut_at_its_lengths() {
        let all = split(batch(&[b"one", b"", b"three"])).unwrap();
        assert_eq!(all, [&b"one"[..], b"", b"three"]);
    }

    #[test]
    fn a_batch_that_does_not_add_up_is_refused_whole() {
        let good = batch(&[b"one", b"two"]);
        for end in 0..good.len() {
            let refused = split(good.slice(..end));
            assert_eq!(refused.is_err(), end != 7, "cut after {end} bytes");
        }
        let endless = Bytes::from_static(&[0xff; 8]);
        assert!(split(endless).is_err());
    }

    #[test]
    fn a_batch_has_a_bounded_number_of_transactions() {
        let full = vec![&b"x"[..]; TRANSACTIONS_PER_BATCH_MAX];
        assert!(split(batch(&full)).is_ok());
        let over = vec![&b"x"[..]; TRANSACTIONS_PER_BATCH_MAX + 1];
        assert!(split(batch(&over)).is_err());
    }
}
