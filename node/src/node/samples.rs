//! The sample merchants of a test network of several nodes.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::open::Mode;
use crate::dev::bootstrap;
use crate::ledger::ChainView;
use crate::mempool::Admission;
use crate::network::{NetworkFiles, Role};

/// When registering them is tried again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Registers the sample merchants while the node serves: nothing becomes final before enough of the
/// other nodes are there. On a development network they are registered before it serves.
pub(super) fn introduce(
    mode: Mode,
    (chain, admission): (&Arc<ChainView>, &Arc<Admission>),
    network: &NetworkFiles,
) -> Option<JoinHandle<()>> {
    let has = |role| network.record.has(role);
    let is_theirs = has(Role::SampleMerchants) && has(Role::Authority);
    if matches!(mode, Mode::Dev { .. }) || !is_theirs || network.members.members.is_empty() {
        return None;
    }
    let (chain, admission) = (Arc::clone(chain), Arc::clone(admission));
    let keyring = network.keyring.clone();
    Some(tokio::spawn(async move {
        while let Err(error) = bootstrap(&chain, &admission, &keyring).await {
            tracing::warn!(%error, "the sample merchants are not registered yet");
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }))
}
