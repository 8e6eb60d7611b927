//! The promises of the desk journal, each broken once.

mod damage;
mod faulty_disk;
mod given_up;
mod promises;
mod trouble;

use std::path::{Path, PathBuf};

use piao_chain::digest::TransactionId;

use super::{Accepted, DeskRecord, DeskStore, Private, Resolution, Resolved, TopUp};

/// The master key of every test.
const MASTER: [u8; 32] = [1; 32];

fn open(dir: &Path) -> DeskStore {
    DeskStore::open(dir, &MASTER).unwrap().0
}

/// An accepted request; its private part is told by its id.
fn accepted(id: u8, attempt: u32) -> DeskRecord {
    DeskRecord::Accepted {
        accepted: Accepted {
            request_id: [id; 16],
            account: 1,
            key: format!("till-{id}"),
            attempt,
            txid: TransactionId([id; 32]),
            accepted_at_ms: 1_000 + u64::from(id),
        },
        transaction: vec![id; 40],
        draft: Private::Open(format!("draft of buyer {id}").into_bytes()),
        document: Private::Open(format!("document of buyer {id}").into_bytes()),
    }
}

fn resolved(id: u8) -> DeskRecord {
    DeskRecord::Resolved(Resolved {
        request_id: [id; 16],
        resolution: Resolution::Final {
            height: 7,
            index: 1,
        },
        at_ms: 2_000,
    })
}

fn top_up(id: u8) -> DeskRecord {
    DeskRecord::TopUp {
        top_up: TopUp {
            key: format!("bank-{id}"),
            account: 1,
            reference: "statement 4".into(),
            amount_fen: 5_000,
            txid: TransactionId([id; 32]),
            accepted_at_ms: 3_000,
        },
        transaction: vec![id; 40],
    }
}

/// The segments of a journal, in order.
fn segments(dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "desk")
        })
        .collect();
    paths.sort();
    paths
}
