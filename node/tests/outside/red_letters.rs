//! An invoice that went wrong is put right, from outside: red letters, reissue.

use std::sync::Arc;

use piao_api::client::{ClientError, IssueOptions, Issued, RedPart};
use piao_api::wire::{Change, Invoice, InvoiceStatus};
use piao_chain::proof::{Finding, Reason};
use tokio::task::JoinSet;

use crate::process::{Node, draft, final_invoice, get, judge, key};

async fn issue(node: &Node, order: &str) -> Invoice {
    let draft = draft(|draft| draft["order_ref"] = order.into());
    let options = IssueOptions::default();
    let issued = node.client.issue(draft, &key(order), &options).await;
    final_invoice(issued.unwrap())
}

pub(crate) async fn red(
    node: &Node,
    number: &str,
    (reason, parts): (&str, &[RedPart]),
    name: &str,
) -> Result<Issued, ClientError> {
    let options = IssueOptions::default();
    let what = (reason, parts);
    node.client
        .red_letter(number, what, &key(name), &options)
        .await
}

pub(crate) fn part(amount: &str) -> Vec<RedPart> {
    vec![RedPart {
        line: 1,
        amount: amount.to_owned(),
    }]
}

pub(crate) fn code(refused: Result<Issued, ClientError>) -> String {
    let error = refused.unwrap_err();
    let problem = error.problem();
    problem.unwrap_or_else(|| panic!("{error}")).code.clone()
}

#[tokio::test]
async fn goods_come_back_in_parts_and_the_last_part_is_the_rest() {
    let node = Node::fresh();
    let blue = issue(&node, "POS-1").await;
    let number = blue.document.number.as_str();
    let old_proof = node.proof(number).await;
    let root = node.trust_root().await;

    let first = red(&node, number, ("02", &part("33.33")), "r1").await;
    let first = final_invoice(first.unwrap());
    assert_eq!(first.red_letter_of.as_deref(), Some(number));
    let totals = &first.document.totals;
    assert_eq!(
        (totals.amount.as_str(), totals.tax.as_str()),
        ("-33.33", "-2.00")
    );
    assert_eq!(first.document.buyer.name, blue.document.buyer.name);
    assert!(first.document.remark.as_ref().unwrap().contains(number));
    let partly = node.client.invoice(number).await.unwrap();
    assert_eq!(partly.status, InvoiceStatus::PartlyReversed);

    let over = red(&node, number, ("02", &part("66.68")), "r2").await;
    assert_eq!(code(over), "E1704");
    let rest = final_invoice(red(&node, number, ("02", &[]), "r3").await.unwrap());
    assert_eq!(rest.document.totals.gross, "-70.67");
    let done = node.client.invoice(number).await.unwrap();
    assert_eq!(done.status, InvoiceStatus::Reversed);
    let numbers = [&first, &rest].map(|red| red.document.number.clone());
    assert_eq!(done.reversed_by, numbers);
    let page = get(
        node.client.base_url(),
        &format!("/invoices/{number}?lang=en"),
    );
    for text in ["-35.33", "-70.67", "reversed", &numbers[0], &numbers[1]] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let nothing = red(&node, number, ("02", &[]), "r4").await;
    assert_eq!(code(nothing), "E1704");
    let of_red = red(&node, &rest.document.number, ("02", &[]), "r5").await;
    assert_eq!(code(of_red), "E1703");

    // The old proof still says what held then; a new one names the red letter.
    assert_eq!(judge(&old_proof, Some(&root)).verdict, Finding::InForce);
    let verdict = judge(&node.proof(number).await, Some(&root));
    assert_eq!(
        (verdict.verdict, verdict.reason),
        (Finding::NotInForce, Reason::Reversed)
    );
    let named = verdict.red_letter.unwrap();
    assert_eq!(
        (named.number, named.time),
        (rest.document.number.clone(), rest.document.final_at)
    );
    let own = judge(&node.proof(&rest.document.number).await, Some(&root));
    assert_eq!(own.verdict, Finding::InForce);
    assert_eq!(own.original.as_deref(), Some(number));

    // Nothing is left of it, so the order may be issued again.
    let again = draft(|draft| draft["order_ref"] = "POS-1".into());
    let again = node
        .client
        .issue(again, &key("again"), &IssueOptions::default())
        .await;
    final_invoice(again.unwrap());
}

#[tokio::test]
async fn a_key_gives_one_red_letter_also_after_a_restart() {
    let mut node = Node::fresh();
    let blue = issue(&node, "POS-1").await;
    let number = blue.document.number.clone();
    let first = red(&node, &number, ("04", &part("10.00")), "same").await;
    let first = final_invoice(first.unwrap());
    assert!(node.terminate().success());
    node.restart();
    match red(&node, &number, ("04", &part("10.00")), "same")
        .await
        .unwrap()
    {
        Issued::Final { invoice, replayed } => {
            assert!(replayed);
            assert_eq!(invoice.document, first.document);
        }
        Issued::Pending(view) => panic!("not final: {view:?}"),
    }
    let other = red(&node, &number, ("04", &part("11.00")), "same").await;
    assert_eq!(code(other), "E1408");
    let blue = node.client.invoice(&number).await.unwrap();
    assert_eq!(blue.reversed_by, [first.document.number]);
}

#[tokio::test]
async fn a_hundred_partial_red_letters_at_once_never_take_back_more_than_there_is() {
    let node = Arc::new(Node::fresh());
    let blue = issue(&node, "POS-1").await;
    let number = blue.document.number.as_str();
    let mut calls = JoinSet::new();
    for at in 0..100 {
        let (node, number) = (Arc::clone(&node), number.to_owned());
        calls.spawn(async move {
            let parts = part("1.50");
            red(&node, &number, ("02", &parts), &format!("c{at}")).await
        });
    }
    let replies = calls.join_all().await;
    let mut issued = 0;
    for reply in replies {
        match reply {
            Ok(reply) => {
                assert_eq!(final_invoice(reply).document.totals.amount, "-1.50");
                issued += 1;
            }
            Err(error) => {
                let problem = error.problem().unwrap_or_else(|| panic!("{error}"));
                assert!(
                    ["E1704", "E1409", "E1506"].contains(&problem.code.as_str()),
                    "{problem:?}"
                );
            }
        }
    }
    // 66 times 1.50 is 99.00, and 1.00 is left.
    assert!(issued <= 66, "{issued}");
    let blue = node.client.invoice(number).await.unwrap();
    assert_eq!(blue.reversed_by.len(), issued);
    let rest = final_invoice(red(&node, number, ("02", &[]), "rest").await.unwrap());
    let cents = 10_000 - 150 * issued;
    let expected = format!("-{}.{:02}", cents / 100, cents % 100);
    assert_eq!(rest.document.totals.amount, expected);
}

fn says(change: &Change) -> &str {
    assert_ne!(change.before, change.after, "{}", change.pointer);
    &change.pointer
}

#[tokio::test]
async fn a_reissue_is_one_step_linked_both_ways() {
    let node = Node::fresh();
    let blue = issue(&node, "POS-1").await;
    let number = blue.document.number.as_str();
    let corrected = draft(|draft| {
        draft["order_ref"] = "POS-1".into();
        draft["lines"][0]["unit_price"] = "80.00".into();
    });
    let options = IssueOptions::default();
    let reply = node
        .client
        .reissue(number, corrected.clone(), &key("fix"), &options)
        .await;
    let new = final_invoice(reply.unwrap());
    assert_eq!(new.reissue_of.as_deref(), Some(number));
    assert_eq!(new.document.totals.gross, "84.80");
    let changed: Vec<&str> = new.changes.iter().flatten().map(says).collect();
    let expected = [
        "/lines/0/amount",
        "/lines/0/gross",
        "/lines/0/tax",
        "/lines/0/unit_price",
        "/totals/amount",
        "/totals/gross",
        "/totals/gross_capital",
        "/totals/tax",
    ];
    assert_eq!(changed, expected);
    let shown = node.client.invoice(&new.document.number).await.unwrap();
    assert_eq!(shown.changes, new.changes);
    let old = node.client.invoice(number).await.unwrap();
    assert_eq!(old.status, InvoiceStatus::Reissued);
    assert_eq!(old.reissued_by.as_ref(), Some(&new.document.number));
    let [letter] = old.reversed_by.as_slice() else {
        panic!("one red letter, found {:?}", old.reversed_by)
    };
    let letter = node.client.invoice(letter).await.unwrap();
    assert_eq!(letter.red_letter_of.as_deref(), Some(number));
    assert_eq!(letter.document.txid, new.document.txid);
    assert_eq!(letter.document.lines[0].name, blue.document.lines[0].name);

    let root = node.trust_root().await;
    let old_says = judge(&node.proof(number).await, Some(&root));
    assert_eq!(
        (old_says.verdict, old_says.reason),
        (Finding::NotInForce, Reason::Reissued)
    );
    assert_eq!(old_says.red_letter.unwrap().number, letter.document.number);
    for number in [&new.document.number, &letter.document.number] {
        let verdict = judge(&node.proof(number).await, Some(&root));
        assert_eq!(verdict.verdict, Finding::InForce);
        assert_eq!(verdict.number.as_ref(), Some(number));
    }
    let again = node
        .client
        .reissue(number, corrected, &key("twice"), &options)
        .await;
    assert_eq!(code(again), "E1704");
}

#[tokio::test]
async fn an_invoice_to_the_wrong_buyer_is_reissued_to_the_right_one_under_its_order() {
    let node = Node::fresh();
    let wrong = issue(&node, "POS-1").await;
    let number = wrong.document.number.as_str();
    let root = node.trust_root().await;
    let buyer = piao_node::dev::people()[2].uscc().to_string();
    let right = draft(|draft| {
        draft["order_ref"] = "POS-1".into();
        draft["buyer"]["tax_id"] = buyer.clone().into();
        draft["buyer"]["name"] = "武汉样例科技有限公司".into();
    });
    let options = IssueOptions::default();
    let key = key("right");
    let replaced = node.client.reissue(number, right, &key, &options).await;
    let replaced = final_invoice(replaced.unwrap());
    assert_eq!(replaced.document.buyer.tax_id, Some(buyer.clone()));
    assert_eq!(replaced.document.order_ref.as_deref(), Some("POS-1"));
    let verdicts = [number, &replaced.document.number].map(async |number| {
        let verdict = judge(&node.proof(number).await, Some(&root));
        (verdict.verdict, verdict.reason)
    });
    let [old, new] = verdicts;
    assert_eq!(old.await, (Finding::NotInForce, Reason::Reissued));
    assert_eq!(new.await.0, Finding::InForce);
    // What the wrong buyer paid for nothing, the right one books.
    let month = replaced.document.issued_at.get(..7).unwrap();
    let of_right = ("deducted", month);
    let booked = node
        .client
        .book(&replaced.document.number, of_right, Some(3));
    booked.await.unwrap();
    let of_wrong = node.client.book(number, of_right, Some(3)).await;
    assert!(of_wrong.is_err(), "it is not the buyer's and not in force");
}
