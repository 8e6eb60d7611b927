//! Transactions, outcomes, state and history of one small network.

use std::collections::BTreeMap;

use piao_chain::block::{tx_leaves, tx_root};
use piao_chain::codec;
use piao_chain::digest::Digest;
use piao_chain::proof::merkle::{self, TransactionTree};
use piao_chain::proof::{SlotProof, history::History};
use piao_chain::signature::Signature;
use piao_chain::state::{KeyRole, Leaf, Slot, SlotKind, StateView, empty_at_level};
use piao_chain::testing::{TestNet, key};
use piao_chain::transaction::{AddKey, Payload, SetFeeSchedule, SignedTransaction};
use serde_json::{Value, json};

use crate::golden::hexed;
use crate::oracle;

/// Four validators and five blocks: registration, top-up, a key and a fee schedule, two invoices
/// and a refusal that is kept, and an empty block.
pub(crate) fn story() -> TestNet {
    let mut net = TestNet::with_merchant(4);
    let administration = [add_key(&mut net), set_fees(&mut net)];
    net.commit(administration.into());
    let invoices = vec![
        net.invoice("a"),
        net.invoice("b"),
        net.anchored_invoice("a"),
    ];
    net.commit(invoices);
    net.commit(vec![]);
    net
}

fn add_key(net: &mut TestNet) -> SignedTransaction {
    let (authority, admin) = (net.authority.clone(), key("admin 1"));
    let payload = Payload::AddKey(AddKey {
        account: 1,
        key: admin.public_key(),
        role: KeyRole::Admin,
        pop: admin.prove_possession(&net.genesis.chain_id()),
    });
    let body = net.body(0, &authority.public_key(), payload);
    TestNet::sign(body, &authority)
}

fn set_fees(net: &mut TestNet) -> SignedTransaction {
    let authority = net.authority.clone();
    let payload = Payload::SetFeeSchedule(SetFeeSchedule {
        issue_fen: 25,
        failure_fen: 2,
        from_height: 9,
    });
    let body = net.body(0, &authority.public_key(), payload);
    TestNet::sign(body, &authority)
}

fn raw(signatures: &[Signature]) -> Vec<[u8; 64]> {
    signatures.iter().map(|one| one.0).collect()
}

/// SPEC 4.1 and 4.2.
pub(crate) fn transactions() -> Value {
    let net = story();
    let all = net.blocks.iter().flat_map(|one| &one.block.transactions);
    let mut seen = Vec::new();
    for transaction in all {
        let name = transaction.body().payload.name();
        if seen.iter().any(|(known, _)| *known == name) {
            continue;
        }
        seen.push((name, one_transaction(name, transaction)));
    }
    let cases: Vec<Value> = seen.into_iter().map(|(_, case)| case).collect();
    assert_eq!(cases.len(), 5, "one of each payload");
    json!({ "chain_id": net.genesis.chain_id().to_string(), "transactions": cases })
}

pub(crate) fn one_transaction(name: &str, transaction: &SignedTransaction) -> Value {
    let body = oracle::body(transaction.body());
    assert_eq!(transaction.body_bytes(), body, "{name}");
    let signatures = raw(transaction.signatures());
    let bytes = oracle::transaction(&body, &signatures);
    assert_eq!(transaction.encode(), bytes, "{name}");
    let txid = oracle::h("txid", &[&body]);
    assert_eq!(transaction.id().0, txid, "{name}");
    let checked = oracle::h("tx-checked", &[&body, &signatures.concat()]);
    assert_eq!(transaction.checked_digest(), checked, "{name}");
    json!({
        "payload": name,
        "bytes": hexed(&bytes),
        "length": bytes.len(),
        "body": hexed(body),
        "txid": hexed(txid),
        "sigs_digest": hexed(transaction.signatures_digest()),
        "checked_digest": hexed(checked),
    })
}

/// SPEC 4.3, 5.3 and 5.4.
pub(crate) fn outcomes() -> Value {
    let net = story();
    let blocks: Vec<Value> = net
        .blocks
        .iter()
        .map(|decided| {
            let transactions = &decided.block.transactions;
            let leaves: Vec<Digest> = transactions
                .iter()
                .zip(&decided.outcomes)
                .map(|(transaction, outcome)| {
                    let signatures = raw(transaction.signatures());
                    let outcome_bytes = oracle::outcome(outcome);
                    assert_eq!(codec::encode(outcome), outcome_bytes);
                    oracle::tx_leaf(transaction.body_bytes(), &signatures, &outcome_bytes)
                })
                .collect();
            assert_eq!(leaves, tx_leaves(transactions, &decided.outcomes));
            let root = oracle::tx_root(&leaves);
            assert_eq!(root, tx_root(transactions, &decided.outcomes));
            assert_eq!(root, decided.block.header.tx_root);
            let rows: Vec<Value> = (0..leaves.len())
                .map(|at| {
                    let path = merkle::path::<TransactionTree>(&leaves, at).unwrap();
                    let outcome = &decided.outcomes[at];
                    let txid = transactions[at].id();
                    let ids: Vec<String> = (0..)
                        .zip(&outcome.effects)
                        .map(|(sub_index, effect)| {
                            let id = oracle::invoice_id(&txid.0, sub_index, effect);
                            assert_eq!(effect.invoice_id(&txid, sub_index).0, id);
                            hexed(id)
                        })
                        .collect();
                    json!({
                        "txid": txid.to_string(),
                        "code": outcome.code,
                        "outcome": hexed(oracle::outcome(outcome)),
                        "leaf": hexed(leaves[at]),
                        "path": path.iter().map(hexed).collect::<Vec<_>>(),
                        "invoice_ids": ids,
                    })
                })
                .collect();
            json!({
                "height": decided.block.header.height,
                "header": hexed(oracle::header(&decided.block.header)),
                "block_id": decided.block.header.id().to_string(),
                "tx_root": hexed(root),
                "transactions": rows,
            })
        })
        .collect();
    json!({ "blocks": blocks })
}

/// SPEC 6 and 7.3.
pub(crate) fn slots() -> Value {
    let net = story();
    let mut digests = BTreeMap::new();
    let mut leaves = Vec::new();
    for (slot, leaf) in net.state.leaves() {
        let bytes = oracle::leaf(leaf);
        assert_eq!(leaf.encode(), bytes, "{slot:?}");
        let digest = oracle::slot_leaf(slot.as_u64(), &bytes);
        digests.insert(slot.as_u64(), digest);
        leaves.push(json!({
            "slot": slot.as_u64(),
            "kind": slot.kind() as u8,
            "index": slot.index(),
            "leaf": hexed(bytes),
            "digest": hexed(digest),
        }));
    }
    let root = oracle::slot_root(&digests);
    assert_eq!(root, net.tree.root());
    assert_eq!(root, net.tip().state_root);
    let levels = oracle::empty_levels();
    for (level, digest) in (0_u8..).zip(&levels) {
        assert_eq!(empty_at_level(level), *digest);
    }
    let unused = Slot::new(SlotKind::Invoice, 1).unwrap();
    let proofs: Vec<Value> = [Slot::account(1), Slot::key(1), Slot::PARAMS, unused]
        .into_iter()
        .map(|slot| slot_proof(&net, slot))
        .collect();
    json!({
        "empty_levels": levels.iter().map(hexed).collect::<Vec<_>>(),
        "leaves": leaves,
        "root": hexed(root),
        "proofs": proofs,
    })
}

fn slot_proof(net: &TestNet, slot: Slot) -> Value {
    let proof = SlotProof::of(&net.tree, slot);
    let leaf: Option<Leaf> = net.state.leaf(slot).unwrap();
    assert_eq!(proof.root(slot, leaf.as_ref()), Some(net.tree.root()));
    json!({
        "slot": slot.as_u64(),
        "leaf": leaf.map(|leaf| hexed(oracle::leaf(&leaf))),
        "empty": format!("{:010x}", proof.empty),
        "proof": hexed(codec::encode(&proof)),
    })
}

/// SPEC 7.2.
pub(crate) fn history() -> Value {
    let ids: Vec<Digest> = (0_u8..9).map(|n| oracle::h("block-id", &[&[n]])).collect();
    let mut history = History::default();
    for id in &ids {
        history.push(&piao_chain::digest::BlockId(*id));
    }
    let sizes = 0..=ids.len();
    let roots: Vec<String> = sizes
        .map(|size| {
            let root = oracle::history_root(&ids[..size]);
            assert_eq!(history.root_at(size as u64), Some(root));
            hexed(root)
        })
        .collect();
    let paths: Vec<Value> = [(0, 1), (0, 2), (2, 3), (4, 7), (6, 7), (8, 9), (3, 9)]
        .into_iter()
        .map(|(height, size): (u64, u64)| {
            let path = history.path(height, size).unwrap();
            json!({
                "height": height,
                "size": size,
                "path": path.iter().map(hexed).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "block_ids": ids.iter().map(hexed).collect::<Vec<_>>(),
        "roots_by_size": roots,
        "paths": paths,
    })
}
