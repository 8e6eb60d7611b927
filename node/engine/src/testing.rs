//! What the unit tests of several files need: keys, sets and peers made from small numbers.

use arc_malachitebft_app_channel::app::types::PeerId;
use piao_chain::digest::ChainId;
use piao_chain::signature::SecretKey;
use piao_chain::validator::{Validator, ValidatorSet};

use crate::context::Members;

pub(crate) const CHAIN: ChainId = ChainId([7; 32]);

pub(crate) fn secret_keys(count: u8) -> Vec<SecretKey> {
    (1..=count)
        .map(|seed| SecretKey::from_seed(&[seed; 32]))
        .collect()
}

pub(crate) fn members(count: u8) -> Members {
    let member = |key: &SecretKey| Validator {
        public_key: key.public_key(),
        power: 1,
    };
    let set = ValidatorSet::sorted(secret_keys(count).iter().map(member).collect());
    Members::from(&set.unwrap())
}

/// A peer id: identity multihash over three bytes.
pub(crate) fn peer(number: u8) -> PeerId {
    PeerId::from_bytes(&[0, 3, 1, 2, number]).unwrap()
}
