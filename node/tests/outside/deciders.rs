//! Who decides changes while invoices are issued: validators come and go, and change their keys, and
//! nothing that was asked for is missed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use piao_api::client::{Client, IssueOptions, Issued};
use piao_chain::proof::{Finding, Proof};
use piao_node::network::Role;
use serde_json::{Value, json};

use crate::members::{Members, init, until};
use crate::process::{draft, judge, key, piaod, run};

/// Invoices in flight at once.
const TILLS: usize = 4;
/// What an invoice may take while validators change.
const ISSUE_WITHIN: Duration = Duration::from_secs(90);
/// Blocks from a change to its height: as many as it takes to make and sign it.
const NOTICE: u64 = 40;
/// What it may take from the change to its height.
const HEIGHT_WITHIN: Duration = Duration::from_secs(180);

/// Issues without pause until told to stop; how many, each final under a number of its own.
struct Load {
    stop: Arc<AtomicBool>,
    tills: Vec<tokio::task::JoinHandle<Vec<String>>>,
}

impl Load {
    fn on(client: &Client) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let till = |at: usize| tokio::spawn(till(client.clone(), at, Arc::clone(&stop)));
        Self {
            tills: (0..TILLS).map(till).collect(),
            stop,
        }
    }

    async fn numbers(self) -> Vec<String> {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Vec::new();
        for till in self.tills {
            all.extend(till.await.unwrap());
        }
        all
    }
}

async fn till(client: Client, at: usize, stop: Arc<AtomicBool>) -> Vec<String> {
    let mut numbers = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let name = format!("till-{at}-{}", numbers.len());
        numbers.push(issue(&client, &name).await);
    }
    numbers
}

/// Asks for an invoice, again with the same key where no answer came, until it is final.
async fn issue(client: &Client, name: &str) -> String {
    let options = IssueOptions {
        account: Some(1),
        timeout: Some(Duration::from_secs(10)),
        ..IssueOptions::default()
    };
    let deadline = Instant::now() + ISSUE_WITHIN;
    loop {
        let draft = draft(|draft| draft["order_ref"] = name.into());
        match client.issue(draft, &key(name), &options).await {
            Ok(Issued::Final { invoice, .. }) => return invoice.document.number,
            other => assert!(Instant::now() < deadline, "{name}: {other:?}"),
        }
    }
}

/// A verb that must succeed; what it printed.
fn done(mut command: Command, arguments: &[&str]) -> String {
    let output = {
        command.args(arguments);
        run(command)
    };
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

/// The public keys a node has, as `piaod keys` prints them.
fn keys_of(data: &Path, more: &[&str]) -> Vec<Value> {
    let printed = done(piaod("keys", data), &[&["--json"], more].concat());
    let all: Value = serde_json::from_str(&printed).unwrap();
    all["keys"].as_array().unwrap().clone()
}

/// The validator key of a node by its name.
fn voter(data: &Path, name: &str) -> Value {
    let keys = keys_of(data, &[]);
    keys.into_iter().find(|key| key["name"] == name).unwrap()
}

/// Makes, signs and hands in a change of the set; its first height.
async fn set_validators(members: &Members, voters: Vec<Value>) -> u64 {
    let desk = members.desk();
    let (folder, authority) = (members.shared(), members.data(4));
    let file = folder.join("validators.json");
    std::fs::write(&file, json!(voters).to_string()).unwrap();
    let from_height = desk.client.chain().await.unwrap().height + NOTICE;
    let change = folder.join(format!("change-{from_height}.json"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_piaod"));
    command
        .args(["authority", "set-validators", "--data"])
        .arg(authority);
    command
        .arg("--validators")
        .arg(&file)
        .arg("--out")
        .arg(&change);
    done(command, &["--from-height", &from_height.to_string()]);
    let transaction = std::fs::read(change.with_extension("tx")).unwrap();
    let options = IssueOptions::default();
    let outcome = desk.client.submit(transaction, &options).await.unwrap();
    assert_eq!(outcome.code, None, "{outcome:?}");
    from_height
}

/// Waits until a height is decided, as the desk sees it. A set that lacks one of its members takes a
/// round more wherever it is that one's turn.
async fn until_height(members: &Members, height: u64) {
    let deadline = Instant::now() + HEIGHT_WITHIN;
    loop {
        let tip = members.desk().client.chain().await;
        if tip.as_ref().is_ok_and(|tip| tip.height >= height) {
            return;
        }
        assert!(Instant::now() < deadline, "not at {height}: {tip:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until a node has come as far as the desk is now.
async fn until_caught_up(members: &Members, at: usize) {
    let height = members.desk().client.chain().await.unwrap().height;
    let node = members.nodes[at].as_ref().unwrap();
    until(async || {
        node.client
            .chain()
            .await
            .is_ok_and(|tip| tip.height >= height)
    })
    .await;
}

/// The links in the proof of an invoice that must be in force.
async fn links_of(members: &Members, number: &str) -> usize {
    let root = members.desk().trust_root().await;
    let file = members.desk().proof(number).await;
    let verdict = judge(&file, Some(&root));
    assert_eq!(verdict.verdict, Finding::InForce, "{verdict:?}");
    Proof::decode(&file).unwrap().links.len()
}

/// A fifth validator, made known to a network that runs: its data directory.
fn admitted(members: &mut Members) -> PathBuf {
    let (data, shared) = (members.data(5), members.shared());
    let member = init(&data, &[Role::Validator]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_piaod"));
    command.args(["network", "admit", "--network"]).arg(&shared);
    command.arg("--member").arg(member);
    done(command, &[]);
    for at in 0..=5 {
        let shared = shared.to_str().unwrap();
        done(piaod("join", &members.data(at)), &["--network", shared]);
    }
    members.nodes.push(None);
    data
}

#[tokio::test]
async fn four_validators_become_five_and_four_others_under_load_and_no_invoice_is_missed() {
    let mut members = Members::up(4, 0).await;
    let before = issue(&members.desk().client, "before").await;
    let proof_before = members.desk().proof(&before).await;
    let new = admitted(&mut members);
    // The desk first, so that the tills keep their address.
    members.kill(4);
    members.start(4);
    members.until_registered().await;
    let load = Load::on(&members.desk().client);
    for at in 0..4 {
        members.kill(at);
        members.start(at);
        until_caught_up(&members, at).await;
    }
    members.start(5);
    until_caught_up(&members, 5).await;
    let mut voters: Vec<Value> = (0..4)
        .map(|at| voter(&members.data(at), "validator"))
        .collect();
    voters.push(voter(&new, "validator"));
    let height = set_validators(&members, voters.clone()).await;
    let waits = members.desk().client.validators().await.unwrap();
    assert_eq!(
        waits.next.map(|set| (set.from_height, set.data.len())),
        Some((height, 5))
    );
    until_height(&members, height + 1).await;
    let now = members.desk().client.validators().await.unwrap();
    assert_eq!((now.data.len(), now.next), (5, None));
    // Four of five are needed, so the new one decides.
    members.kill(0);
    let during = issue(&members.desk().client, "during").await;
    assert_eq!(links_of(&members, &before).await, 1);
    assert_eq!(links_of(&members, &during).await, 1);
    // The one that is gone leaves the set; three of the other four are enough.
    voters.remove(0);
    let height = set_validators(&members, voters).await;
    until_height(&members, height + 1).await;
    members.kill(1);
    let after = issue(&members.desk().client, "after").await;
    for number in [&before, &during, &after] {
        assert_eq!(links_of(&members, number).await, 2);
    }
    let root = members.desk().trust_root().await;
    assert_eq!(judge(&proof_before, Some(&root)).verdict, Finding::InForce);
    let numbers = load.numbers().await;
    let distinct: BTreeSet<&String> = numbers.iter().collect();
    assert_eq!(distinct.len(), numbers.len());
    assert!(numbers.len() > 20, "{} under load", numbers.len());
    // One that starts anew knows who decides, and one that was away follows through both changes.
    members.start(0);
    until_caught_up(&members, 0).await;
    members.kill(2);
    members.start(1);
    members.start(2);
    until_caught_up(&members, 2).await;
    let height = members.desk().client.chain().await.unwrap().height;
    members.until_level(height).await;
    members.agreed_blocks(height).await;
}

#[tokio::test]
async fn a_validator_changes_its_key_and_nothing_stands_still() {
    let mut members = Members::up(4, 0).await;
    let load = Load::on(&members.desk().client);
    let data = members.data(0);
    keys_of(&data, &["--new-validator-key"]);
    // It knows its new key from its next start on.
    members.kill(0);
    members.start(0);
    until_caught_up(&members, 0).await;
    let mut voters: Vec<Value> = (1..4)
        .map(|at| voter(&members.data(at), "validator"))
        .collect();
    let new = voter(&data, "validator-2");
    voters.push(new.clone());
    let height = set_validators(&members, voters).await;
    until_height(&members, height).await;
    let node = members.nodes[0].as_ref().unwrap();
    until(async || node.log().contains("votes with another of its keys")).await;
    // Three of four are needed, so its new key decides.
    members.kill(1);
    issue(&members.desk().client, "by-the-new-key").await;
    let numbers = load.numbers().await;
    let distinct: BTreeSet<&String> = numbers.iter().collect();
    assert_eq!(distinct.len(), numbers.len());
    let set = members.desk().client.validators().await.unwrap();
    assert!(set.data.iter().any(|one| one.key == new["public_key"]));
}
