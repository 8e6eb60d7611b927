//! Two doors, one engine: what the desk finds is what a block finds, on the same state.
//!
//! A case is a set of public facts, right or damaged, the draft that says the same, and a state.
//! Private parts of the draft are right: what only the desk sees has its own table.

use std::collections::BTreeSet;

use piao_chain::amount::Fen;
use piao_chain::digest::ChainId;
use piao_chain::execute::{ExecuteError, Execution, SignatureCheck};
use piao_chain::failure::{Door, FailureCode};
use piao_chain::invoice::{
    BuyerIdentity, Desk, Draft, DraftBuyer, DraftLine, DraftTotals, preflight, sample,
};
use piao_chain::rate::RatePpm;
use piao_chain::signature::{PublicKey, SecretKey};
use piao_chain::state::{
    Account, AccountLimits, AccountStatus, IssueLimits, KeyLeaf, KeyRole, Leaf, MemoryState,
    Params, QuotaStatus, Slot, StateDelta, StateView as _,
};
use piao_chain::tax::{
    Buyer, DISCOUNT_LINE, DISCOUNTED_LINE, NORMAL_LINE, RuleSet, TaxFacts, TaxLine, Taxpayer,
};
use piao_chain::testing::{TestNet, key, sample_invoice};
use piao_chain::time::{BlockTime, IssueDate};
use piao_chain::transaction::{
    IssueInvoice, Payload, SUITE, SignedTransaction, Terms, TransactionBody, VERSION,
};

use super::random::{self, Random, some};

const CASES: u64 = 6_000;
const HEIGHT: u64 = 9;
const FEE_FEN: u32 = 10;

/// Believes every signature.
struct Trusting;

impl SignatureCheck for Trusting {
    fn is_valid(&self, _transaction: &SignedTransaction, _keys: &[PublicKey]) -> bool {
        true
    }
}

/// A state with one merchant, and what a case changes of it.
struct World {
    chain_id: ChainId,
    merchant: SecretKey,
    identity: piao_chain::transaction::Identity,
    account: Account,
    params: Params,
    base: MemoryState,
}

impl World {
    fn new() -> Self {
        let net = TestNet::with_merchant(1);
        let leaf = |slot| net.state.leaf(slot).unwrap().unwrap();
        let (Leaf::Account(identity, account), Leaf::Params(mut params)) =
            (leaf(Slot::account(1)), leaf(Slot::PARAMS))
        else {
            panic!("a merchant is registered")
        };
        params.rule_set = RuleSet::CURRENT.id;
        params.fees.issue_fen = FEE_FEN;
        Self {
            chain_id: net.genesis.chain_id(),
            merchant: key("merchant 1"),
            identity,
            account,
            params,
            base: net.state,
        }
    }

    fn state(&self, case: &Case) -> MemoryState {
        let mut delta = StateDelta::default();
        let account = Leaf::Account(self.identity.clone(), case.account.clone());
        delta.leaves.insert(Slot::account(1), account);
        let mut params = self.params.clone();
        params.rule_set = case.rule_set;
        delta.leaves.insert(Slot::PARAMS, Leaf::Params(params));
        if let Some(limits) = case.own_limits {
            let none = Leaf::DefaultLimits(IssueLimits::default());
            delta.leaves.insert(Slot::DEFAULT_LIMITS, none);
            let counted = AccountLimits {
                own: Some(limits),
                day: sample::today().days(),
                issued: case.issued_today,
            };
            let leaf = Leaf::Limits(counted);
            delta.leaves.insert(Slot::limits(1), leaf);
        }
        if case.used {
            delta.orders.insert(case.invoice.order_key, 1);
        }
        let mut state = self.base.clone();
        state.apply(delta);
        state
    }

    fn sign(&self, case: &Case) -> SignedTransaction {
        let body = TransactionBody {
            version: VERSION,
            suite: SUITE,
            chain_id: self.chain_id,
            account: 1,
            signers: vec![self.merchant.public_key().id()],
            idem: [7; 16],
            valid_until_ms: sample::NOW_MS + 600_000,
            fee_max_fen: case.fee_max_fen,
            flags: 0,
            payload: Payload::IssueInvoice(Box::new(case.invoice.clone())),
        };
        SignedTransaction::sign(body, &[&self.merchant]).unwrap()
    }

    /// What a block would say: inadmissible, failed, or nothing.
    fn executed(&self, case: &Case) -> Said {
        let state = self.state(case);
        let set = TestNet::new(1).genesis.validators;
        let at = (HEIGHT, sample::NOW_MS);
        let begun = Execution::begin(&state, self.chain_id, at, &set);
        let mut execution = begun.unwrap();
        match execution.run(&self.sign(case), &Trusting) {
            Ok(outcome) if outcome.code == 0 => Said::Nothing,
            Ok(outcome) => Said::Failed(FailureCode::from_number(outcome.code).unwrap()),
            Err(ExecuteError::Inadmissible(error)) => Said::Inadmissible(error.code),
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Said {
    Inadmissible(FailureCode),
    Failed(FailureCode),
    Nothing,
}

struct Case {
    invoice: IssueInvoice,
    account: Account,
    used: bool,
    rule_set: u16,
    fee_max_fen: u32,
    own_limits: Option<IssueLimits>,
    issued_today: u32,
}

impl Case {
    fn limits(&mut self) -> &mut IssueLimits {
        self.own_limits.get_or_insert_default()
    }
}

/// What the desk says, of what a block can see: the rules of the draft, and those of the state,
/// which are the same functions.
fn desk_says(case: &Case) -> Said {
    let desk = Desk {
        ..random::desk(case.account.taxpayer)
    };
    let draft = draft_of(&case.invoice.facts);
    let verdict = preflight(&draft, &desk);
    if let Some(prepared) = &verdict.prepared {
        assert_same_facts(
            &case.invoice.facts,
            &prepared.facts(buyer(prepared.buyer_identity())),
        );
    }
    let visible: BTreeSet<FailureCode> = verdict
        .faults
        .iter()
        .map(|fault| fault.code)
        .filter(|code| code.door() != Door::Desk)
        .collect();
    let of_state = |code: &FailureCode| match code {
        FailureCode::RateNotForTaxpayer | FailureCode::DateInFuture | FailureCode::DateTooOld => {
            true
        }
        FailureCode::WaiveReasonRequired => case.invoice.facts.waive_reason == 0,
        _ => false,
    };
    if let Some(first) = visible.iter().find(|code| !of_state(code)) {
        return Said::Inadmissible(*first);
    }
    let terms = Terms {
        now: BlockTime::from_ms(sample::NOW_MS),
        rule_set: case.rule_set,
        fee_fen: FEE_FEN,
        fee_max_fen: case.fee_max_fen,
        limits: case.own_limits.unwrap_or_default(),
        issued_today: case.issued_today,
    };
    let used = case.used.then_some(1);
    let refusals = case.invoice.refusals(&case.account, used, &terms);
    let mut first: Vec<FailureCode> = refusals.iter().map(|(code, _)| *code).collect();
    first.extend(visible);
    first.into_iter().min().map_or(Said::Nothing, Said::Failed)
}

fn buyer(identity: &BuyerIdentity) -> Buyer {
    match identity {
        BuyerIdentity::Clear(uscc) => Buyer::Clear { uscc: *uscc },
        BuyerIdentity::Private { class, .. } => sealed(class.number()),
    }
}

fn sealed(class: u8) -> Buyer {
    Buyer::Sealed {
        commitment: [0; 32],
        class,
    }
}

fn assert_same_facts(given: &TaxFacts, prepared: &TaxFacts) {
    assert_eq!(given, prepared, "the draft says something else");
}

/// The draft that says what the facts say, with everything private in order.
fn draft_of(facts: &TaxFacts) -> Draft {
    let noon = u64::from(facts.issued_on.days()) * 86_400_000 + 4 * 3_600_000;
    let now = facts.issued_on == sample::today();
    Draft {
        kind: some(match facts.kind {
            1 => "special",
            2 => "general",
            _ => "receipt",
        }),
        currency: some(if facts.currency == 156 { "CNY" } else { "USD" }),
        issued_at: (!now).then(|| BlockTime::from_ms(noon).to_string()),
        buyer: Some(draft_buyer(&facts.buyer)),
        waive_1pct_reason: (facts.waive_reason != 0).then(|| facts.waive_reason.to_string()),
        lines: facts.lines.iter().map(draft_line).collect(),
        totals: Some(DraftTotals {
            amount: some(facts.totals.amount),
            tax: some(facts.totals.tax),
            gross: some(facts.totals.gross),
            gross_capital: None,
        }),
        ..sample::draft()
    }
}

fn draft_buyer(buyer: &Buyer) -> DraftBuyer {
    let sealed = |buyer_type: &str, tax_id: Option<&str>| DraftBuyer {
        buyer_type: some(buyer_type),
        name: some("某某"),
        id_scheme: tax_id.map(|_| "legacy".to_owned()),
        tax_id: tax_id.map(str::to_owned),
        ..DraftBuyer::default()
    };
    let older = Some("420100700000123");
    match buyer {
        Buyer::Clear { uscc } => DraftBuyer {
            tax_id: some(uscc),
            ..sample::draft().buyer.unwrap()
        },
        Buyer::Sealed { class: 1, .. } => sealed("enterprise", older),
        Buyer::Sealed { class: 2, .. } => sealed("government", older),
        Buyer::Sealed { class: 3, .. } => sealed("individual", None),
        Buyer::Sealed { class: 4, .. } => sealed("other", older),
        Buyer::Sealed { .. } => sealed("fifth", older),
    }
}

fn draft_line(line: &TaxLine) -> DraftLine {
    DraftLine {
        class_code: some(line.class_code),
        amount: some(line.amount),
        rate: some(line.rate),
        tax: some(line.tax),
        deduction: (line.deduction != Fen::ZERO).then(|| line.deduction.to_string()),
        zero_rate_kind: line.zero_rate_kind.map(|mark| mark.to_string()),
        preference: (line.preference != 0).then(|| line.preference.to_string()),
        discount: Some(line.line_type == DISCOUNT_LINE),
        ..random::goods_line("0.06")
    }
}

/// Types of lines as a draft can say them: a discount, what stands before one, anything else.
fn set_line_types(facts: &mut TaxFacts) {
    let discounts: Vec<bool> = facts
        .lines
        .iter()
        .map(|line| line.line_type == DISCOUNT_LINE)
        .collect();
    for (index, line) in facts.lines.iter_mut().enumerate() {
        line.line_type = match (discounts[index], discounts.get(index + 1)) {
            (true, _) => DISCOUNT_LINE,
            (false, Some(true)) => DISCOUNTED_LINE,
            (false, _) => NORMAL_LINE,
        };
    }
}

/// Right facts of a few lines.
fn right(random: &mut Random, taxpayer: Taxpayer) -> TaxFacts {
    loop {
        let draft = random::draft(random, taxpayer);
        if draft.lines.len() <= 20 {
            let prepared = preflight(&draft, &random::desk(taxpayer)).prepared.unwrap();
            let mut facts = prepared.facts(buyer(prepared.buyer_identity()));
            // One name for all, since a discount has the name of its line.
            for line in &mut facts.lines {
                line.preference = 0;
            }
            return facts;
        }
    }
}

/// Changes one line. What a draft could only say by something unreadable is left to lines without
/// a discount: the desk does not compare what it can't read.
fn change_line(line: &mut TaxLine, readable: bool, random: &mut Random) {
    let by = Fen::new(random.pick(&[-10_000, -7, -1, 1, 6, 7, 10_000]));
    let moved = |amount: Fen| amount.checked_add(by).unwrap();
    match random.below(9) {
        0 => line.amount = moved(line.amount),
        1 => line.tax = moved(line.tax),
        2 => line.amount = Fen::ZERO,
        3 => line.deduction = Fen::new(random.fen(-5, 20_000)),
        4 => {
            let rates = [0, 10_000, 15_000, 30_000, 50_000, 60_000, 70_000, 130_000];
            line.rate = RatePpm::new(random.pick(&rates));
        }
        5 if readable => line.zero_rate_kind = random.pick(&[None, Some(0), Some(1), Some(3)]),
        5 => line.zero_rate_kind = Some(4),
        6 if readable => line.preference = random.pick(&[1, 3, 4, 8, 10, 12]),
        6 => line.preference = 19,
        7 if readable => line.class_code = 5_010_199_000_000_000_000,
        7 => line.class_code = 307_040_100_000_000_000,
        _ => line.line_type = DISCOUNT_LINE,
    }
}

fn change(facts: &mut TaxFacts, random: &mut Random) {
    let by = random.fen(-200, 200);
    let moved = |total: Fen| Fen::new(total.fen() + by);
    match random.below(16) {
        0 => facts.kind = random.pick(&[1, 2, 3]),
        1 => facts.buyer = sealed(random.pick(&[1, 2, 3, 4, 5])),
        2 => {
            facts.kind = 1;
            facts.buyer = sealed(3);
        }
        3 => facts.currency = 840,
        4 => facts.waive_reason = random.pick(&[1, 2, 3]),
        5 => {
            let days = facts.issued_on.days() + 3 - u32::try_from(random.below(40)).unwrap();
            facts.issued_on = IssueDate::from_days(days);
        }
        6 => facts.totals.amount = moved(facts.totals.amount),
        7 => facts.totals.tax = moved(facts.totals.tax),
        8 => facts.totals.gross = moved(facts.totals.gross),
        9 => facts.lines.clear(),
        10 => facts.lines = vec![facts.lines[0]; 201],
        _ => {
            let index = random.below(facts.lines.len());
            let discounts = facts.lines.iter().any(|line| line.line_type != NORMAL_LINE);
            let readable = discounts || random.once_in(2);
            change_line(&mut facts.lines[index], readable, random);
        }
    }
}

/// Makes the totals the sums of the lines again.
fn retotal(facts: &mut TaxFacts) {
    let sum = |value: fn(&TaxLine) -> Fen| facts.lines.iter().map(|line| value(line).fen()).sum();
    let (amount, tax): (i64, i64) = (sum(|line| line.amount), sum(|line| line.tax));
    facts.totals.amount = Fen::new(amount);
    facts.totals.tax = Fen::new(tax);
    facts.totals.gross = Fen::new(amount + tax);
}

fn case(world: &World, random: &mut Random) -> Case {
    let taxpayer = random.pick(&[Taxpayer::General, Taxpayer::SmallScale]);
    let mut facts = right(random, taxpayer);
    for _ in 0..random.below(4) {
        if !facts.lines.is_empty() {
            change(&mut facts, random);
        }
        if random.once_in(2) {
            retotal(&mut facts);
        }
    }
    set_line_types(&mut facts);
    let mut account = world.account.clone();
    account.taxpayer = taxpayer;
    account.month_quota_fen = i64::MAX;
    account.fee_balance_fen = 1_000;
    let mut case = Case {
        account,
        used: false,
        rule_set: RuleSet::CURRENT.id,
        fee_max_fen: 100,
        own_limits: None,
        issued_today: 0,
        invoice: IssueInvoice {
            facts,
            ..sample_invoice("doors")
        },
    };
    for _ in 0..random.below(3) {
        let amount_fen = case.invoice.facts.totals.amount.fen();
        match random.below(12) {
            7 => case.limits().quota = QuotaStatus::Suspended,
            8 => case.limits().single_invoice_fen = (amount_fen - 1).max(0),
            9 => case.limits().single_invoice_fen = amount_fen.max(0),
            10 => {
                case.limits().invoices_per_day = 2;
                case.issued_today = random.pick(&[1, 2]);
            }
            0 => case.account.status = AccountStatus::Suspended,
            1 => case.account.status = AccountStatus::Revoked,
            2 => case.account.month_quota_fen = case.invoice.facts.totals.amount.fen() - 1,
            3 => case.account.month_quota_fen = case.invoice.facts.totals.amount.fen(),
            4 => case.account.fee_balance_fen = i64::from(FEE_FEN) - 1,
            5 => case.used = true,
            6 => case.fee_max_fen = FEE_FEN - 1,
            _ => case.account.taxpayer = random.pick(&[Taxpayer::General, Taxpayer::SmallScale]),
        }
    }
    case
}

#[test]
fn the_desk_and_a_block_agree_on_everything_a_block_can_see() {
    let world = World::new();
    let (mut applied, mut codes) = (0, BTreeSet::new());
    for seed in 0..CASES {
        let case = case(&world, &mut Random::new(seed));
        let (desk, block) = (desk_says(&case), world.executed(&case));
        assert_eq!(desk, block, "seed {seed}: {:?}", case.invoice.facts);
        match block {
            Said::Nothing => applied += 1,
            Said::Inadmissible(code) | Said::Failed(code) => {
                codes.insert(code.code());
            }
        }
    }
    assert!(applied > 500, "only {applied} applied");
    assert!(codes.len() >= 25, "only {codes:?}");
}

/// The sample invoice on a state that was changed.
fn refused(change: fn(&mut Case)) -> Said {
    let world = World::new();
    let mut case = case(&world, &mut Random::new(0));
    let mut facts = right(&mut Random::new(0), Taxpayer::General);
    set_line_types(&mut facts);
    case = Case {
        account: world.account.clone(),
        used: false,
        rule_set: RuleSet::CURRENT.id,
        fee_max_fen: 100,
        own_limits: None,
        issued_today: 0,
        invoice: IssueInvoice {
            facts,
            ..case.invoice
        },
    };
    case.account.month_quota_fen = i64::MAX;
    change(&mut case);
    assert_eq!(desk_says(&case), world.executed(&case));
    world.executed(&case)
}

#[test]
fn every_state_of_an_account_that_forbids_issuing_has_its_code() {
    let failed = |code: &str| Said::Failed(FailureCode::from_code(code).unwrap());
    assert_eq!(refused(|_| {}), Said::Nothing);
    let suspended = refused(|case| case.account.status = AccountStatus::Suspended);
    assert_eq!(suspended, failed("E1012"));
    let revoked = refused(|case| case.account.status = AccountStatus::Revoked);
    assert_eq!(revoked, failed("E1013"));
    assert_eq!(refused(|case| case.used = true), failed("E1407"));
    let quota = refused(|case| case.account.month_quota_fen = 0);
    assert_eq!(quota, failed("E1501"));
    let suspended = refused(|case| case.limits().quota = QuotaStatus::Suspended);
    assert_eq!(suspended, failed("E1502"));
    let single = refused(|case| {
        case.limits().single_invoice_fen = case.invoice.facts.totals.amount.fen() - 1;
    });
    assert_eq!(single, failed("E1504"));
    let daily = refused(|case| {
        case.limits().invoices_per_day = 3;
        case.issued_today = 3;
    });
    assert_eq!(daily, failed("E1505"));
    let broke = refused(|case| case.account.fee_balance_fen = 0);
    assert_eq!(broke, failed("E1601"));
    assert_eq!(refused(|case| case.rule_set = 1), failed("E2206"));
}

#[test]
fn a_key_whose_account_is_not_registered_issues_nothing() {
    let world = World::new();
    let case = case(&world, &mut Random::new(0));
    let mut facts = right(&mut Random::new(0), Taxpayer::General);
    set_line_types(&mut facts);
    let case = Case {
        invoice: IssueInvoice {
            facts,
            ..case.invoice.clone()
        },
        ..case
    };
    let key = world.merchant.public_key();
    let leaf = KeyLeaf {
        account: 1,
        role: KeyRole::Issue,
        from_height: 0,
        revoked_height: None,
        disputed_since: None,
    };
    let mut delta = StateDelta::default();
    delta
        .leaves
        .insert(Slot::PARAMS, Leaf::Params(world.params.clone()));
    delta.leaves.insert(Slot::key(1), Leaf::Key(key, leaf));
    delta.keys.insert(key.id(), 1);
    let mut state = MemoryState::default();
    state.apply(delta);
    let set = TestNet::new(1).genesis.validators;
    let at = (HEIGHT, sample::NOW_MS);
    let begun = Execution::begin(&state, world.chain_id, at, &set);
    let outcome = begun.unwrap().run(&world.sign(&case), &Trusting).unwrap();
    assert_eq!(outcome.code, 1011, "E1011");
}
