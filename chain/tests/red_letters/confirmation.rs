//! What the buyer has booked is taken back with its consent only.

use piao_chain::failure::FailureCode;
use piao_chain::limits::CONFIRMATION_MS_MAX;
use piao_chain::state::{SlotKind, USE_DEDUCTED, USE_NONE, USE_NOT_DEDUCTIBLE, USE_REFUND_CLAIMED};
use piao_chain::tax::RED_ALLOWANCE;
use piao_chain::testing::{RedWish, TestNet, slot_number};
use piao_chain::transaction::RedAnswer;

use crate::{applied, facts_of, refused};

/// A network whose invoice 1 the buyer has booked.
fn booked(booked_use: u8) -> TestNet {
    let mut net = TestNet::with_buyer(1);
    let invoice = net.invoice_of("a", facts_of(&[(10_000, 600, 60_000)]));
    applied(&mut net, invoice);
    let book = net.book(1, booked_use, 202_611);
    applied(&mut net, book);
    net
}

fn confirmed(amount_fen: i64) -> RedWish {
    RedWish {
        confirmation: Some(slot_number(SlotKind::RedLetterProposal, 1)),
        ..RedWish::part(amount_fen)
    }
}

fn answer(net: &mut TestNet, answer: RedAnswer) -> piao_chain::transaction::SignedTransaction {
    net.answer((2, &TestNet::buyer_admin()), 1, answer)
}

#[test]
fn a_booked_invoice_needs_the_buyers_consent_and_says_why() {
    for (booked_use, code) in [
        (USE_NONE, FailureCode::RedConfirmRequired),
        (USE_DEDUCTED, FailureCode::OriginalUsedForDeduction),
        (USE_REFUND_CLAIMED, FailureCode::OriginalUsedForDeduction),
        (USE_NOT_DEDUCTIBLE, FailureCode::RedConfirmRequired),
    ] {
        let mut net = booked(booked_use);
        assert_eq!(net.invoice_leaf(1).booked_period, 202_611);
        let red = net.red(1, &RedWish::part(1_000));
        assert_eq!(refused(&mut net, red), (code, vec![booked_use.into()]));
        let named = net.red(1, &confirmed(1_000));
        assert_eq!(refused(&mut net, named).0, FailureCode::RedConfirmRequired);
    }
}

#[test]
fn with_consent_the_red_letter_of_the_same_reason_and_parts_is_issued_once() {
    let mut net = booked(USE_DEDUCTED);
    let propose = net.propose(1, 1, &RedWish::part(1_000));
    applied(&mut net, propose);
    let early = net.red(1, &confirmed(1_000));
    assert_eq!(refused(&mut net, early).0, FailureCode::RedConfirmRequired);
    let accept = answer(&mut net, RedAnswer::Accept);
    applied(&mut net, accept);
    let other = net.red(1, &confirmed(1_001));
    assert_eq!(
        refused(&mut net, other),
        (FailureCode::RedFactsMismatch, vec![0])
    );
    let other = net.red(
        1,
        &RedWish {
            reason: RED_ALLOWANCE,
            ..confirmed(1_000)
        },
    );
    assert_eq!(
        refused(&mut net, other),
        (FailureCode::RedFactsMismatch, vec![0])
    );
    let red = net.red(1, &confirmed(1_000));
    applied(&mut net, red);
    assert_eq!(net.invoice_leaf(1).reversed_fen, [1_000]);
    let again = net.red(1, &confirmed(1_000));
    assert_eq!(refused(&mut net, again).0, FailureCode::RedConfirmExpired);
}

#[test]
fn the_buyer_may_ask_and_the_seller_then_answers() {
    let mut net = booked(USE_NONE);
    let propose = net.propose(2, 1, &RedWish::part(1_000));
    applied(&mut net, propose);
    let own = answer(&mut net, RedAnswer::Accept);
    assert_eq!(refused(&mut net, own).0, FailureCode::PermissionDenied);
    let admin = piao_chain::testing::key("admin of 1");
    let add = net.add_key_of(1, &admin, piao_chain::state::KeyRole::Admin);
    applied(&mut net, add);
    let accept = net.answer((1, &admin), 1, RedAnswer::Accept);
    applied(&mut net, accept);
    let red = net.red(1, &confirmed(1_000));
    applied(&mut net, red);
}

#[test]
fn nobody_answers_after_seventy_two_hours_of_block_time() {
    let mut net = booked(USE_NONE);
    let propose = net.propose(1, 1, &RedWish::part(1_000));
    applied(&mut net, propose);
    let second = net.propose(1, 1, &RedWish::part(500));
    assert_eq!(
        refused(&mut net, second).0,
        FailureCode::RedConfirmPendingExists
    );
    let proposed_ms = net.tip().time_ms - 1_000;
    // The next block's time is a second after the clock that is set.
    net.set_clock_ms(proposed_ms + CONFIRMATION_MS_MAX - 999);
    let late = answer(&mut net, RedAnswer::Accept);
    assert_eq!(refused(&mut net, late).0, FailureCode::RedConfirmExpired);
    let red = net.red(1, &confirmed(1_000));
    assert_eq!(refused(&mut net, red).0, FailureCode::RedConfirmExpired);
    let again = net.propose(1, 1, &RedWish::part(500));
    applied(&mut net, again);

    let mut net = booked(USE_NONE);
    let propose = net.propose(1, 1, &RedWish::part(1_000));
    applied(&mut net, propose);
    let proposed_ms = net.tip().time_ms;
    net.set_clock_ms(proposed_ms + CONFIRMATION_MS_MAX - 1_000);
    let just = answer(&mut net, RedAnswer::Accept);
    applied(&mut net, just);
}

#[test]
fn a_refusal_or_a_withdrawal_ends_a_proposal_and_another_may_follow() {
    let mut net = booked(USE_NONE);
    let propose = net.propose(1, 1, &RedWish::part(1_000));
    applied(&mut net, propose);
    let foreign = net.answer((2, &TestNet::buyer()), 1, RedAnswer::Withdraw);
    assert_eq!(refused(&mut net, foreign).0, FailureCode::PermissionDenied);
    let refuse = answer(&mut net, RedAnswer::Refuse);
    applied(&mut net, refuse);
    let red = net.red(1, &confirmed(1_000));
    assert_eq!(refused(&mut net, red).0, FailureCode::RedConfirmRefused);
    let changed_mind = answer(&mut net, RedAnswer::Accept);
    assert_eq!(
        refused(&mut net, changed_mind).0,
        FailureCode::RedConfirmRefused
    );

    let propose = net.propose(1, 1, &RedWish::part(900));
    applied(&mut net, propose);
    let accept = answer(&mut net, RedAnswer::Accept);
    applied(&mut net, accept);
    let merchant = net.merchant.clone();
    let withdraw = net.answer((1, &merchant), 1, RedAnswer::Withdraw);
    applied(&mut net, withdraw);
    let red = net.red(1, &confirmed(900));
    assert_eq!(refused(&mut net, red).0, FailureCode::RedConfirmExpired);
}

#[test]
fn only_the_parties_propose_and_only_what_can_be_taken_back() {
    let mut net = booked(USE_NONE);
    let over = net.propose(1, 1, &RedWish::part(10_001));
    assert_eq!(refused(&mut net, over).0, FailureCode::RedAmountExceeded);
    let partial = net.propose(
        1,
        1,
        &RedWish {
            reason: 1,
            ..RedWish::part(1)
        },
    );
    assert_eq!(refused(&mut net, partial).0, FailureCode::RedReasonPartial);
    // An invoice whose buyer has no account: nobody could answer.
    let invoice = net.invoice("b");
    let mut body = invoice.body().clone();
    if let piao_chain::transaction::Payload::IssueInvoice(invoice) = &mut body.payload {
        invoice.facts.buyer = piao_chain::tax::Buyer::Sealed {
            commitment: [1; 32],
            class: 1,
        };
    }
    let invoice = TestNet::sign(body, &net.merchant);
    applied(&mut net, invoice);
    for account in [1, 2] {
        let propose = net.propose(account, 2, &RedWish::part(1_000));
        assert_eq!(refused(&mut net, propose).0, FailureCode::OriginalNotFound);
    }
    let none = answer(&mut net, RedAnswer::Accept);
    assert_eq!(refused(&mut net, none).0, FailureCode::OriginalNotFound);
}

#[test]
fn only_the_buyer_books_and_only_an_invoice_in_force_in_a_month_that_has_begun() {
    let mut net = booked(USE_NONE);
    let ahead = net.book(1, USE_NONE, 202_612);
    assert_eq!(
        refused(&mut net, ahead),
        (FailureCode::DateInFuture, vec![202_612, 202_611])
    );
    let before = net.book(1, USE_NONE, 202_610);
    assert_eq!(
        refused(&mut net, before),
        (FailureCode::DateTooOld, vec![202_610, 202_611])
    );
    let rebooked = net.book(1, USE_DEDUCTED, 202_611);
    applied(&mut net, rebooked);
    assert_eq!(net.invoice_leaf(1).booked_use, USE_DEDUCTED);
    let unknown = net.book(9, USE_NONE, 202_611);
    assert_eq!(
        refused(&mut net, unknown),
        (FailureCode::OriginalNotFound, vec![9])
    );
    for (booked_use, period) in [(0, 202_611), (5, 202_611), (1, 202_600), (1, 202_613)] {
        let malformed = net.book(1, booked_use, period);
        let error = malformed.check(&net.genesis.chain_id()).unwrap_err();
        assert_eq!(error.code, FailureCode::TransactionMalformed);
    }

    let mut net = TestNet::with_buyer(1);
    let invoice = net.invoice_of("a", facts_of(&[(10_000, 600, 60_000)]));
    applied(&mut net, invoice);
    let red = net.red(1, &RedWish::error());
    applied(&mut net, red);
    let late = net.book(1, USE_NONE, 202_611);
    assert_eq!(refused(&mut net, late).0, FailureCode::OriginalNotInForce);
    let red = net.book(2, USE_NONE, 202_611);
    assert_eq!(refused(&mut net, red).0, FailureCode::OriginalIsRed);
}
