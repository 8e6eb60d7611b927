//! How execution reads the state before a block.

use super::{IdemRecord, IssuedInvoice, Leaf, Slot};
use crate::signature::KeyId;
use crate::transaction::{Idem, Identity, OrderKey};

/// The state could not be read: a damaged or closed store. Execution stops; nothing is concluded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("state is unavailable: {0}")]
pub struct StateUnavailable(pub String);

/// Reads of the state after some block. Every implementation must give the same answers for the
/// same block: replicas compare roots computed from them.
pub trait StateView {
    /// The leaf in a slot, `None` when it is empty.
    ///
    /// # Errors
    /// [`StateUnavailable`], as all methods here.
    fn leaf(&self, slot: Slot) -> Result<Option<Leaf>, StateUnavailable>;

    /// The index of a key's slot.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    fn key_index(&self, id: &KeyId) -> Result<Option<u32>, StateUnavailable>;

    /// The account with an identity.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    fn account_of(&self, identity: &Identity) -> Result<Option<u32>, StateUnavailable>;

    /// The issuance index of the invoice for an order.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    fn order(&self, key: &OrderKey) -> Result<Option<u64>, StateUnavailable>;

    /// The transaction that used a replay guard. Records whose window has passed may be missing.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    fn idem(&self, account: u32, idem: &Idem) -> Result<Option<IdemRecord>, StateUnavailable>;

    /// Whether a top-up reference was credited.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    fn top_up(&self, reference: &[u8; 32]) -> Result<bool, StateUnavailable>;

    /// The invoice with an issuance index that this state counts as issued. Execution never asks
    /// for a later one, so whoever reads blocks that lie ahead of the state answers the same.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    fn issued(&self, index: u64) -> Result<Option<IssuedInvoice>, StateUnavailable>;
}
