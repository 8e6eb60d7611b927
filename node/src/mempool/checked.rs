//! Signatures that were found good, so that each is checked once (SPEC 3.2).
//!
//! Remembered under body *and* signatures. What is remembered is only that the signatures verify:
//! key status, window and duplicates are judged again against each block's own state.

use std::collections::{HashSet, VecDeque};
use std::num::NonZero;
use std::sync::{LazyLock, Mutex, PoisonError};

use piao_chain::digest::Digest;
use piao_chain::execute::SignatureCheck;
use piao_chain::signature::PublicKey;
use piao_chain::transaction::SignedTransaction;

/// How many transactions are remembered: more than the mempool and a few blocks hold.
const REMEMBERED_MAX: usize = 65_536;

/// Fewer signatures than this are not worth a thread: it costs about as much as one of them.
const AHEAD_MIN: usize = 8;

/// Threads that check signatures together.
static LANES: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(1, NonZero::get));

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
    /// Checks what is not known yet on all cores, so that executing a block finds it known. Whose
    /// keys are not had is left to the execution, and so is what does not verify.
    pub fn check_ahead(
        &self,
        transactions: &[SignedTransaction],
        keys_of: impl Fn(&SignedTransaction) -> Option<Vec<PublicKey>> + Sync,
    ) {
        let is_unknown = |one: &&SignedTransaction| !self.remembers(&one.checked_digest());
        let unknown: Vec<&SignedTransaction> = transactions.iter().filter(is_unknown).collect();
        if *LANES < 2 || unknown.len() < AHEAD_MIN {
            return;
        }
        let check = |some: &[&SignedTransaction]| {
            for one in some {
                let _valid = keys_of(one).is_some_and(|keys| self.is_valid(one, &keys));
            }
        };
        let mut shares = unknown.chunks(unknown.len().div_ceil(*LANES));
        let own = shares.next().unwrap_or_default();
        std::thread::scope(|scope| {
            for share in shares {
                scope.spawn(|| check(share));
            }
            check(own);
        });
    }

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
    fn what_is_checked_ahead_is_known_and_what_does_not_verify_is_not() {
        let mut net = TestNet::with_merchant(1);
        let mut all: Vec<_> = (0..40)
            .map(|at| net.invoice(&format!("order {at}")))
            .collect();
        let (forged_at, strange_at) = (11, 23);
        let mut signature = all[forged_at].signatures()[0];
        signature.0[1] ^= 1;
        let body = all[forged_at].body_bytes().to_vec();
        all[forged_at] = SignedTransaction::from_parts(body, vec![signature]).unwrap();
        let strange = all[strange_at].checked_digest();
        let key = net.merchant.public_key();
        let checked = CheckedSignatures::default();
        checked.check_ahead(&all, |one| {
            (one.checked_digest() != strange).then(|| vec![key])
        });
        for (at, one) in all.iter().enumerate() {
            let is_good = at != forged_at && at != strange_at;
            let is_ahead = *LANES > 1;
            assert_eq!(
                checked.remembers(&one.checked_digest()),
                is_good && is_ahead,
                "{at}"
            );
        }
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
