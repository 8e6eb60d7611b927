//! Goal: floods of connections and of calls are refused in good order while a healthy client is
//! served; descriptors for the disk stay free. Counts and statuses, and one generous deadline; the
//! long run with latencies is `piao-testnet flood`.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use piao_api::client::{Client, IssueOptions};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::hostile::assert_unharmed;
use crate::process::{Node, command, draft, final_invoice, key};
use crate::wire::{connect, get, post};

/// `piaod dev` with so many descriptors.
fn node_with_descriptors(count: usize) -> Node {
    Node::fresh_as(|data| {
        let inner = command(data);
        let mut outer = Command::new("sh");
        outer
            .args(["-c", &format!("ulimit -n {count}; exec \"$0\" \"$@\"")])
            .arg(inner.get_program())
            .args(inner.get_args())
            .stdin(Stdio::null());
        outer
    })
}

/// This process may open as many files as the system lets it.
fn raise_descriptors(wanted: u64) {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, raised).unwrap();
    let most = limit.maximum.unwrap_or(u64::MAX);
    assert!(
        most >= wanted,
        "this test needs {wanted} descriptors, the limit is {most}"
    );
}

/// One after the other, each on a connection of its own, so many checks and two invoices.
async fn assert_healthy(node: &Node, round: &str) {
    let address = node.address();
    let began = Instant::now();
    for _call in 0..20 {
        let checked = post(&address, "/v1/invoices/check", "", &draft(|_| ()));
        assert_eq!(checked.status(), 200, "{round}: {}", checked.text);
        assert_eq!(get(&address, "/livez").status(), 200, "{round}");
    }
    for n in 0..2 {
        let key = key(&format!("{round}-{n}"));
        let client = Client::new(node.client.base_url(), None).unwrap();
        let options = IssueOptions::default();
        let issued = client.issue(draft(|_| ()), &key, &options).await;
        final_invoice(issued.unwrap());
    }
    let took = began.elapsed();
    assert!(took < Duration::from_secs(20), "{round}: {took:?}");
}

/// Sockets that do what holds up a careless server: nothing, half a head, half a body, or asking
/// and not reading.
fn slow_sockets(address: &str, count: usize) -> Vec<TcpStream> {
    let half_body = format!(
        "POST /v1/invoices/check HTTP/1.1\r\nHost: {address}\r\n\
         Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"
    );
    let deaf = format!("GET /openapi.json HTTP/1.1\r\nHost: {address}\r\n\r\n").repeat(20);
    let openings = ["", "GET / HTTP/1.1\r\nHo", &half_body, &deaf];
    let sockets = (0..count).map(|n| {
        let mut stream = connect(address);
        // Whoever is in the way is closed at once, even before the first byte.
        drop(stream.write_all(openings[n % openings.len()].as_bytes()));
        stream
    });
    sockets.collect()
}

#[tokio::test]
async fn two_thousand_slow_sockets_keep_nobody_out() {
    raise_descriptors(3_000);
    // Fewer connections than sockets: the idlest have to go.
    let node = node_with_descriptors(1_500);
    let idle: Vec<_> = (0..2_000).map(|_| connect(&node.address())).collect();
    assert_healthy(&node, "idle").await;
    drop(idle);
    let slow = slow_sockets(&node.address(), 2_000);
    assert_healthy(&node, "slow").await;
    assert_unharmed(&node);
    drop(slow);
}

#[tokio::test]
async fn with_sixty_four_descriptors_the_node_serves_does_not_spin_and_goes_on_writing() {
    let node = node_with_descriptors(64);
    let mut flood = slow_sockets(&node.address(), 200);
    assert_healthy(&node, "few").await;
    flood.extend(slow_sockets(&node.address(), 200));
    // What it works in a second in which nobody asks anything; a second of spinning is 100 ticks.
    let before = node.ticks();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let worked = node.ticks() - before;
    assert!(worked < 50, "{worked} ticks");
    drop(flood);
    let began = Instant::now();
    assert_healthy(&node, "after").await;
    assert!(began.elapsed() < Duration::from_secs(20));
    assert_unharmed(&node);
}

#[test]
fn under_ten_times_its_rate_a_caller_is_told_to_wait_and_another_is_served() {
    let node = Node::fresh_as(|data| {
        let mut command = command(data);
        command.env("PIAO_CALLS_PER_SECOND_MAX", "50");
        command
    });
    let key_text = std::fs::read_to_string(node.data.join("api-key")).unwrap();
    let healthy = Client::new(node.client.base_url(), Some(key_text.trim().to_owned())).unwrap();
    let address = node.address();
    let (seen, over) = (Mutex::new(BTreeMap::new()), AtomicBool::new(false));
    let counters: Vec<u64> = std::thread::scope(|scope| {
        for _flooder in 0..16 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    let reply = post(&address, "/v1/invoices/check", "", &draft(|_| ()));
                    if reply.status() != 200 {
                        let told = reply.header("retry-after").is_some()
                            && reply.header("ratelimit").is_some();
                        assert!(told, "{}", reply.text);
                    }
                    *seen.lock().unwrap().entry(reply.status()).or_insert(0_u64) += 1;
                }
            });
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let counters = runtime.block_on(async {
            let mut counters = Vec::new();
            for n in 0..30 {
                let options = IssueOptions::default();
                let key = key(&format!("h{n}"));
                let issued = healthy.issue(draft(|_| ()), &key, &options).await;
                counters.push(final_invoice(issued.unwrap()).document.counter);
            }
            // Until the flood has been refused many times, however slow the machine.
            let deadline = Instant::now() + Duration::from_secs(60);
            while seen
                .lock()
                .unwrap()
                .get(&429)
                .is_none_or(|count| *count < 64)
            {
                assert!(Instant::now() < deadline, "{:?}", seen.lock().unwrap());
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            healthy.chain().await.unwrap();
            counters
        });
        over.store(true, Ordering::Relaxed);
        counters
    });
    assert_eq!(counters, (1..=30).collect::<Vec<u64>>());
    let seen = seen.into_inner().unwrap();
    assert!(
        seen.keys().all(|status| matches!(status, 200 | 429)),
        "{seen:?}"
    );
    assert!(seen[&200] > 0);
    assert_unharmed(&node);
}
