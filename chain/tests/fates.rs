//! The three fates of a transaction, on whole blocks: what makes a block invalid, what is kept as
//! a provable refusal, what applies.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::type_complexity,
    reason = "a helper of tests fails the test by panicking"
)]

use piao_chain::block::Block;
use piao_chain::execute::{Basis, BlockError, Parent, Skipped, VerifyEach, verify_block};
use piao_chain::failure::FailureCode;
use piao_chain::signature::Signature;
use piao_chain::state::{Leaf, Slot};
use piao_chain::testing::{TestNet, key, number_of};
use piao_chain::transaction::{
    AddKey, CreditFees, Payload, SetFeeSchedule, SignedTransaction, TransactionBody,
};

fn account(net: &TestNet) -> piao_chain::state::Account {
    match piao_chain::state::StateView::leaf(&net.state, Slot::account(1)).unwrap() {
        Some(Leaf::Account(_identity, account)) => account,
        other => panic!("merchant 1 is registered, found {other:?}"),
    }
}

fn totals(net: &TestNet) -> piao_chain::state::Totals {
    match piao_chain::state::StateView::leaf(&net.state, Slot::TOTALS).unwrap() {
        Some(Leaf::Totals(totals)) => totals,
        other => panic!("totals are there from genesis on, found {other:?}"),
    }
}

fn skipped(net: &TestNet, transaction: SignedTransaction) -> FailureCode {
    let built = net.build(vec![transaction]);
    assert!(built.block.transactions.is_empty());
    match &built.skipped[0].1 {
        Skipped::Inadmissible(error) => error.code,
        Skipped::WouldFail(code, _evidence) => *code,
    }
}

fn verify(net: &TestNet, block: &Block) -> Result<(), BlockError> {
    let header = net.tip();
    let parent = Parent {
        id: header.id(),
        header: &header,
        hist_root: net.history.root(),
        validators: &net.genesis.validators,
    };
    let basis = Basis {
        view: &net.state,
        tree: &net.tree,
        parent,
    };
    verify_block(&basis, block, &VerifyEach).map(|_executed| ())
}

fn resigned(
    net: &TestNet,
    change: impl FnOnce(&mut TransactionBody),
    of: &SignedTransaction,
) -> SignedTransaction {
    let mut body = of.body().clone();
    change(&mut body);
    TestNet::sign(body, &net.merchant)
}

#[test]
fn numbers_counters_and_links_are_assigned_in_order() {
    let mut net = TestNet::with_merchant(1);
    let three = (1..=3)
        .map(|n| net.invoice(&format!("order {n}")))
        .collect();
    let outcomes = net.commit(three);
    let numbers: Vec<String> = outcomes
        .iter()
        .map(|outcome| number_of(outcome).unwrap().to_string())
        .collect();
    assert_eq!(
        numbers,
        [
            "26427000000000000001",
            "26427000000000000002",
            "26427000000000000003"
        ]
    );
    let mut previous = piao_chain::digest::InvoiceId::NONE;
    for (outcome, (counter, transaction)) in outcomes
        .iter()
        .zip((1..).zip(&net.blocks[2].block.transactions))
    {
        let effect = &outcome.effects[0];
        assert_eq!(
            (effect.counter, effect.prev_invoice_id),
            (counter, previous)
        );
        previous = effect.invoice_id(&transaction.id(), 0);
    }
    assert_eq!(account(&net).last_invoice_id, previous);
}

#[test]
fn fees_are_conserved_over_issuing_and_failing() {
    let mut net = TestNet::with_merchant(1);
    let batch = vec![
        net.invoice("a"),
        net.anchored_invoice("a"),
        net.invoice("b"),
        net.anchored_invoice("b"),
    ];
    let outcomes = net.commit(batch);
    let codes: Vec<u16> = outcomes.iter().map(|outcome| outcome.code).collect();
    assert_eq!(codes, [0, 1407, 0, 1407]);
    assert_eq!(outcomes.iter().map(|o| o.fee_charged_fen).sum::<u32>(), 22);
    let totals = totals(&net);
    assert_eq!(totals.collected_fen, 22);
    assert_eq!(
        totals.minted_fen,
        account(&net).fee_balance_fen + totals.collected_fen
    );
    assert_eq!(account(&net).counter, 2);
}

#[test]
fn every_kind_of_inadmissible_transaction_is_named() {
    let mut net = TestNet::with_merchant(1);
    let good = net.invoice("x");
    let now_ms = net.now().ms();

    let mut forged = good.clone().encode();
    let last = forged.len() - 1;
    forged[last - 40] ^= 1;
    assert_eq!(
        skipped(&net, SignedTransaction::decode(&forged).unwrap()),
        FailureCode::SignatureInvalid
    );

    let late = resigned(&net, |body| body.valid_until_ms = now_ms - 1, &good);
    assert_eq!(skipped(&net, late), FailureCode::TransactionWindow);
    let early = resigned(
        &net,
        |body| body.valid_until_ms = now_ms + 86_400_002,
        &good,
    );
    assert_eq!(skipped(&net, early), FailureCode::TransactionWindow);

    let other_chain = resigned(&net, |body| body.chain_id.0[0] ^= 1, &good);
    assert_eq!(skipped(&net, other_chain), FailureCode::ChainIdMismatch);
    let other_version = resigned(&net, |body| body.version = 2, &good);
    assert_eq!(
        skipped(&net, other_version),
        FailureCode::ProtocolUnsupported
    );
    let unknown_flag = resigned(&net, |body| body.flags = 0x80, &good);
    assert_eq!(
        skipped(&net, unknown_flag),
        FailureCode::TransactionMalformed
    );

    let mut body = good.body().clone();
    let stranger = key("stranger");
    body.signers = vec![stranger.public_key().id()];
    assert_eq!(
        skipped(&net, TestNet::sign(body, &stranger)),
        FailureCode::KeyUnknown
    );

    let mut wrong_tax = good.body().clone();
    if let Payload::IssueInvoice(invoice) = &mut wrong_tax.payload {
        invoice.facts.lines[0].tax = piao_chain::amount::Fen::new(700);
    }
    let wrong_tax = TestNet::sign(wrong_tax, &net.merchant);
    assert_eq!(skipped(&net, wrong_tax), FailureCode::LineTaxMismatch);
}

#[test]
fn a_merchant_cannot_credit_itself_or_set_fees() {
    let mut net = TestNet::with_merchant(1);
    let merchant = net.merchant.clone();
    let mint = Payload::CreditFees(CreditFees {
        account: 1,
        amount_fen: 1,
        ref_hash: [1; 32],
    });
    let body = net.body(1, &merchant.public_key(), mint);
    assert_eq!(
        skipped(&net, TestNet::sign(body, &merchant)),
        FailureCode::AuthorityRequired
    );

    let fees = SetFeeSchedule {
        issue_fen: 0,
        failure_fen: 0,
        from_height: 99,
    };
    let body = net.body(0, &merchant.public_key(), Payload::SetFeeSchedule(fees));
    assert_eq!(
        skipped(&net, TestNet::sign(body, &merchant)),
        FailureCode::KeyUnknown
    );
}

#[test]
fn a_replay_guard_holds_for_another_body_and_after_the_block() {
    let mut net = TestNet::with_merchant(1);
    let first = net.invoice("a");
    let same_idem = {
        let other = net.invoice("b");
        let idem = first.body().idem;
        resigned(&net, |body| body.idem = idem, &other)
    };
    let built = net.build(vec![first.clone(), same_idem.clone()]);
    assert_eq!(built.block.transactions.len(), 1);
    net.commit(vec![first.clone()]);
    assert_eq!(skipped(&net, first), FailureCode::DuplicateIdem);
    assert_eq!(skipped(&net, same_idem), FailureCode::DuplicateIdem);
}

#[test]
fn a_failed_transaction_cannot_be_repeated_and_the_allowance_runs_out() {
    let mut net = TestNet::with_merchant(1);
    let first = net.invoice("a");
    net.commit(vec![first]);
    let failing: Vec<_> = (0..3).map(|_n| net.anchored_invoice("a")).collect();
    let outcomes = net.commit(failing.clone());
    assert!(outcomes.iter().all(|outcome| outcome.code == 1407));
    assert_eq!(
        skipped(&net, failing[0].clone()),
        FailureCode::DuplicateIdem
    );
    let good = net.invoice("b");
    assert_eq!(skipped(&net, good), FailureCode::FailureAllowanceUsed);
    // The allowance is per day.
    net.set_clock_ms(net.now().ms() + 86_400_000);
    let good = net.invoice("c");
    assert_eq!(net.commit(vec![good])[0].code, 0);
}

#[test]
fn what_would_fail_is_left_out_unless_its_sender_wants_the_refusal_kept() {
    let mut net = TestNet::with_merchant(1);
    let first = net.invoice("a");
    net.commit(vec![first]);
    let quiet = net.invoice("a");
    assert_eq!(skipped(&net, quiet), FailureCode::DuplicateOrder);
    let kept = net.anchored_invoice("a");
    assert_eq!(net.commit(vec![kept])[0].code, 1407);
}

#[test]
fn an_empty_balance_a_low_fee_limit_and_a_full_quota_each_have_their_code() {
    let mut net = TestNet::new(1);
    let register = net.register_merchant();
    net.commit(vec![register]);
    let poor = net.invoice("a");
    let built = net.build(vec![poor]);
    assert_eq!(
        built.skipped[0].1,
        Skipped::WouldFail(FailureCode::FeeBalanceInsufficient, vec![0, 10, 10])
    );
    let credit = net.credit(1, 5_000, "r");
    net.commit(vec![credit]);
    let good = net.invoice("a");
    let stingy = resigned(&net, |body| body.fee_max_fen = 9, &good);
    assert_eq!(skipped(&net, stingy), FailureCode::FeeQuoteStale);
    let huge = resigned(
        &net,
        |body| {
            if let Payload::IssueInvoice(invoice) = &mut body.payload {
                use piao_chain::amount::Fen;
                let facts = &mut invoice.facts;
                facts.lines[0].amount = Fen::new(100_000_100);
                facts.lines[0].tax = Fen::new(6_000_006);
                facts.totals.amount = Fen::new(100_000_100);
                facts.totals.tax = Fen::new(6_000_006);
                facts.totals.gross = Fen::new(106_000_106);
            }
        },
        &good,
    );
    assert_eq!(skipped(&net, huge), FailureCode::QuotaMonthExceeded);
}

#[test]
fn a_top_up_counts_once_and_a_merchant_registers_once() {
    let mut net = TestNet::with_merchant(1);
    let again = net.credit(1, 7, "first");
    assert_eq!(skipped(&net, again), FailureCode::TopupDuplicate);
    let nobody = net.credit(9, 7, "second");
    assert_eq!(skipped(&net, nobody), FailureCode::FeeAccountUnknown);
    let twice = net.register_merchant();
    assert_eq!(skipped(&net, twice), FailureCode::TaxpayerAlreadyRegistered);
}

#[test]
fn a_second_key_signs_from_the_next_height_on_and_only_with_proof_of_possession() {
    let mut net = TestNet::with_merchant(1);
    let (authority, second) = (net.authority.clone(), key("second"));
    let chain_id = net.genesis.chain_id();
    let role = piao_chain::state::KeyRole::Issue;
    let add = |pop| {
        Payload::AddKey(AddKey {
            account: 1,
            key: second.public_key(),
            role,
            pop,
        })
    };
    let forged = net.body(0, &authority.public_key(), add(Signature([0; 64])));
    assert_eq!(
        skipped(&net, TestNet::sign(forged, &authority)),
        FailureCode::KeyProofInvalid
    );
    let body = net.body(
        0,
        &authority.public_key(),
        add(second.prove_possession(&chain_id)),
    );
    let add = TestNet::sign(body, &authority);

    let mut body = net.invoice("by the second key").body().clone();
    body.signers = vec![second.public_key().id()];
    let invoice = TestNet::sign(body, &second);
    let built = net.build(vec![add.clone(), invoice.clone()]);
    assert_eq!(built.block.transactions.len(), 1, "not in the same block");
    net.commit(vec![add]);
    assert_eq!(net.commit(vec![invoice])[0].code, 0);
}

#[test]
fn announced_fees_hold_from_their_height_on() {
    let mut net = TestNet::with_merchant(1);
    let authority = net.authority.clone();
    let from_height = net.tip().height + 3;
    let fees = SetFeeSchedule {
        issue_fen: 25,
        failure_fen: 2,
        from_height,
    };
    let body = net.body(0, &authority.public_key(), Payload::SetFeeSchedule(fees));
    net.commit(vec![TestNet::sign(body, &authority)]);
    let before = net.invoice("before");
    assert_eq!(net.commit(vec![before])[0].fee_charged_fen, 10);
    let after = net.invoice("after");
    assert_eq!(net.commit(vec![after])[0].fee_charged_fen, 25);
}

#[test]
fn a_block_with_any_header_field_changed_is_refused() {
    let mut net = TestNet::with_merchant(3);
    let invoice = net.invoice("a");
    net.set_clock_ms(net.now().ms() + 1_000);
    let block = net.build(vec![invoice]).block;
    assert_eq!(verify(&net, &block), Ok(()));
    let changes: [(&str, fn(&mut piao_chain::block::Header)); 13] = [
        ("version", |h| h.version = 2),
        ("chain_id", |h| h.chain_id.0[0] ^= 1),
        ("height", |h| h.height += 1),
        ("time", |h| h.time_ms -= 1_001),
        ("parent_id", |h| h.parent_id.0[0] ^= 1),
        ("hist_root", |h| h.hist_root[0] ^= 1),
        ("tx_count", |h| h.tx_count += 1),
        ("tx_root", |h| h.tx_root[0] ^= 1),
        ("state_root", |h| h.state_root[0] ^= 1),
        ("extra_root", |h| h.extra_root[0] ^= 1),
        ("valset_hash", |h| h.valset_hash[0] ^= 1),
        ("params_hash", |h| h.params_hash[0] ^= 1),
        ("proposer", |h| h.proposer.0[0] ^= 1),
    ];
    for (name, change) in changes {
        let mut changed = block.clone();
        change(&mut changed.header);
        assert_eq!(
            verify(&net, &changed),
            Err(BlockError::Header(name)),
            "{name}"
        );
    }
}

#[test]
fn a_block_holding_a_forged_signature_is_refused_even_where_the_body_is_known() {
    let mut net = TestNet::with_merchant(1);
    let invoice = net.invoice("a");
    let mut block = net.build(vec![invoice.clone()]).block;
    let mut signature = invoice.signatures()[0];
    signature.0[5] ^= 1;
    let forged =
        SignedTransaction::from_parts(invoice.body_bytes().to_vec(), vec![signature]).unwrap();
    assert_ne!(forged.checked_digest(), invoice.checked_digest());
    assert_eq!(forged.id(), invoice.id());
    block.transactions = vec![forged];
    let refused = verify(&net, &block);
    let Err(BlockError::Inadmissible { index: 0, error }) = refused else {
        panic!("must be inadmissible, was {refused:?}");
    };
    assert_eq!(error.code, FailureCode::SignatureInvalid);
}

#[test]
fn blocks_come_back_from_their_bytes_and_no_other_bytes_are_accepted() {
    let mut net = TestNet::with_merchant(1);
    let invoice = net.invoice("a");
    let block = net.build(vec![invoice]).block;
    let bytes = block.encode();
    assert_eq!(Block::decode(&bytes), Ok(block));
    let mut long = bytes.clone();
    long.push(0);
    assert!(Block::decode(&long).is_err());
    assert!(Block::decode(&bytes[..bytes.len() - 1]).is_err());
}

#[test]
fn the_proposers_clock_behind_the_parent_still_moves_time_forward() {
    let mut net = TestNet::with_merchant(1);
    let parent_ms = net.tip().time_ms;
    net.set_clock_ms(parent_ms - 5_000);
    assert_eq!(net.build(vec![]).block.header.time_ms, parent_ms + 1);
}
