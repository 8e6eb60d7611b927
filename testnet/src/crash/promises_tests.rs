//! A ledger of promises that sees nothing wrong would prove nothing: each breach is shown to it.

use piao_api::wire::InvoiceDocument;

use super::*;

fn document(key: &str, number: u64, counter: u64, gross: &str) -> InvoiceDocument {
    let value = serde_json::json!({
        "number": format!("{number:020}"), "counter": counter, "invoice_id": "", "network": "test",
        "account": 1, "kind": "general", "order_ref": key, "currency": "CNY", "issued_at": "",
        "seller": {}, "buyer": {}, "lines": [],
        "totals": {"amount": "", "tax": "", "gross": gross}, "fee": "0.10",
        "txid": "", "height": 1, "block_id": "", "final_at": "",
    });
    serde_json::from_value(value).unwrap()
}

fn promised(key: &str, number: u64, counter: u64) -> Promises {
    let mut promises = Promises::default();
    promises.sending(1, key, 100);
    promises.told(
        key,
        100,
        &Told::Final(&document(key, number, counter, "106.00")),
    );
    assert_eq!(promises.broken, Vec::<String>::new());
    promises
}

fn told(promises: &mut Promises, key: &str, price: Price, document: &InvoiceDocument) {
    promises.sending(1, key, price);
    promises.told(key, price, &Told::Final(document));
}

#[test]
fn the_same_invoice_again_is_no_breach_and_another_one_is() {
    let mut promises = promised("a", 1, 1);
    told(&mut promises, "a", 100, &document("a", 1, 1, "106.00"));
    assert!(promises.broken.is_empty());
    let mut moved = document("a", 1, 1, "106.00");
    moved.height = 2;
    told(&mut promises, "a", 100, &moved);
    assert!(promises.broken.remove(0).contains("is now of block 2"));
    told(&mut promises, "a", 100, &document("a", 2, 2, "106.00"));
    assert!(promises.broken[0].contains("two invoices"));
}

#[test]
fn an_invoice_of_another_draft_is_a_breach() {
    let mut promises = promised("a", 1, 1);
    told(&mut promises, "b", 100, &document("b", 2, 2, "107.06"));
    told(&mut promises, "c", 100, &document("x", 3, 3, "106.00"));
    assert_eq!(promises.broken.len(), 2);
}

#[test]
fn a_number_or_a_count_for_two_keys_is_a_breach() {
    let mut promises = promised("a", 1, 1);
    told(&mut promises, "b", 100, &document("b", 1, 2, "106.00"));
    assert!(promises.broken[0].contains("stands twice"));
    told(&mut promises, "c", 100, &document("c", 3, 1, "106.00"));
    assert!(promises.broken[1].contains("count 1 twice"));
}

#[test]
fn a_gap_and_an_invoice_that_nobody_asked_for_are_breaches() {
    let mut promises = promised("a", 1, 1);
    promises.check_counters(1, 1);
    assert!(promises.broken.is_empty());
    promises.check_counters(1, 2);
    assert!(promises.broken[0].contains("2 invoices on the chain, 1 known"));
    told(&mut promises, "b", 100, &document("b", 2, 3, "106.00"));
    promises.check_counters(1, 2);
    assert!(promises.broken[1].contains("gap before count 3"));
}

#[test]
fn a_refusal_of_what_was_issued_is_a_breach_and_of_another_draft_is_not() {
    let mut promises = promised("a", 1, 1);
    let conflict = Told::Refused { code: KEY_CONFLICT };
    promises.sending(1, "a", 101);
    promises.told("a", 101, &conflict);
    assert!(promises.broken.is_empty());
    promises.sending(1, "a", 100);
    promises.told("a", 100, &conflict);
    assert!(promises.broken[0].contains("issued, and now"));
    promises.sending(1, "b", 100);
    promises.told("b", 100, &conflict);
    assert!(promises.broken[1].contains("there is only one"));
}

#[test]
fn only_a_call_without_an_answer_is_in_doubt() {
    let mut promises = promised("a", 1, 1);
    promises.sending(1, "b", 100);
    promises.told("b", 100, &Told::Nothing);
    promises.sending(1, "c", 100);
    promises.told("c", 100, &Told::Refused { code: "E1506" });
    let doubt = |promises: &Promises| -> Vec<String> {
        let doubted = promises
            .entries()
            .filter(|(_key, entry)| entry.is_in_doubt());
        doubted.map(|(key, _entry)| key.clone()).collect()
    };
    assert_eq!(doubt(&promises), ["b"]);
    promises.settled("b");
    assert!(doubt(&promises).is_empty());
}
