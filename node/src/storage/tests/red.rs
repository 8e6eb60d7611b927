//! A running node whose store is damaged where its start did not look: it turns red by itself and
//! says the way out.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use piao_api::client::Client;

use crate::store::tamper;

/// Keys of a run, so small that the first transactions of a new network fill some.
const RUN_KEYS: (&str, &str) = ("PIAO_CRASH_RUN_KEYS", "2");

/// A node that has not got there by then has failed.
const DEADLINE: Duration = Duration::from_secs(60);

struct Node {
    child: Child,
    client: Client,
}

impl Node {
    fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_piaod"))
            .args(["dev", "--listen", "127.0.0.1:0", "--seed", "7", "--data"])
            .arg(data)
            .env(RUN_KEYS.0, RUN_KEYS.1)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("ready ").unwrap();
        Self {
            client: Client::new(url, None).unwrap(),
            child,
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[tokio::test]
async fn a_node_that_lacks_a_value_in_a_believed_run_turns_red_and_says_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    drop(Node::start(&data));
    // A start keeps what the killed process did not.
    let node = Node::start(&data);
    assert!(node.client.readiness().await.unwrap().ready);
    drop(node);
    assert!(data.join("state/runs/idems-0000000000").exists());
    tamper(&data.join("state"), |db| {
        let tree = db.open_tree("state").unwrap();
        let first_idem = tree.scan_prefix([4, 0, 0, 0, 0]).next();
        tree.remove(first_idem.unwrap().unwrap().0).unwrap();
    });
    let node = Node::start(&data);
    let deadline = Instant::now() + DEADLINE;
    let storage = loop {
        let readiness = node.client.readiness().await.unwrap();
        let mut checks = readiness.checks.into_iter();
        let storage = checks.find(|check| check.name == "storage").unwrap();
        if !storage.ok {
            break storage;
        }
        assert!(Instant::now() < deadline, "it did not turn red");
        tokio::task::yield_now().await;
    };
    let line = storage.detail;
    assert!(
        line.contains("idems") && line.contains("piaod reindex"),
        "{line}"
    );
}
