//! How the sets that decided followed each other: what proofs carry beside the last set (SPEC 7.9).

use std::sync::{Mutex, PoisonError};

use piao_chain::certificate::CommitCertificate;
use piao_chain::proof::SetLink;
use piao_chain::signature::KeyId;
use piao_chain::state::ScheduledSet;
use piao_chain::validator::ValidatorSet;

use super::view::{ChainView, ReadError};

/// Links from genesis on, made once each: a change stays as it is.
#[derive(Debug, Default)]
pub(super) struct Links(Mutex<Vec<SetLink>>);

impl Links {
    /// The links to the set that decided a height. `changes` are all after genesis, oldest first.
    pub(super) fn up_to(
        &self,
        chain: &ChainView,
        changes: &[ScheduledSet],
        height: u64,
    ) -> Result<Vec<SetLink>, ReadError> {
        let begun = changes.iter().take_while(|set| set.from_height <= height);
        let wanted = begun.count();
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for at in made.len()..wanted {
            let Some(set) = changes.get(at) else { break };
            let outgoing = match at.checked_sub(1).and_then(|before| changes.get(before)) {
                Some(before) => &before.validators,
                None => &chain.genesis().validators,
            };
            let last = set.from_height.saturating_sub(1);
            let committed = chain.block(last)?.ok_or(ReadError::Undecodable(last))?;
            made.push(SetLink {
                header: committed.block.header,
                certificate: trimmed(committed.certificate, outgoing),
                next: set.validators.clone(),
            });
        }
        Ok(made.iter().take(wanted).cloned().collect())
    }
}

/// A certificate without the signatures that the quorum does not need.
fn trimmed(mut certificate: CommitCertificate, set: &ValidatorSet) -> CommitCertificate {
    let power = |id: &KeyId| set.get(id).map_or(0, |member| member.power);
    certificate
        .signatures
        .sort_by_key(|(id, _signature)| core::cmp::Reverse(power(id)));
    let mut signed = 0_u64;
    let needed = certificate
        .signatures
        .iter()
        .take_while(|(id, _signature)| {
            let more = !set.is_quorum(signed);
            signed = signed.saturating_add(power(id));
            more
        });
    let needed = needed.count();
    certificate.signatures.truncate(needed);
    certificate.signatures.sort_by_key(|(id, _signature)| *id);
    certificate
}

#[cfg(test)]
mod tests {
    use super::*;
    use piao_chain::testing::TestNet;

    #[test]
    fn a_certificate_keeps_as_many_signatures_as_it_needs() {
        let mut net = TestNet::new(7);
        net.commit(vec![]);
        let whole = net.blocks[0].certificate.clone();
        assert_eq!(whole.signatures.len(), 7);
        let set = &net.genesis.validators;
        let trimmed = trimmed(whole, set);
        assert_eq!(trimmed.signatures.len(), 5);
        assert_eq!(trimmed.verify(&net.genesis.chain_id(), set), Ok(()));
    }
}
