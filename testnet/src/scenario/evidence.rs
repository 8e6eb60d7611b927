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

/// Ids of validators against whom a block holds evidence; `None` when this node's version shows none, or does not answer.
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
    let listed = body.get("misbehaviour")?.as_array()?.iter();
    // What a node has seen and no block holds yet has no such height.
    let on_chain = listed.filter(|one| one.get("reported_at").is_some_and(Value::is_u64));
    let validators = on_chain.filter_map(|one| one.get("validator")?.as_str());
    Some(validators.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_found_where_there_is_one() {
        let head = "HTTP/1.1 200 OK\r\nx: y\r\n\r\n";
        assert_eq!(listed(&format!("{head}{{\"validators\":[]}}")), None);
        let with = |reported_at: &str| {
            let one = format!("{{\"validator\":\"ab\",\"reported_at\":{reported_at}}}");
            listed(&format!("{head}{{\"misbehaviour\":[{one}]}}"))
        };
        assert_eq!(with("7").unwrap(), "ab");
        assert_eq!(with("null").unwrap(), "", "seen, and in no block yet");
        assert_eq!(listed("nonsense"), None);
    }
}
