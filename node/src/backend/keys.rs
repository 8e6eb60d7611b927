//! Keys of accounts, as the chain knows them.

use piao_api::backend::Refusal;
use piao_api::wire;
use piao_chain::failure::FailureCode;
use piao_chain::signature::KeyId;

use crate::ledger::ChainView;

/// A key at the tip.
pub(super) fn key(chain: &ChainView, id: KeyId) -> Result<wire::Key, Refusal> {
    // The height first: what a block in between changes is said early, never late.
    let height = chain.height();
    let broken = |_why| Refusal::of(FailureCode::StoreCorrupt);
    let found = chain.key(&id).map_err(broken)?;
    let Some((key, leaf)) = found else {
        let refusal = Refusal::of(FailureCode::ResourceNotFound);
        return Err(refusal.detail("the key is bound to no account"));
    };
    Ok(wire::Key {
        id: id.to_string(),
        public_key: hex::encode(key.as_bytes()),
        account: leaf.account,
        role: leaf.role.as_str().to_owned(),
        from_height: leaf.from_height,
        revoked_height: leaf.revoked_height,
        disputed_since: leaf.disputed_since,
        height,
    })
}
