//! Goal: slow, idle, greedy and too many peers meet their bounds, and harm nobody else. Method:
//! small bounds on a real loopback connection; a deadline on every wait.

use std::time::Duration;

use piao_api::server::Bounds;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::harness::{DEADLINE, Server, draft, draft_of, pair, problem, refusal};
use crate::memory::{KEY_BOTH, KEY_SECOND, Network, Options};

const SHORT: Duration = Duration::from_millis(200);
const CHECK: &str = "/v1/invoices/check";

async fn within(bounds: Bounds) -> Server {
    let options = Options {
        bounds,
        ..Options::default()
    };
    Server::start(options).await
}

async fn connect(server: &Server, bytes: impl AsRef<[u8]>) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port))
        .await
        .unwrap();
    stream.write_all(bytes.as_ref()).await.unwrap();
    stream
}

/// Everything until the server closes.
async fn rest(mut stream: TcpStream) -> String {
    let mut reply = Vec::new();
    let read = timeout(DEADLINE, stream.read_to_end(&mut reply));
    // A connection that is reset has ended too.
    drop(read.await.expect("the server closes"));
    String::from_utf8_lossy(&reply).into_owned()
}

/// The head of a check with so many bytes of body announced.
fn check_head(server: &Server, length: usize) -> String {
    format!(
        "POST {CHECK} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n",
        server.port
    )
}

#[tokio::test]
async fn half_a_head_is_refused_in_time_with_a_problem() {
    let server = within(Bounds {
        head_timeout: SHORT,
        ..Bounds::default()
    })
    .await;
    let stream = connect(&server, "GET /livez HTTP/1.1\r\nHost: x\r\n").await;
    let reply = rest(stream).await;
    assert!(reply.starts_with("HTTP/1.1 408 "), "{reply}");
    assert!(reply.contains("application/problem+json") && reply.contains("E2604"));
    assert!(reply.contains("x-request-id: "), "{reply}");
}

#[tokio::test]
async fn an_idle_connection_is_closed_in_time_without_a_word() {
    let server = within(Bounds {
        idle_timeout: SHORT,
        ..Bounds::default()
    })
    .await;
    assert_eq!(rest(connect(&server, "").await).await, "");
    // After a reply it is idle again.
    let asked = connect(&server, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let reply = rest(asked).await;
    assert!(reply.ends_with("\r\n\r\nok\n"), "{reply}");
}

#[tokio::test]
async fn half_a_body_is_refused_in_time() {
    let server = within(Bounds {
        body_timeout: SHORT,
        ..Bounds::default()
    })
    .await;
    let head = check_head(&server, 100);
    let reply = rest(connect(&server, head + "{").await).await;
    assert!(reply.starts_with("HTTP/1.1 408 "), "{reply}");
    assert!(reply.contains("E2604"), "{reply}");
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_ended() {
    let server = Server::start(Options {
        network: Network::Gated,
        bounds: Bounds {
            request_timeout: SHORT,
            ..Bounds::default()
        },
        ..Options::default()
    })
    .await;
    let late = server.post("/v1/invoices", "k1", draft_of("A-1")).await;
    assert_eq!(refusal(late).await, pair(408, "E2604"));
}

#[tokio::test]
async fn a_peer_that_reads_no_reply_is_given_up() {
    let server = within(Bounds {
        connections: 1,
        stall_timeout: SHORT,
        ..Bounds::default()
    })
    .await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let address = format!("127.0.0.1:{}", server.port).parse().unwrap();
    let mut deaf = socket.connect(address).await.unwrap();
    // More replies than the system's buffers hold; the server stops reading long before the end.
    let asked = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(400);
    drop(timeout(SHORT, deaf.write_all(asked.as_bytes())).await);
    // Its seat is the only one: another is served only once it has been taken away.
    let served = async {
        loop {
            let asked = "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            let reply = rest(connect(&server, asked).await).await;
            if reply.starts_with("HTTP/1.1 200 ") {
                return;
            }
            assert!(reply.is_empty() || reply.contains("E2607"), "{reply}");
        }
    };
    timeout(DEADLINE, served).await.unwrap();
}

#[tokio::test]
async fn idle_connections_make_room_for_whoever_calls() {
    let server = within(Bounds {
        connections: 8,
        ..Bounds::default()
    })
    .await;
    let mut idle = Vec::new();
    for round in 0..10 {
        for _socket in 0..20 {
            idle.push(connect(&server, "GET / HT").await);
        }
        let reply = server.get("/livez").await;
        assert_eq!(reply.status(), 200, "round {round}");
    }
}

#[tokio::test]
async fn slow_bodies_hold_no_place() {
    let server = within(Bounds {
        requests_in_flight: 1,
        requests_per_caller: 1,
        ..Bounds::default()
    })
    .await;
    let mut slow = Vec::new();
    for _sender in 0..5 {
        slow.push(connect(&server, check_head(&server, 100) + "{").await);
    }
    let checked = server.post(CHECK, "k", draft().to_string()).await;
    assert_eq!(checked.status(), 200);
    assert_eq!(server.get("/v1/chain").await.status(), 200);
}

#[tokio::test]
async fn bodies_share_a_bounded_room() {
    let server = within(Bounds {
        body_bytes_in_flight: 8 * 1024,
        ..Bounds::default()
    })
    .await;
    let half = check_head(&server, 12_000) + &" ".repeat(6_000);
    let slow = connect(&server, half).await;
    let full = async {
        loop {
            let large = " ".repeat(6_000);
            let reply = server.post(CHECK, "k", large).await;
            match refusal(reply).await {
                (503, code) => return assert_eq!(code, "E2607"),
                // The half body has not all come yet.
                other => assert_eq!(other, pair(400, "E1111")),
            }
        }
    };
    timeout(DEADLINE, full).await.unwrap();
    drop(slow);
    let room = async {
        while server.post(CHECK, "k", draft().to_string()).await.status() != 200 {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, room).await.unwrap();
}

#[tokio::test]
async fn large_replies_share_a_bounded_room() {
    let server = within(Bounds {
        reply_bytes_in_flight: 1024,
        ..Bounds::default()
    })
    .await;
    let refused = problem(server.get("/openapi.json").await).await;
    assert_eq!((refused.status, refused.code.as_str()), (503, "E2607"));
    assert_eq!(server.get("/v1/chain").await.status(), 200);
}

fn rated(server: &Server, key: Option<&str>, path: &str) -> reqwest::RequestBuilder {
    let call = server.call(reqwest::Method::GET, path);
    match key {
        Some(key) => call.header("authorization", format!("Bearer {key}")),
        None => call,
    }
}

#[tokio::test]
async fn a_caller_over_its_rate_is_told_to_wait_and_nobody_else_is() {
    let server = within(Bounds {
        calls_per_second: 1,
        ..Bounds::default()
    })
    .await;
    let call = async |key| rated(&server, key, "/v1/chain").send().await.unwrap();
    for left in [1, 0] {
        let reply = call(None).await;
        assert_eq!(reply.status(), 200);
        let header = |name: &str| reply.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("ratelimit-policy"), "\"calls\";q=2;w=2");
        let expected = format!("\"calls\";r={left};t=");
        assert!(header("ratelimit").starts_with(&expected), "{left}");
    }
    let refused = call(None).await;
    assert_eq!(
        refused.headers()["ratelimit-policy"],
        "\"calls\";q=2;w=2",
        "a refusal says it too"
    );
    assert!(refused.headers().contains_key("ratelimit"));
    assert_eq!(refusal(refused).await, pair(429, "E1506"));
    // A key that is none has no rate of its own.
    assert_eq!(refusal(call(Some("sk_guess")).await).await.0, 429);
    for key in [KEY_BOTH, KEY_SECOND] {
        assert_eq!(call(Some(key)).await.status(), 200, "{key}");
    }
    for path in ["/livez", "/readyz"] {
        assert_eq!(server.get(path).await.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn a_caller_cannot_take_every_place() {
    let server = Server::start(Options {
        network: Network::Gated,
        bounds: Bounds {
            requests_in_flight: 2,
            requests_per_caller: 1,
            ..Bounds::default()
        },
        ..Options::default()
    })
    .await;
    let waiting = server.post("/v1/invoices", "k1", draft_of("A-1"));
    let meanwhile = async {
        timeout(DEADLINE, server.backend.arrived.notified())
            .await
            .unwrap();
        let refused = server.get("/v1/chain").await;
        assert_eq!(refusal(refused).await, pair(429, "E1506"));
        let other = rated(&server, Some(KEY_BOTH), "/v1/chain").send();
        assert_eq!(other.await.unwrap().status(), 200);
        server.backend.gate.add_permits(1);
    };
    let (reply, ()) = tokio::join!(waiting, meanwhile);
    assert_eq!(reply.status(), 201);
    assert_eq!(server.get("/v1/chain").await.status(), 200);
}

#[tokio::test]
async fn raw_transactions_have_a_rate_of_their_own() {
    let server = within(Bounds {
        transactions_per_second: 1,
        ..Bounds::default()
    })
    .await;
    let mut statuses = Vec::new();
    for _call in 0..3 {
        let call = server
            .call(reqwest::Method::POST, "/v1/transactions")
            .header("content-type", "application/vnd.piao.transaction")
            .body(vec![1]);
        statuses.push(call.send().await.unwrap().status().as_u16());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 1);
    assert_eq!(server.get("/v1/chain").await.status(), 200);
}

#[tokio::test]
async fn what_is_refused_before_it_is_a_call_is_a_problem_too() {
    let server = Server::dev().await;
    let many: String = (0..100).map(|n| format!("X-{n}: 1\r\n")).collect();
    let long = "a".repeat(9_000);
    for (bytes, status, code) in [
        ("nonsense\r\n\r\n".to_owned(), 400, "E2608"),
        ("GET /livez HTTP/1.1\r\n\r\n".to_owned(), 400, "E2608"),
        (
            format!("GET /livez HTTP/1.1\r\nHost: x\r\n{many}\r\n"),
            431,
            "E2609",
        ),
        (
            format!("GET /?{long} HTTP/1.1\r\nHost: x\r\n\r\n"),
            414,
            "E2610",
        ),
    ] {
        // A good call first: the refusal must follow its reply on the same connection.
        let bytes = format!("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n{bytes}");
        let mut stream = connect(&server, bytes).await;
        stream.shutdown().await.unwrap();
        let reply = rest(stream).await;
        assert!(reply.starts_with("HTTP/1.1 200 "), "{reply}");
        assert!(reply.contains(&format!("HTTP/1.1 {status} ")), "{reply}");
        assert!(reply.contains(&format!("\"code\":\"{code}\"")), "{reply}");
    }
}
