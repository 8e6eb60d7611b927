//! Goal: with too little room on the disk no new work is taken, reads go on, and work is taken
//! again when there is room.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use piao_api::client::IssueOptions;

use crate::hostile::assert_unharmed;
use crate::process::{Node, command, draft, final_invoice, key};
use crate::wire::{DEADLINE, Reply, exchange, get, post};

/// More than any disk has.
const TOO_MUCH: &str = "9000000000000000000";

fn wanting(data: &Path, free_bytes_min: &str) -> Command {
    let mut command = command(data);
    command.env("PIAO_DISK_FREE_BYTES_MIN", free_bytes_min);
    command
}

fn assert_full(reply: &Reply) {
    assert_eq!((reply.status(), reply.code()), (507, "E2107"));
    assert_eq!(reply.header("retry-after"), Some("10"), "{}", reply.text);
}

#[tokio::test]
async fn a_full_disk_refuses_work_and_serves_reads_and_a_start_with_room_takes_work() {
    let mut node = Node::fresh_as(|data| wanting(data, TOO_MUCH));
    let address = node.address();
    let line = "Idempotency-Key: full\r\n";
    assert_full(&post(&address, "/v1/invoices", line, &draft(|_| ())));
    let top_up = "{\"amount\":\"1.00\",\"ref\":\"r\"}";
    assert_full(&post(&address, "/v1/top-ups", line, top_up));
    let raw = format!(
        "POST /v1/transactions HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/vnd.piao.transaction\r\nContent-Length: 1\r\n\r\nx"
    );
    assert_full(&exchange(&address, raw.as_bytes(), false));

    let checked = post(&address, "/v1/invoices/check", "", &draft(|_| ()));
    assert_eq!(checked.status(), 200);
    for path in ["/v1/chain", "/v1/account", "/v1/invoices", "/", "/livez"] {
        assert_eq!(get(&address, path).status(), 200, "{path}");
    }
    let ready = get(&address, "/readyz?verbose");
    assert_eq!(ready.status(), 503);
    assert!(
        ready.text.contains("\"name\":\"disk\",\"ok\":false"),
        "{}",
        ready.text
    );
    let metrics = get(&address, "/metrics");
    assert!(metrics.text.contains("\npiao_disk_free_bytes "));
    assert_eq!(
        node.log().matches("nearly full").count(),
        1,
        "{}",
        node.log()
    );

    assert!(node.terminate().success());
    node.restart();
    let ready = get(&node.address(), "/readyz?verbose");
    assert!(
        ready.text.contains("\"name\":\"disk\",\"ok\":true"),
        "{}",
        ready.text
    );
    let issued = node
        .client
        .issue(draft(|_| ()), &key("full"), &IssueOptions::default())
        .await;
    final_invoice(issued.unwrap());
}

/// A small disk of its own, gone when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=160m", "tmpfs"])
            .arg(folder.path())
            .status()
            .unwrap();
        assert!(mounted.success(), "a small disk needs root");
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(
            Command::new("umount")
                .arg("--lazy")
                .arg(self.path())
                .status(),
        );
    }
}

#[tokio::test]
#[ignore = "needs root: mounts a small disk"]
async fn a_disk_that_fills_up_stops_work_in_time_and_room_brings_it_back_without_a_restart() {
    let disk = SmallDisk::new();
    let data = disk.path().join("data");
    let mut node = Node::start(&data, wanting(&data, "67108864"));
    let issue = async |node: &Node, name: &str| {
        let options = IssueOptions::default();
        let issued = node.client.issue(draft(|_| ()), &key(name), &options).await;
        issued.map(final_invoice)
    };
    let first = issue(&node, "before").await.unwrap();
    for round in 0..3 {
        let ballast = disk.path().join("ballast");
        // The node itself writes the last two MiB above the mark.
        let space = rustix::fs::statvfs(disk.path()).unwrap();
        let above = space.f_bavail * space.f_frsize - (66 << 20);
        std::fs::write(&ballast, vec![7; usize::try_from(above).unwrap()]).unwrap();
        let deadline = Instant::now() + DEADLINE;
        let mut taken = 0;
        let refused = loop {
            assert!(Instant::now() < deadline, "{taken} taken");
            match issue(&node, &format!("full-{round}-{taken}")).await {
                Ok(_invoice) => taken += 1,
                Err(error) => break error,
            }
        };
        let problem = refused.problem().unwrap();
        assert_eq!((problem.status, problem.code.as_str()), (507, "E2107"));
        let shown = node.client.invoice(&first.document.number).await.unwrap();
        assert_eq!(shown.document, first.document, "reads go on");
        std::fs::remove_file(&ballast).unwrap();
        let deadline = Instant::now() + DEADLINE;
        while let Err(error) = issue(&node, &format!("again-{round}")).await {
            assert!(Instant::now() < deadline, "{error}");
        }
    }
    assert_unharmed(&node);
    assert!(node.terminate().success());
    drop(node);
}
