//! Who decides, on a real journal and a real store: across restarts and rebuilds, in proofs, and what
//! becomes of evidence.

use std::path::Path;
use std::time::Duration;

use piao_chain::digest::BlockId;
use piao_chain::signature::SecretKey;
use piao_chain::testing::{TestNet, key};
use piao_chain::transaction::Payload;
use piao_chain::vote::{Vote, VoteKind};
use piao_engine::Misconduct;
use tokio::runtime::Runtime;

use super::{Node, open};
use crate::consensus::{Found, Reporter};

const FOUR: [&str; 4] = ["validator 0", "validator 1", "validator 2", "validator 3"];
const FIVE: [&str; 5] = [
    "validator 0",
    "validator 1",
    "validator 2",
    "validator 3",
    "validator 4",
];

/// A node of a network of four that has its first blocks.
fn node_of_four(dir: &Path) -> Node {
    let node = open(dir, TestNet::with_merchant(4));
    for decided in &node.net.blocks {
        node.follow(decided);
    }
    node
}

fn go_to(node: &mut Node, height: u64) {
    while node.net.tip().height < height {
        node.decide(vec![]);
    }
}

/// What the node says of the sets is what the network's state says.
fn agrees(node: &Node) {
    let next = node.net.tip().height + 1;
    assert_eq!(*node.chain.validators(), node.net.validators_at(next));
    let tip = node.chain.tip();
    assert_eq!(*tip.decided_by, node.net.validators_at(next - 1));
    assert_eq!(tip.header.next_valset_hash, tip.validators.hash());
}

#[test]
fn the_set_is_known_from_the_state_alone_at_every_height_and_start() {
    let dir = tempfile::tempdir().unwrap();
    let mut node = node_of_four(dir.path());
    let change = node.net.set_validators(&FIVE, 8);
    node.decide(vec![change]);
    // Around the height, with a start in between each time; a rebuild from nothing at the end.
    for height in [6, 7, 8, 9] {
        go_to(&mut node, height);
        agrees(&node);
        node = open(dir.path(), node.stop());
        agrees(&node);
    }
    let change = node.net.set_validators(&FOUR, 14);
    node.decide(vec![change]);
    go_to(&mut node, 15);
    agrees(&node);
    let net = node.stop();
    std::fs::remove_dir_all(dir.path().join("state")).unwrap();
    let node = open(dir.path(), net);
    agrees(&node);
    let heights: Vec<u64> = node
        .chain
        .set_changes()
        .unwrap()
        .iter()
        .map(|set| set.from_height)
        .collect();
    assert_eq!(heights, [8, 14]);
    node.stop();
}

#[test]
fn links_lead_from_genesis_to_the_set_of_any_height_with_no_signature_too_many() {
    let dir = tempfile::tempdir().unwrap();
    let mut node = node_of_four(dir.path());
    let change = node.net.set_validators(&FIVE, 8);
    node.decide(vec![change]);
    go_to(&mut node, 9);
    let change = node.net.set_validators(&FOUR, 14);
    node.decide(vec![change]);
    go_to(&mut node, 15);
    let count = |height| node.chain.links(height).unwrap().len();
    assert_eq!([7, 8, 13, 14].map(count), [0, 1, 1, 2]);
    let links = node.chain.links(15).unwrap();
    let whole = node.net.links();
    assert_eq!(links.len(), whole.len());
    for (link, whole) in links.iter().zip(&whole) {
        assert_eq!((&link.header, &link.next), (&whole.header, &whole.next));
        let chain_id = node.chain.chain_id();
        let outgoing = node.net.validators_at(link.header.height);
        assert_eq!(link.certificate.verify(chain_id, &outgoing), Ok(()));
    }
    // Three of four, and four of five.
    let signers: Vec<usize> = links
        .iter()
        .map(|link| link.certificate.signatures.len())
        .collect();
    assert_eq!(signers, [3, 4]);
    node.stop();
}

/// Two prevotes of a validator at a height.
fn double_vote(net: &TestNet, accused: &SecretKey, height: u64) -> Found {
    let vote = |block_id| {
        let vote = Vote {
            kind: VoteKind::Prevote,
            height,
            round: 0,
            block_id,
        };
        (vote, vote.sign(accused, &net.genesis.chain_id()))
    };
    Found {
        validator: accused.public_key().id(),
        misconduct: Misconduct::DoubleVote {
            first: vote(Some(BlockId([7; 32]))),
            second: vote(None),
        },
    }
}

/// Whether the pool has something for a block within ten seconds.
fn has_work(runtime: &Runtime, node: &Node) -> bool {
    let work = node.admission.wait_for_work(1);
    let waited = async { tokio::time::timeout(Duration::from_secs(10), work).await };
    runtime.block_on(waited).is_ok()
}

#[test]
fn evidence_is_kept_reported_and_reported_again_after_a_start_until_it_is_on_chain() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let node = node_of_four(dir.path());
    let accused = key("validator 2");
    let me = vec![key("validator 0")];
    let reporter = |node: &Node| {
        let (chain, admission) = (node.chain.clone(), node.admission.clone());
        std::sync::Arc::new(Reporter::open(dir.path(), chain, admission))
    };
    let (found, inbox) = Reporter::channel();
    let first = reporter(&node);
    let task = runtime.spawn(std::sync::Arc::clone(&first).run(me.clone(), inbox));
    found
        .blocking_send(double_vote(&node.net, &accused, 2))
        .unwrap();
    // The same once more, and something that nobody signed.
    found
        .blocking_send(double_vote(&node.net, &accused, 2))
        .unwrap();
    let mut forged = double_vote(&node.net, &accused, 1);
    if let Misconduct::DoubleVote { first, .. } = &mut forged.misconduct {
        first.1.0[3] ^= 1;
    }
    found.blocking_send(forged).unwrap();
    assert!(has_work(&runtime, &node), "reported");
    assert_eq!(first.seen().len(), 1);
    // Nothing of it came into a block before the node ended.
    task.abort();
    drop(first);
    let mut node = open(dir.path(), node.stop());
    assert!(node.admission.pool().candidates(1_000_000).is_empty());
    let (_found, inbox) = Reporter::channel();
    let again = reporter(&node);
    assert_eq!(again.seen().len(), 1);
    let task = runtime.spawn(std::sync::Arc::clone(&again).run(me, inbox));
    assert!(has_work(&runtime, &node), "reported again");
    let waiting = node.admission.pool().candidates(1_000_000);
    assert_eq!(waiting.len(), 1);
    assert!(matches!(
        waiting[0].body().payload,
        Payload::ReportMisbehaviour(_)
    ));
    node.decide(waiting);
    let list = node.chain.misbehaviour(2).unwrap();
    assert!(list.names(&accused.public_key().id()));
    assert_eq!(node.chain.reported().len(), 1);
    task.abort();
    node.stop();
}

#[test]
fn a_node_without_a_vote_keeps_what_it_saw_and_leaves_the_report_to_others() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let node = node_of_four(dir.path());
    let (chain, admission) = (node.chain.clone(), node.admission.clone());
    let reporter = std::sync::Arc::new(Reporter::open(dir.path(), chain, admission));
    let (found, inbox) = Reporter::channel();
    let keys = vec![key("nobody")];
    let task = runtime.spawn(std::sync::Arc::clone(&reporter).run(keys, inbox));
    let one = double_vote(&node.net, &key("validator 2"), 2);
    found.blocking_send(one).unwrap();
    drop(found);
    runtime.block_on(task).unwrap();
    assert_eq!(reporter.seen().len(), 1);
    assert!(!node.admission.pool().has_work());
    node.stop();
}
