//! What may be taken back, and what is said against anything else.

use piao_chain::amount::Fen;
use piao_chain::failure::FailureCode;
use piao_chain::invoice::InvoiceNumber;
use piao_chain::rate::RatePpm;
use piao_chain::state::SlotKind;
use piao_chain::tax::{
    Buyer, DISCOUNT_LINE, DISCOUNTED_LINE, RED_ALLOWANCE, RED_ERROR, RED_RETURN, RedPart,
};
use piao_chain::testing::{RedWish, TestNet, key, sample_uscc, slot_number};
use piao_chain::time::IssueDate;
use piao_chain::transaction::{IssueRedLetter, Payload, SignedTransaction};

use crate::{account, applied, facts_of, refused, total};

const DAY_MS: u64 = 86_400_000;

/// A network whose invoice 1 is the sample: 100.00 and 6.00.
fn with_invoice() -> TestNet {
    let mut net = TestNet::with_buyer(1);
    let invoice = net.invoice("a");
    applied(&mut net, invoice);
    net
}

/// The red letter of a wish with a change.
fn changed(
    net: &mut TestNet,
    wish: &RedWish,
    change: impl FnOnce(&mut IssueRedLetter),
) -> SignedTransaction {
    let mut red = net.red_letter(1, wish);
    change(&mut red);
    let merchant = net.merchant.clone();
    net.anchored(1, &merchant, Payload::IssueRedLetter(Box::new(red)))
}

/// What makes a changed red letter inadmissible.
fn inadmissible(change: impl FnOnce(&mut IssueRedLetter)) -> FailureCode {
    let mut net = with_invoice();
    let red = changed(&mut net, &RedWish::default(), change);
    red.check(&net.genesis.chain_id()).unwrap_err().code
}

/// What a changed red letter is refused for.
fn refusal(change: impl FnOnce(&mut IssueRedLetter)) -> (FailureCode, Vec<i64>) {
    let mut net = with_invoice();
    let red = changed(&mut net, &RedWish::default(), change);
    refused(&mut net, red)
}

#[test]
fn a_red_letter_is_a_numbered_invoice_of_negative_amounts_that_takes_back_its_original() {
    let mut net = with_invoice();
    let before = account(&net, 1);
    let red = net.red(1, &RedWish::error());
    let outcome = applied(&mut net, red);
    assert_eq!(outcome.effects.len(), 1);
    let effect = &outcome.effects[0];
    assert_eq!((effect.counter, effect.number.sequence()), (2, 2));
    assert_eq!(effect.prev_invoice_id, net.issued(1).invoice_id());
    let facts = net.issued(2).facts().clone();
    assert_eq!(
        (facts.totals.amount.fen(), facts.totals.tax.fen()),
        (-10_000, -600)
    );
    let leaf = net.invoice_leaf(1);
    assert_eq!(leaf.reversed_fen, [10_000]);
    let mark = leaf.last_red.unwrap();
    assert_eq!((mark.slot, mark.number), (effect.slot, effect.number));
    assert_eq!(mark.time_ms, net.tip().time_ms);
    let after = account(&net, 1);
    assert_eq!(after.fee_balance_fen, before.fee_balance_fen - 10);
    assert_eq!((before.quota_used_fen, after.quota_used_fen), (10_000, 0));
}

#[test]
fn parts_take_back_up_to_what_is_left_and_the_last_takes_exactly_the_rest() {
    let mut net = TestNet::with_buyer(1);
    // 33.33 at 6 % is 1.9998: the tax of three parts is not three times that of one.
    let invoice = net.invoice_of("a", facts_of(&[(3_333, 200, 60_000), (500, 65, 130_000)]));
    applied(&mut net, invoice);
    let mut taxes = Vec::new();
    for amount_fen in [1_111, 1_111, 1_111] {
        let red = net.red(1, &RedWish::part(amount_fen));
        applied(&mut net, red);
        let index = 1 + u64::try_from(taxes.len()).unwrap() + 1;
        taxes.push(net.issued(index).facts().totals.tax.fen());
    }
    assert_eq!(taxes, [-67, -66, -67]);
    let before = |index: u64| {
        net.invoice_leaf(index)
            .last_red
            .map(|red| red.number.sequence())
    };
    assert_eq!([1, 4, 3, 2].map(before), [Some(4), Some(3), Some(2), None]);
    assert_eq!(net.invoice_leaf(1).reversed_fen, [3_333, 0]);
    let more = net.red_letter(1, &RedWish::default());
    assert_eq!(
        more.original_lines,
        [2],
        "all that is left is the second line"
    );
    let red = net.red(1, &RedWish::part(1));
    let over = (FailureCode::RedAmountExceeded, vec![1, 1, 0]);
    assert_eq!(refused(&mut net, red), over);
    let rest = net.red(1, &RedWish::default());
    applied(&mut net, rest);
    assert_eq!(net.invoice_leaf(1).reversed_fen, [3_333, 500]);
}

#[test]
fn two_parts_of_one_block_are_judged_one_after_the_other() {
    let mut net = with_invoice();
    let first = net.red(1, &RedWish::part(6_000));
    let second = net.red(1, &RedWish::part(6_000));
    let outcomes = net.commit(vec![first, second]);
    assert!(outcomes[0].is_applied());
    assert_eq!(outcomes[1].failure(), Some(FailureCode::RedAmountExceeded));
    assert_eq!(outcomes[1].evidence, [1, 6_000, 4_000]);
}

#[test]
fn an_invoice_of_the_same_block_can_be_taken_back() {
    let mut net = with_invoice();
    let red = net.red(1, &RedWish::default());
    // The same red letter against an invoice that is issued just before it.
    let mut letter = match &red.body().payload {
        Payload::IssueRedLetter(letter) => (**letter).clone(),
        other => panic!("a red letter, not {}", other.name()),
    };
    let date = letter.facts.issued_on;
    letter.original = InvoiceNumber::new(date, 42, 7, 2).unwrap();
    letter.facts.red.as_mut().unwrap().original_slot = slot_number(SlotKind::Invoice, 2);
    let merchant = net.merchant.clone();
    let red = net.anchored(1, &merchant, Payload::IssueRedLetter(Box::new(letter)));
    let invoice = net.invoice("b");
    let outcomes = net.commit(vec![invoice, red]);
    assert!(
        outcomes
            .iter()
            .all(piao_chain::outcome::Outcome::is_applied)
    );
    assert_eq!(net.invoice_leaf(2).reversed_fen, [10_000]);
}

#[test]
fn a_red_letter_can_not_be_taken_back_itself() {
    let mut net = with_invoice();
    let red = net.red(1, &RedWish::part(5_000));
    applied(&mut net, red);
    let (date, rate) = (net.issued(2).effect().number, RatePpm::new(60_000));
    let again = changed(&mut net, &RedWish::part(1_000), |red| {
        red.original = date;
        red.facts.red.as_mut().unwrap().original_slot = slot_number(SlotKind::Invoice, 2);
        red.facts.lines[0].rate = rate;
    });
    assert_eq!(refused(&mut net, again).0, FailureCode::OriginalIsRed);
}

#[test]
fn issued_in_error_takes_back_all_that_is_left_and_nothing_less() {
    let mut net = with_invoice();
    let part = RedWish {
        reason: RED_ERROR,
        ..RedWish::part(9_999)
    };
    let red = net.red(1, &part);
    let partial = (FailureCode::RedReasonPartial, vec![1]);
    assert_eq!(refused(&mut net, red), partial);
    let red = net.red(
        1,
        &RedWish {
            reason: RED_ALLOWANCE,
            ..RedWish::part(2_500)
        },
    );
    applied(&mut net, red);
    let red = net.red(1, &RedWish::error());
    applied(&mut net, red);
    assert_eq!(net.invoice_leaf(1).reversed_fen, [10_000]);
}

#[test]
fn another_invoice_number_account_or_index_is_no_original() {
    let (code, evidence) = refusal(|red| {
        let date = red.facts.issued_on;
        red.original = InvoiceNumber::new(date, 42, 7, 2).unwrap();
    });
    assert_eq!((code, evidence), (FailureCode::OriginalNotFound, vec![1]));
    for slot in [
        0,
        slot_number(SlotKind::Invoice, 2),
        slot_number(SlotKind::Account, 1),
    ] {
        let named = |red: &mut IssueRedLetter| {
            red.facts.red.as_mut().unwrap().original_slot = slot;
        };
        assert_eq!(refusal(named).0, FailureCode::OriginalNotFound, "{slot:x}");
    }
    let mut net = with_invoice();
    let red = net.red_letter(1, &RedWish::default());
    let credit = net.credit(2, 1_000, "buyer");
    applied(&mut net, credit);
    let foreign = net.anchored(2, &TestNet::buyer(), Payload::IssueRedLetter(Box::new(red)));
    assert_eq!(refused(&mut net, foreign).0, FailureCode::OriginalNotFound);
}

#[test]
fn what_is_not_the_originals_is_refused() {
    let tax = refusal(|red| {
        red.facts.lines[0].tax = Fen::new(-599);
        total(&mut red.facts);
    });
    assert_eq!(tax, (FailureCode::LineTaxMismatch, vec![1, -599, -600]));
    let deduction = refusal(|red| red.facts.lines[0].deduction = Fen::new(-1));
    assert_eq!(deduction, (FailureCode::DeductionInvalid, vec![1, -1, 0]));
    let line = (FailureCode::RedFactsMismatch, vec![1]);
    assert_eq!(refusal(|red| red.facts.lines[0].class_code += 1), line);
    assert_eq!(refusal(|red| red.facts.lines[0].preference = 3), line);
    let head = (FailureCode::RedFactsMismatch, vec![0]);
    assert_eq!(refusal(|red| red.facts.kind = 1), head);
    assert_eq!(refusal(|red| red.facts.special_business = 3), head);
    assert_eq!(refusal(|red| red.facts.waive_reason = 1), head);
    let buyer = refusal(|red| {
        red.facts.buyer = Buyer::Sealed {
            commitment: [1; 32],
            class: 1,
        };
    });
    assert_eq!(buyer, head);
    let line = refusal(|red| red.original_lines = vec![2]);
    assert_eq!(line, (FailureCode::RedAmountExceeded, vec![2, 10_000, 0]));
    assert_eq!(
        refusal(|red| red.facts.rule_set = 2),
        (FailureCode::RulesetUnknown, vec![2, 1])
    );
}

#[test]
fn a_red_letter_that_contradicts_itself_stands_in_no_block() {
    use FailureCode as F;
    assert_eq!(
        inadmissible(|red| red.facts.red.as_mut().unwrap().reason = 0),
        F::RedReasonInvalid
    );
    assert_eq!(
        inadmissible(|red| red.facts.red.as_mut().unwrap().reason = 5),
        F::RedReasonInvalid
    );
    assert_eq!(inadmissible(|red| red.facts.red = None), F::KindUnsupported);
    assert_eq!(
        inadmissible(|red| red.facts.issuing_mode = 2),
        F::KindUnsupported
    );
    assert_eq!(
        inadmissible(|red| red.facts.currency = 840),
        F::CurrencyUnsupported
    );
    assert_eq!(
        inadmissible(|red| red.facts.rule_set = 99),
        F::RulesetUnknown
    );
    assert_eq!(inadmissible(|red| red.facts.lines.clear()), F::NoLines);
}

#[test]
fn a_line_of_a_red_letter_that_contradicts_itself_stands_in_no_block() {
    use FailureCode as F;
    let with_line = |change: fn(&mut IssueRedLetter)| {
        inadmissible(|red| {
            change(red);
            total(&mut red.facts);
        })
    };
    assert_eq!(
        with_line(|red| red.facts.lines[0].amount = Fen::ZERO),
        F::LineTaxMismatch
    );
    assert_eq!(
        with_line(|red| {
            red.facts.lines[0].amount = Fen::ZERO;
            red.facts.lines[0].tax = Fen::ZERO;
        }),
        F::AmountZero
    );
    assert_eq!(
        with_line(|red| {
            red.facts.lines[0].amount = Fen::new(10_000);
            red.facts.lines[0].tax = Fen::new(600);
        }),
        F::AmountSign
    );
    assert_eq!(
        with_line(|red| red.facts.lines[0].tax = Fen::new(-610)),
        F::LineTaxMismatch
    );
    assert_eq!(
        with_line(|red| red.facts.lines[0].line_type = DISCOUNT_LINE),
        F::RedMixedDiscount
    );
    assert_eq!(
        with_line(|red| red.facts.lines[0].line_type = DISCOUNTED_LINE),
        F::RedMixedDiscount
    );
    assert_eq!(
        with_line(|red| red.facts.lines[0].deduction = Fen::new(1)),
        F::DeductionInvalid
    );
}

#[test]
fn totals_and_line_numbers_of_a_red_letter_that_are_wrong_stand_in_no_block() {
    use FailureCode as F;
    let with_line = |change: fn(&mut IssueRedLetter)| {
        inadmissible(|red| {
            change(red);
            total(&mut red.facts);
        })
    };
    assert_eq!(
        inadmissible(|red| red.facts.totals.amount = Fen::ZERO),
        F::TotalAmountMismatch
    );
    assert_eq!(
        inadmissible(|red| red.facts.totals.gross = Fen::ZERO),
        F::GrandTotalMismatch
    );
    assert_eq!(
        inadmissible(|red| red.original_lines = vec![]),
        F::TransactionMalformed
    );
    assert_eq!(
        inadmissible(|red| red.original_lines = vec![0]),
        F::TransactionMalformed
    );
    assert_eq!(
        inadmissible(|red| red.original_lines = vec![201]),
        F::TransactionMalformed
    );
    assert_eq!(
        inadmissible(|red| red.field_count = 0),
        F::TransactionMalformed
    );
    assert_eq!(
        with_line(|red| {
            red.facts.lines.push(red.facts.lines[0]);
            red.original_lines = vec![1, 1];
        }),
        F::TransactionMalformed
    );
}

#[test]
fn an_invoice_with_a_red_reference_stands_in_no_block() {
    let mut net = with_invoice();
    let red = net.red_letter(1, &RedWish::default());
    let mut body = net.invoice("b").body().clone();
    if let Payload::IssueInvoice(invoice) = &mut body.payload {
        invoice.facts.red = red.facts.red;
    }
    let invoice = TestNet::sign(body, &net.merchant);
    let error = invoice.check(&net.genesis.chain_id()).unwrap_err();
    assert_eq!(error.code, FailureCode::KindUnsupported);
}

#[test]
fn a_discount_goes_back_with_its_line() {
    let mut net = TestNet::with_buyer(1);
    let mut facts = facts_of(&[
        (10_000, 600, 60_000),
        (-4_000, -240, 60_000),
        (700, 42, 60_000),
    ]);
    facts.lines[0].line_type = DISCOUNTED_LINE;
    facts.lines[1].line_type = DISCOUNT_LINE;
    let invoice = net.invoice_of("a", facts);
    applied(&mut net, invoice);
    let red = net.red(1, &RedWish::part(6_001));
    let over = (FailureCode::RedAmountExceeded, vec![1, 6_001, 6_000]);
    assert_eq!(refused(&mut net, red), over);
    let red = net.red(1, &RedWish::error());
    applied(&mut net, red);
    assert_eq!(net.invoice_leaf(1).reversed_fen, [6_000, 0, 700]);
    let lines = net.issued(2).facts().lines.len();
    assert_eq!((lines, net.issued(2).facts().totals.tax.fen()), (2, -402));
}

#[test]
fn a_deduction_goes_back_with_its_amount() {
    let mut net = TestNet::with_buyer(1);
    let mut facts = facts_of(&[(10_000, 420, 60_000)]);
    facts.lines[0].deduction = Fen::new(3_000);
    let invoice = net.invoice_of("a", facts);
    applied(&mut net, invoice);
    let mut parts = Vec::new();
    for amount_fen in [3_333, 3_333, 3_334] {
        let red = net.red(1, &RedWish::part(amount_fen));
        applied(&mut net, red);
        let line = net
            .issued(2 + u64::try_from(parts.len()).unwrap())
            .facts()
            .lines[0];
        parts.push((line.deduction.fen(), line.tax.fen()));
    }
    let sum = |of: fn(&(i64, i64)) -> i64| parts.iter().map(of).sum::<i64>();
    assert_eq!((sum(|part| part.0), sum(|part| part.1)), (-3_000, -420));
}

#[test]
fn the_quota_comes_back_in_the_month_of_the_original_only() {
    let mut net = with_invoice();
    let now = net.now().ms();
    net.set_clock_ms(now + 10 * DAY_MS);
    let invoice = {
        let mut facts = facts_of(&[(10_000, 600, 60_000)]);
        facts.issued_on = IssueDate::parse("2026-12-01").unwrap();
        net.invoice_of("b", facts)
    };
    applied(&mut net, invoice);
    assert_eq!(account(&net, 1).quota_used_fen, 10_000);
    let old = net.red(1, &RedWish::part(4_000));
    applied(&mut net, old);
    assert_eq!(
        account(&net, 1).quota_used_fen,
        10_000,
        "of the month before"
    );
    let new = net.red(2, &RedWish::part(4_000));
    applied(&mut net, new);
    assert_eq!(account(&net, 1).quota_used_fen, 6_000);
}

#[test]
fn dates_and_fees_are_asked_as_of_any_invoice() {
    let early = refusal(|red| red.facts.issued_on = IssueDate::parse("2026-11-20").unwrap());
    assert_eq!(early.0, FailureCode::DateTooOld, "before its original");
    let late = refusal(|red| red.facts.issued_on = IssueDate::parse("2026-11-23").unwrap());
    assert_eq!(late.0, FailureCode::DateInFuture);
    let mut net = with_invoice();
    let mut body = net.red(1, &RedWish::default()).body().clone();
    body.fee_max_fen = 9;
    let red = TestNet::sign(body, &net.merchant);
    assert_eq!(
        refused(&mut net, red),
        (FailureCode::FeeQuoteStale, vec![10, 9])
    );
}

#[test]
fn only_an_issuing_key_of_the_seller_signs_a_red_letter() {
    let mut net = with_invoice();
    let red = net.red_letter(1, &RedWish::default());
    let admin = key("admin of 1");
    let add = net.add_key_of(1, &admin, piao_chain::state::KeyRole::Admin);
    applied(&mut net, add);
    let red = net.anchored(1, &admin, Payload::IssueRedLetter(Box::new(red)));
    let built = net.build(vec![red]);
    assert!(built.block.transactions.is_empty());
}

#[test]
fn an_order_can_be_issued_again_once_nothing_of_its_invoice_is_left() {
    let mut net = with_invoice();
    let again = net.anchored_invoice("a");
    assert_eq!(refused(&mut net, again).0, FailureCode::DuplicateOrder);
    let part = net.red(1, &RedWish::part(9_999));
    applied(&mut net, part);
    let again = net.anchored_invoice("a");
    assert_eq!(refused(&mut net, again).0, FailureCode::DuplicateOrder);
    let rest = net.red(
        1,
        &RedWish {
            reason: RED_RETURN,
            ..RedWish::default()
        },
    );
    let again = net.anchored_invoice("a");
    let twice = net.anchored_invoice("a");
    let outcomes = net.commit(vec![rest, again, twice]);
    assert!(outcomes[0].is_applied() && outcomes[1].is_applied());
    assert_eq!(outcomes[2].failure(), Some(FailureCode::DuplicateOrder));
    assert_eq!(outcomes[2].evidence, [4]);
}

#[test]
fn a_sealed_buyer_is_repeated_byte_for_byte() {
    let mut net = TestNet::with_buyer(1);
    let mut body = net.invoice("a").body().clone();
    if let Payload::IssueInvoice(invoice) = &mut body.payload {
        invoice.facts.buyer = Buyer::Sealed {
            commitment: [7; 32],
            class: 3,
        };
    }
    let invoice = TestNet::sign(body, &net.merchant);
    applied(&mut net, invoice);
    let opened = changed(&mut net, &RedWish::default(), |red| {
        red.facts.buyer = Buyer::Clear {
            uscc: sample_uscc(),
        };
    });
    assert_eq!(refused(&mut net, opened).0, FailureCode::RedFactsMismatch);
    let red = net.red(1, &RedWish::default());
    applied(&mut net, red);
}

#[test]
fn the_largest_red_letter_fits_its_bounds() {
    let mut net = TestNet::with_buyer(1);
    let invoice = net.invoice_of("a", facts_of(&[(1_000, 60, 60_000); 200]));
    applied(&mut net, invoice);
    let all: Vec<RedPart> = (1..=200)
        .map(|line| RedPart {
            line,
            amount_fen: 999,
        })
        .collect();
    let wish = RedWish {
        parts: Some(all),
        ..RedWish::default()
    };
    let red = net.red(1, &wish);
    assert!(red.encoded_len() < piao_chain::limits::TX_BYTES_MAX / 2);
    applied(&mut net, red);
    assert_eq!(net.invoice_leaf(1).reversed_fen, [999; 200]);
}
