//! A block of 256 invoices, built and checked, with signatures and without.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use piao_chain::execute::{SignatureCheck, VerifyEach, verify_block};

use crate::world::{INVOICES, Trusting, build, invoices, net, on_basis};

fn building(bencher: Bencher<'_, '_>, signatures: &dyn SignatureCheck) {
    let mut net = net();
    let candidates = invoices(&mut net, INVOICES);
    on_basis(&net, |basis| {
        let built = build(&net, basis, &candidates, signatures);
        assert_eq!(built.block.transactions.len(), INVOICES);
        bencher
            .counter(ItemsCount::new(INVOICES))
            .bench_local(|| build(&net, basis, black_box(&candidates), signatures));
    });
}

fn verifying(bencher: Bencher<'_, '_>, signatures: &dyn SignatureCheck) {
    let mut net = net();
    let candidates = invoices(&mut net, INVOICES);
    on_basis(&net, |basis| {
        let block = build(&net, basis, &candidates, &Trusting).block;
        bencher
            .counter(ItemsCount::new(INVOICES))
            .bench_local(|| verify_block(basis, black_box(&block), signatures).unwrap());
    });
}

#[divan::bench]
fn build_256_without_signatures(bencher: Bencher<'_, '_>) {
    building(bencher, &Trusting);
}

#[divan::bench(sample_count = 20)]
fn build_256_with_signatures(bencher: Bencher<'_, '_>) {
    building(bencher, &VerifyEach);
}

#[divan::bench]
fn verify_256_without_signatures(bencher: Bencher<'_, '_>) {
    verifying(bencher, &Trusting);
}

#[divan::bench(sample_count = 20)]
fn verify_256_with_signatures(bencher: Bencher<'_, '_>) {
    verifying(bencher, &VerifyEach);
}
