//! Proposals above the tip: what the consensus application asks for after a restart.

use std::collections::BTreeMap;

use piao_chain::digest::BlockId;

use super::record::{Place, Proposal};

/// Bodies kept for one undecided height. Rounds without a decision are seconds apart; what is
/// dropped is a block that nobody proposed for longest, and it can be fetched again by its id.
pub const PROPOSALS_PER_HEIGHT_MAX: usize = 16;

/// Proposals kept for one undecided height, those of the highest rounds.
pub const ROUNDS_PER_HEIGHT_MAX: usize = 64;

/// A body on disk that may still be decided.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeptBody {
    pub(super) block_id: BlockId,
    pub(super) place: Place,
    pub(super) time_ms: u64,
    /// Last round it was proposed in.
    round: u32,
    valid: bool,
}

#[derive(Debug, Default)]
struct HeightProposals {
    bodies: Vec<KeptBody>,
    proposals: Vec<Proposal>,
}

/// Proposals of every height above the tip.
#[derive(Debug, Default)]
pub(super) struct Undecided {
    heights: BTreeMap<u64, HeightProposals>,
}

impl Undecided {
    /// The body of a block, when it is kept.
    pub(super) fn body(&self, height: u64, block_id: &BlockId) -> Option<KeptBody> {
        let kept = self.heights.get(&height)?;
        kept.bodies
            .iter()
            .find(|body| body.block_id == *block_id)
            .copied()
    }

    /// Whether exactly this proposal is recorded.
    pub(super) fn contains(&self, proposal: &Proposal) -> bool {
        self.heights
            .get(&proposal.height)
            .is_some_and(|kept| kept.proposals.contains(proposal))
    }

    /// Proposals of a height whose bodies are kept, in the order they came.
    pub(super) fn proposals(&self, height: u64) -> Vec<Proposal> {
        self.heights
            .get(&height)
            .map(|kept| kept.proposals.clone())
            .unwrap_or_default()
    }

    /// Remembers a proposal. `body` is where its body was written, when it was written with it.
    /// False when the body is not known, which only a damaged journal brings about.
    pub(super) fn add(&mut self, proposal: Proposal, body: Option<(Place, u64)>) -> bool {
        let kept = self.heights.entry(proposal.height).or_default();
        if let Some((place, time_ms)) = body {
            kept.bodies
                .retain(|other| other.block_id != proposal.block_id);
            kept.bodies.push(KeptBody {
                block_id: proposal.block_id,
                place,
                time_ms,
                round: proposal.round,
                valid: proposal.valid,
            });
        }
        let Some(known) = kept
            .bodies
            .iter_mut()
            .find(|body| body.block_id == proposal.block_id)
        else {
            return false;
        };
        known.round = known.round.max(proposal.round);
        known.valid = proposal.valid;
        kept.proposals.push(proposal);
        kept.shrink();
        true
    }

    /// Everything kept, so that adding it again in this order gives the same.
    pub(super) fn kept(&self) -> Vec<(Proposal, Option<(Place, u64)>)> {
        let mut all = Vec::new();
        for kept in self.heights.values() {
            let mut bodies = kept.bodies.clone();
            for proposal in &kept.proposals {
                let own = bodies
                    .iter()
                    .position(|body| body.block_id == proposal.block_id);
                let body = own.map(|at| bodies.swap_remove(at));
                all.push((*proposal, body.map(|body| (body.place, body.time_ms))));
            }
        }
        all
    }

    /// Forgets everything up to a decided height.
    pub(super) fn forget_through(&mut self, height: u64) {
        self.heights = self.heights.split_off(&height.saturating_add(1));
    }
}

impl HeightProposals {
    /// Drops what is over the bounds: invalid blocks first, then those proposed longest ago.
    fn shrink(&mut self) {
        while self.bodies.len() > PROPOSALS_PER_HEIGHT_MAX {
            let newest = self.bodies.len().saturating_sub(1);
            let oldest =
                (0..newest).min_by_key(|at| (self.bodies[*at].valid, self.bodies[*at].round));
            let Some(at) = oldest else { return };
            let dropped = self.bodies.remove(at);
            self.proposals
                .retain(|one| one.block_id != dropped.block_id);
        }
        while self.proposals.len() > ROUNDS_PER_HEIGHT_MAX {
            let newest = self.proposals.len().saturating_sub(1);
            let Some(at) = (0..newest).min_by_key(|at| self.proposals[*at].round) else {
                return;
            };
            self.proposals.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piao_chain::signature::KeyId;

    fn proposal(round: u32, block: u8, valid: bool) -> Proposal {
        Proposal {
            height: 3,
            round,
            valid_round: None,
            proposer: KeyId::NONE,
            valid,
            block_id: BlockId([block; 32]),
        }
    }

    const PLACE: Place = Place {
        segment: 1,
        offset: 77,
    };

    #[test]
    fn keeps_a_bounded_number_of_bodies_and_drops_invalid_ones_first() {
        let mut undecided = Undecided::default();
        for block in 0..40u8 {
            let one = proposal(u32::from(block), block, block != 30);
            assert!(undecided.add(one, Some((PLACE, 0))));
        }
        let kept = undecided.proposals(3);
        assert_eq!(kept.len(), PROPOSALS_PER_HEIGHT_MAX);
        assert!(undecided.body(3, &BlockId([30; 32])).is_none());
        assert!(undecided.body(3, &BlockId([0; 32])).is_none());
        assert!(undecided.body(3, &BlockId([39; 32])).is_some());
    }

    #[test]
    fn a_block_proposed_again_and_again_stays_while_its_old_rounds_go() {
        let mut undecided = Undecided::default();
        assert!(undecided.add(proposal(0, 1, true), Some((PLACE, 0))));
        for round in 1..200 {
            assert!(undecided.add(proposal(round, 1, true), None));
        }
        let rounds: Vec<u32> = undecided.proposals(3).iter().map(|one| one.round).collect();
        assert_eq!(rounds.len(), ROUNDS_PER_HEIGHT_MAX);
        assert_eq!(rounds.last(), Some(&199));
        assert!(!rounds.contains(&0));
    }

    #[test]
    fn a_decided_height_is_forgotten_and_those_above_stay() {
        let mut undecided = Undecided::default();
        let above = Proposal {
            height: 4,
            ..proposal(0, 2, true)
        };
        assert!(undecided.add(proposal(0, 1, true), Some((PLACE, 0))));
        assert!(undecided.add(above, Some((PLACE, 0))));
        undecided.forget_through(3);
        assert!(undecided.proposals(3).is_empty());
        assert_eq!(undecided.proposals(4), [above]);
    }

    #[test]
    fn a_proposal_without_a_known_body_is_not_kept() {
        assert!(!Undecided::default().add(proposal(0, 1, true), None));
    }
}
