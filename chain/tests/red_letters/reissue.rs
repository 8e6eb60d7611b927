//! Replacing an invoice is one step, linked both ways.

use piao_chain::failure::FailureCode;
use piao_chain::testing::{RedWish, TestNet};
use piao_chain::transaction::Payload;

use crate::{account, applied, refused};

fn with_invoice() -> TestNet {
    let mut net = TestNet::with_buyer(1);
    let invoice = net.invoice("a");
    applied(&mut net, invoice);
    net
}

#[test]
fn a_reissue_is_red_letter_and_replacement_at_once_linked_both_ways() {
    let mut net = with_invoice();
    let before = account(&net, 1);
    let reissue = net.reissue(1, &RedWish::error(), "a");
    let outcome = applied(&mut net, reissue);
    let [red, new] = outcome.effects.as_slice() else {
        panic!("two effects")
    };
    assert_eq!((red.number.sequence(), new.number.sequence()), (2, 3));
    assert_eq!((red.counter, new.counter), (2, 3));
    assert_eq!(red.prev_invoice_id, net.issued(1).invoice_id());
    assert_eq!(new.prev_invoice_id, net.issued(2).invoice_id());
    assert_ne!(net.issued(2).invoice_id(), net.issued(3).invoice_id());
    let leaf = net.invoice_leaf(1);
    assert_eq!(
        (leaf.reissued_by, leaf.reversed_fen),
        (Some(new.slot), vec![10_000])
    );
    assert_eq!(leaf.last_red.unwrap().number, red.number);
    assert_eq!(
        net.issued(2).content().original,
        Some(net.issued(1).effect().number)
    );
    assert_eq!(outcome.fee_charged_fen, 20);
    let after = account(&net, 1);
    assert_eq!(after.fee_balance_fen, before.fee_balance_fen - 20);
    assert_eq!(after.quota_used_fen, before.quota_used_fen);
    assert_eq!(after.last_invoice_id, net.issued(3).invoice_id());
    let twice = net.anchored_invoice("a");
    assert_eq!(
        refused(&mut net, twice),
        (FailureCode::DuplicateOrder, vec![3])
    );
}

#[test]
fn a_replaced_invoice_is_not_replaced_again_and_its_replacement_may_be() {
    let mut net = with_invoice();
    let reissue = net.reissue(1, &RedWish::error(), "a");
    applied(&mut net, reissue);
    let again = net.reissue(3, &RedWish::error(), "a");
    applied(&mut net, again);
    assert!(net.invoice_leaf(3).reissued_by.is_some());
    let red = net.red_letter(5, &RedWish::error());
    let mut stale = red.clone();
    stale.original = net.issued(1).effect().number;
    stale.facts.red.as_mut().unwrap().original_slot = net.issued(1).effect().slot;
    let merchant = net.merchant.clone();
    let stale = net.anchored(1, &merchant, Payload::IssueRedLetter(Box::new(stale)));
    assert_eq!(refused(&mut net, stale).0, FailureCode::RedAmountExceeded);
}

#[test]
fn a_reissue_takes_back_everything_or_nothing_happens() {
    let mut net = with_invoice();
    let partial = net.reissue(1, &RedWish::part(4_000), "b");
    assert_eq!(
        refused(&mut net, partial),
        (FailureCode::RedReasonPartial, vec![6_000])
    );
    let invoice = net.invoice("b");
    applied(&mut net, invoice);
    // The order of the replacement is taken by another invoice that stands.
    let taken = net.reissue(1, &RedWish::error(), "b");
    assert_eq!(
        refused(&mut net, taken),
        (FailureCode::DuplicateOrder, vec![2])
    );
    assert_eq!(
        net.invoice_leaf(1),
        piao_chain::state::InvoiceLeaf::default()
    );
    assert_eq!(account(&net, 1).counter, 2);
}

#[test]
fn both_fees_of_a_reissue_are_agreed_to_and_paid_or_none() {
    let mut net = with_invoice();
    let mut body = net.reissue(1, &RedWish::error(), "a").body().clone();
    body.fee_max_fen = 19;
    let dear = TestNet::sign(body, &net.merchant);
    assert_eq!(
        refused(&mut net, dear),
        (FailureCode::FeeQuoteStale, vec![10, 9])
    );
    let mut net = TestNet::new(1);
    let register = net.register_merchant();
    let credit = net.credit(1, 25, "first");
    net.commit(vec![register]);
    net.commit(vec![credit]);
    let invoice = net.invoice("a");
    applied(&mut net, invoice);
    let poor = net.reissue(1, &RedWish::error(), "a");
    assert_eq!(
        refused(&mut net, poor),
        (FailureCode::FeeBalanceInsufficient, vec![5, 10, 5])
    );
}

#[test]
fn a_replacement_names_what_it_replaces() {
    let mut net = with_invoice();
    let mut body = net.reissue(1, &RedWish::error(), "a").body().clone();
    if let Payload::ReissueInvoice(reissue) = &mut body.payload {
        reissue.red.facts.red = None;
    }
    let nameless = TestNet::sign(body, &net.merchant);
    let error = nameless.check(&net.genesis.chain_id()).unwrap_err();
    assert_eq!(error.code, FailureCode::ReplaceRefRequired);
}
