//! The merchants this node's desk signs for.

use piao_chain::proof::SignedCard;
use piao_chain::signature::SecretKey;
use zeroize::Zeroizing;

/// A merchant and the secrets the desk holds for it.
#[derive(Debug)]
pub struct Merchant {
    /// Its account.
    pub account: u32,
    /// Its registered name.
    pub name: String,
    /// Its registered tax id.
    pub tax_id: String,
    /// Signs its invoices.
    pub key: SecretKey,
    /// Answers what the other party proposes, where this node holds such a key.
    pub admin: Option<SecretKey>,
    /// Makes its order keys and replay guards; shared by all nodes of the merchant.
    pub secret: MerchantSecret,
    /// Its name as the authority vouches for it.
    pub card: SignedCard,
}

/// 32 bytes that nobody else knows.
pub struct MerchantSecret(pub Zeroizing<[u8; 32]>);

impl core::fmt::Debug for MerchantSecret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("MerchantSecret(..)")
    }
}
