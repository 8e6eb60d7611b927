//! Signatures that were found good, so that each is checked once (SPEC 3.2).
//!
//! Remembered under body *and* signatures. What is remembered is only that the signatures verify:
//! key status, window and duplicates are judged again against each block's own state.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use piao_chain::digest::Digest;
use piao_chain::execute::SignatureCheck;
use piao_chain::signature::PublicKey;
use piao_chain::transaction::SignedTransaction;

/// How many transactions are remembered: more than the mempool and a few blocks hold.
const REMEMBERED_MAX: usize = 65_536;

/// A bounded memory of good signatures.
#[derive(Debug, Default)]
pub struct CheckedSignatures {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    set: HashSet<Digest>,
    oldest_first: VecDeque<Digest>,
}

impl CheckedSignatures {
    fn remembers(&self, digest: &Digest) -> bool {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .set
            .contains(digest)
    }

    fn remember(&self, digest: Digest) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.set.insert(digest) {
            known.oldest_first.push_back(digest);
        }
        if known.oldest_first.len() > REMEMBERED_MAX
            && let Some(oldest) = known.oldest_first.pop_front()
        {
            known.set.remove(&oldest);
        }
    }
}

impl SignatureCheck for CheckedSignatures {
    fn is_valid(&self, transaction: &SignedTransaction, keys: &[PublicKey]) -> bool {
        let digest = transaction.checked_digest();
        if self.remembers(&digest) {
            // The keys are those the body names: an id is a digest of its key.
            return true;
        }
        let valid = transaction.verify_signatures(keys);
        if valid {
            self.remember(digest);
        }
        valid
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piao_chain::testing::TestNet;

    #[test]
    fn another_signature_over_a_known_body_is_checked_anew() {
        let mut net = TestNet::with_merchant(1);
        let good = net.invoice("a");
        let keys = [net.merchant.public_key()];
        let checked = CheckedSignatures::default();
        assert!(checked.is_valid(&good, &keys));
        assert!(checked.is_valid(&good, &keys));
        let mut signature = good.signatures()[0];
        signature.0[1] ^= 1;
        let forged =
            SignedTransaction::from_parts(good.body_bytes().to_vec(), vec![signature]).unwrap();
        assert!(!checked.is_valid(&forged, &keys));
    }

    #[test]
    fn memory_is_bounded() {
        let checked = CheckedSignatures::default();
        for n in 0..=REMEMBERED_MAX as u64 {
            let mut digest = [0; 32];
            digest[..8].copy_from_slice(&n.to_be_bytes());
            checked.remember(digest);
        }
        let known = checked.known.lock().unwrap();
        assert_eq!(known.set.len(), REMEMBERED_MAX);
        assert_eq!(known.oldest_first.len(), REMEMBERED_MAX);
    }
}
