//! What many proofs share, done once.
//!
//! A folder of proofs of one block carries one certificate and one validator set over and over.
//! Guards: only what held is remembered, and under *every* byte that was read, so that a hit says
//! exactly what doing it again would have said.

use std::collections::BTreeSet;

use serde::Serialize;

use super::file::SignedCard;
use crate::certificate::{CertificateError, CommitCertificate};
use crate::codec;
use crate::digest::ChainId;
use crate::signature::PublicKey;
use crate::validator::ValidatorSet;

/// Bytes remembered, at most; beyond that it starts anew.
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// Which check is remembered: bytes of one never stand for another.
#[derive(Clone, Copy, Debug, Serialize)]
enum Checked {
    /// A commit certificate by a set.
    Certificate,
    /// A seller card by an authority key.
    Card,
}

/// What one verifier has found to hold. For one thread; a fresh one knows nothing.
#[derive(Debug, Default)]
pub struct VerifierCache {
    held: BTreeSet<Vec<u8>>,
    bytes: usize,
    /// The last validator set that was decoded, and from what.
    validators: Option<(Vec<u8>, ValidatorSet)>,
}

impl VerifierCache {
    /// The set that these bytes stand for. Its keys are points of a curve, which is what decoding
    /// takes its time for.
    pub(super) fn validators<E>(
        &mut self,
        bytes: &[u8],
        decode: impl FnOnce(&[u8]) -> Result<ValidatorSet, E>,
    ) -> Result<ValidatorSet, E> {
        if let Some((known, set)) = &self.validators
            && known == bytes
        {
            return Ok(set.clone());
        }
        let set = decode(bytes)?;
        self.validators = Some((bytes.to_vec(), set.clone()));
        Ok(set)
    }

    /// [`CommitCertificate::verify`].
    pub(super) fn certificate(
        &mut self,
        certificate: &CommitCertificate,
        chain_id: &ChainId,
        set: &ValidatorSet,
    ) -> Result<(), CertificateError> {
        let input = (certificate, chain_id, set);
        self.once(Checked::Certificate, &input, || {
            certificate.verify(chain_id, set)
        })
    }

    /// Whether an authority key signed a seller card.
    pub(super) fn card(
        &mut self,
        signed: &SignedCard,
        authority: &PublicKey,
        chain_id: &ChainId,
    ) -> bool {
        let (card, signature) = (&signed.card, &signed.signature);
        let input = (card, signature, authority, chain_id);
        let check = || card.verify(authority, chain_id, signature).then_some(());
        self.once(Checked::Card, &input, || check().ok_or(()))
            .is_ok()
    }

    /// The outcome of `check`, which must read nothing but `input`.
    fn once<E>(
        &mut self,
        kind: Checked,
        input: &impl Serialize,
        check: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let key = codec::encode(&(kind, input));
        if self.held.contains(&key) {
            return Ok(());
        }
        check()?;
        if self.bytes.saturating_add(key.len()) > BYTES_MAX {
            self.held.clear();
            self.bytes = 0;
        }
        self.bytes = self.bytes.saturating_add(key.len());
        self.held.insert(key);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;

    use super::*;

    #[test]
    fn what_held_is_not_asked_again_and_what_failed_is() {
        let asked = Cell::new(0);
        let mut cache = VerifierCache::default();
        let mut ask = |kind, input: &[u8], holds| {
            cache.once(kind, &input, || {
                asked.set(asked.get() + 1);
                if holds { Ok(()) } else { Err(()) }
            })
        };
        assert_eq!(ask(Checked::Card, b"a", false), Err(()));
        assert_eq!(ask(Checked::Card, b"a", true), Ok(()));
        assert_eq!(ask(Checked::Card, b"a", false), Ok(()), "remembered");
        assert_eq!(asked.get(), 2);
        assert_eq!(
            ask(Checked::Certificate, b"a", false),
            Err(()),
            "another check"
        );
        assert_eq!(ask(Checked::Card, b"b", false), Err(()), "other bytes");
        assert_eq!(asked.get(), 4);
    }

    #[test]
    fn the_memory_it_takes_is_bounded() {
        let mut cache = VerifierCache::default();
        let mib = vec![0_u8; 1024 * 1024];
        for n in 0_u32..20 {
            let held: Result<(), ()> = cache.once(Checked::Card, &(n, &mib), || Ok(()));
            held.unwrap();
            assert!(cache.bytes <= BYTES_MAX, "{}", cache.bytes);
        }
    }
}
