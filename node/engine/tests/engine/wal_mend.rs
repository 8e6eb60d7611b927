//! What a kill or a power cut leaves of the engine's log, and what of it is damage.

use piao_engine::{Closed, Mended, inspect_wal, mend_wal, wal_to_mend};
use tempfile::TempDir;

use crate::cluster::{Setup, key};
use crate::host::{Pace, Store};
use crate::scenarios::assert_is_a_chain;

/// Where the log's head has the height, behind the version.
const HEIGHT: std::ops::Range<usize> = 4..12;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_whose_reset_was_cut_off_says_nothing_of_the_new_height() {
    let home = TempDir::new().unwrap();
    let setup = Setup::alone(home.path());
    let us = key(1).public_key().id();
    let node = setup.start(&Store::new(), Pace::Until(5)).await;
    node.reach(5).await;
    let store = node.store.clone();
    node.shutdown().await;
    assert_eq!(mend_wal(&setup.wal_path(), 5).unwrap(), None);
    // What dying between the two steps of a reset leaves: the height is the next one's, the
    // entries are those of the height that is decided.
    let mut bytes = std::fs::read(setup.wal_path()).unwrap();
    bytes[HEIGHT].copy_from_slice(&6u64.to_be_bytes());
    std::fs::write(setup.wal_path(), &bytes).unwrap();
    // Entries of a height that is not decided are never taken for those of a decided one.
    assert_eq!(mend_wal(&setup.wal_path(), 4).unwrap(), None);
    assert_eq!(
        wal_to_mend(&setup.wal_path(), 5).unwrap(),
        Some(Mended::Reset)
    );
    assert_eq!(mend_wal(&setup.wal_path(), 5).unwrap(), Some(Mended::Reset));
    let wal = inspect_wal(&setup.wal_path(), &us).unwrap().unwrap();
    assert_eq!((wal.height, wal.entries, wal.signed), (6, 0, false));
    assert_eq!(mend_wal(&setup.wal_path(), 5).unwrap(), None);

    let node = setup.start(&store, Pace::Until(9)).await;
    node.reach(9).await;
    node.shutdown().await;
    assert_is_a_chain(&store, 9, &setup.validators);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn zeros_at_the_end_of_a_log_were_never_entries_and_flipped_bits_are_damage() {
    let home = TempDir::new().unwrap();
    let setup = Setup::alone(home.path());
    let node = setup.start(&Store::new(), Pace::DieOnCommit).await;
    assert_eq!(node.engine.closed().await, Closed::HostGone);
    let store = node.store.clone();
    let path = setup.wal_path();
    let whole = std::fs::read(&path).unwrap();
    let ends = entry_ends(&whole);
    let before_last = ends[ends.len() - 2];

    // The length of what was appended and none of its bytes, or the first few of them.
    for written in [0, 5, 13, 40] {
        for zeros in [13, 200, 5_000] {
            let mut torn = whole[..before_last + written].to_vec();
            torn.resize(torn.len() + zeros.max(whole.len() - torn.len()), 0);
            std::fs::write(&path, &torn).unwrap();
            assert_eq!(
                mend_wal(&path, 0).unwrap(),
                Some(Mended::Tail),
                "{written} {zeros}"
            );
            assert_eq!(std::fs::read(&path).unwrap(), &whole[..before_last]);
        }
    }
    // No byte of whole entries is ever taken for the end of a torn write.
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        std::fs::write(&path, &flipped).unwrap();
        assert_eq!(mend_wal(&path, 0).unwrap(), None, "byte {at}");
        assert_eq!(std::fs::read(&path).unwrap(), flipped);
    }

    // The engine goes on with what was synced, and decides the block it voted for.
    let mut torn = whole.clone();
    torn.resize(whole.len() + 546, 0);
    std::fs::write(&path, &torn).unwrap();
    assert_eq!(mend_wal(&path, 0).unwrap(), Some(Mended::Tail));
    let node = setup.start(&store, Pace::Until(2)).await;
    node.reach(2).await;
    node.shutdown().await;
    assert_is_a_chain(&store, 2, &setup.validators);
}

#[test]
fn a_log_that_is_not_there_or_empty_needs_no_mending() {
    let home = TempDir::new().unwrap();
    let path = home.path().join("log");
    assert_eq!(mend_wal(&path, 0).unwrap(), None);
    std::fs::write(&path, b"").unwrap();
    assert_eq!(mend_wal(&path, 0).unwrap(), None);
}

/// Where each entry ends: a head of 13 bytes with the length in it, then so many bytes.
fn entry_ends(bytes: &[u8]) -> Vec<usize> {
    let mut ends = vec![HEIGHT.end];
    while let Some(head) = bytes
        .get(ends[ends.len() - 1]..)
        .filter(|rest| rest.len() >= 13)
    {
        let length = u64::from_be_bytes(head[1..9].try_into().unwrap());
        ends.push(ends[ends.len() - 1] + 13 + usize::try_from(length).unwrap());
    }
    ends
}
