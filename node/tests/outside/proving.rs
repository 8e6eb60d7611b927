//! Proving: a file that convinces without the node, and no changed file ever does.

use piao_api::client::IssueOptions;
use piao_chain::proof::{Finding, Reason};

use crate::process::{Node, draft, final_invoice, judge, key};

#[tokio::test]
async fn a_proof_verifies_with_the_node_stopped_and_no_change_of_it_does() {
    let mut node = Node::fresh();
    let issued = node
        .client
        .issue(draft(|_| ()), &key("a"), &IssueOptions::default())
        .await;
    let number = final_invoice(issued.unwrap()).document.number;
    let root = node.trust_root().await;
    let proof = node.proof(&number).await;
    assert!(node.terminate().success());

    let verdict = judge(&proof, Some(&root));
    assert_eq!(verdict.verdict, Finding::InForce);
    assert_eq!(verdict.number.as_ref(), Some(&number));
    assert_eq!(verdict.seller.unwrap().name, "武汉市江岸区示例餐饮店");
    let as_of = verdict.as_of.unwrap();
    assert!(as_of.height > 0 && as_of.time.starts_with("20"));
    assert_eq!(judge(&proof, None).reason, Reason::NoTrustRoot);

    // A hundred single-byte changes, spread over the whole file.
    for change in 0..100 {
        let at = change * proof.len() / 100;
        let mut changed = proof.clone();
        changed[at] ^= 1 << (change % 8);
        let finding = judge(&changed, Some(&root)).verdict;
        assert!(
            matches!(finding, Finding::False | Finding::Undecided),
            "byte {at}: {finding:?}"
        );
    }
}

#[tokio::test]
async fn a_proof_of_an_older_invoice_speaks_for_the_tip() {
    let node = Node::fresh();
    let mut numbers = Vec::new();
    for n in 0..4 {
        let key = key(&format!("k{n}"));
        let issued = node
            .client
            .issue(draft(|_| ()), &key, &IssueOptions::default())
            .await;
        numbers.push(final_invoice(issued.unwrap()).document.number);
    }
    let root = node.trust_root().await;
    let tip = node.client.chain().await.unwrap().height;
    for number in &numbers {
        let verdict = judge(&node.proof(number).await, Some(&root));
        assert_eq!(verdict.verdict, Finding::InForce);
        assert!(verdict.as_of.unwrap().height >= tip);
    }
}

#[tokio::test]
async fn private_texts_are_on_no_public_page_and_in_no_block() {
    let node = Node::fresh();
    let secret = "极其私密的菜名";
    let draft = draft(|draft| {
        draft["lines"][0]["name"] = format!("*餐饮服务*{secret}").into();
        draft["buyer"]["phone"] = "13800138000".into();
    });
    let issued = node
        .client
        .issue(draft, &key("a"), &IssueOptions::default())
        .await;
    let invoice = final_invoice(issued.unwrap());
    assert!(
        invoice.document.lines[0]
            .name
            .as_ref()
            .unwrap()
            .contains(secret)
    );
    let proof = node.proof(&invoice.document.number).await;
    for folder in ["blocks", "state", "desk", "wal"] {
        let found = files(&node.data.join(folder));
        assert!(!found.is_empty(), "{folder} holds nothing");
        for file in found {
            let bytes = std::fs::read(&file).unwrap();
            assert!(!holds(&bytes, secret.as_bytes()), "{}", file.display());
            assert!(!holds(&bytes, b"13800138000"), "{}", file.display());
        }
    }
    assert!(!holds(&proof, secret.as_bytes()));
    let log = std::fs::read(node.data.with_extension("log")).unwrap_or_default();
    assert!(!holds(&log, secret.as_bytes()));
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}
