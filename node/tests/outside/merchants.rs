//! A merchant that nobody made up comes to a network of strangers' machines, and issues there.

use std::path::Path;
use std::process::Command;

use bytes::Bytes;
use piao_api::client::IssueOptions;
use piao_api::wire::OutcomeState;
use piao_chain::proof::Finding;
use piao_chain::tax::{org_code_check, uscc};
use serde_json::json;

use crate::members::{Members, until};
use crate::process::{draft, final_invoice, judge, key, run};

const NAME: &str = "深圳市某某商贸有限公司";

/// A well-formed code that no sample merchant has.
fn tax_id() -> String {
    let org = *b"MAPA0777";
    let mut whole = [org_code_check(org).unwrap(); 9];
    whole[..8].copy_from_slice(&org);
    uscc::from_parts(b'9', b'1', *b"440300", whole)
        .unwrap()
        .to_string()
}

/// Runs a verb that must do it; what it says.
fn said(command: Command) -> String {
    let output = run(command);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout).unwrap()
}

/// `piaod GROUP VERB --data DIR`.
fn verb(group: &str, verb: &str, data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_piaod"));
    command.args([group, verb, "--data"]).arg(data);
    command
}

/// Hands in what the authority signed; it must be applied.
async fn hand_in(members: &Members, change: &Path) {
    let transaction = std::fs::read(change.with_extension("tx")).unwrap();
    let client = &members.desk().client;
    let outcome = client
        .submit(Bytes::from(transaction), &IssueOptions::default())
        .await
        .unwrap();
    assert_eq!(outcome.state, OutcomeState::Final, "{outcome:?}");
    assert_eq!(outcome.code, None, "{outcome:?}");
}

#[tokio::test]
async fn a_merchant_applies_is_registered_and_issues_with_a_name_that_is_vouched_for() {
    let mut members = Members::up(4, 1).await;
    // Accounts are numbered as they are opened: the sample merchants' first.
    let samples = &members.desk().client;
    until(async || samples.account(Some(3)).await.is_ok()).await;
    let (merchant, authority) = (5, 4);
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
    hand_in(&members, &at("register.json")).await;

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

    let account = 4;
    let mut credit = verb("authority", "credit", &members.data(authority));
    credit.args(["--account", "4", "--amount", "50.00", "--ref", "receipt-1"]);
    credit.arg("--out").arg(at("credit.json"));
    said(credit);
    hand_in(&members, &at("credit.json")).await;

    let height = members.desk().client.chain().await.unwrap().height;
    members.until_level(height).await;
    let root = members.desk().trust_root().await;
    members.kill(merchant);
    members.start(merchant);
    let node = members.nodes[merchant].as_ref().unwrap();
    until(async || node.client.account(Some(account)).await.is_ok()).await;
    let draft = draft(|draft| {
        draft["order_ref"] = json!("first");
        draft["seller"] = json!(null);
    });
    let options = IssueOptions {
        account: Some(account),
        ..IssueOptions::default()
    };
    let issued = node.client.issue(draft, &key("first"), &options).await;
    let invoice = final_invoice(issued.unwrap());
    assert_eq!(invoice.document.seller.name.as_deref(), Some(NAME));
    let verdict = judge(&node.proof(&invoice.document.number).await, Some(&root));
    assert_eq!(verdict.verdict, Finding::InForce);
    let seller = verdict.seller.unwrap();
    assert_eq!(seller.name, NAME);
    assert_eq!(seller.tax_id.as_deref(), Some(tax_id().as_str()));
}
