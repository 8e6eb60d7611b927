//! One signature, and the whole verdict on a proof.

use divan::{Bencher, black_box};
use piao_chain::proof::{Finding, VerifyOptions, verify};
use piao_chain::signature::Purpose;
use piao_chain::time::BlockTime;

use crate::world::{invoices, net};

#[divan::bench]
fn sign(bencher: Bencher<'_, '_>) {
    let mut net = net();
    let (body, chain_id) = (net.invoice("one"), net.genesis.chain_id());
    let key = net.merchant.clone();
    bencher.bench_local(|| {
        key.sign(
            Purpose::Transaction,
            &chain_id,
            black_box(body.body_bytes()),
        )
    });
}

#[divan::bench]
fn strict_signature(bencher: Bencher<'_, '_>) {
    let mut net = net();
    let transaction = net.invoice("one");
    let keys = [net.merchant.public_key()];
    assert!(transaction.verify_signatures(&keys));
    bencher.bench_local(|| black_box(&transaction).verify_signatures(&keys));
}

#[divan::bench]
fn proof_verdict(bencher: Bencher<'_, '_>) {
    let mut net = net();
    let block = invoices(&mut net, 100);
    net.commit(block);
    let root = net.trust_root();
    let height = net.tip().height;
    let bytes = net.prove(height, 50).unwrap().encode();
    let options = VerifyOptions {
        now: BlockTime::from_ms(net.tip().time_ms + 1_000),
        max_age_ms: None,
    };
    let verdict = verify(&bytes, Some(&root), &options);
    assert_eq!(verdict.verdict, Finding::InForce);
    bencher.bench_local(|| verify(black_box(&bytes), Some(&root), &options));
}
