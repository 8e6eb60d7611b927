//! The mark of a node that has never started: what tells it from one whose data was wiped.
//!
//! Guards: a validator that may have voted and has forgotten what does not vote at once. Its engine's
//! log remembers what it signed; without a log it either never signed, which the mark says, or it
//! has forgotten.

use std::path::Path;

use super::engine::wal_path;
use super::error::NodeError;
use super::open::Me;
use crate::config::Settings;
use crate::network::{FIRST_START_FILE, NetworkError, NetworkFiles};

/// Whether this node must follow before it votes: it has a key to vote with, others vote too, and
/// it does not know what it signed.
pub(super) fn must_follow_first(
    settings: &Settings,
    network: &NetworkFiles,
    me: &Me,
) -> Result<bool, NodeError> {
    let alone =
        network.genesis.validators.members().len() == 1 && network.members.members.is_empty();
    if me.validator_key.is_none() || alone {
        return Ok(false);
    }
    let remembers = exists(&wal_path(settings))?;
    Ok(!remembers && !exists(&settings.data.join(FIRST_START_FILE))?)
}

/// Takes the mark away, once there is a log that remembers.
pub(super) fn forget_mark(data: &Path) -> Result<(), NodeError> {
    let path = data.join(FIRST_START_FILE);
    let failed = |source| NodeError::from(NetworkError::io(&path, source));
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed(error)),
        Ok(()) => std::fs::File::open(data)
            .and_then(|folder| folder.sync_all())
            .map_err(failed),
    }
}

fn exists(path: &Path) -> Result<bool, NodeError> {
    let found = path.try_exists();
    found.map_err(|source| NetworkError::io(path, source).into())
}
