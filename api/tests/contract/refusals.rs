//! Goal: whoever refuses, the reply is a problem with a code; hostile bodies cost little.

use piao_api::limits::HTTP_BODY_BYTES_MAX;
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::harness::{DEADLINE, Server, draft, draft_of, pair, problem, refusal};
use crate::memory::Options;

const CHECK: &str = "/v1/invoices/check";

#[tokio::test]
async fn unknown_addresses_and_methods_are_problems() {
    let server = Server::dev().await;
    for path in [
        "/v1/nothing",
        "/v1",
        "/v1/invoices/1/2/3",
        "/nothing",
        "/errors/E0000/x",
    ] {
        assert_eq!(
            refusal(server.get(path).await).await,
            pair(404, "E2601"),
            "{path}"
        );
    }
    let reply = server
        .call(Method::DELETE, "/v1/invoices")
        .send()
        .await
        .unwrap();
    let allowed = reply.headers()["allow"].to_str().unwrap();
    assert!(
        allowed.contains("GET") && allowed.contains("POST"),
        "{allowed}"
    );
    assert_eq!(refusal(reply).await, pair(405, "E2602"));
    let reply = server.call(Method::POST, "/livez").send().await.unwrap();
    assert_eq!(refusal(reply).await, pair(405, "E2602"));
}

#[tokio::test]
async fn bodies_of_another_kind_are_refused_unread() {
    let server = Server::dev().await;
    for media_type in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let call = server
            .call(Method::POST, CHECK)
            .header("content-type", media_type);
        let reply = call.body(draft().to_string()).send().await.unwrap();
        assert_eq!(refusal(reply).await, pair(415, "E2603"), "{media_type}");
    }
    let packed = server
        .call(Method::POST, CHECK)
        .header("content-type", "application/json")
        .header("content-encoding", "gzip")
        .body(vec![0x1f, 0x8b]);
    assert_eq!(
        refusal(packed.send().await.unwrap()).await,
        pair(415, "E2603")
    );
    let raw = server.call(Method::POST, "/v1/transactions");
    let raw = raw
        .header("content-type", "application/json")
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(refusal(raw).await, pair(415, "E2603"));
}

#[tokio::test]
async fn large_bodies_are_refused_announced_or_not() {
    let server = Server::dev().await;
    let large = format!("{{\"remark\":\"{}\"}}", "x".repeat(256 * 1024));
    assert_eq!(
        refusal(server.post(CHECK, "k", large.clone()).await).await,
        pair(413, "E1112")
    );
    let reply = chunked(&server, CHECK, "application/json", large.as_bytes()).await;
    assert!(
        reply.starts_with("HTTP/1.1 413 ") && reply.contains("E1112"),
        "{reply}"
    );
    let huge = server
        .post(CHECK, "k", " ".repeat(HTTP_BODY_BYTES_MAX * 4))
        .await;
    assert_eq!(refusal(huge).await, pair(413, "E1112"));
    let transaction = server
        .call(Method::POST, "/v1/transactions")
        .header("content-type", "application/vnd.piao.transaction")
        .body(vec![0; 32 * 1024 + 1]);
    assert_eq!(
        refusal(transaction.send().await.unwrap()).await,
        pair(413, "E1112")
    );
}

/// Posts a body whose length is not announced, and reads the reply.
async fn chunked(server: &Server, path: &str, media_type: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port))
        .await
        .unwrap();
    let host = format!("127.0.0.1:{}", server.port);
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {media_type}\r\n\
         Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    for part in body.chunks(8192) {
        stream
            .write_all(format!("{:x}\r\n", part.len()).as_bytes())
            .await
            .unwrap();
        stream.write_all(part).await.unwrap();
        stream.write_all(b"\r\n").await.unwrap();
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    let mut reply = Vec::new();
    timeout(DEADLINE, stream.read_to_end(&mut reply))
        .await
        .unwrap()
        .unwrap();
    String::from_utf8_lossy(&reply).into_owned()
}

#[tokio::test]
async fn broken_deep_and_ambiguous_bodies_are_refused() {
    let server = Server::dev().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let just_too_deep = format!("{{\"a\":{}{}}}", "[".repeat(32), "]".repeat(32));
    let bodies = [
        "",
        "{",
        "[]",
        "null",
        "{} {}",
        "\u{feff}{}",
        &deep,
        &just_too_deep,
        r#"{"kind":"general","kind":"special"}"#,
        r#"{"remark":"\ud800"}"#,
    ];
    for body in bodies {
        let reply = server.post(CHECK, "k", body).await;
        assert_eq!(refusal(reply).await, pair(400, "E1111"), "{body:.40}");
    }
    let duplicate = server
        .post(CHECK, "k", r#"{"buyer":{"name":"a","name":"b"}}"#)
        .await;
    let duplicate = problem(duplicate).await;
    assert_eq!(
        duplicate.failures[0].pointer.as_deref(),
        Some("/buyer/name")
    );
}

#[tokio::test]
async fn every_unknown_member_is_listed_at_once() {
    let server = Server::dev().await;
    let mut draft = draft();
    draft["colour"] = "red".into();
    draft["buyer"]["nam"] = "x".into();
    draft["lines"][0]["ammount"] = "1.00".into();
    let problem = problem(server.post("/v1/invoices", "k", draft.to_string()).await).await;
    assert_eq!((problem.status, problem.code.as_str()), (422, "E1104"));
    let pointers: Vec<_> = problem
        .failures
        .iter()
        .map(|f| f.pointer.as_deref().unwrap())
        .collect();
    assert_eq!(pointers, ["/buyer/nam", "/colour", "/lines/0/ammount"]);
}

#[tokio::test]
async fn a_hostile_body_gets_a_bounded_reply() {
    let server = Server::dev().await;
    let members: Vec<_> = (0..20_000).map(|index| format!("\"m{index}\":0")).collect();
    let reply = server
        .post("/v1/invoices", "k", format!("{{{}}}", members.join(",")))
        .await;
    let problem = problem(reply).await;
    assert!(problem.failures.len() <= 256, "{}", problem.failures.len());
}

#[tokio::test]
async fn parameters_are_read_strictly() {
    let server = Server::dev().await;
    let paths = [
        "/v1/blocks?limit=0",
        "/v1/blocks?limit=201",
        "/v1/blocks?limit=-1",
        "/v1/blocks?before=x",
        "/v1/blocks?limit=1&limit=1",
        "/v1/chain?x=1",
        "/v1/blocks/-1",
        "/v1/blocks/1x",
        "/v1/account?account=x",
        "/v1/requests/a%20b",
        "/explorer?before=x",
        "/v1/outcomes/",
        "/v1/invoices/26310000000000000001/proof?show=",
    ];
    let expected = |path: &str| match path {
        "/v1/outcomes/" => pair(404, "E2601"),
        path if path.ends_with("show=") => pair(404, "E1901"),
        _ => pair(400, "E2606"),
    };
    for path in paths {
        assert_eq!(
            refusal(server.get(path).await).await,
            expected(path),
            "{path}"
        );
    }
    let timeout = server
        .post("/v1/invoices?timeout=31", "k", draft().to_string())
        .await;
    assert_eq!(refusal(timeout).await, pair(400, "E2606"));
    let wait = server
        .post("/v1/invoices?wait=maybe", "k", draft().to_string())
        .await;
    assert_eq!(refusal(wait).await, pair(400, "E2606"));
    assert_eq!(
        refusal(server.get("/v1/outcomes/unheard").await).await,
        pair(404, "E2605")
    );
}

#[tokio::test]
async fn a_refusal_speaks_the_language_asked_for_and_carries_both() {
    let server = Server::start(Options {
        synced: false,
        ..Options::default()
    })
    .await;
    let in_chinese = server.post("/v1/invoices", "k", draft_of("A")).await;
    assert_eq!(
        in_chinese.headers()["retry-after"],
        "3",
        "2.5 s are rounded up"
    );
    assert_eq!(in_chinese.headers()["content-language"], "zh-CN");
    let in_chinese = problem(in_chinese).await;
    assert_eq!(
        (in_chinese.status, in_chinese.code.as_str()),
        (503, "E2102")
    );
    let call = server
        .call(Method::POST, "/v1/invoices")
        .header("idempotency-key", "k");
    let call = call
        .header("content-type", "application/json")
        .header("accept-language", "en-GB");
    let in_english = problem(call.body(draft_of("A")).send().await.unwrap()).await;
    assert_eq!(in_english.title, in_english.failures[0].en);
    assert_eq!(in_chinese.title, in_chinese.failures[0].zh);
    assert_eq!(in_chinese.instance, "/v1/invoices");
}

#[tokio::test]
async fn every_reply_has_an_id_and_a_sane_one_is_taken_over() {
    let server = Server::dev().await;
    let asked = server
        .call(Method::GET, "/v1/chain")
        .header("x-request-id", "till-7-000123");
    assert_eq!(
        asked.send().await.unwrap().headers()["x-request-id"],
        "till-7-000123"
    );
    for path in ["/v1/chain", "/", "/livez", "/nothing", "/style.css"] {
        let reply = server
            .call(Method::GET, path)
            .header("x-request-id", "<b>")
            .send();
        let reply = reply.await.unwrap();
        let id = reply.headers()["x-request-id"].to_str().unwrap();
        assert!(
            id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()),
            "{path}: {id}"
        );
        assert_eq!(reply.headers()["x-content-type-options"], "nosniff");
    }
}
