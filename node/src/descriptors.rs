//! File descriptors: how many connections they allow, with enough kept back for the disk.
//!
//! Guards: a flood of connections can't take the descriptors that journal and state need.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Kept back for what the node opens later: segments, snapshots, documents, peers.
const RESERVED_MIN: usize = 24;

/// Of many descriptors one in so many is kept back.
const RESERVED_ONE_IN: usize = 8;

/// Connections a node can do with; fewer would shut it off.
const CONNECTIONS_MIN: usize = 4;

/// Assumed to be open where the system does not tell.
const OPEN_ASSUMED: usize = 64;

/// Connections to allow: as many as wanted, or fewer if descriptors are scarce. Raises this
/// process's limit to the most it may have first.
#[must_use]
pub fn connections_max(wanted: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::debug!(%error, "the limit of descriptors stays");
    }
    let limit = getrlimit(Resource::Nofile).current;
    let limit = limit.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    });
    let open = std::fs::read_dir("/proc/self/fd").map_or(OPEN_ASSUMED, Iterator::count);
    let allowed = allowed(limit, open);
    if allowed < wanted {
        tracing::warn!(limit, open, connections = allowed, "descriptors are scarce");
    }
    wanted.min(allowed)
}

fn allowed(limit: usize, open: usize) -> usize {
    let reserved = (limit / RESERVED_ONE_IN).max(RESERVED_MIN);
    limit
        .saturating_sub(open)
        .saturating_sub(reserved)
        .max(CONNECTIONS_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_are_kept_back_and_a_few_connections_are_always_allowed() {
        assert_eq!(allowed(64, 30), 10);
        assert_eq!(allowed(64, 64), CONNECTIONS_MIN);
        assert_eq!(allowed(1024, 40), 1024 - 40 - 128);
        assert!(allowed(usize::MAX, 40) > 1 << 40);
    }

    #[test]
    fn this_process_has_enough_for_all_that_is_wanted() {
        assert_eq!(connections_max(8), 8);
    }
}
