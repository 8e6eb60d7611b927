//! The writer on a real journal and a real store: what it builds, votes for and remembers.

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use bytes::Bytes;
use piao_chain::block::Block;
use piao_chain::failure::FailureCode;
use piao_chain::limits::BLOCK_TIME_SKEW_MS;
use piao_chain::testing::{Decided, TestNet};
use piao_chain::transaction::{ActivateRuleSet, Payload, SignedTransaction};
use piao_engine::{Answer, BodySource, BuiltBlock, Checked};
use tokio::sync::oneshot;

use super::{ChainView, Command, LedgerError, LedgerHandle, LedgerParts, Tip, start};
use crate::clock::Clock;
use crate::journal::BlockJournal;
use crate::mempool::{Admission, Admitted, PoolLimits};
use crate::storage::restore;

mod deciders;
mod limits;

/// A node of the network's first validator, without an engine.
struct Node {
    chain: Arc<ChainView>,
    admission: Arc<Admission>,
    ledger: LedgerHandle,
    thread: JoinHandle<Result<(), LedgerError>>,
    net: TestNet,
}

/// A network with a merchant, its clock set to the machine's, and a node that has its blocks.
fn node(dir: &Path) -> Node {
    let net = TestNet::with_merchant(1);
    let node = open(dir, net);
    for decided in &node.net.blocks {
        node.follow(decided);
    }
    node
}

/// Opens the node's folder. Its clock is a minute ahead of the last block's.
fn open(dir: &Path, mut net: TestNet) -> Node {
    let net_ms = net.now().ms() + 60_000;
    net.set_clock_ms(net_ms);
    let wall_ms = i64::try_from(Clock::default().now().ms()).unwrap();
    let clock = Clock::with_offset_ms(i64::try_from(net_ms).unwrap() - wall_ms);
    let genesis = net.genesis.clone();
    let blocks = dir.join("blocks");
    let (journal, _found) = BlockJournal::open(&blocks, &genesis.chain_id()).unwrap();
    let state = dir.join("state");
    let cache_bytes = 8 * 1024 * 1024;
    let reader = journal.reader();
    let restored = restore(
        &state,
        cache_bytes,
        &reader,
        &genesis,
        false,
        &mut |_at, _of| {},
    );
    let restored = restored.unwrap();
    let tip = Tip::of(
        (restored.tip, restored.tip_id),
        None,
        (restored.tree, restored.history),
        &restored.cache,
        &genesis,
    );
    let tip = tip.unwrap();
    let cache = Arc::new(restored.cache);
    let chain = Arc::new(ChainView::new(genesis, tip, cache, reader, clock));
    let limits = PoolLimits {
        transactions_max: 100,
        bytes_max: 1024 * 1024,
    };
    let admission = Arc::new(Admission::new(Arc::clone(&chain), limits));
    let parts = LedgerParts {
        chain: Arc::clone(&chain),
        admission: Arc::clone(&admission),
        journal,
        me: net.validators[0].public_key().id(),
    };
    let (ledger, thread) = start(parts).unwrap();
    Node {
        chain,
        admission,
        ledger,
        thread,
        net,
    }
}

impl Node {
    fn ask<T>(&self, command: impl FnOnce(Answer<T>) -> Command) -> T {
        let (reply, answer) = oneshot::channel();
        self.ledger.send(command(reply));
        answer.blocking_recv().unwrap()
    }

    fn check(&self, block: &Block, valid_round: Option<u32>, source: BodySource) -> bool {
        let checked = self.ask(|reply| Command::Check {
            height: block.header.height,
            round: valid_round.map_or(0, |round| round + 1),
            valid_round,
            proposer: block.header.proposer,
            body: Bytes::from(block.encode()),
            source,
            reply,
        });
        match checked {
            Checked::Block { block_id, valid } => {
                assert_eq!(block_id, block.header.id());
                valid
            }
            other => panic!("{other:?}"),
        }
    }

    fn build(&self, height: u64, round: u32) -> BuiltBlock {
        let built = self.ask(|reply| Command::Build {
            height,
            round,
            reply,
        });
        built.unwrap()
    }

    /// Takes over a block that the network decided.
    fn follow(&self, decided: &Decided) {
        assert!(self.check(&decided.block, None, BodySource::Synced));
        let certificate = decided.certificate.clone();
        self.ask(|reply| Command::Commit { certificate, reply });
    }

    /// Has the network decide these, and takes the block over.
    fn decide(&mut self, transactions: Vec<SignedTransaction>) {
        self.net.commit(transactions);
        self.follow(self.net.blocks.last().unwrap());
    }

    /// Stops in order; gives the network back.
    fn stop(self) -> TestNet {
        self.ledger.send(Command::Stop);
        self.thread.join().unwrap().unwrap();
        self.chain.cache().close().unwrap();
        self.net
    }

    fn codes(&self, transaction: &SignedTransaction) -> Vec<FailureCode> {
        let refused = self.admission.admit(transaction.clone(), false);
        let faults = refused.err().unwrap_or_default();
        faults.iter().map(|fault| fault.code).collect()
    }
}

#[test]
fn a_first_proposal_off_the_clock_is_refused_and_a_repeated_or_synced_one_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let mut node = node(dir.path());
    let now_ms = node.chain.clock().now().ms();
    // Far from the limit on both sides: the clock runs on while the test does.
    let far_ms = 15 * BLOCK_TIME_SKEW_MS;
    for (shift, is_good) in [(-1, false), (0, true), (1, false)] {
        node.net
            .set_clock_ms(now_ms.saturating_add_signed(shift * i64::try_from(far_ms).unwrap()));
        let block = node.net.build(Vec::new()).block;
        assert_eq!(
            node.check(&block, None, BodySource::Proposed),
            is_good,
            "{shift}"
        );
        assert!(node.check(&block, Some(0), BodySource::Proposed), "{shift}");
        assert!(node.check(&block, None, BodySource::Synced), "{shift}");
    }
    // An honest proposer whose clock is behind the parent's time has this one way on.
    node.net.set_clock_ms(0);
    let block = node.net.build(Vec::new()).block;
    assert_eq!(block.header.time_ms, node.net.tip().time_ms + 1);
    assert!(node.check(&block, None, BodySource::Proposed));
    node.stop();
}

#[test]
fn a_waiting_transaction_does_not_vouch_for_another_signature_on_its_body() {
    let dir = tempfile::tempdir().unwrap();
    let mut node = node(dir.path());
    let invoice = node.net.invoice("a");
    let admitted = node.admission.admit(invoice.clone(), false).unwrap();
    assert_eq!(admitted, Admitted::New);
    let mut signature = invoice.signatures()[0];
    signature.0[5] ^= 1;
    let body = invoice.body_bytes().to_vec();
    let forged = SignedTransaction::from_parts(body, vec![signature]).unwrap();
    let mut block = node.net.build(vec![invoice]).block;
    assert!(node.check(&block, None, BodySource::Synced));
    // The root over transactions and signatures is made right, so nothing but the signature is
    // wrong with the block.
    let outcomes = node.net.build(block.transactions.clone()).executed.outcomes;
    block.transactions = vec![forged];
    block.header.tx_root = piao_chain::block::tx_root(&block.transactions, &outcomes);
    assert!(!node.check(&block, None, BodySource::Synced));
    node.stop();
}

#[test]
fn a_body_that_is_not_its_headers_is_not_kept_in_place_of_the_one_that_is() {
    let dir = tempfile::tempdir().unwrap();
    let mut node = node(dir.path());
    let (invoice, other) = (node.net.invoice("a"), node.net.invoice("b"));
    node.net.set_clock_ms(node.chain.clock().now().ms());
    let good = node.net.build(vec![invoice]).block;
    let mut swapped = good.clone();
    swapped.transactions = vec![other];
    for source in [BodySource::Proposed, BodySource::Synced] {
        assert!(!node.check(&swapped, None, source));
    }
    assert!(node.check(&good, None, BodySource::Proposed));
    assert!(
        !node.check(&swapped, None, BodySource::Proposed),
        "also once it is known"
    );
    let certificate = node.net.certify(&good.header);
    node.ask(|reply| Command::Commit { certificate, reply });
    let node = open(dir.path(), node.stop());
    let kept = node.chain.block(3).unwrap().unwrap();
    assert_eq!(kept.block, good);
    node.stop();
}

#[test]
fn after_a_restart_the_same_block_is_proposed_for_the_same_round() {
    let dir = tempfile::tempdir().unwrap();
    let mut node = node(dir.path());
    let invoice = node.net.invoice("a");
    node.admission.admit(invoice, false).unwrap();
    let first = node.build(3, 0);
    let node = open(dir.path(), node.stop());
    assert_eq!(node.admission.pool().len(), 0, "the pool is not kept");
    assert_eq!(node.build(3, 0), first);
    let undecided = node.ask(|reply| Command::Undecided {
        height: 3,
        round: 0,
        reply,
    });
    assert_eq!(undecided.len(), 1);
    assert_eq!(undecided[0].block_id, first.block_id);
    assert!(undecided[0].valid);
    // The body alone is enough to go on from: nothing of its execution was kept.
    let block = Block::decode(&first.body).unwrap();
    let certificate = node.net.certify(&block.header);
    node.ask(|reply| Command::Commit { certificate, reply });
    assert_eq!(node.chain.height(), 3);
    assert_eq!(node.chain.totals().unwrap().issued_count, 1);
    node.stop();
}

#[test]
fn orders_and_replay_guards_hold_across_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let mut node = node(dir.path());
    let invoice = node.net.invoice("a");
    node.decide(vec![invoice.clone()]);
    let mut node = open(dir.path(), node.stop());
    assert_eq!(node.codes(&invoice), [FailureCode::DuplicateIdem]);
    let place = node.chain.place_of_guard(&invoice).unwrap();
    assert_eq!((place.height, place.index), (3, 0));
    let again = node.net.invoice("a");
    assert_eq!(node.codes(&again), [FailureCode::DuplicateOrder]);
    assert_eq!(node.chain.place_of_guard(&again), None);
    // Nor does a block with either stand.
    let good = node.net.invoice("b");
    let mut block = node.net.build(vec![good]).block;
    assert!(node.check(&block, None, BodySource::Synced));
    for repeated in [invoice, again] {
        block.transactions = vec![repeated];
        assert!(!node.check(&block, None, BodySource::Synced));
    }
    node.stop();
}

#[test]
fn a_transaction_outside_its_window_is_not_admitted_nor_voted_for() {
    let dir = tempfile::tempdir().unwrap();
    let mut node = node(dir.path());
    let now_ms = node.chain.clock().now().ms();
    for valid_until_ms in [now_ms - 1, now_ms + 25 * 60 * 60 * 1_000] {
        let mut body = node.net.invoice("a").body().clone();
        body.valid_until_ms = valid_until_ms;
        let invoice = TestNet::sign(body, &node.net.merchant);
        assert_eq!(node.codes(&invoice), [FailureCode::TransactionWindow]);
        let good = node.net.invoice("b");
        let mut block = node.net.build(vec![good]).block;
        block.transactions = vec![invoice];
        assert!(!node.check(&block, None, BodySource::Synced));
    }
    node.stop();
}

#[test]
fn a_failed_transaction_stays_failed_and_costs_its_allowance_on_every_node() {
    let dir = tempfile::tempdir().unwrap();
    let mut node = node(dir.path());
    let first = node.net.invoice("a");
    node.decide(vec![first]);
    // Three failures a day are allowed in this network.
    for _nth in 0..3 {
        let failing = node.net.anchored_invoice("a");
        node.decide(vec![failing.clone()]);
        assert_eq!(node.codes(&failing), [FailureCode::DuplicateIdem]);
    }
    let (_identity, account) = node.chain.account(1).unwrap().unwrap();
    assert_eq!((account.failures, account.counter), (3, 1));
    let mut node = open(dir.path(), node.stop());
    let fourth = node.net.invoice("b");
    assert_eq!(node.codes(&fourth), [FailureCode::FailureAllowanceUsed]);
    node.stop();
}

/// Activates a rule set, signed by the authority.
fn activation(node: &mut Node, id: u16, from_height: u64) -> SignedTransaction {
    let authority = node.net.authority.clone();
    let payload = Payload::ActivateRuleSet(ActivateRuleSet { id, from_height });
    let body = node.net.body(0, &authority.public_key(), payload);
    TestNet::sign(body, &authority)
}

#[test]
fn the_rule_set_in_force_changes_at_its_height_at_the_door_and_in_blocks_alike() {
    let dir = tempfile::tempdir().unwrap();
    let mut node = node(dir.path());
    let from_height = node.chain.height() + 3;
    let activate = activation(&mut node, 2, from_height);
    assert_eq!(
        node.admission.admit(activate.clone(), false),
        Ok(Admitted::New)
    );
    node.decide(vec![activate]);
    assert_eq!(node.chain.rules().unwrap().id, 1);
    let waiting = node.net.invoice("waiting");
    assert_eq!(
        node.admission.admit(waiting.clone(), false),
        Ok(Admitted::New)
    );
    node.decide(vec![]);
    assert_eq!(node.chain.height() + 1, from_height);
    assert_eq!(node.chain.rules().unwrap().id, 2);
    let late = node.net.invoice("late");
    let refused = node.admission.admit(late, false).unwrap_err();
    let (code, got) = (refused[0].code, refused[0].got.as_deref());
    assert_eq!((code, got), (FailureCode::RulesetUnknown, Some("1")));
    assert_eq!(refused[0].expected.as_deref(), Some("2"));
    let block = Block::decode(&node.build(from_height, 0).body).unwrap();
    assert_eq!(block.transactions, [], "what waited is left out");
    assert!(!node.admission.pool().contains(&waiting.id()));
    let node = open(dir.path(), node.stop());
    assert_eq!(node.chain.rules().unwrap().id, 2, "also after a restart");
    node.stop();
}

#[test]
fn a_rule_set_this_version_does_not_know_is_not_voted_for_and_ends_the_node_if_decided() {
    let dir = tempfile::tempdir().unwrap();
    let mut node = node(dir.path());
    let from_height = node.chain.height() + 9;
    let unknown = activation(&mut node, 99, from_height);
    assert_eq!(node.codes(&unknown), [FailureCode::RulesetUnknown]);
    let mut block = node.net.build(vec![]).block;
    block.transactions = vec![unknown];
    block.header.tx_count = 1;
    assert!(!node.check(&block, None, BodySource::Synced));
    let certificate = node.net.certify(&block.header);
    let (reply, answer) = oneshot::channel();
    node.ledger.send(Command::Commit { certificate, reply });
    assert!(answer.blocking_recv().is_err(), "nothing is committed");
    let ended = node.thread.join().unwrap().unwrap_err().to_string();
    assert!(
        ended.contains("E2206") && ended.ends_with("upgrade it"),
        "{ended}"
    );
}
