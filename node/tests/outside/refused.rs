//! A refusal that a block holds is provable, and is kept once.

use piao_api::client::{ClientError, IssueOptions, Issued};
use piao_api::wire::{RequestState, RequestView};
use piao_chain::proof::{Finding, Reason, RefusalVerdict, VerifyOptions, verify_refusal};

use crate::members::until;
use crate::process::{Node, draft, final_invoice, key, now};
use crate::red_letters::code;

/// Asks for an invoice whose refusal is to be kept.
async fn anchored(
    node: &Node,
    (order, name): (&str, &str),
    options: &IssueOptions,
) -> Result<Issued, ClientError> {
    let draft = draft(|draft| draft["order_ref"] = order.into());
    node.client.issue_anchored(draft, &key(name), options).await
}

/// The request of a key, once it failed.
async fn failed(node: &Node, name: &str, account: Option<u32>) -> RequestView {
    let ask = async || node.client.outcome(&key(name), account).await.unwrap();
    until(async || ask().await.state == RequestState::Failed).await;
    ask().await
}

async fn judged(node: &Node, id: &str) -> RefusalVerdict {
    let file = node.client.request_proof(id).await.unwrap();
    let options = VerifyOptions {
        now: now(),
        max_age_ms: None,
    };
    verify_refusal(&file, Some(&node.trust_root().await), &options)
}

/// Failed transactions in the blocks from a height on.
async fn refusals(node: &Node, from: u64) -> usize {
    let tip = node.client.chain().await.unwrap().height;
    let mut count = 0;
    for height in from..=tip {
        let block = node.client.block(height).await.unwrap();
        for one in &block.transactions {
            let outcome = node.client.transaction(&one.txid).await.unwrap();
            count += usize::from(outcome.code.is_some());
        }
    }
    count
}

#[tokio::test]
async fn a_refusal_that_a_block_holds_is_proved_kept_once_and_found_after_a_restart() {
    let mut node = Node::fresh();
    let options = IssueOptions::default();
    let before = node.client.chain().await.unwrap().height;
    let first = anchored(&node, ("POS-1", "first"), &options).await;
    final_invoice(first.unwrap());
    // Refused at the door as ever without the wish, and nothing is kept.
    let draft_again = draft(|draft| draft["order_ref"] = "POS-1".into());
    let plain = node
        .client
        .issue(draft_again, &key("plain"), &options)
        .await;
    assert_eq!(code(plain), "E1407");
    assert!(node.client.outcome(&key("plain"), None).await.is_err());

    let again = anchored(&node, ("POS-1", "again"), &options).await;
    assert_eq!(code(again), "E1407");
    let request = failed(&node, "again", None).await;
    assert_eq!(request.failures[0].code, "E1407");
    assert_eq!(request.attempts[0].code.as_deref(), Some("E1407"));
    let verdict = judged(&node, &request.id).await;
    assert_eq!(
        (verdict.verdict, verdict.reason),
        (Finding::NotInForce, Reason::Refused)
    );
    assert_eq!(verdict.code.as_deref(), Some("E1407"));
    assert_eq!(verdict.txid, request.attempts[0].txid);
    assert_eq!(
        (verdict.account, verdict.asked),
        (Some(1), Some("IssueInvoice"))
    );

    // The same again is the same answer, and no second transaction; another wish is another request.
    for _again in 0..2 {
        let same = anchored(&node, ("POS-1", "again"), &options).await;
        assert_eq!(code(same), "E1407");
    }
    let other = draft(|draft| draft["order_ref"] = "POS-1".into());
    let other = node.client.issue(other, &key("again"), &options).await;
    assert_eq!(code(other), "E1408");
    assert_eq!(refusals(&node, before + 1).await, 1);

    assert!(node.terminate().success());
    node.restart();
    let after = judged(&node, &request.id).await;
    assert_eq!(
        (after.reason, after.refused_at),
        (Reason::Refused, verdict.refused_at)
    );
    let kept = failed(&node, "again", None).await;
    assert_eq!(kept.attempts, request.attempts);
    let issued = node.client.outcome(&key("first"), None).await.unwrap();
    let none = node.client.request_proof(&issued.id).await.unwrap_err();
    assert_eq!(none.problem().unwrap().code, "E2605");
}

#[tokio::test]
async fn what_only_the_balance_refuses_is_kept_and_does_not_wait_for_a_top_up() {
    let node = Node::fresh();
    let options = IssueOptions {
        account: Some(3),
        accepted_is_enough: true,
        ..IssueOptions::default()
    };
    let asked = anchored(&node, ("POS-9", "poor"), &options).await;
    let Issued::Pending(_request) = asked.unwrap() else {
        panic!("issued without money")
    };
    let request = failed(&node, "poor", Some(3)).await;
    assert_eq!(request.failures[0].code, "E1601");
    let verdict = judged(&node, &request.id).await;
    assert_eq!(verdict.code.as_deref(), Some("E1601"));
    // Its figures show the shortage.
    assert!(!verdict.evidence.is_empty(), "{verdict:?}");
    // A fault of the draft itself can stand in no block, so it is refused and nothing is kept.
    let wrong = draft(|draft| draft["lines"][0]["rate"] = "0.07".into());
    let wrong = node
        .client
        .issue_anchored(wrong, &key("wrong"), &options)
        .await;
    assert!(wrong.is_err());
    assert!(node.client.outcome(&key("wrong"), Some(3)).await.is_err());
    // Its merchant may try again, and that is another attempt.
    let tried = node.client.retry(&request.id).await.unwrap();
    assert!(tried.attempts.len() > request.attempts.len(), "{tried:?}");
}
