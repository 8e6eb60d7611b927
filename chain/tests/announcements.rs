//! Announced maintenance: who may announce and end it, what is refused, and that no block is judged
//! by it.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests fails the test by panicking"
)]

use piao_chain::execute::Skipped;
use piao_chain::failure::FailureCode;
use piao_chain::limits::{ANNOUNCED_AHEAD_MS_MAX, ANNOUNCED_MS_MAX, ANNOUNCEMENTS_MAX};
use piao_chain::state::{Announcements, Leaf, MaintenanceReason, Slot, StateView as _};
use piao_chain::testing::TestNet;
use piao_chain::transaction::{Announce, EndMaintenance, Payload, SignedTransaction};

/// One hour, in ms.
const HOUR_MS: u64 = 60 * 60 * 1000;

fn announce(from_ms: u64, until_ms: u64) -> Payload {
    Payload::Announce(Announce {
        reason: MaintenanceReason::Repair,
        from_ms,
        until_ms,
    })
}

fn end(announcement: u32) -> Payload {
    Payload::EndMaintenance(EndMaintenance { announcement })
}

fn by_authority(net: &mut TestNet, payload: Payload) -> SignedTransaction {
    let authority = net.authority.clone();
    let body = net.body(0, &authority.public_key(), payload);
    TestNet::sign(body, &authority)
}

/// The one code of a block that holds these.
fn codes(net: &mut TestNet, payloads: Vec<Payload>) -> Vec<u16> {
    let signed: Vec<_> = payloads
        .into_iter()
        .map(|payload| by_authority(net, payload))
        .collect();
    let outcomes = net.commit(signed);
    outcomes.iter().map(|outcome| outcome.code).collect()
}

/// Why a builder leaves a transaction out.
fn left_out(net: &TestNet, transaction: SignedTransaction) -> (FailureCode, Vec<i64>) {
    let built = net.build(vec![transaction]);
    assert!(built.block.transactions.is_empty());
    match &built.skipped[0].1 {
        Skipped::Inadmissible(error) => (error.code, vec![]),
        Skipped::WouldFail(code, evidence) => (*code, evidence.clone()),
    }
}

fn stands(net: &TestNet) -> Announcements {
    match net.state.leaf(Slot::ANNOUNCEMENTS).unwrap() {
        Some(Leaf::Announcements(all)) => all,
        other => {
            assert_eq!(other, None);
            Announcements::default()
        }
    }
}

#[test]
fn a_block_inside_announced_maintenance_is_as_valid_as_any_other() {
    let mut net = TestNet::with_merchant(1);
    let now_ms = net.now().ms();
    assert_eq!(
        codes(&mut net, vec![announce(now_ms - HOUR_MS, now_ms + HOUR_MS)]),
        [0]
    );
    assert!(stands(&net).in_force_at(net.tip().time_ms).is_some());
    let invoice = net.invoice("inside");
    let outcomes = net.commit(vec![invoice]);
    assert_eq!(outcomes[0].code, 0);
}

#[test]
fn it_is_ended_early_or_called_off_once_and_stays_readable() {
    let mut net = TestNet::with_merchant(1);
    let now_ms = net.now().ms();
    let lasting = announce(now_ms, now_ms + HOUR_MS);
    let coming = announce(now_ms + HOUR_MS, now_ms + 2 * HOUR_MS);
    assert_eq!(codes(&mut net, vec![lasting, coming]), [0, 0]);
    assert_eq!(codes(&mut net, vec![end(1), end(2)]), [0, 0]);
    let time_ms = net.tip().time_ms;
    let all = stands(&net);
    assert!(
        all.entries()
            .iter()
            .all(|one| one.ended_ms == Some(time_ms))
    );
    assert_eq!(all.in_force_at(now_ms + HOUR_MS + 1), None);
    for (number, evidence) in [(1, vec![1, 2]), (3, vec![3, 2]), (0, vec![0, 2])] {
        let again = by_authority(&mut net, end(number));
        let why = (FailureCode::AnnouncementRefused, evidence);
        assert_eq!(left_out(&net, again), why, "{number}");
    }
}

#[test]
fn spans_that_are_over_too_far_ahead_too_long_or_empty_are_refused() {
    let mut net = TestNet::with_merchant(1);
    let refused = |net: &mut TestNet, from_ms, until_ms| {
        let transaction = by_authority(net, announce(from_ms, until_ms));
        left_out(net, transaction).0
    };
    let now_ms = net.now().ms();
    let far_ms = now_ms + ANNOUNCED_AHEAD_MS_MAX + 24 * HOUR_MS;
    let state = FailureCode::AnnouncementRefused;
    let bytes = FailureCode::TransactionMalformed;
    assert_eq!(refused(&mut net, now_ms - HOUR_MS, now_ms - 1), state);
    assert_eq!(refused(&mut net, far_ms, far_ms + 1), state);
    assert_eq!(refused(&mut net, now_ms, now_ms), bytes);
    assert_eq!(refused(&mut net, now_ms + 1, now_ms), bytes);
    let long_ms = now_ms + ANNOUNCED_MS_MAX + 1;
    assert_eq!(refused(&mut net, now_ms, long_ms), bytes);
    assert_eq!(stands(&net), Announcements::default());
}

#[test]
fn as_many_as_may_be_are_open_and_one_more_is_refused_until_one_is_over() {
    let mut net = TestNet::with_merchant(1);
    let now_ms = net.now().ms();
    let many = (0..ANNOUNCEMENTS_MAX).map(|_nth| announce(now_ms + HOUR_MS, now_ms + 2 * HOUR_MS));
    let many: Vec<_> = many.collect();
    assert_eq!(codes(&mut net, many), vec![0; ANNOUNCEMENTS_MAX]);
    let more = announce(now_ms + HOUR_MS, now_ms + 2 * HOUR_MS);
    let one = by_authority(&mut net, more.clone());
    let count = i64::try_from(ANNOUNCEMENTS_MAX).unwrap();
    assert_eq!(
        left_out(&net, one),
        (FailureCode::AnnouncementRefused, vec![count])
    );
    assert_eq!(codes(&mut net, vec![end(5), more]), [0, 0]);
    let all = stands(&net);
    assert_eq!(all.entries().len(), ANNOUNCEMENTS_MAX);
    assert_eq!(all.last_id(), 17);
    assert!(all.entries().iter().all(|one| one.id != 5));
}

#[test]
fn nobody_but_the_authority_announces_or_ends() {
    let mut net = TestNet::with_merchant(1);
    let now_ms = net.now().ms();
    for payload in [announce(now_ms, now_ms + HOUR_MS), end(1)] {
        let merchant = net.merchant.clone();
        let body = net.body(1, &merchant.public_key(), payload);
        let transaction = TestNet::sign(body, &merchant);
        let why = left_out(&net, transaction).0;
        assert_eq!(why, FailureCode::AuthorityRequired);
    }
}
