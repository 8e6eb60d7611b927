//! What this process has signed: the precommits that may stand in a certificate.
//!
//! Guards: a certificate that carries our key under a precommit which is not here tells of another
//! process with the key, or of an older copy of this node's data.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use piao_chain::certificate::CommitCertificate;
use piao_chain::digest::BlockId;
use piao_chain::vote::{Vote, VoteKind};

/// Precommits remembered: those of many heights, for a certificate comes at most a few rounds after.
const REMEMBERED_MAX: usize = 1_024;

/// Precommits for blocks, newest last. Clones share one memory.
#[derive(Clone, Debug, Default)]
pub struct SignedPrecommits {
    newest_last: Arc<Mutex<VecDeque<(u64, u32, BlockId)>>>,
}

impl SignedPrecommits {
    /// Notes a vote before it is signed.
    pub(crate) fn note(&self, vote: &Vote) {
        let (VoteKind::Precommit, Some(block_id)) = (vote.kind, vote.block_id) else {
            return;
        };
        let mut known = self
            .newest_last
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED_MAX {
            known.pop_front();
        }
        known.push_back((vote.height, vote.round, block_id));
    }

    /// Whether the precommit that this node would have in a certificate was signed by this process.
    #[must_use]
    pub fn holds(&self, certificate: &CommitCertificate) -> bool {
        let wanted = (certificate.height, certificate.round, certificate.block_id);
        let known = self
            .newest_last
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        known.iter().rev().any(|signed| *signed == wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn precommit(height: u64, round: u32) -> Vote {
        Vote {
            kind: VoteKind::Precommit,
            height,
            round,
            block_id: Some(BlockId([9; 32])),
        }
    }

    #[test]
    fn only_precommits_for_blocks_are_kept_and_the_oldest_go() {
        let signed = SignedPrecommits::default();
        let holds = |height, round| {
            signed.holds(&CommitCertificate {
                height,
                round,
                block_id: BlockId([9; 32]),
                signatures: Vec::new(),
            })
        };
        signed.note(&precommit(1, 0));
        signed.note(&Vote {
            kind: VoteKind::Prevote,
            ..precommit(2, 0)
        });
        signed.note(&Vote {
            block_id: None,
            ..precommit(3, 0)
        });
        assert!(holds(1, 0));
        assert!(!holds(1, 1) && !holds(2, 0) && !holds(3, 0));
        for height in 0..u64::try_from(REMEMBERED_MAX).unwrap() {
            signed.note(&precommit(10 + height, 0));
        }
        assert!(!holds(1, 0));
        assert!(holds(10, 0));
    }
}
