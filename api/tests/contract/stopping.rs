//! Goal: stopping ends cleanly, and a broken or slow peer harms nobody else.

use piao_api::client::{Client, ClientError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::harness::{DEADLINE, Server};

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
