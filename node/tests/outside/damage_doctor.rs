//! `piaod doctor` and `piaod reindex` as an operator meets them.

use std::path::Path;
use std::process::Output;

use crate::damage_oracle::{hashes, issue};
use crate::process::{Node, piaod, run};

fn doctor(data: &Path, more: &[&str]) -> Output {
    let mut command = piaod("doctor", data);
    command
        .env("LANG", "C")
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES");
    command.args(more);
    run(command)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn a_healthy_node_is_called_healthy_and_nothing_of_it_is_changed() {
    let mut node = Node::fresh();
    issue(&node, "a").await;
    let running = doctor(&node.data, &[]);
    assert_eq!(running.status.code(), Some(1));
    assert!(
        text(&running.stderr).contains("stop it first"),
        "{running:?}"
    );
    // Killed, not closed: what a start repairs by itself is no finding.
    node.kill();
    let before = hashes(&node.data);
    for more in [&[][..], &["--deep"][..]] {
        let output = doctor(&node.data, more);
        assert!(output.status.success(), "{output:?}");
        let line = text(&output.stdout);
        assert!(line.contains("healthy: height "), "{line}");
    }
    let output = doctor(&node.data, &["--deep", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["healthy"], &report["deep"]),
        (&true.into(), &true.into())
    );
    assert!(report["height"].as_u64().unwrap() >= 6);
    assert_eq!(hashes(&node.data), before);
    node.restart();
}

#[tokio::test]
async fn a_finding_is_one_line_in_the_language_of_the_environment() {
    let mut node = Node::fresh();
    issue(&node, "a").await;
    assert!(node.terminate().success());
    let segment = node.data.join("blocks").join("blocks-00000001.log");
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[700] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let output = doctor(&node.data, &[]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stdout);
    let line = said.lines().next().unwrap();
    for part in [
        "damage: ",
        "blocks-00000001.log:",
        "put back a copy of",
        "gives up heights 1–",
    ] {
        assert!(line.contains(part), "{part:?} is not in: {line}");
    }
    let mut command = piaod("doctor", &node.data);
    let output = run({
        command.env("LC_ALL", "zh_CN.UTF-8");
        command
    });
    let said = text(&output.stdout);
    let line = said.lines().next().unwrap();
    assert!(
        line.contains("损坏") && line.contains("从备份放回"),
        "{line}"
    );
    assert!(line.contains("永久放弃高度 1–"), "{line}");
}

#[tokio::test]
async fn a_state_whose_files_end_the_process_that_opens_them_is_made_again() {
    let mut node = Node::fresh();
    issue(&node, "a").await;
    assert!(node.terminate().success());
    let marker = node.data.join("state").join("marker");
    let words = std::fs::read_to_string(&marker).unwrap();
    // As a process leaves it that a panic ended while it opened the files.
    std::fs::write(&marker, words.replace("clean", "opening")).unwrap();
    // And files that no start could open: an opening is not tried again.
    spoil_tails(&node.data.join("state"));
    let output = doctor(&node.data, &["--deep"]);
    assert!(output.status.success(), "{output:?}");
    assert!(
        text(&output.stdout).contains("makes it again"),
        "{output:?}"
    );
    node.restart();
    assert_eq!(node.client.account(Some(1)).await.unwrap().issued_count, 1);
    // The same files under a marker that says they are good: found out and made again, or refused.
    assert!(node.terminate().success());
    spoil_tails(&node.data.join("state"));
    let output = doctor(&node.data, &["--deep"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stdout).contains("piaod reindex"), "{output:?}");
    let mut reindex = piaod("reindex", &node.data);
    reindex.arg("--json");
    let output = run(reindex);
    assert!(output.status.success(), "{output:?}");
    let done: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(done["invoices"], 1);
    assert!(
        text(&output.stderr).contains("reindex: 100 %"),
        "{output:?}"
    );
    node.restart();
    assert_eq!(node.client.account(Some(1)).await.unwrap().issued_count, 1);
}

/// Overwrites the second half of every file below a folder's folders with zeros.
fn spoil_tails(state: &Path) {
    for folder in std::fs::read_dir(state).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let mut bytes = std::fs::read(&path).unwrap();
                let half = bytes.len() / 2;
                bytes[half..].fill(0);
                std::fs::write(&path, bytes).unwrap();
            }
        }
    }
}
