//! A batch on the wire: version, a number that tells repetitions apart, then transactions, each
//! behind its length.
//!
//! The number lets a batch be announced again after a while: the same bytes are taken for a copy
//! and dropped unseen.

use piao_chain::limits::TX_BYTES_MAX;
use piao_chain::transaction::SignedTransaction;

/// Version of the format.
const BATCH_VERSION: u8 = 1;
/// Transactions in one batch, at most.
pub(super) const BATCH_TRANSACTIONS_MAX: usize = 128;
/// Bytes of one batch, at most; the largest transaction fits twice.
pub(super) const BATCH_BYTES_MAX: usize = 64 * 1024;
/// Bytes in front of the transactions.
const HEAD_BYTES: usize = 1 + 8;
/// Bytes in front of each transaction.
const LENGTH_BYTES: usize = 4;

/// Bytes are not a batch: whoever sent them did so on purpose or is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a batch of transactions")]
pub(super) struct NotABatch;

/// Encodes as many of the transactions as one batch takes; how many that were.
pub(super) fn encode(number: u64, transactions: &[SignedTransaction]) -> (Vec<u8>, usize) {
    let mut bytes = Vec::with_capacity(
        BATCH_BYTES_MAX.min(
            transactions
                .iter()
                .fold(HEAD_BYTES, |sum, one| sum.saturating_add(size_of(one))),
        ),
    );
    bytes.push(BATCH_VERSION);
    bytes.extend_from_slice(&number.to_be_bytes());
    let mut count = 0;
    for transaction in transactions.iter().take(BATCH_TRANSACTIONS_MAX) {
        if bytes.len().saturating_add(size_of(transaction)) > BATCH_BYTES_MAX {
            break;
        }
        let encoded = transaction.encode();
        let length = u32::try_from(encoded.len()).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&encoded);
        count += 1;
    }
    (bytes, count)
}

fn size_of(transaction: &SignedTransaction) -> usize {
    transaction.encoded_len().saturating_add(LENGTH_BYTES)
}

/// Decodes a batch: at least one transaction, every one canonical.
pub(super) fn decode(bytes: &[u8]) -> Result<Vec<SignedTransaction>, NotABatch> {
    if bytes.len() > BATCH_BYTES_MAX || bytes.first() != Some(&BATCH_VERSION) {
        return Err(NotABatch);
    }
    let mut rest = bytes.get(HEAD_BYTES..).ok_or(NotABatch)?;
    let mut transactions = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<LENGTH_BYTES>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_source| NotABatch)?;
        if length > TX_BYTES_MAX || transactions.len() >= BATCH_TRANSACTIONS_MAX {
            return Err(NotABatch);
        }
        let encoded = after.get(..length).ok_or(NotABatch)?;
        rest = after.get(length..).ok_or(NotABatch)?;
        let transaction = SignedTransaction::decode(encoded).map_err(|_source| NotABatch)?;
        transactions.push(transaction);
    }
    if transactions.is_empty() || !rest.is_empty() {
        return Err(NotABatch);
    }
    Ok(transactions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use piao_chain::testing::TestNet;

    fn some(count: usize) -> Vec<SignedTransaction> {
        let mut net = TestNet::with_merchant(1);
        (0..count).map(|n| net.invoice(&n.to_string())).collect()
    }

    #[test]
    fn a_batch_comes_back_as_it_was() {
        let all = some(3);
        let (bytes, count) = encode(7, &all);
        assert_eq!((decode(&bytes).unwrap(), count), (all.clone(), 3));
        assert_ne!(encode(8, &all).0, bytes, "a repetition is another message");
    }

    #[test]
    fn a_batch_takes_what_its_bounds_allow() {
        let all = some(BATCH_TRANSACTIONS_MAX + 40);
        let (bytes, count) = encode(0, &all);
        assert!(bytes.len() <= BATCH_BYTES_MAX && count <= BATCH_TRANSACTIONS_MAX);
        assert_eq!(decode(&bytes).unwrap(), all[..count]);
    }

    #[test]
    fn bytes_that_do_not_add_up_are_no_batch() {
        let (bytes, _count) = encode(0, &some(2));
        let whole = decode(&bytes).unwrap();
        for end in 0..bytes.len() {
            // A cut between two transactions leaves a batch of one.
            let cut = decode(&bytes[..end]);
            assert!(
                cut.is_err() || cut.is_ok_and(|all| all == whole[..1]),
                "{end}"
            );
        }
        let mut other = bytes.clone();
        other[0] = 2;
        assert_eq!(decode(&other), Err(NotABatch));
        assert_eq!(
            decode(&vec![BATCH_VERSION; BATCH_BYTES_MAX + 1]),
            Err(NotABatch)
        );
    }
}
