//! Whether a validator knows what it signed.
//!
//! Guards: a validator that may have voted and has forgotten what does not vote at once. Its engine's
//! log remembers what it signed. Without a log it either never signed, which one mark says, or it has
//! forgotten; then another mark is set, durable before anything else, and stays until a height was
//! decided before its eyes, over any number of starts.

use std::path::{Path, PathBuf};

use super::engine::wal_path;
use super::error::NodeError;
use super::open::Me;
use crate::config::Settings;
use crate::network::{FIRST_START_FILE, NetworkError, NetworkFiles, write};

/// Mark of a validator that has forgotten what it signed.
const FOLLOWING_FILE: &str = "following";

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
    let following = settings.data.join(FOLLOWING_FILE);
    if exists(&following)? {
        return Ok(true);
    }
    let remembers = exists(&wal_path(settings))?;
    let never_signed = exists(&settings.data.join(FIRST_START_FILE))?;
    if remembers || never_signed {
        return Ok(false);
    }
    write(&following, b"", 0o644)?;
    Ok(true)
}

/// The log remembers from now on: whoever has never signed is told apart by it.
pub(super) fn log_is_there(data: &Path) -> Result<(), NodeError> {
    remove(data, FIRST_START_FILE)
}

/// From the next start on this node follows until it has seen a height decided.
pub(super) fn must_follow_again(data: &Path) -> Result<(), NodeError> {
    Ok(write(&data.join(FOLLOWING_FILE), b"", 0o644)?)
}

/// From the next start on this node votes.
pub(super) fn may_vote_again(data: &Path) -> Result<(), NodeError> {
    remove(data, FOLLOWING_FILE)
}

/// Takes a mark away, durably.
fn remove(data: &Path, name: &str) -> Result<(), NodeError> {
    let path: PathBuf = data.join(name);
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
