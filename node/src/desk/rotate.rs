//! Putting a merchant's next key in the place of the one its desk signs with.
//!
//! Guards: the desk holds both keys before it asks, and signs with whichever the chain names, so no
//! invoice waits for the change; what was signed with the old key and came too late is signed anew.

use std::sync::Arc;
use std::time::Duration;

use piao_chain::fault::Fault;
use piao_chain::transaction::{Payload, RotateKey, SignedTransaction, idem_of};

use super::correct::VALID_FOR_MS;
use super::{Desk, Merchant};

/// How long to wait for a block before it is looked again.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

impl Desk {
    /// Hands in the change of every key that is to be changed, until none is left.
    pub async fn rotate_keys(self: Arc<Self>) {
        let mut heights = self.chain.watch_height();
        loop {
            heights.borrow_and_update();
            let changes = self.key_changes();
            if changes.is_empty() {
                return;
            }
            for change in changes {
                let account = change.body().account;
                // What is in the pool already is refused, and looked for in the next block.
                match self.admission.admit(change, false) {
                    Ok(_admitted) => tracing::info!(account, "a key is being changed"),
                    Err(faults) => {
                        let codes: Vec<_> = faults.iter().map(|fault: &Fault| fault.code).collect();
                        tracing::debug!(account, ?codes, "a key is not changed yet");
                    }
                }
            }
            tokio::select! {
                changed = heights.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(AGAIN_AFTER) => {}
            }
        }
    }

    /// What puts the next key of each merchant in the place of the one that signs; nothing of a
    /// merchant whose last key is bound.
    fn key_changes(&self) -> Vec<SignedTransaction> {
        let changes = self.merchants.values();
        changes
            .filter_map(|merchant| self.key_change(merchant))
            .collect()
    }

    fn key_change(&self, merchant: &Merchant) -> Option<SignedTransaction> {
        let is_unbound = |key: &&super::LaterKey| {
            let found = self.chain.key(&key.key.public_key().id());
            found.is_ok_and(|found| found.is_none())
        };
        let next = &merchant.later.iter().find(is_unbound)?.key;
        let payload = Payload::RotateKey(RotateKey {
            key: next.public_key(),
            pop: next.prove_possession(self.chain.chain_id()),
        });
        // A key of a caller has no such characters; of one change there is one at a time.
        let name = format!("\nrotate {}", next.public_key().id());
        let idem = idem_of(&merchant.secret.0, &name, 0);
        let until_ms = self.now().ms().saturating_add(VALID_FOR_MS);
        let signer = merchant.signing_key(&self.chain);
        let sealed = self.seal_until(merchant, signer, (idem, until_ms), payload);
        sealed.ok()
    }
}
