//! A check that sees nothing wrong would prove nothing: each is shown a wrong world.

use std::time::Duration;

use super::super::world::{AccountSeen, Accusation, Acknowledged, BlockSeen, Recovery};
use super::*;

/// A good world: four nodes, three blocks, two invoices of one account.
fn good() -> World {
    let acknowledged = |n: u64| Acknowledged {
        key: format!("call-{n}"),
        account: 1,
        number: format!("number-{n}"),
        counter: n,
        txid: format!("tx-{n}"),
        height: n + 1,
        fee_fen: 10,
    };
    let block = |height: u64| BlockSeen {
        id: format!("block-{height}"),
        parent: format!("block-{}", height - 1),
        issued: match height {
            1 => Vec::new(),
            height => vec![(
                format!("tx-{}", height - 1),
                format!("number-{}", height - 1),
            )],
        },
        ..BlockSeen::default()
    };
    let node = |n: usize| NodeSeen {
        name: format!("node-{n}"),
        blocks: (1..=3).map(|height| (height, block(height))).collect(),
        minted_fen: 1_000,
        collected_fen: 20,
        invoices: 2,
        rss_bytes: 100 * 1024 * 1024,
        descriptors: 60,
        ..NodeSeen::default()
    };
    World {
        acknowledged: vec![acknowledged(1), acknowledged(2)],
        nodes: (0..4).map(node).collect(),
        history: (1..=3)
            .map(|height| (height, vec![format!("block-{height}")]))
            .collect(),
        accounts: vec![AccountSeen {
            account: 1,
            credited_fen: 1_000,
            balance_fen: 980,
            issued: 2,
            is_seller: true,
            ..AccountSeen::default()
        }],
        read: 2,
        proofs: 2,
        leaks: Some(Vec::new()),
        recovery: Recovery {
            new_height_after: Some(Duration::from_secs(1)),
            liveness_within: Duration::from_secs(30),
            level_after: Some(Duration::from_secs(2)),
            ..Recovery::default()
        },
        ..World::default()
    }
}

fn broken(world: &World) -> Vec<Invariant> {
    judge(world, &Invariant::ALL)
        .into_iter()
        .filter(|judged| judged.verdict == Verdict::Broken)
        .map(|judged| judged.name)
        .collect()
}

/// What is broken after a change, which must be there and name something.
fn after(change: impl FnOnce(&mut World)) -> Vec<Invariant> {
    let mut world = good();
    change(&mut world);
    broken(&world)
}

#[test]
fn a_good_world_holds_and_only_what_is_asked_for_is_judged() {
    assert_eq!(broken(&good()), []);
    assert_eq!(judge(&good(), &[Invariant::I2]).len(), 1);
    let mut world = good();
    world.leaks = None;
    let judged = judge(&world, &[Invariant::I6]);
    assert_eq!(judged[0].verdict, Verdict::NotChecked);
}

#[test]
fn an_acknowledged_invoice_that_a_node_lacks_breaks_i1() {
    use Invariant::{I1, I2, I4};
    assert_eq!(
        after(|world| world.nodes[2].blocks.get_mut(&3).unwrap().issued.clear()),
        [I1, I4]
            .into_iter()
            .filter(|one| *one == I1)
            .collect::<Vec<_>>()
    );
    assert_eq!(
        after(|world| world.acknowledged[0].txid = "other".into()),
        [I1]
    );
    assert_eq!(after(|world| world.acknowledged[0].height = 3), [I1]);
    assert_eq!(after(|world| world.torn.push("torn".into())), [I1]);
    // A node that is behind.
    assert!(after(|world| drop(world.nodes[0].blocks.remove(&3))).contains(&I1));
    assert!(!after(|world| drop(world.nodes[0].blocks.remove(&3))).contains(&I2));
}

#[test]
fn two_blocks_at_one_height_break_i2() {
    use Invariant::I2;
    assert_eq!(
        after(|world| world.nodes[3].blocks.get_mut(&3).unwrap().id = "fork".into()),
        [I2]
    );
    // Even one that was only seen in passing.
    assert_eq!(
        after(|world| world.history.get_mut(&2).unwrap().push("gone".into())),
        [I2]
    );
    assert_eq!(
        after(|world| world.nodes[0].blocks.get_mut(&2).unwrap().parent = "other".into()),
        [I2]
    );
}

#[test]
fn money_that_appears_or_vanishes_breaks_i3() {
    use Invariant::I3;
    assert_eq!(after(|world| world.accounts[0].balance_fen += 1), [I3]);
    assert_eq!(after(|world| world.accounts[0].reserved_fen = 10), [I3]);
    assert_eq!(after(|world| world.nodes[1].minted_fen += 1), [I3]);
    assert_eq!(after(|world| world.nodes[1].collected_fen -= 1), [I3]);
    assert_eq!(after(|world| world.acknowledged[1].fee_fen = 20), [I3]);
}

#[test]
fn numbers_keys_and_counts_break_i4() {
    use Invariant::I4;
    let twice = |world: &mut World| {
        let again = ("tx-9".to_owned(), "number-1".to_owned());
        world.nodes[0]
            .blocks
            .get_mut(&3)
            .unwrap()
            .issued
            .push(again);
    };
    assert_eq!(after(twice), [I4]);
    let nobodys = |world: &mut World| {
        let extra = ("tx-9".to_owned(), "number-9".to_owned());
        world.nodes[0]
            .blocks
            .get_mut(&3)
            .unwrap()
            .issued
            .push(extra);
    };
    assert_eq!(after(nobodys), [I4]);
    assert_eq!(after(|world| world.nodes[0].invoices = 3), [I4]);
    assert_eq!(after(|world| world.accounts[0].issued = 3), [I4]);
    assert_eq!(after(|world| world.acknowledged[1].counter = 3), [I4]);
    assert_eq!(
        after(|world| world.acknowledged[1].key = "call-1".into()),
        [I4]
    );
    assert_eq!(after(|world| world.contradictions.push("two".into())), [I4]);
}

#[test]
fn proofs_that_do_not_verify_or_were_not_looked_at_break_i5() {
    use Invariant::I5;
    assert_eq!(after(|world| world.unproved.push("number-1".into())), [I5]);
    assert_eq!(after(|world| world.proofs = 0), [I5]);
}

#[test]
fn a_canary_elsewhere_breaks_i6() {
    assert_eq!(
        after(|world| world.leaks = Some(vec!["here".into()])),
        [Invariant::I6]
    );
}

#[test]
fn a_chain_that_does_not_go_on_breaks_i7() {
    use Invariant::I7;
    assert_eq!(after(|world| world.recovery.new_height_after = None), [I7]);
    let late = Some(Duration::from_secs(31));
    assert_eq!(after(|world| world.recovery.new_height_after = late), [I7]);
    assert_eq!(after(|world| world.recovery.level_after = None), [I7]);
    assert_eq!(
        after(|world| world.recovery.unknown.push("call-3".into())),
        [I7]
    );
}

#[test]
fn a_double_sign_or_a_wiped_validator_that_votes_at_once_breaks_i8() {
    use Invariant::I8;
    assert_eq!(
        after(|world| world.nodes[0].misconduct.push(Accusation::default())),
        [I8]
    );
    assert_eq!(after(|world| world.nodes[0].wiped = 1), [I8]);
    let said = |world: &mut World| {
        world.nodes[0].wiped = 1;
        world.nodes[0].said_it_forgot = 1;
    };
    assert_eq!(after(said), []);
}

#[test]
fn memory_descriptors_panics_and_bad_ends_break_i9_and_i10() {
    use Invariant::{I9, I10};
    assert_eq!(
        after(|world| world.nodes[0].rss_bytes = RSS_BYTES_MAX + 1),
        [I9]
    );
    assert_eq!(
        after(|world| world.nodes[0].descriptors = DESCRIPTORS_MAX + 1),
        [I9]
    );
    assert_eq!(
        after(|world| world.nodes[0].panics.push("panicked".into())),
        [I10]
    );
    assert_eq!(
        after(|world| world.recovery.faults.push("died".into())),
        [I10]
    );
}

#[test]
fn evidence_is_bounded() {
    let mut world = good();
    world.torn = (0..100).map(|n| n.to_string()).collect();
    let judged = judge(&world, &[Invariant::I1]);
    assert_eq!(judged[0].evidence.len(), LINES_MAX + 1);
    assert_eq!(judged[0].evidence.last().unwrap(), "and 80 more");
}
