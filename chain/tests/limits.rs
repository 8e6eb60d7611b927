//! Limits the authority sets: who may, whom they hold for, what they refuse, and that an account
//! without them has the state it always had.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests fails the test by panicking"
)]

use piao_chain::execute::Skipped;
use piao_chain::failure::FailureCode;
use piao_chain::state::{AccountLimits, IssueLimits, Leaf, QuotaStatus, Slot, StateView as _};
use piao_chain::testing::{TestNet, sample_invoice};
use piao_chain::time::IssueDate;
use piao_chain::transaction::{Payload, SetLimits, SignedTransaction};

/// What the sample invoice is over, net of tax.
const AMOUNT_FEN: i64 = 10_000;

fn limits(single_invoice_fen: i64, invoices_per_day: u32) -> IssueLimits {
    IssueLimits {
        single_invoice_fen,
        invoices_per_day,
        quota: QuotaStatus::Open,
    }
}

fn suspended() -> IssueLimits {
    IssueLimits {
        quota: QuotaStatus::Suspended,
        ..IssueLimits::default()
    }
}

fn set(net: &mut TestNet, account: u32, limits: Option<IssueLimits>) -> SignedTransaction {
    let authority = net.authority.clone();
    let payload = Payload::SetLimits(SetLimits { account, limits });
    let body = net.body(0, &authority.public_key(), payload);
    TestNet::sign(body, &authority)
}

/// Codes of a block that holds a setting and then invoices for these orders.
fn codes(net: &mut TestNet, setting: Option<SignedTransaction>, orders: &[&str]) -> Vec<u16> {
    let invoices = orders.iter().map(|order| net.anchored_invoice(order));
    let invoices: Vec<_> = invoices.collect();
    let all = setting.into_iter().chain(invoices).collect();
    let outcomes = net.commit(all);
    outcomes.iter().map(|outcome| outcome.code).collect()
}

/// Why a builder leaves a transaction out.
fn left_out(net: &TestNet, transaction: SignedTransaction) -> (FailureCode, Vec<i64>) {
    let built = net.build(vec![transaction]);
    assert!(built.block.transactions.is_empty());
    match &built.skipped[0].1 {
        Skipped::Inadmissible(error) => (error.code, vec![]),
        Skipped::WouldFail(code, evidence) => (*code, evidence.clone()),
    }
}

fn counted(net: &TestNet, account: u32) -> Option<AccountLimits> {
    match net.state.leaf(Slot::limits(account)).unwrap() {
        Some(Leaf::Limits(limits)) => Some(limits),
        other => {
            assert_eq!(other, None);
            None
        }
    }
}

#[test]
fn an_invoice_over_the_single_limit_fails_with_amount_and_limit() {
    let mut net = TestNet::with_merchant(1);
    let exact = set(&mut net, 1, Some(limits(AMOUNT_FEN, 0)));
    assert_eq!(codes(&mut net, Some(exact), &["a"]), [0, 0]);
    let lower = set(&mut net, 1, Some(limits(AMOUNT_FEN - 1, 0)));
    assert_eq!(codes(&mut net, Some(lower), &["b"]), [0, 1504]);
    let last = net.blocks.last().unwrap();
    assert_eq!(last.outcomes[1].evidence, [AMOUNT_FEN, AMOUNT_FEN - 1]);
    let quiet = net.invoice("c");
    let why = (
        FailureCode::SingleInvoiceLimit,
        vec![AMOUNT_FEN, AMOUNT_FEN - 1],
    );
    assert_eq!(left_out(&net, quiet), why);
    let counted = counted(&net, 1).unwrap();
    assert_eq!(
        counted.issued, 0,
        "without a daily limit nothing is counted"
    );
}

#[test]
fn the_daily_limit_counts_applied_invoices_and_starts_anew_at_midnight_in_china() {
    let mut net = TestNet::with_merchant(1);
    let two = set(&mut net, 1, Some(limits(0, 2)));
    // The second is a failure of another kind, which counts for nothing.
    let outcomes = codes(&mut net, Some(two), &["a", "a", "b", "c"]);
    assert_eq!(outcomes, [0, 0, 1407, 0, 1505]);
    let today = IssueDate::of(net.now());
    let next = today.saturating_add_days(1);
    let evidence = &net.blocks.last().unwrap().outcomes[4].evidence;
    let next_ms = i64::try_from(next.begins().ms()).unwrap();
    assert_eq!(evidence, &[2, 2, next_ms]);
    let leaf = counted(&net, 1).unwrap();
    assert_eq!((leaf.day, leaf.issued), (today.days(), 2));
    net.set_clock_ms(next.begins().ms() - 1_000 - 1);
    assert_eq!(
        left_out_code(&mut net, "d"),
        Some(FailureCode::DailyCountLimit)
    );
    net.set_clock_ms(next.begins().ms() - 1_000);
    assert_eq!(codes(&mut net, None, &["e"]), [0]);
    let leaf = counted(&net, 1).unwrap();
    assert_eq!((leaf.day, leaf.issued), (next.days(), 1));
}

fn left_out_code(net: &mut TestNet, order: &str) -> Option<FailureCode> {
    let invoice = net.invoice(order);
    let built = net.build(vec![invoice]);
    built.skipped.first().map(|(_id, why)| match why {
        Skipped::Inadmissible(error) => error.code,
        Skipped::WouldFail(code, _evidence) => *code,
    })
}

#[test]
fn the_default_holds_for_accounts_without_limits_of_their_own_until_taken_back() {
    let mut net = TestNet::with_merchant(1);
    let everyone = set(&mut net, 0, Some(suspended()));
    assert_eq!(codes(&mut net, Some(everyone), &["a"]), [0, 1502]);
    let own = set(&mut net, 1, Some(IssueLimits::default()));
    assert_eq!(codes(&mut net, Some(own), &["b"]), [0, 0]);
    let back = set(&mut net, 1, None);
    assert_eq!(codes(&mut net, Some(back), &["c"]), [0, 1502]);
    let nobody = set(&mut net, 0, None);
    assert_eq!(codes(&mut net, Some(nobody), &["d"]), [0, 0]);
    let everyone = set(&mut net, 0, Some(limits(0, 1)));
    assert_eq!(codes(&mut net, Some(everyone), &["e"]), [0, 0]);
    assert_eq!(counted(&net, 1).unwrap().issued, 1, "counted from now on");
}

#[test]
fn faults_of_limits_stand_in_catalogue_order_behind_the_quota() {
    let mut net = TestNet::with_merchant(1);
    let all = IssueLimits {
        quota: QuotaStatus::Suspended,
        ..limits(1, 1)
    };
    let payload = sample_invoice("a");
    let setting = set(&mut net, 1, Some(all));
    net.commit(vec![setting]);
    let Some(Leaf::Account(_identity, mut account)) = net.state.leaf(Slot::account(1)).unwrap()
    else {
        panic!("merchant 1 is registered");
    };
    account.month_quota_fen = 0;
    account.fee_balance_fen = 0;
    let terms = piao_chain::transaction::Terms {
        now: net.now(),
        rule_set: 1,
        fee_fen: 10,
        fee_max_fen: 10,
        limits: all,
        issued_today: 1,
    };
    let refusals = payload.refusals(&account, None, &terms);
    let found: Vec<u16> = refusals.iter().map(|(code, _)| code.number()).collect();
    assert_eq!(found, [1501, 1502, 1504, 1505, 1601]);
}

#[test]
fn only_the_authority_sets_limits_and_only_for_accounts_there_are() {
    let mut net = TestNet::with_merchant(1);
    let merchant = net.merchant.clone();
    let payload = Payload::SetLimits(SetLimits {
        account: 1,
        limits: None,
    });
    let body = net.body(1, &merchant.public_key(), payload);
    let by_merchant = left_out(&net, TestNet::sign(body, &merchant));
    assert_eq!(by_merchant.0, FailureCode::AuthorityRequired);
    let negative = set(&mut net, 1, Some(limits(-1, 0)));
    let refused = left_out(&net, negative);
    assert_eq!(refused.0, FailureCode::TransactionMalformed);
    let stranger = set(&mut net, 2, Some(limits(1, 1)));
    let refused = left_out(&net, stranger);
    assert_eq!(refused, (FailureCode::TaxpayerNotRegistered, vec![]));
}

#[test]
fn a_chain_without_limits_has_no_leaf_of_them_and_parameters_never_change() {
    let mut net = TestNet::with_merchant(1);
    let params = net.tip().params_hash;
    codes(&mut net, None, &["a"]);
    assert_eq!(net.state.leaf(Slot::DEFAULT_LIMITS), Ok(None));
    assert_eq!(net.state.leaf(Slot::limits(1)), Ok(None));
    let one = set(&mut net, 1, Some(limits(0, 5)));
    codes(&mut net, Some(one), &["b"]);
    let none = Leaf::DefaultLimits(IssueLimits::default());
    assert_eq!(net.state.leaf(Slot::DEFAULT_LIMITS), Ok(Some(none)));
    net.commit(vec![]);
    assert_eq!(net.tip().params_hash, params);
}
