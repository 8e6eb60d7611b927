//! Whether a height was decided before this node's eyes: proposed to it in a running round, and then
//! decided.
//!
//! A validator that has forgotten what it signed (its data was wiped) may not vote before that: the
//! last height it can have voted at is the one that was open when it fell silent, and the first that
//! it sees decided is that one or a later one. Blocks that come by sync prove nothing of the kind,
//! and an old proposal may be played again beside them: whoever is told also asks the block's age.

use piao_engine::{BodySource, HostRequest};
use tokio::sync::watch;

/// Watches what the engine asks for.
#[derive(Debug)]
pub struct Witness {
    proposed: Option<u64>,
    tell: watch::Sender<u64>,
}

impl Witness {
    /// A witness, and where it tells the last height it saw decided; 0 before the first.
    #[must_use]
    pub fn new() -> (Self, watch::Receiver<u64>) {
        let (tell, told) = watch::channel(0);
        let witness = Self {
            proposed: None,
            tell,
        };
        (witness, told)
    }

    /// Notes a request.
    pub(super) fn note(&mut self, request: &HostRequest) {
        match request {
            HostRequest::Check {
                height,
                source: BodySource::Proposed,
                ..
            } => self.proposed = Some(*height),
            HostRequest::Commit { certificate, .. }
                if self.proposed == Some(certificate.height) =>
            {
                self.tell.send_replace(certificate.height);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piao_chain::certificate::CommitCertificate;
    use piao_chain::digest::BlockId;
    use piao_chain::signature::KeyId;
    use tokio::sync::oneshot;

    fn check(height: u64, source: BodySource) -> HostRequest {
        let (reply, _answer) = oneshot::channel();
        HostRequest::Check {
            height,
            round: 0,
            valid_round: None,
            proposer: KeyId([0; 16]),
            body: bytes::Bytes::new(),
            source,
            reply,
        }
    }

    fn commit(height: u64) -> HostRequest {
        let (reply, _answer) = oneshot::channel();
        let certificate = CommitCertificate {
            height,
            round: 0,
            block_id: BlockId([0; 32]),
            signatures: Vec::new(),
        };
        HostRequest::Commit { certificate, reply }
    }

    #[test]
    fn only_a_height_that_was_proposed_and_decided_here_is_told() {
        let (mut witness, told) = Witness::new();
        witness.note(&check(4, BodySource::Synced));
        witness.note(&commit(4));
        // Proposed, but another height was decided: it came by sync.
        witness.note(&check(7, BodySource::Proposed));
        witness.note(&commit(5));
        assert_eq!(*told.borrow(), 0);
        witness.note(&commit(7));
        assert_eq!(*told.borrow(), 7);
    }
}
