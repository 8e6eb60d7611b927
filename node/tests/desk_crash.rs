//! Goal: what the desk journal acknowledged survives `kill -9`, with its private part.
//! Method: a real child appends and reports each acknowledgement on its stdout; it is killed at
//! another point each round, and the same journal is opened and read from its first record.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests fails the test by panicking"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use piao_chain::digest::TransactionId;
use piao_node::desk::store::{Accepted, DeskRecord, DeskStore, Private, Resolution, Resolved};

/// Tells a copy of this test that it is the child, and where to write.
const CHILD: &str = "DESK_CRASH_DIR";
const TEST: &str = "what_was_acknowledged_survives_kill_9";
const MASTER: [u8; 32] = [1; 32];
const ROUNDS: usize = 12;
/// Requests at work at the same time in the child, so that kills fall into shared writes.
const LANES: u64 = 4;
/// Longest wait for one acknowledgement.
const DEADLINE: Duration = Duration::from_secs(60);

#[test]
fn what_was_acknowledged_survives_kill_9() {
    if let Some(dir) = std::env::var_os(CHILD) {
        append_until_killed(Path::new(&dir));
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        let (mut child, lines) = start_child(dir.path());
        let kill_after = 1 + 7 * round;
        for _ in 0..kill_after {
            acknowledged.push(lines.recv_timeout(DEADLINE).unwrap());
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What had been said before the kill counts too.
        acknowledged.extend(lines.iter());

        let (store, headers) = DeskStore::open(dir.path(), &MASTER).unwrap();
        for &(seq, token) in &acknowledged {
            let at = usize::try_from(seq).unwrap();
            assert_eq!(headers[at].seq, seq);
            assert_eq!(store.read(seq).unwrap(), request(token), "round {round}");
        }
    }
    assert!(acknowledged.len() >= ROUNDS);
}

/// A record that follows from a number.
fn request(token: u64) -> DeskRecord {
    let mut request_id = [7; 16];
    request_id[..8].copy_from_slice(&token.to_be_bytes());
    let private = |word: &str| Private::Open(format!("{word} {token}").repeat(40).into_bytes());
    DeskRecord::Accepted {
        accepted: Accepted {
            request_id,
            account: 1,
            key: format!("key-{token}"),
            attempt: 1,
            txid: TransactionId([7; 32]),
            accepted_at_ms: token,
        },
        transaction: token.to_be_bytes().repeat(60),
        draft: private("draft"),
        document: private("document"),
    }
}

/// The child: never returns by itself.
fn append_until_killed(dir: &Path) {
    let (store, headers) = DeskStore::open(dir, &MASTER).unwrap();
    let store = std::sync::Arc::new(store);
    let first = u64::try_from(headers.len()).unwrap() * 1_000_000;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let lanes = (0..LANES).map(|lane| {
        let store = std::sync::Arc::clone(&store);
        runtime.spawn(async move {
            for token in (first + lane..).step_by(usize::try_from(LANES).unwrap()) {
                let seq = store.append(request(token)).await.unwrap();
                report(seq, token);
                store
                    .append_unsynced(DeskRecord::Resolved(Resolved {
                        request_id: [7; 16],
                        resolution: Resolution::Failed { code: 1 },
                        at_ms: token,
                    }))
                    .unwrap();
            }
        })
    });
    let lanes: Vec<_> = lanes.collect();
    for lane in lanes {
        runtime.block_on(lane).unwrap();
    }
}

fn report(seq: u64, token: u64) {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "acknowledged {seq} {token}").unwrap();
    stdout.flush().unwrap();
}

fn start_child(dir: &Path) -> (Child, mpsc::Receiver<(u64, u64)>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", TEST, "--nocapture"])
        .env(CHILD, dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || forward(stdout, &sender));
    (child, lines)
}

/// Hands on whole lines of acknowledgements; a line cut by the kill is none.
fn forward(stdout: ChildStdout, sender: &mpsc::Sender<(u64, u64)>) {
    let mut reader = BufReader::new(stdout);
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
        if let Some(rest) = line.strip_suffix('\n')
            && let Some((_, numbers)) = rest.split_once("acknowledged ")
            && let Some((seq, token)) = numbers.split_once(' ')
            && let (Ok(seq), Ok(token)) = (seq.parse(), token.parse())
            && sender.send((seq, token)).is_err()
        {
            return;
        }
        line.clear();
    }
}
