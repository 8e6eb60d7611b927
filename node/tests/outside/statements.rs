//! What was not issued, and all that was: from a real node, checked without it.

use piao_api::backend::{CompletenessOrder, ListRange, ProofForm, Show};
use piao_api::client::{ClientError, IssueOptions};
use piao_chain::proof::statement::{
    Anchor, CompletenessProof, Range, StatementFinding, StatementVerdict, verify_statement,
};
use piao_chain::proof::{Reason, TrustRoot, VerifyOptions};

use crate::process::{Node, draft, final_invoice, key, now};

fn judged(file: &[u8], root: &TrustRoot) -> StatementVerdict {
    let options = VerifyOptions {
        now: now(),
        max_age_ms: None,
    };
    verify_statement(file, Some(root), &options)
}

async fn issue(node: &Node, order: &str) -> (String, u64) {
    let draft = draft(|draft| draft["order_ref"] = order.into());
    let options = IssueOptions::default();
    let issued = node.client.issue(draft, &key(order), &options).await;
    let invoice = final_invoice(issued.unwrap());
    (invoice.document.number, invoice.document.height)
}

/// The number after another.
fn next(number: &str) -> String {
    (number.parse::<u128>().unwrap() + 1).to_string()
}

fn code<T: core::fmt::Debug>(refused: Result<T, ClientError>) -> String {
    refused.unwrap_err().problem().unwrap().code.clone()
}

#[tokio::test]
async fn a_number_is_shown_not_to_be_issued_until_it_is() {
    let mut node = Node::fresh();
    let root = node.trust_root().await;
    let (first, _height) = issue(&node, "POS-1").await;
    let wanted = next(&first);
    let file = node
        .client
        .absence(&wanted, ProofForm::Binary)
        .await
        .unwrap();
    let verdict = judged(&file, &root);
    assert_eq!(
        (verdict.verdict, verdict.reason),
        (StatementFinding::Holds, Reason::NotIssued)
    );
    assert_eq!(verdict.number.as_ref(), Some(&wanted));
    let before = verdict.as_of.unwrap().height;

    // Another number in the place of one that is issued: it will never be.
    let twisted = format!(
        "{:02}{}",
        99 - first[..2].parse::<u8>().unwrap(),
        &first[2..]
    );
    let never = node
        .client
        .absence(&twisted, ProofForm::Binary)
        .await
        .unwrap();
    let verdict = judged(&never, &root);
    assert_eq!(verdict.reason, Reason::NotIssued, "{:?}", verdict.checks);
    assert!(verdict.checks.iter().any(|check| check.name == "instead"));

    assert_eq!(
        code(node.client.absence(&first, ProofForm::Binary).await),
        "E2605"
    );
    let (second, height) = issue(&node, "POS-2").await;
    assert_eq!(second, wanted);
    assert_eq!(
        code(node.client.absence(&wanted, ProofForm::Binary).await),
        "E2605"
    );

    // The file still says what was so, of its own block and no other, with the node gone.
    assert!(node.terminate().success());
    let verdict = judged(&file, &root);
    assert_eq!(verdict.verdict, StatementFinding::Holds);
    let as_of = verdict.as_of.unwrap().height;
    assert_eq!(as_of, before);
    assert!(as_of < height);
}

#[tokio::test]
async fn a_node_says_of_a_file_what_kind_it_is_and_whether_it_holds() {
    let node = Node::fresh();
    let (number, _height) = issue(&node, "POS-1").await;
    let show = Show::Nothing;
    let proof = node.client.proof(&number, ProofForm::Json, &show).await;
    let verdict = node
        .client
        .verify_proof(proof.unwrap().bytes)
        .await
        .unwrap();
    assert_eq!(verdict.kind.as_deref(), Some("invoice"));
    assert_eq!(
        (verdict.verdict.as_str(), verdict.reason.as_str()),
        ("in_force", "GENUINE")
    );
    assert_eq!(verdict.rest["number"], number);
    assert!(verdict.rest["checks"].is_array());

    let order = CompletenessOrder {
        account: 1,
        range: ListRange::Counters { from: 1, to: None },
    };
    let wanted = next(&number);
    for form in [ProofForm::Binary, ProofForm::Json] {
        let absence = node.client.absence(&wanted, form).await.unwrap();
        assert_eq!(absence.starts_with(b"{"), form == ProofForm::Json);
        let verdict = node.client.verify_proof(absence).await.unwrap();
        assert_eq!(verdict.kind.as_deref(), Some("absence"));
        assert_eq!(
            (verdict.verdict.as_str(), verdict.reason.as_str()),
            ("holds", "NOT_ISSUED")
        );
        let list = node.client.completeness(&order, form).await.unwrap();
        let mut cut = list.to_vec();
        let verdict = node.client.verify_proof(list).await.unwrap();
        assert_eq!(verdict.kind.as_deref(), Some("completeness"));
        assert_eq!(verdict.verdict, "holds");
        assert_eq!(verdict.rest["invoices"][0]["number"], number);
        cut.truncate(200);
        let verdict = node.client.verify_proof(cut).await.unwrap();
        assert_eq!(
            (verdict.verdict.as_str(), verdict.reason.as_str()),
            ("false", "MALFORMED_PROOF")
        );
    }
    let nothing = node.client.verify_proof("{}").await.unwrap();
    assert_eq!((nothing.kind, nothing.verdict.as_str()), (None, "false"));
    let large = vec![0; piao_chain::limits::PROOF_BYTES_MAX + 1];
    assert_eq!(code(node.client.verify_proof(large).await), "E1112");
}

#[tokio::test]
async fn an_accounts_invoices_are_listed_whole_and_a_missing_one_is_seen() {
    let node = Node::fresh();
    let root = node.trust_root().await;
    let mut issued = Vec::new();
    for order in ["POS-1", "POS-2", "POS-3", "POS-4", "POS-5"] {
        issued.push(issue(&node, order).await);
    }
    let numbers: Vec<&str> = issued.iter().map(|(number, _)| number.as_str()).collect();
    let list = async |range| {
        let order = CompletenessOrder { account: 1, range };
        node.client.completeness(&order, ProofForm::Binary).await
    };
    let named = |verdict: &StatementVerdict| {
        let rows = verdict.invoices.iter();
        rows.map(|row| row.number.clone()).collect::<Vec<_>>()
    };

    let all = list(ListRange::Counters { from: 1, to: None })
        .await
        .unwrap();
    let verdict = judged(&all, &root);
    assert_eq!(verdict.reason, Reason::Complete, "{:?}", verdict.checks);
    assert_eq!(named(&verdict), numbers);
    assert_eq!(verdict.counters, Some(Range { from: 1, to: 5 }));
    assert_eq!(verdict.blocks.unwrap().from, 0);

    let to = Some(4);
    let middle = list(ListRange::Counters { from: 2, to }).await.unwrap();
    let verdict = judged(&middle, &root);
    assert_eq!(named(&verdict), numbers[1..4]);
    let proof = CompletenessProof::decode(&middle).unwrap();
    assert!(matches!(proof.anchor, Anchor::Issued(_)));
    assert!(proof.first.is_some());

    // By blocks: all of those, and the ones around them that show it.
    let (from, to) = (issued[2].1, issued[3].1);
    let blocks = ListRange::Blocks { from, to: Some(to) };
    let verdict = judged(&list(blocks).await.unwrap(), &root);
    assert_eq!(named(&verdict), numbers[1..]);
    let covered = verdict.blocks.unwrap();
    assert!(covered.from <= from && to <= covered.to, "{covered:?}");
    let none = ListRange::Counters { from: 6, to: None };
    let verdict = judged(&list(none).await.unwrap(), &root);
    assert_eq!(
        (verdict.reason, verdict.invoices.len()),
        (Reason::Complete, 0)
    );

    for at in 0..5 {
        let mut proof = CompletenessProof::decode(&all).unwrap();
        proof.listed.remove(at);
        let verdict = judged(&proof.encode(), &root);
        assert_eq!(verdict.verdict, StatementFinding::False, "{at}");
        assert_eq!(verdict.reason, Reason::ListInvalid, "{at}");
    }

    let beyond = list(ListRange::Counters {
        from: 1,
        to: Some(6),
    })
    .await;
    assert_eq!(code(beyond), "E2606");
    let far = list(ListRange::Counters { from: 7, to: None }).await;
    assert_eq!(code(far), "E2606");
    let order = CompletenessOrder {
        account: 4_000_000,
        range: ListRange::Counters { from: 1, to: None },
    };
    assert_eq!(
        code(node.client.completeness(&order, ProofForm::Binary).await),
        "E2605"
    );
}
