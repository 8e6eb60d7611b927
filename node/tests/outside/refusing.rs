//! Refusing: every fault at once, and nothing charged.

use piao_api::client::IssueOptions;
use piao_api::wire::Failure;

use crate::process::{Node, command, draft, key, run};

/// A wrong check character, a wrong tax, and a rate that does not exist.
fn three_faults() -> String {
    draft(|draft| {
        draft["buyer"]["tax_id"] = "91420100MAXH4XGP0J".into();
        draft["lines"][0]["amount"] = "100.00".into();
        draft["lines"][0]["tax"] = "7.00".into();
        let mut second = draft["lines"][0].clone();
        second["rate"] = "0.07".into();
        second["tax"] = "7.00".into();
        draft["lines"].as_array_mut().unwrap().push(second);
    })
}

fn codes(failures: &[Failure]) -> Vec<&str> {
    failures
        .iter()
        .map(|failure| failure.code.as_str())
        .collect()
}

#[tokio::test]
async fn a_draft_with_three_faults_gets_one_answer_with_all_three() {
    let node = Node::fresh();
    let before = node.client.account(Some(1)).await.unwrap();
    let error = node
        .client
        .issue(three_faults(), &key("wrong"), &IssueOptions::default())
        .await
        .unwrap_err();
    let problem = error.problem().unwrap();
    assert_eq!(problem.status, 422);
    assert_eq!(codes(&problem.failures), ["E1006", "E1205", "E1301"]);
    for failure in &problem.failures {
        assert!(failure.pointer.is_some(), "{failure:?}");
        assert!(
            failure.got.is_some() && failure.expected.is_some(),
            "{failure:?}"
        );
        assert!(!failure.en.is_empty() && !failure.zh.is_empty());
        assert_eq!(failure.retry, "FIX");
    }
    let check = node.client.check(three_faults(), None).await.unwrap();
    assert!(!check.valid);
    assert_eq!(codes(&check.failures), ["E1006", "E1205", "E1301"]);
    let after = node.client.account(Some(1)).await.unwrap();
    assert_eq!(
        (after.fee_balance, after.issued_count),
        (before.fee_balance, 0)
    );
    // A refusal binds nothing: the corrected draft may use the same key.
    let corrected = node
        .client
        .issue(draft(|_| ()), &key("wrong"), &IssueOptions::default())
        .await;
    assert!(corrected.is_ok());
}

#[tokio::test]
async fn a_good_draft_checks_out_with_its_totals_and_fee() {
    let node = Node::fresh();
    let check = node.client.check(draft(|_| ()), None).await.unwrap();
    assert!(check.valid, "{:?}", check.failures);
    assert_eq!(
        (check.totals.unwrap().gross.as_str(), check.fee.as_str()),
        ("106.00", "0.10")
    );
}

#[tokio::test]
async fn a_raw_transaction_that_is_none_is_refused_by_its_code() {
    let node = Node::fresh();
    let error = node
        .client
        .submit(vec![1, 2, 3], &IssueOptions::default())
        .await
        .unwrap_err();
    assert_eq!(error.problem().unwrap().code, "E2208");
}

#[test]
fn a_taken_port_is_said_in_one_line() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(&folder.path().join("data"));
    command.args(["--listen", &address]);
    let output = run(command);
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains(&address), "{text}");
}

#[test]
fn a_data_directory_in_use_is_said_in_one_line() {
    let node = Node::fresh();
    let mut command = command(&node.data);
    command.args(["--listen", "127.0.0.1:0"]);
    let output = run(command);
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
}
