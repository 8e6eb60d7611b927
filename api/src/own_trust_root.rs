//! The node's own trust root, opened, and its clock: for verdicts that are this node's word.

use std::time::{SystemTime, UNIX_EPOCH};

use piao_chain::proof::{TrustRoot, TrustRootEnvelope, VerifyOptions};
use piao_chain::time::BlockTime;

use crate::backend::Backend;

/// What this node trusts; nothing if it has none at hand.
pub(crate) async fn own_trust_root(backend: &dyn Backend) -> Option<TrustRoot> {
    let envelope = backend.trust_root().await.ok()?;
    let envelope: TrustRootEnvelope = serde_json::from_slice(&envelope).ok()?;
    TrustRoot::open(&envelope).ok()
}

/// Today, by this node's clock, without any age that a caller allows.
pub(crate) fn options_of_today() -> VerifyOptions {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let now_ms = u64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(u64::MAX);
    VerifyOptions {
        now: BlockTime::from_ms(now_ms),
        max_age_ms: None,
    }
}
