//! Saying two things where one may be said.

use bytes::Bytes;
use piao_chain::block::Block;
use piao_chain::digest::BlockId;
use piao_chain::vote::{Proposal, Vote};
use piao_engine::byzantine::{Said, Tongue};
use tokio::sync::mpsc;

use crate::conduct::{LastBuilt, Vices};
use crate::dice::Dice;

/// Contradicts what the engine says, as often as it is to, until the engine ends.
pub(crate) async fn contradict(
    mut tongue: Tongue,
    mut said: mpsc::Receiver<Said>,
    vices: Vices,
    mut dice: Dice,
    last: LastBuilt,
) {
    while let Some(said) = said.recv().await {
        match said {
            Said::Vote(vote) if dice.hits(vices.equivocate_votes) => {
                let other = other_vote(&vote, &mut dice);
                if tongue.vote(&other) {
                    let (height, round) = (vote.height, vote.round);
                    tracing::warn!(height, round, kind = ?vote.kind, "on purpose: a second vote");
                }
            }
            Said::Proposal(proposal) if dice.hits(vices.equivocate_proposals) => {
                let (height, round) = (proposal.height, proposal.round);
                let Some(built) = last.of(height, round) else {
                    continue;
                };
                let Some((other, body)) = other_proposal(&proposal, &built.body) else {
                    continue;
                };
                if tongue.propose(&other, &body).await {
                    let block_id = other.block_id;
                    tracing::warn!(height, round, %block_id, "on purpose: a second proposal");
                }
            }
            Said::Vote(_) | Said::Proposal(_) => {}
        }
    }
}

/// For nil instead of a block, or for a block that nobody knows.
fn other_vote(vote: &Vote, dice: &mut Dice) -> Vote {
    let block_id = match vote.block_id {
        Some(_) if dice.below(2) == 0 => None,
        Some(mut id) => {
            flip(&mut id);
            Some(id)
        }
        None => Some(BlockId([0xb2; 32])),
    };
    Vote { block_id, ..*vote }
}

fn flip(id: &mut BlockId) {
    if let Some(last) = id.0.last_mut() {
        *last ^= 1;
    }
}

/// The same transactions a millisecond later: as good a block as the first, and another.
fn other_proposal(proposal: &Proposal, body: &[u8]) -> Option<(Proposal, Bytes)> {
    let mut block = Block::decode(body).ok()?;
    block.header.time_ms = block.header.time_ms.saturating_add(1);
    let other = Proposal {
        block_id: block.header.id(),
        ..*proposal
    };
    Some((other, Bytes::from(block.encode())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use piao_chain::vote::VoteKind;

    #[test]
    fn a_second_vote_is_never_the_first() {
        let mut dice = Dice::new(1);
        for block_id in [None, Some(BlockId([7; 32]))] {
            for kind in [VoteKind::Prevote, VoteKind::Precommit] {
                for _time in 0..50 {
                    let vote = Vote {
                        kind,
                        height: 3,
                        round: 1,
                        block_id,
                    };
                    let other = other_vote(&vote, &mut dice);
                    assert_ne!(other.block_id, vote.block_id);
                    assert_eq!((other.height, other.round, other.kind), (3, 1, kind));
                }
            }
        }
    }
}
