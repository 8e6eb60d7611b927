//! The merchants this node's desk signs for.

use piao_chain::proof::SignedCard;
use piao_chain::signature::{KeyId, SecretKey};
use piao_chain::state::KeyRole;
use zeroize::Zeroizing;

use crate::ledger::ChainView;

/// A merchant and the secrets the desk holds for it.
#[derive(Debug)]
pub struct Merchant {
    /// Its account.
    pub account: u32,
    /// Its registered name.
    pub name: String,
    /// Its registered tax id.
    pub tax_id: String,
    /// Signs its invoices: the key it was registered with.
    pub key: SecretKey,
    /// Those that take its place, oldest first. Which one signs, the chain says.
    pub later: Vec<LaterKey>,
    /// Answers what the other party proposes, where this node holds such a key.
    pub admin: Option<SecretKey>,
    /// Makes its order keys and replay guards; shared by all nodes of the merchant.
    pub secret: MerchantSecret,
    /// Its name as the authority vouches for it.
    pub card: SignedCard,
}

/// A key that takes the place of the one before.
#[derive(Debug)]
pub struct LaterKey {
    /// The key.
    pub key: SecretKey,
    /// The merchant's name as the authority vouches for it under this key.
    pub card: SignedCard,
}

impl Merchant {
    /// The key that signs in the next block: the newest one that may. Without any that may, the
    /// first, whose refusal says why.
    pub(super) fn signing_key(&self, chain: &ChainView) -> &SecretKey {
        let next = chain.height().saturating_add(1);
        let may_sign = |key: &&SecretKey| {
            let found = chain.key(&key.public_key().id()).ok().flatten();
            found.is_some_and(|(_key, leaf)| leaf.role == KeyRole::Issue && leaf.is_active_at(next))
        };
        let mut later = self.later.iter().rev().map(|later| &later.key);
        later.find(may_sign).unwrap_or(&self.key)
    }

    /// The card of one of its keys.
    pub(super) fn card_of(&self, key: &KeyId) -> Option<&SignedCard> {
        let later = self.later.iter().map(|later| &later.card);
        let mut cards = core::iter::once(&self.card).chain(later);
        cards.find(|card| card.card.key == *key)
    }
}

/// 32 bytes that nobody else knows.
pub struct MerchantSecret(pub Zeroizing<[u8; 32]>);

impl core::fmt::Debug for MerchantSecret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("MerchantSecret(..)")
    }
}
