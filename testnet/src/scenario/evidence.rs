//! What the chain says of validators that broke the rules: `misbehaviour` of `GET /v1/validators`.

use std::time::Duration;

use piao_api::client::Client;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long the node may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// Bytes of an answer, at most.
const ANSWER_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The list as text; `None` when this node's version shows none, or does not answer.
pub(crate) async fn on_chain(client: &Client) -> Option<String> {
    let address = client.base_url().trim_start_matches("http://");
    let answer = timeout(ANSWER_WITHIN, get(address.trim_end_matches('/'))).await;
    listed(&answer.ok()?.ok()?)
}

async fn get(address: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request =
        format!("GET /v1/validators HTTP/1.0\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream
        .take(ANSWER_BYTES_MAX)
        .read_to_string(&mut answer)
        .await?;
    Ok(answer)
}

fn listed(answer: &str) -> Option<String> {
    let (_head, body) = answer.split_once("\r\n\r\n")?;
    let body: Value = serde_json::from_str(body).ok()?;
    Some(body.get("misbehaviour")?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_found_where_there_is_one() {
        let head = "HTTP/1.1 200 OK\r\nx: y\r\n\r\n";
        assert_eq!(listed(&format!("{head}{{\"validators\":[]}}")), None);
        let with = format!("{head}{{\"misbehaviour\":[{{\"validator\":\"ab\"}}]}}");
        assert!(listed(&with).unwrap().contains("ab"));
        assert_eq!(listed("nonsense"), None);
    }
}
