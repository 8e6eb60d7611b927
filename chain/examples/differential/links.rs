//! Changes of the links between validator sets.

use piao_chain::digest::BlockId;

use crate::random::Random;
use crate::roots::{World, any_set};

/// A proof with links, changed or not, and a trust root of its network.
pub(crate) fn changed(world: &World, random: &mut Random) -> (&'static str, Vec<u8>, usize) {
    let linked = world.proofs.iter().filter(|proof| !proof.links.is_empty());
    let linked: Vec<_> = linked.collect();
    let mut proof = linked[random.below(linked.len())].clone();
    for _change in 0..random.below(3) {
        let count = proof.links.len();
        if count == 0 {
            break;
        }
        let (at, other) = (random.below(count), random.below(count));
        match random.below(12) {
            0 => drop(proof.links.remove(at)),
            1 => proof.links.insert(other, proof.links[at].clone()),
            2 => proof.links.swap(at, other),
            3 => proof.links[at].next = any_set(random),
            4 => proof.links[at].next = proof.validators.clone(),
            5 => drop(proof.links[at].certificate.signatures.pop()),
            6 => proof.links[at].certificate = proof.certificate.clone(),
            7 => proof.links[at].header.height = random.number(),
            8 => proof.links[at].certificate.block_id = BlockId(random.bytes()),
            9 => proof.links[at].header.chain_id.0[0] ^= 1,
            10 => proof.links = vec![proof.links[at].clone(); random.below(60)],
            _ => {
                let signature = proof.links[at].certificate.signatures.first_mut();
                signature.into_iter().for_each(|(_, one)| one.0[40] ^= 1);
            }
        }
    }
    let range = world.moved_roots.clone();
    let root = range.start + random.below(range.len());
    ("changed links", proof.encode(), root)
}
