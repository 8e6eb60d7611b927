//! A merchant that nobody made up comes to a network of strangers' machines, and issues there.

use std::path::Path;
use std::process::Command;

use bytes::Bytes;
use piao_api::client::IssueOptions;
use piao_api::wire::{Invoice, OutcomeState};
use piao_chain::proof::Finding;
use piao_chain::tax::{org_code_check, uscc};
use serde_json::json;

use crate::members::{FINAL_WITHIN, Members, until};
use crate::process::{Node, draft, final_invoice, judge, key, run};

pub(crate) const NAME: &str = "深圳市某某商贸有限公司";

/// A well-formed code that no sample merchant has.
pub(crate) fn tax_id() -> String {
    let org = *b"MAPA0777";
    let mut whole = [org_code_check(org).unwrap(); 9];
    whole[..8].copy_from_slice(&org);
    uscc::from_parts(b'9', b'1', *b"440300", whole)
        .unwrap()
        .to_string()
}

/// Runs a verb that must do it; what it says.
pub(crate) fn said(command: Command) -> String {
    let output = run(command);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout).unwrap()
}

/// `piaod GROUP VERB --data DIR`.
pub(crate) fn verb(group: &str, verb: &str, data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_piaod"));
    command.args([group, verb, "--data"]).arg(data);
    command
}

/// Hands in what the authority signed; it must be applied.
pub(crate) async fn hand_in(members: &Members, change: &Path) {
    let transaction = std::fs::read(change.with_extension("tx")).unwrap();
    let client = &members.desk().client;
    let outcome = client
        .submit(
            Bytes::from(transaction),
            &IssueOptions {
                timeout: Some(FINAL_WITHIN),
                ..IssueOptions::default()
            },
        )
        .await
        .unwrap();
    assert_eq!(outcome.state, OutcomeState::Final, "{outcome:?}");
    assert_eq!(outcome.code, None, "{outcome:?}");
}

/// Account of the adopted merchant: accounts are numbered as they are opened, the sample merchants'
/// first.
pub(crate) const ACCOUNT: u32 = 4;

/// Has the node at a place apply for a merchant, the authority open its account, and the node adopt
/// it: with some money, and served after a new start.
pub(crate) async fn adopted(members: &mut Members, (merchant, authority): (usize, usize)) {
    let samples = &members.desk().client;
    until(async || samples.account(Some(3)).await.is_ok()).await;
    let data = members.data(merchant);
    let at = |name: &str| data.with_file_name(name);

    let mut init = verb("merchant", "init", &data);
    init.args(["--name", NAME, "--tax-id", &tax_id(), "--region", "44"]);
    assert!(said(init).contains("authority register"));
    let application = data.join("merchants").join(format!("{}.json", tax_id()));

    let mut register = verb("authority", "register", &members.data(authority));
    register.args(["--month-quota", "100000.00"]);
    register.arg("--merchant").arg(&application);
    register.arg("--vouched").arg(at("vouched.json"));
    register.arg("--out").arg(at("register.json"));
    assert!(said(register).contains("RegisterMerchant is signed"));
    hand_in(members, &at("register.json")).await;

    // Another's file is not taken over, and one that nobody vouched for neither.
    let mut adopt = verb("merchant", "adopt", &data);
    adopt.arg("--merchant").arg(&application);
    let refused = run(adopt);
    assert!(!refused.status.success());
    let line = String::from_utf8(refused.stderr).unwrap();
    assert!(line.contains("has not vouched for it yet"), "{line}");
    let mut adopt = verb("merchant", "adopt", &data);
    adopt.arg("--merchant").arg(at("vouched.json"));
    assert!(said(adopt).contains(NAME));

    let mut credit = verb("authority", "credit", &members.data(authority));
    let account = ACCOUNT.to_string();
    credit.args(["--account", &account, "--amount", "50.00"]);
    credit.args(["--ref", "receipt-1"]);
    credit.arg("--out").arg(at("credit.json"));
    said(credit);
    hand_in(members, &at("credit.json")).await;
    again(members, merchant).await;
}

/// Starts a node anew once it has everything that is final, and waits until it serves the merchant.
pub(crate) async fn again(members: &mut Members, merchant: usize) {
    let height = members.desk().client.chain().await.unwrap().height;
    members.until_level(height).await;
    members.kill(merchant);
    members.start(merchant);
    let node = members.nodes[merchant].as_ref().unwrap();
    until(async || node.client.account(Some(ACCOUNT)).await.is_ok()).await;
}

/// Issues for the merchant; the invoice.
pub(crate) async fn issued(node: &Node, order: &str) -> Invoice {
    let draft = draft(|draft| {
        draft["order_ref"] = json!(order);
        draft["seller"] = json!(null);
    });
    let options = IssueOptions {
        account: Some(ACCOUNT),
        timeout: Some(FINAL_WITHIN),
        ..IssueOptions::default()
    };
    let issued = node.client.issue(draft, &key(order), &options).await;
    final_invoice(issued.unwrap())
}

#[tokio::test]
async fn a_merchant_applies_is_registered_and_issues_with_a_name_that_is_vouched_for() {
    let mut members = Members::up(4, 1).await;
    adopted(&mut members, (5, 4)).await;
    let root = members.desk().trust_root().await;
    let node = members.nodes[5].as_ref().unwrap();
    let invoice = issued(node, "first").await;
    assert_eq!(invoice.document.seller.name.as_deref(), Some(NAME));
    let verdict = judge(&node.proof(&invoice.document.number).await, Some(&root));
    assert_eq!(verdict.verdict, Finding::InForce);
    let seller = verdict.seller.unwrap();
    assert_eq!(seller.name, NAME);
    assert_eq!(seller.tax_id.as_deref(), Some(tax_id().as_str()));
}
