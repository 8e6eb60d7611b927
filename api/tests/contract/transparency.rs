//! Goal: the chain is a log that others' tools can follow.

use piao_api::client::IssueOptions;
use piao_chain::signature::SecretKey;
use piao_chain::transparency::{BlockInclusion, LogCheckpoint, Note, is_consistent};

use crate::harness::{Server, draft_of, key, refused};
use crate::memory::{LOG, Memory};

fn opened(note: &str) -> LogCheckpoint {
    let log = SecretKey::from_seed(&[3; 32]).public_key();
    LogCheckpoint::open(&Note::parse(note).unwrap(), LOG, log).unwrap()
}

#[tokio::test]
async fn an_earlier_checkpoint_is_a_beginning_of_a_later_one_and_holds_its_blocks() {
    let server = Server::dev().await;
    let client = server.client();
    let before = opened(&client.checkpoint().await.unwrap());
    for name in ["A-1", "A-2"] {
        let options = IssueOptions::default();
        let issued = client.issue(draft_of(name), &key(name), &options).await;
        issued.unwrap();
    }
    let after = opened(&client.checkpoint().await.unwrap());
    assert!(after.size > before.size);
    let shown = client.consistency(before.size, after.size).await.unwrap();
    let path: Vec<[u8; 32]> = shown
        .path
        .iter()
        .map(|digest| hex::decode(digest).unwrap().try_into().unwrap())
        .collect();
    let (from, to) = ((before.size, &before.root), (after.size, &after.root));
    assert!(is_consistent(from, to, &path));

    let text = client.tlog_proof(1).await.unwrap();
    let shown = BlockInclusion::parse(&text).unwrap();
    let log = SecretKey::from_seed(&[3; 32]).public_key();
    assert_eq!(shown.verify(&Memory::log_id(1), LOG, log), Ok(after));
}

#[tokio::test]
async fn what_the_log_does_not_hold_is_not_shown() {
    let server = Server::dev().await;
    let client = server.client();
    let size = opened(&client.checkpoint().await.unwrap()).size;
    for (from, to) in [(0, size), (1, size + 1), (size, 0)] {
        let (status, _code) = refused(client.consistency(from, to).await);
        assert_eq!(status, 404, "{from} to {to}");
    }
    assert_eq!(refused(client.tlog_proof(size).await).0, 404);
}
