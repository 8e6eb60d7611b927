//! What holds for any input: codecs, fees, batching, proofs. Seeded, so that a failure repeats.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of tests fails the test by panicking"
)]

use piao_chain::block::Block;
use piao_chain::codec;
use piao_chain::genesis::Genesis;
use piao_chain::outcome::Outcome;
use piao_chain::proof::{
    Finding, Proof, ProofTwin, StatementTwin, TrustRoot, TrustRootBody, TrustRootEnvelope,
    VerifyOptions, verify,
};
use piao_chain::signature::PublicKey;
use piao_chain::state::{KeyRole, Leaf, Slot, SlotKind, StateView as _, Totals};
use piao_chain::tax::{Taxpayer, uscc};
use piao_chain::testing::{TestNet, key, sample_document};
use piao_chain::transaction::{AddKey, Identity, Payload, RegisterMerchant, SignedTransaction};
use piao_chain::validator::ValidatorSet;
use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, RngSeed};

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(0x5049_414f),
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    }
}

/// What a sender may ask for. Orders and references come from small sets, so that some repeat.
#[derive(Clone, Debug)]
enum Wish {
    Invoice {
        order: u8,
        keep: bool,
    },
    Unpaid {
        order: u8,
    },
    Credit {
        account: u32,
        fen: i64,
        reference: u8,
    },
    Register {
        merchant: u8,
    },
    BindKey {
        serial: u8,
    },
}

fn wish() -> impl Strategy<Value = Wish> {
    prop_oneof![
        4 => (0..6_u8, any::<bool>()).prop_map(|(order, keep)| Wish::Invoice { order, keep }),
        1 => (0..6_u8).prop_map(|order| Wish::Unpaid { order }),
        2 => (1..4_u32, 1..900_i64, 0..4_u8)
            .prop_map(|(account, fen, reference)| Wish::Credit { account, fen, reference }),
        1 => (0..3_u8).prop_map(|merchant| Wish::Register { merchant }),
        1 => (0..3_u8).prop_map(|serial| Wish::BindKey { serial }),
    ]
}

fn transaction(net: &mut TestNet, wish: &Wish) -> SignedTransaction {
    match wish {
        Wish::Invoice { order, keep: false } => net.invoice(&order.to_string()),
        Wish::Invoice { order, keep: true } => net.anchored_invoice(&order.to_string()),
        Wish::Unpaid { order } => {
            let mut body = net.anchored_invoice(&order.to_string()).body().clone();
            body.fee_max_fen = 3;
            TestNet::sign(body, &net.merchant)
        }
        Wish::Credit {
            account,
            fen,
            reference,
        } => net.credit(*account, *fen, &format!("reference {reference}")),
        Wish::Register { merchant } => register(net, *merchant),
        Wish::BindKey { serial } => {
            let key = key(&format!("bound {serial}"));
            let payload = Payload::AddKey(AddKey {
                account: 1,
                key: key.public_key(),
                role: KeyRole::Issue,
                pop: key.prove_possession(&net.genesis.chain_id()),
            });
            by_authority(net, payload)
        }
    }
}

fn by_authority(net: &mut TestNet, payload: Payload) -> SignedTransaction {
    let authority = net.authority.clone();
    let body = net.body(0, &authority.public_key(), payload);
    TestNet::sign(body, &authority)
}

fn register(net: &mut TestNet, merchant: u8) -> SignedTransaction {
    let key = key(&format!("other merchant {merchant}"));
    let mut organisation = *b"MA0000000";
    organisation[8] = b'0' + merchant;
    let code = uscc::from_parts(b'9', b'1', *b"310000", organisation).unwrap();
    let payload = Payload::RegisterMerchant(RegisterMerchant {
        identity: Identity::Clear(code),
        taxpayer: Taxpayer::SmallScale,
        region: 31,
        month_quota_fen: 1_000_000,
        key: key.public_key(),
        pop: key.prove_possession(&net.genesis.chain_id()),
        card_sig: net.card().signature,
    });
    by_authority(net, payload)
}

/// A network of one with a merchant that can pay for a few invoices only.
fn poor_net() -> TestNet {
    let mut net = TestNet::new(1);
    let register = net.register_merchant();
    net.commit(vec![register]);
    let credit = net.credit(1, 35, "first");
    net.commit(vec![credit]);
    net
}

fn totals(net: &TestNet) -> Totals {
    match net.state.leaf(Slot::TOTALS).unwrap() {
        Some(Leaf::Totals(totals)) => totals,
        other => panic!("totals are there from genesis on, found {other:?}"),
    }
}

/// Accounts and totals: what must not depend on how transactions are batched.
fn books(net: &TestNet) -> Vec<(Slot, Leaf)> {
    net.state
        .leaves()
        .filter(|(slot, _)| matches!(slot.kind(), SlotKind::Account | SlotKind::Counter))
        .map(|(slot, leaf)| (slot, leaf.clone()))
        .collect()
}

/// Checks that no fee appears or disappears, and that what was collected was charged to somebody.
fn assert_conserved(net: &TestNet) {
    let (mut balances, mut counters) = (0_i64, 0_u64);
    for (_slot, leaf) in books(net) {
        if let Leaf::Account(_identity, account) = leaf {
            assert!(account.fee_balance_fen >= 0);
            balances += account.fee_balance_fen;
            counters += account.counter;
        }
    }
    let totals = totals(net);
    assert_eq!(totals.minted_fen, balances + totals.collected_fen);
    assert_eq!(totals.issued_count, counters);
    let charged: i64 = net
        .blocks
        .iter()
        .flat_map(|decided| &decided.outcomes)
        .map(|outcome| i64::from(outcome.fee_charged_fen))
        .sum();
    assert_eq!(totals.collected_fen, charged);
}

/// A small network and the file of one of its proofs, with a card and a field.
fn proven() -> (TestNet, TrustRoot, Vec<u8>) {
    let mut net = TestNet::with_merchant(2);
    let batch = vec![net.invoice("a"), net.invoice("b")];
    net.commit(batch);
    net.commit(vec![]);
    let mut proof = net.prove(3, 1).unwrap();
    proof.disclosed = vec![sample_document("b").disclose(2, 0).unwrap()];
    let root = net.trust_root();
    (net, root, proof.encode())
}

fn options(net: &TestNet) -> VerifyOptions {
    VerifyOptions {
        now: net.now(),
        max_age_ms: None,
    }
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn fees_are_conserved_whatever_is_asked(wishes in prop::collection::vec(wish(), 1..30)) {
        let mut net = poor_net();
        for batch in wishes.chunks(4) {
            let batch = batch.iter().map(|wish| transaction(&mut net, wish)).collect();
            net.commit(batch);
            assert_conserved(&net);
        }
    }

    #[test]
    fn any_batching_of_the_same_transactions_gives_the_same_books(
        wishes in prop::collection::vec(wish(), 1..24),
        sizes in prop::collection::vec(1..7_usize, 24),
    ) {
        let mut net = poor_net();
        let all: Vec<_> = wishes.iter().map(|wish| transaction(&mut net, wish)).collect();
        let mut at_once = poor_net();
        at_once.commit(all.clone());
        let mut rest = all.as_slice();
        for size in sizes {
            let (batch, later) = rest.split_at(size.min(rest.len()));
            net.commit(batch.to_vec());
            rest = later;
        }
        prop_assert_eq!(books(&net), books(&at_once));
        let outcomes = |net: &TestNet| -> Vec<Outcome> {
            net.blocks.iter().flat_map(|one| one.outcomes.clone()).collect()
        };
        prop_assert_eq!(outcomes(&net), outcomes(&at_once));
    }

    #[test]
    fn whatever_is_decided_encodes_to_one_byte_string(
        wishes in prop::collection::vec(wish(), 1..8),
    ) {
        let mut net = poor_net();
        let batch = wishes.iter().map(|wish| transaction(&mut net, wish)).collect();
        net.commit(batch);
        let decided = net.blocks.last().unwrap();
        let bytes = decided.block.encode();
        let block = Block::decode(&bytes).unwrap();
        prop_assert_eq!(&block, &decided.block);
        prop_assert_eq!(block.encode(), bytes);
        for (transaction, outcome) in block.transactions.iter().zip(&decided.outcomes) {
            let bytes = transaction.encode();
            prop_assert_eq!(bytes.len(), transaction.encoded_len());
            let again = SignedTransaction::decode(&bytes).unwrap();
            prop_assert_eq!(&again, transaction);
            prop_assert_eq!(again.encode(), bytes);
            let bytes = codec::encode(outcome);
            prop_assert_eq!(&codec::decode::<Outcome>(&bytes).unwrap(), outcome);
        }
    }

    #[test]
    fn every_issued_invoice_has_a_proof_that_verifies_and_one_encoding(
        orders in prop::collection::vec(any::<u16>(), 1..6),
        later in 0..4_usize,
    ) {
        let mut net = TestNet::with_merchant(2);
        let batch = orders.iter().map(|order| net.invoice(&order.to_string())).collect();
        net.commit(batch);
        (0..later).for_each(|_| { net.commit(vec![]); });
        let root = net.trust_root();
        for index in 0..net.blocks[2].outcomes.len() {
            let proof = net.prove(3, index).unwrap();
            let bytes = proof.encode();
            let verdict = verify(&bytes, Some(&root), &options(&net));
            prop_assert_eq!(verdict.verdict, Finding::InForce);
            let decoded = Proof::decode(&bytes).unwrap();
            prop_assert_eq!(decoded.encode(), bytes.clone());
            prop_assert_eq!(ProofTwin::of(&decoded).to_file().unwrap(), bytes);
            prop_assert_eq!(decoded, proof);
        }
    }

    #[test]
    fn every_statement_has_one_binary_file_and_one_twin(
        orders in prop::collection::vec(any::<u16>(), 1..6),
        region in 0..2_u64,
        sequence in 0..9_u64,
        from in 1..6_u64,
        to in prop::option::of(1..6_u64),
    ) {
        let mut net = TestNet::with_merchant(2);
        for order in &orders {
            let invoice = net.invoice(&order.to_string());
            net.commit(vec![invoice]);
        }
        let number = format!("264{}7{sequence:015}", region + 2).parse().unwrap();
        let mut files = vec![net.absence(number).unwrap().encode()];
        files.extend(net.completeness(1, from, to).map(|list| list.encode()));
        for file in files {
            let twin = StatementTwin::of_file(&file).unwrap();
            prop_assert_eq!(twin.to_file().unwrap(), file);
            let text = serde_json::to_string(&twin).unwrap();
            prop_assert_eq!(&serde_json::from_str::<StatementTwin>(&text).unwrap(), &twin);
        }
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn random_bytes_are_refused_and_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let net = TestNet::new(1);
        prop_assert!(SignedTransaction::decode(&bytes).is_err());
        prop_assert!(Block::decode(&bytes).is_err());
        prop_assert!(Proof::decode(&bytes).is_err());
        prop_assert!(Genesis::decode(&bytes).is_err());
        prop_assert!(codec::decode::<ValidatorSet>(&bytes).is_err());
        if let Ok(outcome) = codec::decode::<Outcome>(&bytes) {
            prop_assert_eq!(codec::encode(&outcome), bytes.clone());
        }
        for (kind, index) in [(SlotKind::Account, 1), (SlotKind::Key, 0), (SlotKind::Invoice, 1), (SlotKind::Parameter, 0), (SlotKind::Parameter, 1), (SlotKind::RuleSet, 0), (SlotKind::Counter, 1)] {
            let slot = Slot::new(kind, index).unwrap();
            if let Ok(leaf) = Leaf::decode(slot, &bytes) {
                prop_assert_eq!(leaf.encode(), bytes.clone());
            }
        }
        if let Some(Ok(key)) = bytes.first_chunk::<32>().map(PublicKey::from_bytes) {
            prop_assert_eq!(key.as_bytes().as_slice(), &bytes[..32]);
        }
        let verdict = verify(&bytes, None, &options(&net));
        prop_assert!(matches!(verdict.verdict, Finding::False | Finding::Undecided));
    }
}

/// Bytes that start well and go wrong later reach further into a decoder than random ones.
#[test]
fn valid_bytes_with_one_change_are_refused_or_have_one_spelling() {
    let (net, _root, file) = proven();
    let block = net.blocks[2].block.encode();
    let mut runner = proptest::test_runner::TestRunner::new(cases(3_000));
    let place = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        1..=255_u8,
    );
    runner
        .run(&place, |(in_block, in_file, flip)| {
            let mut changed = block.clone();
            changed[in_block.index(block.len())] ^= flip;
            if let Ok(decoded) = Block::decode(&changed) {
                prop_assert_eq!(decoded.encode(), changed);
            }
            let mut changed = file.clone();
            changed[in_file.index(file.len())] ^= flip;
            if let Ok(decoded) = Proof::decode(&changed) {
                prop_assert_eq!(decoded.encode(), changed);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_proof_with_one_change_or_a_part_replaced_is_never_in_force() {
    let (net, root, file) = proven();
    let options = options(&net);
    assert_eq!(
        verify(&file, Some(&root), &options).verdict,
        Finding::InForce
    );
    let mut runner = proptest::test_runner::TestRunner::new(cases(600));
    let edit = (
        any::<prop::sample::Index>(),
        0..8_usize,
        prop::collection::vec(any::<u8>(), 0..8),
    );
    runner
        .run(&edit, |(at, removed, inserted)| {
            let at = at.index(file.len());
            let end = (at + removed).min(file.len());
            let changed = [&file[..at], &inserted, &file[end..]].concat();
            let verdict = verify(&changed, Some(&root), &options).verdict;
            prop_assert!(changed == file || matches!(verdict, Finding::False | Finding::Undecided));
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_trust_root_with_one_change_is_not_opened() {
    let net = TestNet::new(2);
    let envelope = TrustRootBody::of_genesis(&net.genesis).sign(&[&net.authority]);
    let body = hex::decode(&envelope.body).unwrap();
    let mut runner = proptest::test_runner::TestRunner::new(cases(300));
    runner
        .run(&(any::<prop::sample::Index>(), 1..=255_u8), |(at, flip)| {
            let mut changed = body.clone();
            changed[at.index(body.len())] ^= flip;
            let changed = TrustRootEnvelope {
                body: hex::encode(changed),
                ..envelope.clone()
            };
            prop_assert!(TrustRoot::open(&changed).is_err());
            Ok(())
        })
        .unwrap();
}
