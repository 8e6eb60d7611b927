//! Goal: stopping ends cleanly, and a broken or slow peer harms nobody else.

use piao_api::client::{Client, ClientError, IssueOptions, Issued};
use piao_api::server::Bounds;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::harness::{DEADLINE, Server, draft_of, key, pair, refusal};
use crate::memory::{Network, Options};

/// A server on which issuing waits for the test, and takes one request at a time.
async fn gated() -> Server {
    let bounds = Bounds {
        requests_in_flight: 1,
        ..Bounds::default()
    };
    Server::start(Options {
        network: Network::Gated,
        bounds,
        ..Options::default()
    })
    .await
}

#[tokio::test]
async fn a_busy_server_says_so_at_once_and_still_tells_its_health() {
    let server = gated().await;
    let waiting = server.post("/v1/invoices", "k1", draft_of("A-1"));
    let meanwhile = async {
        timeout(DEADLINE, server.backend.arrived.notified())
            .await
            .unwrap();
        assert_eq!(
            refusal(server.get("/v1/chain").await).await,
            pair(503, "E2607")
        );
        assert_eq!(server.get("/livez").await.status(), 200);
        server.backend.gate.add_permits(1);
    };
    let (reply, ()) = tokio::join!(waiting, meanwhile);
    assert_eq!(reply.status(), 201);
    assert_eq!(server.get("/v1/chain").await.status(), 200);
}

#[tokio::test]
async fn stopping_lets_a_running_request_end() {
    let mut server = gated().await;
    let url = server.url.clone();
    let waiting = tokio::spawn(async move {
        let client = Client::new(&url, None).unwrap();
        client
            .issue(draft_of("A-1"), &key("k1"), &IssueOptions::default())
            .await
    });
    timeout(DEADLINE, server.backend.arrived.notified())
        .await
        .unwrap();
    server.stop();
    server.backend.gate.add_permits(1);
    let issued = timeout(DEADLINE, waiting).await.unwrap().unwrap();
    assert!(matches!(issued, Ok(Issued::Final { .. })), "{issued:?}");
    timeout(DEADLINE, &mut server.task)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn a_caller_who_hangs_up_cancels_nothing() {
    let server = gated().await;
    let body = draft_of("A-1");
    let mut stream = TcpStream::connect(("127.0.0.1", server.port))
        .await
        .unwrap();
    let head = format!(
        "POST /v1/invoices HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nIdempotency-Key: k1\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        server.port,
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    timeout(DEADLINE, server.backend.arrived.notified())
        .await
        .unwrap();
    drop(stream);
    // The place is free again only once the server has noticed and dropped the handler.
    let noticed = async {
        while server.get("/v1/chain").await.status() != 200 {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, noticed).await.unwrap();
    assert_eq!(server.backend.kept(), 0);
    server.backend.gate.add_permits(1);
    let done = async {
        while server.backend.kept() == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, done).await.unwrap();
}

#[tokio::test]
async fn a_stopped_server_ends_and_refuses_connections() {
    let mut server = Server::dev().await;
    let client = Client::new(&server.url, None).unwrap();
    client.chain().await.unwrap();
    server.stop();
    timeout(DEADLINE, &mut server.task)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    match client.chain().await {
        Err(ClientError::Unreachable(_)) => {}
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn half_a_request_does_not_keep_others_waiting() {
    let server = Server::dev().await;
    let mut half = TcpStream::connect(("127.0.0.1", server.port))
        .await
        .unwrap();
    half.write_all(b"POST /v1/invoices HTTP/1.1\r\nHost: x\r\nContent-Le")
        .await
        .unwrap();
    assert_eq!(server.get("/livez").await.status(), 200);
}

#[tokio::test]
async fn too_many_headers_are_refused() {
    let server = Server::dev().await;
    let mut stream = TcpStream::connect(("127.0.0.1", server.port))
        .await
        .unwrap();
    let mut head = String::from("GET /livez HTTP/1.1\r\nHost: x\r\n");
    for index in 0..100 {
        head.push_str(&format!("X-{index}: 1\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    timeout(DEADLINE, stream.read_to_end(&mut reply))
        .await
        .unwrap()
        .unwrap();
    let reply = String::from_utf8_lossy(&reply);
    assert!(reply.starts_with("HTTP/1.1 431"), "{reply}");
}

#[tokio::test]
async fn an_unusable_address_or_key_is_told_before_anything_is_sent() {
    for address in ["", "127.0.0.1:8080", "ftp://127.0.0.1", "http://"] {
        let client = Client::new(address, None);
        assert!(matches!(client, Err(ClientError::Unusable(_))), "{address}");
    }
    let client = Client::new("http://127.0.0.1:1", Some("a\nb".to_owned()));
    assert!(matches!(client, Err(ClientError::Unusable(_))));
}
