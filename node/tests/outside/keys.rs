//! The keys of a merchant that a node of strangers' machines holds: it answers red letters with one,
//! and issues with another than it was registered with.

use piao_api::client::{IssueOptions, Issued, RedPart};
use piao_api::wire::{ConfirmationState, RequestState};
use piao_chain::proof::{Finding, Reason};

use crate::members::{FINAL_WITHIN, Members, until};
use crate::merchants::{ACCOUNT, NAME, adopted, again, hand_in, issued, said, tax_id, verb};
use crate::process::{Node, draft, final_invoice, judge, key, piaod, run};

/// Places of the merchant's node and of the authority's among one validator, the authority, one more.
const PLACES: (usize, usize) = (2, 1);

/// What the doctor says of a stopped node's data.
fn doctor(members: &Members) -> String {
    let mut command = piaod("doctor", &members.data(PLACES.0));
    command.args(["--lang", "en"]);
    String::from_utf8(run(command).stdout).unwrap()
}

/// Books an invoice of account 1 as the adopted merchant; its number.
async fn booked(members: &Members) -> String {
    let seller = &members.desk().client;
    let to_buyer = draft(|draft| draft["buyer"]["tax_id"] = tax_id().into());
    let options = IssueOptions {
        account: Some(1),
        timeout: Some(FINAL_WITHIN),
        ..IssueOptions::default()
    };
    let blue = seller.issue(to_buyer, &key("b"), &options).await;
    let blue = final_invoice(blue.unwrap()).document;
    let node = members.nodes[PLACES.0].as_ref().unwrap();
    let (number, month) = (blue.number.as_str(), blue.issued_at.get(..7).unwrap());
    until(async || {
        node.client
            .chain()
            .await
            .is_ok_and(|tip| tip.height >= blue.height)
    })
    .await;
    let buyer = &node.client;
    let booking = buyer.book(number, ("deducted", month), Some(ACCOUNT));
    booking.await.unwrap();
    blue.number
}

#[tokio::test]
async fn an_adopted_merchant_books_an_invoice_and_answers_its_red_letter() {
    let mut members = Members::up(1, 1).await;
    adopted(&mut members, PLACES).await;
    let (merchant, authority) = PLACES;
    let data = members.data(merchant);
    let mut made = verb("merchant", "admin-key", &data);
    made.args(["--tax-id", &tax_id()]);
    assert!(said(made).contains("authority add-key"));
    let card = data
        .join("merchants")
        .join(format!("{}-admin.json", tax_id()));
    let text = std::fs::read(&card).unwrap();
    // The same key again.
    let mut made = verb("merchant", "admin-key", &data);
    made.args(["--tax-id", &tax_id()]);
    said(made);
    assert_eq!(std::fs::read(&card).unwrap(), text);
    let change = data.with_file_name("admin.json");
    let mut add = verb("authority", "add-key", &members.data(authority));
    add.args(["--account", &ACCOUNT.to_string()]);
    add.arg("--card").arg(&card).arg("--out").arg(&change);
    assert!(said(add).contains("AddKey is signed"));
    hand_in(&members, &change).await;
    again(&mut members, merchant).await;

    let number = booked(&members).await;
    let seller = &members.desk().client;
    let part = RedPart {
        line: 1,
        amount: "10.00".to_owned(),
    };
    let options = IssueOptions {
        timeout: Some(FINAL_WITHIN),
        ..IssueOptions::default()
    };
    let (parts, name) = ([part], key("r"));
    let asked = seller.red_letter(&number, ("02", &parts), &name, &options);
    let Issued::Pending(request) = asked.await.unwrap() else {
        panic!("issued behind the buyer's back")
    };
    let buyer = &members.nodes[merchant].as_ref().unwrap().client;
    let is_asked = async || {
        let page = buyer.red_letters(Some(ACCOUNT), None).await;
        page.is_ok_and(|page| !page.data.is_empty())
    };
    until(is_asked).await;
    let said = buyer.answer_red_letter(&number, "open", true, Some(ACCOUNT));
    let said = said.await.unwrap();
    let is_yes = [ConfirmationState::Accepted, ConfirmationState::Used].contains(&said.state);
    assert!(is_yes, "{said:?}");
    let is_done = async || {
        let view = seller.request(&request.id).await.unwrap();
        view.state == RequestState::Final
    };
    until(is_done).await;

    // The doctor knows the key.
    members.kill(merchant);
    assert!(doctor(&members).contains("healthy"));
    let name = format!("merchant-{}-admin.key", tax_id().to_ascii_lowercase());
    std::fs::remove_file(data.join("keys").join(&name)).unwrap();
    let finding = doctor(&members);
    assert!(
        finding.contains(&name) && finding.contains("the key is missing"),
        "{finding}"
    );
}

/// Id of the key that signed an invoice, as its proof says.
async fn signer(node: &Node, number: &str) -> String {
    let proof = node.proof(number).await;
    let proof = piao_chain::proof::Proof::decode(&proof).unwrap();
    proof.key.public_key.id().to_string()
}

#[tokio::test]
async fn a_merchant_issues_with_another_key_from_a_start_on_and_keeps_its_name() {
    let mut members = Members::up(1, 1).await;
    adopted(&mut members, PLACES).await;
    let (merchant, authority) = PLACES;
    let data = members.data(merchant);
    let node = members.nodes[merchant].as_ref().unwrap();
    let before = issued(node, "before").await.document.number;

    let rotate = || {
        let mut rotate = verb("merchant", "rotate-key", &data);
        rotate.args(["--tax-id", &tax_id()]);
        said(rotate)
    };
    assert!(rotate().contains("authority vouch"));
    let made = data.join("merchants").join(format!("{}-2.json", tax_id()));
    let text = std::fs::read(&made).unwrap();
    rotate();
    assert_eq!(std::fs::read(&made).unwrap(), text, "never two that wait");
    let vouched = data.with_file_name("vouched-2.json");
    let mut vouch = verb("authority", "vouch", &members.data(authority));
    vouch
        .arg("--merchant")
        .arg(&made)
        .arg("--vouched")
        .arg(&vouched);
    assert!(said(vouch).contains("merchant adopt"));
    let mut adopt = verb("merchant", "adopt", &data);
    adopt.arg("--merchant").arg(&vouched);
    assert!(said(adopt).contains(NAME));
    again(&mut members, merchant).await;

    let node = members.nodes[merchant].as_ref().unwrap();
    let old = signer(node, &before).await;
    let is_revoked = async || {
        let key = node.client.key(&old).await.unwrap();
        key.revoked_height.is_some()
    };
    until(is_revoked).await;
    let after = issued(node, "after").await.document.number;
    let new = signer(node, &after).await;
    assert_ne!(new, old);
    let known = node.client.key(&new).await.unwrap();
    assert_eq!((known.account, known.revoked_height), (ACCOUNT, None));
    let root = members.desk().trust_root().await;
    for number in [&before, &after] {
        let verdict = judge(&node.proof(number).await, Some(&root));
        assert_eq!(
            (verdict.verdict, verdict.reason),
            (Finding::InForce, Reason::Genuine)
        );
        assert_eq!(verdict.seller.unwrap().name, NAME);
    }
    // It stays so.
    again(&mut members, merchant).await;
    let node = members.nodes[merchant].as_ref().unwrap();
    let later = issued(node, "later").await.document.number;
    assert_eq!(signer(node, &later).await, new);

    // A stolen key: what it signed since then is disputed, by the authority's word.
    let change = data.with_file_name("revoke.json");
    let since = node.client.key(&old).await.unwrap().from_height.to_string();
    let mut revoke = verb("authority", "revoke-key", &members.data(authority));
    revoke.args(["--key", &old, "--compromised-since-height", &since]);
    revoke.arg("--out").arg(&change);
    said(revoke);
    hand_in(&members, &change).await;
    let is_disputed = async || {
        let verdict = judge(&node.proof(&before).await, Some(&root));
        (verdict.verdict, verdict.reason) == (Finding::NotInForce, Reason::KeyDisputed)
    };
    until(is_disputed).await;
    let verdict = judge(&node.proof(&after).await, Some(&root));
    assert_eq!(verdict.verdict, Finding::InForce);
}
