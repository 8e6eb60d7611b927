//! Durability: what was answered with 201 is there after a kill, and the state can be made anew.

use piao_api::client::IssueOptions;
use piao_chain::proof::Finding;

use crate::process::{Node, draft, final_invoice, judge, key};

#[tokio::test]
async fn an_invoice_answered_with_201_survives_kills_and_the_loss_of_the_state_folder() {
    let mut node = Node::fresh();
    let mut numbers = Vec::new();
    for round in 0..4 {
        let key = key(&format!("round {round}").replace(' ', "-"));
        let issued = node
            .client
            .issue(draft(|_| ()), &key, &IssueOptions::default())
            .await;
        let invoice = final_invoice(issued.unwrap());
        node.kill();
        if round == 2 {
            std::fs::remove_dir_all(node.data.join("state")).unwrap();
        }
        node.restart();
        numbers.push(invoice.document.number.clone());
        let root = node.trust_root().await;
        for number in &numbers {
            let shown = node.client.invoice(number).await.unwrap();
            assert_eq!(&shown.document.number, number);
            let verdict = judge(&node.proof(number).await, Some(&root));
            assert_eq!(verdict.verdict, Finding::InForce, "{:?}", verdict.reason);
        }
        let again = node
            .client
            .issue(draft(|_| ()), &key, &IssueOptions::default())
            .await;
        assert_eq!(final_invoice(again.unwrap()).document, invoice.document);
    }
    let account = node.client.account(Some(1)).await.unwrap();
    assert_eq!(
        (account.issued_count, account.fee_balance.as_str()),
        (4, "999.60")
    );
}

#[test]
fn a_node_told_to_stop_as_soon_as_it_is_ready_stops_in_order() {
    let mut node = Node::fresh();
    for _time in 0..4 {
        assert!(node.terminate().success());
        node.restart();
    }
}

#[tokio::test]
async fn reindex_makes_the_same_state_from_the_journal() {
    let mut node = Node::fresh();
    let issued = node
        .client
        .issue(draft(|_| ()), &key("a"), &IssueOptions::default())
        .await;
    final_invoice(issued.unwrap());
    let height = node.client.chain().await.unwrap().height;
    let before = node.client.block(height).await.unwrap().state_root;
    assert!(node.terminate().success());
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_piaod"));
    command.arg("reindex").arg("--data").arg(&node.data);
    let output = crate::process::run(command);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("1 invoices"), "{text}");
    node.restart();
    assert_eq!(node.client.block(height).await.unwrap().state_root, before);
}
