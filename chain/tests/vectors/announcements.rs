//! Announced maintenance: payloads, the leaf, and what is refused (SPEC 4.2.17, 4.2.18).

use piao_chain::codec;
use piao_chain::state::{Announcement, Announcements, MaintenanceReason, Slot, StateView as _};
use piao_chain::testing::TestNet;
use piao_chain::transaction::{
    Announce, EndMaintenance, FLAG_ANCHOR_FAILURE, Payload, SignedTransaction,
};
use serde_json::{Value, json};

use crate::golden::hexed;
use crate::ledger::one_transaction;
use crate::oracle::{self, Bytes};

/// One hour, in ms.
const HOUR_MS: u64 = 60 * 60 * 1000;

fn reason(reason: MaintenanceReason) -> u32 {
    match reason {
        MaintenanceReason::Other => 0,
        MaintenanceReason::Upgrade => 1,
        MaintenanceReason::Rules => 2,
        MaintenanceReason::Repair => 3,
        MaintenanceReason::Security => 4,
        MaintenanceReason::Drill => 5,
    }
}

/// SPEC 6.2, kind 6, index 3.
pub(crate) fn leaf(bytes: Bytes, all: &Announcements) -> Bytes {
    bytes.list(all.entries(), |bytes, one: &Announcement| {
        bytes
            .u32(one.id)
            .u32(reason(one.reason))
            .u64(one.from_ms)
            .u64(one.until_ms)
            .u64(one.announced_ms)
            .option(one.ended_ms, Bytes::u64)
    })
}

/// SPEC 4.2.17 and 4.2.18.
pub(crate) fn payload(bytes: Bytes, payload: &Payload) -> Bytes {
    match payload {
        Payload::Announce(announce) => bytes
            .u32(17)
            .u32(reason(announce.reason))
            .u64(announce.from_ms)
            .u64(announce.until_ms),
        Payload::EndMaintenance(end) => bytes.u32(18).u32(end.announcement),
        _ => unreachable!("another payload"),
    }
}

fn signed(net: &mut TestNet, payload: Payload) -> SignedTransaction {
    let authority = net.authority.clone();
    let mut body = net.body(0, &authority.public_key(), payload);
    body.flags = FLAG_ANCHOR_FAILURE;
    TestNet::sign(body, &authority)
}

/// Announced, refused, ended and called off.
pub(crate) fn announcements() -> Value {
    let mut net = TestNet::with_merchant(1);
    let now_ms = net.now().ms();
    let announce = |from_ms, until_ms| {
        Payload::Announce(Announce {
            reason: MaintenanceReason::Upgrade,
            from_ms,
            until_ms,
        })
    };
    let end = |announcement| Payload::EndMaintenance(EndMaintenance { announcement });
    let far_ms = now_ms + 91 * 24 * HOUR_MS;
    let payloads = [
        end(1),
        announce(now_ms - HOUR_MS, now_ms),
        announce(far_ms, far_ms + HOUR_MS),
        announce(now_ms, now_ms + HOUR_MS),
        announce(now_ms + 2 * HOUR_MS, now_ms + 3 * HOUR_MS),
        end(2),
        end(2),
    ];
    let mut transactions: Vec<_> = payloads
        .into_iter()
        .map(|payload| signed(&mut net, payload))
        .collect();
    transactions.push(net.anchored_invoice("inside"));
    let outcomes = net.commit(transactions.clone());
    let codes: Vec<u16> = outcomes.iter().map(|outcome| outcome.code).collect();
    assert_eq!(codes, [2210, 2210, 2210, 0, 0, 0, 2210, 0]);
    let cases: Vec<Value> = transactions
        .iter()
        .zip(&outcomes)
        .map(|(transaction, outcome)| {
            let bytes = oracle::outcome(outcome);
            assert_eq!(codec::encode(outcome), bytes);
            let name = transaction.body().payload.name();
            json!({
                "transaction": one_transaction(name, transaction),
                "outcome": hexed(bytes),
                "code": outcome.code,
                "evidence": outcome.evidence,
            })
        })
        .collect();
    let stands = net.state.leaf(Slot::ANNOUNCEMENTS).unwrap().unwrap();
    assert_eq!(stands.encode(), oracle::leaf(&stands));
    let slot = format!("{:x}", Slot::ANNOUNCEMENTS.as_u64());
    json!({
        "height": net.tip().height,
        "time_ms": net.tip().time_ms,
        "cases": cases,
        "leaf": { "slot": slot, "leaf": hexed(stands.encode()) },
        "state_root": hexed(net.tip().state_root),
    })
}
