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
async fn of_two_processes_on_one_key_the_later_one_stops_and_says_why() {
    let mut members = Members::up(4, 0).await;
    members.kill(0);
    let twin = members.data(0).with_file_name("twin");
    copy(&members.data(0), &twin);
    members.start(0);
    members.issue("before").await;
    let mut command = piaod("run", &twin);
    command.args(["--log", "error"]);
    for (name, address) in [
        ("PIAO_P2P_LISTEN", "/ip4/127.0.0.1/tcp/0"),
        ("PIAO_GOSSIP_LISTEN", "/ip4/127.0.0.1/tcp/0"),
    ] {
        command.env(name, address);
    }
    let ended = tokio::task::spawn_blocking(move || run(command)).await;
    let ended = ended.unwrap();
    assert!(!ended.status.success());
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(
        said.contains("another process runs with this node's keys"),
        "{said}"
    );
    // The one that was there first goes on, and nothing was decided twice.
    members.issue("after").await;
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
