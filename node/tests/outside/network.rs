//! Several nodes as one network: what one accepts all have, two of four may fall silent without a
//! wrong word, and whoever was away catches up.

use std::time::Duration;

use piao_api::client::Issued;
use piao_chain::proof::Finding;
use piao_node::network::Role;

use crate::members::{Members, create, init, until};
use crate::process::{judge, piaod, run};

#[tokio::test]
async fn what_a_merchants_node_issues_is_final_on_every_node() {
    let members = Members::up(4, 0).await;
    let mut numbers = Vec::new();
    for name in ["a", "b", "c"] {
        numbers.push(members.issue(name).await);
    }
    let height = members.desk().client.chain().await.unwrap().height;
    members.until_level(height).await;
    members.agreed_blocks(height).await;
    let root = members.desk().trust_root().await;
    for node in members.nodes.iter().flatten() {
        assert_eq!(node.client.chain().await.unwrap().validators, 4);
        // Validators serve what is public, proofs among it, though the desk is elsewhere.
        let verdict = judge(&node.proof(&numbers[0]).await, Some(&root));
        assert_eq!(verdict.verdict, Finding::InForce);
    }
}

#[tokio::test]
async fn with_one_validator_gone_it_goes_on_and_with_two_it_waits_and_loses_nothing() {
    let mut members = Members::up(4, 0).await;
    members.issue("with-four").await;
    members.kill(0);
    members.issue("with-three").await;
    members.kill(1);
    let waiting = members.try_issue("with-two", Duration::from_secs(1)).await;
    assert!(
        matches!(waiting, Ok(Issued::Pending(_))),
        "final without a majority: {waiting:?}"
    );
    let before = members.desk().client.chain().await.unwrap().height;
    members.start(1);
    members.issue("with-two").await;
    members.start(0);
    members.issue("with-four-again").await;
    let height = members.desk().client.chain().await.unwrap().height;
    assert!(height > before);
    members.until_level(height).await;
    members.agreed_blocks(height).await;
    let account = members.desk().client.account(Some(1)).await.unwrap();
    assert_eq!(account.issued_count, 4, "each once");
}

#[tokio::test]
async fn a_node_that_was_away_and_one_that_joins_late_catch_up() {
    let mut members = Members::joined(4, 1);
    for at in 0..5 {
        members.start(at);
    }
    members.until_registered().await;
    members.kill(3);
    for number in 0..20 {
        members.issue(&number.to_string()).await;
    }
    let height = members.desk().client.chain().await.unwrap().height;
    members.start(3);
    members.start(5);
    members.until_level(height).await;
    members.agreed_blocks(height).await;
    // Who only follows keeps following.
    members.issue("later").await;
    members.until_level(height + 1).await;
}

/// What a command that must fail says, in one line.
fn refusal(command: std::process::Command) -> String {
    let output = run(command);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

#[test]
fn what_does_not_belong_together_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let authority = [Role::Validator, Role::Authority];
    for (name, out) in [("one", "network-one"), ("other", "network-other")] {
        let member = init(&at(name), &authority);
        create(&[member], &at(out));
    }
    let join = |data: &str, network: &str| {
        let mut command = piaod("join", &at(data));
        command.arg("--network").arg(at(network));
        command
    };
    let line = refusal(join("one", "network-one"));
    assert!(line.contains("not signed by its authority"), "{line}");
    for (name, out) in [("one", "network-one"), ("other", "network-other")] {
        let mut sign = std::process::Command::new(env!("CARGO_BIN_EXE_piaod"));
        sign.args(["network", "sign", "--data"]).arg(at(name));
        sign.arg("--network").arg(at(out));
        assert!(run(sign).status.success());
    }
    assert!(run(join("one", "network-one")).status.success());
    let line = refusal(join("one", "network-other"));
    assert!(line.contains("belongs to network"), "{line}");
    // A validator that nobody was told of.
    init(&at("stranger"), &[Role::Validator]);
    let line = refusal(join("stranger", "network-one"));
    assert!(line.contains("is no member's of this network"), "{line}");
    // A directory without a node, and one with a node already.
    let line = refusal(join("nobody", "network-one"));
    assert!(line.contains("piaod init"), "{line}");
    let mut again = piaod("init", &at("one"));
    again.args(["--moniker", "one", "--consensus", "/ip4/127.0.0.1/tcp/1"]);
    again.args(["--gossip", "/ip4/127.0.0.1/tcp/2"]);
    let line = refusal(again);
    assert!(line.contains("holds a node already"), "{line}");
    // Members that can't be read.
    std::fs::write(at("one").join("members.json"), "{").unwrap();
    let line = refusal(piaod("run", &at("one")));
    assert!(line.contains("members.json"), "{line}");
}

#[tokio::test]
async fn a_wiped_validator_does_not_vote_before_it_has_seen_a_height_decided() {
    let mut members = Members::up(4, 0).await;
    members.issue("a").await;
    members.kill(0);
    for folder in ["blocks", "state", "wal", "desk"] {
        std::fs::remove_dir_all(members.data(0).join(folder)).unwrap();
    }
    // Three that vote and one that has forgotten: the network goes on, and the fourth catches up.
    members.start(0);
    let log = members.nodes[0].as_ref().unwrap().log();
    assert!(log.contains("has no memory of what it signed"), "{log}");
    members.issue("b").await;
    members.issue("c").await;
    let height = members.desk().client.chain().await.unwrap().height;
    members.until_level(height).await;
    let node = members.nodes[0].as_ref().unwrap();
    let mut number = 0;
    until(async || {
        // It must see one proposed and decided, and not only learn of it.
        number += 1;
        members.issue(&format!("seen-{number}")).await;
        node.log().contains("this validator votes again")
    })
    .await;
    members.until_level(1).await;
    // Now its vote is needed again, and counts.
    members.kill(1);
    members.issue("d").await;
    let height = members.desk().client.chain().await.unwrap().height;
    members.until_level(height).await;
    members.agreed_blocks(height).await;
    // It remembers from now on.
    members.kill(0);
    members.start(0);
    members.issue("e").await;
    let log = members.nodes[0].as_ref().unwrap().log();
    assert_eq!(log.matches("has no memory").count(), 1);
}
