//! Whether a certificate carries this validator's key under a vote that this process never cast.
//!
//! A validator remembers what it signed at the height that is open when it starts in the engine's
//! log, and everything above that it signs itself. A vote of its key above that height, which it did
//! not cast, was cast by another process with the key, or by this node after the copy of its data
//! was made that it runs on. Either way it must not vote on.

use piao_chain::certificate::CommitCertificate;
use piao_chain::signature::KeyId;
use piao_engine::{HostRequest, SignedPrecommits};
use tokio::sync::watch;

/// Watches the certificates that the engine decides by.
#[derive(Debug)]
pub struct OwnVotes {
    /// The validator's key, and whether this process votes with it.
    me: Option<(KeyId, bool)>,
    /// The height that was open when the process started.
    open: u64,
    signed: SignedPrecommits,
    tell: watch::Sender<Option<u64>>,
}

impl OwnVotes {
    /// A watch, and where it tells the last height at which somebody else voted with the key. `me`
    /// is the key, and whether this process votes with it at all.
    #[must_use]
    pub fn new(
        me: Option<(KeyId, bool)>,
        open: u64,
        signed: SignedPrecommits,
    ) -> (Self, watch::Receiver<Option<u64>>) {
        let (tell, told) = watch::channel(None);
        let watch = Self {
            me,
            open,
            signed,
            tell,
        };
        (watch, told)
    }

    /// Notes a request.
    pub(super) fn note(&self, request: &HostRequest) {
        if let HostRequest::Commit { certificate, .. } = request
            && self.is_strange(certificate)
        {
            self.tell.send_replace(Some(certificate.height));
        }
    }

    fn is_strange(&self, certificate: &CommitCertificate) -> bool {
        let Some((me, votes)) = self.me else {
            return false;
        };
        let mut signers = certificate.signatures.iter();
        let carried = signers.any(|(signer, _signature)| *signer == me);
        // Whoever follows has cast nothing since it started.
        carried && certificate.height > self.open && !(votes && self.signed.holds(certificate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piao_chain::digest::BlockId;
    use piao_chain::signature::Signature;
    use tokio::sync::oneshot;

    const ME: KeyId = KeyId([1; 16]);

    fn commit(height: u64, signer: KeyId) -> HostRequest {
        let (reply, _answer) = oneshot::channel();
        let certificate = CommitCertificate {
            height,
            round: 0,
            block_id: BlockId([0; 32]),
            signatures: vec![(signer, Signature([0; 64]))],
        };
        HostRequest::Commit { certificate, reply }
    }

    #[test]
    fn a_vote_of_our_key_that_we_did_not_cast_is_told() {
        for votes in [true, false] {
            let signed = SignedPrecommits::default();
            let (watch, told) = OwnVotes::new(Some((ME, votes)), 7, signed);
            watch.note(&commit(7, ME));
            watch.note(&commit(8, KeyId([2; 16])));
            assert_eq!(*told.borrow(), None, "its own of before, and another's");
            watch.note(&commit(9, ME));
            assert_eq!(*told.borrow(), Some(9));
        }
        let (watch, told) = OwnVotes::new(None, 7, SignedPrecommits::default());
        watch.note(&commit(9, ME));
        assert_eq!(*told.borrow(), None);
    }
}
