//! Bytes to values and back.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use piao_chain::block::Block;
use piao_chain::transaction::SignedTransaction;

use crate::world::{INVOICES, Trusting, build, invoices, net, on_basis};

#[divan::bench]
fn transaction_encode(bencher: Bencher<'_, '_>) {
    let transaction = net().invoice("one");
    bencher
        .counter(BytesCount::new(transaction.encoded_len()))
        .bench_local(|| black_box(&transaction).encode());
}

#[divan::bench]
fn transaction_decode(bencher: Bencher<'_, '_>) {
    let bytes = net().invoice("one").encode();
    bencher
        .counter(BytesCount::of_slice(&bytes))
        .bench_local(|| SignedTransaction::decode(black_box(&bytes)).unwrap());
}

/// A block of 256 invoices, or as many as its bound on bytes takes.
fn block() -> Block {
    let mut net = net();
    let candidates = invoices(&mut net, INVOICES);
    on_basis(&net, |basis| {
        build(&net, basis, &candidates, &Trusting).block
    })
}

#[divan::bench]
fn block_encode(bencher: Bencher<'_, '_>) {
    let block = block();
    bencher
        .counter(BytesCount::new(block.encode().len()))
        .bench_local(|| black_box(&block).encode());
}

#[divan::bench]
fn block_decode(bencher: Bencher<'_, '_>) {
    let bytes = block().encode();
    bencher
        .counter(BytesCount::of_slice(&bytes))
        .bench_local(|| Block::decode(black_box(&bytes)).unwrap());
}

#[divan::bench]
fn block_id(bencher: Bencher<'_, '_>) {
    let header = block().header;
    bencher.bench_local(|| black_box(&header).id());
}
