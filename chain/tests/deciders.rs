//! Who decides, and how that changes: sets by height, the authority's keys, reports of misbehaviour.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests fails the test by panicking"
)]

use piao_chain::digest::BlockId;
use piao_chain::execute::{Basis, BlockError, Parent, Skipped, VerifyEach, verify_block};
use piao_chain::failure::FailureCode;
use piao_chain::limits::{MISBEHAVIOUR_AGE_MAX, SETS_JUDGED_MAX, VALIDATORS_NOTICE_MAX};
use piao_chain::signature::{PublicKey, SecretKey};
use piao_chain::state::{Leaf, Offence, Slot, StateView as _, set_changes};
use piao_chain::testing::{TestNet, key};
use piao_chain::transaction::{
    Evidence, Payload, ReportMisbehaviour, SetAuthority, SignedTransaction,
};
use piao_chain::validator::ValidatorSet;
use piao_chain::vote::{Proposal, Vote, VoteKind};

const THREE: [&str; 3] = ["validator 0", "validator 1", "validator 2"];
const FOUR: [&str; 4] = ["validator 0", "validator 1", "validator 2", "validator 3"];

/// Why a builder leaves a transaction out.
fn left_out(net: &TestNet, transaction: SignedTransaction) -> (FailureCode, Vec<i64>) {
    let built = net.build(vec![transaction]);
    assert!(built.block.transactions.is_empty(), "it went in");
    match &built.skipped[0].1 {
        Skipped::Inadmissible(error) => (error.code, vec![]),
        Skipped::WouldFail(code, evidence) => (*code, evidence.clone()),
    }
}

fn refused(evidence: &[i64]) -> (FailureCode, Vec<i64>) {
    (FailureCode::SetChangeRefused, evidence.to_vec())
}

/// The transaction again with a changed payload.
fn altered(
    net: &mut TestNet,
    transaction: &SignedTransaction,
    change: impl Fn(&mut Payload),
) -> SignedTransaction {
    let mut body = transaction.body().clone();
    change(&mut body.payload);
    body.idem = net.next_idem();
    TestNet::sign(body, &net.authority)
}

/// Commits empty blocks up to a height.
fn go_to(net: &mut TestNet, height: u64) {
    while net.tip().height < height {
        net.commit(vec![]);
    }
}

#[test]
fn a_named_set_decides_from_its_height_on_and_headers_announce_it_one_block_before() {
    let mut net = TestNet::with_merchant(3);
    let old = net.genesis.validators.hash();
    let change = net.set_validators(&FOUR, 7);
    assert_eq!(net.commit(vec![change])[0].code, 0);
    go_to(&mut net, 9);
    let new = net.validators_at(7).hash();
    let hashes: Vec<_> = net
        .blocks
        .iter()
        .map(|one| {
            let header = &one.block.header;
            (header.valset_hash == new, header.next_valset_hash == new)
        })
        .collect();
    let [no, soon, yes] = [(false, false), (false, true), (true, true)];
    assert_eq!(hashes, [no, no, no, no, no, soon, yes, yes, yes]);
    assert_ne!(old, new);
    let signers = |height: usize| net.blocks[height - 1].certificate.signatures.len();
    assert_eq!((signers(6), signers(7)), (3, 4));
    let changes = set_changes(&net.state).unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].from_height, 7);
}

#[test]
fn a_block_that_announces_another_next_set_is_invalid() {
    let mut net = TestNet::with_merchant(3);
    let change = net.set_validators(&FOUR, 7);
    net.commit(vec![change]);
    go_to(&mut net, 5);
    let parent = net.tip();
    let set = net.validators_at(6);
    let basis = Basis {
        view: &net.state,
        tree: &net.tree,
        parent: Parent {
            id: parent.id(),
            header: &parent,
            hist_root: net.history.root(),
            validators: &set,
        },
    };
    let mut block = net.build(vec![]).block;
    let verify = |block: &_| verify_block(&basis, block, &VerifyEach).map(drop);
    assert_eq!(verify(&block), Ok(()));
    block.header.next_valset_hash = block.header.valset_hash;
    assert_eq!(verify(&block), Err(BlockError::Header("next_valset_hash")));
    // A member of the new set does not build before its height.
    let mut early = net.build(vec![]).block;
    early.header.proposer = key("validator 3").public_key().id();
    assert_eq!(verify(&early), Err(BlockError::Header("proposer")));
}

#[test]
fn a_change_is_refused_while_another_waits_outside_the_notice_unchanged_or_unproven() {
    let mut net = TestNet::with_merchant(3);
    let height = net.tip().height + 1;
    let signed = |height: u64| i64::try_from(height).unwrap();
    let (earliest, latest) = (height + 4, height + VALIDATORS_NOTICE_MAX);
    for outside in [0, height, earliest - 1, latest + 1, u64::MAX] {
        let change = net.set_validators(&FOUR, outside);
        let at = i64::try_from(outside).unwrap_or(i64::MAX);
        let why = refused(&[at, signed(earliest), signed(latest)]);
        assert_eq!(left_out(&net, change), why);
    }
    let same = net.set_validators(&THREE, earliest);
    assert_eq!(left_out(&net, same), refused(&[]));
    let good = net.set_validators(&FOUR, earliest);
    let unproven = altered(&mut net, &good, |payload| {
        let Payload::SetValidators(change) = payload else {
            return;
        };
        change.proofs.clear();
    });
    assert_eq!(left_out(&net, unproven), refused(&[1, 4]));
    // Members of the present set need no proof.
    let new = key("validator 3").public_key().id();
    let only_new = altered(&mut net, &good, |payload| {
        let Payload::SetValidators(change) = payload else {
            return;
        };
        change.proofs.retain(|(id, _proof)| *id == new);
    });
    net.commit(vec![only_new]);
    let second = net.set_validators(&THREE, earliest + 5);
    assert_eq!(left_out(&net, second.clone()), refused(&[signed(earliest)]));
    go_to(&mut net, earliest - 2);
    assert_eq!(
        left_out(&net, second),
        refused(&[signed(earliest)]),
        "it still waits"
    );
    go_to(&mut net, earliest - 1);
    let second = net.set_validators(&THREE, earliest + 4);
    assert_eq!(
        net.commit(vec![second])[0].code,
        0,
        "in force at this very height"
    );
}

/// Makes a good payload bad.
type Spoil = fn(&mut Payload);

#[test]
fn a_change_that_no_block_may_hold() {
    let mut net = TestNet::with_merchant(3);
    let good = net.set_validators(&FOUR, 8);
    let merchant = net.merchant.clone();
    let body = net.body(1, &merchant.public_key(), good.body().payload.clone());
    let by_merchant = left_out(&net, TestNet::sign(body, &merchant));
    assert_eq!(by_merchant.0, FailureCode::AuthorityRequired);
    let cases: [(FailureCode, Spoil); 4] = [
        (FailureCode::TransactionMalformed, |payload| {
            let Payload::SetValidators(change) = payload else {
                return;
            };
            change.proofs.reverse();
        }),
        (FailureCode::TransactionMalformed, |payload| {
            let Payload::SetValidators(change) = payload else {
                return;
            };
            change.proofs[0].0 = key("nobody").public_key().id();
            change.proofs.sort();
        }),
        (FailureCode::KeyProofInvalid, |payload| {
            let Payload::SetValidators(change) = payload else {
                return;
            };
            change.proofs[0].1 = change.proofs[1].1;
        }),
        (FailureCode::KeyProofInvalid, |payload| {
            let Payload::SetValidators(change) = payload else {
                return;
            };
            change.proofs[0].1.0[5] ^= 1;
        }),
    ];
    for (code, change) in cases {
        let bad = altered(&mut net, &good, change);
        assert_eq!(left_out(&net, bad).0, code);
    }
}

#[test]
fn the_authority_changes_from_the_next_block_on_and_only_to_keys_that_are_held() {
    let mut net = TestNet::with_merchant(1);
    let chain_id = net.genesis.chain_id();
    let (old, one, two) = (
        net.authority.clone(),
        key("authority 1"),
        key("authority 2"),
    );
    let mut keys: Vec<PublicKey> = [&one, &two].map(SecretKey::public_key).into();
    keys.sort_by_key(PublicKey::id);
    let mut proofs: Vec<_> = [&one, &two]
        .map(|key| (key.public_key().id(), key.prove_possession(&chain_id)))
        .into();
    proofs.sort();
    let change = SetAuthority {
        threshold: 2,
        keys,
        proofs,
    };
    let mut sign = |change: SetAuthority| {
        let body = net.body(0, &old.public_key(), Payload::SetAuthority(change));
        TestNet::sign(body, &old)
    };
    let unproven = sign(SetAuthority {
        proofs: vec![],
        ..change.clone()
    });
    let unmet = sign(SetAuthority {
        threshold: 3,
        ..change.clone()
    });
    let none = sign(SetAuthority {
        threshold: 0,
        ..change.clone()
    });
    let mut reversed = change.clone();
    reversed.keys.reverse();
    let reversed = sign(reversed);
    let good = sign(change);
    assert_eq!(left_out(&net, unproven), refused(&[2, 2]));
    for bad in [unmet, none, reversed] {
        assert_eq!(left_out(&net, bad).0, FailureCode::TransactionMalformed);
    }
    let before = net.tip().params_hash;
    let credit = net.credit(1, 5, "in the same block");
    let outcomes = net.commit(vec![good, credit]);
    assert_eq!(
        outcomes[1].code, 0,
        "the old authority signs to the end of the block"
    );
    assert_eq!(net.tip().params_hash, before);
    let late = net.credit(1, 5, "late");
    assert_eq!(left_out(&net, late.clone()).0, FailureCode::KeyUnknown);
    let mut body = late.body().clone();
    body.signers = vec![one.public_key().id(), two.public_key().id()];
    body.signers.sort();
    let by_both = SignedTransaction::sign(body.clone(), &[&one, &two]).unwrap();
    body.signers.truncate(1);
    body.idem = net.next_idem();
    let by_one = SignedTransaction::sign(body, &[&one, &two]).unwrap();
    assert_eq!(left_out(&net, by_one).0, FailureCode::AuthorityRequired);
    assert_eq!(net.commit(vec![by_both])[0].code, 0);
    assert_ne!(net.tip().params_hash, before);
}

/// What a validator signed twice at a height.
fn evidence(net: &TestNet, accused: &SecretKey, height: u64, kind: VoteKind) -> Evidence {
    let chain_id = net.genesis.chain_id();
    let vote = |block_id| {
        let vote = Vote {
            kind,
            height,
            round: 1,
            block_id,
        };
        (block_id, vote.sign(accused, &chain_id))
    };
    Evidence::of_votes(kind, vote(Some(BlockId([4; 32]))), vote(None)).unwrap()
}

fn report(
    net: &mut TestNet,
    reporter: &SecretKey,
    report: ReportMisbehaviour,
) -> SignedTransaction {
    let idem = report.idem(&reporter.public_key().id());
    let payload = Payload::ReportMisbehaviour(Box::new(report));
    let mut body = net.body(0, &reporter.public_key(), payload);
    body.idem = idem;
    TestNet::sign(body, reporter)
}

fn double_prevote(
    net: &mut TestNet,
    accused: &str,
    reporter: &str,
    height: u64,
) -> SignedTransaction {
    let accused = key(accused);
    let evidence = evidence(net, &accused, height, VoteKind::Prevote);
    let validator = accused.public_key();
    let one = ReportMisbehaviour {
        validator,
        height,
        round: 1,
        evidence,
    };
    report(net, &key(reporter), one)
}

#[test]
fn misbehaviour_is_on_chain_once_whoever_reports_it_and_costs_no_fee() {
    let mut net = TestNet::with_merchant(4);
    let first = double_prevote(&mut net, "validator 1", "validator 0", 2);
    let same_block = double_prevote(&mut net, "validator 1", "validator 2", 2);
    let built = net.build(vec![first.clone(), same_block.clone()]);
    assert_eq!(built.block.transactions.len(), 1, "once in a block");
    let outcomes = net.commit(vec![first]);
    assert_eq!((outcomes[0].code, outcomes[0].fee_charged_fen), (0, 0));
    let not_new = (FailureCode::MisbehaviourNotNew, vec![]);
    assert_eq!(left_out(&net, same_block), not_new, "once for ever");
    // The same validator in another round of the height is the same fact; another height is not.
    let accused = key("validator 1");
    let mut again = ReportMisbehaviour {
        validator: accused.public_key(),
        height: 2,
        round: 1,
        evidence: evidence(&net, &accused, 2, VoteKind::Precommit),
    };
    let other_kind = report(&mut net, &key("validator 3"), again.clone());
    assert_eq!(left_out(&net, other_kind), not_new);
    again.height = 3;
    again.evidence = evidence(&net, &accused, 3, VoteKind::Precommit);
    let other_height = report(&mut net, &key("validator 3"), again);
    let by_authority = double_prevote(&mut net, "validator 3", "authority", 2);
    let outcomes = net.commit(vec![other_height, by_authority]);
    assert!(outcomes.iter().all(|one| one.code == 0), "{outcomes:?}");
    let Some(Leaf::Misbehaviour(list)) = net.state.leaf(Slot::misbehaviour(2).unwrap()).unwrap()
    else {
        panic!("misbehaviour was reported");
    };
    assert_eq!(list.entries().len(), 2);
    assert!(
        list.entries()
            .iter()
            .all(|one| one.offence == Offence::Prevotes)
    );
}

#[test]
fn a_report_of_nobody_by_nobody_too_early_or_too_late_stands_in_no_block() {
    let mut net = TestNet::with_merchant(4);
    let height = net.tip().height + 1;
    let code = |net: &TestNet, one| left_out(net, one).0;
    let early = double_prevote(&mut net, "validator 1", "validator 0", height + 1);
    assert_eq!(code(&net, early), FailureCode::MisbehaviourNotNew);
    let far = double_prevote(&mut net, "validator 1", "validator 0", u64::MAX);
    assert_eq!(code(&net, far), FailureCode::MisbehaviourNotNew);
    let stranger = double_prevote(&mut net, "stranger", "validator 0", 2);
    assert_eq!(code(&net, stranger), FailureCode::MisbehaviourNotNew);
    let by_stranger = double_prevote(&mut net, "validator 1", "stranger", 2);
    assert_eq!(code(&net, by_stranger), FailureCode::KeyUnknown);
    let by_merchant = double_prevote(&mut net, "validator 1", "merchant 1", 2);
    let mut body = by_merchant.body().clone();
    body.account = 1;
    let merchant = net.merchant.clone();
    assert_eq!(
        code(&net, TestNet::sign(body, &merchant)),
        FailureCode::AuthorityRequired
    );
    let good = double_prevote(&mut net, "validator 1", "validator 0", height);
    let mut body = good.body().clone();
    body.idem = net.next_idem();
    assert_eq!(
        code(&net, TestNet::sign(body, &key("validator 0"))),
        FailureCode::TransactionMalformed,
        "nobody takes the replay guard of another transaction"
    );
    assert_eq!(net.commit(vec![good])[0].code, 0, "of the very height");
    let _bound: u64 = MISBEHAVIOUR_AGE_MAX;
}

#[test]
fn evidence_that_does_not_show_two_messages_of_the_accused_is_no_evidence() {
    let mut net = TestNet::with_merchant(4);
    let chain_id = net.genesis.chain_id();
    let (accused, other) = (key("validator 1"), key("validator 2"));
    let offer = |key: &SecretKey, block: u8, pol_round| {
        let block_id = BlockId([block; 32]);
        let proposal = Proposal {
            height: 2,
            round: 1,
            block_id,
            pol_round,
        };
        (block_id, pol_round, proposal.sign(key, &chain_id))
    };
    let [a, b] = [offer(&accused, 1, -1), offer(&accused, 2, -1)];
    let good = ReportMisbehaviour {
        validator: accused.public_key(),
        height: 2,
        round: 1,
        evidence: Evidence::of_proposals(b, a).unwrap(),
    };
    assert_eq!(good.evidence, Evidence::Proposals(a, b));
    assert_eq!(Evidence::of_proposals(a, a), None);
    let with = |evidence| {
        let mut report = good.clone();
        report.evidence = evidence;
        report
    };
    let of_round = |height, round| {
        let mut report = good.clone();
        (report.height, report.round) = (height, round);
        report
    };
    let malformed = FailureCode::TransactionMalformed;
    let unsigned = FailureCode::SignatureInvalid;
    let cases = [
        (with(Evidence::Proposals(a, a)), malformed),
        (with(Evidence::Proposals(b, a)), malformed),
        (with(Evidence::Proposals(a, offer(&other, 2, -1))), unsigned),
        (
            with(Evidence::Proposals(a, offer(&accused, 2, -1))),
            FailureCode::DuplicateIdem,
        ),
        (of_round(2, 2), unsigned),
        (of_round(1, 1), unsigned),
        (
            ReportMisbehaviour {
                validator: other.public_key(),
                ..good.clone()
            },
            unsigned,
        ),
        // A prevote is no precommit, even with the same words.
        (
            with(match evidence(&net, &accused, 2, VoteKind::Prevote) {
                Evidence::Prevotes(a, b) => Evidence::Precommits(a, b),
                other => other,
            }),
            unsigned,
        ),
    ];
    let first = report(&mut net, &key("validator 0"), good.clone());
    net.commit(vec![first]);
    for (at, (bad, code)) in cases.into_iter().enumerate() {
        let bad = report(&mut net, &key("validator 0"), bad);
        assert_eq!(left_out(&net, bad).0, code, "case {at}");
    }
}

#[test]
fn misbehaviour_is_judged_by_the_set_of_its_height() {
    let mut net = TestNet::with_merchant(4);
    let change = net.set_validators(&THREE, 7);
    net.commit(vec![change]);
    go_to(&mut net, 8);
    let gone = double_prevote(&mut net, "validator 3", "validator 0", 7);
    assert_eq!(left_out(&net, gone).0, FailureCode::MisbehaviourNotNew);
    let by_gone = double_prevote(&mut net, "validator 1", "validator 3", 6);
    assert_eq!(left_out(&net, by_gone).0, FailureCode::KeyUnknown);
    let before_it_left = double_prevote(&mut net, "validator 3", "validator 0", 6);
    assert_eq!(net.commit(vec![before_it_left])[0].code, 0);
    // Long past sets judge nobody any more.
    for turn in 0..SETS_JUDGED_MAX {
        let names: &[&str] = if turn % 2 == 0 { &FOUR } else { &THREE };
        let height = net.tip().height;
        let change = net.set_validators(names, height + 5);
        net.commit(vec![change]);
        go_to(&mut net, height + 5);
    }
    let oldest = set_changes(&net.state).unwrap()[1].from_height;
    let long_past = double_prevote(&mut net, "validator 2", "validator 0", oldest - 1);
    assert_eq!(left_out(&net, long_past).0, FailureCode::MisbehaviourNotNew);
    let kept = double_prevote(&mut net, "validator 2", "validator 0", oldest);
    assert_eq!(net.commit(vec![kept])[0].code, 0);
}

#[test]
fn a_chain_whose_set_never_changed_has_no_leaf_of_it() {
    let mut net = TestNet::with_merchant(2);
    go_to(&mut net, 4);
    assert_eq!(net.state.leaf(Slot::SET_COUNT), Ok(None));
    assert_eq!(net.state.leaf(Slot::validators(0)), Ok(None));
    let set: ValidatorSet = net.validators_at(5);
    assert_eq!(set, net.genesis.validators);
}
