//! Keeps secrets of this process out of core dumps and away from other processes of the user.

/// Asks the system not to dump this process. Where it cannot, the rest still holds.
///
/// Called once a secret is held and not earlier: it closes `/dev/stdin` and `/dev/fd` to the
/// process itself, and a passphrase may come from there.
pub(crate) fn forbid_core_dumps() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // Best effort: a sandbox may refuse, and signing matters more than dumping.
        let _refused = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
