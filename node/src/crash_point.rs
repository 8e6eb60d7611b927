//! Named crash points: the places where a process that dies hurts most, so that a test can have it
//! die exactly there.
//!
//! Built only with the feature `crash-points`, and inert even then unless `PIAO_CRASH_AT=name` or
//! `PIAO_CRASH_AT=name:n` says at which one, the n-th time it is reached (from 1). There the process
//! kills itself with SIGKILL: nothing is unwound, flushed or told. `piao-testnet crash points` has
//! the node die at every one of them and checks afterwards that nothing promised is lost.
//!
//! A point that stands in the code and not in [`POINTS`] or [`OUTBOX_POINTS`] does not compile; one
//! that stands there and is never reached fails `piao-testnet crash points`, or the outbox's tests.

/// A place where the process can be made to die.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrashPoint {
    /// Its name: the part, then what has just happened there.
    pub name: &'static str,
    /// What is on disk when the process dies there, and what is not.
    pub what: &'static str,
}

const fn point(name: &'static str, what: &'static str) -> CrashPoint {
    CrashPoint { name, what }
}

/// Every crash point, along the way of an invoice.
pub const POINTS: &[CrashPoint] = &[
    point(
        "setup.file-synced",
        "a file of the network has not got its name yet",
    ),
    point(
        "setup.file-moved",
        "a file of the network has its name, not synced",
    ),
    point("keys.file-synced", "a key file has only its passing name"),
    point("keys.file-linked", "a key file has both names"),
    point(
        "state.marker-synced",
        "the store's marker is beside its place",
    ),
    point(
        "state.marker-moved",
        "the store's marker is in place, its name not synced",
    ),
    point(
        "state.discarded",
        "the store's files are gone, the marker is the old one",
    ),
    point("state.replayed-block", "a rebuilt state is not complete"),
    point(
        "state.run-filled",
        "the next run of keys is begun, the full one has no summary",
    ),
    point(
        "state.summary-synced",
        "the summary of a full run has only its passing name",
    ),
    point(
        "state.summary-moved",
        "the summary of a full run is in place, its name not synced",
    ),
    point(
        "desk.reserved",
        "a draft is admitted, nothing of it is on disk",
    ),
    point("desk.keys-written", "document keys are written, not synced"),
    point(
        "desk.keys-synced",
        "document keys are durable, their records are not there",
    ),
    point("desk.records-written", "requests are written, not synced"),
    point(
        "desk.records-synced",
        "requests are durable, the mark does not say so",
    ),
    point("desk.mark-written", "the mark stands, nobody is told"),
    point("desk.saved", "a request is durable and not in the index"),
    point(
        "desk.before-release",
        "a request is durable and not offered to blocks",
    ),
    point(
        "desk.released",
        "a request is offered to blocks, its caller waits",
    ),
    point(
        "desk.before-answer",
        "an invoice is final, its 201 is not sent",
    ),
    point(
        "desk.segment-created",
        "a new desk segment has its header, not synced",
    ),
    point(
        "desk.segment-synced",
        "a new desk segment is durable and empty",
    ),
    point("top-up.saved", "a top-up is durable, not handed in"),
    point(
        "top-up.before-answer",
        "a top-up is final, its caller is not told",
    ),
    point("ledger.built", "a block is built, not in the journal"),
    point(
        "journal.before-proposed",
        "a proposal is about to be written",
    ),
    point("journal.reserved", "zeros stand where records will"),
    point("journal.record-written", "a record is written, not synced"),
    point(
        "journal.record-synced",
        "a record is durable, the mark does not say so",
    ),
    point("journal.mark-written", "the mark stands, not synced"),
    point(
        "journal.after-proposed",
        "a proposal is durable, the engine is not told",
    ),
    point(
        "journal.segment-sealed",
        "the full segment is cut, there is no next one",
    ),
    point(
        "journal.segment-created",
        "the next segment has its header, not synced",
    ),
    point(
        "journal.segment-synced",
        "the next segment is durable and empty",
    ),
    point(
        "ledger.decided",
        "a block is decided by votes, its record is not written",
    ),
    point(
        "journal.before-decided",
        "a decision is about to be written",
    ),
    point(
        "journal.after-decided",
        "a block is final, the state does not have it",
    ),
    point(
        "ledger.advanced",
        "readers see a block, the pool still has its transactions",
    ),
    point(
        "ledger.before-told",
        "a block is final and visible, nobody who waits is told",
    ),
    point(
        "ledger.told",
        "everybody is told, the engine waits for its answer",
    ),
    point("state.before-transaction", "the store is about to follow"),
    point(
        "state.after-transaction",
        "the store has followed, memory still holds the block",
    ),
];

/// Crash points on the way of a request that has to wait. No load of invoices that are paid for comes
/// by; the outbox's own tests from outside die at each of them.
pub const OUTBOX_POINTS: &[CrashPoint] = &[
    point(
        "outbox.kept",
        "a request that waits is durable, nothing runs for it and nobody is told",
    ),
    point(
        "outbox.stepped",
        "a step of a request is recorded, nothing has followed from it",
    ),
];

/// Whether a name stands in [`POINTS`] or [`OUTBOX_POINTS`].
#[must_use]
pub const fn is_named(name: &str) -> bool {
    is_among(POINTS, name) || is_among(OUTBOX_POINTS, name)
}

const fn is_among(points: &[CrashPoint], name: &str) -> bool {
    let mut at = 0;
    while at < points.len() {
        if same(points[at].name.as_bytes(), name.as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// Marks a crash point of [`POINTS`] or [`OUTBOX_POINTS`].
macro_rules! crash_point {
    ($name:literal) => {{
        const { assert!($crate::crash_point::is_named($name), "not in POINTS") };
        #[cfg(feature = "crash-points")]
        $crate::crash_point::reached($name);
    }};
}

/// Names of the points of an invoice's way that this build has; none without the feature.
#[must_use]
pub fn names() -> Vec<&'static str> {
    if cfg!(feature = "crash-points") {
        POINTS.iter().map(|point| point.name).collect()
    } else {
        Vec::new()
    }
}

/// Whether a variable of the environment is one of this module's, in a build that has the points.
#[must_use]
pub(crate) fn is_variable(name: &str) -> bool {
    cfg!(feature = "crash-points") && [CRASH_AT, SEGMENT_BYTES, RUN_KEYS].contains(&name)
}

/// Where to die: `name`, or `name:n`.
const CRASH_AT: &str = "PIAO_CRASH_AT";
/// Bytes of a segment, so that a test sees segments roll.
const SEGMENT_BYTES: &str = "PIAO_CRASH_SEGMENT_BYTES";

/// Keys of a run of the state store, so that a test sees runs fill.
const RUN_KEYS: &str = "PIAO_CRASH_RUN_KEYS";

#[cfg(feature = "crash-points")]
pub(crate) use armed::{reached, run_keys, segment_bytes};

/// Size at which segments roll: the usual one.
#[cfg(not(feature = "crash-points"))]
pub(crate) const fn segment_bytes(usual: u64) -> u64 {
    usual
}

/// Keys of a full run: the usual ones.
#[cfg(not(feature = "crash-points"))]
pub(crate) const fn run_keys(usual: usize) -> usize {
    usual
}

#[cfg(feature = "crash-points")]
mod armed {
    use std::io::Write as _;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::{CRASH_AT, RUN_KEYS, SEGMENT_BYTES};

    /// Where to die, and how often that place was reached.
    struct Plan {
        name: String,
        nth: u64,
        reached: AtomicU64,
    }

    static PLAN: OnceLock<Option<Plan>> = OnceLock::new();

    /// Dies here if that was asked for.
    pub(crate) fn reached(name: &str) {
        let plan = PLAN.get_or_init(|| std::env::var(CRASH_AT).ok().map(|text| plan_of(&text)));
        let Some(plan) = plan.as_ref().filter(|plan| plan.name == name) else {
            return;
        };
        if plan
            .reached
            .fetch_add(1, Ordering::Relaxed)
            .saturating_add(1)
            == plan.nth
        {
            die(name);
        }
    }

    /// Size at which segments roll: the one asked for, or the usual one.
    pub(crate) fn segment_bytes(usual: u64) -> u64 {
        let asked = std::env::var(SEGMENT_BYTES).ok();
        asked.and_then(|text| text.parse().ok()).unwrap_or(usual)
    }

    /// Keys of a full run: the ones asked for, or the usual ones.
    pub(crate) fn run_keys(usual: usize) -> usize {
        let asked = std::env::var(RUN_KEYS).ok();
        asked.and_then(|text| text.parse().ok()).unwrap_or(usual)
    }

    fn plan_of(text: &str) -> Plan {
        let (name, nth) = text.split_once(':').unwrap_or((text, "1"));
        Plan {
            name: name.to_owned(),
            nth: nth.parse().unwrap_or(1),
            reached: AtomicU64::new(0),
        }
    }

    fn die(name: &str) -> ! {
        // The line tells this death from any other.
        drop(writeln!(std::io::stderr(), "crash point {name}"));
        let me = rustix::process::getpid();
        rustix::process::kill_process(me, rustix::process::Signal::KILL).ok();
        std::process::abort()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_count_behind_the_name_is_optional() {
            let read = |text| {
                let plan = plan_of(text);
                (plan.name, plan.nth)
            };
            assert_eq!(read("a.b"), ("a.b".to_owned(), 1));
            assert_eq!(read("a.b:7"), ("a.b".to_owned(), 7));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_stands_once_and_no_other_is_known() {
        let all = || POINTS.iter().chain(OUTBOX_POINTS).map(|point| point.name);
        let mut names: Vec<&str> = all().collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), POINTS.len() + OUTBOX_POINTS.len());
        assert!(all().all(is_named));
        assert!(!is_named("desk") && !is_named("desk.reserve") && !is_named(""));
    }
}
