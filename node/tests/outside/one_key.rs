//! What no network can forgive, and what it must be told: two processes on one key, and a clock
//! that is off.

use std::path::Path;

use crate::members::{Members, until};
use crate::process::{Node, piaod, run};

/// Copies a data directory of a node that does not run.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let beside = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &beside);
        } else {
            std::fs::copy(entry.path(), &beside).unwrap();
        }
    }
}

#[tokio::test]
async fn of_two_processes_on_one_key_the_second_is_refused_in_one_line() {
    let mut members = Members::up(4, 0).await;
    members.kill(0);
    let twin = members.data(0).with_file_name("twin");
    copy(&members.data(0), &twin);
    members.start(0);
    members.issue("before").await;
    let elsewhere = |data: &Path| {
        let mut command = piaod("run", data);
        command.args(["--log", "error", "--listen", "127.0.0.1:0"]);
        for name in ["PIAO_P2P_LISTEN", "PIAO_GOSSIP_LISTEN"] {
            command.env(name, "/ip4/127.0.0.1/tcp/0");
        }
        command
    };
    let ended = run(elsewhere(&twin));
    assert!(!ended.status.success());
    let said = String::from_utf8(ended.stderr).unwrap();
    let line = said.lines().last().unwrap();
    assert!(
        line.contains("another process runs with this node's keys"),
        "{said}"
    );
    // The one that was there first goes on, and nothing was decided twice.
    members.issue("after").await;
    let height = members.desk().client.chain().await.unwrap().height;
    members.until_level(height).await;
    members.agreed_blocks(height).await;
}

#[tokio::test]
async fn a_validator_on_an_older_copy_of_its_data_follows_before_it_votes_again() {
    let mut members = Members::up(4, 0).await;
    members.issue("in-the-copy").await;
    members.kill(0);
    let older = members.data(0).with_file_name("older");
    copy(&members.data(0), &older);
    members.start(0);
    // One of four is away, so that this one's vote is needed, and is in every certificate.
    members.kill(1);
    for name in ["forgotten-1", "forgotten-2", "forgotten-3"] {
        members.issue(name).await;
    }
    let height = members.desk().client.chain().await.unwrap().height;
    members.kill(0);
    std::fs::remove_dir_all(members.data(0)).unwrap();
    std::fs::rename(&older, members.data(0)).unwrap();
    members.start(1);
    members.start(0);
    let node = members.nodes[0].as_ref().unwrap();
    until(async || node.log().contains("this data is an older copy")).await;
    members.until_level(height).await;
    let mut number = 0;
    until(async || {
        // It must see one proposed and decided, and not only learn of it.
        number += 1;
        members.issue(&format!("seen-{number}")).await;
        node.log().contains("this validator votes again")
    })
    .await;
    let height = members.desk().client.chain().await.unwrap().height;
    members.until_level(height).await;
    members.agreed_blocks(height).await;
}

#[tokio::test]
async fn a_clock_two_minutes_off_is_told_in_one_line() {
    let mut members = Members::up(4, 0).await;
    members.kill(0);
    let data = members.data(0);
    let mut command = piaod("run", &data);
    command.args(["--log", "warn", "--clock-offset", "+2m"]);
    let node = Node::start(&data, command);
    until(async || {
        let log = node.log();
        log.contains("clock is 120 s ahead of the other members'")
            || log.contains("clock is 119 s ahead of the other members'")
    })
    .await;
    let ready = node.client.readiness().await.unwrap();
    let clock = ready.checks.iter().find(|check| check.name == "clock");
    assert!(clock.is_some_and(|check| !check.ok), "{ready:?}");
    assert!(!ready.ready);
    // The others go on without its blocks.
    members.issue("with-three").await;
    let others = members.desk().client.readiness().await.unwrap();
    let clock = others.checks.iter().find(|check| check.name == "clock");
    assert!(clock.is_some_and(|check| check.ok), "{others:?}");
}
