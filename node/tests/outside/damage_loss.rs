//! Blocks that were final and are lost: the node does not vote, and goes on only when told what is
//! lost. Method: real processes; the journal's folder is put back from earlier under a live log.

use std::path::Path;
use std::process::Output;

use piao_chain::genesis::Genesis;
use piao_chain::proof::Finding;
use piao_chain::signature::SecretKey;
use piao_chain::validator::{Validator, ValidatorSet};
use piao_node::journal::{self, Depth};

use crate::damage_oracle::{copy, hashes, issue};
use crate::process::{Node, judge, piaod, run};

/// A start that must be refused; its one line.
fn refused(data: &Path, more: &[&str]) -> String {
    let output = start(data, more);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{text}");
    assert!(output.stdout.is_empty());
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

fn start(data: &Path, more: &[&str]) -> Output {
    let mut command = piaod("run", data);
    command
        .args(["--log", "error", "--listen", "127.0.0.1:0"])
        .args(more);
    run(command)
}

/// Height of a stopped node's journal. A running node's own word is no substitute: a start may
/// finish a height that was open when the node stopped.
fn journal_tip(data: &Path) -> u64 {
    let genesis = Genesis::decode(&std::fs::read(data.join("genesis")).unwrap()).unwrap();
    let blocks = data.join("blocks");
    let found = journal::inspect(
        &blocks,
        &genesis.chain_id(),
        Depth::Records,
        &mut |_seen| {},
    );
    found.unwrap().tip
}

/// A network with the journal of before its last blocks; the height of that journal and the one
/// that was reached.
async fn journal_of_an_hour_ago() -> (Node, u64, u64, Vec<String>) {
    let mut node = Node::fresh();
    let mut numbers = vec![issue(&node, "before").await];
    assert!(node.terminate().success());
    let blocks = node.data.join("blocks");
    let earlier = node.data.with_extension("earlier");
    copy(&blocks, &earlier);
    let old = journal_tip(&node.data);
    node.restart();
    for name in ["a", "b", "c"] {
        numbers.push(issue(&node, name).await);
    }
    node.kill();
    let new = journal_tip(&node.data);
    assert!(new > old);
    std::fs::remove_dir_all(&blocks).unwrap();
    copy(&earlier, &blocks);
    (node, old, new, numbers)
}

#[tokio::test]
async fn a_journal_from_an_hour_ago_under_a_live_log_keeps_the_validator_from_voting() {
    let (mut node, old, new, numbers) = journal_of_an_hour_ago().await;
    let log = node.data.join("wal");
    let before = hashes(&log);
    let lost = format!("heights {} to {new}", old + 1);
    for _try in 0..2 {
        let line = refused(&node.data, &[]);
        for part in [lost.as_str(), "must not vote", "put back", "--accept-loss"] {
            assert!(line.contains(part), "{part:?} is not in: {line}");
        }
        assert_eq!(hashes(&log), before, "it signed something");
    }
    let line = doctor_line(&node.data);
    assert!(
        line.contains(&format!("heights {}–{new}", old + 1)),
        "{line}"
    );
    // A reindex must not make the loss good by forgetting it.
    let mut reindex = piaod("reindex", &node.data);
    reindex.args(["--log", "error"]);
    let output = run(reindex);
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains(&lost));

    let mut accepted = Node::with(&node.data, &["--accept-loss"]);
    let told = std::fs::read_to_string(node.data.with_extension("log")).unwrap();
    assert!(told.contains(&format!("given up: {lost}")), "{told}");
    let audit = std::fs::read_to_string(node.data.join("accepted-loss.log")).unwrap();
    assert!(audit.contains(&lost), "{audit}");
    // What was before is there, and the chain goes on.
    let root = accepted.trust_root().await;
    let verdict = judge(&accepted.proof(&numbers[0]).await, Some(&root));
    assert_eq!(verdict.verdict, Finding::InForce);
    issue(&accepted, "after").await;
    assert!(accepted.terminate().success());
    // Once accepted it is over: nothing is left to accept, and an ordinary start works.
    let line = refused(&node.data, &["--accept-loss"]);
    assert!(line.contains("nothing is lost"), "{line}");
    node.restart();
    issue(&node, "later").await;
}

#[tokio::test]
async fn the_newest_journal_put_back_loses_nothing() {
    let mut node = Node::fresh();
    issue(&node, "a").await;
    node.kill();
    let blocks = node.data.join("blocks");
    let newest = node.data.with_extension("newest");
    copy(&blocks, &newest);
    let segment = blocks.join("blocks-00000001.log");
    let file = std::fs::File::options().write(true).open(segment).unwrap();
    file.set_len(3_000).unwrap();
    let line = refused(&node.data, &[]);
    assert!(
        line.contains("put back a copy of that file") && line.contains("heights "),
        "{line}"
    );
    std::fs::remove_dir_all(&blocks).unwrap();
    copy(&newest, &blocks);
    node.restart();
    assert_eq!(node.client.account(Some(1)).await.unwrap().issued_count, 1);
}

#[tokio::test]
async fn without_the_log_the_state_remembers_what_the_journal_lost() {
    let (node, old, new, _numbers) = journal_of_an_hour_ago().await;
    std::fs::remove_dir_all(node.data.join("wal")).unwrap();
    let line = refused(&node.data, &[]);
    // What the killed node had not written to the state yet is not remembered.
    let is_named = line.contains(&format!("height {}", old + 1)) || line.contains("heights ");
    assert!(
        is_named && line.contains("the state is at height"),
        "{line} ({old} to {new})"
    );
}

#[tokio::test]
async fn where_others_vote_no_loss_is_accepted() {
    let mut node = Node::fresh();
    assert!(node.terminate().success());
    let (data, path) = (&node.data, node.data.join("genesis"));
    let mut genesis = Genesis::decode(&std::fs::read(&path).unwrap()).unwrap();
    let mut members = genesis.validators.members().to_vec();
    members.push(Validator {
        public_key: SecretKey::from_seed(&[9; 32]).public_key(),
        power: 1,
    });
    genesis.validators = ValidatorSet::sorted(members).unwrap();
    std::fs::write(&path, piao_chain::codec::encode(&genesis)).unwrap();
    for folder in ["blocks", "state", "desk"] {
        std::fs::remove_dir_all(data.join(folder)).unwrap();
    }
    // The log is at a height that this new network has no blocks of.
    let line = refused(data, &[]);
    assert!(line.contains("--accept-loss"), "{line}");
    let before = hashes(data);
    let line = refused(data, &["--accept-loss"]);
    assert!(
        line.contains("2 validators vote") && line.contains("sign twice"),
        "{line}"
    );
    assert!(!data.join("accepted-loss.log").exists());
    assert_eq!(hashes(&data.join("wal")).len(), 1);
    assert!(before.keys().any(|path| path.ends_with("consensus.wal")));
}

#[tokio::test]
async fn a_damaged_log_is_refused_and_both_ways_out_work() {
    for way in ["put back", "accept"] {
        let mut node = Node::fresh();
        issue(&node, "a").await;
        node.kill();
        let log = node.data.join("wal").join("consensus.wal");
        let whole = std::fs::read(&log).unwrap();
        // A log of the height above the tip, whose head is damaged: what it holds can't be told.
        let mut damaged = whole.clone();
        damaged[0] ^= 0x10;
        std::fs::write(&log, damaged).unwrap();
        let line = refused(&node.data, &[]);
        assert!(
            line.contains("must not vote") && line.contains("consensus.wal"),
            "{line}"
        );
        if way == "put back" {
            std::fs::write(&log, whole).unwrap();
            node.restart();
        } else {
            node = {
                let accepted = Node::with(&node.data, &["--accept-loss"]);
                assert!(
                    log.with_extension("wal.lost").exists(),
                    "nothing is deleted"
                );
                drop(std::mem::replace(&mut node, accepted));
                node
            };
        }
        issue(&node, "b").await;
        assert_eq!(node.client.account(Some(1)).await.unwrap().issued_count, 2);
    }
}

fn doctor_line(data: &Path) -> String {
    let mut command = piaod("doctor", data);
    command.args(["--lang", "en"]);
    let output = run(command);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().next().unwrap().to_owned()
}
